"""The models of the benchmark, as projects that `ferrata serve` takes: a pipeline of 20 features, and a forest of 100 trees on the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PREDICT = '''"""Which class does the row belong to?"""

from pathlib import Path

import joblib

ROOT = Path(__file__).resolve().parents[2]


class Rejected(ValueError):
    pass


def load(folder=ROOT):
    return joblib.load(Path(folder) / "model" / "model.joblib")


def predict(rows, state):
    chances = state.predict_proba(rows)
    labels = state.classes_[chances.argmax(axis=1)]
    return [
        {"prediction": str(label), "probabilities": dict(zip(state.classes_.tolist(), row))} for label, row in zip(labels, chances.tolist())
    ]
'''


def make(folder: Path) -> None:
    numbers, target = make_classification(3000, 20, n_informative=12, random_state=0)
    rows = pd.DataFrame(numbers, columns=[f"x{place}" for place in range(20)]).round(4)
    labels = ["no" if each == 0 else "yes" for each in target]
    models = {"pipeline": make_pipeline(StandardScaler(), LogisticRegression()), "forest": RandomForestClassifier(100, random_state=0)}
    for name, model in models.items():
        write(folder / name, name, model.fit(rows[:2000], labels[:2000]), rows)


def write(project: Path, name: str, model: Any, rows: pd.DataFrame) -> None:
    for place in ("model", "evidence", f"src/{name}"):
        (project / place).mkdir(parents=True, exist_ok=True)
    joblib.dump(model, project / "model" / "model.joblib")
    (project / "src" / name / "predict.py").write_text(PREDICT)
    (project / "uv.lock").write_text("")
    records = rows[2000:2500].to_dict("records")
    chances, labels = model.predict_proba(rows[2000:2500]), model.predict(rows[2000:2500])
    pairs = zip(labels, chances.tolist(), strict=True)
    answers = [{"prediction": str(label), "probabilities": dict(zip(model.classes_.tolist(), row, strict=True))} for label, row in pairs]
    lines = [json.dumps({"input": record, "output": answer}) for record, answer in zip(records, answers, strict=True)]
    (project / "model" / "proof_rows.jsonl").write_text("\n".join(lines) + "\n")
    known = {"type": "number", "gaps": False, "nullable": False}
    inputs = [{"name": column, **known, "min": float(rows[column].min()), "max": float(rows[column].max())} for column in rows]
    signature = {
        "schema_version": 1, "name": name, "kind": "table", "task": "classification", "level": "raw", "inputs": inputs,
        "function": f"src/{name}/predict.py", "model": {"name": name, "type": type(model).__name__},
        "outputs": {"prediction": {"type": "string", "labels": ["no", "yes"]}, "probabilities": True}, "example": {"input": records[0], "output": answers[0]},
    }  # fmt: skip
    (project / "model" / "signature.json").write_text(json.dumps(signature))
    (project / "rows.json").write_text(json.dumps(records))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
