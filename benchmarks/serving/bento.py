"""BentoML with its adaptive batching, as its manual has it: `bentoml serve bento:Model` with PROJECT in the environment."""

import os

import bentoml
from served import load


@bentoml.service(traffic={"timeout": 60}, workers=1)
class Model:
    def __init__(self):
        self.answers = load(os.environ["PROJECT"])

    @bentoml.api(batchable=True, max_batch_size=256, max_latency_ms=1000)
    def predict(self, rows: list[dict]) -> list[dict]:
        return self.answers(rows)
