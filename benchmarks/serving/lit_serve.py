"""LitServe with its own batching, as its manual has it. lit_serve.py PROJECT PORT"""

import sys

import joblib
import litserve
import pandas as pd


class Api(litserve.LitAPI):
    def setup(self, device):
        self.model = joblib.load(f"{sys.argv[1]}/model/model.joblib")

    def decode_request(self, request):
        return request["rows"]

    def batch(self, inputs):
        return inputs

    def predict(self, groups):
        chances = iter(self.model.predict_proba(pd.DataFrame([row for rows in groups for row in rows])).tolist())
        return [[next(chances) for _ in rows] for rows in groups]

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return [dict(zip(self.model.classes_, row, strict=True)) for row in output]


if __name__ == "__main__":
    api = Api(max_batch_size=64, batch_timeout=0.002)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), num_api_servers=1, log_level="warning", generate_client_file=False)
