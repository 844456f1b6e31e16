"""Which columns a prediction function asks for: what the model is given counts, whether or not the answers of these rows show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ferrata.observer.rowwise.rehearse import rehearse

MODULE = '''from dataclasses import dataclass
import pandas as pd

INPUTS, FILLERS = {{}}, {{}}


class Same:
    """Says the same of every row; it is asked as a network is, too."""

    def predict(self, X):
        return [0] * len(X)


@dataclass(frozen=True)
class State:
    model: object


def load(folder):
    return State(model=Same())


def read():
    return pd.DataFrame({{"a": range(20), "b": range(20), "target": [0, 1] * 10}})


def answers(rows, state):
    weigh = lambda X, w: X @ w
    X = rows[["a", "b"]].to_numpy()
    {line}
    return y_pred, ()
'''
GIVEN = (
    ("y_pred = state.model.predict(rows[['a']])", None, ["a"]),
    ("y_pred = state.model.predict(X)", None, ["a", "b"]),
    ("y_pred = (X[:, 0] > -1).astype(int)", {"unit": 1, "names": ["X"], "text": ""}, ["a", "b"]),
    ("y_pred = (rows['b'] > -1).astype(int)", {"unit": 1, "names": ["rows"], "text": ""}, []),
    ("df = rows.copy(); y_pred = (df['b'] > -1).astype(int)", {"unit": 1, "names": ["X"], "text": ""}, ["a", "b"]),
    ("y_pred = rows['b'].to_numpy() * 2.0", {"unit": 1, "names": [], "text": ""}, ["b"]),
)


def rehearsed(line: str, written_out: dict[str, Any] | None, folder: Path) -> dict[str, Any]:
    np.save(folder / "positions.npy", np.arange(20))
    text = MODULE.format(line=line)
    at = text[: text.index(line)].count("\n") + 1
    return rehearse({
        "text": text, "path": str(folder / "predict.py"), "units": [[at - 1, at - 1], [at, at]], "folder": str(folder), "classes": [], "idle": [],
        "positions": str(folder / "positions.npy"), "truth": "", "is_classifier": None, "model": "model", "window": 0, "written_out": written_out,
    })


@pytest.mark.parametrize(("line", "written_out", "inputs"), GIVEN)
def test_what_the_model_is_given_is_asked_for(line: str, written_out: dict[str, Any] | None, inputs: list[str], tmp_path: Path) -> None:
    found = rehearsed(line, written_out, tmp_path)
    if inputs:
        assert [item["name"] for item in found["inputs"]] == inputs, found
    else:
        assert "cannot be told" in found["why"]


def test_what_is_predicted_may_not_be_made_of_what_it_is_compared_with(tmp_path: Path) -> None:
    np.savez(tmp_path / "truth.npz", truth=np.array([0, 1] * 10))
    written = {"unit": 1, "names": [], "text": ""}
    np.save(tmp_path / "positions.npy", np.arange(20))
    text = MODULE.format(line="y_pred = rows['target'] * 1.0 + rows['a']")
    at = text[: text.index("y_pred = rows")].count("\n") + 1
    found = rehearse({
        "text": text, "path": str(tmp_path / "predict.py"), "units": [[at - 1, at - 1], [at, at]], "folder": str(tmp_path), "classes": [], "idle": [],
        "positions": str(tmp_path / "positions.npy"), "truth": str(tmp_path / "truth.npz"), "is_classifier": None, "model": "", "window": 0,
        "written_out": written,
    })
    assert found["why"] == "what is predicted is made of `target`, which it is compared with"


def test_of_prepared_rows_a_column_that_is_the_same_everywhere_is_still_asked_for(tmp_path: Path) -> None:
    np.save(tmp_path / "positions.npy", np.arange(20))
    line = "y_pred = state.model.predict(rows[['a', 'b']])"
    text = MODULE.format(line=line).replace('"b": range(20)', '"b": [3] * 20').replace('    X = rows[["a", "b"]].to_numpy()\n', "")
    at = text[: text.index(line)].count("\n") + 1
    job = {
        "text": text, "path": str(tmp_path / "predict.py"), "units": [[at, at]], "folder": str(tmp_path), "classes": [], "idle": [], "truth": "",
        "positions": str(tmp_path / "positions.npy"), "is_classifier": None, "model": "model", "window": 0, "written_out": None,
    }  # fmt: skip
    found = rehearse({**job, "is_prepared": True, "is_whole": False})
    assert ([item["name"] for item in found["inputs"]], found["fillers"]) == (["a", "b"], {})
    found = rehearse({**job, "is_prepared": True, "is_whole": True})
    assert [item["name"] for item in found["inputs"]] == ["a", "b", "target"]
