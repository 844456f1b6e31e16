"""Cutting the kept statements: what may move, what must stay, what crosses."""

from __future__ import annotations

from dataclasses import dataclass

from ferrata.dataflow.graph import dependencies, reads, writes
from ferrata.records.analysis import Node
from ferrata.records.observation import Trace
from ferrata.steps.planning.crossings import find_crossings, starting_streams
from ferrata.steps.planning.stages import Cut, Material, cut


@dataclass
class Code:
    """Traces by index; `fits` are the statements that fit a model, `data` those that bind a table."""

    traces: tuple[Trace, ...]
    fits: tuple[int, ...]
    data: tuple[int, ...] = ()

    def cut(self, level: str = "three") -> Cut:
        nodes = {t.index: Node(t.index, "", reads(t), writes(t)) for t in self.traces}
        types = dict.fromkeys(self.data, ("pandas.core.frame.DataFrame",))
        return cut(Material(tuple(nodes), nodes, dependencies(self.traces), frozenset(self.fits), frozenset(), types), level)


STRAIGHT = Code(
    (
        Trace(0, binds=("df",)),
        Trace(1, reads=("df",), binds=("X",)),
        Trace(2, binds=("model",)),
        Trace(3, reads=("model", "X"), mutates=("model",)),
        Trace(4, reads=("model", "X"), binds=("pred",)),
        Trace(5, reads=("pred",)),
    ),
    fits=(3,), data=(0, 1),
)


def test_a_straight_notebook_has_three_stages() -> None:
    assert STRAIGHT.cut() == Cut((0, 1), (2, 3), (4, 5))


def test_an_unfitted_model_goes_with_its_training() -> None:
    assert 2 in STRAIGHT.cut().train


def test_two_stages_keep_the_evaluation_with_the_training() -> None:
    assert STRAIGHT.cut("two") == Cut((0, 1), (2, 3, 4, 5), ())


def test_one_stage_keeps_the_order() -> None:
    assert STRAIGHT.cut("one") == Cut((), (0, 1, 2, 3, 4, 5), ())


def test_scores_between_two_fits_move_behind_both() -> None:
    code = Code(
        (
            Trace(0, binds=("X",)),
            Trace(1, reads=("X",), binds=("a",)),
            Trace(2, reads=("a", "X")),
            Trace(3, reads=("X",), binds=("b",)),
            Trace(4, reads=("b", "X")),
        ),
        fits=(1, 3), data=(0,),
    )
    assert code.cut() == Cut((0,), (1, 3), (2, 4))


def test_a_score_of_a_name_that_is_bound_again_stays_before_the_second_fit() -> None:
    code = Code(
        (
            Trace(0, binds=("X",)),
            Trace(1, reads=("X",), binds=("model",)),
            Trace(2, reads=("model", "X")),
            Trace(3, reads=("X",), binds=("model",)),
            Trace(4, reads=("model", "X")),
        ),
        fits=(1, 3), data=(0,),
    )
    assert code.cut() == Cut((0,), (1, 2, 3), (4,))


def test_data_that_is_changed_after_the_first_fit_is_not_prepared_before_it() -> None:
    code = Code(
        (
            Trace(0, binds=("X",)),
            Trace(1, reads=("X",), binds=("a",)),
            Trace(2, reads=("X",), mutates=("X",)),
            Trace(3, reads=("X",), binds=("b",)),
        ),
        fits=(1, 3), data=(0,),
    )
    assert code.cut().prepare == (0,)


def test_random_draws_keep_their_order() -> None:
    code = Code(
        (
            Trace(0, binds=("X",)),
            Trace(1, reads=("X",), binds=("model",), consumes=("numpy",)),
            Trace(2, reads=("X",), binds=("noise",), consumes=("numpy",)),
            Trace(3, reads=("noise", "model")),
        ),
        fits=(1,), data=(0, 2),
    )
    assert 2 not in code.cut().prepare


def test_what_crosses_is_what_a_later_stage_reads() -> None:
    nodes = {t.index: Node(t.index, "", reads(t), writes(t)) for t in STRAIGHT.traces}
    found = find_crossings(STRAIGHT.cut().stages, nodes, (), {})
    assert {(c.name, c.written_by, c.read_by) for c in found} == {("X", "prepare", ("train", "evaluate")), ("model", "train", ("evaluate",))}


def test_a_random_state_crosses_when_a_later_stage_goes_on_drawing() -> None:
    traces = (Trace(0, binds=("X",), seeds=("numpy",)), Trace(1, reads=("X",), binds=("model",), consumes=("numpy",)))
    nodes = {t.index: Node(t.index, "", reads(t), writes(t)) for t in traces}
    found = find_crossings((("prepare", (0,)), ("train", (1,))), nodes, (), {})
    assert ("<random numpy>", "prepare", ("train",)) in {(c.name, c.written_by, c.read_by) for c in found}


def test_a_stream_that_nobody_seeded_starts_in_the_first_stage_that_draws() -> None:
    traces = (Trace(0, binds=("X",)), Trace(1, reads=("X",), consumes=("numpy",)), Trace(2, consumes=("numpy",)))
    nodes = {t.index: Node(t.index, "", reads(t), writes(t)) for t in traces}
    assert starting_streams((("prepare", (0,)), ("train", (1,)), ("evaluate", (2,))), nodes) == {"prepare": (), "train": ("numpy",), "evaluate": ()}
