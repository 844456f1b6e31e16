"""The pipeline: the command, folder or results of a stage in `dvc.yaml`. A trial has the other side's `dvc.yaml`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ferrata.errors import FerrataError
from ferrata.records.explanation import Difference
from ferrata.records.project import Stage
from ferrata.records.side import Side
from ferrata.steps.explaining.factors.from_git import to_have
from ferrata.steps.explaining.setup import Setup
from ferrata.store.pipelines.pipeline import read_pipeline

WORDS = ("pipeline",)
FILE = "dvc.yaml"


def find(here: Side, there: Side) -> Iterator[Difference]:
    """Stages are read with the parameters of their own side: a value in a command that comes from there is a parameter's difference."""
    if here.tree is None or there.tree is None or not (there.tree / FILE).is_file():
        return
    ours, theirs = _stages(here.tree), _stages(there.tree)
    if ours == theirs or (here.tree / FILE).read_bytes() == (there.tree / FILE).read_bytes():
        return
    names = [name for name in dict.fromkeys([*ours, *theirs]) if ours.get(name) != theirs.get(name)]
    said = [_said(stages[names[0]]) if names and names[0] in stages else "is not there" for stages in (ours, theirs)]
    is_uncommitted = FILE in here.uncommitted | there.uncommitted
    if names:
        yield Difference("pipeline", f"dvc.yaml: {', '.join(names)}", said[0], said[1], payload=FILE, place=FILE, is_uncommitted=is_uncommitted)


def _stages(tree: Path) -> dict[str, Stage]:
    try:
        return {stage.name: replace(stage, description="", unpushed=(), remotes=()) for stage in read_pipeline(tree)}
    except FerrataError:
        return {}


def _said(stage: Stage) -> str:
    return " ; ".join(stage.command.splitlines())


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    assert setup.there.tree is not None
    shutil.copy2(setup.there.tree / FILE, setup.folder / FILE)


def todo(difference: Difference, there: Side) -> str:
    return to_have(difference, there)
