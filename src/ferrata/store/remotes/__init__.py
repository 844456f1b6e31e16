"""Where objects are shared.

named.py        what `.dvc` files and `dvc.lock` name
transfer.py     push and pull of objects
remote.py       a folder; file_systems.py S3 and others, with their options.py and failures.py
"""
