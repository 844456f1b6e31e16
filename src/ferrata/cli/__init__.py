"""The command line: a door to `ferrata.flow`. It parses, calls, draws; it decides nothing."""

from __future__ import annotations

from ferrata.cli.main import main

__all__ = ["main"]
