"""A small project with a data file, a test set and predictions, whose model is a few lines that parameters change."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ferrata.flow.comparing import compare
from ferrata.flow.execution import run
from ferrata.records.evidence import CompareRequest
from ferrata.records.page import Page
from ferrata.records.run_request import RunRequest
from ferrata.world.reporter import RecordingReporter

EVALUATE = """
import csv, json, math, random, sys
from pathlib import Path

params = dict(line.split(": ") for line in Path("params.yaml").read_text().splitlines())
rows = list(csv.DictReader(open("data/people.csv")))
chosen = random.Random(int(params["seed"])).sample(range(len(rows)), len(rows) // 2)
noise = random.Random(int(params["random_state"]))
out, right = [], 0
for number in sorted(chosen):
    row = rows[number]
    chance = 1 / (1 + math.exp(-(float(row["age"]) - 50) / 10 - float(params["bias"]) - noise.gauss(0, float(params["noise"]))))
    answer = "yes" if chance > 0.5 else "no"
    right += answer == row["left"]
    out.append([number, row["left"], answer, round(1 - chance, 9), round(chance, 9)])
Path("evaluation").mkdir(exist_ok=True)
with open("evaluation/predictions.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["row", "truth", "prediction", "probability no", "probability yes"])
    writer.writerows(out)
Path("evaluation/metrics.json").write_text(json.dumps({"test_accuracy": right / len(out)}))
"""
PIPELINE = """
stages:
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, data/people.csv]
    params: [seed, bias, noise, random_state]
    outs: [evaluation/predictions.csv]
    metrics:
      - evaluation/metrics.json:
          cache: false
"""
PARAMS = {"seed": "1", "bias": "0.0", "noise": "0.8", "random_state": "1"}


def people(count: int) -> list[list[str]]:
    generator = random.Random(0)
    made = []
    for number in range(count):
        age, city = generator.randint(18, 80), generator.choice(["Bern", "Basel", "Chur"])
        left = "yes" if age + generator.gauss(0, 8) > 50 else "no"
        made.append([f"p{number}@example.org", str(age), city, "yes" if age % 2 else "no", left])
    return made


def written(rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in [["email", "age", "city", "member", "left"], *rows]) + "\n"


@dataclass
class Place:
    project: Path

    def git(self, *words: str) -> str:
        return subprocess.run(["git", *words], cwd=self.project, check=True, capture_output=True, text=True).stdout.strip()

    def run(self, **params: str) -> None:
        text = "\n".join(f"{name}: {value}" for name, value in {**PARAMS, **params}.items()) + "\n"
        (self.project / "params.yaml").write_text(text)
        assert run(RunRequest(), RecordingReporter(), folder=self.project).status == 0

    def commit(self, message: str = "more") -> None:
        self.git("add", "--all")
        self.git("commit", "-q", "-m", message)

    def data(self, rows: list[list[str]]) -> None:
        from ferrata.flow import tracking

        path = self.project / "data" / "people.csv"
        path.unlink(missing_ok=True)
        path.write_text(written(rows))
        tracking.add(self.project, [path], RecordingReporter())


@pytest.fixture
def place(tmp_path: Path, nobody: None, science_python: Path) -> Place:
    found = Place(tmp_path / "people")
    (found.project / "data").mkdir(parents=True)
    found.git("init", "-q", "-b", "main")
    (found.project / "evaluate.py").write_text(EVALUATE)
    (found.project / "dvc.yaml").write_text(PIPELINE)
    (found.project / ".gitignore").write_text("/.venv\n")
    (found.project / ".venv").symlink_to(science_python.parent.parent)
    found.data(people(400))
    found.run()
    found.commit("a project")
    return found


Compare = Callable[..., Page]


@pytest.fixture
def ask(place: Place) -> Compare:
    def ask(first: str = "", second: str = "", **options: Any) -> Page:
        return compare(CompareRequest(first, second, **options), RecordingReporter(), folder=place.project)

    return ask
