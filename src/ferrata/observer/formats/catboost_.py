"""CatBoost's own model file: a classifier, a regressor, a ranker or a plain CatBoost.

Round-trips: trees, classes, feature names, parameters. The date and the random identity of the training are blanked, in the object too.
Does not: the training data of the object, its evaluation results.
Source: https://catboost.ai/docs/en/concepts/python-reference_catboost_save_model
"""

name = "catboost"
suffix = ".cbm"
runs_code = False


def accepts(value):
    import sys

    catboost = sys.modules.get("catboost")
    return catboost is not None and isinstance(value, catboost.CatBoost) and value.is_fitted()


def save(value, path):
    """Write a CatBoost model, without the date and the random identity of its training."""
    metadata = value.get_metadata()
    metadata["train_finish_time"] = metadata["model_guid"] = ""
    metadata["class"] = type(value).__name__
    value.save_model(str(path))


def load(path):
    """Read what `save_catboost` wrote."""
    import catboost

    kind = catboost.CatBoost().load_model(str(path)).get_metadata()["class"]
    return getattr(catboost, kind)().load_model(str(path))
