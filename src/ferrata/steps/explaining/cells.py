"""Cells of a notebook that were not run once each and from top to bottom: seen in their execution counts, tried by running them so."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ferrata.programs.python import cells_run
from ferrata.records.explanation import Difference, Effect, Verdict
from ferrata.steps.explaining.noise import could_be
from ferrata.steps.explaining.notebooks import digits_of, is_as_shown, saved_texts, scores_in
from ferrata.steps.explaining.trials import TIME, Trials
from ferrata.world import process

_MOST = 12
_RUNS, _MOST_RUNS, _OF_THE_REST = 5, 25, 0.25
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")
_SEED = "Give the notebook a seed (random_state=0, numpy.random.seed(0)), run all its cells, and save it"
_TODO = "Restart the kernel, run all cells from top to bottom, and save the notebook"


@dataclass(frozen=True)
class Cell:
    """`number` counts code cells from 1, `count` is the execution count that was saved, 0 for none."""

    number: int
    count: int
    source: str


def cells_of(notebook: Path) -> list[Cell]:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    code = [cell for cell in content["cells"] if cell.get("cell_type") == "code"]
    return [Cell(number, int(cell.get("execution_count") or 0), _plain("".join(cell.get("source") or ""))) for number, cell in enumerate(code, 1)]


def _plain(source: str) -> str:
    """Without lines that only a notebook knows."""
    return "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines())


def numbers_of(output: str) -> dict[int, list[float]]:
    """The numbers that each cell printed, from the output of `programs.python.cells_run`."""
    found: dict[int, list[float]] = {}
    for part in output.split("\x1e")[1:]:
        number, _, text = part.partition("\n")
        if number.strip().isdecimal():
            found.setdefault(int(number), []).extend(_numbers_in(text))
    return found


def _numbers_in(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]


def orders(cells: Sequence[Cell]) -> Iterator[tuple[str, list[int]]]:
    """(what it was, the numbers of the cells as they were run), the plainest first: another order, then a cell run once more where a count is missing."""
    ran = [cell for cell in cells if cell.count]
    by_count = sorted(ran, key=lambda cell: cell.count)
    numbers = [cell.number for cell in by_count]
    if numbers != [cell.number for cell in ran]:
        yield f"cells run in the order {', '.join(map(str, numbers))}", numbers
    if len(ran) < len(cells):
        left = [cell.number for cell in cells if not cell.count]
        yield f"cell {', '.join(map(str, left))} not run", numbers
    gaps = sorted(set(range(1, by_count[-1].count if by_count else 1)) - {cell.count for cell in ran})
    for gap in gaps[:2]:
        before = [cell.number for cell in by_count if cell.count < gap]
        after = [cell for cell in by_count if cell.count > gap]
        # A cell shows only its last count: one that comes later was run at the missing one too.
        for cell in sorted(after, key=lambda cell: cell.number)[:_MOST]:
            if _changes_something(cell.source):
                yield f"cell {cell.number} run twice", [*before, cell.number, *(each.number for each in after)]


def _changes_something(source: str) -> bool:
    """One that only shows is the same the second time."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return False
    changing = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete, ast.Call)
    return any(isinstance(node, changing) for node in ast.walk(tree))


@dataclass
class Cells:
    """Runs of the notebook itself, in a copy of the project, with the project's packages."""

    trials: Trials
    notebook: Path
    saved: Mapping[str, Any]
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    _last: str = ""

    def verdicts(self) -> list[Verdict]:
        """What of the order of cells gives the saved numbers; nothing where the notebook, run from top to bottom, gives them or does not run."""
        cells = cells_of(self.notebook)
        found = list(orders(cells))
        if not found:
            return []
        plain, failed = self._run(cells, [cell.number for cell in cells])
        if failed:
            name = "the order in which cells were run"
            return [Verdict((Difference("cells", name, place=str(self.notebook.name)),), Effect.NOT_TRIED, why=f"the notebook does not run here: {failed}")]
        if self._is_saved(plain):
            return []
        return [self._verdict(name, *self._run(cells, order), plain) for name, order in found[:_MOST]]

    def _verdict(self, name: str, obtained: Mapping[str, Any], failed: str, plain: Mapping[str, Any]) -> Verdict:
        difference = Difference("cells", name, "once each, from top to bottom", name, place=self.notebook.name, todo=_TODO)
        if failed == TIME:
            return Verdict((difference,), Effect.NOT_TRIED, why=TIME)
        if failed:
            return Verdict((difference,), Effect.NONE, why=f"the notebook does not run so: {failed}")
        if self._is_saved(obtained):
            return Verdict((difference,), Effect.WHOLE, 1.0, dict(obtained), todo=_TODO)
        is_other = any(obtained.get(key) != plain.get(key) for key in self.saved)
        why = "it gives other numbers, and not the saved ones" if is_other else ""
        return Verdict((difference,), Effect.NONE, why=why)

    def _is_saved(self, obtained: Mapping[str, Any]) -> bool:
        return bool(self.saved) and all(obtained.get(name) == value for name, value in self.saved.items())

    def _scores(self, output: str) -> Mapping[str, Any]:
        """By the words before them; a score that has none, by its place in the output of a cell."""
        numbers = numbers_of(output)
        placed = {name: numbers[cell][place] for name, (cell, place) in self.places.items() if len(numbers.get(cell, ())) > place}
        return {**scores_in(output.splitlines()), **placed}

    def find_places(self, here: Mapping[str, Any]) -> dict[str, Any]:
        """Scores of the project that the notebook shows without their names: a number that the notebook gives today is the project's score, and stands where
        another one was saved. What the saved outputs say of them."""
        cells = cells_of(self.notebook)
        saved = {number: _numbers_in(text) for number, text in saved_texts(self.notebook).items()}
        outcome = self._output(cells, [cell.number for cell in cells])
        obtained = numbers_of(outcome) if outcome else {}
        found: dict[str, Any] = {}
        for number, values in obtained.items():
            if len(values) != len(saved.get(number, ())):
                continue
            for place, value in enumerate(values):
                names = [name for name, score in here.items() if isinstance(score, float) and is_as_shown(value, score) and digits_of(value)]
                if len(names) == 1 and names[0] not in found:
                    found[names[0]] = saved[number][place]
                    self.places[names[0]] = (number, place)
        self.saved = {**self.saved, **found}
        return found

    def drawn(self, names: Sequence[str]) -> Verdict | None:
        """Whether the notebook, run again and again, gives other numbers, and the saved ones could be among them."""
        runs, is_hit = self._drawn_runs(names)
        values = {name: [float(run[name]) for run in runs if name in run] for name in names if name in self.saved}
        varying = {name: found for name, found in values.items() if len(found) > 1 and len(set(found)) > 1}
        could = is_hit or all(could_be(found, float(self.saved[name])) for name, found in values.items() if len(found) > 1)
        if not varying or not could:
            return None
        name = next(iter(varying))
        low, high = min(varying[name]), max(varying[name])
        difference = Difference("randomness", "random numbers that the notebook draws without a seed", "seeded, as the project is", "drawn anew each time",
                                place=self.notebook.name, todo=_SEED)  # fmt: skip
        among = f"the saved {self.saved[name]:.6g} among them" if is_hit else f"and the saved {self.saved[name]:.6g} could be one of them"
        why = f"run {len(runs)} times, the notebook itself gives {name} from {low:.6g} to {high:.6g}, {among}"
        return Verdict((difference,), Effect.WHOLE, None, {}, why, _SEED)

    def _drawn_runs(self, names: Sequence[str]) -> tuple[list[Mapping[str, Any]], bool]:
        """Until one gives the saved numbers; at least five, more while a quarter of the time that is left lasts."""
        cells = cells_of(self.notebook)
        wanted = {name: self.saved[name] for name in names if name in self.saved}
        runs: list[Mapping[str, Any]] = []
        end = self.trials.budget.left * (1 - _OF_THE_REST)
        while len(runs) < _RUNS or (len(runs) < _MOST_RUNS and self.trials.budget.left > end):
            scores, failed = self._run(cells, [cell.number for cell in cells])
            if failed or self.trials.budget.left <= 0:
                break
            runs.append(scores)
            if len(runs) > 1 and wanted and all(scores.get(name) == value for name, value in wanted.items()):
                return runs, True
        return runs, False

    def _output(self, cells: Sequence[Cell], order: Sequence[int]) -> str:
        """What was printed, "" where it does not run."""
        self._run(cells, order)
        return self._last

    def _run(self, cells: Sequence[Cell], order: Sequence[int]) -> tuple[Mapping[str, Any], str]:
        """(numbers that were printed, why it failed)"""
        if self.trials.budget.left <= 0:
            return {}, TIME
        folder = self.trials.copy("cells")
        sources = {cell.number: cell.source for cell in cells}
        script = self.trials.folder / "cells.json"
        script.write_text(json.dumps([(number, sources[number]) for number in order]), encoding="utf-8")
        # A project keeps beside its notebooks, or in `data/`, what lay beside the notebook.
        places = [place for place in (folder / self.notebook.parent.name, folder, folder / "data") if place.is_dir()]
        failed = ""
        for place in places:
            command = replace(cells_run(self.trials.python, script, place), timeout=max(1.0, self.trials.budget.left))
            outcome = process.run(command)
            self.trials.count += 1
            if outcome.timed_out:
                return {}, TIME
            if outcome.status == 0:
                self._last = outcome.output
                return self._scores(outcome.output), ""
            failed = next((line.strip() for line in reversed(outcome.error.splitlines()) if line.strip()), f"status {outcome.status}")
        return {}, failed[:200]
