"""The command line: a door to `ferrata.flow`. It parses, calls and shows; it decides nothing."""

from __future__ import annotations

from ferrata.cli.entry import main

__all__ = ["main"]
