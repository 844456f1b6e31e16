"""Both versions are trained again with the same seeds: what cannot be done first."""

from __future__ import annotations

import pytest
from tests.comparing.conftest import Compare, Place

from ferrata.errors import OutsideError, ProjectError
from ferrata.pages.terminal import to_text


def edited(place: Place, old: str, new: str) -> None:
    code = place.project / "evaluate.py"
    assert old in code.read_text()
    code.write_text(code.read_text().replace(old, new))


def test_without_a_seed_among_the_parameters_there_is_nothing_to_vary(place: Place, ask: Compare) -> None:
    pipeline = place.project / "dvc.yaml"
    pipeline.write_text(pipeline.read_text().replace("params: [seed, bias, noise, random_state]", "params: [bias, noise]"))
    place.run()
    place.commit("no seeds")
    place.run(bias="0.3")
    with pytest.raises(ProjectError, match="No parameter of the pipeline is a seed"):
        ask(seeds=3)


@pytest.mark.more
def test_a_pipeline_that_stops_with_other_seeds_is_an_error(place: Place, ask: Compare) -> None:
    edited(place, "noise = random", "assert params['random_state'] == params['seed'] == '1'\nnoise = random")
    place.run()
    place.commit("one seed alone")
    place.run(bias="0.3")
    with pytest.raises(OutsideError, match="stops with other seeds"):
        ask(seeds=3)


def test_chance_in_training_is_told_from_a_difference(place: Place, ask: Compare) -> None:
    """Another seed of the training alone is worse on this one; over the same seeds both versions are one."""
    place.run(bias="0.5", noise="1.5", random_state="7")
    before = place.git("status", "--porcelain", "--", ":!evidence", ":!.ferrata")
    page = ask(seeds=3)
    found = page.data["retrained"]
    assert (found["kind"], found["parameters"], found["seeds"], found["failed"]) == ("training", ("random_state",), 3, 0)
    main = page.data["scores"][0]
    assert main["test"] == "bootstrap of rows, t of seeds" and main["low"] < main["difference"] < main["high"]
    recorded = ask().data["scores"][0]
    assert main["high"] - main["low"] > 0 and main["first"] != recorded["first"], "means over other trainings"
    assert "trained again with the same 3 seeds (random_state)" in to_text(page) and "mean of 3 seeds" in to_text(page)
    assert place.git("status", "--porcelain", "--", ":!evidence", ":!.ferrata") == before, "the working tree is not touched"


@pytest.mark.more
def test_where_one_seed_decides_the_split_as_well_each_has_rows_of_its_own(place: Place, ask: Compare) -> None:
    edited(place, 'random.Random(int(params["random_state"]))', 'random.Random(int(params["seed"]))')
    place.run()
    place.commit("one seed for both")
    place.run(bias="3.0")
    page = ask(seeds=4)
    assert page.data["retrained"]["kind"] == "split" and page.data["retrained"]["parameters"] == ("seed",)
    assert page.data["scores"][0]["test"] == "corrected t of splits" and page.data["verdict"] == "worse"
    assert "Nadeau & Bengio" in to_text(page) and "rows each, mean of 4 seeds" in to_text(page)


@pytest.mark.more
def test_where_nothing_depends_on_a_seed_that_is_said(place: Place, ask: Compare) -> None:
    edited(place, 'noise.gauss(0, float(params["noise"]))', "0")
    edited(place, 'random.Random(int(params["seed"])).sample(range(len(rows)), len(rows) // 2)', "range(0, len(rows), 2)")
    place.run()
    place.commit("nothing by chance")
    place.run(bias="3.0")
    page = ask(seeds=3)
    assert page.data["retrained"]["kind"] == "still" and page.data["verdict"] == "worse"
    assert "training adds no chance" in to_text(page)
