"""Keras 3's `.keras`: a whole model: architecture, weights, optimizer and what it was compiled with.

Round-trips: weights bit for bit, the optimizer's variables, loss and metrics. It is read in safe mode, which refuses lambdas.
Does not: custom layers that are not registered, lambda layers.
Source: https://keras.io/guides/serialization_and_saving/
"""

from .archive import read_archive, write_archive

name = "keras"
suffix = ".keras"
runs_code = False
parts = (write_archive, read_archive)


def accepts(value):
    import sys

    keras = sys.modules.get("keras")
    return keras is not None and hasattr(keras, "Model") and isinstance(value, keras.Model)


def save(value, path):
    """Write a Keras model, without the date that Keras notes in it."""
    import json

    value.save(path)
    files = read_archive(path)
    metadata = json.loads(files["metadata.json"])
    metadata["date_saved"] = ""
    files["metadata.json"] = json.dumps(metadata).encode()
    write_archive(path, files)


def load(path):
    """Read what `save_keras` wrote."""
    import keras

    return keras.models.load_model(path)
