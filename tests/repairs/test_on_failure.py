# ruff: noqa: E501
"""Rules that need the failure: the same text without it, or with another, stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

CASES = {
    "imported from the wrong module": (
        ["from tensorflow.keras import models, Sequential, load_model as load"], "ImportError: cannot import name 'load_model' from 'tensorflow.keras' (/x/__init__.py)",
        "from tensorflow.keras import models, Sequential\nfrom tensorflow.keras.models import load_model as load",
    ),
    "imported from the package itself": (
        ["from sklearn import train_test_split"], "ImportError: cannot import name 'train_test_split' from 'sklearn' (/x/__init__.py)",
        "from sklearn.model_selection import train_test_split",
    ),
    "imported from the wrong module of keras": (
        ["try:\n    from keras.models import Dense, Model\nexcept TypeError:\n    pass"], "ImportError: cannot import name 'Dense' from 'keras.models' (/x/__init__.py)",
        "try:\n    from keras.models import Model\n    from keras.layers import Dense\nexcept TypeError:\n    pass",
    ),
    "imported nowhere, usual alias": (["plt.plot(x)"], "NameError: name 'plt' is not defined", "import matplotlib.pyplot as plt\nplt.plot(x)"),
    "imported nowhere, public name": (["m = SVC()"], "NameError: name 'SVC' is not defined", "from sklearn.svm import SVC\nm = SVC()"),
    "correlation of text": (["df.corr()"], "ValueError: could not convert string to float: 'x'", "df.corr(numeric_only=True)"),
    "mean of text": (
        ["df = df.fillna(df.mean())"],
        "TypeError: Cannot perform reduction 'mean' with string dtype",
        "df = df.fillna(df.mean(numeric_only=True))",
    ),
    "mean of groups": (
        ["df.groupby('a').mean()"],
        "TypeError: dtype 'str' does not support operation 'mean'",
        "df.groupby('a').mean(numeric_only=True)",
    ),
    "number into text": (
        ["df.loc[m, 'b'] = 3"],
        "TypeError: Invalid value '3' for dtype 'str'. Value should be a string",
        "df['b'] = df['b'].astype(object)\ndf.loc[m, 'b'] = 3",
    ),
    "number into text in a loop": (
        ["for i in r:\n    if x:\n        df.at[i, 'b'] = 3"],
        "TypeError: Invalid value '3' for dtype 'str'.",
        "for i in r:\n    if x:\n        df['b'] = df['b'].astype(object)\n        df.at[i, 'b'] = 3",
    ),
    "position in a series": (["s = df.dtypes", "print(s[0])"], "KeyError: 0", "print(s.iloc[0])"),
    "position in a loop": (["for i in range(3, n):\n    X.append(train[i-3:i])\n    y.append(train[i])"], "KeyError: 10", "for i in range(3, n):\n    X.append(train[i-3:i])\n    y.append(train.iloc[i])"),
    "position in a loop, though the name loops over other things too": (
        ["for i in names:\n    print(i)", "for i in range(3):\n    y.append(train[i + 1])"], "KeyError: 10", "for i in range(3):\n    y.append(train.iloc[i + 1])",
    ),
    "typ of the new ARIMA": (["p = r.predict(start=1, end=9, typ=\"levels\").rename('a')"], "TypeError: Unknown keyword arguments: ['typ'].", "p = r.predict(start=1, end=9).rename('a')"),
    "early stopping in a dictionary": (
        ["import lightgbm as lgb", "fit_params = {'early_stopping_rounds': 30, 'eval_set': [(a, b)], 'verbose': 100}"],
        "ValueError: All the 300 fits failed. TypeError: LGBMClassifier.fit() got an unexpected keyword argument 'early_stopping_rounds'",
        "fit_params = {\"callbacks\": [lgb.early_stopping(30), lgb.log_evaluation(100)], 'eval_set': [(a, b)]}",
    ),
    "list append unknown": (
        ["import pandas as pd", "df = load()", "df = df.append(x)"],
        "AttributeError: 'DataFrame' object has no attribute 'append'",
        "df = pd.concat([df, x])",
    ),
    "sort": (["df = df.sort('a')"], "AttributeError: 'DataFrame' object has no attribute 'sort'", "df = df.sort_values('a')"),
    "week": (["df.d.dt.week"], "AttributeError: 'DatetimeProperties' object has no attribute 'week'", "df.d.dt.isocalendar().week"),
    "epochs": (["m.fit(X, y, nb_epoch=3)"], "TypeError: Trainer.fit() got an unexpected keyword argument 'nb_epoch'", "m.fit(X, y, epochs=3)"),
    "disp": (["r = m.fit(disp=0)"], "TypeError: ARIMA.fit() got an unexpected keyword argument 'disp'", "r = m.fit()"),
    "levels": (["r.predict(1, 9, typ='levels')"], "TypeError: predict() got an unexpected keyword argument 'typ'", "r.predict(1, 9)"),
    "normed": (
        ["ax.hist(x, normed=True)"],
        "AttributeError: Rectangle.set() got an unexpected keyword argument 'normed'",
        "ax.hist(x, density=True)",
    ),
    "early stopping of xgboost": (
        ["import xgboost as xgb", "m = xgb.XGBClassifier()", "m.fit(X, y, early_stopping_rounds=5, eval_set=e, verbose=False)"],
        "TypeError: XGBClassifier.fit() got an unexpected keyword argument 'early_stopping_rounds'",
        "m.set_params(early_stopping_rounds=5).fit(X, y, eval_set=e, verbose=False)",
    ),
    "early stopping of LightGBM": (
        ["import lightgbm as lgb", "m = lgb.LGBMClassifier()", "m.fit(X, y, eval_set=e, early_stopping_rounds=5, verbose=100)"],
        "TypeError: LGBMClassifier.fit() got an unexpected keyword argument 'early_stopping_rounds'",
        "m.fit(X, y, eval_set=e, callbacks=[lgb.early_stopping(5), lgb.log_evaluation(100)])",
    ),
    "ragged": (
        ["import numpy as np", "np.array([[1], [2, 3]])"],
        "ValueError: setting an array element with a sequence. The requested array has an inhomogeneous shape",
        "np.array([[1], [2, 3]], dtype=object)",
    ),
    "one element": (
        ["import numpy as np", "x = float(a)"],
        "TypeError: only 0-dimensional arrays can be converted to Python scalars",
        "x = float(np.squeeze(a))",
    ),
    "accuracy": (["plt.plot(h.history['val_acc'])"], "KeyError: 'val_acc'", "plt.plot(h.history['val_accuracy'])"),
    "model file": (
        ["model.save('best.h5py')"],
        "ValueError: Invalid filepath extension for saving. Please add either a `.keras` extension. Received: filepath=best.h5py.",
        "model.save('best.h5py.keras')",
    ),
    "a shape in brackets": (
        ["m.add(Dense(8, input_shape=(5), activation='relu'))"], "ValueError: Cannot convert '5' to a shape.",
        "m.add(Dense(8, input_shape=(5,), activation='relu'))",
    ),
    "a shape that is computed": (
        ["i = Input(shape=X.shape[1])"], "ValueError: Cannot convert '30' to a shape.", "i = Input(shape=(X.shape[1],))",
    ),
    "feature names": (
        ["p = m.predict(test)"],
        "ValueError: The feature names should match those that were passed during fit.\nFeature names unseen",
        "p = m.predict(test.to_numpy())",
    ),
    "subplots": (["plt.subplot(n/2, 2, 1)"], "ValueError: Number of rows must be a positive integer, not 2.0", "plt.subplot(n // 2, 2, 1)"),
    "plot_predict": (
        ["r.plot_predict(1, 9)"],
        "AttributeError: 'ARIMAResults' object has no attribute 'plot_predict'",
        "from statsmodels.graphics.tsaplots import plot_predict\nplot_predict(r, 1, 9)",
    ),
}


@pytest.mark.parametrize(("sources", "message", "after"), CASES.values(), ids=CASES)
def test_stays_without_the_failure(sources: list[str], message: str, after: str, repaired: Callable[..., list[str]]) -> None:
    assert repaired(*sources) == sources


@pytest.mark.parametrize(("sources", "message", "after"), CASES.values(), ids=CASES)
def test_stays_with_another_failure(sources: list[str], message: str, after: str, repaired: Callable[..., list[str]]) -> None:
    assert repaired(*sources, message="FileNotFoundError: [Errno 2] No such file or directory: 'a.csv'") == sources


@pytest.mark.parametrize(("sources", "message", "after"), CASES.values(), ids=CASES)
def test_changes_with_the_failure(sources: list[str], message: str, after: str, repaired: Callable[..., list[str]]) -> None:
    assert repaired(*sources, message=message)[-1] == after


LATER = {
    "a module": ("x = pd.Series([1])", "import numpy as np, pandas as pd", "pd", "import pandas as pd\nx = pd.Series([1])"),
    "a name of a module": ("x = accuracy_score(a, b)", "from mine import accuracy_score, other", "accuracy_score", "from mine import accuracy_score\nx = accuracy_score(a, b)"),
    "under another name": ("x = acc(a, b)", "from sklearn.metrics import accuracy_score as acc", "acc", "from sklearn.metrics import accuracy_score as acc\nx = acc(a, b)"),
    "defined later, not imported": ("x = plt(1)", "def plt(x): pass", "plt", "x = plt(1)"),
    "a package of which only parts are imported": (
        "x = skimage.io.imread(f)", "from skimage.io import imread", "skimage", "import skimage.io\nx = skimage.io.imread(f)",
    ),
    "what has no usual import": ("x = features[0]", "y = 1", "features", "x = features[0]"),
}


@pytest.mark.parametrize(("first", "second", "name", "after"), LATER.values(), ids=LATER)
def test_an_import_comes_before_its_first_use(first: str, second: str, name: str, after: str, repaired: Callable[..., list[str]]) -> None:
    assert repaired(first, second, message=f"NameError: name '{name}' is not defined", failing=0) == [after, second]


def test_the_definition_that_failed_is_repaired(repaired: Callable[..., list[str]]) -> None:
    after = repaired(
        "def f(df):\n    return df.corr()", "def g(df):\n    return df.corr()", "f(x)", message="ValueError: could not convert string to float: 'x'"
    )
    assert after == ["def f(df):\n    return df.corr(numeric_only=True)", "def g(df):\n    return df.corr()", "f(x)"]


KEPT = {
    "item of a dictionary": ["d = {}", "d[0]", "KeyError: 0"],
    "item of a dictionary in a loop": ["d = {}", "for i in range(3):\n    d[i]", "KeyError: 0"],
    "no other module is known": ["from sklearn import magic", "ImportError: cannot import name 'magic' from 'sklearn' (/x/__init__.py)"],
    "it is in that module, but the module fails": ["from sklearn.svm import SVC", "ImportError: cannot import name 'SVC' from 'sklearn.svm' (/x/__init__.py)"],
    "of another package": ["from mine import SVC", "ImportError: cannot import name 'SVC' from 'mine' (/x/mine.py)"],
    "another number": ["s = f()", "s[1]", "KeyError: 0"],
    "key that is no counter": ["s = f()", "for i in names:\n    s[i]", "KeyError: 3"],
    "typ in differences": ["r.predict(1, 9)", "r.predict(1, 9, typ='linear')", "TypeError: predict() got an unexpected keyword argument 'typ'"],
    "correlation of a column": ["import pandas as pd\ndf = pd.read_csv('a')", "df['a'].corr(df['b'])", "ValueError: could not convert string to float: 'x'"],
}


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_stays_in_doubt(case: list[str], repaired: Callable[..., list[str]]) -> None:
    *sources, message = case
    assert repaired(*sources, message=message) == sources


def test_dummies_are_repaired_where_they_are_made(repaired: Callable[..., list[str]]) -> None:
    after = repaired(
        "import pandas as pd", "d = pd.get_dummies(df)", "d.a - d.b", message="TypeError: numpy boolean subtract, the `-` operator, is not supported"
    )
    assert after[1] == "d = pd.get_dummies(df, dtype=int)"


def test_silent_rules_are_the_last_resort(repaired: Callable[..., list[str]]) -> None:
    after = repaired(
        "import pandas as pd", "df = pd.read_csv('a')", "df['x'].fillna(0, inplace=True)", "m.fit(df)", message="ValueError: Input X contains NaN."
    )
    assert after[2] == "df['x'] = df['x'].fillna(0)"


@pytest.mark.parametrize("message", ["Timeout: stopped after 240 seconds", "Killed: signal 9", "FileNotFoundError: a.csv", "NameError: name 'x' is not defined"])
def test_silent_rules_are_not_tried_where_no_value_is_wrong(message: str, repaired: Callable[..., list[str]]) -> None:
    sources = ["import pandas as pd", "df = pd.read_csv('a')", "df['x'].fillna(0, inplace=True)", "m.fit(df)"]
    assert repaired(*sources, message=message) == sources


def test_nothing_is_rewritten_after_a_timeout(repaired: Callable[..., list[str]]) -> None:
    sources = ["import numpy as np", "x = np.NaN"]
    assert repaired(*sources, message="Timeout: stopped after 240 seconds") == sources
