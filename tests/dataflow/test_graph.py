"""Data flow between statements: who needs whom."""

from __future__ import annotations

import pytest

from ferrata.dataflow.graph import after, before, dependencies
from ferrata.records.observation import Trace


def edges(*traces: Trace) -> set[tuple[int, int, str]]:
    return {(edge.source, edge.target, edge.name) for edge in dependencies(traces)}


def test_a_read_before_any_write_has_no_edge() -> None:
    assert edges(Trace(0, reads=("x",)), Trace(1, binds=("x",))) == set()


def test_a_rebound_name_cuts_the_edge_to_the_first_binding() -> None:
    traces = (Trace(0, binds=("df",)), Trace(1, binds=("df",)), Trace(2, reads=("df",)))
    assert edges(*traces) == {(1, 2, "df")}


def test_a_change_in_place_is_needed_by_later_readers_and_needs_the_object() -> None:
    traces = (Trace(0, binds=("df",)), Trace(1, reads=("df",), mutates=("df",)), Trace(2, reads=("df",)))
    assert edges(*traces) == {(0, 1, "df"), (1, 2, "df")}


def test_a_change_shows_through_an_alias() -> None:
    traces = (Trace(0, binds=("a",)), Trace(1, reads=("a",), binds=("b",)), Trace(2, reads=("b",), mutates=("a", "b")), Trace(3, reads=("a",)))
    assert (2, 3, "a") in edges(*traces)


def test_drawing_needs_the_seed_and_every_earlier_draw() -> None:
    traces = (Trace(0, seeds=("numpy",)), Trace(1, consumes=("numpy",)), Trace(2, consumes=("numpy",)))
    assert edges(*traces) == {(0, 1, "<random numpy>"), (1, 2, "<random numpy>")}


def test_seeding_again_frees_from_earlier_draws() -> None:
    traces = (Trace(0, consumes=("numpy",)), Trace(1, seeds=("numpy",)), Trace(2, consumes=("numpy",)))
    assert before([2], dependencies(traces)) == {1, 2}


def test_streams_of_different_libraries_are_apart() -> None:
    assert edges(Trace(0, consumes=("random",)), Trace(1, consumes=("numpy",))) == set()


def test_a_file_written_and_read_again_is_an_edge() -> None:
    assert edges(Trace(0, files_written=("clean.csv",)), Trace(1, files_read=("clean.csv",))) == {(0, 1, "<file clean.csv>")}


def test_a_file_that_was_there_before_is_no_edge() -> None:
    assert edges(Trace(0, files_read=("raw.csv",)), Trace(1, files_read=("raw.csv",))) == set()


def test_what_is_only_shown_differently_is_no_edge() -> None:
    assert edges(Trace(0, state=("pyplot", "warnings")), Trace(1, reads=("x",))) == set()


@pytest.mark.parametrize(("targets", "expected"), [([3], {0, 2, 3}), ([1], {0, 1}), ([], set())])
def test_before_is_everything_needed(targets: list[int], expected: set[int]) -> None:
    traces = (Trace(0, binds=("a",)), Trace(1, reads=("a",), binds=("b",)), Trace(2, reads=("a",), binds=("c",)), Trace(3, reads=("c",)))
    assert before(targets, dependencies(traces)) == expected


def test_after_is_everything_that_depends() -> None:
    traces = (Trace(0, binds=("a",)), Trace(1, reads=("a",), binds=("b",)), Trace(2, binds=("c",)), Trace(3, reads=("b",)))
    assert after([0], dependencies(traces)) == {0, 1, 3}


def test_assumed_changes_are_marked() -> None:
    traces = (Trace(0, binds=("big",)), Trace(1, reads=("big",)), Trace(2, reads=("big",)))
    found = dependencies(traces, assumed=[(1, "big")])
    assert [(e.source, e.target, e.how) for e in found] == [(0, 1, "known"), (1, 2, "assumed")]
