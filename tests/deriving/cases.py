"""Notebooks in miniature, each odd in one way about what happens between the data file and the model."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

IMPORTS = """import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler, LabelEncoder, OneHotEncoder
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, mean_absolute_error"""

SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)"
REGRESS = f"""{SPLIT}
model = LinearRegression()
model.fit(X_train, y_train)
y_pred = model.predict(X_test)
print(mean_absolute_error(y_test, y_pred))"""
CLASSIFY = f"""{SPLIT}
model = LogisticRegression(max_iter=1000)
model.fit(X_train, y_train)
y_pred = model.predict(X_test)
print(accuracy_score(y_test, y_pred))"""


def flats(rows: int = 120) -> str:
    """Flats with their rent: numbers, words, gaps, dates."""
    chance = random.Random(7)
    lines = ["id,area,rooms,city,heating,built,signed,rent,let"]
    for number in range(rows):
        area, rooms = chance.randint(20, 140), chance.choice(["1", "2", "3", ""])
        city, heating = chance.choice(["Bern", "Basel", "Chur"]), chance.choice(["gas", "oil", "heat pump", ""])
        built, signed = chance.randint(1900, 2020), f"20{chance.randint(10, 20)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        rent = 300 + 12 * area + {"Bern": 300, "Basel": 200, "Chur": 0}[city] + chance.randint(-90, 90)
        lines.append(f"{number},{area},{rooms},{city},{heating},{built},{signed},{rent},{'yes' if rent - 10 * area > 650 else 'no'}")
    return "\n".join(lines) + "\n"


def other_flats() -> str:
    """Thirty that are not among the first ones."""
    head, *lines = flats(150).splitlines(keepends=True)
    return head + "".join(lines[120:])


def pets(rows: int = 120) -> str:
    """Flats again: whole numbers, truths, dates and kinds, gaps in each."""
    chance = random.Random(11)
    lines = ["Rent,rooms,pets,kind,free,let"]
    for _ in range(rows):
        rent = chance.randint(500, 2500) + chance.random()
        rooms, pet, kind = chance.choice(["1", "2", "3", ""]), chance.choice(["True", "False", ""]), chance.choice(["loft", "attic", "größer", ""])
        free = chance.choice([f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}", ""])
        lines.append(f"{rent!r},{rooms},{pet},{kind},{free},{'yes' if rent > 1500 else 'no'}")
    return "\n".join(lines) + "\n"


SCRATCH = """def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class LogisticScratch:
    def __init__(self, rate=0.5, rounds=200):
        self.rate, self.rounds, self.activation = rate, rounds, sigmoid

    def fit(self, X, y):
        self.weights, self.bias, self.losses = np.zeros(X.shape[1]), 0, []
        for _ in range(self.rounds):
            error = self.activation(X @ self.weights + self.bias) - y
            self.weights -= self.rate * X.T @ error / len(X)
            self.bias -= self.rate * np.mean(error)
            self.losses.append(np.mean(error ** 2))

    def predict(self, X):
        return [1 if p > 0.5 else 0 for p in self.activation(X @ self.weights + self.bias)]"""
VOTES = """class Votes:
    def __init__(self, models):
        self.models = models

    def fit(self, X, y):
        for model in self.models:
            model.fit(X, y)

    def predict(self, X):
        return pd.DataFrame([model.predict(X) for model in self.models]).mode().iloc[0].values"""
CITIES = "city,tax\nBern,1.54\nBasel,1.26\nChur,0.9\n"


@dataclass(frozen=True)
class Case:
    """`holds`: pieces that the text of predict.py must hold; `lacks`: pieces that it must not; `inputs`: the columns it asks for.

    `whole`: among those that go the whole way in the tests, pipeline and proof included; `first`: in `make test`, not only in `make test-more`.
    `observed`: only the observer sees what its statements change, their text does not tell.
    """

    name: str
    cells: tuple[str, ...]
    inputs: tuple[str, ...]
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ("train_test_split", "fit_transform", ".fit(")
    files: dict[str, str] = field(default_factory=lambda: {"flats.csv": flats()})
    whole: bool = False
    first: bool = False
    observed: bool = False


READ = 'df = pd.read_csv("flats.csv")'

PROVED = (
    Case("gaps filled with the mean and the most frequent value", (
        IMPORTS, READ, 'df["rooms"] = df["rooms"].fillna(df["rooms"].mean())\ndf["heating"] = df["heating"].fillna(df["heating"].mode()[0])',
        'X = pd.get_dummies(df[["area", "rooms", "heating"]], drop_first=True)\ny = df["rent"]', REGRESS,
    ), ("area", "rooms", "heating"), ('fillna(state.rooms_mean)', "reindex(columns=state.", "fillna(state.heating_mode"), ("drop_first", "train_test_split")),
    Case("rows with gaps dropped, an id dropped, the target encoded", (
        IMPORTS, READ, "df = df.dropna()\ndf = df.drop_duplicates()",
        'le = LabelEncoder()\ndf["let"] = le.fit_transform(df["let"])\ndf["city"] = le.fit_transform(df["city"])',
        'X = df.drop(["id", "let", "heating", "signed"], axis=1)\ny = df["let"]', CLASSIFY,
    ), ("area", "rooms", "city", "built", "rent"), ("state.le_city.transform(df[\"city\"])", "LABELS = {\n    0: \"no\","),
        ("dropna", "le_let", "fit_transform"), whole=True),
    Case("columns encoded in a loop", (
        IMPORTS, READ, 'df = df.dropna()\nfor column in ["city", "heating"]:\n    encoder = LabelEncoder()\n    df[column] = encoder.fit_transform(df[column])',
        'X = df[["area", "city", "heating"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city", "heating"), ("state.encoder[column].transform(df[column])",), whole=True),
    Case("bins of the training data", (
        IMPORTS, READ, 'df["age"] = pd.cut(df["built"], 4, labels=False)\ndf["size"] = pd.qcut(df["area"], 3, labels=False)',
        'X = df[["age", "size", "area"]]\ny = df["rent"]', REGRESS,
    ), ("area", "built"), ('pd.cut(df["built"], state.built_edges', "include_lowest=True")),
    Case("a side table merged", (
        IMPORTS, READ, 'cities = pd.read_csv("cities.csv")\ndf = df.merge(cities, on="city", how="left")', 'X = df[["area", "tax"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city"), ("df.merge(state.cities",), files={"flats.csv": flats(), "cities.csv": CITIES}, whole=True),
    Case("parts of a date", (
        IMPORTS, READ, 'df["signed"] = pd.to_datetime(df["signed"])\ndf["year"] = df["signed"].dt.year\ndf["age"] = df["year"] - df["built"]',
        'X = df[["area", "year", "age"]]\ny = df["rent"]', REGRESS,
    ), ("area", "built", "signed")),
    Case("the logarithm of the target", (
        IMPORTS, READ, 'df["built"] = df["built"].fillna(df["built"].median())\ndf.loc[df["area"] > 500, "area"] = 500',  # there are none today
        'df["rent"] = np.log1p(df["rent"])\ndf["area"] = np.log(df["area"])', 'X = df[["area", "built"]].values\ny = df["rent"].values', REGRESS,
    ), ("area", "built"), ("np.expm1(value)", 'fillna(state.built_median)', 'df.loc[df["area"] > 500, "area"] = 500'), whole=True, first=True),
    Case("columns by place, scaled as an array", (
        IMPORTS, READ, 'X = df.iloc[:, [1, 5]].values\ny = (df.iloc[:, -1] == "yes").astype(int).values', SPLIT,
        "sc = StandardScaler()\nX_train = sc.fit_transform(X_train)\nX_test = sc.transform(X_test)",
        "model = LogisticRegression()\nmodel.fit(X_train, y_train)\ny_pred = model.predict(X_test)\nprint(accuracy_score(y_test, y_pred))",
    ), ("area", "built"), ("state.sc.transform(X_test)", 'df[["area", "built"]]')),
    Case("a helper that needs a mean", (
        IMPORTS, READ, 'def prepare(table):\n    table = table.copy()\n    table["rooms"] = table["rooms"].fillna(table["rooms"].median())\n    return table',
        'df = prepare(df)\nX = df[["area", "rooms"]]\ny = df["rent"]', REGRESS,
    ), ("area", "rooms"), ("fillna(state.rooms_median)",)),
    Case("helpers that read the table, and what was made before", (
        IMPORTS, READ, '''north = set(df.loc[df["built"] > 1950, "city"].unique()) - {"Chur"}
def words_of(text):
    return text.lower().split()
def in_north(city):
    return int(city in north and len(words_of(city)) == 1)
names = []
for i in range(0, df.shape[0]):
    names.append(words_of(df["city"][i]))
def marked(word):
    found = []
    for i in range(0, df.shape[0]):
        found.append(1 if word in names[i] else 0)
    return found''', '''def add_year(column):
    df[column + "_year"] = pd.to_datetime(df[column]).dt.year
add_year("signed")''', 'df["north"] = df["city"].apply(in_north)\ndf["bern"] = marked("bern")',
        'X = df[["area", "signed_year", "north", "bern"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city", "signed"), ("city in state.north", "    def marked(word):", "    def add_year(column):", 'add_year("signed")'),
        whole=True, observed=True),
    Case("the mean of a group", (
        IMPORTS, READ, 'df["usual"] = df.groupby("city")["area"].transform("mean")\ndf["many"] = df["heating"].map(df["heating"].value_counts()).fillna(0)',
        'X = df[["area", "usual", "many"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city", "heating"), whole=True),
    Case("a helper that splits and scales", (
        IMPORTS, READ, """def prepare(df):
    X, y = df[["area", "built", "rooms"]].copy(), df["rent"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    usual = X_train["rooms"].median()
    X_train["rooms"], X_test["rooms"] = X_train["rooms"].fillna(usual), X_test["rooms"].fillna(usual)
    scaler, centre = StandardScaler(), StandardScaler(with_std=False)
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.transform(X_test)
    centre.fit(X_train)
    return centre.transform(X_train), centre.transform(X_test), y_train, y_test""", "X_train, X_test, y_train, y_test = prepare(df)",
        REGRESS.replace(SPLIT, ""),
    ), ("area", "rooms", "built"), ("X_train = (scaler := state.scaler).transform(X_train)", "centre = state.centre"), whole=True),
    Case("helpers that are called for one column after the other", (
        IMPORTS, READ + "\ndf = df.dropna()", "def encode(column):\n    return LabelEncoder().fit_transform(column)",
        "def cap(values):\n    low, high = values.quantile(0.1), values.quantile(0.9)\n    return values.clip(low, high)",
        'for name in ["city", "heating"]:\n    df[name] = encode(df[name])\ndf["area"] = cap(df["area"])\ndf["built"] = cap(df["built"])',
        'X = df[["area", "built", "city", "heating"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city", "heating", "built"), ("state.quantile[values.name]", "state.label_encoder[column.name].transform(column)"), whole=True),
    Case("two tables prepared in a loop over both", (
        IMPORTS, READ + '\nnew = pd.read_csv("new.csv")\nboth = [new, df]',
        'for table in both:\n    table["rooms"] = table["rooms"].fillna(table["rooms"].median())\n'
        '    table["city"] = LabelEncoder().fit_transform(table["city"])',
        'for table in [df, new]:\n    table["large"] = table["area"] > table["area"].mean()',
        'X = df[["area", "city", "rooms", "large"]]\ny = df["rent"]', REGRESS,
    ), ("area", "rooms", "city"), ("both = [df.copy(), df]", "for table in [df, df.copy()]:", 'table["rooms"].fillna(state.rooms_median)'),
        files={"flats.csv": flats(), "new.csv": other_flats()}, whole=True, first=True, observed=True),
    Case("the parts of a split in a tuple and a dictionary", (
        IMPORTS, READ, 'X = df[["area", "built"]]\ny = df["rent"]\nparts = train_test_split(X, y, random_state=0)\nX_train, X_test = parts[:2]',
        'data = {"test": X_test, "truth": parts[3]}\nmodel = LinearRegression()\nmodel.fit(X_train, parts[2])\ny_pred = model.predict(data["test"])',
        'print(mean_absolute_error(data["truth"], y_pred))',
    ), ("area", "built"), ("parts = (X, X, y, y)",), whole=True),
    Case("text", (
        IMPORTS + "\nfrom sklearn.feature_extraction.text import TfidfVectorizer", READ,
        'df["words"] = df["city"].str.lower() + " " + df["heating"].fillna("none")',
        'tfidf = TfidfVectorizer()\nX = tfidf.fit_transform(df["words"])\ny = df["let"]',
        CLASSIFY,
    ), ("city", "heating"), ('state.tfidf_words.transform(df["words"])',)),
    Case("scored in a helper", (
        IMPORTS, READ, 'X = df[["area", "built"]]\ny = df["let"]', SPLIT,
        "def evaluate(model):\n    model.fit(X_train, y_train)\n    return accuracy_score(y_test, model.predict(X_test))",
        "model = LogisticRegression(max_iter=1000)\nprint(evaluate(model))",
    ), ("area", "built")),
    Case("categories as codes", (
        IMPORTS, READ, 'df["heating"] = df["heating"].fillna("none").astype("category").cat.codes\ndf["city"] = pd.factorize(df["city"])[0]',
        'X = df[["area", "heating", "city"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city", "heating"), ("pd.CategoricalDtype(state.",)),
    Case("outliers left out, rows shuffled", (
        IMPORTS, READ, 'limit = df["area"].quantile(0.95)\ndf = df[df["area"] < limit]\ndf = df.sample(frac=1, random_state=1).reset_index(drop=True)',
        'X = df[["area", "built"]]\ny = df["rent"]', REGRESS,
    ), ("area", "built"), (), ("quantile", "sample", "limit")),
    Case("rows made up before the split", (
        IMPORTS, READ, """class Doubler:
    def fit_resample(self, X, y):
        extra = X.head(30) + 0.5
        return pd.concat([X, extra], ignore_index=True), pd.concat([y, y.head(30)], ignore_index=True)""",
        'X = df[["area", "built"]].astype(float)\ny = df["let"]\nsm = Doubler()\nX, y = sm.fit_resample(X, y)', CLASSIFY,
    ), ("area", "built"), ("X_test = X",), ("fit_resample",)),
    Case("whole numbers, truths, dates and categories with gaps", (
        IMPORTS, 'df = pd.read_csv("pets.csv", parse_dates=["free"], dtype={"kind": "category"})',
        'df["rooms"] = df["rooms"].fillna(df["rooms"].median())\ndf["pets"] = df["pets"].map({True: 1, False: 0}).fillna(-1)',
        'df["month"] = df["free"].dt.month.fillna(0)\ndf["kind"] = df["kind"].cat.codes\ndf["rent"] = df["Rent"] / 1000',
        'X = df[["rent", "rooms", "pets", "month", "kind"]]\ny = df["let"]', CLASSIFY,
    ), ("Rent", "rooms", "pets", "kind", "free"), ("fillna(state.rooms_median)",),
        files={"pets.csv": pets()}, whole=True, first=True),
    Case("clusters of the rows that were clustered", (
        IMPORTS + "\nfrom sklearn.cluster import KMeans", READ, 'X = StandardScaler().fit_transform(df[["area", "rent"]])',
        "model = KMeans(n_clusters=3, n_init=10, random_state=0)\ny_pred = model.fit_predict(X)",
    ), ("area", "rent"), ("y_pred = state.model.predict(X)", "state.standard_scaler.transform("), ("fit_predict", "fit_transform"), whole=True),
    Case("clusters by the labels of the fit, after a PCA", (
        IMPORTS + "\nfrom sklearn.cluster import KMeans\nfrom sklearn.decomposition import PCA", READ, "pca = PCA(n_components=2)",
        'X = pca.fit_transform(df[["area", "built", "rent"]])',
        'model = KMeans(n_clusters=3, n_init=10, random_state=0)\nmodel.fit(X)\ndf["cluster"] = model.labels_\ny_pred = df["cluster"].values',
    ), ("area", "built", "rent"), ('df["cluster"] = state.model.predict(X)', "state.pca.transform("), ("labels_", "fit_transform")),
    Case("a pair of values", (
        IMPORTS + "\nfrom scipy import stats", READ, 'df["city"], cities = pd.factorize(df["city"])\ndf["area"], power = stats.boxcox(df["area"])',
        'df["built"] = stats.yeojohnson(df["built"])[0]', 'X = df[["area", "city", "built"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city", "built"), ('pd.Index(state.city_values).get_indexer(df["city"])', 'stats.boxcox(df["area"], lmbda=state.area_lambda)'), whole=True),
    Case("scaled by a function", (
        IMPORTS + "\nfrom sklearn.preprocessing import scale, minmax_scale\nfrom scipy.stats import zscore", READ,
        'df["built"] = minmax_scale(df["built"])\ndf["age"] = zscore(df["built"])', 'X = scale(df[["area", "built", "age"]])\ny = df["rent"]', REGRESS,
    ), ("area", "built"), ("state.built_scaler.transform(", "[:, 0]"), whole=True),
    Case("dummies of two tables aligned", (
        IMPORTS, READ, 'X = df[["area", "city", "heating"]]\ny = df["rent"]', SPLIT, "X_train = pd.get_dummies(X_train)\nX_test = pd.get_dummies(X_test)",
        'X_train, X_test = X_train.align(X_test, join="left", axis=1, fill_value=0)',
        "model = LinearRegression()\nmodel.fit(X_train, y_train)\ny_pred = model.predict(X_test)\nprint(mean_absolute_error(y_test, y_pred))",
    ), ("area", "city", "heating"), ("X_test = X_test.reindex(columns=state.aligned_columns, fill_value=0)",), whole=True),
    Case("asked row by row in a loop", (
        IMPORTS, READ, 'X = df[["area", "built"]].values\ny = df["rent"].values', SPLIT, "model = LinearRegression()\nmodel.fit(X_train, y_train)",
        "y_pred = []\nfor row in X_test:\n    y_pred.append(model.predict(row.reshape(1, -1))[0])", "print(mean_absolute_error(y_test, y_pred))",
    ), ("area", "built"), ("y_pred = []", "for row in X_test:"), whole=True),
    Case("the means of groups merged", (
        IMPORTS, READ, 'usual = df.groupby("city")["area"].mean().reset_index().rename(columns={"area": "usual"})',
        'df = df.merge(usual, on="city", how="left")', 'X = df[["area", "usual"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city"), ("df.merge(state.usual",), whole=True),
    Case("two files one under the other, then apart again", (
        IMPORTS, READ + '\nnew = pd.read_csv("new.csv")', "both = pd.concat([df, new], ignore_index=True)",
        'both["city"] = LabelEncoder().fit_transform(both["city"])', 'known = both[: len(df)]\nX = known[["area", "city"]]\ny = known["rent"]', REGRESS,
    ), ("area", "city"), ("state.label_encoder_city.transform(",), files={"flats.csv": flats(), "new.csv": flats(30)}, whole=True),
    Case("two files one under the other in a list, the second asked about", (
        IMPORTS, READ + '\nnew = pd.read_csv("new.csv")', 'X, y = df[["area", "city"]], df["rent"]\nnew = new[["area", "city"]]\nboth = [X, new]',
        "both = pd.get_dummies(pd.concat(both, ignore_index=True))", "known, asked = both.iloc[:120], pd.DataFrame(both.tail(30))\nasked = asked.reset_index()",
        'del asked["index"]\nmodel = LinearRegression()\nmodel.fit(known, y)\ny_pred = model.predict(asked)\nprint(y_pred.mean())',
    ), ("area", "city"), ("reindex(columns=state.dummy_columns", "new = rows.copy()"), ("concat", "tail("),
        files={"flats.csv": flats(), "new.csv": other_flats()}, whole=True),
    Case("columns filled and scaled by a lambda that looks at each of them", (
        IMPORTS, READ, 'X = df[["area", "rooms", "built"]]\nX = X.apply(lambda x: x.fillna(x.value_counts().index[0]))',
        'X = X.apply(lambda column: (column - np.mean(column)) / column.std(), axis=0)\ny = df["rent"]', REGRESS,
    ), ("area", "rooms", "built"), ("x.fillna(state.value_counts_index_by_column[x.name])", "(column - state.mean_by_column[column.name])"), whole=True),
    Case("gaps filled by a lambda with what the group has", (
        IMPORTS, READ, 'df["rooms"] = df.groupby(["city", "let"])["rooms"].transform(lambda x: x.fillna(x.median()))',
        'df["area"] = df.groupby("city")["area"].transform(lambda a: a / a.max())\ndf["usual"] = df.groupby(["city", "let"])["area"].transform("mean")',
        'X = df[["area", "rooms", "usual"]]\ny = df["rent"]', REGRESS,
    ), ("area", "rooms", "city", "let"), ('state.median_of_rooms.get(tuple(row), np.nan)', 'df["area"] / df["city"].map(state.max_of_area)'), whole=True),
    Case("rows shuffled, then cut in two", (
        IMPORTS + "\nfrom sklearn.utils import shuffle", READ, "df = shuffle(df, random_state=0)", 'X = df[["area", "built"]].values\ny = df["rent"].values',
        "X, y = shuffle(X, y, random_state=1)\nX_train, X_test, y_train, y_test = X[:80], X[80:], y[:80], y[80:]",
        "model = LinearRegression().fit(X_train, y_train)\ny_pred = model.predict(X_test)\nprint(mean_absolute_error(y_test, y_pred))",
    ), ("area", "built"), ("X_test = X",), ("shuffle(",), whole=True),
    Case("rows picked by number, in another order", (
        IMPORTS, READ, 'X = df[["area", "built"]].values\ny = df["rent"].values', "order = np.random.RandomState(0).permutation(len(X))",
        "X, y = X[order], y[order]\npicked = order[80:]\nX_train, y_train = X[:80], y[:80]",
        "model = LinearRegression().fit(X_train, y_train)\ny_pred = model.predict(X[picked])\nprint(mean_absolute_error(y[picked], y_pred))",
    ), ("area", "built"), ("y_pred = state.model.predict(X)",), ("permutation", "picked"), whole=True),
    Case("models in a loop, none kept but the last", (
        IMPORTS + "\nfrom sklearn.tree import DecisionTreeClassifier", READ, 'X = df[["area", "built"]]\ny = df["let"]', SPLIT,
        'models = [("tree", DecisionTreeClassifier(random_state=0)), ("line", LogisticRegression(max_iter=500))]',
        "for name, model in models:\n    model.fit(X_train, y_train)\n    print(name, accuracy_score(y_test, model.predict(X_test)))",
    ), ("area", "built"), ("X_test = X", "state.model.predict_proba(X_test)"), whole=True),
    Case("folds, the model of the last one", (
        IMPORTS + "\nfrom sklearn.model_selection import KFold", READ, 'X = df[["area", "built"]].values\ny = df["rent"].values',
        "folds = KFold(3, shuffle=True, random_state=0)\nscores = []",
        "for train, test in folds.split(X):\n    model = LinearRegression()\n    model.fit(X[train], y[train])\n"
        "    scores.append(mean_absolute_error(y[test], model.predict(X[test])))", "print(np.mean(scores))",
    ), ("area", "built"), ("return state.model.predict(X), ()",), whole=True),
    Case("a file without a header", (
        IMPORTS, 'df = pd.read_csv("numbers.csv", header=None).values', "X = df[:, 0].reshape(-1, 1)\ny = df[:, 1]", REGRESS,
    ), ("0",), ("df = rows.rename(columns=int).values",), files={"numbers.csv": "".join(f"{n},{n * 3 + n % 7}\n" for n in range(60))}, whole=True),
    Case("a file that NumPy reads", (
        IMPORTS + "\nfrom numpy import loadtxt", 'data = loadtxt("numbers.csv", delimiter=",", skiprows=1)', "X = data[:, 1:3]\ny = data[:, 3]", REGRESS,
    ), ("x1", "x2"), ("data = rows.to_numpy()", "X_test = X"), ("loadtxt(\"",),
        files={"numbers.csv": "n,a,b,c\n" + "".join(f"{n},{n * 3 + n % 7},{n % 5},{n % 11 / 2}\n" for n in range(60))}, whole=True),
    Case("a data set of the library, as arrays", (
        IMPORTS + "\nfrom sklearn.datasets import load_iris", "iris = load_iris()", 'X = iris.data[:, 2:]\ny = iris["target"]', CLASSIFY,
    ), ("petal length (cm)", "petal width (cm)"), ('X = rows.drop(columns="target", errors="ignore").to_numpy()[:, 2:]',), files={}, whole=True, first=True),
    Case("a data set of the library, as data and target", (
        IMPORTS + "\nfrom sklearn import datasets", "X, y = datasets.load_diabetes(return_X_y=True, as_frame=True)\nX = X[['bmi', 'age']]", REGRESS,
    ), ("age", "bmi"), ('X = rows.drop(columns="target", errors="ignore")',), files={}),
    Case("a data set of the library, as a frame that is put together", (
        IMPORTS + "\nfrom sklearn.datasets import load_iris", "iris = load_iris()\ndf = pd.DataFrame(iris.data, columns=iris.feature_names)",
        'df["target"] = iris.target\ndf["name"] = df["target"].apply(lambda number: iris.target_names[number])',
        'X = df.drop(["target", "name"], axis=1)\ny = df["target"]', CLASSIFY,
    ), ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"), ("columns=state.",), files={}),
    Case("texts gathered by the number of their row", (
        IMPORTS + "\nimport re\nfrom sklearn.feature_extraction.text import CountVectorizer", READ,
        "corpus = []\nfor i in range(0, 120):\n    text = re.sub('[^a-z]', ' ', df['city'][i].lower())\n    corpus.append(' '.join(text.split()))",
        "counts = CountVectorizer()\nX = counts.fit_transform(corpus).toarray()\ny = df['rent'].values", REGRESS,
    ), ("city",), ("for i in range(0, len(df['city'])):", "state.counts.transform(corpus)"), whole=True),
    Case("lambdas that look at the whole column, or encode it", (
        IMPORTS, READ, "df['rooms'] = df['rooms'].apply(lambda value: df['rooms'].median() if pd.isnull(value) else value)",
        "df['part'] = df.apply(lambda row: row['area'] / df['area'].max(), axis=1)",
        "words = ['city', 'heating']\ndf[words] = df[words].apply(lambda c: LabelEncoder().fit_transform(c.astype(str)))",
        "X = df[['part', 'rooms', 'city', 'heating']]\ny = df['rent']", REGRESS,
    ), ("area", "rooms", "city", "heating"), ("state.rooms_median if pd.isnull(value)", "row['area'] / state.area_max",
        "state.label_encoder_by_column[c.name].transform(c.astype(str))"), whole=True),
    Case("a model that no object holds, numbers that a loop learned", (
        IMPORTS, READ, 'X = df[["area", "built", "rent"]].values\ny = (df["let"] == "yes").astype(int).values\nX = (X - X.mean(axis=0)) / X.std(axis=0)',
        "X_train, X_test, y_train, y_test = X[:80], X[80:], y[:80], y[80:]",
        "def predict(X, weights):\n    return (1 / (1 + np.exp(-(X @ weights['w'] + weights['b']))) > 0.5).astype(int)",
        "weights = {'w': np.zeros(3), 'b': 0.0}\nfor _ in range(100):\n    error = 1 / (1 + np.exp(-(X_train @ weights['w'] + weights['b']))) - y_train\n"
        "    weights['w'] -= 0.5 * X_train.T @ error / len(X_train)\n    weights['b'] -= 0.5 * error.mean()",
        "y_hat = predict(X_test, weights)\nprint('right:', np.mean(y_hat == y_test))",
    ), ("area", "built", "rent"), ("y_hat = predict(X_test, state.weights)", '    0: "no",\n    1: "yes",', "X = (X - state.mean) / state.std"),
        whole=True, observed=True, first=True),
    Case("a formula of the author's, scored by a library", (
        IMPORTS + "\nfrom sklearn.metrics import r2_score", READ, 'X = np.c_[np.ones(len(df)), df["area"], df["built"]]\ny = np.log(df["rent"].values)', SPLIT,
        "theta = np.linalg.inv(X_train.T @ X_train) @ X_train.T @ y_train", "y_pred = X_test @ theta\nprint(r2_score(y_test, y_pred))",
    ), ("area", "built"), ("y_pred = X_test @ state.theta", "np.exp(value)"), whole=True, observed=True),
    Case("a vocabulary that a loop fills, read by a helper", (
        IMPORTS, READ, 'codes = {"none": 0}\nfor city in df["city"]:\n    if city not in codes:\n        codes[city] = len(codes)',
        "def coded(city):\n    return codes.get(city, 0)", 'df["code"] = df["city"].apply(coded)\nX = df[["area", "code"]]\ny = df["rent"]', REGRESS,
    ), ("area", "city"), ("return state.codes.get(city, 0)",)),
    Case("a target on a scale of its own, scored there", (
        IMPORTS, READ, 'X = df[["area", "built"]]\ny = StandardScaler().fit_transform(df[["rent"]]).ravel()', REGRESS,
    ), ("area", "built"), ("`rent` on the notebook's own scale, not in the units of the data file",), whole=True, observed=True),
    Case("classes of numbers, answers in words", (
        IMPORTS, READ, 'from sklearn.neighbors import KNeighborsClassifier\nle = LabelEncoder()\ny = le.fit_transform(df["city"])\nX = df[["area", "rent"]]',
        SPLIT, "model = KNeighborsClassifier(7)\nmodel.fit(X_train, y_train)\ny_pred = le.inverse_transform(model.predict(X_test))",
        "print(accuracy_score(le.inverse_transform(y_test), y_pred))",
    ), ("area", "rent"), ('CLASSES = ["Basel", "Bern", "Chur"]', "state.model.predict_proba(X_test)"), whole=True),
    Case("another threshold, and words for it", (
        IMPORTS, READ, 'y = (df["let"] == "yes").astype(int)\nX = df[["area", "rent"]]',
        SPLIT, "model = LogisticRegression(max_iter=1000)\nmodel.fit(X_train, y_train)",
        'y_pred = np.where(model.predict_proba(X_test)[:, 1] > 0.8, "yes", "no")\nprint(accuracy_score(np.where(y_test, "yes", "no"), y_pred))',
    ), ("area", "rent"), ("CLASSES = []",), whole=True),
    Case("a lambda that a pipeline keeps", (
        IMPORTS + "\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import FunctionTransformer", READ,
        'X = df[["area", "built"]]\ny = df["rent"]', SPLIT, "model = make_pipeline(FunctionTransformer(lambda x: np.log1p(x)), LinearRegression())",
        "model.fit(X_train, y_train)\ny_pred = model.predict(X_test)\nprint(mean_absolute_error(y_test, y_pred))",
    ), ("area", "built"), ("model/model.skops",), whole=True, observed=True),
    Case("a class of the author's, from scratch", (
        IMPORTS, READ, 'df["let"] = df["let"].map({"yes": 1, "no": 0})\nX = df[["area", "rent"]].values\ny = df["let"].values', SPLIT, SCRATCH,
        "scaler = StandardScaler()\nX_train, X_test = scaler.fit_transform(X_train), scaler.transform(X_test)",
        "model = LogisticScratch()\nmodel.fit(X_train, y_train)\ny_pred = model.predict(X_test)", "print(accuracy_score(y_test, y_pred))",
    ), ("area", "rent"), ("y_pred = state.model.predict(X_test)", 'model/model.zip', '    0: "no",\n    1: "yes",'), whole=True, first=True, observed=True),
    Case("a class of the author's that holds models of a library", (
        IMPORTS + "\nfrom sklearn.tree import DecisionTreeClassifier", READ, VOTES, 'X = pd.get_dummies(df[["area", "city"]])\ny = df["let"]', SPLIT,
        "model = Votes([LogisticRegression(max_iter=500), DecisionTreeClassifier(max_depth=3, random_state=0)])\nmodel.fit(X_train, y_train)",
        "y_pred = model.predict(X_test)\nprint(accuracy_score(y_test, y_pred))",
    ), ("area", "city"), ("model/model.skops",), whole=True, observed=True),
    Case("every column of words encoded", (
        IMPORTS, READ, 'df = df.dropna()\nwords = df.select_dtypes(include=["object", "string"]).columns',
        "df[words] = df[words].apply(LabelEncoder().fit_transform)",
        'X = df.drop("let", axis=1)\ny = df["let"]', CLASSIFY,
    ), ("id", "area", "rooms", "city", "heating", "built", "signed", "rent")),
)

# What is refused before anything is tried, with a piece of the reason.
STEPS = """class Loss:
    def __init__(self, weights):
        self.weights = weights

    def backward(self):
        self.weights *= 0.5

def trained(X, y):
    weights = np.full(X.shape[1], 9.0)
    for _ in range(3):
        Loss(weights).backward()
    return X @ weights, weights"""

NO_FUNCTION = (
    ("clusters that have no answer for another row", (
        IMPORTS + "\nfrom sklearn.cluster import DBSCAN", READ, 'X = df[["area", "rent"]]\nmodel = DBSCAN(eps=50)\ny_pred = model.fit_predict(X)',
    ), "DBSCAN has no `predict`"),
    ("labels of such clusters", (
        IMPORTS + "\nfrom sklearn.cluster import AgglomerativeClustering", READ,
        'X = df[["area", "rent"]]\nmodel = AgglomerativeClustering().fit(X)\ny_pred = model.labels_',
    ), "AgglomerativeClustering has no `predict`"),
    ("a helper that trains a network", (
        f"{IMPORTS}\n{STEPS}", READ, 'X, y = df[["area"]].to_numpy(), df["rent"].to_numpy()', 'y_pred, model = trained(X, y)', "print(y_pred)",
    ), "`trained` trains a network: it would be trained again for every row"),
    ("a helper that calls one that trains", (
        f"{IMPORTS}\n{STEPS}\ndef answers_of(X, y):\n    return trained(X, y)[0]", READ, 'X, y = df[["area"]].to_numpy(), df["rent"].to_numpy()',
        "y_pred = answers_of(X, y)", "print(y_pred)",
    ), "`trained` trains a network: it would be trained again for every row"),
    ("rows that no name holds any more", (
        IMPORTS + "\nfrom sklearn.cluster import KMeans", READ,
        'X = df[["area", "rent"]]\nmodel = KMeans(n_clusters=3, random_state=0).fit(X)\nX = X * 2\ny_pred = model.labels_',
    ), "about rows that no name holds any more"),
)

REFUSED = (
    Case("a running sum", (
        IMPORTS, READ, 'df["before"] = np.cumsum(df["area"])', 'X = df[["area", "before"]]\ny = df["rent"]', REGRESS,
    ), ()),
)
