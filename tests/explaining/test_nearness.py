"""Which packages are near to a score: followed by name through the statements, over files that stages hand on."""

from __future__ import annotations

from pathlib import Path

from ferrata.steps.explaining.nearness import FAR, near

_TRAIN = """
import pandas as pd
from sklearn.cluster import KMeans
from artifacts import save

def main():
    table = pd.read_csv("data/rows.csv")
    model = KMeans(3)
    save(model.fit(table), "model/model.skops")
"""
_EVALUATE = """
import matplotlib.pyplot as plt
from scipy.stats import entropy
from artifacts import load, record

def main():
    model = load("model/model.skops")
    plt.plot(model.labels_)
    spread = record("Spread", entropy(model.labels_))
"""


def test_steps_of_names_from_the_score(tmp_path: Path) -> None:
    for name, text in (("train.py", _TRAIN), ("evaluate.py", _EVALUATE), ("broken.py", "def (")):
        (tmp_path / name).write_text(text)
    modules = {"pandas": "pandas", "sklearn": "scikit-learn", "matplotlib": "matplotlib", "scipy": "scipy", "yaml": "pyyaml"}
    found = near(tmp_path, ["evaluation/metrics.json: spread"], modules)
    assert sorted(found, key=lambda name: found[name]) == ["scipy", "scikit-learn", "pandas", "matplotlib"], found
    assert found["scipy"] == 0 and found["matplotlib"] == FAR and "pyyaml" not in found
