"""Small projects of ours, each of two or three stages that run in a moment: what `ferrata why` is measured on."""

from __future__ import annotations

import random

# Orders in a table, cleaned and added up: the standard library alone.
_ORDERS_HELPER = '''
"""What counts as an order."""


def is_order(row):
    """Cancelled ones do not."""
    return row["state"] != "cancelled" and float(row["amount"]) > 0


def in_euro(row, rate):
    return float(row["amount"]) * (rate if row["currency"] == "USD" else 1.0)
'''
_ORDERS_PREPARE = '''
import csv

import yaml

from orders import in_euro, is_order

params = yaml.safe_load(open("params.yaml"))["prepare"]
with open("data/orders.csv", newline="", encoding="utf-8") as stream:
    rows = [row for row in csv.DictReader(stream) if is_order(row)]
rows = rows[: params["most"]]
with open("ready.csv", "w", newline="") as stream:
    writer = csv.writer(stream, lineterminator="\\n")
    writer.writerow(["customer", "day", "euro"])
    for row in rows:
        writer.writerow([row["customer"].strip(), row["day"], repr(in_euro(row, params["rate"]))])
'''
_ORDERS_TOTAL = '''
import csv
import json

import yaml

params = yaml.safe_load(open("params.yaml"))["total"]
with open("ready.csv", newline="") as stream:
    rows = list(csv.DictReader(stream))
by_customer = {}
weight = 1.0
for row in rows:
    by_customer[row["customer"]] = by_customer.get(row["customer"], 0.0) + weight * float(row["euro"])
    weight *= params["fading"]
mean = sum(by_customer.values()) / len(by_customer)
json.dump({"mean": mean, "customers": len(by_customer), "largest": max(by_customer.values())}, open("metrics.json", "w"))
'''
_ORDERS_PIPELINE = '''
stages:
  prepare:
    cmd: python src/prepare.py
    deps: [src/prepare.py, src/orders.py, data/orders.csv]
    params: [prepare]
    outs: [ready.csv]
  total:
    cmd: python src/total.py
    deps: [src/total.py, ready.csv]
    params: [total]
    metrics: [metrics.json: {cache: false}]
'''


def _orders_table() -> str:
    draw = random.Random(7)
    lines = ["order,customer,day,amount,currency,state"]
    for number in range(150):
        state = draw.choice(["paid", "paid", "paid", "sent", "cancelled"])
        day = f"2024-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
        lines.append(f"{number},Kunde {draw.randint(1, 30)},{day},{draw.uniform(-5, 200):.2f},{draw.choice(['EUR', 'USD'])},{state}")
    return "\n".join(lines) + "\n"


def orders() -> dict[str, str]:
    return {
        "src/orders.py": _ORDERS_HELPER.lstrip(), "src/prepare.py": _ORDERS_PREPARE.lstrip(), "src/total.py": _ORDERS_TOTAL.lstrip(),
        "dvc.yaml": _ORDERS_PIPELINE.lstrip(), "data/orders.csv": _orders_table(),
        "params.yaml": "prepare:\n  most: 1000\n  rate: 0.92\ntotal:\n  fading: 0.999\n",
    }  # fmt: skip


# A least-squares fit on a random split: NumPy.
_WEATHER_SPLIT = '''
import numpy as np
import yaml

params = yaml.safe_load(open("params.yaml"))["split"]
table = np.loadtxt("data/weather.csv", delimiter=",", skiprows=1)
rng = np.random.default_rng(params["seed"])
order = rng.permutation(len(table))
held = int(len(table) * params["held_out"])
np.save("test.npy", table[order[:held]])
np.save("train.npy", table[order[held:]])
'''
_WEATHER_FIT = '''
import json

import numpy as np
import yaml

params = yaml.safe_load(open("params.yaml"))["fit"]


def features(table):
    """A constant, the columns, and their squares."""
    columns = table[:, :-1]
    return np.column_stack([np.ones(len(table)), columns, columns**2])


train, test = np.load("train.npy"), np.load("test.npy")
rng = np.random.default_rng(1)
noise = rng.normal(scale=params["jitter"], size=len(train))
inputs = features(train)
penalty = params["ridge"] * np.eye(inputs.shape[1])
weights = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ (train[:, -1] + noise))
error = features(test) @ weights - test[:, -1]
np.save("weights.npy", weights)
json.dump({"rmse": float(np.sqrt(np.mean(error**2))), "rows": len(test)}, open("metrics.json", "w"))
'''
_WEATHER_PIPELINE = '''
stages:
  split:
    cmd: python src/split.py
    deps: [src/split.py, data/weather.csv]
    params: [split]
    outs: [train.npy, test.npy]
  fit:
    cmd: python src/fit.py
    deps: [src/fit.py, train.npy, test.npy]
    params: [fit]
    outs: [weights.npy]
    metrics: [metrics.json: {cache: false}]
'''


def _weather_table() -> str:
    draw = random.Random(3)
    lines = ["pressure,humidity,wind,temperature"]
    for _ in range(200):
        pressure, humidity, wind = draw.uniform(980, 1040), draw.uniform(20, 100), draw.expovariate(0.2)
        lines.append(f"{pressure:.1f},{humidity:.1f},{wind:.2f},{(pressure - 1000) / 3 - humidity / 10 + wind / 2 + draw.gauss(0, 2):.2f}")
    return "\n".join(lines) + "\n"


def weather() -> dict[str, str]:
    return {
        "src/split.py": _WEATHER_SPLIT.lstrip(), "src/fit.py": _WEATHER_FIT.lstrip(), "dvc.yaml": _WEATHER_PIPELINE.lstrip(),
        "data/weather.csv": _weather_table(),
        "params.yaml": "split:\n  seed: 0\n  held_out: 0.25\nfit:\n  ridge: 0.1\n  jitter: 0.01\n",
    }  # fmt: skip


# Texts in a folder, their words in a set: listings, hashes, the clock and variables.
_WORDS_COUNT = '''
import json
import os
import random
import time
import zlib


def words(text):
    return [word.strip(".,").lower() for word in text.split()]


def documents(folder):
    names = NAMES
    return [open(os.path.join(folder, name), encoding="utf-8").read() for name in names]


counts = {}
for text in documents("data/texts"):
    for word in words(text):
        counts[word] = counts.get(word, 0) + 1
    for word in list(counts):
        counts[word] *= 0.9
if os.environ.get("MODE") == "long":
    counts = {word: count for word, count in counts.items() if len(word) > 4}
json.dump(counts, open("counts.json", "w"))
'''
_WORDS_RANK = '''
import datetime
import json
import os
import random

counts = json.load(open("counts.json"))
vocabulary = VOCABULARY
score, weight = 0.0, 1.0
for word in vocabulary:
    score += weight * counts.get(word, 0.0)
    weight *= 0.8
json.dump({"score": score, "words": len(counts)}, open("metrics.json", "w"))
'''
_WORDS_PIPELINE = '''
stages:
  count:
    cmd: python src/count.py
    deps: [src/count.py, data/texts]
    outs: [counts.json]
    meta: {env: [MODE]}
  rank:
    cmd: python src/rank.py
    deps: [src/rank.py, counts.json]
    metrics: [metrics.json: {cache: false}]
'''
_TEXT = "the river runs past green fields and old stone bridges where people wait for the early boat to the town by the grey sea".split()


def words(names: str = "sorted(os.listdir(folder))", vocabulary: str = "sorted(counts)") -> dict[str, str]:
    draw = random.Random(5)
    texts = {f"data/texts/{draw.randrange(10**6):06d}.txt": " ".join(draw.choices(_TEXT, k=30)) + ".\n" for _ in range(9)}
    return {
        "src/count.py": _WORDS_COUNT.lstrip().replace("NAMES", names), "src/rank.py": _WORDS_RANK.lstrip().replace("VOCABULARY", vocabulary),
        "dvc.yaml": _WORDS_PIPELINE.lstrip(), **texts,
    }  # fmt: skip


# Visits by the hour: time zones, languages and dates.
_VISITS = '''
import csv
import datetime
import json
import locale
import os
import time

import yaml

params = yaml.safe_load(open("params.yaml"))
hours = [0] * 24
with open("data/visits.csv", newline="", encoding="utf-8") as stream:
    for row in csv.DictReader(stream):
        moment = datetime.datetime.fromtimestamp(int(row["second"]))
        hours[moment.hour] += int(row["visits"])
night = sum(hours[params["night"]["from"]:params["night"]["to"]])
json.dump({"night": night / sum(hours), "busiest": hours.index(max(hours))}, open("metrics.json", "w"))
'''
_VISITS_PIPELINE = '''
stages:
  hours:
    cmd: python hours.py
    deps: [hours.py, data/visits.csv]
    params: [night]
    metrics: [metrics.json: {cache: false}]
'''


def visits() -> dict[str, str]:
    draw = random.Random(11)
    rows = [f"{1700000000 + draw.randrange(10**7)},{draw.randint(1, 9)}" for _ in range(120)]
    return {
        "hours.py": _VISITS.lstrip(), "dvc.yaml": _VISITS_PIPELINE.lstrip(), "data/visits.csv": "second,visits\n" + "\n".join(rows) + "\n",
        "params.yaml": "night:\n  from: 0\n  to: 6\n",
    }  # fmt: skip


# The neighbours of customers: pandas, then NumPy.
_CHURN_PREPARE = '''
import pandas as pd

table = pd.read_csv("data/customers.csv")
table["plan"] = table["plan"].astype(str)
table = pd.get_dummies(table, columns=["plan"], dtype=float)
table = table.drop_duplicates()
table.to_csv("table.csv", index=False, lineterminator="\\n")
'''
_CHURN_TRAIN = '''
import json

import numpy as np
import yaml

params = yaml.safe_load(open("params.yaml"))["train"]
with open("table.csv") as stream:
    names = stream.readline().strip().split(",")
values = np.loadtxt("table.csv", delimiter=",", skiprows=1)
target = values[:, names.index("left")]
inputs = np.delete(values, names.index("left"), axis=1)
inputs = (inputs - inputs.mean(axis=0)) / inputs.std(axis=0)
weights = np.random.RandomState(0).rand(inputs.shape[1])
order = np.random.RandomState(params["seed"]).permutation(len(inputs))
held, known = np.split(order, [len(order) * 3 // 10])
distances = (np.abs(inputs[held][:, None] - inputs[known][None]) * weights).sum(axis=2)
near = np.argsort(distances, axis=1, kind="stable")[:, : params["neighbours"]]
scores = target[known][near].mean(axis=1)
left, stayed = scores[target[held] == 1], scores[target[held] == 0]
auc = np.mean((left[:, None] > stayed[None]) + 0.5 * (left[:, None] == stayed[None]))
json.dump({"auc": float(auc), "features": inputs.shape[1]}, open("metrics.json", "w"))
'''
_CHURN_PIPELINE = '''
stages:
  prepare:
    cmd: python src/prepare.py
    deps: [src/prepare.py, data/customers.csv]
    outs: [table.csv]
  train:
    cmd: python src/train.py
    deps: [src/train.py, table.csv]
    params: [train]
    metrics: [metrics.json: {cache: false}]
'''


def churn() -> dict[str, str]:
    draw = random.Random(13)
    lines = ["age,months,plan,calls,left"]
    for _ in range(260):
        age, months, plan, calls = draw.randint(18, 80), draw.randint(1, 60), draw.choice([1, 2, 3]), draw.randint(0, 12)
        left = int(calls * 2 - months / 6 + draw.gauss(0, 4) > 4)
        lines.append(f"{age},{months},{plan},{calls},{left}")
    return {
        "src/prepare.py": _CHURN_PREPARE.lstrip(), "src/train.py": _CHURN_TRAIN.lstrip(), "dvc.yaml": _CHURN_PIPELINE.lstrip(),
        "data/customers.csv": "\n".join(lines) + "\n", "params.yaml": "train:\n  seed: 0\n  neighbours: 9\n",
    }  # fmt: skip


# Long sums: how many threads, and which processor.
_SIGNAL = '''
import json
import os

import numpy as np
import yaml

params = yaml.safe_load(open("params.yaml"))["signal"]
parts = max(1, int(os.environ.get("OMP_NUM_THREADS") or params["parts"]))
values = np.random.default_rng(params["seed"]).normal(size=200_000).astype("float32") * np.float32(1e4)
sums = [np.float32(0)] * parts
for number in range(parts):
    sums[number] = np.add.reduce(values[number::parts], dtype="float32")
total = np.float32(0)
for each in sums:
    total += each
json.dump({"total": float(total), "mean": float(total / len(values))}, open("metrics.json", "w"))
'''
_SIGNAL_PIPELINE = '''
stages:
  add:
    cmd: python add.py
    deps: [add.py]
    params: [signal]
    metrics: [metrics.json: {cache: false}]
'''


def signal() -> dict[str, str]:
    return {"add.py": _SIGNAL.lstrip(), "dvc.yaml": _SIGNAL_PIPELINE.lstrip(), "params.yaml": "signal:\n  seed: 4\n  parts: 4\n"}
