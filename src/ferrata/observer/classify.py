"""Is a call that is written like `fit`, `score`, `load` … really one? Decided by the function that is there at run time."""

import sys
import types

from . import models

_ESTIMATOR_KINDS = frozenset({"fit", "transform", "predict", "score"})
_DISPLAYS = "sklearn.metrics._plot"
# For each kind, the modules whose functions of such a name are what they are called.
_HOMES = {
    "score": (
        "sklearn.metrics",
        "sklearn.model_selection",
        "sklearn.inspection",
        "sklearn.utils",
        "keras.",
        "tensorflow.",
        "mlxtend",
        "torchmetrics",
        "imblearn.metrics",
        "statsmodels.tools",
        "scipy.stats",
        "yellowbrick",
    ),
    "fit": ("xgboost", "lightgbm", "catboost", "scipy.optimize", "numpy", "pmdarima", "statsmodels"),
    "split": ("sklearn", "torch", "sktime", "pmdarima"),
    "load": (
        "pandas",
        "polars",
        "numpy",
        "sklearn.datasets",
        "seaborn",
        "joblib",
        "pickle",
        "_pickle",
        "json",
        "torch",
        "torchvision",
        "keras",
        "tensorflow",
        "tf_keras",
        "scipy.io",
        "cv2",
        "PIL",
        "skimage",
        "imageio",
        "matplotlib",
        "yaml",
        "dill",
        "cloudpickle",
        "nltk",
        "xgboost",
        "lightgbm",
        "catboost",
        "statsmodels",
        "urllib",
        "csv",
        "geopandas",
        "pyarrow",
        "h5py",
        "librosa",
        "spacy",
        "gensim",
        "datasets",
        "skops",
        "plotly",
    ),
}
_HOMES["save"] = _HOMES["load"]


def classify(kind, function, space):
    """(kind, receiver or None, model kind), or None when the call is not of interest after all. `space` is the author's namespace."""
    receiver = _receiver(function)
    if receiver is not None and not isinstance(receiver, (types.ModuleType, type)):
        return _method(kind, receiver)
    return (kind, None, "") if _is_known(kind, function, space) else None


def _receiver(function):
    """What a method belongs to. Before scikit-learn 1.1 those of a search or a pipeline are handed out as functions in whose closure it stands."""
    owner = getattr(function, "__self__", None)
    if owner is None and isinstance(function, types.FunctionType) and str(function.__module__).startswith("sklearn."):
        held = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        return held["obj"].cell_contents if {"obj", "self"} == set(held) else None
    return owner


def _method(kind, receiver):
    if kind in _ESTIMATOR_KINDS:
        wanted = models.is_model(receiver) or kind == "predict" and type(receiver).__module__.startswith("statsmodels")
        return (kind, receiver, models.kind_of(receiver)) if wanted else None
    if kind == "split":
        return (kind, receiver, "") if hasattr(receiver, "get_n_splits") else None
    return (kind, receiver, models.kind_of(receiver)) if kind in ("save", "load") else None


def _is_known(kind, function, space):
    module = getattr(function, "__module__", None) or ""
    if kind == "score" and is_own(function, space):
        return True
    if module.startswith(_DISPLAYS):
        return word_of(function) in ("from_predictions", "from_estimator")
    if kind in ("load", "save") and type(function).__name__ in ("builtin_function_or_method", "type"):
        return True
    return module.startswith(_HOMES.get(kind, ())) and module != "sklearn.metrics.pairwise"


def is_own(function, space):
    """Is it a function that the author wrote in the notebook?"""
    return getattr(function, "__globals__", None) is space


def word_of(function):
    return getattr(function, "__name__", "")


def qualified(function, receiver):
    """The name to find it by: "sklearn.linear_model._logistic.LogisticRegression.fit"."""
    if receiver is not None:
        owner = type(receiver)
        return f"{owner.__module__}.{owner.__qualname__}.{word_of(function) or '?'}"
    return "{}.{}".format(
        getattr(function, "__module__", None) or "", getattr(function, "__qualname__", type(function).__qualname__)
    )


def public_name(owner):
    """The name by which its users import a class: `sklearn.linear_model.RidgeCV`, not the file that it happens to be written in."""
    parts = (owner.__module__ or "").split(".")
    for count in range(1, len(parts)):
        package = ".".join(parts[:count])
        if getattr(sys.modules.get(package), "__dict__", {}).get(owner.__qualname__) is owner:
            return f"{package}.{owner.__qualname__}"
    return f"{owner.__module__}.{owner.__qualname__}"
