"""Cells followed in this very process: what the observer would say of them, and the prediction function's parts."""

from __future__ import annotations

import ast
import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ferrata.observer.rowwise.watch import Watch
from ferrata.records.analysis import Model
from ferrata.records.current import CurrentCode
from ferrata.records.derivation import Derivation, Facts, Obstacle
from ferrata.records.observation import Trace
from ferrata.records.plan import Crossing, DataFile, Plan, PlannedStage, PredictionPlan
from ferrata.steps.deriving.derive import derive
from ferrata.steps.deriving.follow import of_one_table, place_of, read_facts, request, roots_of, statements_of
from ferrata.steps.deriving.images.loops import find_readings
from ferrata.steps.deriving.images.readings import ASKED


@dataclass(frozen=True)
class Followed:
    facts: Facts
    found: Derivation | Obstacle

    @property
    def text(self) -> str:
        """The rewritten statements, one under the other."""
        assert isinstance(self.found, Derivation), self.found
        lines = [*(text for _, text in self.found.nested), *(unit.text for unit in self.found.units), self.found.answer]
        return "\n".join(lines).replace(ASKED, "images")


def follow(
    book: CurrentCode, traces: Mapping[int, Trace], folder: Path, files: Mapping[str, str], prediction: str, *, ahead: bool = False,
    windows: bool = False,
) -> Followed:
    """The cells are run where `files` are; their last statement but one must have made what `prediction` names."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    order = tuple(book.sources)
    last = max(i for i in order if prediction in traces[i].binds or prediction.split(".")[0] in book.sources[i])
    made = _plan(book, traces, order, PredictionPlan(last, "None", prediction))
    if ahead:  # the model is in a file of the project
        after = next(i for i in order if "model" in traces[i].binds)
        made = replace(made, crossings=(Crossing("model", "train", (), after, "joblib", ".joblib", "model/model.joblib"),))
    facts = _facts(book, traces, made, folder, (), ahead=ahead, windows=windows)
    roots = roots_of(facts)
    if not ahead and len(roots) > 1:
        root = facts.numbered(facts.answer["root"]) if "root" in facts.answer else roots[-1]
        assert root is not None
        facts = _facts(book, traces, made, folder, [place_of(root)])
    return Followed(facts, derive(book, made, traces, facts))


def follow_apart(book: CurrentCode, traces: Mapping[int, Trace], folder: Path, prediction: str) -> tuple[Derivation | Obstacle, bool]:
    """Of several tables that are followed at once, the one that is asked about; and whether all that the function is made of has rows of it only."""
    order = tuple(book.sources)
    made = _plan(book, traces, order, PredictionPlan(max(i for i in order if prediction in traces[i].binds), "None", prediction))
    alone, shared = of_one_table(facts := _facts(book, traces, made, folder, ()), facts.answer["root"])
    found = derive(book, made, traces, alone)
    return found, isinstance(found, Derivation) and not shared & statements_of(found)


def follow_images(book: CurrentCode, traces: Mapping[int, Trace], folder: Path, prediction: str) -> Followed:
    """As `follow`, where the cells read files of images that are in the folder."""
    order = tuple(book.sources)
    made = _plan(book, traces, order, PredictionPlan(max(i for i in order if prediction in traces[i].binds), "None", prediction))
    readings = find_readings(book.sources, order)
    facts = _facts(book, traces, made, folder, (), readings.roots)
    return Followed(facts, derive(book, made, traces, facts, readings))


def _plan(book: CurrentCode, traces: Mapping[int, Trace], order: tuple[int, ...], predictions: PredictionPlan) -> Plan:
    readers = tuple(i for i in order if "read_" in book.sources[i] or "loadtxt(" in book.sources[i])
    data = tuple(DataFile(f"{number}.csv", f"data/{number}.csv", readers=(reader,)) for number, reader in enumerate(readers))
    model = Model("m", "model", "sklearn.linear_model.LinearRegression", "regressor", tuple(i for i in order if "model.fit(" in book.sources[i]))
    return Plan("rents", "rents", "one", (PlannedStage("train", order),), (), (), (), data, (), model=model, predictions=predictions)


def _facts(
    book: CurrentCode, traces: Mapping[int, Trace], made: Plan, folder: Path, roots: Any, images: Any = None, *, ahead: bool = False,
    windows: bool = False,
) -> Facts:
    kept = folder / f"kept{len(roots)}"
    space: dict[str, Any] = {"__name__": "__main__"}
    watch = Watch(request(made, dict(traces), kept, roots, images, ahead=ahead, windows=windows), space)
    with _inside(folder), contextlib.redirect_stdout(io.StringIO()):
        for index, source in book.sources.items():
            tree = ast.fix_missing_locations(watch.instrument(ast.parse(source), index))
            exec(compile(tree, f"statement {index}", "exec"), space)
            watch.after(index)
            if made.predictions and index == made.predictions.statement:
                break
    watch.write()
    facts = read_facts(kept)
    assert facts is not None
    return facts


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
