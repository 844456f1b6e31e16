"""Notebooks in miniature that make columns of the rows before a row."""

from __future__ import annotations

import random
from typing import Any

from tests.deriving.window_cases import visitors


def newest_first() -> str:
    head, *lines = visitors().splitlines()
    return "\n".join([head, *lines[::-1]]) + "\n"


def shops(days: int = 50) -> str:
    """What three shops sold, day after day."""
    chance = random.Random(3)
    lines = ["date,shop,sales,promo"]
    for day in range(days):
        for number, shop in enumerate(["Bern", "Basel", "Chur"]):
            sales = 100 + 30 * number + day + chance.randint(-9, 9)
            lines.append(f"2021-{day // 28 + 1:02}-{day % 28 + 1:02},{shop},{sales},{chance.choice(['yes', 'no'])}")
    return "\n".join(lines) + "\n"


def rare() -> str:
    head, *lines = visitors().splitlines()
    fields = [line.split(",") for line in lines]
    return "\n".join([head, *(f"{month},{count if number < 60 and number % 7 else 0},{price}" for number, (month, count, price) in enumerate(fields))]) + "\n"


FILES = {"visitors.csv": visitors(), "shops.csv": shops(), "newest.csv": newest_first(), "rare.csv": rare()}
IMPORTS = """import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.ensemble import RandomForestRegressor
from sklearn.preprocessing import MinMaxScaler
from sklearn.metrics import mean_absolute_error"""
READ = 'df = pd.read_csv("visitors.csv")'
FIT = """train, test = df[:-20], df[-20:]
model = LinearRegression()
model.fit(train[features], train["visitors"])
X_test, y_test = test[features], test["visitors"]
y_pred = model.predict(X_test)
print(mean_absolute_error(y_test, y_pred))"""

LAGS = (
    IMPORTS, 'df = pd.read_csv("visitors.csv", parse_dates=["Month"])\ndf["month"] = df["Month"].dt.month',
    'df["lag1"] = df["visitors"].shift(1)\ndf["lag2"] = df["visitors"].shift(2)\ndf["lag12"] = df["visitors"].shift(12)',
    'df = df.dropna()\nfeatures = ["month", "lag1", "lag2", "lag12"]', FIT,
)
# On top of one another, in a loop, with means; dates are the index.
ON_TOP = (
    IMPORTS, 'df = pd.read_csv("visitors.csv", parse_dates=["Month"]).set_index("Month")',
    'for lag in range(1, 4):\n    df[f"lag_{lag}"] = df["visitors"].shift(lag)\ndf["mean"] = df["visitors"].shift(1).rolling(3).mean()\n'
    'df["change"] = df["visitors"].shift(1).pct_change()\ndf["diff"] = df["lag_1"].diff(2)',
    'df = df.dropna()\nfeatures = [name for name in df.columns if name not in ("visitors", "price")]', FIT,
)
HELPER = (
    IMPORTS, READ,
    'def add_lags(table, column, lags):\n    table = table.copy()\n    for lag in lags:\n        table[f"{column}_{lag}"] = table[column].shift(lag)\n'
    '    table["price_mean"] = table["price"].rolling(4).mean()\n    table.dropna(inplace=True)\n    return table',
    'df = add_lags(df, "visitors", [1, 6])\nfeatures = [name for name in df.columns if "_" in name]', FIT,
)
GROUPS = (
    IMPORTS, 'df = pd.read_csv("shops.csv")\ndf["date"] = pd.to_datetime(df["date"])\ndf = df.sort_values(["shop", "date"])',
    'df["lag1"] = df.groupby("shop")["sales"].shift(1)\n'
    'df["mean7"] = df.groupby("shop")["sales"].transform(lambda x: x.shift(1).rolling(7).mean())\ndf = pd.get_dummies(df, columns=["promo"])',
    'df = df.dropna()\ntrain, test = df[df["date"] < "2021-02-15"], df[df["date"] >= "2021-02-15"]\nX_test = test.drop(columns=["date", "shop", "sales"])',
    'model = RandomForestRegressor(n_estimators=10, random_state=0)\nmodel.fit(train.drop(columns=["date", "shop", "sales"]), train["sales"])\n'
    'y_pred = model.predict(X_test)\nprint(mean_absolute_error(test["sales"], y_pred))',
)
# Nothing came for a long time: what a statement on top of another sees further back is not told by the rows of the test set.
RARE = (
    IMPORTS, 'df = pd.read_csv("rare.csv")\ndf["last"] = df["visitors"].shift(1).fillna(0)\ndf["recent"] = df["last"].rolling(3, min_periods=1).sum()',
    'features = ["last", "recent", "price"]', FIT,
)
# One shop of several, chosen before.
ONE_SHOP = (
    IMPORTS, 'df = pd.read_csv("shops.csv", parse_dates=["date"])\ndf = df[df["shop"] == "Chur"]',
    'for lag in (1, 2):\n    df[f"lag{lag}"] = df["sales"].shift(lag)\ndf = df.dropna()\nfeatures = ["lag1", "lag2"]', FIT.replace('"visitors"', '"sales"'),
)
# The table of a series as supervised learning wants it, with scaled float32.
SUPERVISED = (
    IMPORTS, 'df = pd.read_csv("visitors.csv", index_col=0)\nscaler = MinMaxScaler()\nscaled = scaler.fit_transform(df.values.astype("float32"))',
    'def to_supervised(data, steps):\n    table = pd.DataFrame(data)\n    columns = [table.shift(step) for step in range(steps, 0, -1)]\n'
    '    columns.append(table)\n    made = pd.concat(columns, axis=1)\n    made.dropna(inplace=True)\n    return made',
    "values = to_supervised(scaled, 2).values\ntrain, test = values[:60, :], values[60:, :]\ntrain_X, train_y = train[:, :4], train[:, 4]\n"
    "test_X, test_y = test[:, :4], test[:, 4]",
    "model = LinearRegression()\nmodel.fit(train_X, train_y)\ny_pred = model.predict(test_X)\nprint(mean_absolute_error(test_y, y_pred))",
)
# The newest row comes first in the file; what is predicted is the next value.
SORTED = (
    IMPORTS, 'df = pd.read_csv("newest.csv")\ndf["Month"] = pd.to_datetime(df["Month"])\ndf = df.sort_values("Month").reset_index(drop=True)',
    'df["lag1"] = df["visitors"].shift(1)\ndf["lag2"] = df["visitors"].shift(2)\ndf["target"] = df["visitors"].shift(-1)',
    'df = df.dropna()\nfeatures = ["visitors", "lag1", "lag2", "price"]', FIT.replace('["visitors"]', '["target"]'),
)
# (cells, rows before, columns that they are grouped by, pieces of the text)
FOLLOWED: tuple[tuple[tuple[str, ...], int, tuple[str, ...], tuple[str, ...]], ...] = (
    (LAGS, 12, (), ("df = in_order(rows)", 'df["lag12"] = df["visitors"].shift(12)\ndf = asked(df)\n')),
    (ON_TOP, 3, (), (
        'df["mean"] = side_by_side(df["visitors"].shift(1), lambda each: each.rolling(3).mean())',
        'df["diff"] = df["lag_1"].diff(2)\ndf = asked(df)',
    )),
    (HELPER, 9, (), ('side_by_side(table["price"], lambda each: each.rolling(4).mean())', "    pass\n", "df = asked(df)")),
    (GROUPS, 7, ("shop",), (
        'df.groupby("shop")["sales"].shift(1)',
        'apart(df, lambda each: each.groupby("shop")["sales"].transform(lambda x: x.shift(1).rolling(7).mean()))\ndf = asked(df)',
    )),
    (SUPERVISED, 2, (), (".transform(", "values = asked(values)")),
    (SORTED, 2, (), ('df["lag2"] = df["visitors"].shift(2)\ndf = asked(df)\n',)),
)

_NEEDED = 'features = ["price", "new"]'
# What no row has an answer for by itself, with a piece of the reason; `new` is needed.
IN_THE_WAY: tuple[tuple[str, str], ...] = (
    ('df["new"] = df["price"].rank()', "compares each row with all others"),
    ('df["new"] = df["price"].cumsum()', "goes back to the first row"),
    ('df["new"] = df["visitors"].shift(1).ewm(span=3).mean()', "goes back to the first row"),
    ('df["new"] = df["visitors"].shift(1).expanding().mean()', "goes back to the first row"),
    ('df["new"] = df["visitors"].rolling(3, center=True).mean()', "looks at rows behind"),
)


def with_column(statement: str, features: str = _NEEDED) -> tuple[str, ...]:
    return (IMPORTS, READ, statement, f"df = df.dropna()\n{features}", FIT)


FILLED: Any = (IMPORTS, 'df = pd.read_csv("gaps.csv")', "df = df.ffill()", 'features = ["price"]', FIT)


def with_gaps(*rows: int) -> dict[str, str]:
    """The price is missing in these rows, counted from 0."""
    head, *lines = visitors().splitlines()
    return {"gaps.csv": "\n".join([head, *(line.rpartition(",")[0] + "," if n in rows else line for n, line in enumerate(lines))]) + "\n"}
