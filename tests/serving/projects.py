"""Small projects as adopt delivers them, by hand: one for each kind of input, each with a model of a few lines."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

REJECTED = '''
class Rejected(ValueError):
    def __init__(self, index, field, message):
        super().__init__(message)
        self.index, self.field, self.message = index, field, message

'''

TABLE = '''"""Will this customer leave?"""

import math
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = {"Month-to-month": 1.0, "One year": 0.0, "Two year": -1.0}
''' + REJECTED + '''
def load(folder=ROOT):
    return [float(line) for line in (Path(folder) / "model" / "weights.txt").read_text().split()]


def predict(rows, state):
    answers = []
    for index, row in enumerate(rows.to_dict("records")):
        if row["contract"] not in CONTRACTS:
            raise Rejected(index, "contract", "one of " + ", ".join(CONTRACTS))
        charges = row["Monthly Charges"] if row["Monthly Charges"] == row["Monthly Charges"] else 64.76
        assert isinstance(row["tenure"], int) and isinstance(charges, float), "typed as the file gives it"
        if row["tenure"] == 666:
            raise ZeroDivisionError("what the author did not think of")
        linear = state[0] - state[1] * min(row["tenure"], 10**6) + state[2] * min(charges, 1e6) + CONTRACTS[row["contract"]] + (0.3 if row["senior"] else 0.0)
        chance = 1 / (1 + math.exp(-max(min(linear, 700), -700)))
        answers.append({"prediction": "Yes" if chance > 0.5 else "No", "probabilities": {"No": 1 - chance, "Yes": chance}})
    return answers
'''

REGRESSION = '''"""What is this house worth?"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
''' + REJECTED + '''
def load(folder=ROOT):
    return 1200.5


def predict(rows, state):
    years = rows["built"].dt.year
    return [{"prediction": float(area * state + (year - 1900) * 10)} for area, year in zip(rows["area"], years)]
'''

IMAGE = '''"""Is the picture dark or light?"""

from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
''' + REJECTED + '''
def load(folder=ROOT):
    return 127.5


def predict(rows, state):
    answers = []
    for file in rows:
        mean = float(np.asarray(Image.open(file).convert("L").resize((8, 8))).mean())
        light = mean / 255
        answers.append({"prediction": "light" if mean > state else "dark", "probabilities": {"dark": 1 - light, "light": light}})
    return answers
'''

TEXT = '''"""Is the review good?"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
''' + REJECTED + '''
def load(folder=ROOT):
    return {"good", "great", "lovely"}


def predict(rows, state):
    counts = [sum(word in state for word in text.lower().split()) for text in rows]
    return [{"prediction": int(count > 0)} for count in counts]
'''


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    known = {"gaps": bool(more.get("nullable")), "nullable": False}
    known |= {"min": None, "max": None, "categories": None, "unit": None, "missing": None, "unseen": None, "example": None}
    return {"name": name, "type": kind, **known, **more}


def signature(name: str, kind: str, task: str, inputs: list[dict[str, Any]], prediction: dict[str, Any], **more: Any) -> dict[str, Any]:
    example = {"input": {each["name"]: each["example"] for each in inputs}, "output": {}}
    return {
        "schema_version": 1, "name": name, "kind": kind, "task": task, "model": {"name": "model", "type": "sklearn.linear_model.LogisticRegression"},
        "level": "raw", "function": f"src/{name}/predict.py",
        "inputs": inputs, "image": None, "outputs": {"prediction": prediction, "probabilities": False}, "example": example,
        "proof": {"rows": 3, "mismatches": 0, "level": "identical", "of": "the author's test set"}, **more,
    }  # fmt: skip


CHURN = [
    field("tenure", "integer", min=0, max=72, unit="months", example=12),
    field("Monthly Charges", "number", nullable=True, min=18.25, max=118.75, example=70.35, missing="the median, 64.76"),
    field("contract", "string", categories=["Month-to-month", "One year", "Two year"], example="One year", unseen="it is rejected"),
    field("senior", "boolean", example=False),
    field("Notiz, schön \"kurz\"", "string", nullable=True, example="naïve"),
]


def table(root: Path) -> Path:
    outputs = {"prediction": {"type": "string", "labels": ["No", "Yes"]}, "probabilities": True}
    made = _project(root, "churn", TABLE, signature("churn", "table", "classification", CHURN, {}, outputs=outputs))
    (made / "model" / "weights.txt").write_text("0.25 0.0625 0.03125")
    rows = [
        ({"tenure": 1, "Monthly Charges": 99.5, "contract": "Month-to-month", "senior": True, CHURN[4]["name"]: None}, "Yes"),
        ({"tenure": 72, "Monthly Charges": None, "contract": "Two year", "senior": False, CHURN[4]["name"]: "x"}, "No"),
        ({"tenure": 40, "Monthly Charges": 20, "contract": "One year", "senior": False, CHURN[4]["name"]: "y"}, "No"),
    ]  # fmt: skip
    lines = [json.dumps({"input": row, "output": {"prediction": label}}) for row, label in rows]
    (made / "model" / "proof_rows.jsonl").write_text("\n".join(lines) + "\n")
    return made


def regression(root: Path) -> Path:
    inputs = [
        field("area", "number", nullable=True, gaps=False, min=20, max=400, example=85.5, unit="m²"),
        field("built", "datetime", example="1990-05-01T00:00:00"),
    ]
    made = _project(root, "houses", REGRESSION, signature("houses", "table", "regression", inputs, {"type": "number", "labels": None}))
    row = {"area": 100, "built": "2000-01-01"}
    (made / "model" / "proof_rows.jsonl").write_text(json.dumps({"input": row, "output": {"prediction": 121050.0}}) + "\n")
    return made


def image(root: Path) -> Path:
    outputs = {"prediction": {"type": "string", "labels": ["dark", "light"]}, "probabilities": True}
    about = {"width": 8, "height": 8, "channels": 3, "formats": ["jpeg", "png"]}
    made = _project(root, "shades", IMAGE, signature("shades", "image", "classification", [field("image", "image")], {}, outputs=outputs, image=about))
    (made / "data").mkdir()
    for name, level in (("dark", 10), ("light", 240)):
        (made / "data" / f"{name}.png").write_bytes(png(16, 12, level))
    lines = [json.dumps({"input": {"file": f"data/{name}.png"}, "output": {"prediction": name}}) for name in ("dark", "light")]
    (made / "model" / "proof_rows.jsonl").write_text("\n".join(lines) + "\n")
    return made


def text(root: Path) -> Path:
    about = signature("reviews", "text", "classification", [field("text", "text", example="a great book")], {"type": "integer", "labels": [0, 1]})
    made = _project(root, "reviews", TEXT, about)
    (made / "model" / "proof_rows.jsonl").write_text(json.dumps({"input": {"text": "not a good day"}, "output": {"prediction": 1}}) + "\n")
    return made


KINDS = {"table": table, "regression": regression, "image": image, "text": text}


def _project(root: Path, name: str, code: str, about: dict[str, Any]) -> Path:
    project = root / name
    for folder in (f"src/{name}", "model", "evidence"):
        (project / folder).mkdir(parents=True)
    (project / "src" / name / "predict.py").write_text(code, encoding="utf-8")
    (project / "model" / "signature.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    (project / "uv.lock").write_text("")
    return project


def png(width: int, height: int, level: int, *, declared: tuple[int, int] | None = None) -> bytes:
    """A grey picture; `declared` is the size that its head claims."""
    head = struct.pack(">IIBBBBB", *(declared or (width, height)), 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + bytes([level]) * width for _ in range(height))
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    file = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    file.seek(0, io.SEEK_END)
    for kind, content in parts:
        file.write(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)))
    return file.getvalue()


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
