"""The command line: a door to `ferrata.flow`. It parses, calls and shows; it decides nothing."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The process `ferrata`. What nothing has changed for since it was last asked is said again; everything else goes through `entry`."""
    from ferrata.cli import instant

    words = list(sys.argv[1:] if arguments is None else arguments)
    if instant.answered(words):
        sys.exit(0)
    from ferrata.cli import entry

    entry.main(words)
