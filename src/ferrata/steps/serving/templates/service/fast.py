"""The same arithmetic as scikit-learn's, without what stands around it: for one row, checks and dispatch take nearly all of the time.

A fast form is used only where it gave the answers to the proof rows to the last bit when the service started, and, call by call, only for whole tables of
finite numbers; anything else goes to scikit-learn. SERVICE_FAST=off leaves all of it out.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
from scipy.special import expit

PLAIN = (np.dtype("float64"), np.dtype("int64"), np.dtype("bool"))
_BATCH, _SINGLES = 256, 16  # rows that are asked in one call, and one by one


class Fast:
    """An estimator that does its own arithmetic; what is not here is the estimator's."""

    def __init__(self, model):
        self._model = model
        names = getattr(model, "feature_names_in_", None)
        self._names = None if names is None else list(names)

    def __getattr__(self, name):
        return getattr(self.__dict__["_model"], name)

    def _numbers(self, rows):
        """The rows as floats; None where scikit-learn might do something else with them."""
        if hasattr(rows, "columns"):
            if self._names is not None and rows.columns.tolist() != self._names:
                return None
            if not all(kind in PLAIN for kind in rows.dtypes):
                return None
            rows = rows.to_numpy(dtype=np.float64)
        if not isinstance(rows, np.ndarray) or rows.dtype not in PLAIN or rows.shape[1:] != (self._model.n_features_in_,):
            return None
        numbers = rows.astype(np.float64)
        return numbers if len(numbers) and np.isfinite(numbers).all() else None


class Standard(Fast):
    def transform(self, rows):
        numbers = self._numbers(rows)
        if numbers is None:
            return self._model.transform(rows)
        if self._model.with_mean:
            numbers -= self._model.mean_
        if self._model.with_std:
            numbers /= self._model.scale_
        return numbers


class MinMax(Fast):
    def transform(self, rows):
        numbers = self._numbers(rows)
        if numbers is None or self._model.clip:
            return self._model.transform(rows)
        numbers *= self._model.scale_
        numbers += self._model.min_
        return numbers


class Linear(Fast):
    def predict(self, rows):
        numbers = self._numbers(rows)
        return self._model.predict(rows) if numbers is None else numbers @ self._model.coef_.T + self._model.intercept_


class Classifier(Fast):
    """What has `_chances`: a table with a column for each class."""

    def predict_proba(self, rows):
        numbers = self._numbers(rows)
        return self._model.predict_proba(rows) if numbers is None else self._chances(numbers)

    def predict(self, rows):
        numbers = self._numbers(rows)
        return self._model.predict(rows) if numbers is None else self._model.classes_.take(self._choices(numbers))

    def _choices(self, numbers):
        return self._chances(numbers).argmax(axis=1)


class Logistic(Classifier):
    def _scores(self, numbers):
        return numbers @ self._model.coef_.T + self._model.intercept_

    def _choices(self, numbers):
        scores = self._scores(numbers)
        return (scores[:, 0] > 0).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)

    def _chances(self, numbers):
        scores = self._scores(numbers)
        if scores.shape[1] == 1:
            chance = expit(scores[:, 0])
            return np.stack([1 - chance, chance], axis=1)
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        return scores / scores.sum(axis=1, keepdims=True)


class Forest:
    """The mean over trees, whose values stand in one table: each tree only says in which leaf a row ends."""

    def __init__(self, model):
        trees = [each.tree_ for each in getattr(model, "estimators_", [model])]
        self._leaves = [tree.apply for tree in trees]
        self._values = np.concatenate([tree.value[:, 0, :] for tree in trees])
        self._starts = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1, np.newaxis]

    def mean(self, numbers):
        """The rows' values, a column for each class, or one. Trees are added one after the other as scikit-learn does; a sum would add pairs of them."""
        numbers = numbers.astype(np.float32)
        places = np.array([leaves(numbers) for leaves in self._leaves]) + self._starts
        return np.add.accumulate(self._values.take(places, axis=0), axis=0)[-1] / len(self._leaves)


class Trees(Classifier):
    """The chances are kept until they are asked for again: first the class is asked for, then its probability."""

    def __init__(self, model):
        super().__init__(model)
        self._width = int(model.n_classes_)
        self._forest, self._kept = Forest(model), None

    def _chances(self, numbers):
        kept, self._kept = self._kept, None
        if kept is not None and np.array_equal(kept[0], numbers):
            return kept[1]
        chances = self._forest.mean(numbers)[:, : self._width]
        self._kept = numbers, chances.copy()
        return chances


class RegressionTrees(Fast):
    def __init__(self, model):
        super().__init__(model)
        self._forest = Forest(model)

    def predict(self, rows):
        numbers = self._numbers(rows)
        if numbers is None or self._model.n_outputs_ != 1:
            return self._model.predict(rows)
        return self._forest.mean(numbers)[:, 0]


class Steps:
    """A pipeline whose steps are called one after the other."""

    def __init__(self, model, steps):
        self._model, self._before, self._last = model, steps[:-1], steps[-1]

    def __getattr__(self, name):
        return getattr(self.__dict__["_model"], name)

    def _through(self, rows):
        for step in self._before:
            rows = step.transform(rows)
        return rows

    def predict(self, rows):
        return self._last.predict(self._through(rows))

    def predict_proba(self, rows):
        return self._last.predict_proba(self._through(rows))

    def transform(self, rows):
        return self._last.transform(self._through(rows))


FORMS = {
    "StandardScaler": Standard, "MinMaxScaler": MinMax,
    "LinearRegression": Linear, "Ridge": Linear, "Lasso": Linear, "ElasticNet": Linear, "LogisticRegression": Logistic,
    "DecisionTreeClassifier": Trees, "RandomForestClassifier": Trees, "ExtraTreesClassifier": Trees,
    "DecisionTreeRegressor": RegressionTrees, "RandomForestRegressor": RegressionTrees, "ExtraTreesRegressor": RegressionTrees,
}  # fmt: skip


def fast(model):
    """The fast form of a fitted estimator; the same object where there is none."""
    kind = type(model)
    if not kind.__module__.startswith("sklearn.") or getattr(model, "_sklearn_output_config", None):
        return model
    if kind.__name__ == "Pipeline":
        steps = [step for _, step in model.steps if step not in (None, "passthrough")]
        quick = [fast(step) for step in steps]
        return Steps(model, quick) if any(isinstance(step, (Fast, Steps)) for step in quick) else model
    try:
        return FORMS[kind.__name__](model) if kind.__name__ in FORMS else model
    except (AttributeError, TypeError):  # another version of scikit-learn keeps it elsewhere, or there are several targets
        return model


def in_fast_form(state):
    """What `load` gave, with its estimators in their fast form, and the names of these."""
    if not dataclasses.is_dataclass(state):
        quick = fast(state)
        return quick, ([type(state).__name__] if quick is not state else [])
    quick = {field.name: fast(getattr(state, field.name)) for field in dataclasses.fields(state)}
    changed = {name: each for name, each in quick.items() if each is not getattr(state, name)}
    return dataclasses.replace(state, **changed), sorted(type(getattr(state, name)).__name__ for name in changed)


def proved(state, predict, contract, root: Path):
    """(state, names): in its fast form where the answers to the proof rows stay the same, else as it was and no names."""
    quick, names = in_fast_form(state)
    records = proof_records(root) if names else []
    if not records:
        return state, []
    groups = [records, *([record] for record in records[:_SINGLES])]
    try:
        is_same = all(predict(contract.rows(group), state) == predict(contract.rows(group), quick) for group in groups)
    except Exception:  # whatever it is, the author's own form answers or refuses
        return state, []
    return (quick, names) if is_same else (state, [])


def proof_records(root: Path) -> list:
    """Evenly chosen inputs of the proof; none where they are not here: they are tracked as the data is (`dvc pull` gets them)."""
    try:
        lines = (root / "model" / "proof_rows.jsonl").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [json.loads(line)["input"] for line in lines[:: max(1, len(lines) // _BATCH)]]
