"""The author's statements, rewritten for one row."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest
from tests import by_hand
from tests.deriving import cases, followed

from ferrata.records.derivation import Derivation, Obstacle

NAMES = {case.name: case for case in (*cases.PROVED, *cases.REFUSED)}


def follow(folder: Path, *cells: str, files: dict[str, str] | None = None, prediction: str = "y_pred", ahead: bool = False) -> Any:
    book = by_hand.code(*cells)
    traces = {trace.index: trace for trace in by_hand.observed(book).traces}
    return followed.follow(book, traces, folder, files or {"flats.csv": cases.flats()}, prediction, ahead=ahead)


@pytest.mark.parametrize("case", [case for case in cases.PROVED if not case.observed], ids=lambda case: case.name)
def test_a_case_is_rewritten(case: Any, tmp_path: Path) -> None:
    asked = {"scored in a helper": "model.predict(X_test)", "models in a loop": "model.predict(X_test)", "folds": "model.predict(X[test])"}
    prediction = next((text for start, text in asked.items() if case.name.startswith(start)), "y_pred")
    found = follow(tmp_path, *case.cells, files=case.files, prediction=prediction)
    assert isinstance(found.found, Derivation), found.found
    for piece in case.holds:
        if "value)" not in piece and "LABELS" not in piece and "CLASSES" not in piece and "predict_proba" not in piece and "return" not in piece:
            assert piece in found.text, found.text
    for piece in (".fit(", "train_test_split", "dropna", "fit_transform("):
        assert piece not in found.text, found.text


@pytest.mark.parametrize(("name", "cells", "why"), cases.NO_FUNCTION, ids=[name for name, _, _ in cases.NO_FUNCTION])
def test_what_has_no_answer_for_one_row_says_why(name: str, cells: tuple[str, ...], why: str, tmp_path: Path) -> None:
    found = follow(tmp_path, *cells)
    assert isinstance(found.found, Obstacle) and why in found.found.why, found.found
    assert found.found.statement > 0


TABLES = f"{cases.IMPORTS}\ntrain = pd.read_csv('flats.csv')\ntest = pd.read_csv('others.csv')\nother = test.copy()"
FIT = 'model = LinearRegression()\nmodel.fit(train[["area", "built"]], train["rent"])'
ASKED = 'X_test = test[["area", "built"]]'
SCALED = 'scaler = StandardScaler().fit(train[["area", "built"]].values)\nX_test = scaler.transform(test[["area", "built"]].values)'
LOOP = 'for table in [train, test]:\n    table["area"] = table["area"].clip(lower=30)'
HELPER = 'def half(table):\n    return table.assign(area=table["area"] / 2)\ntrain = half(train)\ntest = half(test)'
# (statements between reading two tables and asking about the second, whether it is seen apart)
APART = (
    ("a statement about both", f'train["area"], test["area"] = train["area"] / 2, test["area"] / 2\n{FIT}\n{ASKED}', False),
    ("a loop over both", f"{LOOP}\n{FIT}\n{ASKED}", False),
    ("a helper called for both", f"{HELPER}\n{FIT}\n{ASKED}", False),
    ("filled with what the other has", f'{FIT}\n{ASKED}.fillna(train[["area", "built"]].mean())', False),
    ("nothing in common", f"{FIT}\n{ASKED}.fillna(0)", True),
    ("a value of the other", f'low = train["area"].min()\n{FIT}\n{ASKED}.clip(lower=low)', True),
    ("a scaler fitted on the other", f"{FIT}\n{SCALED}", True),
)


@pytest.mark.parametrize(("name", "between", "is_apart"), APART, ids=[case[0] for case in APART])
def test_a_table_that_shares_no_statement_with_another_is_seen_the_first_time(name: str, between: str, is_apart: bool, tmp_path: Path) -> None:
    book = by_hand.code(TABLES, between, "y_pred = model.predict(X_test)")
    traces = {trace.index: trace for trace in by_hand.observed(book, {"for": {"mutates": ("table", "test", "train")}}).traces}
    for file, content in (("flats.csv", cases.flats()), ("others.csv", cases.other_flats())):
        (tmp_path / file).write_text(content, encoding="utf-8")
    found, apart = followed.follow_apart(book, traces, tmp_path, "y_pred")
    assert apart is is_apart
    alone = followed.follow(book, traces, tmp_path, {}, "y_pred").found
    assert isinstance(alone, Derivation), alone
    assert not apart or found == alone


WORKS_ROW_BY_ROW = (
    'df["area"] = df["area"] * 2',
    'df["area"] = df["area"].clip(30, 100)',
    'df["area"] = df["area"].apply(lambda value: value ** 0.5)',
    'df["area"] = np.where(df["area"] > 60, 1, df["area"])',
    'df["area"] = df["city"].map({"Bern": 1, "Basel": 2}).fillna(0)',
    'df["area"] = df["city"].str.len()',
    'df["area"] = pd.cut(df["area"], [0, 40, 80, 200], labels=False)',
    'df.loc[df["area"] > 100, "area"] = 100',
)


@pytest.mark.parametrize("statement", WORKS_ROW_BY_ROW)
def test_what_works_row_by_row_stays_as_it_is(statement: str, tmp_path: Path) -> None:
    found = follow(tmp_path, cases.IMPORTS, cases.READ, statement, 'X = df[["area"]]\ny = df["rent"]', cases.REGRESS)
    assert statement in found.text.split("\n"), found.text
    assert isinstance(found.found, Derivation)
    assert [frozen.name for frozen in found.found.frozen] == ["model"]


def test_a_helper_finds_the_rows_that_are_asked_about_and_what_was_recorded(tmp_path: Path) -> None:
    table = 'def first():\n    return [df["city"][i][0] for i in range(len(df))]\ndf["first"] = first()'
    made = 'few = set(df["city"].unique()[:2])\ndef known(value):\n    return int(value in few)\ndf["known"] = df["city"].apply(known)'
    alone = "def twice(value):\n    return 2 * value\ndf['twice'] = df['area'].apply(twice)\ndf['first'] = df['first'].map({'B': 1}).fillna(0)"
    found = follow(tmp_path, cases.IMPORTS, cases.READ, table, made, alone, 'X = df[["first", "known", "twice"]]\ny = df["rent"]', cases.REGRESS)
    assert isinstance(found.found, Derivation), found.found
    assert [text.split("(")[0] for _, text in found.found.nested] == ["def first", "def known"] and "value in state.few" in found.text
    assert len(found.found.definitions) == 1, "what reads its arguments only stands at the top"


PAIRED = (
    ('X, y = df[["area"]], df["rent"]', ['X = df[["area"]]']),
    ('y, X = df["rent"], df[["area"]]', ['X = df[["area"]]']),
    ('X, y = df[["area"]], df["rent"]\nX, y = X * 2, X["area"]', ['X = df[["area"]]', "X = X * 2"]),
)


@pytest.mark.parametrize(("statement", "written"), PAIRED)
def test_of_several_values_given_at_once_only_what_is_needed_stays(statement: str, written: list[str], tmp_path: Path) -> None:
    found = follow(tmp_path, cases.IMPORTS, cases.READ, statement, cases.REGRESS)
    assert [line for line in found.text.split("\n") if "X" in line][: len(written)] == written, found.text
    assert "rent" not in found.text


FROZEN = (
    ('df["area"] = df["area"] - df["area"].mean()', 'df["area"] = df["area"] - state.area_mean'),
    ('df["area"] = (df["area"] - df["area"].min()) / (df["area"].max() - df["area"].min())',
     'df["area"] = (df["area"] - state.area_min) / (state.area_max_area_min)'),
    ('df["area"] = df["area"].fillna(df.describe().loc["50%", "area"])', 'df["area"] = df["area"].fillna(state.describe_50_area)'),
    ('df["area"] = df["city"].map(df["city"].value_counts())', 'df["area"] = df["city"].map(state.city_value_counts)'),
    ('df["area"] = df["city"].map(df.groupby("city")["rent"].mean())', 'df["area"] = df["city"].map(state.groupby_city_rent_mean)'),
)


@pytest.mark.parametrize(("statement", "written"), FROZEN)
def test_a_value_about_all_rows_is_recorded(statement: str, written: str, tmp_path: Path) -> None:
    found = follow(tmp_path, cases.IMPORTS, cases.READ, statement, 'X = df[["area"]]\ny = df["rent"]', cases.REGRESS)
    assert written in found.text.split("\n"), found.text


def test_the_pipeline_records_what_the_function_reads(tmp_path: Path) -> None:
    found = follow(tmp_path, cases.IMPORTS, cases.READ, 'df["area"] = df["area"] - df["area"].mean()', 'X = df[["area"]]\ny = df["rent"]', cases.REGRESS)
    assert isinstance(found.found, Derivation)
    paths = [frozen.path for frozen in found.found.frozen]
    assert all(any(path in change.text for change in found.found.changes) for path in paths)
    assert [text for text in (change.text for change in found.found.changes) if "area_mean" in text] != []


class Drift:
    """Stands for a model of statsmodels."""

    __module__ = "statsmodels.tsa.drift"

    def __init__(self, values: Any) -> None:
        self.last, self.step = values[-1], (values[-1] - values[0]) / (len(values) - 1)

    def forecast(self, steps: int) -> Any:
        return self.predict(0, steps - 1)

    def predict(self, start: int, end: int) -> Any:
        import numpy as np

        return self.last + self.step * np.arange(1, end - start + 2)


FORECASTS = (
    ("y_pred = model.forecast(12)", ('y_pred = ahead(state.model.forecast(12), rows["step"])',)),
    ("y_pred = model.forecast(len(test))", ('y_pred = ahead(state.model.forecast(state.forecast_steps), rows["step"])',)),
    ("y_pred = model.predict(start=len(train), end=len(train) + 11)\ny_pred = np.round(y_pred)", (
        'y_pred = ahead(state.model.predict(start=state.forecast_start, end=state.forecast_end), rows["step"])', "y_pred = np.round(y_pred)",
    )),
)


@pytest.mark.parametrize(("asking", "lines"), FORECASTS)
def test_a_forecast_is_asked_for_steps_ahead(asking: str, lines: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = types.ModuleType(Drift.__module__)
    library.__dict__["Drift"] = Drift
    monkeypatch.setitem(sys.modules, Drift.__module__, library)
    reading = f'{cases.READ}\ntrain, test = df["rent"].values[:100], df["rent"].values[100:112]'
    found = follow(tmp_path, f"{cases.IMPORTS}\nfrom statsmodels.tsa.drift import Drift", reading, "model = Drift(train)", asking, ahead=True)
    assert [line for line in found.text.split("\n") if line] == [*lines, "y_pred"]
    assert found.found.columns == ("step",) and found.found.steps == 12
    assert found.found.reading == 'pd.DataFrame({"step": range(1, 13)})'


DATASET_ONLY = (
    "df = df.dropna()", "df = df.drop_duplicates()", 'df = df[df["area"] > 40]', 'df = df.sort_values("area")', "df = df.sample(frac=0.5, random_state=1)",
    'df = df.query("area > 40")', "df = df.head(80)", "df.dropna(inplace=True)", 'df.drop(df[df["area"] > 120].index, inplace=True)', "df = df.iloc[:90]",
)


@pytest.mark.parametrize("statement", DATASET_ONLY)
def test_what_only_chooses_rows_falls_away(statement: str, tmp_path: Path) -> None:
    found = follow(tmp_path, cases.IMPORTS, cases.READ, statement, 'X = df[["area", "built"]]\ny = df["rent"]', cases.REGRESS)
    expected = ["df = rows.copy()", 'X = df[["area", "built"]]', "X_test = X", "y_pred = state.model.predict(X_test)", "y_pred"]
    assert [line for line in found.text.split("\n") if line] == expected


@pytest.mark.parametrize("statement", DATASET_ONLY)
def test_the_rows_of_the_predictions_are_known(statement: str, tmp_path: Path) -> None:
    """The positions name the very rows whose areas the model was given."""
    import numpy as np
    import pandas as pd

    ending = cases.REGRESS.replace("model.predict(X_test)", "X_test['area'].to_numpy()")
    found = follow(tmp_path, cases.IMPORTS, cases.READ, statement, 'X = df[["area"]]\ny = df["rent"]', ending)
    positions = np.load(Path(found.facts.folder) / "positions.npy")
    given = np.load(Path(found.facts.folder) / "answer.npy")
    assert pd.read_csv(tmp_path / "flats.csv")["area"].to_numpy()[positions].tolist() == given.tolist()


REFUSED = (
    ("X_train, X_test, y_train, y_test = X[:80], X[80:], y[:80], y[80:]\ny_pred = LinearRegression().fit(X_train, y_train).predict(X_test)", ""),
    ("y_pred = np.zeros(3)", "could not be followed"),
)


@pytest.mark.parametrize(("ending", "why"), REFUSED)
def test_what_cannot_be_followed_names_why(ending: str, why: str, tmp_path: Path) -> None:
    found = follow(tmp_path, cases.IMPORTS, cases.READ, 'X = df[["area"]]\ny = df["rent"]', ending)
    assert isinstance(found.found, Obstacle) == bool(why), found.found
    if isinstance(found.found, Obstacle):
        assert why in found.found.why
