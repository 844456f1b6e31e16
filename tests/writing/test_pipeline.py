"""What the stages of `dvc.yaml` depend on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ferrata.records.plan import DataFile
from ferrata.steps.writing.pipeline import pipeline_stages

DID = {"model": {"fit": "Model().fit(rows)", "model": "model"}}


def test_a_stage_depends_on_the_data_that_it_reads_and_on_that_whose_paths_it_holds(written: Callable[..., Any]) -> None:
    """TensorFlow opens files by itself: a stage that was given their paths has to run again when an image changes."""
    project = written("rows = [1, 2]", "class Model:\n    def fit(self, rows):\n        return self", "model = Model().fit(rows)", did=DID, level="one")
    (stage,) = project.plan.stages
    index = stage.statements[0]
    data = (
        DataFile("/home/read.csv", "data/read.csv", readers=(index,)), DataFile("/home/named", "data/named", True, named_by=(index,)),
        DataFile("/home/other.csv", "data/other.csv", readers=(99,), named_by=(98,)),
    )
    (made,) = pipeline_stages(replace(project.material, plan=replace(project.plan, data=data)), {})
    assert [path for path in made.deps if path.startswith("data/")] == ["data/read.csv", "data/named"]
