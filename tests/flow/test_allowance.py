"""The search for a prediction function ends: some runs of the notebook, never hours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ferrata.flow.allowance import LEAST_ALL, LEAST_ONE, RUNS_ALL, RUNS_ONE, Allowance
from ferrata.flow.deriving import _why_lost
from ferrata.records.observation import Failure


def clock(*times: float) -> Iterator[float]:
    yield from times


@pytest.mark.parametrize("notebook", [1.0, 60.0, 900.0])
def test_one_run_may_take_longer_than_the_notebook_and_all_of_them_some_times_as_long(notebook: float) -> None:
    allowance = Allowance(notebook, 1e6)
    assert allowance.one == LEAST_ONE + RUNS_ONE * notebook and allowance.whole == LEAST_ALL + RUNS_ALL * notebook


def test_a_run_takes_no_longer_than_the_user_allows() -> None:
    assert Allowance(600.0, 120.0).one == 120.0


def test_what_is_spent_is_gone() -> None:
    times = clock(0.0, 500.0, 1000.0, 1080.0)
    allowance = Allowance(10.0, 1e6, clock=lambda: next(times))
    with allowance.counted():
        pass
    assert not allowance.is_over and allowance.one == LEAST_ALL + 10 * RUNS_ALL - 500.0
    with pytest.raises(KeyError), allowance.counted():  # what failed took its time too
        raise KeyError
    assert allowance.spent == 580.0
    allowance.spent = 700.0
    assert allowance.is_over and allowance.one == 0.0
    assert allowance.said() == "the time for this is over: 700 s, where one run of the notebook takes 10 s"


LOST = (
    (Failure(9, 4, 1, "Timeout", "stopped after 300 seconds"), "with every expression watched the notebook had come no further than cell 4 after 300 s"),
    (Failure(9, 4, 1, "KeyError", "'price'\nmore"), "cell 4 stops when it runs a second time: KeyError: 'price'"),
    (Failure(9, 4, 1, "MemoryError", ""), "cell 4 stops when it runs a second time: MemoryError"),
    (None, "the statements do not run a second time"),
)


@pytest.mark.parametrize(("failure", "said"), LOST)
def test_why_the_rows_were_lost_is_said(failure: Failure | None, said: str) -> None:
    assert _why_lost(failure, 300.0) == said
