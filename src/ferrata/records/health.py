"""What a machine has for the work that Ferrata does on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `state`: `ok`, `missing` (a step cannot be done), `low` (it may not end) or `note` (nothing to do).

    `needed_for` are the steps that need it; `is_required` when this project, or every project, cannot do without; `todo` is how to get it.
    """

    name: str
    found: str
    state: str
    needed_for: str
    todo: str = ""
    is_required: bool = False

    @property
    def is_in_the_way(self) -> bool:
        return self.is_required and self.state == "missing"
