"""What the proof claims: only what was compared."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ferrata.records.analysis import Score
from ferrata.records.command import Command, Outcome
from ferrata.records.observation import Observation, Site, Trace, Value
from ferrata.records.plan import Crossing, DataFile, Plan, PlannedStage
from ferrata.records.project import Project
from ferrata.records.proof import Level
from ferrata.steps.prove import MOST_VALUES, CleanRun, compare_run, obtained_scores, without_clocks

SITE = Site(1, 0, 1, 1)


def score(name: str, *values: Any) -> Score:
    return Score(name, 0, SITE, (0,), values, is_structured=not all(isinstance(value, (int, float)) for value in values))


def shown(name: str, *values: Any) -> Score:
    return replace(score(name, *values), role="printed")


def seen(folder: Path, *values: Value, crossings: tuple[dict[str, Any], ...] = ()) -> Observation:
    return Observation((Trace(0, values=values),) if values else (), True, folder, crossings=crossings)


def plan_of(*scores: Score) -> Plan:
    return Plan("shop", "shop", "three", (), (), scores, (), (), ())


def clean_run(folder: Path, metrics: dict[str, Any], reports: dict[str, Any] | None = None) -> CleanRun:
    (folder / "evaluation").mkdir()
    (folder / "evaluation/metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    (folder / "evaluation/reports.json").write_text(json.dumps(reports or {}), encoding="utf-8")
    return CleanRun(folder, Project("shop", ()), folder / "python", {}, None)


def level(folder: Path, expected: Score, metrics: dict[str, Any], reports: dict[str, Any] | None = None) -> Level:
    return compare_run(plan_of(expected), clean_run(folder, metrics, reports), seen(folder), seen(folder), conditions=()).level


CASES: dict[str, tuple[Score, dict[str, Any], dict[str, Any], Level]] = {
    "a score that the pipeline did not write": (score("accuracy", 0.5), {}, {}, Level.NOT_COMPARABLE),
    "a score under another name": (score("accuracy", 0.5), {"acc": 0.5}, {}, Level.NOT_COMPARABLE),
    "the last bit": (score("accuracy", 0.1 + 0.2), {"accuracy": 0.3}, {}, Level.EQUAL),
    "another number": (score("accuracy", 0.5), {"accuracy": 0.6}, {}, Level.DIFFERENT),
    "one value of a loop is missing": (score("accuracy", 0.5, 0.6), {"accuracy": {"1": 0.5}}, {}, Level.DIFFERENT),
    "the values of a loop in another order": (score("accuracy", 0.5, 0.6), {"accuracy": {"1": 0.6, "2": 0.5}}, {}, Level.DIFFERENT),
    "the same number": (score("accuracy", 0.5), {"accuracy": 0.5}, {}, Level.IDENTICAL),
    "the same values of a loop": (score("accuracy", 0.5, 0.6), {"accuracy": {"1": 0.5, "2": 0.6}}, {}, Level.IDENTICAL),
    "one value too many in a loop": (score("accuracy", 0.5, 0.6), {"accuracy": {"1": 0.5, "2": 0.6, "3": 0.6}}, {}, Level.DIFFERENT),
    "a text too many in what is printed": (shown("value", 0.5, 0.6), {}, {"value": ["l2", 0.5, None, 0.6]}, Level.IDENTICAL),
    "a number too many in what is printed": (shown("value", 0.5), {"value": {"1": 0.5, "2": 0.6}}, {}, Level.DIFFERENT),
    "one number among texts": (shown("value", 0.5), {}, {"value": ["l2", 0.5]}, Level.IDENTICAL),
    "a table in the reports": (score("cm", [[1, 2], [3, 4]]), {}, {"cm": [[1, 2], [3, 4]]}, Level.IDENTICAL),
    "NaN is NaN": (score("loss", float("nan")), {"loss": float("nan")}, {}, Level.IDENTICAL),
}


@pytest.mark.parametrize("name", CASES)
def test_a_score_is(name: str, tmp_path: Path) -> None:
    expected, metrics, reports, claimed = CASES[name]
    assert level(tmp_path, expected, metrics, reports) is claimed


def test_one_bad_score_makes_the_whole_proof_bad(tmp_path: Path) -> None:
    clean = clean_run(tmp_path, {"a": 1.0, "b": 3.0})
    proof = compare_run(plan_of(score("a", 1.0), score("b", 2.0)), clean, seen(tmp_path), seen(tmp_path), conditions=())
    assert proof.level is Level.DIFFERENT
    assert [item.level for item in proof.scores] == [Level.IDENTICAL, Level.DIFFERENT]


def test_of_a_very_long_loop_what_was_kept_is_compared_and_said(tmp_path: Path) -> None:
    losses = [1 / number for number in range(1, MOST_VALUES + 500)]
    clean = clean_run(tmp_path, {}, {"loss": losses})
    proof = compare_run(plan_of(score("loss", *losses[:MOST_VALUES])), clean, seen(tmp_path), seen(tmp_path), conditions=())
    assert (proof.scores[0].level, proof.scores[0].why) == (Level.IDENTICAL, "the first 10,000 values")
    other = replace(score("loss", *losses[:MOST_VALUES]), values=(*losses[: MOST_VALUES - 1], 7.0))
    assert compare_run(plan_of(other), clean, seen(tmp_path), seen(tmp_path), conditions=()).level is Level.DIFFERENT


def test_observer_and_pipeline_keep_as_many_values() -> None:
    package = Path(sys.modules["ferrata"].__path__[0])
    assert f"_CALLS, _NUMBERS = 200, {MOST_VALUES}\n" in (package / "observer/probes.py").read_text(encoding="utf-8")
    assert f"MOST = {MOST_VALUES:_} " in (package / "steps/writing/templates/scores.py").read_text(encoding="utf-8")


CROSSES: dict[str, tuple[bytes, Value, Value, Level, bool]] = {
    "the bytes that the replay read back": (b"a", Value("x", "int", "1", "d1"), Value("x", "int", "1", "d1"), Level.IDENTICAL, False),
    "those, and the replay had another value": (b"a", Value("x", "int", "1", "d1"), Value("x", "int", "1", "d2"), Level.DIFFERENT, False),
    "those, of a value that was sampled": (b"a", Value("x", "int", "1", "d1"), Value("x", "int", "1", "d1", exact=False), Level.NOT_COMPARABLE, True),
    "other bytes, which have to be read": (b"b", Value("x", "int", "1", "d1"), Value("x", "int", "1", "d1"), Level.NOT_COMPARABLE, True),
}


@pytest.mark.parametrize("name", CROSSES)
def test_what_crosses_is_compared_with(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, notebook, replayed, claimed, is_read = CROSSES[name]
    (tmp_path / "tried").write_bytes(b"a")
    clean = clean_run(tmp_path, {})
    (tmp_path / "x.json").write_bytes(written)
    tried = {"after": 0, "name": "x", "format": "json", "path": str(tmp_path / "tried")}
    asked: list[Any] = []

    def ask(command: Command) -> Outcome:
        asked.append(command)
        return Outcome(command, 1, "", "", 0.0)

    monkeypatch.setattr("ferrata.world.process.run", ask)
    crossing = Crossing("x", "prepare", ("train",), 0, "json", ".json", "x.json")
    planned = replace(plan_of(), stages=(PlannedStage("prepare", (0,)),), crossings=(crossing,))
    proof = compare_run(planned, clean, seen(tmp_path, notebook), seen(tmp_path, replayed, crossings=(tried,)), conditions=())
    assert [variable.level for variable in proof.variables] == [claimed] and bool(asked) == is_read


SHAPES = DataFile("/run/home/shapes", "data/shapes", True)
SAME = "the same data where the project has it"
MOVED: dict[str, tuple[Value, str, Level, str]] = {
    "more than paths differs": (Value("x", "list", "1", "d1"), "[[0, \"\"]]", Level.DIFFERENT, ""),
    "it could not be looked at": (Value("x", "list", "1", "d1"), "", Level.DIFFERENT, ""),
    "the replay had another value": (Value("x", "list", "1", "d3"), "[[2, \"data/shapes\"]]", Level.DIFFERENT, ""),
    "the value was sampled": (Value("x", "list", "1", "d1", exact=False), "[[2, \"data/shapes\"]]", Level.DIFFERENT, ""),
    "paths of data alone": (Value("x", "list", "1", "d1"), "[[2, \"data/shapes\"]]", Level.EQUAL, f"2 paths in it name {SAME}, in data/shapes"),
    "one path": (Value("x", "list", "1", "d1"), "[[1, \"data/shapes/a.png\"]]", Level.EQUAL, f"1 path in it names {SAME}, at data/shapes/a.png"),
}


@pytest.mark.parametrize("name", MOVED)
def test_paths_of_data_that_lies_elsewhere_in_the_project(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replayed, answer, claimed, why = MOVED[name]
    clean = clean_run(tmp_path, {})
    (tmp_path / "tried").write_bytes(b"a")
    (tmp_path / "x.json").write_bytes(b"b")
    tried = {"after": 0, "name": "x", "format": "json", "path": str(tmp_path / "tried")}

    def ask(command: Command) -> Outcome:
        if command.why == "compare what crosses":
            return Outcome(command, 0, "DIGESTS" + json.dumps({"x.json": ["d2", True]}), "", 0.0)
        job = json.loads(Path(command.arguments[-1]).read_text(encoding="utf-8"))
        assert job["places"] == {"shapes": "data/shapes"} and job["pairs"] == [[tried["path"], str(tmp_path / "x.json")]]
        return Outcome(command, 0, f"noise\nMOVED{answer}" if answer else "", "", 0.0)

    monkeypatch.setattr("ferrata.world.process.run", ask)
    crossing = Crossing("x", "prepare", ("train",), 0, "json", ".json", "x.json")
    planned = replace(plan_of(), stages=(PlannedStage("prepare", (0,)),), crossings=(crossing,), data=(SHAPES,))
    notebook, again = seen(tmp_path, Value("x", "list", "1", "d1")), seen(tmp_path, replayed, crossings=(tried,))
    proof = compare_run(planned, clean, notebook, again, conditions=(), home=Path("/run/home"))
    assert [(variable.level, variable.why) for variable in proof.variables] == [(claimed, why)]


def test_nothing_compared_is_nothing_proved(tmp_path: Path) -> None:
    proof = compare_run(plan_of(), clean_run(tmp_path, {}), seen(tmp_path), seen(tmp_path), conditions=())
    assert proof.level is Level.NOT_COMPARABLE


def test_a_dictionary_of_the_authors_stays_one(tmp_path: Path) -> None:
    assert obtained_scores(clean_run(tmp_path, {}, {"report": {"yes": 1.0, "no": 0.5}})) == {"report": {"yes": 1.0, "no": 0.5}}


def test_times_are_no_scores() -> None:
    assert without_clocks({"test_score": [0.5], "fit_time": [0.01], "score_time": [0.02]}) == {"test_score": [0.5]}
