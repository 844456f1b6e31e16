"""For MLflow, whose own flavours know no images in JSON: a model of Python code, saved by mlflow_images.py FOLDER PLACE."""

import sys

import mlflow
from served import load


class Images(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.answers = load(context.artifacts["folder"])

    def predict(self, context, model_input):
        return self.answers(model_input.to_dict("records"))


if __name__ == "__main__":
    mlflow.pyfunc.save_model(sys.argv[2], python_model=Images(), artifacts={"folder": sys.argv[1]}, code_paths=[f"{sys.path[0]}/served.py"])
