"""BentoML with its adaptive batching, as its manual has it: `bentoml serve bento:Model` with PROJECT in the environment."""

import os

import bentoml
import joblib
import pandas as pd


@bentoml.service(traffic={"timeout": 60}, workers=1)
class Model:
    def __init__(self):
        self.model = joblib.load(f"{os.environ['PROJECT']}/model/model.joblib")

    @bentoml.api(batchable=True, max_batch_size=256, max_latency_ms=1000)
    def predict(self, rows: list[dict]) -> list[dict]:
        chances = self.model.predict_proba(pd.DataFrame(rows)).tolist()
        return [dict(zip(self.model.classes_, row, strict=True)) for row in chances]
