"""`ferrata adopt` as a door: what it takes, what it hands on, how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ferrata import errors
from ferrata.cli.adopt import spread_data
from ferrata.records.page import Page, Text
from ferrata.records.request import AdoptRequest


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("churn.ipynb", "a.csv", "b.csv"):
        (tmp_path / name).write_text("{}")
    return Path("churn.ipynb")


def test_json_is_one_object_whatever_a_library_prints(flow: Any, call: Callable[..., Any], notebook: Path) -> None:
    def chatty(request: AdoptRequest, reporter: Any) -> Page:
        print("a library says hello")
        reporter.step("Observe")
        reporter.done("9 scores")
        return Page("Done", data={"outcome": "proved", "scores": [float("nan")]})

    flow.act = chatty
    run = call("adopt", "churn.ipynb", "--json")
    assert json.loads(run.out) == {"outcome": "proved", "scores": ["NaN"]}
    assert "hello" in run.err and "Observe …" in run.err and "9 scores" in run.err


@pytest.mark.parametrize("before", [(), ("--json",)], ids=["after the command", "before the command"])
def test_json_may_stand_before_the_command(flow: Any, call: Callable[..., Any], notebook: Path, before: tuple[str, ...]) -> None:
    run = call(*before, "adopt", "churn.ipynb", *(() if before else ("--json",)))
    assert json.loads(run.out) == {"outcome": "proved"} and run.status == 0


def raising(error: BaseException) -> Callable[[AdoptRequest, Any], Page]:
    def act(request: AdoptRequest, reporter: Any) -> Page:
        raise error

    return act


ENDS = [
    pytest.param(errors.UsageError("what", todo="todo"), 2, "refused", "usage", id="usage"),
    pytest.param(errors.NotANotebook("what", todo="todo"), 1, "refused", "notebook", id="no notebook"),
    pytest.param(errors.OtherLanguage("what", todo="todo"), 1, "refused", "notebook", id="another language"),
    pytest.param(errors.CodeError("what", cell=3, line=2, todo="todo"), 1, "refused", "notebook", id="no Python"),
    pytest.param(errors.EnvironmentFailed("what", todo="todo"), 1, "not-run", "environment", id="no environment"),
    pytest.param(errors.NotebookDoesNotRun("what", todo="todo"), 1, "not-run", "run", id="does not run"),
    pytest.param(errors.NothingToAdopt("what", todo="todo"), 1, "refused", "nothing-to-adopt", id="nothing to adopt"),
    pytest.param(errors.ProjectError("what", todo="todo"), 2, "refused", "project", id="target in the way"),
    pytest.param(errors.OutsideError("what", todo="todo"), 3, "refused", "outside", id="outside"),
    pytest.param(errors.ProgramMissing("what", todo="todo"), 3, "refused", "outside", id="program missing"),
    pytest.param(KeyboardInterrupt(), 130, "refused", "interrupted", id="ctrl-c"),
    pytest.param(ValueError("what"), 70, "refused", "bug", id="a bug"),
]


@pytest.mark.parametrize(("error", "status", "outcome", "kind"), ENDS)
def test_every_end_has_its_status_and_its_object(
    flow: Any, call: Callable[..., Any], notebook: Path, error: BaseException, status: int, outcome: str, kind: str
) -> None:
    flow.act = raising(error)
    run = call("adopt", "churn.ipynb", "--json")
    data = json.loads(run.out)
    assert (run.status, data["outcome"], data["cause"]["kind"]) == (status, outcome, kind)
    assert data["schema_version"] == 1 and data["cause"]["todo"] and data["project"] is None


@pytest.mark.parametrize(("error", "status", "outcome", "kind"), [end for end in ENDS if end.id not in ("ctrl-c", "a bug")])
def test_an_error_is_drawn_without_a_traceback(
    flow: Any, call: Callable[..., Any], notebook: Path, error: errors.FerrataError, status: int, outcome: str, kind: str
) -> None:
    error.where = "churn.ipynb, cell 3"
    flow.act = raising(error)
    run = call("adopt", "churn.ipynb")
    text = run.out + run.err
    assert run.status == status and "Traceback" not in text
    assert "what" in text and "Where: churn.ipynb, cell 3" in text and "What to do: todo" in text


def test_a_bug_of_ours_keeps_its_traceback_and_says_whose_it_is(flow: Any, call: Callable[..., Any], notebook: Path) -> None:
    flow.act = raising(ZeroDivisionError("division by zero"))
    run = call("adopt", "churn.ipynb")
    assert run.status == 70 and run.out == ""
    assert "Traceback" in run.err and "ZeroDivisionError: division by zero" in run.err and "a bug in Ferrata" in run.err


def test_the_answer_no_is_an_answer(flow: Any, call: Callable[..., Any], notebook: Path) -> None:
    flow.act = lambda request, reporter: Page("Different", (Text("0.8 became 0.7", "bad"),), status=1)
    run = call("adopt", "churn.ipynb")
    assert run.status == 1 and "0.8 became 0.7" in run.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("adopt",), "Missing argument 'NOTEBOOK'", id="no notebook"),
        pytest.param(("adopt", "gone.ipynb"), "does not exist", id="no such notebook"),
        pytest.param(("adopt", "churn.ipynb", "--data", "gone.csv"), "does not exist", id="no such data"),
        pytest.param(("adopt", "churn.ipynb", "--python", "2.7"), "no version of Python 3", id="Python 2"),
        pytest.param(("adopt", "churn.ipynb", "--python", "three"), "no version of Python 3", id="no version"),
        pytest.param(("adopt", "churn.ipynb", "--timeout", "0"), "not in the range", id="no time"),
        pytest.param(("adopt", "churn.ipynb", "--quick"), "No such option", id="no such option"),
        pytest.param(("adapt", "churn.ipynb"), "No such command", id="no such command"),
    ],
)
def test_wrong_usage(flow: Any, call: Callable[..., Any], notebook: Path, arguments: tuple[str, ...], says: str) -> None:
    words = call(*arguments)
    assert words.status == 2 and says in words.err and "--help" in words.err and words.out == ""
    data = json.loads(call(*arguments, "--json").out)
    assert says in data["cause"]["what"] and data["cause"]["kind"] == "usage"
    assert flow.requests == []


def test_every_option_reaches_the_story(flow: Any, call: Callable[..., Any], notebook: Path) -> None:
    call("adopt", "--data", "a.csv", "b.csv", "--into", "out", "--python", "3.10", "--model", "rf", "--dry-run", "--yes",
         "--timeout", "2.5", "churn.ipynb")  # fmt: skip
    assert flow.requests == [
        AdoptRequest(Path("churn.ipynb"), Path("out"), (Path("a.csv"), Path("b.csv")), "3.10", "rf", 2.5, is_dry_run=True, assume_yes=True)
    ]


def test_nothing_given_nothing_decided(flow: Any, call: Callable[..., Any], notebook: Path) -> None:
    call("adopt", "churn.ipynb")
    assert flow.requests == [AdoptRequest(Path("churn.ipynb"))]


@pytest.mark.parametrize(
    ("given", "spread"),
    [
        ([], []),
        (["n.ipynb"], ["n.ipynb"]),
        (["n.ipynb", "--data", "a"], ["n.ipynb", "--data", "a"]),
        (["n.ipynb", "--data", "a", "b", "c"], ["n.ipynb", "--data", "a", "--data", "b", "--data", "c"]),
        (["--data", "a", "b", "n.ipynb"], ["--data", "a", "--data", "b", "n.ipynb"]),
        (["--data", "a", "n.ipynb", "x"], ["--data", "a", "n.ipynb", "x"]),
        (["--data", "a", "b", "--yes", "n.ipynb"], ["--data", "a", "--data", "b", "--yes", "n.ipynb"]),
        (["--data", "a", "--data", "b", "n.ipynb"], ["--data", "a", "--data", "b", "n.ipynb"]),
        (["--data", "--yes"], ["--data", "--yes"]),
    ],
)
def test_data_takes_what_a_wildcard_gives(given: list[str], spread: list[str]) -> None:
    assert spread_data(given) == spread
