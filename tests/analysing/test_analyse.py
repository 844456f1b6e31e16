"""From an observation to the graph with roles: what is assumed where content was only sampled, what depends on a model."""

from __future__ import annotations

from dataclasses import replace

from by_hand import code, observed
from ferrata.records.observation import Observation, Value
from ferrata.steps.analysing.analyse import analyse

BOOK = code("X = load()", "model = Model()", "model.fit(X)", "p = model.predict(X)", "acc = accuracy(p)", "X.head()")
DID = {"model.fit": {"fit": "model.fit(X)", "model": "model"}, "acc": {"score": "accuracy(p)"}}


def test_a_straight_notebook() -> None:
    found = analyse(BOOK, observed(BOOK, DID))
    assert [node.role for node in found.nodes] == ["prepare", "prepare", "train", "evaluate", "evaluate", "explore"]
    assert found.fitted == {2, 3, 4}
    assert [(s.name, s.runs) for s in found.scores] == [("acc", (4,))]
    assert [(m.name, m.fits) for m in found.models] == [("model", (2,))]
    assert found.findings == ()


def test_a_statement_that_was_cut_off_is_not_analysed() -> None:
    run = observed(BOOK, DID)
    traces = (*run.traces[:4], replace(run.traces[4], complete=False))
    found = analyse(BOOK, Observation(traces, False, run.folder))
    assert [node.index for node in found.nodes] == [0, 1, 2, 3] and found.scores == ()


def sampled(name: str) -> dict[str, tuple[Value, ...]]:
    return {"values": (Value(name, "", name, name, exact=False),)}


def test_a_change_that_only_the_text_tells_is_assumed_where_content_was_sampled() -> None:
    book = code("big = load()", "big['a'] = 1", "small(big)")
    run = observed(book, {"big = load": sampled("big"), "big['a']": {"mutates": ()}})
    assert [(e.source, e.target, e.how) for e in analyse(book, run).dependencies] == [(0, 1, "known"), (1, 2, "assumed")]


def test_where_content_was_read_whole_the_observation_is_believed() -> None:
    book = code("small = load()", "small['a'] = 1", "f(small)")
    run = observed(book, {"small['a']": {"mutates": ()}})
    assert [(e.source, e.target) for e in analyse(book, run).dependencies] == [(0, 1), (0, 2)]
