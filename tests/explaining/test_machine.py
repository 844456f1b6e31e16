"""What differs of two machines: told, or tried without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ferrata.records.side import Side
from ferrata.steps.explaining.factors import machine, variables
from ferrata.steps.explaining.setup import Setup

_GPU = ["NVIDIA H100 80GB HBM3, 570.1, 81559 MiB"]


@pytest.mark.parametrize(
    ("here", "there", "said", "is_tried"),
    [
        ({}, {}, None, False),
        ({}, {"accelerators": _GPU}, None, False),
        ({"accelerators": _GPU}, {"accelerators": _GPU}, None, False),
        ({"accelerators": _GPU}, {"accelerators": []}, (_GPU[0], "none"), True),
        ({"accelerators": []}, {"accelerators": _GPU}, ("none", _GPU[0]), False),
        ({"accelerators": _GPU}, {"accelerators": ["Other"]}, (_GPU[0], "Other"), False),
    ],
    ids=["nothing known", "not known here", "the same", "none there", "none here", "another"],
)  # fmt: skip
def test_accelerators(here: dict[str, Any], there: dict[str, Any], said: tuple[str, str] | None, is_tried: bool, tmp_path: Path) -> None:
    sides = [Side("", "record", machine={"system": "Linux", **more}) for more in (here, there)]
    found = list(machine.find(*sides))
    assert [(each.here, each.there) for each in found] == ([said] if said else [])
    if said and is_tried:
        setup = Setup(tmp_path, *sides)
        machine.swap(setup, found)
        assert setup.variables["CUDA_VISIBLE_DEVICES"] == "-1" and not found[0].why_not
    elif said:
        assert found[0].why_not


def test_a_variable_that_an_older_record_does_not_list_is_no_difference() -> None:
    here, there = (Side("", "record", variables=values) for values in ({"TZ": "UTC", "XLA_FLAGS": "x"}, {"TZ": None}))
    assert [each.name for each in variables.find(here, there)] == ["TZ"]
