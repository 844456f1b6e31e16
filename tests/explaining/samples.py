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
