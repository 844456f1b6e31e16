"""The observer beside numpy, pandas, scikit-learn and matplotlib, in an environment of their own."""

from __future__ import annotations

from typing import Any

import pytest

SETUP = [
    "import numpy as np",
    "import pandas as pd",
    "df = pd.DataFrame({'a': [3.0, 1.0, 2.0, 5.0, 4.0, 0.5], 'b': list('xyxyxy'), 'y': [0, 1, 0, 1, 0, 1]})",
    "s = df['a']",
    "arr = np.arange(12.0).reshape(6, 2)",
    "view = arr[:, 0]",
    "from sklearn.linear_model import LogisticRegression",
    "from sklearn.preprocessing import StandardScaler",
    "from sklearn.pipeline import make_pipeline",
    "scaler = StandardScaler()",
    "pipe = make_pipeline(scaler, LogisticRegression())",
    "models = {'lr': LogisticRegression(), 'pipe': pipe}",
    "import matplotlib.pyplot as plt",
]

TABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "looking changes nothing": (
        "df.head(), df.describe(), df['a'].mean(), df.groupby('b').a.mean(), arr.sum(), repr(pipe)",
        {"mutates": []},
    ),
    "a new column": ("df['c'] = 1", {"mutates": ["df"]}),
    "drop in place": ("df.drop(columns='b', inplace=True)", {"mutates": ["df"]}),
    "drop gives another": ("df.drop(columns='b')", {"mutates": []}),
    "renamed columns": ("df.columns = ['p', 'q', 'r']", {"mutates": ["df"]}),
    "an index": ("df.set_index('b', inplace=True)", {"mutates": ["df"]}),
    "a cell": ("df.loc[0, 'a'] = 9.0", {"mutates": ["df"]}),
    "sorted in place": ("df.sort_values('a', inplace=True)", {"mutates": ["df"]}),
    "a series in place leaves its table": ("s.iloc[0] = 7.0", {"mutates": ["s"]}),
    "an array and its view": ("arr[0, 0] = 7.0", {"mutates": ["arr", "view"]}),
    "a view and its array": ("view += 1", {"mutates": ["arr"], "binds": ["view"]}),
    "shuffled in place": ("np.random.shuffle(arr)", {"mutates": ["arr", "view"], "consumes": ["numpy"]}),
    "fit of a pipeline reaches its parts": ("pipe.fit(df[['a']], df['y'])", {"mutates": ["models", "pipe", "scaler"]}),
    "fit of a part": ("scaler.fit(arr)", {"mutates": ["models", "pipe", "scaler"]}),
    "models fitted in a loop": (
        "for name, model in models.items():\n    model.fit(arr, df['y'])",
        {"mutates": ["models", "pipe", "scaler"]},
    ),
    "set_params": ("pipe.set_params(logisticregression__C=3.0)", {"mutates": ["models", "pipe"]}),
    "predict after fit": (
        "p = pipe.fit(arr, df['y']).predict(arr)",
        {"binds": ["p"], "mutates": ["models", "pipe", "scaler"]},
    ),
    "numpy's global stream": ("np.random.rand(3)", {"consumes": ["numpy"], "seeds": []}),
    "numpy's seed": ("np.random.seed(0)", {"consumes": [], "seeds": ["numpy"]}),
    "seed in the author's helper": (
        "def seed_all(n):\n    np.random.seed(n)\nseed_all(3)",
        {"consumes": [], "seeds": ["numpy"]},
    ),
    "random_state is no draw": ("df.sample(3, random_state=1)", {"consumes": []}),
    "a sample is a draw": ("df.sample(3)", {"consumes": ["numpy"]}),
    "a pandas option": ("pd.set_option('display.max_rows', 7)", {"state": ["pandas.options"]}),
    "NumPy's errors": ("np.seterr(all='raise')", {"state": ["numpy.errstate"]}),
    "errors inside a block": ("with np.errstate(all='raise'):\n    np.add(1, 2)", {"state": []}),
    "scikit-learn's output": ("import sklearn\nsklearn.set_config(transform_output='pandas')", {"state": ["sklearn.config"]}),
    "print options": ("np.set_printoptions(precision=2)", {"state": ["numpy.printoptions"]}),
    "style": ("plt.rcParams['figure.figsize'] = (3, 2)", {"state": ["pyplot.style"], "draws": False}),
    "drawn": ("plt.plot([1, 2])", {"draws": True}),
    "drawn by pandas": ("df['a'].plot()", {"draws": True, "mutates": []}),
    "axes": ("fig, ax = plt.subplots()\nax.plot([1])", {"draws": True, "binds": ["ax", "fig"]}),
    "not drawn": ("df['a'].mean()", {"draws": False}),
    "written and read": (
        "df.to_csv('out.csv'); pd.read_csv('out.csv')",
        {"files_written": ["out.csv"], "files_read": ["out.csv"]},
    ),
    "Parquet": (
        "df.to_parquet('o.parquet'); pd.read_parquet('o.parquet')",
        {"files_written": ["o.parquet"], "files_read": ["o.parquet"]},
    ),
}


CLEAN = "for left in ('fig', 'ax', 'p', 'model', 'name', 'left'):\n    globals().pop(left, None)"


@pytest.mark.slow
def test_statements(science: Any) -> None:
    """Every row after the same setup, in one process."""
    cells = [cell for source, _ in TABLE.values() for cell in ([*SETUP, CLEAN], source)]
    seen = science(*cells)
    assert seen.status == 0, seen.error
    rows = seen.statements[len(SETUP) + 1 :: len(SETUP) + 2]
    got = {
        name: {key: row[key] for key in expected}
        for (name, (_, expected)), row in zip(TABLE.items(), rows, strict=True)
    }
    assert got == {name: expected for name, (_, expected) in TABLE.items()}


CALLS = [
    "import numpy as np, pandas as pd",
    "from sklearn.datasets import load_iris",
    "from sklearn.model_selection import train_test_split, cross_val_score, GridSearchCV",
    "from sklearn.linear_model import LogisticRegression",
    "from sklearn.preprocessing import StandardScaler",
    "from sklearn.metrics import accuracy_score, confusion_matrix, classification_report",
    "X, y = load_iris(return_X_y=True, as_frame=True)",
    "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=0)",
    "scaler = StandardScaler().fit(X)",
    "Z = scaler.transform(X_test)",
    "clf = LogisticRegression(max_iter=500).fit(X_train, y_train)",
    "pred = clf.predict(X_test)",
    "print('accuracy', accuracy_score(y_test, pred))",
    "swapped = accuracy_score(pred, y_test)",
    "clf.score(X_test, y_test)",
    "confusion_matrix(y_test, pred)",
    "cv = cross_val_score(clf, X, y, cv=3)",
    "grid = GridSearchCV(clf, {'C': [0.1, 1]}, cv=3).fit(X_train, y_train)",
    "clf.predict(X_train)",
    "def rmse(a, b):\n    return float(np.sqrt(np.mean((a - b) ** 2)))",
    "rmse(y_test, pred)",
    "print(classification_report(y_test, pred))",
]


@pytest.mark.slow
def test_calls(science: Any) -> None:
    seen = science(CALLS)
    assert seen.status == 0, seen.error
    calls = {index: statement["calls"] for index, statement in enumerate(seen.statements)}
    first = {index: found[0] for index, found in calls.items() if found}
    kinds = {
        6: "load",
        7: "split",
        8: "fit",
        9: "transform",
        10: "fit",
        11: "predict",
        12: "score",
        14: "score",
        15: "score",
        16: "score",
        17: "fit",
        20: "score",
        21: "score",
    }
    assert {index: first[index]["kind"] for index in kinds} == kinds
    assert (first[8]["model"], first[10]["model"], first[17]["model"]) == ("transformer", "classifier", "search")
    assert (first[9]["seen"], first[18]["seen"], first[10]["rows"]) == (1.0, 1.0, 75)
    assert first[11]["seen"] < 0.1  # iris holds a few rows twice
    assert first[11]["receiver"] == seen.value(10, "clf")["token"] == first[10]["result"]
    assert first[11]["arguments"] == {"0": seen.value(7, "X_test")["token"]}
    assert first[11]["argument_names"] == {"0": "X_test"}
    assert first[12]["arguments"]["1"] == first[11]["result"] == seen.value(11, "pred")["token"]
    assert first[10]["function"] == "sklearn.linear_model._logistic.LogisticRegression.fit"
    assert first[10]["receiver_type"] == "sklearn.linear_model.LogisticRegression"
    assert first[20]["function"] == "__main__.rmse"


@pytest.mark.slow
def test_scores_and_their_rows(science: Any) -> None:
    seen = science(CALLS)
    numbers = {
        index: [(n["role"], n["name"]) for n in statement["numbers"]] for index, statement in enumerate(seen.statements)
    }
    assert numbers[12] == [("score", ""), ("printed", "")]
    assert numbers[13] == [("score", ""), ("assigned", "swapped")]
    assert numbers[14] == [("score", ""), ("displayed", "")] or numbers[14] == [("score", "")]
    accuracy = seen[12]["numbers"][0]["value"]
    assert seen[13]["numbers"][0]["value"] == accuracy == seen[14]["numbers"][0]["value"]
    assert [len(row) for row in seen[15]["numbers"][0]["value"]] == [3, 3, 3]
    assert len(seen[16]["numbers"][0]["value"]) == 3
    assert "precision" in seen[21]["numbers"][0]["value"]
    check = "import numpy as np, json\n" + "\n".join(
        f"a = np.load({str(seen.folder / 'arrays' / seen[index]['calls'][0]['predictions'])!r}, allow_pickle=False)\n"
        f"print(float((a['truth'] == a['prediction']).mean()), a['truth'][:3].tolist(), a['index'][:3].tolist())"
        for index in (12, 13, 14)
    )
    printed = science(check).statements[-1]["printed"].splitlines()
    assert len(set(printed)) == 1
    assert float(printed[0].split()[0]) == accuracy


FINGERPRINTS = {
    "memory order": ("np.ones((3, 2))", "np.asfortranarray(np.ones((3, 2)))", True),
    "a strided view": ("np.arange(6)[::2]", "np.array([0, 2, 4])", True),
    "dtype": ("np.ones(3)", "np.ones(3, dtype='float32')", False),
    "shape": ("np.ones((2, 3))", "np.ones((3, 2))", False),
    "object array": ("np.array(['a', None, 1.5], dtype=object)", "np.array(['a', None, 1.5], dtype=object)", True),
    "blocks of a table": ("pd.DataFrame({'a': [1.0], 'b': [2.0]})", "pd.DataFrame({'a': [1.0]}).assign(b=[2.0])", True),
    "column order": ("pd.DataFrame({'a': [1], 'b': [1]})", "pd.DataFrame({'b': [1], 'a': [1]})", False),
    "index": ("pd.Series([1, 2])", "pd.Series([1, 2], index=[1, 0])", False),
    "index name": ("pd.Series([1], index=pd.Index([0], name='n'))", "pd.Series([1], index=pd.Index([0]))", False),
    "strings": ("pd.Series(['a', None])", "pd.Series(['a', 'b'])", False),
    "categories": (
        "pd.Series(['a', 'b'], dtype='category')",
        "pd.Series(pd.Categorical(['a', 'b'], categories=['b', 'a']))",
        False,
    ),
    "dates": ("pd.to_datetime(pd.Series(['2020-01-01']))", "pd.to_datetime(pd.Series(['2020-01-02']))", False),
    "nullable": ("pd.array([1, None], dtype='Int64')", "pd.array([1, None], dtype='Int64')", True),
    "multi index": (
        "pd.DataFrame({'a': [1]}, index=pd.MultiIndex.from_tuples([(1, 'x')]))",
        "pd.DataFrame({'a': [1]}, index=pd.MultiIndex.from_tuples([(1, 'y')]))",
        False,
    ),
    "sparse": ("scipy.sparse.eye(3).tocsr()", "scipy.sparse.csr_matrix(scipy.sparse.eye(3))", True),
    "forest": ("forest(0)", "forest(0)", True),
    "another forest": ("forest(0)", "forest(1)", False),
    "measured times do not count": ("search()", "search()", True),
    "pickled and back": ("forest(0)", "pickle.loads(pickle.dumps(forest(0)))", True),
    "generator": ("np.random.default_rng(1)", "np.random.default_rng(2)", False),
    "structured array": (
        "np.array([(1, 2.0)], dtype=[('a', 'i1'), ('b', 'f8')])",
        "np.array([(1, 3.0)], dtype=[('a', 'i1'), ('b', 'f8')])",
        False,
    ),
}


@pytest.mark.slow
def test_fingerprints(science: Any) -> None:
    setup = (
        "import numpy as np, pandas as pd, scipy.sparse, pickle\n"
        "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import GridSearchCV\n"
        "X, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2\n"
        "def forest(seed):\n    return RandomForestClassifier(5, random_state=seed).fit(X, y)\n"
        "def search():\n    return GridSearchCV(RandomForestClassifier(3, random_state=0), {'max_depth': [1, 2]}, cv=2).fit(X, y)"
    )
    sources = [f"left, right = {left}, {right}" for left, right, _ in FINGERPRINTS.values()]
    seen = science(setup, *sources)
    assert seen.status == 0, seen.error
    same = {}
    for index, name in enumerate(FINGERPRINTS, 1):
        left, right = seen.value(index, "left"), seen.value(index, "right")
        assert left["exact"] and right["exact"], name
        same[name] = left["fingerprint"] == right["fingerprint"]
    assert same == {name: expected for name, (_, _, expected) in FINGERPRINTS.items()}


@pytest.mark.slow
def test_a_seed_reaches_libraries_right_after_their_import(science: Any) -> None:
    cells = [
        "import numpy as np; first = np.random.rand(2)",
        "np.random.default_rng().random(2)",
        "from sklearn.utils import shuffle",
        "shuffle([1, 2, 3, 4, 5])",
    ]
    runs = [science(*cells, seed=7) for _ in range(2)]
    assert [s["displayed"] for s in runs[0].statements] == [s["displayed"] for s in runs[1].statements]
    assert runs[0].value(0, "first")["fingerprint"] == runs[1].value(0, "first")["fingerprint"]
    assert runs[0][0]["consumes"] == ["numpy"]
    own = ["import numpy as np\nnp.random.seed(3)\nnp.random.rand(2)"]
    assert science(*own, seed=7)[0]["displayed"] == science(*own)[0]["displayed"]


@pytest.mark.slow
def test_figures_close_as_in_a_notebook(science: Any) -> None:
    seen = science(
        ["import matplotlib.pyplot as plt", "plt.plot([1])", "plt.show()", "len(plt.get_fignums())"],
        ["plt.plot([2])"],
        ["len(plt.get_fignums())"],
    )
    assert (seen[3]["displayed"], seen[5]["displayed"]) == ("0", "0")
    assert seen[2]["draws"] and not seen[2]["warnings"]


@pytest.mark.slow
def test_functions_travel_to_other_processes(science: Any) -> None:
    seen = science(
        "from joblib import Parallel, delayed\nfrom sklearn.metrics import accuracy_score",
        "def one(i):\n    score = accuracy_score([1, i], [1, 1])\n    return score",
        "Parallel(n_jobs=2)(delayed(one)(i) for i in range(3))",
    )
    assert seen.status == 0, seen.error
    assert seen[2]["displayed"] == "[0.5, 1.0, 0.5]"
