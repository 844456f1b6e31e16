"""The edits that let the pipeline keep what the notebook only showed: scores, per-row predictions, figures."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ferrata.dataflow.names import slug
from ferrata.records.analysis import Score
from ferrata.records.observation import Site
from ferrata.records.plan import Change, PredictionPlan
from ferrata.source.edits import LineTable, node_span

_SHOW_OWNERS = ("plt", "pyplot", "pl", "fig", "figure")


def mark_scores(scores: Iterable[Score], sources: Mapping[int, str]) -> tuple[tuple[Change, ...], tuple[Score, ...]]:
    """`accuracy_score(y, p)` → `record("accuracy", accuracy_score(y, p))`: the value is kept and returned unchanged.

    Inside an f-string the call is first given a name, on a line of its own. Returns the changes, and the scores whose place in the text could be found.
    """
    scores = tuple(scores)
    taken = frozenset(re.findall(r"[^\W\d]\w*", "\n".join(sources.values())))
    made = {score.name: _mark(score, sources[score.statement], taken) for score in scores}
    # Of two that begin at one place, the longer one opens first.
    order = sorted(scores, key=lambda score: (score.statement, score.site.line, score.site.column, -score.site.end_line, -score.site.end_column))
    return tuple(change for score in order for change in made[score.name]), tuple(score for score in scores if made[score.name])


def _mark(score: Score, source: str, taken: Collection[str]) -> list[Change]:
    path = _path_to(ast.parse(source), score.site)
    if not path:
        return []
    string = next((node for node in path if isinstance(node, ast.JoinedStr)), None)
    if string is not None:
        return _named_before(score, source, path, string, taken)
    assert isinstance(path[-1], ast.expr)
    start, end = node_span(LineTable(source), path[-1])
    return [Change(score.statement, start, start, f'record("{score.name}", '), Change(score.statement, end, end, ")")]


def _path_to(tree: ast.AST, site: Site) -> list[ast.AST]:
    """The nodes from the module down to the expression at this site; the outermost expression of those that share it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr) and (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == (
            site.line, site.column, site.end_line, site.end_column,
        ) and not isinstance(node, ast.JoinedStr):
            return [tree, node]
        below = _path_to(node, site)
        if below:
            return [tree, *below]
    return []


def _named_before(score: Score, source: str, path: Sequence[ast.AST], string: ast.JoinedStr, taken: Collection[str]) -> list[Change]:
    """`print(f"{f(x):.2f}")` → `name = record("name", f(x))` and `print(f"{name:.2f}")`; nothing where no line can stand before."""
    table = LineTable(source)
    simple = [node for node in path if isinstance(node, ast.stmt)]
    if not simple or any(isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)) for node in path):
        return []
    start, end = node_span(table, string)
    field = _field(source, start, end, path[-1])
    line_start = table.line_start(simple[-1].lineno)
    indent = source[line_start : node_span(table, simple[-1])[0]]
    if field is None or indent.strip() or not score.name.isidentifier():
        return []
    name = score.name if score.name not in taken else f"{score.name}_value"
    text = source[field[0] : field[1]].strip()
    return [
        Change(score.statement, line_start, line_start, f'{indent}{name} = record("{score.name}", {text})\n'),
        Change(score.statement, field[0], field[1], name),
    ]


def _field(source: str, start: int, end: int, wanted: ast.AST) -> tuple[int, int] | None:
    """Where in an f-string the field with this expression stands (places inside f-strings are only exact from Python 3.12 on)."""
    goal = ast.dump(wanted)
    for match in re.finditer(r"\{", source[start:end]):
        first = start + match.end()
        for last in range(first + 1, end):
            if source[last] in "}:!=" and _dump(source[first:last]) == goal:
                return first, last
            if source[last] == "{":
                break
    return None


def _dump(text: str) -> str:
    try:
        return ast.dump(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        return ""


def mark_predictions(plan: PredictionPlan | None, sources: Mapping[int, str]) -> tuple[Change, ...]:
    if plan is None:
        return ()
    end = len(sources[plan.statement].rstrip())
    arguments = ", ".join(filter(None, (plan.truth, plan.prediction, plan.rows, plan.model)))
    return (Change(plan.statement, end, end, f"\nsave_predictions({arguments})"),)


def mark_figures(
    cells: Mapping[int, Sequence[int]], sources: Mapping[int, str], titles: Mapping[int, str]
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
    return tuple(changes), stems


def apart(changes: Iterable[Change], stage_of: Mapping[int, str]) -> tuple[Change, ...]:
    """Each stage's figures in a folder of its own, for a pipeline in which several stages draw."""
    return tuple(
        replace(change, text=change.text.replace('save_figures("', f'save_figures("{stage_of[change.statement]}/')) if change.statement in stage_of else change
        for change in changes
    )


def _show_calls(source: str) -> list[tuple[int, int]]:
    table = LineTable(source)
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _is_show(node)]
    return [node_span(table, node) for node in calls]


def shows(source: str) -> bool:
    return bool(_show_calls(source))


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
