"""The service that a person writes by hand: FastAPI, pydantic, a frame for each request, the model as it is. plain_fastapi.py PROJECT PORT"""


import sys

import joblib
import pandas as pd
import uvicorn
from fastapi import FastAPI
from pydantic import create_model

Row = create_model("Row", **{f"x{place}": (float, ...) for place in range(20)})
model = joblib.load(f"{sys.argv[1]}/model/model.joblib")
app = FastAPI()


@app.get("/healthz")
def healthz():
    return {}


@app.post("/predict")
def predict(rows: list[Row]):  # type: ignore[valid-type]
    chances = model.predict_proba(pd.DataFrame([row.model_dump() for row in rows]))
    labels = model.classes_[chances.argmax(axis=1)]
    pairs = zip(labels.tolist(), chances.tolist(), strict=True)
    return [{"prediction": label, "probabilities": dict(zip(model.classes_, row, strict=True))} for label, row in pairs]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
