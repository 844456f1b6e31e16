"""The columns a model is fitted on, and where its target comes from."""

from __future__ import annotations

from dataclasses import dataclass

from ferrata.records.observation import Value
from ferrata.steps.analysing.findings.context import FindingContext, Step
from ferrata.steps.analysing.findings.leakage import target_names


@dataclass(frozen=True)
class Features:
    """A step that was given a table of features: a split with `X` and `y`, or a model's fit. `target` is the column that `y` is, "" unknown."""

    step: Step
    name: str
    columns: tuple[str, ...]
    target: str


def feature_tables(context: FindingContext) -> list[Features]:
    """Tables of features with known column names, each once, where it is first given to a split or a fit together with a target."""
    found: dict[tuple[str, ...], Features] = {}
    for step in context.steps("split", "fit"):
        if step.call.kind == "fit" and step.call.model not in ("classifier", "regressor", "search"):
            continue
        features = _features(context, step)
        if features and features.columns not in found:
            found[features.columns] = features
    return list(found.values())


def _features(context: FindingContext, step: Step) -> Features | None:
    table, target = context.data(step, "0", "X"), context.data(step, "1", "y")
    columns = columns_of(table)
    if table is None or not columns or not ({"1", "y"} & step.call.arguments.keys()):
        return None
    return Features(step, step.call.argument_names.get("0") or step.call.argument_names.get("X") or table.name, columns, _target(context, target))


def columns_of(value: Value | None) -> tuple[str, ...]:
    """Column names of a table, () where there are none."""
    columns = value.summary.get("columns") if value else None
    return tuple(str(column) for column in columns) if isinstance(columns, (list, tuple)) else ()


def _target(context: FindingContext, target: Value | None) -> str:
    name = target.summary.get("name") if target else None
    if isinstance(name, str) and name:
        return name
    columns = columns_of(target)
    known = target_names(context)
    return columns[0] if len(columns) == 1 else next(iter(known)) if len(known) == 1 else ""
