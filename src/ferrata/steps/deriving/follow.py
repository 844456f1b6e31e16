"""What to ask the observer for, so that the rows of the data file can be followed to the predictions, and what it found."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ferrata.records.derivation import Derivation, Fact, Facts
from ferrata.records.observation import Site, Trace
from ferrata.records.plan import Plan

ANSWER = -1


def order_of(plan: Plan) -> tuple[int, ...]:
    """The plan's statements up to the one after which the predictions are there."""
    order = list(dict.fromkeys(index for stage in plan.stages for index in stage.statements))
    assert plan.predictions is not None
    return tuple(order[: order.index(plan.predictions.statement) + 1])


def request(
    plan: Plan, traces: dict[int, Trace], folder: Path, roots: Sequence[Sequence[int]] = (), images: Sequence[Sequence[int]] | None = None, *,
    ahead: bool = False, windows: bool = False,
) -> dict[str, Any]:
    """The observer's job for this. `roots`: places (statement and site) whose value is the table to follow; without any, each table that is read is one.
    `images`: places whose value is one image after the other, where files of images are followed instead of rows; None where they are not.
    `ahead`: the forecasts of a model of a series are what is followed; `windows`: so are windows that are cut from a series."""
    assert plan.predictions is not None
    order = order_of(plan)
    expression = plan.predictions.prediction
    names = sorted({node.id for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Name)})
    return {
        "folder": str(folder), "roots": [list(root) for root in roots], "reads": {str(index): list(traces[index].reads) for index in order},
        "ahead": ahead, "windows": windows, "binds": {str(index): [*traces[index].binds, *traces[index].mutates] for index in order},
        "answer": {"after": plan.predictions.statement, "source": expression, "names": names, "made": [*order, ANSWER],
                   "truth": plan.predictions.truth if plan.predictions.truth != "None" and not plan.predictions.array else "",
                   "call": [plan.predictions.statement, *_span(plan.predictions.call)] if plan.predictions.call else None},
        "images": {"sites": [list(site) for site in images], "model": plan.model.name if plan.model else ""} if images is not None else None,
    }


def _span(site: Site) -> tuple[int, int, int, int]:
    return site.line, site.column, site.end_line, site.end_column


def read_facts(folder: Path) -> Facts | None:
    """None where the run did not come to its end."""
    path = folder / "facts.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    by_statement: dict[int, list[Fact]] = {}
    for item in found["facts"]:
        by_statement.setdefault(item["statement"], []).append(_fact(item))
    statements = {int(index): value for index, value in found["statements"].items()}
    answer = statements.pop(ANSWER, {"why": "the notebook makes no predictions"})
    return Facts(
        {index: tuple(facts) for index, facts in by_statement.items()},
        {index: {name: tag[0] for name, tag in value["live"].items()} for index, value in statements.items()},
        {**{index: value["names"] for index, value in statements.items()}, ANSWER: answer.get("names", {})}, answer, str(folder),
        {index: value["windows"] for index, value in statements.items() if value.get("windows")},
    )


def _fact(item: dict[str, Any]) -> Fact:
    source = Site(*item["source"]) if item.get("source") else None
    return Fact(item["number"], item["statement"], Site(*item["site"]), item["is"], item["call"], source, item)


def roots_of(facts: Facts) -> list[Fact]:
    return [fact for found in facts.by_statement.values() for fact in found if fact.kind == "root"]


def of_one_table(facts: Facts, root: int) -> tuple[Facts, frozenset[int]]:
    """What was seen of this table alone, where several were followed at once, and the statements that had rows of it and of another one."""
    touched = {index: {number for fact in found for number in fact.details.get("roots", ())} for index, found in facts.by_statement.items()}
    alone = {index: found for index, found in facts.by_statement.items() if root in touched[index] or not touched[index]}
    return replace(facts, by_statement=alone), frozenset(index for index, roots in touched.items() if root in roots and len(roots) > 1)


def statements_of(derivation: Derivation) -> frozenset[int]:
    """Those whose text the function is made of."""
    return frozenset({*(unit.statement for unit in derivation.units), *derivation.definitions, *(index for index, _ in derivation.nested), ANSWER})


def place_of(fact: Fact) -> list[int]:
    return [fact.statement, fact.site.line, fact.site.column, fact.site.end_line, fact.site.end_column]
