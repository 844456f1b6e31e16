"""LitServe with its own batching, as its manual has it. lit_serve.py PROJECT PORT"""

import sys

import litserve
from served import load


class Api(litserve.LitAPI):
    def setup(self, device):
        self.answers = load(sys.argv[1])

    def decode_request(self, request):
        return request["rows"]

    def batch(self, inputs):
        return inputs

    def predict(self, groups):
        answers = iter(self.answers([row for rows in groups for row in rows]))
        return [[next(answers) for _ in rows] for rows in groups]

    def unbatch(self, output):
        return output

    def encode_response(self, output):
        return output


if __name__ == "__main__":
    api = Api(max_batch_size=64, batch_timeout=0.002)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), num_api_servers=1, log_level="warning", generate_client_file=False)
