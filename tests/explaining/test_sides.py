"""What can be asked about: a commit, a number, a notebook; and a project alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.explaining.planted import Place, own_environment, variables
from tests.explaining.samples import orders, weather, words

from ferrata.pages.terminal import to_text
from ferrata.steps.explaining.trials import SHIMS


def made(folder: Path, files: dict[str, str]) -> Place:
    place = Place(folder, own_environment(()))
    place.make(files)
    return place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = made(tmp_path / "project", orders())
    found.run()
    found.commit("a run")
    found.change("params.yaml", "rate: 0.92", "rate: 0.95")
    return found


def test_a_commit_and_a_number_that_a_run_gave(place: Place) -> None:
    mean = json.loads(place.read("metrics.json"))["mean"]
    for typed in ("HEAD", f"mean={mean:.3f}", f"mean={mean!r}"):
        page = place.why(typed)
        assert [each["differences"][0]["name"] for each in page.data["verdicts"]] == ["prepare.rate"], to_text(page)
        assert page.data["outcome"] == "explained" and page.next_command == "ferrata run --set prepare.rate=0.92" or "git" in page.next_command


def test_two_commits_of_which_neither_lies_here(place: Place) -> None:
    place.run()
    place.commit("another rate")
    place.write("params.yaml", "nonsense: true\n")
    page = place.why("HEAD~1", against="HEAD")
    assert [each["differences"][0]["name"] for each in page.data["verdicts"]] == ["prepare.rate"], to_text(page)


def test_a_number_that_nothing_gives_is_not_explained(place: Place) -> None:
    page = place.why("mean=3.25")
    assert page.status == 1 and page.data["outcome"] == "unexplained" and page.data["verdicts"] == []
    assert "ferrata run export" in page.data["ask"] and page.data["seeds"] is None
    assert [each["name"] for each in page.data["scores"]] == ["mean"], "what was not asked about is not shown"


def test_the_day_of_another_run(tmp_path: Path) -> None:
    """A run of 2017, of which the code read the year: everything else is as it was."""
    files = orders()
    read = 'import datetime\n\nmean = datetime.date.today().year + sum'
    place = made(tmp_path / "project", {**files, "src/total.py": files["src/total.py"].replace("mean = sum", read)})
    place.change("dvc.yaml", "    metrics:", "    meta: {pass_env: [PYTHONPATH, FERRATA_TRIAL]}\n    metrics:")
    with variables({"PYTHONPATH": str(SHIMS), "FERRATA_TRIAL": '{"clock": 1500000000}'}):
        name = place.run()
    (record,) = (place.folder / ".ferrata" / "runs").glob("*.json")
    said = json.loads(record.read_text())
    record.write_text(json.dumps({**said, "started": "2017-07-14T02:40:00+00:00"}))
    page = place.why(name)
    assert [(each["effect"], each["differences"][0]["factor"]) for each in page.data["verdicts"]] == [("whole", "clock")], to_text(page)
    assert page.data["outcome"] == "explained" and "line 16" in page.data["verdicts"][0]["differences"][0]["name"], to_text(page)


def test_a_number_is_compared_to_the_digits_that_were_given(place: Place) -> None:
    place.run()
    value = json.loads(place.read("metrics.json"))["mean"]
    (place.folder / ".ferrata").rename(place.folder / "gone")
    page = place.why(f"mean={value:.1f}")
    assert page.data["outcome"] == "same" and page.status == 0, to_text(page)


def test_a_commit_without_results_is_run(tmp_path: Path) -> None:
    place = made(tmp_path / "project", orders())
    place.change("params.yaml", "rate: 0.92", "rate: 0.95")
    page = place.why("HEAD")
    assert [each["differences"][0]["name"] for each in page.data["verdicts"]] == ["prepare.rate"], to_text(page)
    assert page.data["outcome"] == "explained" and "it was run here" in page.data["notes"][0]


def test_a_number_is_held_against_what_other_seeds_give(tmp_path: Path) -> None:
    place = made(tmp_path / "project", weather())
    place.run()
    page = place.why("rmse=99.5")
    seeds = page.data["seeds"]
    low, high = seeds["spread"]["rmse"]
    assert page.data["outcome"] == "unexplained" and page.data["verdicts"] == [] and page.status == 1
    assert seeds["parameters"] == ("split.seed",) and seeds["runs"] == 8 and low < high and seeds["reach"] == {"rmse": "outside"}
    within = place.why(f"rmse={(low + high) / 2 + 1e-7:.9f}")
    assert within.data["seeds"]["reach"] == {"rmse": "within"} and within.data["verdicts"] == [], "a spread, and no cause"
    assert "names no cause" in to_text(within)


def test_the_saved_outputs_of_a_notebook(place: Place) -> None:
    mean = json.loads(place.read("metrics.json"))["mean"]
    printed = {"output_type": "stream", "name": "stdout", "text": f"Mean: {mean:.4f}\n"}
    cell = {"cell_type": "code", "source": "", "metadata": {}, "execution_count": 1, "outputs": [printed]}
    place.write("notebooks/orders.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    page = place.why("notebooks/orders.ipynb")
    assert [each["differences"][0]["name"] for each in page.data["verdicts"]] == ["prepare.rate"], to_text(page)


def test_time_that_is_used_up_is_said(place: Place) -> None:
    place.write("src/total.py", "import time\ntime.sleep(0.4)\n" + place.read("src/total.py"))
    page = place.why("HEAD", budget=0.045)
    assert page.data["stopped"] and page.data["outcome"] != "explained", to_text(page)
    assert "not-tried" in {each["effect"] for each in page.data["verdicts"]}


@pytest.mark.parametrize(
    ("vocabulary", "word", "line"),
    [("list(set(counts))", "hash-seed", 7), ("sorted(counts, key=lambda word: (datetime.datetime.now().year * len(word)) % 7)", "clock", 7),
     ("sorted(counts, key=lambda word: hash(os.getcwd()) % (len(word) + 3))", "hash-seed", 7)],
    ids=["a set", "the day", "a hash of a path"],
)  # fmt: skip
@pytest.mark.slow
def test_alone_it_says_what_the_project_depends_on(vocabulary: str, word: str, line: int, tmp_path: Path) -> None:
    place = made(tmp_path / "project", words(vocabulary=vocabulary))
    page = place.why("")
    acting = [each for each in page.data["verdicts"] if each["effect"] == "whole"]
    sources = page.data["noise"]["sources"] if page.data["noise"] else []
    found = [each["differences"][0] for each in (*acting, *sources)]
    assert any(each["factor"] in (word, "randomness") and each["line"] == line for each in found), to_text(page)
    assert page.status == 1


@pytest.mark.slow
def test_alone_a_project_that_repeats_itself_is_said_to(tmp_path: Path) -> None:
    page = made(tmp_path / "project", orders()).why("")
    assert page.status == 0 and page.data["outcome"] == "deterministic", to_text(page)
    assert {each["effect"] for each in page.data["verdicts"]} == {"none"}, to_text(page)


_READS = 'import sys\n\nsys.audit("socket.connect", None, ("example.org", 443))  # what a connection tells Python\n'


def test_what_is_read_from_the_network_is_told(place: Place) -> None:
    """Where something is left to explain; and alone, where the project does not run without."""
    place.write("src/total.py", _READS + place.read("src/total.py"))
    page = place.why("mean=3.25")
    (told,) = page.data["verdicts"]
    assert (told["effect"], told["differences"][0]["name"]) == ("not-tried", "what src/total.py, line 3 reads from example.org"), to_text(page)
    assert "ferrata data add" in to_text(page)


@pytest.mark.slow
def test_alone_a_project_is_tried_without_the_network(tmp_path: Path) -> None:
    files = orders()
    page = made(tmp_path / "project", {**files, "src/total.py": _READS + files["src/total.py"]}).why("")
    (told,) = [each for each in page.data["verdicts"] if each["differences"][0]["factor"] == "network"]
    assert told["effect"] == "not-tried" and "read in src/total.py, line 3" in told["why"] and told["todo"], to_text(page)
