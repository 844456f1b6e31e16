"""Chance in training is measured, and taken into account; the gate says no for two reasons alone."""

from __future__ import annotations

import json
import re

import pytest
from tests.comparing.conftest import Compare, Place

from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.flow.gating import gate
from ferrata.flow.repeating import noise
from ferrata.pages.terminal import to_text
from ferrata.records.evidence import CompareRequest, NoiseRequest
from ferrata.records.page import Page
from ferrata.world.reporter import RecordingReporter


def measure(place: Place, seeds: int = 3) -> Page:
    return noise(NoiseRequest(seeds), RecordingReporter(), folder=place.project)


def test_seeds_of_the_split_and_of_the_training_are_kept_apart_and_compare_takes_the_second(place: Place, ask: Compare) -> None:
    before = place.git("status", "--porcelain")
    page = measure(place)
    kinds = {each["kind"]: each for each in page.data["moved"]}
    assert kinds["training"]["parameters"] == ["random_state"] and kinds["split"]["parameters"] == ["seed"]
    for kind in kinds.values():
        values = kind["scores"]["accuracy"]["values"]
        assert len(values) == 4 and len(set(values)) > 1 and kind["scores"]["accuracy"]["low"] < kind["scores"]["accuracy"]["deviation"]
    assert {kind["scores"]["accuracy"]["values"][0] for kind in kinds.values()} == {json.loads(
        (place.project / "evaluation" / "metrics.json").read_text())["test_accuracy"]}, "the recorded one is among them"  # fmt: skip
    assert place.git("status", "--porcelain") == f"{before}\n?? evidence/".strip(), "the working tree is not touched"
    place.run(bias="0.4")
    compared = ask()
    assert compared.data["noise"]["accuracy"] == pytest.approx(kinds["training"]["scores"]["accuracy"]["deviation"])
    assert "Chance in training is taken into account" in to_text(compared)
    with_noise = compared.data["scores"][0]
    (place.project / "evidence" / "noise.json").unlink()
    without = ask().data["scores"][0]
    assert with_noise["high"] - with_noise["low"] > without["high"] - without["low"] and with_noise["p_value"] >= without["p_value"]


def test_without_a_seed_among_the_parameters_there_is_nothing_to_vary(place: Place) -> None:
    pipeline = place.project / "dvc.yaml"
    pipeline.write_text(pipeline.read_text().replace("params: [seed, bias, noise, random_state]", "params: [bias, noise]"))
    place.run()
    with pytest.raises(ProjectError, match="No parameter of the pipeline is a seed"):
        measure(place)


def test_a_pipeline_that_stops_with_other_seeds_is_an_error(place: Place) -> None:
    code = place.project / "evaluate.py"
    code.write_text(code.read_text().replace("noise = random", "assert params['random_state'] == params['seed'] == '1'\nnoise = random"))
    place.run()
    with pytest.raises(OutsideError, match="stops with other seeds"):
        measure(place, seeds=2)


Gate = Page


def asked(place: Place, *rules: str) -> Page:
    return gate(CompareRequest(), rules, RecordingReporter(), folder=place.project)


def test_the_gate_stops_what_is_worse_and_what_breaks_a_rule_and_nothing_else(place: Place) -> None:
    place.run(random_state="2")
    page = asked(place)
    assert (page.status, page.data["passes"], page.data["verdict"]) == (0, True, page.data["verdict"]) and page.data["verdict"] != "worse"
    with pytest.raises(UsageError, match="is no rule"):
        asked(place, "accuracy is good")
    with pytest.raises(UsageError, match="do not have"):
        asked(place, "RMSE < 3")
    (place.project / "pyproject.toml").write_text('[tool.ferrata.gate]\nrules = ["test_accuracy >= 0.99", "AUC > 0.5"]\n')
    broken = asked(place)
    assert (broken.status, broken.data["passes"]) == (1, False) and re.fullmatch(r"test_accuracy >= 0.99 is broken: it is 0\.\d+", broken.data["reasons"][0])
    assert [rule["holds"] for rule in broken.data["rules"]] == [False, True]
    (place.project / "pyproject.toml").unlink()
    place.run(bias="3.0")
    worse = asked(place)
    assert (worse.status, worse.data["reasons"]) == (1, ["the main score is worse beyond noise"])
    assert to_text(worse).startswith("people: stop")
    place.run(bias="3.0", seed="2")
    other = asked(place)
    assert (other.status, other.data["outcome"]) == (0, "not comparable") and "though nothing could be compared" in to_text(other)
