"""The parts of locating data: search the disk, rewrite literals, addresses, Colab, staging."""
