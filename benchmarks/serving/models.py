"""The models of the benchmark: notebooks on 20 columns of numbers, adopted and served as a user does, and the same fitted models for the peers."""

from __future__ import annotations

import csv
import json
import random
import re
import subprocess
import sys
from pathlib import Path

COLUMNS = [f"x{place}" for place in range(20)]
IMPORTS = """
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
"""
MODELS = {
    "pipeline": "make_pipeline(StandardScaler(), LogisticRegression())",
    "forest": "RandomForestClassifier(100, random_state=0)",
}
# Run by the project's own Python: what the peers serve is the fitted model of the project, read as its predict.py reads it.
HAND_OVER = """
import json, sys
from pathlib import Path
project, place, function = map(Path, sys.argv[1:])
sys.path.insert(0, str(function.parent))
import joblib, predict
state = predict.load(project)
(model,) = [each for each in vars(state).values() if hasattr(each, "predict_proba")]
(place / "model").mkdir(parents=True)
joblib.dump(model, place / "model" / "model.joblib")
lines = (project / "model" / "proof_rows.jsonl").read_text().splitlines()
(place / "rows.json").write_text(json.dumps([json.loads(line)["input"] for line in lines]))
"""


def make(folder: Path, name: str, ferrata: tuple[str, ...]) -> Path:
    """The project of a model, proved and with its service; files for the peers lie in `folder`/NAME-peers."""
    author, project = folder / f"{name}-author", folder / name
    author.mkdir(parents=True)
    _write_data(author / "customers.csv")
    notebook = author / f"{name}.ipynb"
    notebook.write_text(json.dumps(_notebook(MODELS[name])), encoding="utf-8")
    subprocess.run([*ferrata, "adopt", str(notebook), "--into", str(project), "--yes"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*ferrata, "serve", "--prove"], cwd=project, check=True, stdout=subprocess.DEVNULL)
    function = project / json.loads((project / "model" / "signature.json").read_text())["function"]
    subprocess.run([python_of(project), "-c", HAND_OVER, project, folder / f"{name}-peers", function], check=True)
    return project


def python_of(project: Path) -> Path:
    return project / ".venv" / "bin" / "python"


def versions(project: Path, *names: str) -> list[str]:
    """Requirements with the versions of the project's lock."""
    text = (project / "uv.lock").read_text(encoding="utf-8")
    return [f"{name}=={found[1]}" for name in names if (found := re.search(rf'name = "{name}"\nversion = "([^"]+)"', text))]


def _write_data(file: Path) -> None:
    chance = random.Random(0)
    weights = [chance.gauss(0, 1) for _ in COLUMNS]
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*COLUMNS, "left"])
        for _ in range(3000):
            row = [round(chance.gauss(0, 1), 4) for _ in COLUMNS]
            value = sum(weight * number for weight, number in zip(weights, row, strict=True)) + row[0] * row[1] + chance.gauss(0, 1)
            writer.writerow([*row, "yes" if value > 0 else "no"])


def _notebook(model: str) -> dict[str, object]:
    cells = [
        IMPORTS.strip(), 'df = pd.read_csv("customers.csv")\nX, y = df.drop(columns="left"), df["left"]',
        "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=500, random_state=0)",
        f"model = {model}\nmodel.fit(X_train, y_train)", "pred = model.predict(X_test)\nprint(accuracy_score(y_test, pred))",
    ]  # fmt: skip
    code = [{"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source} for source in cells]
    return {"cells": code, "metadata": {"language_info": {"name": "python", "version": sys.version.split()[0]}}, "nbformat": 4, "nbformat_minor": 4}
