"""The models of the benchmark: notebooks on 20 columns of numbers and the network of examples/planets, adopted and served as a user does, and the same
fitted models for the peers."""

from __future__ import annotations

import csv
import json
import random
import re
import struct
import subprocess
import sys
import zlib
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
PLANETS = Path(__file__).parents[2] / "examples" / "planets" / "planets.ipynb"
MODELS = {
    "pipeline": "make_pipeline(StandardScaler(), LogisticRegression())",
    "forest": "RandomForestClassifier(100, random_state=0)",
    "planets": "",
}
# Run by the project's own Python: what the peers serve is the fitted model of the project, read as its predict.py reads it; of images, predict.py itself.
HAND_OVER = """
import base64, json, sys
from pathlib import Path
project, place, function = map(Path, sys.argv[1:])
(place / "model").mkdir(parents=True)
rows = [json.loads(line)["input"] for line in (project / "model" / "proof_rows.jsonl").read_text().splitlines()]
if "file" in rows[0]:
    rows = [{"image": base64.b64encode((project / row["file"]).read_bytes()).decode()} for row in rows]
    (place / "function.txt").write_text(str(function))
else:
    sys.path.insert(0, str(function.parent))
    import joblib, predict
    state = predict.load(project)
    (model,) = [each for each in vars(state).values() if hasattr(each, "predict_proba")]
    joblib.dump(model, place / "model" / "model.joblib")
(place / "rows.json").write_text(json.dumps(rows))
"""


def make(folder: Path, name: str, ferrata: tuple[str, ...]) -> Path:
    """The project of a model, proved and with its service; files for the peers lie in `folder`/NAME-peers."""
    author, project = folder / f"{name}-author", folder / name
    author.mkdir(parents=True)
    notebook = author / f"{name}.ipynb"
    if name == "planets":
        _write_images(author / "raw")
        notebook.write_bytes(PLANETS.read_bytes())
    else:
        _write_data(author / "customers.csv")
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


def _write_images(folder: Path, count: int = 150, side: int = 128) -> None:
    """Grey discs of three sizes, as PNG, in one folder a class."""
    chance = random.Random(0)
    for place, name in enumerate(("Large", "Middle", "Small")):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            radius, grey = (54 - 16 * place + chance.randrange(8)) ** 2, chance.randrange(80, 250)
            rows = [bytes(grey if (x - side // 2) ** 2 + (y - side // 2) ** 2 < radius else chance.randrange(40) for x in range(side)) for y in range(side)]
            (folder / name / f"{number}.png").write_bytes(_png(rows))


def _png(rows: list[bytes]) -> bytes:
    head, pixels = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0), zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)


def _notebook(model: str) -> dict[str, object]:
    cells = [
        IMPORTS.strip(), 'df = pd.read_csv("customers.csv")\nX, y = df.drop(columns="left"), df["left"]',
        "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=500, random_state=0)",
        f"model = {model}\nmodel.fit(X_train, y_train)", "pred = model.predict(X_test)\nprint(accuracy_score(y_test, pred))",
    ]  # fmt: skip
    code = [{"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source} for source in cells]
    return {"cells": code, "metadata": {"language_info": {"name": "python", "version": sys.version.split()[0]}}, "nbformat": 4, "nbformat_minor": 4}
