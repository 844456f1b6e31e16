"""Fingerprints of the frameworks' own objects: torch, keras and tensorflow, xgboost, lightgbm, catboost, matplotlib, plotly."""

import sys

from . import figures, tabular


def find_handler(kind):
    """The function (walk, value) → digest for a framework's type (or one derived from it), or None."""
    if kind not in _CACHE:
        _CACHE[kind] = _choose(kind)
    return _CACHE[kind]


_CACHE = {}


def _choose(kind):
    for base in kind.__mro__:
        module = base.__module__ or ""
        chooser = _ROOTS.get(module.split(".")[0])
        handler = chooser(kind, base, module) if chooser else None
        if handler is not None:
            return handler
    return None


def _torch(kind, base, module):
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "Tensor"):
        return None
    if base is torch.Tensor:
        return _tensor
    if base in (torch.Generator,):
        return lambda walk, value: _touched(
            walk,
            value,
            b"generator",
            [value.get_state().numpy().tobytes()[:64], walk.digest(value.get_state().numpy())],
        )
    if base in (torch.dtype, torch.device, torch.Size, torch.memory_format, torch.layout):
        return _text
    if module.startswith(("torch._C", "torch.fx", "torch._dynamo", "torch.jit")):
        return _type_only
    return None


def _touched(walk, value, tag, parts):
    walk.touches.add(id(value))
    return walk.join(tag, parts)


def _text(walk, value):
    return walk.join(type(value).__name__, [repr(value).encode("utf-8", "replace")])


def _type_only(walk, value):
    return walk.unknown(value)


def _tensor(walk, value):
    torch = sys.modules["torch"]
    walk.touches.add(id(value))
    head = f"tensor {value.dtype} {tuple(value.shape)} {value.requires_grad}"
    if value.is_sparse or value.is_quantized or value.device.type == "meta":
        walk.exact = False
        return walk.join(head, [])
    plain = value.detach()
    if value.numel():
        walk.touches.add(
            (
                "memory",
                plain.untyped_storage().data_ptr() if hasattr(plain, "untyped_storage") else plain.storage().data_ptr(),
            )
        )
    if plain.dtype is torch.bfloat16:
        plain = plain.view(torch.int16)
    parts = [
        tabular._bytes(
            walk,
            plain.cpu().resolve_conj().resolve_neg().numpy() if hasattr(plain, "resolve_conj") else plain.cpu().numpy(),
        )
    ]
    if value.is_leaf and value.grad is not None:
        parts.append(walk.digest(value.grad))
    return walk.join(head, parts)


def _tensorflow(kind, base, module):
    if module.startswith(
        (
            "tensorflow.python.data",
            "tensorflow.python.framework.func_graph",
            "tensorflow.python.eager.polymorphic",
            "tensorflow.python.distribute",
        )
    ):
        return _dataset
    if hasattr(kind, "get_weights") and hasattr(kind, "get_config"):
        return _layer
    if base.__name__ in ("EagerTensor", "ResourceVariable", "BaseResourceVariable", "Tensor", "_EagerTensorBase"):
        return _eager
    if base.__name__ in ("DType", "TensorShape", "TensorSpec"):
        return _text
    return _type_only if base is kind else None


def _dataset(walk, value):
    walk.exact = False
    return walk.join(type(value).__name__, [repr(getattr(value, "element_spec", "")).encode("utf-8", "replace")])


def _eager(walk, value):
    walk.touches.add(id(value))
    return walk.join("tensor", [walk.digest(value.numpy())])


def _keras(kind, base, module):
    name = base.__name__
    if name == "History":
        return _history
    if hasattr(kind, "get_weights") and hasattr(kind, "get_config") and hasattr(kind, "trainable"):
        return _layer
    if name in ("Variable", "KerasVariable"):
        return lambda walk, value: _touched(walk, value, b"variable", [walk.digest(_numpy(value))])
    if name == "KerasTensor":
        return lambda walk, value: walk.join(b"symbolic", [repr((value.shape, str(value.dtype))).encode()])
    if "optimizers" in module and hasattr(kind, "apply_gradients") or name == "Optimizer":
        return _optimizer
    if any(part in module for part in (".callbacks", ".preprocessing", ".legacy", ".utils", ".trainers.data_adapters")):
        return None
    if hasattr(kind, "get_config"):
        return lambda walk, value: walk.join(type(value).__name__, [walk.digest(_named(value.get_config()))])
    return _type_only if base is kind else None


def _history(walk, value):
    """What fit returned: its numbers; the model it points to is known by its own name."""
    walk.touches.add(id(value))
    parts = {key: part for key, part in vars(value).items() if key not in ("model", "_model")}
    return walk.join(b"History", [walk.state(parts)])


def _numpy(variable):
    return variable.numpy() if hasattr(variable, "numpy") else variable.value.numpy()


def _layer(walk, value):
    """A layer or model: its weights, shape of the computation, and how it was compiled; names that keras counts up are left out."""
    walk.touches.add(id(value))
    parts = []
    for weight in getattr(value, "weights", ()):
        walk.touches.add(id(weight))
        parts.append(walk.digest(_numpy(weight)))
    for layer in getattr(value, "layers", ()) or ():
        walk.touches.add(id(layer))
        walk.digest(getattr(layer, "function", None))  # the author's, in a Lambda layer
        parts.append(type(layer).__name__.encode() + (b"+" if getattr(layer, "trainable", True) else b"-"))
    if not parts and not hasattr(value, "layers"):
        parts.append(walk.digest(_named(value.get_config())))
    if hasattr(value, "get_vocabulary"):
        parts.append(walk.digest(list(value.get_vocabulary())))
    optimizer = getattr(value, "optimizer", None)
    if optimizer is not None:
        parts += [walk.digest(optimizer), walk.digest(_loss_name(getattr(value, "loss", None)))]
    return walk.join(type(value).__name__, parts)


def _loss_name(loss):
    return loss if isinstance(loss, (str, list, dict, type(None))) else type(loss).__name__


def _optimizer(walk, value):
    walk.touches.add(id(value))
    variables = value.variables() if callable(value.variables) else value.variables
    return walk.join(type(value).__name__, [walk.digest(_numpy(variable)) for variable in variables])


def _named(config):
    """A configuration without the names that keras numbers in order of creation ("dense_3")."""
    if isinstance(config, dict):
        return {
            key: _named(item) for key, item in config.items() if key not in ("name", "build_config", "registered_name")
        }
    return [_named(item) for item in config] if isinstance(config, (list, tuple)) else config


def _booster(kind, base, module):
    return _xgboost_raw if base.__name__ == "Booster" else _dmatrix if base.__name__ == "DMatrix" else None


def _xgboost_raw(walk, value):
    return _touched(walk, value, b"booster", [walk.digest(bytes(value.save_raw()))])


def _dmatrix(walk, value):
    walk.touches.add(id(value))
    walk.exact = False
    return walk.join(b"DMatrix", [repr((value.num_row(), value.num_col())).encode()])


def _lightgbm(kind, base, module):
    if base.__name__ == "Booster":
        return lambda walk, value: _touched(walk, value, b"booster", [walk.digest(value.model_to_string())])
    return None


def _catboost(kind, base, module):
    if base.__name__ in ("CatBoost", "_CatBoostBase"):
        return _catboost_trees
    return _type_only if base.__name__ == "Pool" else None


def _catboost_trees(walk, value):
    walk.touches.add(id(value))
    parts = [walk.digest(dict(value._init_params))]
    if value.is_fitted():
        parts += [walk.digest(value.get_leaf_values()), walk.digest(value.get_tree_leaf_counts())]
    return walk.join(type(value).__name__, parts)


def _matplotlib(kind, base, module):
    if base.__name__ in ("Figure", "FigureBase", "_AxesBase", "Axes"):
        return _drawing
    return _type_only if base is kind else None


def _drawing(walk, value):
    """What axes show counts where a name holds them, not where they are a detail of some other object."""
    walk.exact = False
    if walk.depth_in_objects:
        return walk.unknown(value)
    walk.touches.add(figures.TOUCH)
    return _touched(walk, value, type(value).__name__, [repr(figures.signature_of(value)).encode("utf-8", "replace")])


def _plotly(kind, base, module):
    if base.__name__ == "BaseFigure":
        return lambda walk, value: _touched(
            walk, value, b"figure", [walk.digest(value._data), walk.digest(value._layout)]
        )
    return None


_ROOTS = {
    "torch": _torch,
    "tensorflow": _tensorflow,
    "keras": _keras,
    "tf_keras": _keras,
    "xgboost": _booster,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
    "_catboost": lambda kind, base, module: _type_only,
    "matplotlib": _matplotlib,
    "mpl_toolkits": _matplotlib,
    "plotly": _plotly,
}
