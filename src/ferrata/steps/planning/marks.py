"""The edits that let the pipeline keep what the notebook only showed: scores, per-row predictions, figures."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence

from ferrata.dataflow.names import slug
from ferrata.records.analysis import Score
from ferrata.records.plan import Change, PredictionPlan
from ferrata.source.edits import LineTable, node_span

_SHOW_OWNERS = ("plt", "pyplot", "pl", "fig", "figure")


def mark_scores(scores: Iterable[Score], sources: Mapping[int, str]) -> tuple[Change, ...]:
    """`accuracy_score(y, p)` → `record("accuracy", accuracy_score(y, p))`: the value is kept and returned unchanged."""
    changes = []
    for score in scores:
        table = LineTable(sources[score.statement])
        start = table.offset(score.site.line, score.site.column)
        end = table.offset(score.site.end_line, score.site.end_column)
        changes += [Change(score.statement, start, start, f'record("{score.name}", '), Change(score.statement, end, end, ")")]
    return tuple(changes)


def mark_predictions(plan: PredictionPlan | None, sources: Mapping[int, str]) -> tuple[Change, ...]:
    if plan is None:
        return ()
    end = len(sources[plan.statement].rstrip())
    return (Change(plan.statement, end, end, f"\nsave_predictions({plan.truth}, {plan.prediction})"),)


def mark_figures(
    cells: Mapping[int, Sequence[int]], definitions: Iterable[int], sources: Mapping[int, str], titles: Mapping[int, str]
) -> tuple[tuple[Change, ...], dict[int, tuple[str, ...]]]:
    """`plt.show()` → `save_figures("roc_curve")`, and one at the end of a cell that shows nothing itself.

    Returns the changes and, for each statement that saves figures, the file stems.
    """
    changes: list[Change] = []
    stems: dict[int, tuple[str, ...]] = {}
    taken: set[str] = set()
    for cell, statements in cells.items():
        pending: list[int] = []
        for index in statements:
            pending.append(index)
            shows = _show_calls(sources[index])
            if shows:
                stem = _stem(pending, sources, titles.get(cell, ""), cell, taken)
                changes += [Change(index, start, end, f'save_figures("{stem}")') for start, end in shows]
                stems[index] = (stem,)
                pending = []
        if pending:
            stem = _stem(pending, sources, titles.get(cell, ""), cell, taken)
            end = len(sources[pending[-1]].rstrip())
            changes.append(Change(pending[-1], end, end, f'\nsave_figures("{stem}")'))
            stems[pending[-1]] = (*stems.get(pending[-1], ()), stem)
    for index in definitions:
        changes += [Change(index, start, end, 'save_figures("figure")') for start, end in _show_calls(sources[index])]
    return tuple(changes), stems


def _show_calls(source: str) -> list[tuple[int, int]]:
    table = LineTable(source)
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _is_show(node)]
    return [node_span(table, node) for node in calls]


def _is_show(node: ast.Call) -> bool:
    target = node.func
    return isinstance(target, ast.Attribute) and target.attr == "show" and isinstance(target.value, ast.Name) and target.value.id in _SHOW_OWNERS


def _stem(indices: Sequence[int], sources: Mapping[int, str], heading: str, cell: int, taken: set[str]) -> str:
    """A file name from the drawing's own title, else the heading above, else the cell."""
    text = "\n".join(sources[index] for index in indices)
    match = re.search(r"""(?:title|suptitle)\(\s*(?:label\s*=\s*)?["']([^"'{}%\\]+)["']""", text)
    stem = slug(match.group(1) if match else heading) or f"cell_{cell}"
    candidate, number = stem, 2
    while candidate in taken:
        candidate, number = f"{stem}_{number}", number + 1
    taken.add(candidate)
    return candidate
