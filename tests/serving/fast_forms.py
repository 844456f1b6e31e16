"""Asks estimators in their own and in their fast form: python fast_forms.py FOLDER-OF-THE-SERVICE. Prints one JSON object: {case: what is wrong, or ""}."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import ensemble, linear_model, pipeline, preprocessing, tree

warnings.simplefilter("ignore")
chance = np.random.default_rng(5)
ROWS = pd.DataFrame(chance.normal(size=(300, 6)) * [1, 10, 100, 1, 1, 1], columns=list("abcdef"))
ROWS["e"] = (ROWS["e"] > 0).astype("int64")
ROWS["f"] = ROWS["f"] > 0.5
VALUE = ROWS["a"] * 2 + ROWS["b"] - ROWS["e"]
TWO, THREE = np.where(VALUE > 0, "yes", "no"), pd.cut(VALUE, 3, labels=["low", "middle", "high"]).astype(str)

MODELS: dict[str, tuple[Any, Any]] = {
    "two classes": (linear_model.LogisticRegression(max_iter=1000), TWO),
    "three classes": (linear_model.LogisticRegression(max_iter=1000), THREE),
    "scaled": (pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()), TWO),
    "scaled to a range": (pipeline.make_pipeline(preprocessing.MinMaxScaler(), "passthrough", linear_model.Ridge()), VALUE),
    "a step without a fast form": (pipeline.make_pipeline(preprocessing.RobustScaler(), linear_model.LinearRegression()), VALUE),
    "lasso": (linear_model.Lasso(), VALUE),
    "tree": (tree.DecisionTreeClassifier(random_state=0), THREE),
    "forest": (ensemble.RandomForestClassifier(20, random_state=0), THREE),
    "extra trees": (ensemble.ExtraTreesClassifier(20, random_state=0), TWO),
    "tree of numbers": (tree.DecisionTreeRegressor(random_state=0), VALUE),
    "forest of numbers": (ensemble.RandomForestRegressor(20, random_state=0), VALUE),
}


def is_same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and np.asarray(one).dtype == np.asarray(other).dtype and np.array_equal(one, other)


def outcome(work: Callable[[Any], Any], rows: Any) -> Any:
    try:
        return work(rows)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def kept_for_the_same_rows(quick: Any) -> str:
    """A class is asked for, and then its chance: of other rows, of rows that were changed in place, and after the answer itself was changed."""
    rows = ROWS.to_numpy(dtype=float)
    quick.predict(rows)
    if not is_same(quick.predict_proba(rows[:50]), quick._model.predict_proba(rows[:50])):
        return "other rows"
    quick.predict(rows)
    rows[:, :2] = 0
    if not is_same(quick.predict_proba(rows), quick._model.predict_proba(rows)):
        return "rows changed in place"
    quick.predict_proba(rows)[:] = 0
    return "" if is_same(quick.predict(rows), quick._model.predict(rows)) else "an answer changed in place"


def main(service: Path) -> dict[str, str]:
    sys.path.insert(0, str(service.parent))
    from service.fast import Fast, Steps, fast

    with_gap = ROWS.copy()
    with_gap.loc[3, "b"] = np.nan
    asked = {
        "all": ROWS, "one": ROWS.iloc[[7]], "none": ROWS.iloc[:0], "array": ROWS.to_numpy(dtype=float), "a gap": with_gap,
        "infinite": ROWS.assign(a=np.inf), "other order": ROWS[list("bacdef")], "a column less": ROWS[list("abcde")], "texts": ROWS.astype(str),
        "small floats": ROWS.astype("float32"), "a list": ROWS.to_numpy(dtype=float).tolist(),
    }  # fmt: skip
    found = {}
    for name, (model, target) in MODELS.items():
        model.fit(ROWS, target)
        quick = fast(model)
        found[f"{name} has a fast form"] = "" if isinstance(quick, (Fast, Steps)) else "it has none"
        for method in ("predict", "predict_proba"):
            if hasattr(model, method):
                for how, rows in asked.items():
                    own, other = outcome(getattr(model, method), rows), outcome(getattr(quick, method), rows)
                    found[f"{name} {method} {how}"] = "" if is_same(own, other) else f"{own!r:.200} is not {other!r:.200}"
    found["chances kept for the same rows alone"] = kept_for_the_same_rows(fast(ensemble.RandomForestClassifier(20, random_state=0).fit(ROWS, TWO)))
    framed = preprocessing.StandardScaler().set_output(transform="pandas").fit(ROWS)
    found["frames as output"] = "" if fast(framed) is framed else "its form changed"
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
