"""Values, named by what is special about them, and the format that each must take ("" for none)."""

from __future__ import annotations

import datetime
import decimal
import math
from collections import Counter, OrderedDict, defaultdict
from typing import Any


def plain() -> dict[str, tuple[Any, str]]:
    return {
        "an int": (3, "json"),
        "a huge int": (2**200, "json"),
        "a bool": (True, "json"),
        "nothing": (None, "json"),
        "a float with many digits": (0.1 + 0.2, "json"),
        "not a number": (math.nan, "json"),
        "minus infinity": (-math.inf, "json"),
        "minus zero": (-0.0, "json"),
        "text with everything": ("ä 漢 \n\t\r\0\ud800 \\ \"'", "json"),
        "a nested dict in its order": ({"b": [1, 2.5, None], "a": {"": {}}}, "json"),
        "a tuple": ((1, "a", 2.5), "literal"),
        "a tuple in a dict": ({"shape": (3, 4)}, "literal"),
        "int keys": ({1: "a", 0: "b"}, "literal"),
        "bytes": (b"\0\xff", "literal"),
        "a set": ({"b", "a", "c"}, "literal"),
        "a long tuple of texts": (tuple(f"column {i}" for i in range(100)), "literal"),
        "a long text in a tuple": (("word " * 100, "it's\n" * 50), "literal"),
        "infinity in a tuple": ((math.inf, 1.0), "own"),
        "a tuple with nan": ((math.nan,), "own"),
        "a counter": (Counter("abca"), "joblib"),
        "an ordered dict": (OrderedDict(b=1, a=2), "joblib"),
        "a default dict": (defaultdict(list, a=[1]), "joblib"),
        "a frozen set": (frozenset({1, 2}), "own"),
        "a range": (range(3), "joblib"),
        "a date": (datetime.date(2020, 1, 1), "joblib"),
        "a decimal": (decimal.Decimal("1.10"), "joblib"),
        "a lambda": (lambda: 0, ""),
        "a module": (math, ""),
    }


def arrays() -> dict[str, tuple[Any, str]]:
    import numpy as np
    import pandas  # noqa: F401 - arrays of text are kept by pandas where it is loaded
    import scipy.sparse as sparse

    grid = np.arange(12, dtype="float64").reshape(3, 4) / 7
    matrix = sparse.random(20, 10, density=0.2, random_state=0)
    return {
        "floats": (grid, "npy"),
        "Fortran order": (np.asfortranarray(grid), "npy"),
        "a strided view": (grid[:, ::2], "npy"),
        "an empty array": (np.empty((0, 3), dtype="float32"), "npy"),
        "other byte order": (np.arange(3, dtype=">i4"), "npy"),
        "nan, inf and minus zero": (np.array([np.nan, np.inf, -0.0]), "npy"),
        "dates": (np.array(["2020-01-01", "NaT"], dtype="datetime64[D]"), "npy"),
        "short texts": (np.array(["a", "bcd"]), "npy"),
        "a structured array": (np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]), "npy"),
        "a NumPy scalar": (np.float64(0.1), "npy"),
        "a NumPy bool": (np.bool_(True), "npy"),
        "an array without dimension": (np.array(3), "joblib"),
        "objects that are texts": (np.array(["yes", "no"], dtype=object), "parquet_noted"),
        "objects of many kinds": (np.array([1, "a", None], dtype=object), "joblib"),
        "a masked array": (np.ma.masked_array([1, 2, 3], [0, 1, 0]), "joblib"),
        "a matrix": (np.matrix([[1, 2]]), "pickle"),
        "a list of arrays": ([grid, grid[0]], "own"),
        "a list of NumPy's numbers": ([np.float32(0.1)] * 2000, "own"),
        "weights by name": ({"W1": grid, "b1": np.zeros((4, 1))}, "own"),
        "csr": (matrix.tocsr(), "npz"),
        "csc": (matrix.tocsc(), "npz"),
        "coo": (matrix.tocoo(), "npz"),
        "a csr array": (sparse.csr_array(matrix), "npz"),
        "lil": (matrix.tolil(), "joblib"),
        "the state of a generator": (np.random.RandomState(1).get_state(), "own"),
        "a generator": (np.random.default_rng(1), "joblib"),
    }


def tables() -> dict[str, tuple[Any, str]]:
    import numpy as np
    import pandas as pd

    mixed = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, np.nan, -0.0], "c": ["x", "y", "z"], "d": [True, False, True]})
    days = pd.date_range("2020-01-01", periods=3, freq="D")
    by_rows = pd.DataFrame(np.arange(12.0).reshape(3, 4), columns=list("abcd"))
    noted = mixed.copy()
    noted.attrs = {"source": "a file"}
    return {
        "a mixed table": (mixed, "parquet"),
        "rows picked": (mixed.iloc[[2, 0]], "parquet"),
        "a step in the index": (mixed.iloc[::2], "parquet"),
        "no rows": (mixed.iloc[:0], "parquet"),
        "no columns": (mixed[[]], "joblib"),
        "text as objects": (mixed.astype({"c": object}), "parquet_noted"),
        "text as objects with nan": (pd.DataFrame({"c": np.array(["x", np.nan, "z"], dtype=object)}), None),
        "text as objects with None": (
            pd.DataFrame({"c": np.array(["x", None, "z"], dtype=object)}, dtype=object),
            "parquet_noted",
        ),
        "text as objects with nan and None": (
            pd.DataFrame({"c": np.array(["x", None, np.nan], dtype=object)}, dtype=object),
            "joblib",
        ),
        "only nan as objects": (pd.DataFrame({"c": np.array([np.nan, np.nan], dtype=object)}), None),
        "ints as objects": (pd.DataFrame({"c": np.array([1, 2], dtype=object)}), "parquet_noted"),
        "bools as objects": (pd.DataFrame({"c": np.array([True, None], dtype=object)}), None),
        "objects of many kinds": (pd.DataFrame({"c": np.array([1, "a"], dtype=object)}), "joblib"),
        "lists in cells": (pd.DataFrame({"c": [[1, 2], [3]]}), "joblib"),
        "int column names": (pd.DataFrame(np.arange(4.0).reshape(2, 2)), "parquet_noted"),
        "mixed column names": (pd.DataFrame({"a": [1], 0: [2]}), "joblib"),
        "named columns": (mixed.rename_axis(columns="field"), "parquet"),
        "column levels": (
            pd.DataFrame([[1, 2.5]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
            "parquet",
        ),
        "row levels": (mixed.set_index(["a", "c"]), "parquet"),
        "text index with a name": (mixed.set_index("c"), "parquet"),
        "twice the same column": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "joblib"),
        "categories": (pd.DataFrame({"c": pd.Categorical(["b", "a", None], categories=["b", "a", "z"])}), "parquet"),
        "ordered categories": (
            pd.DataFrame({"c": pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True)}),
            "parquet",
        ),
        "int categories": (pd.DataFrame({"c": pd.Categorical([3, 1])}), "parquet_noted"),
        "times": (pd.DataFrame({"t": days, "z": days.tz_localize("Europe/Zurich"), "d": days - days[0]}), "parquet"),
        "nanosecond times": (pd.DataFrame({"t": days.astype("datetime64[ns]")}), "parquet"),
        "a daily index": (pd.DataFrame({"y": [1.0, 2.0, 3.0]}, index=days), "parquet_noted"),
        "a monthly index": (
            pd.Series([1.0, 2.0], index=pd.date_range("2020", periods=2, freq="MS"), name="y"),
            "parquet_noted",
        ),
        "periods": (pd.DataFrame({"p": days.to_period("M")}), "parquet"),
        "nullable": (
            pd.DataFrame(
                {
                    "i": pd.array([1, None], dtype="Int64"),
                    "b": pd.array([True, None], dtype="boolean"),
                    "s": pd.array(["a", None], dtype="string"),
                }
            ),
            "parquet",
        ),
        "small dtypes": (
            pd.DataFrame(
                {"a": np.array([1, 2], "int8"), "b": np.array([1, 2], "float32"), "c": np.array([1, 2], "uint16")}
            ),
            "parquet",
        ),
        "intervals": (pd.DataFrame({"b": pd.cut([1, 5], 2)}), "joblib"),
        "with attrs": (noted, "parquet"),
        "one dtype by rows": (by_rows, "parquet"),
        "one dtype by columns": (pd.DataFrame({name: by_rows[name] for name in by_rows}), "parquet"),
        "part of a table by rows": (by_rows[["a", "c"]], "parquet"),
        "sparse columns": (pd.DataFrame({"a": pd.arrays.SparseArray([0, 0, 1])}), "joblib"),
        "a column": (mixed["b"], "parquet"),
        "a column of text": (mixed["c"], "parquet"),
        "a column without name": (pd.Series([1, 2]), "parquet_noted"),
        "a column named by a number": (pd.Series([1, 2], name=7), "parquet_noted"),
        "a column named by a tuple": (pd.Series([1, 2], name=("a", "b")), "parquet"),
        "counts": (mixed["c"].value_counts(), "parquet"),
        "column labels": (mixed.columns, "parquet_noted"),
        "numbers as an index": (pd.Index([3, 1, 2], name="id"), "parquet_noted"),
        "a range index": (pd.RangeIndex(2, 10, 3), "joblib"),
        "days as an index": (days, "parquet_noted"),
        "an index of levels": (pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", None]), "parquet_noted"),
        "a time stamp": (days[0], "joblib"),
        "a table in a dict": ({"train": mixed}, "joblib"),
    }


def estimators() -> dict[str, tuple[Any, str]]:
    import numpy as np
    import pandas as pd
    from sklearn import (
        cluster,
        compose,
        decomposition,
        ensemble,
        feature_extraction,
        linear_model,
        model_selection,
        naive_bayes,
        neighbors,
        pipeline,
        preprocessing,
        svm,
        tree,
    )

    rows = np.random.RandomState(0).normal(size=(60, 4))
    table = pd.DataFrame(rows, columns=list("abcd")).assign(e=np.array(["x", "y", "z"] * 20, dtype=object))
    classes = np.where(rows[:, 0] > 0, "yes", "no")
    numbers = rows @ [1.0, 2.0, 3.0, 4.0]
    encode = compose.make_column_transformer(
        (preprocessing.OneHotEncoder(), ["e"]), (preprocessing.StandardScaler(), ["a", "b"])
    )
    texts = ["the cat sat", "a dog", "mouse and cat", "the dog ran"] * 15
    grid = model_selection.GridSearchCV(svm.SVC(), {"C": [0.1, 1.0]}, cv=2)
    return {
        "not fitted": (linear_model.LinearRegression(), "skops"),
        "linear": (linear_model.LinearRegression().fit(rows, numbers), "skops"),
        "logistic on a table": (linear_model.LogisticRegression().fit(table[list("abcd")], classes), "skops"),
        "scaler": (preprocessing.StandardScaler().fit(rows), "skops"),
        "label encoder": (preprocessing.LabelEncoder().fit(classes.astype(object)), "skops"),
        "one-hot encoder": (preprocessing.OneHotEncoder(handle_unknown="ignore").fit(table[["e"]]), "skops"),
        "tree": (tree.DecisionTreeClassifier(random_state=0).fit(rows, classes), "skops"),
        "forest": (ensemble.RandomForestRegressor(5, random_state=0).fit(rows, numbers), "skops"),
        "boosting": (ensemble.GradientBoostingClassifier(n_estimators=5, random_state=0).fit(rows, classes), None),
        "histogram boosting": (
            ensemble.HistGradientBoostingRegressor(max_iter=5, random_state=0).fit(rows, numbers),
            None,
        ),
        "neighbours": (neighbors.KNeighborsClassifier().fit(rows, classes), None),
        "vector machine": (svm.SVC(probability=False, random_state=0).fit(rows, classes), "skops"),
        "bayes": (naive_bayes.GaussianNB().fit(rows, classes), "skops"),
        "clusters": (cluster.KMeans(3, random_state=0, n_init=2).fit(rows), "skops"),
        "components": (decomposition.PCA(2, random_state=0).fit(rows), "skops"),
        "search": (grid.fit(rows, classes), None),
        "pipeline": (pipeline.make_pipeline(encode, linear_model.LogisticRegression()).fit(table, classes), "skops"),
        "words": (feature_extraction.text.TfidfVectorizer(stop_words="english").fit(texts), "skops"),
        "a function in it": (preprocessing.FunctionTransformer(np.log1p).fit(rows), "skops"),
        "a list of models": ([linear_model.LinearRegression().fit(rows, numbers)], "skops"),
        "a dict of encoders": ({"e": preprocessing.LabelEncoder().fit(classes)}, "skops"),
    }


class Thing:
    """An object of a class that a module defines."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside


def half(value: float) -> float:
    return value / 2


class Listed(list):  # type: ignore[type-arg]
    """More than its attributes."""


def own_objects() -> dict[str, tuple[Any, str | None]]:
    """Of classes that no library has, as those that an author writes in the notebook."""
    import numpy as np
    from sklearn.linear_model import LinearRegression

    grid = np.arange(12.0).reshape(3, 4) / 7
    leaf = Thing(3)
    branch = Thing({"feature": 2, "below": Thing(np.int64(1)), "above": Thing(math.inf), 3: (None, b"\0", {1, 2}, frozenset("ab"), 1j)})
    return {
        "a model from scratch": (Thing({"weights": grid, "bias": np.float64(0.1), "activation": half, "losses": [0.5, math.nan]}), "own"),
        "a tree of nodes": (branch, "own"),
        "Fortran order inside": (Thing([np.asfortranarray(grid), grid[:0]]), "own"),
        "an object held twice": (Thing([leaf, leaf]), "skops"),
        "with models of a library": (Thing([LinearRegression().fit(grid, grid[:, 0])]), "skops"),
        "with a generator": (Thing(np.random.RandomState(0)), "skops"),
        "a list of its own kind": (Listed([1]), "skops"),
        "a lambda inside": (Thing(lambda: 0), ""),
    }


# A search holds how long it took; statsmodels sets attributes in the order of a set. No format can give these the same bytes.
UNSTABLE = ("search", "a forecast model")

TRUSTED = [
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.StratifiedKFold",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.core.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.basic.Booster",
    "collections.OrderedDict",
    "catboost.core.CatBoostClassifier",
    "values.Thing",
    "values.half",
    "values.Listed",
]


def torch_values() -> dict[str, tuple[Any, str | None]]:
    import torch

    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return {
        "a tensor": (torch.arange(6.0).reshape(2, 3), "torch"),
        "a transposed tensor": (torch.arange(6.0).reshape(2, 3).T, "torch"),
        "a scalar tensor": (torch.tensor(2.5), "torch"),
        "half precision": (torch.tensor([1.5], dtype=torch.bfloat16), "torch"),
        "weights": (net.state_dict(), "torch"),
        "an optimizer's state": (optimizer.state_dict(), "torch"),
        "tensors in a tuple": ((torch.ones(2), 3), "torch"),
        "a network": (net, "torch_module"),
        "a network and its optimizer": ({"net": net, "optimizer": optimizer}, "torch_module"),
    }


def keras_values() -> dict[str, tuple[Any, str | None]]:
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(2, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.ones((4, 3)), np.array([0, 1, 0, 1]), epochs=1, verbose=0)
    bare = keras.Sequential([keras.Input((3,)), keras.layers.Normalization(), keras.layers.Dense(1)])
    return {"a trained model": (model, "keras"), "a model never compiled": (bare, "keras")}


def keras_tokenizers() -> dict[str, tuple[Any, str | None]]:
    from tensorflow.keras.preprocessing.text import Tokenizer

    plain, letters, split = Tokenizer(num_words=50, oov_token="<OOV>"), Tokenizer(char_level=True), Tokenizer(analyzer=half_of_words)
    for each in (plain, letters, split):
        each.fit_on_texts(["one two two", "größer three", "one"])
    return {
        "a vocabulary": (plain, "keras_tokenizer"), "of letters": (letters, "keras_tokenizer"),
        "never fitted": (Tokenizer(), "keras_tokenizer"), "with a function of its own": (split, "joblib"),
    }  # fmt: skip


def half_of_words(text: str) -> list[str]:
    words = text.split()
    return words[: len(words) // 2 + 1]


def xgboost_values() -> dict[str, tuple[Any, str | None]]:
    import numpy as np
    import xgboost

    rows = np.random.RandomState(0).normal(size=(50, 3))
    labels = (rows[:, 0] > 0).astype(int)
    booster = xgboost.train(
        {"objective": "binary:logistic"}, xgboost.DMatrix(rows, labels, feature_names=["a", "b", "c"]), 3
    )
    return {
        "a booster": (booster, "xgboost"),
        "a classifier": (xgboost.XGBClassifier(n_estimators=3).fit(rows, labels), None),
    }


def lightgbm_values() -> dict[str, tuple[Any, str | None]]:
    import lightgbm
    import numpy as np

    rows = np.random.RandomState(0).normal(size=(100, 3))
    labels = (rows[:, 0] > 0).astype(int)
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, lightgbm.Dataset(rows, labels), 3)
    return {
        "a booster": (booster, None),
        "a classifier": (lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(rows, labels), None),
    }


def catboost_values() -> dict[str, tuple[Any, str | None]]:
    import catboost
    import numpy as np
    from sklearn.model_selection import GridSearchCV

    rows = np.random.RandomState(0).normal(size=(50, 3))
    labels = np.where(rows[:, 0] > 0, "yes", "no")
    options = {"iterations": 3, "verbose": 0, "allow_writing_files": False, "random_seed": 0}
    return {
        "a classifier": (catboost.CatBoostClassifier(**options).fit(rows, labels), "catboost"),
        "a regressor": (catboost.CatBoostRegressor(**options).fit(rows, rows[:, 1]), "catboost"),
        "search": (GridSearchCV(catboost.CatBoostClassifier(**options), {"depth": [2, 3]}, cv=2).fit(rows, labels), None),
    }


def statsmodels_values() -> dict[str, tuple[Any, str | None]]:
    import numpy as np
    import pandas as pd
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    rows = np.random.RandomState(0).normal(size=(50, 2))
    table = pd.DataFrame(rows, columns=["x", "y"])
    return {
        "least squares": (sm.OLS(rows[:, 1], sm.add_constant(rows[:, :1])).fit(), None),
        "a formula": (smf.ols("y ~ x", table).fit(), None),
        "a forecast model": (sm.tsa.ARIMA(table["y"], order=(1, 0, 0)).fit(), None),
    }
