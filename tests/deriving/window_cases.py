"""Notebooks in miniature that ask a model about windows of a series."""

from __future__ import annotations

import math


def visitors(rows: int = 90) -> str:
    """Visitors of a museum, month by month: a trend and a year's rhythm; beside them what a ticket cost."""
    lines = ["Month,visitors,price"]
    for number in range(rows):
        count = round(400 + 6 * number + 90 * math.sin(number * math.pi / 6) + 17 * ((number * 7) % 5))
        lines.append(f"{2000 + number // 12}-{number % 12 + 1:02}-01,{count},{8 + number // 20 + (number % 3) / 4}")
    return "\n".join(lines) + "\n"


FILES = {"visitors.csv": visitors()}
IMPORTS = """import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error"""
CUT = """def create_dataset(dataset, look_back=1):
    dataX, dataY = [], []
    for i in range(len(dataset) - look_back):
        dataX.append(dataset[i:(i + look_back), 0])
        dataY.append(dataset[i + look_back, 0])
    return np.array(dataX), np.array(dataY)"""
ONE = """df = pd.read_csv("visitors.csv", usecols=[1])
dataset = df.values.astype("float32")"""
SCALED = """scaler = MinMaxScaler(feature_range=(0, 1))
dataset = scaler.fit_transform(dataset)
train_size = int(len(dataset) * 0.67)
train, test = dataset[0:train_size, :], dataset[train_size:len(dataset), :]"""

HELPER = (
    IMPORTS, ONE, CUT, SCALED,
    "look_back = 6\ntrainX, trainY = create_dataset(train, look_back)\ntestX, testY = create_dataset(test, look_back)",
    "model = LinearRegression()\nmodel.fit(trainX, trainY)",
    "testPredict = model.predict(testX)\ntestPredict = scaler.inverse_transform(testPredict.reshape(-1, 1))\n"
    "actual = scaler.inverse_transform(testY.reshape(-1, 1))\nprint(mean_absolute_error(actual, testPredict))",
)

# Two columns, scaled on the training part, cut in a loop, split by place.
LOOP = (
    IMPORTS,
    'df = pd.read_csv("visitors.csv")\ndf["Month"] = pd.to_datetime(df["Month"])\ndf = df.set_index("Month")',
    'data = df[["visitors", "price"]].values\ncount = 60\nscaler = MinMaxScaler().fit(data[:count])\nscaled = scaler.transform(data)',
    "X, y = [], []\nfor i in range(4, len(scaled)):\n    X.append(scaled[i - 4:i])\n    y.append(scaled[i, 0])\nX, y = np.array(X), np.array(y)",
    "X_train, X_test, y_train, y_test = X[:50], X[50:], y[:50], y[50:]",
    "model = LinearRegression()\nmodel.fit(X_train.reshape(len(X_train), -1), y_train)\ny_pred = model.predict(X_test.reshape(len(X_test), -1))\n"
    "print(mean_absolute_error(y_test, y_pred))",
)

# As for a network, which is given windows in three dimensions.
RESHAPED = (
    *HELPER[:4], HELPER[4] + "\ntestX = np.reshape(testX, (testX.shape[0], testX.shape[1], 1))", HELPER[5],
    HELPER[6].replace("predict(testX)", "predict(testX[:, :, 0])"),
)

RAW = (
    IMPORTS, 'df = pd.read_csv("visitors.csv")\nvalues = df["visitors"].values',
    "X = np.array([values[i:i + 5] for i in range(len(values) - 5)])\ny = values[5:]",
    "model = LinearRegression()\nmodel.fit(X[:60], y[:60])\ny_pred = model.predict(X[60:])\nprint(mean_absolute_error(y[60:], y_pred))",
)

NETWORK = (
    IMPORTS + "\nfrom tensorflow import keras\nkeras.utils.set_random_seed(3)", ONE, CUT, SCALED,
    "look_back = 6\ntrainX, trainY = create_dataset(train, look_back)\ntestX, testY = create_dataset(test, look_back)\n"
    "trainX = np.reshape(trainX, (trainX.shape[0], trainX.shape[1], 1))\ntestX = np.reshape(testX, (testX.shape[0], testX.shape[1], 1))",
    'model = keras.Sequential([keras.layers.Input((look_back, 1)), keras.layers.LSTM(4), keras.layers.Dense(1)])\n'
    'model.compile(loss="mean_squared_error", optimizer="adam")\nmodel.fit(trainX, trainY, epochs=2, batch_size=8, verbose=0)',
    "testPredict = model.predict(testX)\ntestPredict = scaler.inverse_transform(testPredict)\ntestY = scaler.inverse_transform([testY])\n"
    "print(mean_absolute_error(testY[0], testPredict[:, 0]))",
)

# Every third value, in every other window.
EVERY_OTHER = (
    IMPORTS, 'df = pd.read_csv("visitors.csv")\nvalues = df["visitors"].values',
    "X = np.array([values[i:i + 12:3] for i in range(0, len(values) - 12, 2)])\ny = values[12::2][:len(X)]",
    "model = LinearRegression()\nmodel.fit(X[:27], y[:27])\ny_pred = model.predict(X[27:])\nprint(mean_absolute_error(y[27:], y_pred))",
)
# Three values are predicted, the first of them two months ahead.
SEVERAL_AHEAD = (
    IMPORTS, 'df = pd.read_csv("visitors.csv")\nscaler = MinMaxScaler()\nscaled = scaler.fit_transform(df[["visitors"]])',
    "X, y = [], []\nfor i in range(len(scaled) - 9):\n    X.append(scaled[i:i + 6, 0])\n    y.append(scaled[i + 7:i + 10, 0])\nX, y = np.array(X), np.array(y)",
    "model = LinearRegression()\nmodel.fit(X[:-22], y[:-22])\ny_pred = scaler.inverse_transform(model.predict(X[-22:]))\n"
    "print(mean_absolute_error(scaler.inverse_transform(y[-22:]), y_pred))",
)

_BY_KERAS = (IMPORTS + "\nfrom tensorflow import keras\nkeras.utils.set_random_seed(3)", ONE, SCALED)
_FITTED = """model = keras.Sequential([keras.layers.Input((6, 1)), keras.layers.LSTM(4), keras.layers.Dense(1)])
model.compile(loss="mean_squared_error", optimizer="adam")
model.fit(windows, epochs=2, verbose=0)
predicted = model.predict(test_windows)
print(mean_absolute_error(test[6:], predicted))"""
GENERATOR = (
    *_BY_KERAS, "from tensorflow.keras.preprocessing.sequence import TimeseriesGenerator\n"
    "windows = TimeseriesGenerator(train, train, length=6, batch_size=8)\ntest_windows = TimeseriesGenerator(test, test, length=6, batch_size=5)", _FITTED,
)
DATA_SET = (
    *_BY_KERAS, "windows = keras.utils.timeseries_dataset_from_array(train[:-6], train[6:], 6, batch_size=8, shuffle=True, seed=1)\n"
    "test_windows = keras.utils.timeseries_dataset_from_array(test[:-1], test[6:], 6, batch_size=5)", _FITTED,
)

# One step after the other, each from the answers before it.
STEP_BY_STEP = (
    IMPORTS, 'df = pd.read_csv("visitors.csv")\nvalues = df["visitors"].values.astype(float)\ntrain, test = values[:-12], values[-12:]',
    "X = np.array([train[i:i + 12] for i in range(len(train) - 12)])\ny = train[12:]\nmodel = LinearRegression()\nmodel.fit(X, y)",
    "batch = train[-12:]\nforecast = []\nfor i in range(12):\n    value = model.predict(batch.reshape(1, -1))[0]\n    forecast.append(value)\n"
    "    batch = np.append(batch[1:], value)\nprint(mean_absolute_error(test, forecast))",
)

_ASK = RAW[2:]
# What is not answered, with a piece of the reason.
IN_THE_WAY = (
    ("rows left out before", (
        IMPORTS, 'df = pd.read_csv("visitors.csv")\nvalues = df[df["visitors"] % 7 > 0]["visitors"].values', *_ASK,
    ), "were left out or put in another"),
    ("the other way round", (IMPORTS, 'df = pd.read_csv("visitors.csv")\nvalues = df["visitors"].values[::-1]', *_ASK), "were left out or put in another"),
    ("windows that are too long", (
        IMPORTS, 'df = pd.read_csv("visitors.csv")\nvalues = df["visitors"].values', RAW[2].replace("5", "230"), RAW[3].replace("60", "40"),
    ), "at most 200"),
)
# What is refused when it is proved.
BEYOND = (
    IMPORTS, 'df = pd.read_csv("visitors.csv")\nvalues = df["visitors"].rolling(3, min_periods=1).mean().values', *_ASK,
)
