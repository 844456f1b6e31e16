"""State of the process, other than random numbers, that one statement can leave for the next."""

import os
import sys
import warnings

from . import figures


def _pandas():
    config = sys.modules.get("pandas._config.config")
    return repr(getattr(config, "_global_config", None)) if config is not None else None


def _pyplot():
    return figures.current() if "matplotlib" in sys.modules else None


def _style():
    parameters = getattr(sys.modules.get("matplotlib"), "rcParams", None)
    return sorted((name, str(value)) for name, value in dict.items(parameters)) if parameters is not None else None


def _numpy():
    numpy = sys.modules.get("numpy")
    return repr(numpy.get_printoptions()) if numpy is not None and hasattr(numpy, "get_printoptions") else None


def _numpy_errors():
    numpy = sys.modules.get("numpy")
    return numpy.geterr() if numpy is not None and hasattr(numpy, "geterr") else None


def _sklearn():
    module = sys.modules.get("sklearn._config")
    return repr(sorted(module.get_config().items(), key=str)) if module is not None and hasattr(module, "get_config") else None


def _tensorflow():
    context = sys.modules.get("tensorflow.python.eager.context")
    if context is None or not hasattr(context, "context"):
        return None
    here = context.context()
    threads = [getattr(here, f"_{kind}_op_parallelism_threads", None) for kind in ("inter", "intra")]
    config = sys.modules.get("tensorflow.python.framework.config")
    return (
        threads,
        config.is_op_determinism_enabled() if hasattr(config, "is_op_determinism_enabled") else None,
        getattr(here, "_tf32_allowed", None),
        getattr(here, "_run_eager_op_as_function", None),
    )


def _keras():
    """Attributes that Keras keeps for the process: float type, image layout, precision policy; not its counters of names."""
    backend = sys.modules.get("keras.src.backend.config")
    if backend is None or not hasattr(backend, "floatx"):
        return None
    state = sys.modules.get("keras.src.backend.common.global_state")
    policy = state.get_global_attribute("dtype_policy") if hasattr(state, "get_global_attribute") else None
    return (backend.floatx(), backend.epsilon(), backend.image_data_format(), str(getattr(policy, "name", policy or backend.floatx())))


_TORCH = ("get_default_dtype", "are_deterministic_algorithms_enabled", "get_num_threads", "is_grad_enabled", "get_float32_matmul_precision")


def _torch():
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    found = [str(getattr(torch, name)()) for name in _TORCH if hasattr(torch, name)]
    cudnn = getattr(getattr(torch, "backends", None), "cudnn", None)
    return (found, [getattr(cudnn, name, None) for name in ("deterministic", "benchmark", "enabled")])


PARTS = {
    "cwd": os.getcwd,
    "environ": lambda: dict(os.environ),
    "pandas.options": _pandas,
    "warnings": lambda: list(warnings.filters),
    "pyplot": _pyplot,
    "pyplot.style": _style,
    "numpy.printoptions": _numpy,
    "numpy.errstate": _numpy_errors,
    "sklearn.config": _sklearn,
    "tensorflow.config": _tensorflow,
    "keras.config": _keras,
    "torch.config": _torch,
    "sys.path": lambda: list(sys.path),
}


# Libraries set these up for themselves when they are imported; a statement that only imports does not count as changing them.
BY_IMPORTS = ("warnings", "environ")


def snapshot():
    found = {}
    for name, read in PARTS.items():
        try:
            found[name] = read()
        except Exception:
            found[name] = None
    return found


def changes(before, after):
    """Names of what differs. What an import brings in for the first time is not a change."""
    return sorted(name for name in after if before.get(name) is not None and after[name] != before[name])
