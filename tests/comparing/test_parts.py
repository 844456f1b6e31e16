"""Matching, masking, naming and drawing by themselves."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from ferrata.pages import drawing
from ferrata.records.evidence import Column, DataRows, Side, Version
from ferrata.steps.comparing.masking import MASK, masked
from ferrata.steps.comparing.matching import match, same_truth, why_not
from ferrata.steps.comparing.scoring import chosen_scores, rows_of, score_of

SHOWN = {
    "age": "44", "city_size": "200", "Contract": "Two year", "MonthlyCharges": "70.35", "PhoneService": "Yes", "pipeline": "A",
    "comment": "arrived late", "year": "20191231", "ratio": "0.123456789012", "named": "x", "tip": "3",
}  # fmt: skip
HIDDEN = {
    "customerID": "9164-00000", "Name": "Braund, Mr. Owen", "user_email": "x", "phone": "5551234", "note": "call +41 44 668 18 00", "contact": "a@b.ch",
    "IP": "10.0.0.1", "zip_code": "8001", "reference": "CH93 0076 2011 6238 5295 7", "lat": "47.3",
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_nobody_s_is_shown(name: str) -> None:
    assert masked({name: SHOWN[name]}) == {name: SHOWN[name]}


@pytest.mark.parametrize("name", HIDDEN)
def test_personal_data_are_hidden(name: str) -> None:
    assert masked({name: HIDDEN[name]}) == {name: MASK}


NAMES = {
    "": "", "loss": "", "n_rows": "", "accuracy": "accuracy", "test_acc": "accuracy", "acc.1": "accuracy", "balanced_accuracy": "balanced accuracy",
    "roc_auc": "AUC", "f1_macro": "f1 macro", "F1 score": "f1", "log-loss": "log loss", "rmse": "RMSE", "root_mean_squared_error": "RMSE", "mse": "MSE",
    "r2_score": "R²", "mean_absolute_error": "MAE", "mape": "MAPE", "scores.valid.recall": "recall", "pr_auc": "average precision",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_an_author_s_name_means(name: str) -> None:
    assert score_of(name) == NAMES[name]


def side(name: str, rows: list[str], truth: list[str], *, tested: list[int], target: str = "y", **more: list[str]) -> Side:
    """A data file with the columns `x` and the target, and predictions that are the truth."""
    columns = {"x": rows, target: truth, **more}
    described = tuple(Column(each, "text", np.array([hash_of(cell) for cell in cells], dtype=np.uint64)) for each, cells in columns.items())
    data = DataRows(Path("data.csv"), "row number", np.array(tested), target, len(rows), described)
    kept = np.array([truth[at] for at in tested])
    return Side(Version(name), {"row": np.array(tested), "truth": kept, "prediction": kept}, data)


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode().ljust(8, b"\0")[:8], "little") * 0x9E3779B97F4A7C15 % 2**64


def test_rows_are_paired_by_their_cells_whatever_their_place() -> None:
    first = side("a", ["p", "q", "r", "s"], ["0", "1", "0", "1"], tested=[0, 1, 2])
    second = side("b", ["s", "r", "q", "p"], ["1", "0", "1", "0"], tested=[0, 1, 3])
    matched = match(first, second)
    assert matched is not None
    assert (matched.first.tolist(), matched.second.tolist()) == ([0, 2], [2, 1])
    assert (matched.only_first, matched.only_second, matched.moved, matched.relabelled) == (1, 1, 1, 0)
    assert "2 of the 3 rows" in why_not(first, second, matched)[0] and "may have learned" in why_not(first, second, matched)[0]


def test_rows_that_are_alike_are_paired_one_to_one() -> None:
    first = side("a", ["p", "p", "q"], ["0", "0", "1"], tested=[0, 1, 2])
    second = side("b", ["p", "q", "p"], ["0", "1", "0"], tested=[0, 1, 2])
    matched = match(first, second)
    assert matched is not None and matched.count == 3 and matched.is_whole and sorted(matched.second.tolist()) == [0, 1, 2]


def test_another_column_of_data_does_not_hide_that_a_row_is_the_same() -> None:
    first = side("a", ["p", "q"], ["0", "1"], tested=[0, 1])
    second = side("b", ["p", "q"], ["0", "1"], tested=[0, 1], more=["7", "8"])
    matched = match(first, second)
    assert matched is not None and matched.is_whole


def test_a_row_with_another_truth_is_the_same_row() -> None:
    first, second = side("a", ["p", "q"], ["0", "1"], tested=[0, 1]), side("b", ["p", "q"], ["0", "0"], tested=[0, 1])
    matched = match(first, second)
    assert matched is not None and matched.relabelled == 1 and "1 of the 2 rows in common have another truth" in why_not(first, second, matched)[0]
    assert same_truth(first, second, matched).first.tolist() == [0]


def test_copies_outside_of_the_test_set_are_counted() -> None:
    both = side("a", ["p", "q", "p"], ["0", "1", "0"], tested=[0, 1])
    matched = match(both, both)
    assert matched is not None and (matched.first_duplicates, matched.second_duplicates) == (1, 1)


def test_what_was_evaluated_takes_the_place_of_a_data_file() -> None:
    def of(content: list[str]) -> Side:
        return Side(Version("v"), {"truth": np.array([1, 0]), "prediction": np.array([1, 1]), "content": np.array(content)})

    matched = match(of(["aa", "bb"]), of(["bb", "aaa"]))
    assert matched is not None and (matched.first.tolist(), matched.second.tolist(), matched.how) == ([1], [0], "what was evaluated")
    without = Side(Version("old"), {"truth": np.array([1]), "prediction": np.array([1])})
    assert match(without, without) is None and "old" in why_not(without, without, None)[0]


def test_numbers_of_classes_are_read_as_words_are() -> None:
    one = Side(Version("a"), {"truth": np.array([0, 1, 1]), "prediction": np.array([0.0, 1.0, 0.0]), "content": np.array(list("abc")),
                              "probability 0": np.array([0.9, 0.2, 0.6]), "probability 1.0": np.array([0.1, 0.8, 0.4])})  # fmt: skip
    matched = match(one, one)
    assert matched is not None
    rows = rows_of(one, one, matched)
    assert rows.classes == ("0", "1") and rows.first.tolist() == [0, 1, 0] and rows.first_probabilities is not None
    assert rows.first_probabilities[:, 1].tolist() == [0.1, 0.8, 0.4]
    assert chosen_scores(rows, {"roc_auc": 0.9, "loss": 1.0})[0] == "AUC" and chosen_scores(rows, {"auc": 1, "acc": 1})[0] == "accuracy"
    assert chosen_scores(rows, {}, "log_loss")[0] == "log loss"


def test_drawings_are_well_formed_whatever_the_names() -> None:
    names = ("<a>&\"b\"", "b" * 60)
    drawings = [
        drawing.intervals([("accuracy", -0.1, 0.0, 0.2, "good"), ("<f1>", math.nan, 0.0, math.nan, "first")], title=names[0], note="n"),
        drawing.matrices([[1, 2], [3, 4]], [[0, 0], [1, 1]], names, names, title="t"),
        drawing.reliability([(0.1, 0.2, 5)], [(0.5, 0.5, 5)], names, title="t"),
        drawing.scatters([[1.0, 1.0]], [[1.0, 1.0]], names, title="t"),
        drawing.course([("one", math.nan, 0.5, math.nan), ("two", 0.4, 0.5, 0.6)], name="accuracy", title="t"),
    ]
    for each in drawings:
        assert "nan" not in each
        ElementTree.fromstring(each)


TICKS = [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 12, [0, 5, 10]), (0.83, 0.84, [0.83, 0.832, 0.834, 0.836, 0.838, 0.84]), (2, 2, [2])]


@pytest.mark.parametrize(("low", "high", "expected"), TICKS)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert drawing.ticks(low, high) == pytest.approx(expected)
