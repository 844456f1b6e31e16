"""Where two model files differ inside, without building anything of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skops import io as skops_io

from ferrata.steps.explaining.models import first_difference

_X = np.random.default_rng(0).normal(size=(60, 3))
_Y = (_X[:, 0] > 0.2).astype(int)
_MOVED = _X + (np.arange(60) == 3)[:, None] * 0.9
_WRITE: dict[str, Callable[[Any, Path], object]] = {
    ".skops": skops_io.dump, ".joblib": joblib.dump, ".pkl": lambda model, path: path.write_bytes(pickle.dumps(model)),
}  # fmt: skip


@pytest.mark.parametrize("suffix", _WRITE)
@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        (LogisticRegression().fit(_X, _Y), LogisticRegression().fit(_X, _Y), ""),
        (LogisticRegression(C=1).fit(_X, _Y), LogisticRegression(C=2).fit(_X, _Y), "C: 2 there, 1 here"),
        (make_pipeline(StandardScaler(), LogisticRegression()).fit(_X, _Y), make_pipeline(StandardScaler(), LogisticRegression()).fit(_MOVED, _Y),
         "steps[0][1].mean_: first in row 1 (3 of 3 values)"),
        (RandomForestClassifier(5, random_state=0).fit(_X, _Y), RandomForestClassifier(5, random_state=1).fit(_X, _Y), "random_state: 1 there, 0 here"),
        (TfidfVectorizer().fit(["a cat sat", "a dog ran"]), TfidfVectorizer().fit(["a cat sat", "the dog ran"]), "_tfidf.n_features_in_: 5 there, 4 here"),
        (LogisticRegression(), StandardScaler(), "there"),
    ],
    ids=["the same", "a parameter", "a fitted array of a step", "a forest", "a vocabulary", "another class"],
)  # fmt: skip
def test_the_first_attribute_that_differs(here: Any, there: Any, said: str, suffix: str, tmp_path: Path) -> None:
    for name, model in (("here", here), ("there", there)):
        _WRITE[suffix](model, tmp_path / f"{name}{suffix}")
    found = first_difference(tmp_path / f"here{suffix}", tmp_path / f"there{suffix}")
    assert (found == said) if said != "there" else found


class _Harmful:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return Path.touch, (Path("harm"),)


def test_nothing_of_a_pickle_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("here.pkl").write_bytes(pickle.dumps([_Harmful(), 1]))
    Path("there.pkl").write_bytes(pickle.dumps([_Harmful(), 2]))
    assert first_difference(Path("here.pkl"), Path("there.pkl")) == "[1]: 2 there, 1 here"
    assert not Path("harm").exists()


def test_what_is_no_model_is_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "here.pkl").write_bytes(b"text")
    (tmp_path / "there.pkl").write_bytes(b"\x80\x04other")
    assert first_difference(tmp_path / "here.pkl", tmp_path / "there.pkl") == ""
