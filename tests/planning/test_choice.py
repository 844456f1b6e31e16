"""Which of the notebook's models is *the* model."""

from __future__ import annotations

import pytest

from ferrata.records.analysis import Model
from ferrata.steps.planning.choice import choose, told


def fitted(token: str, name: str, score: float | None = None, *, saved: bool = False) -> Model:
    return Model(token=token, name=name, type="sklearn.neighbors.KNeighborsClassifier", kind="classifier", fits=(1,), saved=saved, main_score=score,
                 main_score_name="accuracy")  # fmt: skip


CASES = {
    "a model of a loop whose name a later one took is gone": ((fitted("o1", "knn", 0.8), fitted("o2", "knn", 0.7)), "o2"),
    "the best of those that have a name": ((fitted("o1", "tree", 0.8), fitted("o2", "knn", 0.7)), "o1"),
    "the one that was saved, whatever its name holds later": ((fitted("o1", "knn", 0.6, saved=True), fitted("o2", "knn", 0.7)), "o1"),
    "without scores the last one fitted": ((fitted("o1", "tree"), fitted("o2", "knn")), "o2"),
    "one without a name is better than none": ((fitted("o1", ""),), "o1"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_model_is(case: str) -> None:
    models, token = CASES[case]
    chosen, _ = choose(models)
    assert chosen is not None and chosen.token == token


def test_of_several_models_it_is_said_how_to_take_another_one() -> None:
    models = (fitted("o1", "tree", 0.8), fitted("o2", "knn", 0.7), fitted("o3", "knn", 0.6), fitted("o4", "svm", 0.5))
    chosen, why = choose(models)
    assert chosen is not None
    said = told(chosen, why, models)
    assert said.startswith("The project's model is `tree`: it has the best accuracy (0.8) of ")
    assert said.endswith("A prediction function is made of it alone; to have that of another one (`knn`, `svm`): `--model knn`.")
    assert told(models[0], "it is the only one", models[:1]) == "The project's model is `tree`: it is the only one."
