"""Which literals move to params.yaml, under which name, and which stay where the author wrote them."""

from __future__ import annotations

import pytest

from ferrata.source.edits import apply_edits
from ferrata.steps.planning.parameters import find_parameters, sections

MODELS = {"Ridge": "ridge", "SVC": "svc"}

STAY = {
    "a number of its own": "x = 5",
    "an argument by position": "a, b = train_test_split(X, y, 0.2)",
    "an argument that is computed": "a, b = train_test_split(X, y, test_size=1 / 3)",
    "a name": "model = Ridge(alpha=best)",
    "a list": "model = Ridge(alpha=[0.1, 0.2])",
    "a number that is none": "model = Ridge(alpha=float('inf'))",
    "an infinite literal": "model = Ridge(alpha=1e999)",
    "of the data, not of the split": "a, b = train_test_split(X, y, stratify=None)",
    "of the machine, not of the model": "model = Ridge(n_jobs=4, verbose=1)",
    "of another class": "s = StandardScaler(with_mean=False)",
    "of a call that fits nothing": "df = pd.read_csv('a.csv', sep=';')",
    "not of the training": "model.fit(X, y, verbose=0)",
    "many in one dictionary": "grid = {'alpha': [1, 2]}",
    "of a bare fit": "fit(epochs=3)",
    "inside a definition": "def make(): return Ridge(alpha=1.0)",
    "inside a class": "class A:\n    m = Ridge(alpha=1.0)",
    "a seed that is computed": "np.random.seed(int(now))",
    "none of a seed": "np.random.seed()",
    "keywords handed on": "model = Ridge(**{'alpha': 1})",
}
LIFTED = {
    "how the data is split": ("a, b = train_test_split(X, test_size=0.2, random_state=42)", {"split": {"test_size": 0.2, "random_state": 42}}),
    "folds": ("cv = KFold(n_splits=5, shuffle=True)", {"folds": {"n_splits": 5, "shuffle": True}}),
    "a model in a name": ("clf = Ridge(alpha=0.5)", {"clf": {"alpha": 0.5}}),
    "a model without a name": ("Ridge(alpha=0.5).fit(X, y)", {"ridge": {"alpha": 0.5}}),
    "text, flags and None": ("clf = SVC(kernel='rbf', probability=True, gamma=None)", {"clf": {"kernel": "rbf", "probability": True, "gamma": None}}),
    "a negative number": ("clf = Ridge(alpha=-1)", {"clf": {"alpha": -1}}),
    "a seed of NumPy": ("np.random.seed(7)", {"seeds": {"numpy": 7}}),
    "a seed of TensorFlow": ("tf.random.set_seed(7)", {"seeds": {"tensorflow": 7}}),
    "a seed of torch": ("torch.manual_seed(7)", {"seeds": {"torch": 7}}),
    "a seed of Python": ("random.seed(7)", {"seeds": {"python": 7}}),
    "training": ("model.fit(X, y, epochs=10, batch_size=32, verbose=0)", {"training": {"epochs": 10, "batch_size": 32}}),
    "an optimizer": ("m.compile(optimizer=Adam(learning_rate=0.01), loss='mse')", {"optimizer": {"learning_rate": 0.01}}),
    "through a module": ("clf = linear_model.Ridge(alpha=1)", {"clf": {"alpha": 1}}),
    "inside a loop that runs once for each": ("for a in (1, 2):\n    Ridge(alpha=a, tol=0.1).fit(X)", {"ridge": {"tol": 0.1}}),
}


@pytest.mark.parametrize("name", STAY)
def test_stays(name: str) -> None:
    assert find_parameters([0], {0: STAY[name]}, MODELS) == ()


@pytest.mark.parametrize("name", LIFTED)
def test_is_lifted(name: str) -> None:
    source, expected = LIFTED[name]
    assert sections(find_parameters([0], {0: source}, MODELS)) == expected


def test_the_literal_is_replaced_and_nothing_else() -> None:
    source = "größe = Ridge(  # the 'ä' counts two bytes\n    alpha = 0.5 , tol=1e-3)"
    changes = [parameter.change for parameter in find_parameters([0], {0: source}, MODELS)]
    assert apply_edits(source, [(c.start, c.end, c.text) for c in changes]) == (
        'größe = Ridge(  # the \'ä\' counts two bytes\n    alpha = params["größe"]["alpha"] , tol=params["größe"]["tol"])'
    )


def test_two_splits_have_settings_of_their_own() -> None:
    sources = {0: "a, b = train_test_split(X, test_size=0.2)", 1: "c, d = train_test_split(a, test_size=0.1)"}
    assert sections(find_parameters(sources, sources, MODELS)) == {"split": {"test_size": 0.2}, "split_2": {"test_size": 0.1}}


CONSTANTS = {
    "a size": ("IMG_SIZE = 32", {"constants": {"img_size": 32}}),
    "a share": ("TEST = 0.2", {"constants": {"test": 0.2}}),
    "lower case": ("size = 32", {}),
    "a text": ("PATH = 'a.csv'", {}),
    "a list": ("COLUMNS = [1, 2]", {}),
    "two letters": ("XY = 2", {}),
    "two names": ("AAA = BBB = 2", {}),
    "a definition": ("def MAKE(): return 1", {}),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_among_the_definitions(name: str) -> None:
    source, expected = CONSTANTS[name]
    assert sections(find_parameters([], {0: source}, MODELS, [0])) == expected
