"""Keeps compiled modules of a trial's own environment, and of nothing else: later trials need not compile them again, and the project's folder stays as it is.

It is put into the environments that trials make, and imported when their Python starts.
"""

import sys
from importlib.machinery import SourceFileLoader

_write = SourceFileLoader._cache_bytecode


def _kept(self, source_path, bytecode_path, data):
    return _write(self, source_path, bytecode_path, data) if source_path.startswith(sys.prefix) else None


SourceFileLoader._cache_bytecode = _kept
