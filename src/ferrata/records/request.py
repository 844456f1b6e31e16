"""What the user asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class AdoptRequest:
    """Adopt `notebook` into the folder `into` (None: beside the notebook, named after it).

    `data`: files or folders where its data is, before looking elsewhere; `python` the version asked for ("3.10") and `model` the name of the
    model that is *the* model, each "" when Ferrata chooses; `timeout` the minutes that one run of the notebook may take.
    `is_dry_run`: show the plan and write nothing; `assume_yes`: take every default without asking.
    `is_again`: the notebook has a project, which gets what adopting gives now as a branch.
    """

    notebook: Path
    into: Path | None = None
    data: tuple[Path, ...] = ()
    python: str = ""
    model: str = ""
    timeout: float = 60.0
    is_dry_run: bool = False
    assume_yes: bool = False
    is_again: bool = False
