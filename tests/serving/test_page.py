"""The page of a service, used in a real browser. Where no Chromium is installed, these are skipped and say so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.serving.conftest import Live, running

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), "")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")]
# A folder to look at the pictures in, where somebody wants to.
SHOTS = os.environ.get("FERRATA_SCREENSHOTS", "")


def browse(python: Path, live: Live, tmp_path: Path, kind: str, *more: str) -> dict[str, Any]:
    script = Path(__file__).with_name("browse.py")
    done = subprocess.run([python, script, CHROMIUM, live.url, SHOTS or tmp_path, kind, *more], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["elsewhere"] == seen["errors"] == []
    return seen


def test_a_form_answers_warns_and_says_which_field_is_wrong(browser_python: Path, table: Live, tmp_path: Path) -> None:
    seen = browse(browser_python, table, tmp_path, "table")
    assert seen["kinds"] == ["range", "range", "select-one", "select-one", "text"]
    signature = json.loads((table.project / "model" / "signature.json").read_text(encoding="utf-8"))
    expected = table.post(signature["example"]["input"])[1]
    assert seen["answer"]["prediction"] == expected["prediction"]
    assert seen["answer"]["bars"] == sorted(map(list, expected["probabilities"].items()), key=lambda bar: -bar[1])
    assert seen["warned"] == "tenure: the integer 100 was not seen in training: 0 to 72."
    assert seen["refused"] == "Expected an integer; this is the number 1.5."


def test_the_code_on_the_page_gives_the_same_answer(browser_python: Path, table: Live, tmp_path: Path) -> None:
    seen = browse(browser_python, table, tmp_path, "table")
    run = {"curl": ["sh", "-c"], "Python": ["python3", "-c"], "JavaScript": ["node", "--input-type=module", "-e"]}
    if not shutil.which("node"):
        del run["JavaScript"]
    answers = {name: subprocess.run([*command, seen["code"][name]], capture_output=True, text=True, check=True).stdout for name, command in run.items()}
    prediction = seen["answer"]["prediction"]
    assert all(prediction in answer for answer in answers.values()) and len(answers) >= 2, answers


def test_on_a_phone_a_dropped_image_is_shown_and_answered(browser_python: Path, image: Live, tmp_path: Path) -> None:
    seen = browse(browser_python, image, tmp_path, "image", str(image.project / "data" / "light.png"))
    assert seen["answer"]["prediction"] == "light" and seen["preview"] == 16
    assert seen["width"] <= 390, "nothing is wider than the phone"


def test_a_page_behind_a_key_asks_for_it(browser_python: Path, service_python: Path, make: Callable[[str], Path], tmp_path: Path) -> None:
    project = make("table")
    with running(service_python, project):
        pass
    key = subprocess.run([service_python, "-m", "service", "key", "add", "me"], cwd=project, capture_output=True, text=True, check=True).stdout.strip()
    with running(service_python, project) as live:
        seen = browse(browser_python, live, tmp_path, "table", "", key)
    assert seen["answer"]["prediction"] in ("Yes", "No") and 'Authorization: Bearer $KEY' in seen["code"]["curl"] and key not in seen["code"]["curl"]
