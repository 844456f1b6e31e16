"""When the data is left where the notebook has it, because the pipeline did not give the same with it elsewhere."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ferrata.flow.proving import Prover
from ferrata.records.plan import DataFile, Plan

HOME = Path("/run/home")


def data(*moves: tuple[str, str, bool]) -> Plan:
    files = tuple(DataFile(str(HOME / old) if not old.startswith("..") else f"/run/{old[3:]}", new, folder) for old, new, folder in moves)
    return Plan("shop", "shop", "three", (), (), (), (), files, ())


FOLDER = ("images", "data/images", True)
TABLE = ("a.csv", "data/a.csv", False)
# (the data, did the pipeline run, may it be tried again)
CASES = {
    "there is no data": (data(), False, False),
    "nothing has moved": (data(("data/a.csv", "data/a.csv", False), ("images", "images", True)), False, False),
    "what has moved lies above the notebook and cannot stay": (data(("../images", "data/images", True)), False, False),
    "a table has moved, and the pipeline gives other numbers": (data(TABLE), True, False),
    "a table has moved, and a stage fails": (data(TABLE), False, True),
    "a folder has moved, and the pipeline gives other numbers": (data(TABLE, FOLDER), True, True),
    "many files have moved, and the pipeline gives other numbers": (data(*((f"{n}.png", f"data/{n}.png", False) for n in range(6))), True, True),
}


@pytest.mark.parametrize("name", CASES)
def test_the_data_may_stay(name: str) -> None:
    plan, is_run, expected = CASES[name]
    prover: Any = SimpleNamespace(ran=SimpleNamespace(cwd=HOME))
    assert Prover._can_stay(prover, plan, is_run=is_run) is expected
