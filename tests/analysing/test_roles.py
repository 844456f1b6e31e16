"""What a statement is for: what it did decides, not what it is called."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from ferrata.records.observation import Call, Site, Trace
from ferrata.steps.analysing.roles import role

HERE = Site(1, 0, 1, 1)


def call(kind: str, model: str = "") -> Call:
    return Call(kind, f"library.{kind}", HERE, model=model)


ROLES: dict[str, tuple[str, str, dict[str, Any], bool]] = {
    # What must not be taken for more than it is.
    "fitting a scaler is not training": ("prepare", "scaler.fit(X)", {"calls": (call("fit", "transformer"),), "mutates": ("scaler",)}, False),
    "oversampling is not training": ("prepare", "X, y = SMOTE().fit_resample(X, y)", {"calls": (call("fit", "resampler"),), "binds": ("X", "y")}, False),
    "a helper that would train is only defined": ("define", "def train(): model.fit(X)", {"binds": ("train",)}, False),
    "a load that is only looked at": ("explore", "pd.read_csv('a.csv')", {"calls": (call("load"),)}, False),
    "a figure's style changes no data": ("configure", "plt.style.use('ggplot')", {"state": ("pyplot.style",)}, False),
    "nothing at all": ("explore", "df.head()", {"reads": ("df",)}, False),
    # What each is.
    "import": ("import", "import numpy as np", {"binds": ("np",)}, False),
    "from import": ("import", "from math import *", {"binds": ("sqrt",)}, False),
    "class": ("define", "class Model: pass", {"binds": ("Model",)}, False),
    "coroutine": ("define", "async def get(): pass", {"binds": ("get",)}, False),
    "load": ("load", "df = pd.read_csv('a.csv')", {"calls": (call("load"),), "binds": ("df",)}, False),
    "bind": ("prepare", "x = df.mean()", {"binds": ("x",)}, False),
    "change": ("prepare", "df['a'] = 1", {"mutates": ("df",)}, False),
    "split": ("split", "a, b = train_test_split(X)", {"calls": (call("split"),), "binds": ("a", "b")}, False),
    "train": ("train", "model.fit(X)", {"calls": (call("fit", "classifier"),), "mutates": ("model",)}, False),
    "train in a search": ("train", "search.fit(X)", {"calls": (call("fit", "search"),)}, False),
    "train, predict and score at once": ("train", "a()", {"calls": (call("fit", "network"), call("predict"), call("score"))}, True),
    "score": ("evaluate", "accuracy_score(y, p)", {"calls": (call("score"),)}, True),
    "score and drawing": ("evaluate", "plot(accuracy_score(y, p))", {"calls": (call("score"),), "draws": True}, True),
    "drawing": ("plot", "plt.plot(p)", {"draws": True}, True),
    "predict": ("predict", "p = model.predict(X)", {"calls": (call("predict"),), "binds": ("p",)}, True),
    "save": ("save", "joblib.dump(model, 'm')", {"calls": (call("save"),)}, True),
    "a number after the fit": ("evaluate", "error = (y - p).mean()", {"binds": ("error",)}, True),
    "seed": ("configure", "np.random.seed(0)", {"seeds": ("numpy",)}, False),
    "option": ("configure", "pd.set_option('a', 1)", {"state": ("pandas.options",)}, False),
}


@pytest.mark.parametrize("name", ROLES)
def test_role(name: str) -> None:
    expected, source, did, is_after_fit = ROLES[name]
    assert role(ast.parse(source), Trace(3, **did), {3} if is_after_fit else set()) == expected
