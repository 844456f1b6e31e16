"""One of two runs that are compared: what it gave, the way in which it was made, and its files where they can be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Side:
    """`kind`: `tree` (the project as it is), `commit`, `record`, `export`, `notebook` or `scores`; `words` say which one.

    `tree` is a folder with its files; `lacking` are data files of it that are nowhere at hand, `prints` fingerprints of such files. `results` are MD5s by
    stage and place. What is None, or not in a mapping, is not known; a variable that is known not to be set is None in `variables`. `named` are digests of
    the variables that stages name. `uncommitted` are the files that were in no commit; `python` is a version, `environment` the folder of its packages;
    `started` is when it was run, in ISO format.
    """

    words: str
    kind: str
    tree: Path | None = None
    scores: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    variables: Mapping[str, str | None] | None = None
    named: Mapping[str, str | None] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    listings: Mapping[str, list[int]] = field(default_factory=dict)
    uncommitted: frozenset[str] = frozenset()
    lacking: Mapping[str, str] = field(default_factory=dict)
    prints: Mapping[str, Any] = field(default_factory=dict)
    environment: Path | None = None
    commit: str = ""
    started: str = ""

    @property
    def can_run(self) -> bool:
        return self.tree is not None and not self.lacking and (self.tree / "dvc.yaml").is_file()


def named_scores(scores: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Numbers by name; where two files have one of the same name, with the file before it."""
    names = [name for numbers in scores.values() for name in numbers]
    return {name if names.count(name) == 1 else f"{file}: {name}": value for file, numbers in scores.items() for name, value in numbers.items()}
