"""The service that a person writes by hand: FastAPI, pydantic, a frame for each request, the model as it is. plain_fastapi.py PROJECT PORT"""

import json
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import create_model
from served import load

first = json.loads((Path(sys.argv[1]) / "rows.json").read_text())[0]
Row = create_model("Row", **{name: (type(value), ...) for name, value in first.items()})
answers = load(sys.argv[1])
app = FastAPI()


@app.get("/healthz")
def healthz():
    return {}


@app.post("/predict")
def predict(rows: list[Row]):  # type: ignore[valid-type]
    return [{"prediction": max(chances, key=chances.get), "probabilities": chances} for chances in answers([row.model_dump() for row in rows])]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
