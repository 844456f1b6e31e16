"""Python literal: what `ast.literal_eval` reads: numbers, strings, bytes, tuples, lists, sets and dicts of them.

Round-trips: tuples, sets, bytes, complex numbers, dicts with keys of any of these types and their order.
Does not: nan and infinities, the empty set, frozensets, named tuples, subclasses; the order in which a set is iterated (it is written sorted).
Source: https://docs.python.org/3/library/ast.html#ast.literal_eval
"""

name = "literal"
suffix = ".txt"
runs_code = False


def accepts(value):
    if type(value) in (tuple, list, set):
        return all(accepts(item) for item in value)
    if type(value) is dict:
        return all(accepts(key) and accepts(item) for key, item in value.items())
    return value is None or type(value) in (bool, int, float, complex, str, bytes)


def save(value, path):
    """Write tuples, sets and dicts of plain values as a Python literal."""
    from pathlib import Path

    Path(path).write_text(literal(value) + "\n", encoding="utf-8")


def load(path):
    """Read what `save_literal` wrote."""
    import ast
    from pathlib import Path

    return ast.literal_eval(Path(path).read_text(encoding="utf-8"))


def literal(value):
    """The Python source of a value; sets are sorted, so that equal values give equal text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, tuple):
        return "(" + "".join(literal(item) + ", " for item in value) + ")"
    if isinstance(value, set):
        return "{" + ", ".join(sorted(map(literal, value))) + "}"
    return repr(value)


parts = (literal,)
