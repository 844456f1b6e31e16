"""Predictions as classes or numbers, and which scores are about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ferrata.errors import ProjectError, UsageError
from ferrata.records.evidence import Matched, Side

if TYPE_CHECKING:
    from ferrata.statistics.scores import Rows

_FEW = 20
_PROBABILITY = "probability "
# What authors call a score, the more special names first.
_NAMES = (
    (r"balanced", "balanced accuracy"), (r"average_?precision|pr_?auc|auprc|(^|_)ap($|_)", "average precision"), (r"roc|auc", "AUC"),
    (r"brier", "Brier"), (r"log_?loss|cross_?entropy", "log loss"), (r"f1.*weighted|weighted.*f1", "f1 weighted"), (r"f1.*macro|macro.*f1", "f1 macro"),
    (r"f1", "f1"), (r"precision.*macro", "precision macro"), (r"precision.*weighted", "precision weighted"), (r"precision", "precision"),
    (r"recall.*macro", "recall macro"), (r"recall.*weighted", "recall weighted"), (r"recall|sensitivity", "recall"), (r"acc", "accuracy"),
    (r"rmse|root_?mean", "RMSE"), (r"mape|percentage", "MAPE"), (r"medae|median_?abs", "MedAE"), (r"mae|mean_?abs", "MAE"), (r"mse|mean_?squared", "MSE"),
    (r"r2|r_?squared|r²", "R²"),
)  # fmt: skip
_USUAL = ("accuracy", "balanced accuracy", "f1", "f1 macro", "AUC", "average precision", "log loss", "Brier", "RMSE", "MAE", "R²")


def rows_of(first: Side, second: Side, matched: Matched) -> Rows:
    """Both versions on the matched rows. ProjectError for predictions that no score of ours is about."""
    import numpy as np

    from ferrata.statistics.scores import Rows

    truth, one, other = (_column(side, name)[at] for side, name, at in (
        (second, "truth", matched.second), (first, "prediction", matched.first), (second, "prediction", matched.second),
    ))  # fmt: skip
    if not _is_classes(truth, one, other):
        numbers = [each.astype(float) for each in (truth, one, other)]
        if not all(np.isfinite(each).all() for each in numbers):
            raise ProjectError("A prediction or a truth is no number", where="predictions", todo="Look at the rows with NaN or infinity.")
        return Rows(numbers[0], numbers[1], numbers[2])
    classes = sorted({label(value) for each in (truth, one, other) for value in np.unique(each).tolist()}, key=_order)
    place = {name: number for number, name in enumerate(classes)}
    codes = [_coded(each, place) for each in (truth, one, other)]
    given = [_probabilities(side, at, classes) for side, at in ((first, matched.first), (second, matched.second))]
    return Rows(codes[0], codes[1], codes[2], tuple(classes), *given)


def _coded(values: Any, place: Mapping[str, int]) -> Any:
    import numpy as np

    known, inverse = np.unique(values, return_inverse=True)
    return np.array([place[label(value)] for value in known.tolist()])[inverse]


def _column(side: Side, name: str) -> Any:
    if name not in side.columns:
        raise ProjectError(f"The predictions of {side.version.name} have no column `{name}`", where="predictions", todo="Write row, truth and prediction.")
    if side.columns[name].ndim != 1:
        raise ProjectError("Several outputs a row are not compared yet", where=f"predictions of {side.version.name}", todo="Compare their scores by hand.")
    return side.columns[name]


def _is_classes(*columns: Any) -> bool:
    """Words and truth values are; numbers where they are whole and few, and no version answers in between."""
    import numpy as np

    if any(column.dtype.kind not in "iuf" for column in columns):
        return True
    is_whole = all(np.array_equal(column, np.round(column)) for column in columns)
    return is_whole and len(np.unique(np.concatenate([np.unique(column).astype(float) for column in columns]))) <= _FEW


def label(value: object) -> str:
    """1.0 and 1 are one class."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _order(name: str) -> tuple[int, float, str]:
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


def _probabilities(side: Side, at: Any, classes: list[str]) -> Any:
    """rows × classes; None where a class has none."""
    import numpy as np

    named = {label(_number(name.removeprefix(_PROBABILITY))): column for name, column in side.columns.items() if name.startswith(_PROBABILITY)}
    return np.column_stack([named[name][at] for name in classes]) if set(classes) <= set(named) else None


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def score_of(name: str) -> str:
    """Which of our scores an author's name means; "" for none."""
    last = name.rpartition(".")[2] if not name.rpartition(".")[2].isdigit() else name.rpartition(".")[0]
    return next((ours for pattern, ours in _NAMES if re.search(pattern, last.lower().replace(" ", "_").replace("-", "_"))), "")


def chosen_scores(rows: Rows, metrics: Mapping[str, float], wanted: str = "") -> tuple[str, list[str]]:
    """(the main score, all of them): the one asked for, else the first of the author's; the author's and the usual ones. UsageError where it does not fit."""
    from ferrata.statistics.scores import SCORES

    fitting = [name for name, score in SCORES.items() if score.fits(rows)]
    authors = [name for name in dict.fromkeys(score_of(name) for name in metrics) if name in fitting]
    usual = [name for name in _USUAL if name in fitting and not (name == "f1 macro" and "f1" in fitting)]
    if wanted and (wanted if wanted in fitting else score_of(wanted)) not in fitting:
        raise UsageError(f"{wanted} is no score of these predictions", where="--score", todo=f"One of: {', '.join(fitting)}.")
    main = (wanted if wanted in fitting else score_of(wanted)) if wanted else (_preferred(authors) or usual[0])
    return main, list(dict.fromkeys([main, *authors, *usual]))


def _preferred(authors: list[str]) -> str:
    """What adopt ranks models by where the author has it."""
    return next((name for name in ("accuracy", "R²", "RMSE") if name in authors), authors[0] if authors else "")
