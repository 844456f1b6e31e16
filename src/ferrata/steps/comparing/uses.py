"""How often a test set was used to choose: who looks at many versions on the same rows finds one that looks good by luck."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ferrata.records.evidence import Side, Uses
from ferrata.world.disk import write_whole

FILE = Path(".ferrata") / "test_sets.json"


def count_use(project: Path, first: Side, second: Side) -> Uses:
    """Remember that these two were looked at, and say how many different versions were. A version is what it predicted, so that looking again counts once."""
    from ferrata.statistics.power import luck_of_best

    known = _known(project)
    name = _digest(second, ("row", "truth"))
    versions = dict.fromkeys([*known.get(name, ()), *(_digest(side, ("row", "prediction")) for side in (first, second))])
    if list(versions) != known.get(name):
        text = json.dumps({**known, name: list(versions)}, indent=1, sort_keys=True)
        write_whole(project / FILE, f"{text}\n".encode())
    return Uses(len(versions), luck_of_best(len(versions)))


def _known(project: Path) -> dict[str, list[str]]:
    try:
        found: Any = json.loads((project / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): [str(each) for each in versions] for name, versions in found.items()} if isinstance(found, dict) else {}


def _digest(side: Side, names: tuple[str, ...]) -> str:
    hasher = hashlib.sha256()
    for name in names:
        if name in side.columns:
            hasher.update(repr(side.columns[name].tolist()).encode())
    return hasher.hexdigest()[:16]
