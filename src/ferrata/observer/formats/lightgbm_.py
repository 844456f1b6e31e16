"""LightGBM's own model file, in text: a Booster.

Round-trips: trees, feature names, parameters of the training, the best iteration.
Does not: the scikit-learn wrappers, the training data a Booster still holds.
Source: https://lightgbm.readthedocs.io/en/stable/Python-API.html
"""

name = "lightgbm"
suffix = ".lgb"
runs_code = False


def accepts(value):
    import sys

    lightgbm = sys.modules.get("lightgbm")
    return lightgbm is not None and type(value) is lightgbm.Booster


def save(value, path):
    """Write a LightGBM Booster."""
    value.save_model(str(path))


def load(path):
    """Read what `save_lightgbm` wrote."""
    import lightgbm

    return lightgbm.Booster(model_file=str(path))
