"""The author's loops over files of images, rewritten for the images that are asked about."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests import by_hand
from tests.deriving import bench, followed
from tests.deriving import image_cases as cases
from tests.serving.conftest import running

from ferrata.records.derivation import Derivation
from ferrata.records.proof import Level
from ferrata.records.serving import Serving
from ferrata.records.signature import problem_of
from ferrata.steps.deriving.images.loops import find_readings
from ferrata.steps.serving.replay import read_rows, replay


def follow(folder: Path, cells: tuple[str, ...], prediction: str = "y_pred") -> Any:
    cases.write_images(folder)
    book = by_hand.code(*cells)
    traces = {trace.index: trace for trace in by_hand.observed(book).traces}
    return followed.follow_images(book, traces, folder, prediction)


@pytest.mark.parametrize("case", cases.PROVED, ids=lambda case: case.name)
def test_a_loop_over_files_is_one_over_the_images_that_are_asked_about(case: Any, tmp_path: Path) -> None:
    found = follow(tmp_path, case.cells)
    assert isinstance(found.found, Derivation), found.found
    assert [piece for piece in case.holds if piece not in found.text] == [], found.text
    assert [piece for piece in (*case.lacks, ".fit(", "train_test_split", "shuffle", "listdir", "glob(") if piece in found.text] == [], found.text
    assert found.facts.answer["images"]["asked"] >= 5


WHOLE = [pytest.param(case, id=case.name, marks=[pytest.mark.slow, *([] if case.first else [pytest.mark.more])]) for case in cases.PROVED if case.whole]


@pytest.mark.parametrize("case", WHOLE)
def test_every_image_is_answered_as_in_the_notebook(case: Any, tmp_path: Path, pipeline_python: Path) -> None:
    author = tmp_path / "author"
    author.mkdir()
    cases.write_images(author)
    found = bench.served(bench.notebook(author, case.cells, {}), tmp_path / "scratch", pipeline_python)
    assert isinstance(found.served, Serving), found.served
    proof = found.served.proof
    assert proof.rows == proof.single == 8 and proof.mismatches == 0 and proof.level == "identical"
    assert found.signature["kind"] == "image" and found.signature["outputs"]["prediction"]["labels"] == list(case.labels)
    assert problem_of(found.signature) == ""
    bench.deliver(found)
    check_other_files(found, author, pipeline_python)
    check_over_http(found, pipeline_python)


def check_other_files(found: Any, author: Path, python: Path) -> None:
    """The content of a file is answered as the file itself; what is no image is rejected, and told by its number."""
    path = author / "squares/dark/dark0.png"
    script = """
import sys
from pathlib import Path
sys.path.insert(0, "src/rents")
import predict
state = predict.load()
path = sys.argv[1]
one, = predict.predict([path], state)
for image in (open(path, "rb").read(), open(path, "rb"), Path(path)):
    assert predict.predict([image], state) == [one], one
assert predict.predict([], state) == []
try:
    predict.predict([path, b"no image"], state)
except predict.Rejected as error:
    print(error.index, error.field, error.message)
"""
    done = subprocess.run([str(python), "-c", script, str(path)], cwd=found.project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 image UnidentifiedImageError: cannot identify image file 'the image'"), done.stdout


def check_over_http(found: Any, python: Path) -> None:
    with running(python, found.project, grouping="on") as live:
        proof = replay(read_rows(found.project), "127.0.0.1", live.port, "image", bound=found.signature["proof"].get("bound"))
        content = (found.project / found.signature["example"]["input"]["file"]).read_bytes()
        in_json = live.post({"image": base64.b64encode(content).decode()})
    assert proof.level in (Level.IDENTICAL, Level.EQUAL) and [way.mismatches for way in proof.ways] == [0] * len(proof.ways)
    assert in_json == (200, found.signature["example"]["output"])


# (cells around a loop that fills an array, what stands in the way)
PLACED = (
    ("X = np.zeros_like(before)", "X[i] = read(file)", "its shape is not written there"),
    ("X = np.zeros((9, 4, 4))", "X[i % 3] = read(file)", "the place of an image in `X[i % 3] = read(file)` is computed"),
    ("X = np.zeros((9, 4, 4))\nZ = np.zeros((9, 4, 4))", "X[i] = read(file)\n    Z[i] = read(file)", "several arrays"),
    ("X = load_all()", "X[i] = read(file)", "its shape is not written there"),
)


@pytest.mark.parametrize(("made", "kept", "why"), PLACED)
def test_an_array_whose_places_cannot_be_told_is_said(made: str, kept: str, why: str) -> None:
    book = by_hand.code("from PIL import Image\nimport numpy as np", "def read(path):\n    return np.asarray(Image.open(path))", made,
                        f"for i, file in enumerate(files):\n    {kept}")
    (reading,) = [each for each in find_readings(book.sources, tuple(book.sources)).found if each.why]
    assert why in reading.why
