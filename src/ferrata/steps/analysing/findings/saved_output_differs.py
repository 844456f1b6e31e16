"""A number that the notebook shows does not come out when it is run from the top.

The saved output is then of another state of the code, the data, the libraries or the random generators: nobody, its
author included, can get it again from what is there.

Bad: the notebook shows `Accuracy: 0.93`, its code gives `Accuracy: 0.81`.

Good: "Restart and run all" before saving, with seeds, a lock of the packages and the data under version control.

Certain: `sure` when nothing random is unseeded; else `likely`, because the next run may differ again. Only numbers
about a model are named one by one; clocks, addresses, progress bars and warnings are not compared, and numbers are
compared to the digits that are printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ferrata.dataflow import graph
from ferrata.records.amount import counted
from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, Place, listed
from ferrata.steps.analysing.findings.unseeded_randomness import unseeded
from ferrata.steps.analysing.findings.witness import Different, WitnessReport, witness

CODE = "F203"
NAME = "saved-output-differs"


def find(context: FindingContext) -> Iterable[Finding]:
    report = witness(context.notebook, context.observation, context.fitted)
    random = _random_cells(context)
    yield from _of_models(context, report, random)
    about_data = [different for different in report.different if not different.depends_on_model and different.cell not in random]
    if about_data:
        yield _of_data(context, about_data)


def _random_cells(context: FindingContext) -> set[int]:
    """Cells that drew at random without a seed, or depend on one that did: they need not come out again."""
    drawn = graph.after([trace.index for trace, _ in unseeded(context)], context.dependencies)
    return {context.place(index).cell for index in drawn}


def _of_models(context: FindingContext, report: WitnessReport, random: set[int]) -> Iterator[Finding]:
    by_cell: dict[int, list[Different]] = defaultdict(list)
    for different in report.different:
        if different.depends_on_model:
            by_cell[different.cell].append(different)
    for cell, found in by_cell.items():
        is_random = cell in random
        yield Finding(
            CODE, NAME, cell, _last_line(context, cell),
            what=f"The notebook shows {listed([_saved(context, one) for one in found], 3)}.",
            why=_why(context, cell, is_random), todo=_todo(is_random), certain="likely" if is_random else "sure",
        )


def _saved(context: FindingContext, different: Different) -> str:
    name = different.name or _score_name(context, different.cell)
    return f"{name + ' ' if name else ''}{different.saved} where a clean run gives {different.obtained}"


def _score_name(context: FindingContext, cell: int) -> str:
    names = [score.name for score in context.scores if any(context.place(run).cell == cell for run in score.runs)]
    return f"`{names[0]}`" if len(names) == 1 else ""


def _why(context: FindingContext, cell: int, is_random: bool) -> str:
    if is_random:
        return "Something random that it depends on is not seeded (F201), so every run gives another number."
    counts = [c.execution_count for c in context.notebook.cells if c.number <= cell and c.execution_count]
    if counts != sorted(counts):
        return "The cells were run in another order than they stand in (F304), so the saved number is of another state of the names."
    return "The saved number is of another state of the code, the data or the libraries, and can't be got again from the notebook."


def _todo(is_random: bool) -> str:
    return "Seed it as F201 says, then run all cells and save." if is_random else "Restart, run all cells, save, and use the clean run's number."


def _of_data(context: FindingContext, found: list[Different]) -> Finding:
    cell = found[0].cell
    cells = sorted({different.cell for different in found})
    return Finding(
        CODE, NAME, cell, _last_line(context, cell),
        what=f"{counted(len(found), 'saved number')} about the data, in {listed([f'cell {c}' for c in cells], 6)}, came out otherwise: "
        f"{listed([_saved(context, one) for one in found], 2)}.",
        why="The data, a library or the order of the cells was another when the notebook was saved, so its scores may be about other rows.",
        todo="Compare the data file with the one the notebook was written on; then run all cells and save.", certain="likely",
    )


def _last_line(context: FindingContext, number: int) -> int:
    """The line whose output it is, as near as can be told: the last statement of the cell."""
    cell = next(cell for cell in context.notebook.cells if cell.number == number)
    return Place(number, cell.statements[-1].line if cell.statements else 1).line
