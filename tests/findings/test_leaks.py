"""Rows of the test set in what was learned. What must not be reported comes first in each table."""

from __future__ import annotations

import pytest

from ferrata.steps.analysing.findings import (
    duplicate_rows,
    encoded_before_split,
    fitted_before_split,
    resampled_before_split,
    statistics_before_split,
    test_rows_in_fit,
    tuned_on_test,
)

LOAD = 'df = pd.read_csv("a.csv")'
XY = 'X = df.drop(columns=["y"])\ny = df["y"]'
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)"
FIT = "model = LogisticRegression()\nmodel.fit(X_train, y_train)"
SCORE = "model.score(X_test, y_test)"

FITTED = [
    ("scaler on the training part", [LOAD, XY, SPLIT, "s = StandardScaler()\nX_train = s.fit_transform(X_train)\nX_test = s.transform(X_test)", FIT,
        SCORE], []),
    ("scaler that learns nothing", [LOAD, XY, "X = Normalizer().fit_transform(X)", SPLIT, FIT, SCORE], []),
    ("label encoder of the target", [LOAD, XY, "y = LabelEncoder().fit_transform(y)", SPLIT, FIT, SCORE], []),
    ("scaled for a plot only", [LOAD, XY, "Z = StandardScaler().fit_transform(X)", "plt.scatter(Z)", SPLIT, FIT, SCORE], []),
    ("nothing is tested", [LOAD, XY, "X = StandardScaler().fit_transform(X)", "model = LogisticRegression()\nmodel.fit(X, y)"], []),
    ("split without a score", [LOAD, XY, "X = StandardScaler().fit_transform(X)", SPLIT, FIT], []),
    ("training part split once more", [LOAD, XY, SPLIT, "X_train = StandardScaler().fit_transform(X_train)",
        "X_train, X_valid, y_train, y_valid = train_test_split(X_train, y_train)", FIT, SCORE], []),
    ("feature encoder", [LOAD, 'df["a"] = LabelEncoder().fit_transform(df["a"])', XY, SPLIT, FIT, SCORE], []),
    ("scaler on all rows", [LOAD, XY, "s = StandardScaler()\nX = s.fit_transform(X)", SPLIT, FIT, SCORE], [(3, 2, "sure", "s.fit_transform(X)")]),
    ("scaler made on the spot", [LOAD, XY, "X = StandardScaler().fit_transform(X)", SPLIT, FIT, SCORE], [(3, 1, "sure", "StandardScaler")]),
    ("under another name", [LOAD, XY, "Z = StandardScaler().fit_transform(X)", SPLIT.replace("(X,", "(Z,"), FIT, SCORE], [(3, 1, "sure", "StandardScaler")]),
    ("fitted on all, applied after", [LOAD, XY, "s = StandardScaler()\ns.fit(X)", SPLIT,
        "X_train = s.transform(X_train)\nX_test = s.transform(X_test)", FIT, SCORE],
        [(3, 2, "sure", "s.fit(X)")]),
    ("selector with the target", [LOAD, XY, "X = SelectKBest(k=5).fit_transform(X, y)", SPLIT, FIT, SCORE], [(3, 1, "sure", "choice of columns")]),
    ("imputer of one column", [LOAD, 'df[["a"]] = SimpleImputer().fit_transform(df[["a"]])', XY, SPLIT, FIT, SCORE], [(2, 1, "sure", "SimpleImputer")]),
    ("cross-validated", [LOAD, XY, "X = StandardScaler().fit_transform(X)", "cross_val_score(LogisticRegression(), X, y)"], [(3, 1, "sure", "tests on parts")]),
]


@pytest.mark.parametrize(("cells", "expected"), [row[1:] for row in FITTED], ids=[row[0] for row in FITTED])
def test_fitted_before_split(build, cells, expected):
    found = list(fitted_before_split.find(build(cells, rows={"X": 500})))
    assert [(f.cell, f.line, f.certain) for f in found] == [row[:3] for row in expected]
    for finding, row in zip(found, expected, strict=True):
        assert row[3] in finding.what + finding.why


def test_fitted_before_rows_cut_by_hand(build):
    cut = [LOAD, "data = StandardScaler().fit_transform(df)", "train, test = data[:400], data[400:]", "m = RandomForestClassifier()\nm.fit(train, y)",
           "p = m.predict(test)", "accuracy_score(q, p)"]
    rows = {"df": 500, "train": 400, "test": 100}
    assert [(f.cell, f.certain) for f in fitted_before_split.find(build(cut, rows=rows))] == [(2, "likely")]
    assert not list(fitted_before_split.find(build(cut, rows={**rows, "df": 400})))


ENCODED = [
    ("the target", [LOAD, 'df["y"] = LabelEncoder().fit_transform(df["y"])', XY, SPLIT, FIT, SCORE], []),
    ("the target, as a series", [LOAD, XY, "y = LabelEncoder().fit_transform(y)", SPLIT, FIT, SCORE], []),
    ("no split", [LOAD, 'df["a"] = LabelEncoder().fit_transform(df["a"])', XY, "model = LogisticRegression()\nmodel.fit(X, y)"], []),
    ("a feature", [LOAD, 'df["a"] = LabelEncoder().fit_transform(df["a"])', XY, SPLIT, FIT, SCORE], [2]),
    ("two features are one finding", [LOAD, 'e = LabelEncoder()\ndf["a"] = e.fit_transform(df["a"])\ndf["b"] = e.fit_transform(df["b"])', XY, SPLIT,
        FIT, SCORE], [2]),
]


@pytest.mark.parametrize(("cells", "expected"), [row[1:] for row in ENCODED], ids=[row[0] for row in ENCODED])
def test_encoded_before_split(build, cells, expected):
    found = list(encoded_before_split.find(build(cells)))
    assert [finding.cell for finding in found] == expected
    assert all(finding.certain == "likely" for finding in found)


STATISTICS = [
    ("a constant", [LOAD, 'df["a"] = df["a"].fillna(0)', XY, SPLIT, FIT, SCORE], []),
    ("after the split", [LOAD, XY, SPLIT, "X_train = X_train.fillna(X_train.mean())\nX_test = X_test.fillna(X_train.mean())", FIT, SCORE], []),
    ("in a function", [LOAD, "def fill(t):\n    return t.fillna(t.mean())", XY, SPLIT, "X_train = fill(X_train)\nX_test = fill(X_test)", FIT, SCORE], []),
    ("group mean of a feature", [LOAD, 'df["m"] = df.groupby("c")["a"].transform("mean")', XY, SPLIT, FIT, SCORE], []),
    ("no split", [LOAD, "df = df.fillna(df.mean())", XY], []),
    ("all columns", [LOAD, "df = df.fillna(df.mean())", XY, SPLIT, FIT, SCORE], [(2, "fillna")]),
    ("two columns are one finding", [LOAD, 'df["a"] = df["a"].fillna(df["a"].median())\ndf["b"] = df["b"].fillna(df["b"].mode()[0])', XY, SPLIT, FIT,
        SCORE], [(2, "1 more")]),
    ("target mean per group", [LOAD, 'df["m"] = df.groupby("c")["y"].transform("mean")', XY, SPLIT, FIT, SCORE], [(2, "target `y`")]),
]


@pytest.mark.parametrize(("cells", "expected"), [row[1:] for row in STATISTICS], ids=[row[0] for row in STATISTICS])
def test_statistics_before_split(build, cells, expected):
    found = list(statistics_before_split.find(build(cells)))
    assert [finding.cell for finding in found] == [cell for cell, _ in expected]
    assert all(text in finding.what for finding, (_, text) in zip(found, expected, strict=True))


RESAMPLED = [
    ("training part only", [LOAD, XY, SPLIT, "X_train, y_train = SMOTE().fit_resample(X_train, y_train)", FIT, SCORE], []),
    ("a sample without replacement", [LOAD, "df = df.sample(frac=1, random_state=0)", XY, SPLIT, FIT, SCORE], []),
    ("a time series by day", [LOAD, 'df = df.resample("D").mean()', XY, SPLIT, FIT, SCORE], []),
    ("two different tables", [LOAD, "df = pd.concat([df, other])", XY, SPLIT, FIT, SCORE], []),
    ("columns side by side", [LOAD, "df = pd.concat([df, df], axis=1)", XY, SPLIT, FIT, SCORE], []),
    ("SMOTE on all rows", [LOAD, XY, "X, y = SMOTE().fit_resample(X, y)", SPLIT, FIT, SCORE], [(3, "sure", "Copies")]),
    ("thinned out", [LOAD, XY, "X, y = RandomUnderSampler().fit_resample(X, y)", SPLIT, FIT, SCORE], [(3, "sure", "class shares")]),
    ("resample", [LOAD, "few = resample(df, n_samples=900)\ndf = pd.concat([df, few])", XY, SPLIT, FIT, SCORE], [(2, "likely", "Copies")]),
    ("the same table twice", [LOAD, "df = pd.concat([df] * 3)", XY, SPLIT, FIT, SCORE], [(2, "likely", "Copies")]),
]


@pytest.mark.parametrize(("cells", "expected"), [row[1:] for row in RESAMPLED], ids=[row[0] for row in RESAMPLED])
def test_resampled_before_split(build, cells, expected):
    found = list(resampled_before_split.find(build(cells)))
    assert [(finding.cell, finding.certain) for finding in found] == [row[:2] for row in expected]
    assert all(row[2] in finding.why for finding, row in zip(found, expected, strict=True))


ON_ALL = "model = LogisticRegression()\nmodel.fit(X, y)"
TRAIN_SCORE = "model.score(X_train, y_train)"
SEEN = [
    ("a test score", [LOAD, XY, SPLIT, FIT, SCORE], {SCORE: 0.0}, []),
    ("a training score beside a test score", [LOAD, XY, SPLIT, FIT, TRAIN_SCORE, SCORE], {TRAIN_SCORE: 1.0, SCORE: 0.0}, []),
    ("not known", [LOAD, XY, SPLIT, FIT, SCORE], {}, []),
    ("fitted again on all rows after the test", [LOAD, XY, SPLIT, FIT, SCORE, "model.fit(X, y)"], {SCORE: 0.0}, []),
    ("test rows equal to training rows by chance", [LOAD, XY, SPLIT, FIT, SCORE], {SCORE: 1.0}, []),
    ("cross-validated beside", [LOAD, XY, ON_ALL, "model.score(X, y)", "cross_val_score(model, X, y)"], {"model.score(X, y)": 1.0}, []),
    ("a model that explains", [LOAD, XY, "model = OLS()\nmodel.fit(X, y)", "model.score(X, y)"], {"model.score(X, y)": 1.0}, []),
    ("training rows only", [LOAD, XY, ON_ALL, "model.score(X, y)"], {"model.score(X, y)": 1.0}, [(4, "Keep rows back")]),
    ("fitted on all rows, scored on a part", [LOAD, XY, SPLIT, ON_ALL, SCORE], {SCORE: 1.0}, [(5, "Fit on the training part")]),
    ("by way of predictions", [LOAD, XY, SPLIT, ON_ALL, "p = model.predict(X_test)", "accuracy_score(y_test, p)"], {"model.predict(X_test)": 1.0},
        [(6, "Fit on the training part")]),
]


@pytest.mark.parametrize(("cells", "seen", "expected"), [row[1:] for row in SEEN], ids=[row[0] for row in SEEN])
def test_test_rows_in_fit(build, cells, seen, expected):
    found = list(test_rows_in_fit.find(build(cells, seen=seen)))
    assert [finding.cell for finding in found] == [cell for cell, _ in expected]
    assert all(text in finding.todo for finding, (_, text) in zip(found, expected, strict=True))


WIDE, NARROW = {"X_test": {"shape": [100, 8]}}, {"X_test": {"shape": [100, 2]}}
DUPLICATES = [
    ("few", 0.02, WIDE, 0),
    ("few columns", 0.6, NARROW, 0),
    ("columns not known", 0.6, {}, 0),
    ("many", 0.31, WIDE, 1),
]


@pytest.mark.parametrize(("seen", "summaries", "count"), [row[1:] for row in DUPLICATES], ids=[row[0] for row in DUPLICATES])
def test_duplicate_rows(build, seen, summaries, count):
    found = list(duplicate_rows.find(build([LOAD, XY, SPLIT, FIT, SCORE], seen={SCORE: seen}, rows={"X_test": 100}, summaries=summaries)))
    assert len(found) == count
    assert all("31 of the 100 rows" in finding.what for finding in found)


LOOP = "for k in range(1, 40):\n    m = KNeighborsClassifier(k)\n    m.fit(X_train, y_train)\n    s = m.score(X_test, y_test)"
AFTER = "best = KNeighborsClassifier(7)\nbest.fit(X_train, y_train)\nbest.score(X_test, y_test)"
TUNED = [
    ("on a validation part", [LOAD, SPLIT, LOOP.replace("X_test", "X_valid"), AFTER], []),
    ("the loop is all there is", [LOAD, SPLIT, LOOP], []),
    ("seeds, not parameters", [LOAD, SPLIT, LOOP.replace("(k)", "(random_state=k)"), AFTER], []),
    ("another class afterwards", [LOAD, SPLIT, LOOP, AFTER.replace("KNeighbors", "RandomForest")], []),
    ("the number of neighbours", [LOAD, SPLIT, LOOP, AFTER], [3]),
]


@pytest.mark.parametrize(("cells", "expected"), [row[1:] for row in TUNED], ids=[row[0] for row in TUNED])
def test_tuned_on_test(build, cells, expected):
    assert [finding.cell for finding in tuned_on_test.find(build(cells))] == expected


STOP = 'stop = EarlyStopping(monitor="val_loss", patience=3)'
NET = "net = Sequential()\nnet.fit(X_train, y_train, validation_data=(X_test, y_test), callbacks=[stop])"
STOPPED = [
    ("watched only", [SPLIT, NET.replace(", callbacks=[stop]", ""), "net.evaluate(X_test, y_test)"], []),
    ("stops by the training loss", [SPLIT, STOP.replace("val_loss", "loss"), NET, "net.evaluate(X_test, y_test)"], []),
    ("on other rows", [SPLIT, STOP, NET.replace("X_test", "X_valid"), "net.evaluate(X_test, y_test)"], []),
    ("on the test rows", [SPLIT, STOP, NET, "net.evaluate(X_test, y_test)"], [3]),
]


@pytest.mark.parametrize(("cells", "expected"), [row[1:] for row in STOPPED], ids=[row[0] for row in STOPPED])
def test_stopped_on_test(build, cells, expected):
    assert [finding.cell for finding in tuned_on_test.find(build(cells))] == expected
