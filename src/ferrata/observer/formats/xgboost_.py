"""XGBoost's own model file, in UBJSON: a Booster.

Round-trips: trees, objective, feature names and types, attributes such as the best iteration.
Does not: the scikit-learn wrappers, whose parameters it loses (they go to skops or joblib).
Source: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
"""

name = "xgboost"
suffix = ".ubj"
runs_code = False


def accepts(value):
    import sys

    xgboost = sys.modules.get("xgboost")
    return xgboost is not None and type(value) is xgboost.Booster


def save(value, path):
    """Write an XGBoost Booster."""
    value.save_model(path)


def load(path):
    """Read what `save_xgboost` wrote."""
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(path)
    return booster
