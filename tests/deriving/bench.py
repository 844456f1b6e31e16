"""A notebook of a few cells through observation, plan, pipeline and prediction function, in one interpreter that is there already.

What `ferrata adopt` does, without an environment of its own: nothing is installed, the stages run where they were written.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ferrata.flow.crossings import formats_of, trials, trusted_types
from ferrata.flow.deriving import Deriver
from ferrata.flow.running import Ran, Runner
from ferrata.records.derivation import Derivation, Obstacle
from ferrata.records.environment import Environment
from ferrata.records.plan import Plan
from ferrata.records.serving import Serving
from ferrata.records.signature import PROOF_ROWS
from ferrata.steps.analysing.analyse import analyse
from ferrata.steps.locate import locate
from ferrata.steps.name_lambdas import name_lambdas
from ferrata.steps.planning.plan import PlanRequest, plan, with_formats
from ferrata.steps.prove import CleanRun, run_stages
from ferrata.steps.read import read
from ferrata.steps.writing.modules import Material
from ferrata.steps.writing.write import write
from ferrata.world.reporter import RecordingReporter
from ferrata.world.workspace import Workspace


@dataclass(frozen=True)
class Result:
    """`served` is the proved function or what stands in the way; `project` where its files are, `text` that of predict.py."""

    served: Serving | Obstacle
    project: Path
    plan: Plan
    derivation: Derivation | None = None

    @property
    def text(self) -> str:
        assert isinstance(self.served, Serving), self.served
        return next(text for path, text in self.served.texts.items() if path.startswith("src/"))

    @property
    def signature(self) -> dict[str, Any]:
        assert isinstance(self.served, Serving), self.served
        return dict(json.loads(self.served.texts["model/signature.json"]))

    def input(self, name: str) -> dict[str, Any]:
        return next(item for item in self.signature["inputs"] if item["name"] == name)


def notebook(folder: Path, cells: tuple[str, ...], files: Mapping[str, str], name: str = "rents.ipynb") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_text(content, encoding="utf-8")
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": n, "source": cell} for n, cell in enumerate(cells, 1)]
    path = folder / name
    path.write_text(json.dumps({"cells": made, "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
                                "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    return path


def served(path: Path, scratch: Path, python: Path, *, prepared: bool = False) -> Result:
    """Raises what adopting would raise. `prepared`: where there is no function for raw rows, try one for prepared rows."""
    scratch.mkdir(parents=True, exist_ok=True)
    environment = Environment("today", scratch / "environment", python, "3.11", ())
    environment.folder.mkdir(exist_ok=True)
    (environment.folder / "uv.lock").write_text("", encoding="utf-8")
    book = name_lambdas(read(path))[0]
    workspace = Workspace(scratch / "workspace")
    workspace.folder.mkdir(exist_ok=True)
    runner = Runner(book, locate(book), (), workspace, RecordingReporter(), 10)
    ran = runner.run(environment, ())
    assert ran.observation.failure is None, ran.observation.failure
    return _derived(runner, ran, scratch, python, prepared=prepared)


def deliver(found: Result) -> None:
    """The files of the function, and the rows of its proof, where adopting puts them."""
    assert isinstance(found.served, Serving) and found.served.kept
    for path, text in {**found.served.texts, PROOF_ROWS: found.served.kept.text}.items():
        (found.project / path).parent.mkdir(parents=True, exist_ok=True)
        (found.project / path).write_text(text, encoding="utf-8")
    (found.project / "uv.lock").touch()


def _derived(runner: Runner, ran: Ran, scratch: Path, python: Path, *, prepared: bool) -> Result:
    made = plan(ran.code, ran.observation, analyse(ran.code, ran.observation), PlanRequest("rents", str(ran.cwd), ran.inputs))
    order = [index for stage in made.stages for index in stage.statements]
    replay = runner.observed(ran.environment, ran.code.sources, order, hash_seed=1, label="replay", crossings=trials(made))[0]
    made = with_formats(made, formats_of(made, replay))
    deriver = Deriver(runner, ran)
    derived = deriver.derive(made)
    project = scratch / "rents"
    if isinstance(derived, Obstacle):
        return Result(derived, project, made)
    changes = sorted((*made.changes, *derived.changes), key=lambda change: change.text.startswith("\n"))
    marked = replace(made, changes=tuple(changes), frozen=derived.frozen)
    clean = _run(runner, ran, marked, trusted_types(replay, marked), project, python)
    found = deriver.finish(marked, derived, clean)
    if isinstance(found, Obstacle) and prepared:  # as adopting does: the pipeline without what was to be recorded, then the next best
        shutil.rmtree(project)
        made = replace(made, frozen=())
        clean = _run(runner, ran, made, trusted_types(replay, made), project, python)
        found = deriver.prepared(made, clean, found)
    return Result(found, project, marked, derived)


def _run(runner: Runner, ran: Ran, made: Plan, trusted: tuple[str, ...], project: Path, python: Path) -> CleanRun:
    """The stages, run where they were written."""
    traces = {trace.index: trace for trace in ran.observation.traces}
    written = write(Material(ran.code, made, traces), trusted=trusted)
    for path, text in written.texts.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    for item in made.data:
        (project / item.path).parent.mkdir(parents=True, exist_ok=True)
        source = runner.notebook.path.parent / item.observed
        if item.is_folder:
            shutil.copytree(source, project / item.path)
        else:
            (project / item.path).write_bytes((source if source.exists() else runner.notebook.path.parent / source.name).read_bytes())
    environment = {"MPLBACKEND": "Agg", "PYTHONHASHSEED": "2", "PYTHONUTF8": "1"}
    return run_stages(CleanRun(project, written.project, python, environment, 600), say=lambda _: None)


if __name__ == "__main__":
    found = served(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else Path(sys.executable))
    print(found.served if isinstance(found.served, Obstacle) else found.served.proof)
    if isinstance(found.served, Obstacle) and found.derivation is not None:
        print("\n".join([*(text for _, text in found.derivation.nested), *(unit.text for unit in found.derivation.units), found.derivation.answer]))
    if isinstance(found.served, Serving):
        print(found.text[found.text.index("def answers") : found.text.index("def predict(")])
        print([item["name"] for item in found.signature["inputs"]])
