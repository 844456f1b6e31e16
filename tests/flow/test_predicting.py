"""`ferrata predict`: rows of every form through a project's own predict.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ferrata.errors import ProjectError, UsageError
from ferrata.flow.predicting import predict
from ferrata.world.reporter import RecordingReporter

PREDICT = '''
import pandas as pd


class Rejected(ValueError):
    def __init__(self, index, field, message):
        super().__init__(message)
        self.index, self.field, self.message = index, field, message


def load():
    return 2


def read(path):
    return pd.read_csv(path, sep=";")


def predict(rows, state):
    found = []
    for number, value in enumerate(rows["area"]):
        if value < 0:
            raise Rejected(number, "area", "it is negative")
        found.append({"prediction": value * state, "probabilities": {"small": 0.25, "large": 0.75}})
    return found
'''
AREA = {
    "name": "area", "type": "number", "gaps": False, "nullable": False,
    "min": 1, "max": 90, "categories": None, "unit": None, "missing": None, "unseen": None, "example": 40,
}  # fmt: skip
SIGNATURE = {
    "schema_version": 1, "name": "rents", "kind": "table", "task": "regression", "model": {"name": "model", "type": "tests.Double"}, "level": "raw",
    "function": "src/rents/predict.py", "inputs": [AREA], "image": None,
    "outputs": {"prediction": {"type": "number", "labels": None}, "probabilities": True}, "example": {"input": {"area": 40}, "output": {"prediction": 80}},
    "proof": {"rows": 3, "mismatches": 0, "level": "identical", "of": "the author's test set"},
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "rents"
    for path, text in {
        "dvc.yaml": "stages: {}\n", ".git/HEAD": "", "model/signature.json": json.dumps(SIGNATURE), "src/rents/predict.py": PREDICT,
        ".venv/bin/python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n',
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / ".venv/bin/python").chmod(0o755)
    return folder


def answers(project: Path, source: str, out: Path | None = None) -> tuple[list[dict[str, object]], int]:
    page = predict(source, out, RecordingReporter(), folder=project)
    return page.data["answers"], page.status


def test_one_record(project: Path) -> None:
    assert answers(project, '{"area": 40}') == ([{"prediction": 80, "probabilities": {"small": 0.25, "large": 0.75}}], 0)


FILES = {
    "rows.csv": "area;city\n1;Bern\n2;Chur\n", "rows.json": '[{"area": 1}, {"area": 2}]', "rows.jsonl": '{"area": 1}\n\n{"area": 2}\n',
}


@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.jsonl"])
def test_a_file_is_read_in_its_own_way(project: Path, name: str) -> None:
    (project / name).write_text(FILES[name], encoding="utf-8")
    assert [answer["prediction"] for answer in answers(project, name)[0]] == [2, 4]


def test_the_files_of_a_folder_come_in_their_order(project: Path) -> None:
    (project / "inbox").mkdir()
    (project / "inbox/b.csv").write_text("area\n3\n", encoding="utf-8")
    (project / "inbox/a.json").write_text('{"area": 1}', encoding="utf-8")
    assert [answer["prediction"] for answer in answers(project, "inbox")[0]] == [2, 6]


def test_a_rejected_row_costs_the_others_nothing(project: Path, tmp_path: Path) -> None:
    found, status = answers(project, '[{"area": 1}, {"area": -1}, {"area": 2}]', tmp_path / "answers.csv")
    assert status == 1
    assert [answer.get("prediction") for answer in found] == [2, None, 4]
    assert found[1] == {"rejected": {"row": 1, "field": "area", "message": "it is negative"}}
    assert (tmp_path / "answers.csv").read_text(encoding="utf-8").splitlines() == [
        "row,prediction,probability small,probability large,rejected", "0,2,0.25,0.75,", "1,,,,area: it is negative", "2,4,0.25,0.75,",
    ]


def test_answers_as_json(project: Path, tmp_path: Path) -> None:
    found, _ = answers(project, '{"area": 1}', tmp_path / "answers.json")
    assert json.loads((tmp_path / "answers.json").read_text(encoding="utf-8")) == found


WRONG = {'{"area": ': "is not JSON", "nowhere.csv": "no file", "[1, 2]": "one value for each column"}


@pytest.mark.parametrize("source", WRONG)
def test_what_is_no_input_is_said(project: Path, source: str) -> None:
    with pytest.raises(UsageError, match=WRONG[source]):
        predict(source, None, RecordingReporter(), folder=project)


def test_a_project_without_the_function_is_told_so(project: Path) -> None:
    (project / "model/signature.json").unlink()
    with pytest.raises(ProjectError, match="no prediction function") as refused:
        predict('{"area": 1}', None, RecordingReporter(), folder=project)
    assert "made before there was one" in refused.value.todo and "--again" in refused.value.todo
    (project / "evidence").mkdir()
    (project / "evidence/predict.json").write_text('{"in_the_way": {"why": "a running mean", "cell": 3, "line": 1, "source": "df"}}', encoding="utf-8")
    with pytest.raises(ProjectError, match="no prediction function") as refused:
        predict('{"area": 1}', None, RecordingReporter(), folder=project)
    assert "cell 3, line 1 (`df`): a running mean" in refused.value.todo


def test_what_has_gaps_in_training_may_be_left_out_and_no_number_is_null(project: Path) -> None:
    (project / "model/signature.json").write_text(json.dumps({**SIGNATURE, "inputs": [{**AREA, "gaps": True, "nullable": True}]}), encoding="utf-8")
    assert [answer["prediction"] for answer in answers(project, '[{}, {"area": 2}]')[0]] == [None, 4]


BRIGHTNESS = '''
class Rejected(ValueError):
    def __init__(self, index, field, message):
        super().__init__(message)
        self.index, self.field, self.message = index, field, message


def load():
    return None


def predict(images, state):
    found = []
    for number, path in enumerate(images):
        with open(path, "rb") as file:
            content = file.read()
        if not content.startswith(b"image"):
            raise Rejected(number, "image", "it is none")
        found.append({"prediction": len(content)})
    return found
'''


@pytest.fixture
def of_images(project: Path) -> Path:
    signature = SIGNATURE | {"kind": "image", "inputs": [AREA | {"name": "image", "type": "image", "min": None, "max": None}]}
    (project / "model/signature.json").write_text(json.dumps(signature), encoding="utf-8")
    (project / "src/rents/predict.py").write_text(BRIGHTNESS, encoding="utf-8")
    (project / "inbox/new").mkdir(parents=True)
    (project / "inbox/b.png").write_bytes(b"image")
    (project / "inbox/new/a.png").write_bytes(b"image of more")
    return project


def test_an_image_and_a_folder_of_them(of_images: Path) -> None:
    assert answers(of_images, "inbox/b.png") == ([{"file": "b.png", "prediction": 5}], 0)
    assert answers(of_images, "inbox")[0] == [{"file": "b.png", "prediction": 5}, {"file": "a.png", "prediction": 13}]


def test_what_is_no_image_costs_the_others_nothing(of_images: Path, tmp_path: Path) -> None:
    (of_images / "inbox/c.txt").write_text("words", encoding="utf-8")
    found, status = answers(of_images, "inbox", tmp_path / "answers.csv")
    assert status == 1 and [answer.get("prediction") for answer in found] == [5, None, 13]
    lines = (tmp_path / "answers.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["file,prediction,rejected", "b.png,5,", "c.txt,,image: it is none", "a.png,13,"]


def test_a_model_of_images_takes_no_record(of_images: Path) -> None:
    with pytest.raises(UsageError, match="no file and no folder"):
        predict('{"area": 40}', None, RecordingReporter(), folder=of_images)
