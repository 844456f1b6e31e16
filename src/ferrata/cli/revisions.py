"""The two versions that a command may be given."""

from __future__ import annotations

import click


def two(revisions: tuple[str, ...]) -> tuple[str, str]:
    """The first and the second; "" for what is not given."""
    if len(revisions) > 2:
        raise click.UsageError("Give at most two revisions.")
    first, second = (*revisions, "", "")[:2]
    return first, second
