"""What an object that fits or predicts is: classifier, regressor, clusterer, transformer, resampler, selector, search, network, forecaster, own."""

import sys

_MIXINS = (
    ("ClassifierMixin", "classifier"),
    ("RegressorMixin", "regressor"),
    ("ClusterMixin", "clusterer"),
    ("DensityMixin", "clusterer"),
    ("OutlierMixin", "outlier"),
    ("SelectorMixin", "selector"),
    ("TransformerMixin", "transformer"),
    ("CatBoostClassifier", "classifier"),
    ("CatBoostRegressor", "regressor"),
    ("CatBoost", "regressor"),
)
_DISCRETE = ("discrete_model", "ordinal_model")


def kind_of(receiver):
    """The kind, or "" for what is no model (or one of the author's own)."""
    try:
        return _kind(receiver)
    except Exception:
        return ""


def _kind(receiver):
    owner = type(receiver)
    bases = [base.__name__ for base in owner.__mro__]
    module = owner.__module__ or ""
    if "BaseSearchCV" in bases or hasattr(owner, "fit") and owner.__name__.endswith("SearchCV"):
        return "search"
    if hasattr(owner, "fit_resample"):
        return "resampler"
    if "Pipeline" in bases and getattr(receiver, "steps", None):
        return _kind(receiver.steps[-1][1])
    for mixin, kind in _MIXINS:
        if mixin in bases:
            return kind
    return _other(receiver, bases, module)


def _other(receiver, bases, module):
    if (
        callable(getattr(type(receiver), "transform", None))
        and not callable(getattr(type(receiver), "predict", None))
        and "BaseEstimator" in bases
    ):
        return "transformer"
    roots = {(base.__module__ or "").split(".")[0] for base in type(receiver).__mro__}
    if roots & {"keras", "tf_keras", "tensorflow", "torch"} and (
        "Model" in bases or "Module" in bases or hasattr(receiver, "get_weights")
    ):
        return "network"
    if roots & {"keras_tuner", "kerastuner", "optuna"} and (hasattr(receiver, "search") or hasattr(receiver, "optimize")):
        return "search"
    if "statsmodels" in roots:
        return _statsmodels(receiver, module)
    if roots & {"prophet", "fbprophet", "pmdarima", "sktime", "darts"}:
        return "forecaster"
    if "Booster" in bases:
        return _booster(receiver)
    # A class that the author wrote: what it predicts is told by its answers, unless it keeps classes.
    if (
        module == "__main__"
        and callable(getattr(type(receiver), "fit", None))
        and callable(getattr(type(receiver), "predict", None))
    ):
        return "classifier" if hasattr(receiver, "classes_") else "own"
    return ""


def _statsmodels(receiver, module):
    inner = getattr(receiver, "model", receiver)
    module = type(inner).__module__ + module
    if ".tsa." in module:
        return "forecaster"
    return "classifier" if any(part in module for part in _DISCRETE) else "regressor"


def _booster(receiver):
    text = str(getattr(receiver, "params", "") or "")
    if not text and hasattr(receiver, "save_config"):
        text = receiver.save_config()
    return "classifier" if any(word in text for word in ("binary", "multi:", "multiclass")) else "regressor"


def is_model(receiver):
    """Anything whose fit, predict … we want to know of: of a library of models, or the author's own class with both fit and predict or transform."""
    owner = type(receiver)
    if kind_of(receiver):
        return True
    return callable(getattr(owner, "fit", None)) and any(
        callable(getattr(owner, name, None)) for name in ("predict", "transform", "fit_transform", "forecast")
    )


def is_torch_module(value):
    torch = sys.modules.get("torch")
    return torch is not None and hasattr(torch, "nn") and isinstance(value, torch.nn.Module)
