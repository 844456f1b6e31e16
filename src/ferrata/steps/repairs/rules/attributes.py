"""A method or attribute that was renamed, known by its receiver or by the failure "'DataFrame' object has no attribute 'applymap'".

pandas 1.0 to 3.0 (`iteritems` → `items`, `applymap` → `map`, `as_matrix()` → `to_numpy()`), imbalanced-learn 0.8 (`fit_sample` → `fit_resample`), keras 3
(`fit_generator` → `fit`), scikit-learn 1.2 (`get_feature_names` → `get_feature_names_out`).

    df.applymap(str)                    df.map(str)
    vectorizer.get_feature_names()      vectorizer.get_feature_names_out()
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere, on_failure
from ferrata.steps.repairs.text import Text

# name: (package, since, new name). These names exist in no other library of the field, so the text decides.
_UNMISTAKABLE = {
    "iteritems": ("pandas", "2.0", "items"),
    "applymap": ("pandas", "3.0", "map"),
    "as_matrix": ("pandas", "1.0", "to_numpy"),
    "get_values": ("pandas", "2.0", "to_numpy"),
    "weekday_name": ("pandas", "1.0", "day_name()"),
    "get_dtype_counts": ("pandas", "1.0", "dtypes.value_counts"),
    "convert_objects": ("pandas", "1.0", "infer_objects"),
    "is_monotonic": ("pandas", "2.0", "is_monotonic_increasing"),
    "weekofyear": ("pandas", "2.0", "isocalendar().week"),
    "hide_index": ("pandas", "2.0", "hide"),
    "fit_sample": ("imbalanced-learn", "0.8", "fit_resample"),
    "fit_generator": ("keras", "3.0", "fit"),
    "evaluate_generator": ("keras", "3.0", "evaluate"),
    "predict_generator": ("keras", "3.0", "predict"),
    "get_feature_names": ("scikit-learn", "1.2", "get_feature_names_out"),
}
# (type in the message, name): new name. Only after that failure: elsewhere these names mean other things.
_BY_TYPE = {
    ("DataFrame|Series", "sort"): "sort_values",
    ("DataFrame|Series", "pad"): "ffill",
    ("DataFrame|Series", "backfill"): "bfill",
    ("DataFrame|Series", "tshift"): "shift",
    ("DataFrame|Series", "reindex_axis"): "reindex",
    ("Series", "valid"): "dropna",
    ("Series", "view"): "astype",
    ("DatetimeProperties", "week"): "isocalendar().week",
    ("MultiIndex", "labels"): "codes",
    ("Styler", "applymap"): "map",
    ("Sequential|Functional|Model", "predict_proba"): "predict",
    (".*", "fit_predict_sample"): "fit_resample",
    ("FigureCanvas.*", "set_window_title"): "manager.set_window_title",
    ("Axes3D", "w_xaxis"): "xaxis",
    ("Axes3D", "w_yaxis"): "yaxis",
    ("Axes3D", "w_zaxis"): "zaxis",
    ("KeyedVectors", "vocab"): "key_to_index",
    ("KeyedVectors", "index2word"): "index_to_key",
    ("OneHotEncoder|ColumnTransformer|.*Vectorizer|PolynomialFeatures", "get_feature_names"): "get_feature_names_out",
}
_LISTS = frozenset(("index", "append", "extend", "sort", "count", "remove", "pop"))


def _find(text: Text, context: Context) -> Iterator[Change]:
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Attribute) and node.attr in _UNMISTAKABLE and not context.dotted(node):
            package, since, new = _UNMISTAKABLE[node.attr]
            if context.has(package, since):
                yield Change(*text.attribute_span(node), new, f".{node.attr} is .{new} since {package} {since}")
                yield from _as_list(node, text)


def _as_list(node: ast.Attribute, text: Text) -> Iterator[Change]:
    """`get_feature_names_out` gives an array where the old one gave a list."""
    call = text.parents.get(node)
    above = text.parents.get(call) if call else None
    needs_list = (isinstance(above, ast.Attribute) and above.attr in _LISTS) or isinstance(above, ast.BinOp)
    if node.attr == "get_feature_names" and isinstance(call, ast.Call) and needs_list:
        end = text.span(call)[1]
        yield Change(end, end, ".tolist()", "get_feature_names_out gives an array, not a list")


def _find_by_type(text: Text, context: Context) -> Iterator[Change]:
    found = re.search(r"'(\w+)' object has no attribute '(\w+)'", context.message)
    if not found:
        return
    new = next((new for (types, name), new in _BY_TYPE.items() if name == found[2] and re.fullmatch(types, found[1])), "")
    for node in ast.walk(text.tree) if new else ():
        if isinstance(node, ast.Attribute) and node.attr == found[2] and not context.dotted(node) and not text.of(node).endswith(new):
            yield Change(*text.attribute_span(node), new, f"{found[1]}.{found[2]} is {new} today")


RULE = anywhere("renamed-attribute", _find, __doc__)
BY_TYPE = on_failure("renamed-attribute-of-type", _find_by_type, __doc__, message=r"AttributeError: '\w+' object has no attribute")
