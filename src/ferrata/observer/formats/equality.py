"""Are two objects the same to the last bit? Compared by structure, so that a round trip through a file can be judged.

Types must be equal everywhere; floats are compared by their bits (nan equals nan, 0.0 is not -0.0); arrays by dtype, shape, memory order and bytes;
tables by cells, dtypes and labels; other objects by the state they would pickle. "" means the same, otherwise the first difference is named.
"""

import struct
import sys
from pathlib import PurePath

_ATOMS = (bool, int, str, bytes, bytearray, type(None), complex, range, slice, type(Ellipsis), type(NotImplemented))
_DEPTH = 200
# Addresses in memory that scikit-learn keeps in its objects; they mean nothing in another process.
_ADDRESSES = ("_stop_words_id",)


class _Seen(dict):
    """Pairs that were compared. `same`, where it is asked for, tells which texts and paths count as the same."""

    same = None


def difference(left, right, same=None):
    """Where two objects differ first ("" when nowhere), as a path from the object and what differs there.

    `same(text, other)` is asked about texts and paths that are not the same; their lengths then are no difference either.
    """
    seen = _Seen()
    seen.same = same
    return _differ(left, right, "value", seen, 0)


def _differ(left, right, where, seen, depth):
    if left is right:
        return ""
    if type(left) is not type(right):
        return f"{where} is {_type(left)} and comes back as {_type(right)}"
    if id(left) in seen and seen[id(left)][0] == id(right):
        return ""
    if depth > _DEPTH:
        return f"{where} is nested too deeply to compare"
    # The pair is kept: temporary objects must not give their address to others while we compare.
    seen[id(left)] = (id(right), left, right)
    return _comparison(left)(left, right, where, seen, depth + 1)


def _type(value):
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _comparison(value):
    for is_of_kind, compare in _KINDS:
        if is_of_kind(value):
            return compare
    return _differ_state


def _atoms(left, right, where, seen, depth):
    if seen.same and isinstance(left, (str, bytes)):
        return "" if seen.same(left, right) else f"{where} differs"
    return "" if left == right and repr(left) == repr(right) else f"{where} differs"


def _paths(left, right, where, seen, depth):
    return _differ(str(left), str(right), where, seen, depth)


def _floats(left, right, where, seen, depth):
    if left != left and right != right:
        return ""
    return (
        ""
        if struct.pack("<d", left) == struct.pack("<d", right)
        else f"{where} is {left!r} and comes back as {right!r}"
    )


def _sequences(left, right, where, seen, depth):
    if len(left) != len(right):
        return f"{where} has {len(left)} items and comes back with {len(right)}"
    for number, (one, other) in enumerate(zip(left, right)):
        found = _differ(one, other, f"{where}[{number}]", seen, depth)
        if found:
            return found
    return _differ_attributes(left, right, where, seen, depth)


def _mappings(left, right, where, seen, depth):
    """Pair by pair in their order: keys may be known by their identity alone, as the parameters of a torch optimizer are."""
    found = _differ(list(left), list(right), where + "'s keys", seen, depth)
    for key, mine, theirs in [] if found else zip(left, left.values(), right.values()):
        if key not in _ADDRESSES:
            found = found or _differ(mine, theirs, f"{where}[{key!r:.40}]", seen, depth)
    if not found and hasattr(left, "default_factory"):
        found = _differ(left.default_factory, right.default_factory, where + "'s default", seen, depth)
    return found or _differ_attributes(left, right, where, seen, depth)


def _sets(left, right, where, seen, depth):
    if left == right or not seen.same:
        return "" if left == right else f"{where} differs"
    rest, others = (sorted(part, key=str) for part in (left - right, right - left))
    return _differ(rest, others, where, seen, depth)


def _differ_attributes(left, right, where, seen, depth):
    if type(left).__name__ == "Bunch":
        return ""  # scikit-learn keeps only the items on purpose (`Bunch.__setstate__`)
    mine, theirs = getattr(left, "__dict__", None), getattr(right, "__dict__", None)
    if mine is left or theirs is right:
        # A dict that is its own namespace; its items were compared.
        return ""
    return _differ(mine, theirs, where + ".__dict__", seen, depth) if mine or theirs else ""


def _arrays(left, right, where, seen, depth):
    if seen.same and left.dtype.kind == right.dtype.kind == "U" and left.shape == right.shape:
        return _differ(left.tolist(), right.tolist(), where, seen, depth)
    if left.dtype != right.dtype or left.shape != right.shape:
        return f"{where} is {left.dtype}{left.shape} and comes back as {right.dtype}{right.shape}"
    order = _order(left)
    if order is not None and order != _order(right):
        return f"{where} comes back in another memory order"
    if left.dtype.names is not None:
        # Field by field: the unused bytes between them mean nothing.
        pairs = ((name, left[name], right[name]) for name in left.dtype.names)
        return next(
            filter(None, (_differ(one, other, where + "." + name, seen, depth) for name, one, other in pairs)), ""
        )
    if left.dtype.hasobject:
        return _differ(left.tolist(), right.tolist(), where, seen, depth)
    return _array_bytes(left, right, where)


def _order(array):
    """Which of C and Fortran order the memory has; None for a view that has neither (nothing keeps that)."""
    order = (array.flags.c_contiguous, array.flags.f_contiguous)
    return order if any(order) else None


def _array_bytes(left, right, where):
    import numpy as np

    mask = getattr(left, "mask", None)
    if mask is not None and not np.array_equal(np.ma.getmaskarray(left), np.ma.getmaskarray(right)):
        return f"{where}'s mask differs"
    if np.asarray(left).tobytes() == np.asarray(right).tobytes():
        return ""
    # Several bit patterns are nan; whoever reads the numbers can't tell them apart.
    same = left.dtype.kind in "fc" and np.array_equal(np.isnan(left), np.isnan(right))
    same = same and np.nan_to_num(np.asarray(left)).tobytes() == np.nan_to_num(np.asarray(right)).tobytes()
    return "" if same else f"{where} differs in its numbers"


def _frames(left, right, where, seen, depth):
    found = _indexes(left.columns, right.columns, where + "'s columns", seen, depth)
    found = found or _indexes(left.index, right.index, where + "'s index", seen, depth)
    found = found or _differ(dict(left.attrs), dict(right.attrs), where + "'s attrs", seen, depth)
    for number in range(0 if found else left.shape[1]):
        place = f"{where}[{left.columns[number]!r:.60}]"
        found = found or _columns(left.iloc[:, number], right.iloc[:, number], place, seen, depth)
    if not found and left.shape[1] > 1 and left.dtypes.nunique() == 1 and not _is_extension(left.dtypes.iloc[0]):
        order = _order(left.to_numpy())
        found = (
            "" if order is None or order == _order(right.to_numpy()) else f"{where} comes back in another memory order"
        )
    return found


def _is_extension(dtype):
    import numpy as np

    return not isinstance(dtype, np.dtype)


def _series(left, right, where, seen, depth):
    found = _differ(left.name, right.name, where + "'s name", seen, depth) or _columns(left, right, where, seen, depth)
    found = found or _indexes(left.index, right.index, where + "'s index", seen, depth)
    return found or _differ(dict(left.attrs), dict(right.attrs), where + "'s attrs", seen, depth)


def _columns(left, right, where, seen, depth):
    is_category = str(left.dtype) == str(right.dtype) == "category" and left.dtype.ordered == right.dtype.ordered
    if str(left.dtype) != str(right.dtype) or left.dtype != right.dtype and not (is_category and seen.same):
        return f"{where} is {left.dtype} and comes back as {right.dtype}"
    return _cells(left.array, right.array, where, seen, depth)


def _cells(left, right, where, seen, depth):
    import numpy as np

    dtype = left.dtype
    if str(dtype) == "category":
        found = _indexes(dtype.categories, right.dtype.categories, where + "'s categories", seen, depth)
        return found or _arrays(np.asarray(left.codes), np.asarray(right.codes), where, seen, depth)
    if isinstance(dtype, np.dtype) and not dtype.hasobject:
        return (
            _array_bytes(np.asarray(left), np.asarray(right), where)
            if len(left) == len(right)
            else f"{where} differs in length"
        )
    return _sequences(list(left), list(right), where, seen, depth)


def _indexes(left, right, where, seen, depth):
    if type(left) is not type(right):
        return f"{where} is {_type(left)} and comes back as {_type(right)}"
    found = _differ(list(left.names), list(right.names), where + "'s names", seen, depth)
    if not found and str(left.dtype) != str(right.dtype):
        found = f"{where} is {left.dtype} and comes back as {right.dtype}"
    if not found and getattr(left, "freqstr", None) != getattr(right, "freqstr", None):
        found = f"{where} loses its frequency"
    if found or left.nlevels > 1:
        return found or _levels(left, right, where, seen, depth)
    if type(left).__name__ == "RangeIndex":
        return "" if (left.start, left.stop, left.step) == (right.start, right.stop, right.step) else f"{where} differs"
    return _cells(left.array, right.array, where, seen, depth)


def _levels(left, right, where, seen, depth):
    for number in range(left.nlevels):
        one, other = left.get_level_values(number), right.get_level_values(number)
        found = _indexes(one, other, f"{where}'s level {number}", seen, depth)
        if found:
            return found
    return ""


def _tensors(left, right, where, seen, depth):
    if (
        left.dtype != right.dtype
        or left.shape != right.shape
        or left.stride() != right.stride()
        or left.requires_grad != right.requires_grad
    ):
        return f"{where} differs in shape, strides or dtype"
    if left.is_sparse or left.is_quantized:
        return _differ_state(left, right, where, seen, depth)
    one, other = left.detach().cpu().contiguous().reshape(-1), right.detach().cpu().contiguous().reshape(-1)
    torch = sys.modules["torch"]
    return "" if bool((one.view(torch.uint8) == other.view(torch.uint8)).all()) else f"{where} differs in its numbers"


def _generators(left, right, where, seen, depth):
    """Generators of random numbers: by the numbers they will give, not by how they were seeded."""
    return _differ(_random_state(left), _random_state(right), where, seen, depth)


def _random_state(generator):
    if hasattr(generator, "get_state"):
        return generator.get_state(legacy=False)
    return generator.bit_generator.state if hasattr(generator, "bit_generator") else generator.state


def _sparse(left, right, where, seen, depth):
    if left.shape != right.shape or left.format != right.format:
        return f"{where} differs in shape or format"
    mine, theirs = (
        {key: vars(matrix)[key] for key in sorted(vars(matrix)) if not key.startswith(("_has_", "maxprint"))}
        for matrix in (left, right)
    )
    return _mappings(mine, theirs, where, seen, depth)


def _keras_models(left, right, where, seen, depth):
    found = _differ(left.to_json(), right.to_json(), where + "'s architecture", seen, depth)
    found = found or _differ(left.get_weights(), right.get_weights(), where + "'s weights", seen, depth)
    if not found and getattr(left, "optimizer", None) is not None:
        found = _differ(
            left.get_compile_config(), right.get_compile_config(), where + "'s compile settings", seen, depth
        )
        variables = [[variable.numpy() for variable in model.optimizer.variables] for model in (left, right)]
        found = found or _differ(variables[0], variables[1], where + "'s optimizer", seen, depth)
    return found


def _xgboost_boosters(left, right, where, seen, depth):
    found = _differ(_xgboost_trees(left), _xgboost_trees(right), where + "'s trees", seen, depth)
    mine, theirs = (
        {key: value for key, value in vars(booster).items() if key != "handle"} for booster in (left, right)
    )
    return (
        found
        or _differ(mine, theirs, where, seen, depth)
        or _differ(left.attributes(), right.attributes(), where, seen, depth)
    )


def _xgboost_trees(booster):
    """Before XGBoost 1.6 there was one form of them, and no choice."""
    try:
        return bytes(booster.save_raw("json"))
    except TypeError:
        return bytes(booster.save_raw())


def _lightgbm_boosters(left, right, where, seen, depth):
    found = _differ(left.model_to_string(), right.model_to_string(), where + "'s trees", seen, depth)
    # Without early stopping it is 0 or -1, which mean the same.
    return found or _differ(
        max(left.best_iteration, 0), max(right.best_iteration, 0), where + "'s best iteration", seen, depth
    )


def _catboost_models(left, right, where, seen, depth):
    """One that is not fitted, as a search keeps beside its best, has its parameters only."""
    if not (left.is_fitted() and right.is_fitted()):
        found = _differ(left.is_fitted(), right.is_fitted(), where + "'s being fitted", seen, depth)
        return found or _differ(left.get_params(), right.get_params(), where + "'s parameters", seen, depth)
    mine, theirs = _single_precision(left.get_all_params()), _single_precision(right.get_all_params())
    found = _differ(mine, theirs, where + "'s parameters", seen, depth)
    found = found or _differ(list(left.feature_names_), list(right.feature_names_), where + "'s features", seen, depth)
    found = found or _differ(left.get_leaf_values(), right.get_leaf_values(), where + "'s leaves", seen, depth)
    return found or _differ(
        getattr(left, "classes_", None), getattr(right, "classes_", None), where + "'s classes", seen, depth
    )


def _single_precision(parameters):
    """CatBoost keeps its parameters in single precision and prints them with more or fewer digits."""
    return {key: struct.pack("<f", value) if isinstance(value, float) else value for key, value in parameters.items()}


def _differ_functions(left, right, where, seen, depth):
    return f"{where} is another function"


def _differ_state(left, right, where, seen, depth):
    """Objects of any other kind, by what pickle would keep of them."""
    mine, theirs = left.__reduce_ex__(4), right.__reduce_ex__(4)
    if isinstance(mine, str) or isinstance(theirs, str):
        return "" if mine == theirs else f"{where} differs"
    for one, other in zip(_parts(mine), _parts(theirs)):
        found = _differ(one, other, where, seen, depth)
        if found:
            return found
    return ""


def _parts(reduced):
    callable_, arguments, state, items, pairs = (tuple(reduced) + (None,) * 3)[:5]
    return [callable_, arguments, state, None if items is None else list(items), None if pairs is None else list(pairs)]


def _of(module, *names):
    """Is a value of one of these classes of a library, when the library is loaded at all?"""

    def is_of_kind(value):
        loaded = sys.modules.get(module)
        classes = tuple(getattr(loaded, name) for name in names if hasattr(loaded, name)) if loaded else ()
        return bool(classes) and isinstance(value, classes)

    return is_of_kind


def _is_sparse(value):
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and sparse.issparse(value)


_KINDS = (
    (lambda value: isinstance(value, float) and type(value) is float, _floats),
    (lambda value: type(value) in _ATOMS, _atoms),
    (lambda value: isinstance(value, type(_of)) or isinstance(value, type), _differ_functions),
    (lambda value: isinstance(value, PurePath), _paths),
    (lambda value: isinstance(value, (list, tuple)), _sequences),
    (lambda value: isinstance(value, dict), _mappings),
    (lambda value: isinstance(value, (set, frozenset)), _sets),
    (_of("numpy", "ndarray", "generic"), _arrays),
    (_of("pandas", "DataFrame"), _frames),
    (_of("pandas", "Series"), _series),
    (_of("pandas", "Index"), _indexes),
    (_of("numpy.random", "RandomState", "Generator", "BitGenerator"), _generators),
    (_is_sparse, _sparse),
    (_of("torch", "Tensor"), _tensors),
    (_of("keras", "Model"), _keras_models),
    (_of("xgboost", "Booster"), _xgboost_boosters),
    (_of("lightgbm", "Booster"), _lightgbm_boosters),
    (_of("catboost", "CatBoost"), _catboost_models),
)
