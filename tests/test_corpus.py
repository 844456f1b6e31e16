"""The measure of `benchmarks/corpus.py`: what counts as a prediction function, and what as a wrong claim."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def corpus() -> Any:
    spec = importlib.util.spec_from_file_location("corpus", Path(__file__).parents[1] / "benchmarks" / "corpus.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def result(level: str, *, rows: int = 0, mismatches: int = 0, again: int = 0, cell: int = 0, reads: bool = True, outcome: str = "proved") -> dict[str, Any]:
    proof = {"rows": rows, "mismatches": mismatches, "of": "the author's test set"} if rows else None
    why = "" if level == "raw" else "a value is computed anew"
    prediction = {"level": level, "proof": proof, "why": why, "cell": cell, "source": "x = 1" if cell else ""}
    seen = {"reads_data": reads, "seconds": 60.0, "asked_again": {"rows": rows, "differ": again} if rows else None}
    return {"outcome": outcome, "prediction": prediction, "corpus": seen}


RESULTS = {
    "n1": ("classification", result("raw", rows=40)),
    "n2": ("regression", result("raw", rows=9)),
    "n3": ("classification", result("prepared", rows=40, cell=7)),
    "n4": ("text", result("none")),
    "n5": ("regression", result("raw", rows=40, reads=False)),
    "n6": ("clustering", result("none")),
    "n7": ("classification", result("none", outcome="different")),
}


def figure(corpus: Any, **more: dict[str, Any]) -> dict[str, Any]:
    found = {name: found for name, (_, found) in RESULTS.items()} | more
    rows = [{"id": name, "task": RESULTS[name][0] if name in RESULTS else "classification"} for name in found]
    return dict(corpus.measure(corpus.functions(rows, found)))


def test_supervised_notebooks_that_were_proved_and_read_data_are_counted(corpus: Any) -> None:
    found = figure(corpus)
    assert {key: found[key] for key in ("supervised_and_proved", "read_raw_data", "raw", "prepared", "none")} == {
        "supervised_and_proved": 5, "read_raw_data": 4, "raw": 2, "prepared": 1, "none": 1,
    }
    assert (found["why_is_said"], found["statement_is_named"], found["rows_compared"]) == (2, 1, 49)
    assert (found["share"], found["is_met"], found["wrong_claims"]) == (0.5, False, 0)
    assert json.dumps(found)


@pytest.mark.parametrize("wrong", [{"rows": 40, "mismatches": 1}, {"rows": 0}, {"rows": 40, "again": 2}], ids=["a row differs", "no row", "asked again"])
def test_a_function_that_does_not_hold_is_a_wrong_claim_and_no_hit(corpus: Any, wrong: dict[str, int]) -> None:
    found = figure(corpus, n8=result("raw", **wrong))
    assert (found["raw"], found["wrong_claims"]) == (2, 1)


def test_numbers_are_the_same_within_the_bound_and_labels_never_almost(corpus: Any) -> None:
    assert corpus.is_same(0.1 + 0.2, 0.3, corpus.EXACT) and corpus.is_same([1.0, "a"], [1.0, "a"], corpus.EXACT)
    assert not corpus.is_same("yes", "yes ", 1e-5) and not corpus.is_same(1.0, 1.001, 1e-5) and not corpus.is_same(None, 0, 1e-5)


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(corpus: Any, tmp_path: Path) -> None:
    script = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    status, _, error = corpus.ended([sys.executable, "-c", script], tmp_path, 1.0)
    assert status is None and "no end after 1 s" in error
