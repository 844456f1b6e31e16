"""JSON: None, bool, int, float, str, lists and dicts with str keys, of exactly these types.

Round-trips: every value, infinities, nan and the sign of zero included (floats are written with their shortest exact repr); the order of keys.
Does not: tuples, sets, subclasses, shared or cyclic references.
Source: https://docs.python.org/3/library/json.html
"""

name = "json"
suffix = ".json"
runs_code = False


def accepts(value):
    if type(value) is list:
        return all(accepts(item) for item in value)
    if type(value) is dict:
        return all(type(key) is str and accepts(item) for key, item in value.items())
    return value is None or type(value) in (bool, int, float, str)


def save(value, path):
    """Write plain values as JSON."""
    import json
    from pathlib import Path

    Path(path).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def load(path):
    """Read what `save_json` wrote."""
    import json
    from pathlib import Path

    return json.loads(Path(path).read_text(encoding="utf-8"))
