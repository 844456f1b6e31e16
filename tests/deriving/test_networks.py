"""A network's numbers as probabilities: only where the notebook's answers go by them, and the network is asked once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ferrata.observer.rowwise.chances import of_network
from ferrata.records.derivation import Unit
from ferrata.source.names import statement_names
from ferrata.steps.deriving.networks import with_outputs

ONE = np.array([[0.1], [0.7], [0.4], [0.9]], dtype="float32")
MANY = np.array([[0.1, 0.7, 0.2], [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]], dtype="float32")
WORDS = np.array(["no", "yes", "no", "yes"])


def network(loss: Any) -> Any:
    return SimpleNamespace(predict_on_batch=lambda data: None, loss=loss)


@pytest.mark.parametrize(
    ("outputs", "loss", "answers", "width"),
    [
        (ONE, "binary_crossentropy", [0, 1, 0, 1], 1),
        (ONE, "binary_crossentropy", [0, 1, 1, 1], 1),  # a threshold of 0.3
        (ONE, "binary_crossentropy", [True, True, True, True], 0),  # below one half as well: by what it goes is not told
        (ONE, "binary_crossentropy", [1, 0, 1, 0], 0),  # the other way round
        (ONE, "binary_crossentropy", [0, 2, 0, 2], 0),
        (ONE, "binary_crossentropy", WORDS, 1),
        (ONE, "mse", [0, 1, 0, 1], 0),
        (ONE * 3, "binary_crossentropy", [0, 1, 0, 1], 0),
        (ONE, SimpleNamespace(name="binary_crossentropy", from_logits=True), [0, 1, 0, 1], 0),
        (MANY, "sparse_categorical_crossentropy", [1, 0, 2], 3),
        (MANY, "categorical_crossentropy", [1, 0, 0], 0),
        (MANY * 2, "categorical_crossentropy", [1, 0, 2], 0),
        (MANY, "categorical_crossentropy", [1, 0], 0),
    ],
)  # fmt: skip
def test_numbers_are_probabilities_where_the_answers_go_by_them(outputs: Any, loss: Any, answers: Any, width: int) -> None:
    chances, found = of_network(network(loss), outputs, np.asarray(answers))
    assert found == width
    assert (chances is None) == (not width)
    if chances is not None:
        assert chances.shape == (len(outputs), max(width, 2)) and np.allclose(chances.sum(axis=1), 1)


def test_what_is_no_network_is_left_alone() -> None:
    assert of_network(SimpleNamespace(loss="log_loss crossentropy"), ONE, np.array([0, 1, 0, 1])) == (None, 0)


def unit(text: str) -> Unit:
    names = statement_names(text)
    return Unit(3, text, frozenset(names.binds), frozenset(names.reads))


@pytest.mark.parametrize(
    ("texts", "answer", "width", "written", "answered", "probabilities"),
    [
        (["p = state.net.predict(X)", "y = (p > 0.5).astype(int)"], "y", 1, ["p = state.net.predict(X)", "y = (p > 0.5).astype(int)"], "y",
         "np.column_stack([1 - p[:, 0], p[:, 0]])"),
        (["y = state.net.predict(X).argmax(axis=1)"], "y", 3, ["outputs = state.net.predict(X)", "y = outputs.argmax(axis=1)"], "y", "outputs"),
        (["p = state.net.predict(X)", "p = p > 0.5"], "p", 1, ["outputs = state.net.predict(X)", "p = outputs", "p = p > 0.5"], "p",
         "np.column_stack([1 - outputs[:, 0], outputs[:, 0]])"),
        (["X = rows"], "np.argmax(state.net.predict(X), axis=1)", 2, ["X = rows", "outputs = state.net.predict(X)"], "np.argmax(outputs, axis=1)", "outputs"),
        (["p = state.net.predict(X)", "q = state.net.predict(X)"], "p", 1, ["p = state.net.predict(X)", "q = state.net.predict(X)"], "p", ""),
        (["outputs = 3", "y = state.net.predict(X) > 0.5"], "y", 1, ["outputs = 3", "y = state.net.predict(X) > 0.5"], "y", ""),
        (["y = [state.net.predict(x) > 0.5 for x in X]"], "y", 1, ["y = [state.net.predict(x) > 0.5 for x in X]"], "y", ""),
        (["for x in X:\n    y = state.net.predict(x)"], "y", 1, ["for x in X:\n    y = state.net.predict(x)"], "y", ""),
    ],
)  # fmt: skip
def test_the_network_is_asked_once(texts: list[str], answer: str, width: int, written: list[str], answered: str, probabilities: str) -> None:
    units, found, expression, classes = with_outputs([unit(text) for text in texts], answer, "net", width)
    assert ([each.text for each in units], found, expression) == (written, answered, probabilities)
    assert len(classes) == (max(width, 2) if probabilities else 0)
