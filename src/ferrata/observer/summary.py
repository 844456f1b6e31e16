"""What is cheap to tell about a value: shape, types, columns, length, parameters."""

import sys

from .trace import safe

_COLUMNS, _CLASSES, _ROWS = 200, 50, 200000


def summarise(value):
    """A small JSON object; empty where there is nothing to tell."""
    found = {}
    for part in (_shape, _table, _length, _classes, _estimator, _network, _scalar):
        try:
            part(value, found)
        except Exception:
            continue
    return safe(found)


def _scalar(value, found):
    if isinstance(value, (int, float, str, bool)) and not isinstance(value, type):
        found["value"] = value if not isinstance(value, str) else str(value)[:200]


def _shape(value, found):
    kind = type(value)
    if kind.__module__.split(".")[0] in (
        "numpy",
        "pandas",
        "torch",
        "tensorflow",
        "scipy",
        "keras",
        "xarray",
        "polars",
    ) and not isinstance(value, type):
        shape = getattr(value, "shape", None)
        if shape is not None:
            found["shape"] = [int(part) if part is not None else None for part in shape]
        if hasattr(value, "dtype"):
            found["dtype"] = str(value.dtype)


def _table(value, found):
    pandas = sys.modules.get("pandas")
    if pandas is None or not hasattr(pandas, "DataFrame") or not isinstance(value, (pandas.DataFrame, pandas.Series)):
        return
    found["index"] = {
        "type": type(value.index).__name__,
        "name": value.index.name if value.index.name is None else str(value.index.name),
        "dtype": str(value.index.dtype),
    }
    if isinstance(value, pandas.DataFrame):
        names = value.columns[:_COLUMNS]
        found["columns"] = [name if isinstance(name, int) else str(name) for name in names]
        found["dtypes"] = [str(dtype) for dtype in value.dtypes.iloc[:_COLUMNS]]
    else:
        found["name"] = None if value.name is None else str(value.name)


def _length(value, found):
    if isinstance(value, (list, tuple, dict, set, frozenset, str, bytes)):
        found["length"] = len(value)
    if type(value) is dict and len(value) <= 50:
        found["keys"] = [str(key)[:100] for key in value]
    if isinstance(value, (list, tuple)) and value:
        found["items"] = sorted({type(item).__name__ for item in value[:1000]})


def _classes(value, found):
    """Distinct values of what looks like labels."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if (
        pandas is not None
        and hasattr(pandas, "Series")
        and isinstance(value, pandas.Series)
        and len(value) <= _ROWS
        and value.dtype.kind not in "fmMc"
    ):
        classes = value.unique()
    elif (
        numpy is not None
        and isinstance(value, numpy.ndarray)
        and value.ndim == 1
        and 0 < value.size <= _ROWS
        and value.dtype.kind in "iubUS"
    ):
        classes = numpy.unique(value)
    else:
        return
    if len(classes) <= _CLASSES:
        found["classes"] = sorted((item.item() if hasattr(item, "item") else item for item in classes), key=str)


def _estimator(value, found):
    if (
        isinstance(value, type)
        or not callable(getattr(type(value), "get_params", None))
        or not hasattr(type(value), "fit")
    ):
        return
    found["params"] = {name: _parameter(part) for name, part in value.get_params(deep=False).items()}
    found["is_fitted"] = any(name.endswith("_") and not name.startswith("_") for name in vars(value))
    steps = getattr(value, "steps", None) or getattr(value, "transformers", None)
    if isinstance(steps, list):
        found["steps"] = [[str(step[0]), type(step[1]).__name__] for step in steps[:50]]
    for name in ("n_features_in_", "n_iter_", "best_params_"):
        if name in vars(value):
            found[name] = vars(value)[name]
    if "feature_names_in_" in vars(value):
        found["feature_names_in_"] = [str(name) for name in value.feature_names_in_[:_COLUMNS]]


def _parameter(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if (
        isinstance(value, (list, tuple))
        and len(value) <= 50
        and all(isinstance(item, (bool, int, float, str, type(None))) for item in value)
    ):
        return list(value)
    return "<" + type(value).__name__ + ">"


def _network(value, found):
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "nn") and isinstance(value, torch.nn.Module):
        found["parameters"] = sum(parameter.numel() for parameter in value.parameters())
        found["training"] = value.training
    elif (
        type(value).__module__.split(".")[0] in ("keras", "tf_keras")
        and hasattr(value, "count_params")
        and getattr(value, "built", False)
    ):
        found["parameters"] = int(value.count_params())
        found["input_shape"], found["output_shape"] = str(value.input_shape), str(value.output_shape)
