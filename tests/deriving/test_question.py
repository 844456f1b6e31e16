"""Which rows the model was asked about, as expressions of the author's."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from ferrata.records.analysis import Model
from ferrata.records.plan import Plan, PlannedStage, PredictionPlan
from ferrata.steps.deriving.question import questions

spec = importlib.util.spec_from_file_location("by_hand", Path(__file__).parents[1] / "by_hand.py")
assert spec and spec.loader
by_hand = sys.modules.setdefault("by_hand", importlib.util.module_from_spec(spec))
spec.loader.exec_module(by_hand)


def asked(*cells: str, kind: str = "network", compared: PredictionPlan | None = None) -> list[str]:
    book = by_hand.code(*cells)
    traces = {trace.index: trace for trace in by_hand.observed(book).traces}
    order = tuple(book.sources)
    model = Model("m", "model", "torch.nn.Linear", kind, (0,))
    plan = Plan("p", "p", "one", (PlannedStage("train", order),), (), (), (), (), (), model=model, predictions=compared)
    return [each.prediction for each in questions(plan, traces, book.sources)]


NETWORKS = (
    ("predicted = model(inputs).detach().numpy()", ["model(inputs).detach().numpy()"]),
    ("loss = criterion(model(inputs), targets)", ["model(inputs)"]),
    ("for epoch in range(3):\n    outputs = model(inputs)", []),
    ("model = build(inputs)", []),
    ("print(model.weight)", []),
)


@pytest.mark.parametrize(("statement", "expected"), NETWORKS)
def test_a_network_of_torch_is_asked_by_calling_it(statement: str, expected: list[str]) -> None:
    assert asked("model = nn.Linear(1, 1)", statement) == expected
    assert asked("model = nn.Linear(1, 1)", statement, kind="classifier") == []


def test_what_was_compared_comes_first_and_what_is_only_made_of_the_model_last() -> None:
    cells = ("model = nn.Linear(1, 1)", "predicted = model(inputs)", "a = model.weight[0] * 2")
    assert asked(*cells, compared=PredictionPlan(1, "y", "predicted")) == ["predicted", "model(inputs)"]
    assert asked(*cells, compared=PredictionPlan(2, "None", "a", is_asked=False)) == ["model(inputs)", "a"]
