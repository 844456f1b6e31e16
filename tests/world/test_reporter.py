"""Progress, as it is seen on a terminal and in a log."""

from __future__ import annotations

import io

import pytest

from ferrata.world.live import LiveReporter, choose, reporter_for
from ferrata.world.reporter import PlainReporter, elapsed


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0.0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (3720, "1 h 02 min")],
)
def test_elapsed(seconds: float, words: str) -> None:
    assert elapsed(seconds) == words


def test_plain_lines() -> None:
    stream, clock = io.StringIO(), Clock()
    reporter = PlainReporter(stream, clock=clock)
    reporter.step("Read")
    reporter.done("12 cells")
    reporter.step("Settle")
    reporter.detail("installing")
    reporter.detail("installing")
    clock.now = 75.0
    reporter.step("Observe")
    assert reporter.question("Which model?", ["a", "b"], "b") == "b"
    assert stream.getvalue().splitlines() == [
        "Read …", "  done in 0.0 s: 12 cells", "Settle …", "  installing", "  done in 1 min 15 s", "Observe …",
        "  Which model? (a / b) taking: b",
    ]


def test_a_count_is_told_once_a_second() -> None:
    stream, clock = io.StringIO(), Clock()
    reporter = PlainReporter(stream, clock=clock)
    reporter.step("Replay")
    for done in range(1, 13):
        clock.now += 0.25
        reporter.detail(f"{done} of 12")
    reporter.detail("restarting")
    reporter.detail("waiting")
    assert stream.getvalue().splitlines() == ["Replay …", "  1 of 12", "  5 of 12", "  9 of 12", "  restarting", "  waiting"]


@pytest.mark.parametrize(
    ("environ", "stream", "is_json"),
    [
        pytest.param({}, io.StringIO(), False, id="a pipe"),
        pytest.param({"NO_COLOR": "1"}, Terminal(), False, id="NO_COLOR"),
        pytest.param({"CI": "true"}, Terminal(), False, id="CI"),
        pytest.param({"TERM": "dumb"}, Terminal(), False, id="a dumb terminal"),
        pytest.param({}, Terminal(), True, id="--json"),
    ],
)
def test_where_nobody_watches_lines_are_plain(environ: dict[str, str], stream: io.StringIO, is_json: bool) -> None:
    assert isinstance(reporter_for(stream, is_json=is_json, environ=environ), PlainReporter)


def test_where_somebody_watches_progress_is_live() -> None:
    assert isinstance(reporter_for(Terminal(), environ={}), LiveReporter)


def live(stream: Terminal, clock: Clock, answers: list[str] | None) -> LiveReporter:
    return LiveReporter(stream, ask=None if answers is None else lambda prompt: answers.pop(0), clock=clock)


def test_finished_steps_stay_with_their_result_and_time() -> None:
    stream, clock = Terminal(), Clock()
    reporter = live(stream, clock, None)
    reporter.step("Observe")
    reporter.detail("cell 3")
    clock.now = 12.0
    reporter.done("9 scores")
    reporter.step("Prove")
    reporter.close()
    reporter.close()
    text = stream.getvalue()
    assert "Observe" in text and "9 scores" in text and "12 s" in text
    assert "✗" in text, "a step that never ended is marked"
    assert text.count("✓") == 1 and text.count("✗") == 1, "closing twice says it once"


def test_a_question_is_asked_until_the_answer_is_one() -> None:
    reporter = live(Terminal(), Clock(), ["x", "9", "2"])
    reporter.step("Plan")
    try:
        assert reporter.question("Which model?", ["forest", "tree"], "forest") == "tree"
    finally:
        reporter.close()


def test_nobody_to_ask_takes_the_default() -> None:
    stream = Terminal()
    assert live(stream, Clock(), None).question("Which?", ["a", "b"], "b") == "b"
    assert "taking: b" in stream.getvalue()


@pytest.mark.parametrize(
    ("answer", "chosen"), [("", "b"), (" ", "b"), ("1", "a"), ("2", "b"), ("a", "a"), ("0", None), ("3", None), ("c", None), ("-1", None)]
)
def test_what_an_answer_means(answer: str, chosen: str | None) -> None:
    assert choose(answer, ["a", "b"], "b") == chosen
