"""Do the saved outputs of a notebook come out again? The witness between environments that both run.

Lines are paired by their words within a cell and their numbers compared as far as they are printed. A number that
depends on a fitted model weighs more than one about the data: it is the product of everything before it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ferrata.dataflow import graph
from ferrata.dataflow.calls import is_model_fit
from ferrata.records.notebook import Cell, Notebook
from ferrata.records.observation import Observation
from ferrata.steps.analysing.findings.saved_text import Figure, Line, agree, lines

MODEL_WEIGHT = 10


@dataclass(frozen=True)
class Different:
    """One saved number that came out otherwise. `name`: the words before it, "" where it stands alone; `saved` and `obtained` as printed."""

    cell: int
    name: str
    saved: str
    obtained: str
    depends_on_model: bool = False


@dataclass(frozen=True)
class WitnessReport:
    """Counts of saved numbers: `matched` came out again, `different` did not, `unseen` have no counterpart (not run, or printed otherwise).

    `matched_of_models` and `unseen_of_models` are the parts of `matched` and `unseen` that depend on a fitted model.
    """

    matched: int
    different: tuple[Different, ...]
    unseen: int
    matched_of_models: int = 0
    unseen_of_models: int = 0

    @property
    def agreement(self) -> float:
        """Weighted share of the compared and missing numbers that came out again, 0 to 1; 1.0 when nothing was saved."""
        good = self.matched + (MODEL_WEIGHT - 1) * self.matched_of_models
        missing = self.unseen + (MODEL_WEIGHT - 1) * self.unseen_of_models
        bad = sum(MODEL_WEIGHT if different.depends_on_model else 1 for different in self.different) + missing
        return good / (good + bad) if good + bad else 1.0


def witness(notebook: Notebook, observation: Observation, fitted: Collection[int] | None = None) -> WitnessReport:
    """`fitted`: statements that depend on a fitted model (`Analysis.fitted`); found here when not given."""
    if fitted is None:
        fitted = _after_fits(observation)
    matched = unseen = matched_of_models = unseen_of_models = 0
    different: list[Different] = []
    for cell in notebook.cells:
        is_model = any(statement.index in fitted for statement in cell.statements)
        same, other, missing = _compare(cell, obtained_text(cell, observation), is_model)
        matched, unseen = matched + same, unseen + missing
        matched_of_models, unseen_of_models = matched_of_models + same * is_model, unseen_of_models + missing * is_model
        different += other
    return WitnessReport(matched, tuple(different), unseen, matched_of_models, unseen_of_models)


def _after_fits(observation: Observation) -> frozenset[int]:
    fits = [trace.index for trace in observation.traces if any(is_model_fit(call) for call in trace.calls)]
    return graph.after(fits, graph.dependencies(observation.traces))


def saved_text(cell: Cell) -> str:
    return "\n".join(output.text for output in cell.outputs if output.kind != "error")


def obtained_text(cell: Cell, observation: Observation) -> str:
    """What the cell's statements printed and displayed in the run, in order."""
    indices = {statement.index for statement in cell.statements}
    texts = [text for trace in observation.traces if trace.index in indices for text in (trace.printed, trace.displayed) if text]
    return "\n".join(texts)


def _compare(cell: Cell, obtained: str, is_model: bool) -> tuple[int, list[Different], int]:
    before, after = lines(saved_text(cell)), lines(obtained)
    pairs, lonely = _paired(before, after)
    different = [found for one, other in pairs for found in _differing(cell.number, one, other, is_model)]
    compared = sum(len(one.figures) for one, _ in pairs)
    return compared - len(different), different, sum(len(line.figures) for line in lonely)


def _paired(before: list[Line], after: list[Line]) -> tuple[list[tuple[Line, Line]], list[Line]]:
    """Lines with the same words and as many numbers, in order; and the saved lines left over."""
    matcher = difflib.SequenceMatcher(None, [_key(line) for line in before], [_key(line) for line in after], autojunk=False)
    pairs, taken = [], set()
    for block in matcher.get_matching_blocks():
        pairs += [(before[block.a + step], after[block.b + step]) for step in range(block.size)]
        taken |= set(range(block.a, block.a + block.size))
    if _is_table(before) and len(before) != len(after):
        return [], before
    return pairs, [line for number, line in enumerate(before) if number not in taken]


def _key(line: Line) -> tuple[str, int]:
    return line.words, len(line.figures)


def _is_table(found: list[Line]) -> bool:
    """Rows of numbers alone: when a table has gained or lost rows, its rows can't be paired."""
    return len(found) > 1 and all(not re.search(r"[^\W\d_]", line.words) for line in found)


def _differing(cell: int, saved: Line, obtained: Line, is_model: bool) -> Iterator[Different]:
    parts = saved.words.split("#")
    for number, (one, other) in enumerate(zip(saved.figures, obtained.figures, strict=True)):
        if not agree(one, other):
            yield Different(cell, _name(parts[: number + 1]), _plain(one), _plain(other), is_model)


def _name(parts: list[str]) -> str:
    """The words before a number: `Accuracy` of `Accuracy: 0.81`; of a table row its first word."""
    for part in reversed(parts):
        words = re.findall(r"[^\W\d_][\w \-²]*", part)
        if words:
            return str(words[-1].strip()[-40:])
    return ""


def _plain(figure: Figure) -> str:
    return figure.text.rstrip(",")
