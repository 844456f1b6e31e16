"""Where two runs first part."""

from __future__ import annotations

from ferrata.records.explanation import Parting
from ferrata.records.project import Stage
from ferrata.steps.explaining.parting import find_parting


def test_a_picture_is_named_only_where_nothing_else_differs() -> None:
    stages = (Stage("prepare", "", outs=("table.csv",)), Stage("train", "", outs=("model.skops",), plots=("a.png",)), Stage("after", "", outs=("z.csv",)))
    graph = {"train": ("prepare",), "after": ("train",)}
    there = {"prepare": {"table.csv": "1"}, "train": {"a.png": "1", "model.skops": "1"}, "after": {"z.csv": "1"}}
    assert find_parting(stages, graph, {"table.csv": "1", "a.png": "2", "model.skops": "2", "z.csv": "2"}, there, ()) == Parting(
        "train", "model.skops", "", ("prepare",)
    )
    assert find_parting(stages, graph, {"table.csv": "1", "a.png": "2", "model.skops": "1", "z.csv": "1"}, there, ()).place == "a.png"
