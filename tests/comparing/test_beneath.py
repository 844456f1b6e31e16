"""What an answer costs, and what the rows look like, beneath a comparison."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.comparing.conftest import Compare, Place
from tests.serving.projects import field, png, signature

from ferrata.flow.reporting import report
from ferrata.pages.html import to_html
from ferrata.pages.terminal import to_text
from ferrata.records.evidence import CompareRequest, Flip, Side, Version
from ferrata.steps.comparing.pictures import with_pictures
from ferrata.world.reporter import RecordingReporter

PREDICT = """
import time


def load(folder=None):
    print("the author says something")
    return 0


def predict(rows, state):
    if rows["age"].iloc[0] == 7:
        raise ValueError("rejected")
    time.sleep(SECONDS)
    return [{"prediction": "yes"} for _ in range(len(rows))]
"""


def function(place: Place, seconds: float) -> None:
    (place.project / "src" / "people").mkdir(parents=True, exist_ok=True)
    (place.project / "src" / "people" / "predict.py").write_text(PREDICT.replace("SECONDS", str(seconds)))


def test_an_answer_s_time_is_measured_of_both_in_turn(place: Place, ask: Compare) -> None:
    (place.project / "model").mkdir()
    outputs = {"prediction": {"type": "string", "labels": ["no", "yes"]}, "probabilities": False}
    about = signature("people", "table", "classification", [field("age", "integer", example=40)], {}, outputs=outputs)
    (place.project / "model" / "signature.json").write_text(json.dumps(about))
    rows = [{"age": 7}, {"age": 30}, {"age": 31}]
    (place.project / "model" / "proof_rows.jsonl").write_text("".join(json.dumps({"input": row, "output": {}}) + "\n" for row in rows))
    function(place, 0.001)
    place.commit("a prediction function")
    function(place, 0.03)
    page = ask()
    first, second = page.data["latencies"]
    assert 0.001 <= first["low"] <= first["median"] <= first["high"] < 0.025 < 0.03 <= second["median"] and first["calls"] == second["calls"] >= 10
    assert re.search(r"one answer: median of \d+, and the middle half +[\d.]+ ms \([\d.]+ ms to [\d.]+ ms\) +3\d", to_text(page))


def test_without_a_prediction_function_nothing_is_measured(ask: Compare) -> None:
    page = ask()
    assert page.data["latencies"] is None and "one answer" not in to_text(page)


SHAPES = """
import csv
from pathlib import Path

import yaml

wrong = yaml.safe_load(Path("params.yaml").read_text())["wrong"]
files = sorted(Path("data/shapes").rglob("*.png"))
Path("evaluation").mkdir(exist_ok=True)
with open("evaluation/predictions.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["row", "truth", "prediction", "content"])
    for number, path in enumerate(files):
        truth = ["dark", "light"].index(path.parent.name)
        writer.writerow([number, truth, 1 - truth if number < wrong else truth, f"digest{number}"])
"""
PIPELINE = """
stages:
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, data/shapes]
    params: [wrong]
    outs: [evaluation/predictions.csv]
"""


@pytest.fixture
def shapes(place: Place, pipeline_python: Path) -> Place:
    """A project of images: a file is a row, its folder what it is."""
    from ferrata.flow import tracking

    (place.project / ".venv").unlink()
    (place.project / ".venv").symlink_to(pipeline_python.parent.parent)
    for name, level in (("dark", 10), ("light", 240)):
        (place.project / "data" / "shapes" / name).mkdir(parents=True)
        for number in range(20):
            (place.project / "data" / "shapes" / name / f"{number:02}.png").write_bytes(png(160, 120, level))
    tracking.add(place.project, [place.project / "data" / "shapes"], RecordingReporter())
    (place.project / "evaluate.py").write_text(SHAPES)
    (place.project / "dvc.yaml").write_text(PIPELINE)
    (place.project / "model").mkdir()
    listed = [f"data/shapes/{name}/{number:02}.png" for name in ("dark", "light") for number in range(20)]
    (place.project / "model" / "proof_rows.jsonl").write_text("".join(json.dumps({"input": {"file": each}, "output": {}}) + "\n" for each in listed))
    place.run(wrong="2")
    place.commit("images")
    return place


def test_images_that_became_wrong_are_on_the_page_and_nowhere_else(shapes: Place, ask: Compare) -> None:
    shapes.run(wrong="9")
    page = ask()
    assert page.data["broken"] == 7 and len(page.data["regressions"]) == 7
    html = to_html(page)
    assert html.count("data:image/png;base64,") == 7 and not re.search(r'(src|href)="(?!data:image/png)', html), "nothing from elsewhere"
    report(CompareRequest(), RecordingReporter(), folder=shapes.project)
    kept = [path for path in (shapes.project / "evidence").rglob("*") if path.is_file() and "base64" in path.read_text()]
    assert [path.name for path in kept] == ["compare.html"]
    for name in ("compare.md", "compare/comment.md"):
        assert "The images are in evidence/compare.html alone." in (shapes.project / "evidence" / name).read_text()


@pytest.mark.parametrize(("truth", "folders"), [
    ([0, 0, 1, 0], ["a", "a", "b", "b"]), ([0, 0, 1], ["a", "a", "b", "b"]), ([0, 0, 0, 0], ["a", "a", "a", "a"]), ([0, 1, 2, 2], ["a", "a", "b", "b"]),
], ids=["another truth", "another number", "one folder", "a folder of two truths"])  # fmt: skip
def test_a_file_that_is_not_proved_to_be_the_row_is_not_shown(tmp_path: Path, science_python: Path, truth: list[int], folders: list[str]) -> None:
    import numpy as np

    lines = []
    for number, folder in enumerate(folders):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{number}.png").write_bytes(png(4, 4, 10))
        lines.append(json.dumps({"input": {"file": f"{folder}/{number}.png"}}))
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "proof_rows.jsonl").write_text("\n".join(lines))
    flip = Flip("0", "0", "0", "1")
    assert with_pictures([flip], [0], Side(Version("it"), {"truth": np.array(truth)}), tmp_path, science_python) == (flip,)
