"""Keras 3's `.keras`: a whole model: architecture, weights, optimizer and what it was compiled with.

Round-trips: weights bit for bit, the optimizer's variables, loss and metrics. It is read in safe mode, which refuses lambdas.
Does not: custom layers that are not registered, lambda layers.
Source: https://keras.io/guides/serialization_and_saving/
"""

from .archive import read_archive, write_archive

name = "keras"
suffix = ".keras"
runs_code = False


def accepts(value):
    import sys

    keras = sys.modules.get("keras")
    return keras is not None and hasattr(keras, "Model") and isinstance(value, keras.Model)


def save(value, path):
    """Write a Keras model, without the date and the addresses in memory that Keras notes in it."""
    import json

    value.save(path)
    files = read_archive(path)
    metadata = json.loads(files["metadata.json"])
    metadata["date_saved"] = ""
    files["metadata.json"] = json.dumps(metadata).encode()
    files["config.json"] = number_shared_objects(files["config.json"].decode()).encode()
    write_archive(path, files)


def load(path):
    """Read what `save_keras` wrote."""
    import keras

    return keras.models.load_model(path)


def number_shared_objects(config):
    """Replace the addresses by which Keras tells shared objects apart by numbers in order of appearance."""
    import re

    numbers = {}
    return re.sub(
        r'"shared_object_id": (\d+)',
        lambda match: f'"shared_object_id": {numbers.setdefault(match[1], len(numbers) + 1)}',
        config,
    )


parts = (write_archive, read_archive, number_shared_objects)
