"""The course of a score over the runs, with what chance does to each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from tests.comparing.conftest import Place

from ferrata.flow.recall import history
from ferrata.statistics.alone import interval
from ferrata.statistics.scores import SCORES, Rows


def bars(picture: Path) -> int:
    return len(re.findall(r'<line [^>]*class="first" stroke-width="2"', picture.read_text()))


def test_without_noise_the_bars_are_of_the_test_rows_where_they_give_the_recorded_score(place: Place, tmp_path: Path) -> None:
    code = place.project / "evaluate.py"
    text = code.read_text()
    code.write_text(text.replace('right / len(out)', '0.123'))
    place.run()
    code.write_text(text)
    place.run(bias="0.5")
    place.run(bias="1.0")
    picture = tmp_path / "course.svg"
    history(folder=place.project, picture=picture)
    assert "what other test rows do to it" in picture.read_text()
    recorded = [run["scores"] for run in history(folder=place.project).data["runs"]]
    assert len(recorded) == 4 and bars(picture) == 3, "no bar where the predictions do not give the score that was recorded"
    (place.project / "evidence").mkdir(exist_ok=True)
    known = {"commit": "abcdefghij", "moved": [{"kind": "training", "scores": {"accuracy": [0.3, 0.4, 0.5]}}]}
    (place.project / "evidence" / "noise.json").write_text(json.dumps(known))
    history(folder=place.project, picture=picture)
    assert "3 trainings of abcdefg" in picture.read_text() and bars(picture) == 4


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_interval_of_an_accuracy_is_about_wilson_s(share: float) -> None:
    truth = np.ones(400, dtype=int)
    truth[::7] = 0
    answers = np.where(np.arange(400) < 400 * share, truth, 1 - truth)
    low, value, high = interval(SCORES["accuracy"], Rows(truth, answers, answers, ("no", "yes")))
    middle, reach = (share + 1.96**2 / 800) / (1 + 1.96**2 / 400), 1.96 * np.sqrt(share * (1 - share) / 400 + 1.96**2 / (4 * 400**2)) / (1 + 1.96**2 / 400)
    assert value == pytest.approx(share) and (low, high) == pytest.approx((middle - reach, middle + reach), abs=0.006)
