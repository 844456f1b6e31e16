"""What a request must hold, all of it from model/signature.json: rows are checked column by column and told field by field."""

from __future__ import annotations

import datetime
import difflib
import functools
import json
import math
from pathlib import Path

NONE = type(None)
TYPES = {
    "integer": {int}, "number": {int, float}, "string": {str}, "text": {str}, "boolean": {bool}, "datetime": {str}, "array": {list},
}  # fmt: skip
EXPECTED = {
    "integer": "an integer", "number": "a number", "string": "a text", "text": "a text", "boolean": "true or false",
    "datetime": "a date and time such as 2026-01-31T12:00:00", "array": "a list of numbers", "image": "an image",
}  # fmt: skip
LARGEST = 2**63 - 1
DEEPEST = 4  # lists in lists of one series
MOST_ERRORS = 20
MOST_LISTED = 10
_OF_ROWS = ("table", "series")  # what is asked about is a row of columns; of a series, a step ahead


class Invalid(Exception):
    """The input does not fit; `errors` say which field, what was expected and what came."""

    def __init__(self, errors):
        super().__init__(errors[0]["expected"])
        self.errors = errors


class Field:
    """One input of the signature."""

    def __init__(self, entry: dict):
        self.entry = entry
        self.name, self.type = entry["name"], entry["type"]
        self.is_nullable = bool(entry.get("nullable"))
        self.may_be_left_out = self.is_nullable and bool(entry.get("gaps", True))
        self.types = TYPES.get(self.type, {str}) | ({NONE} if self.is_nullable else set())
        self.low, self.high = entry.get("min"), entry.get("max")
        self.categories = set(entry["categories"]) if entry.get("categories") else None
        self.is_number = self.type in ("integer", "number")
        self.is_text = self.type in ("string", "text")
        self.expected = EXPECTED.get(self.type, self.type) + (" or null" if self.is_nullable else "")

    def takes(self, values: list) -> bool:
        """Whether every value fits, found without looking at them one by one; False may mean that one has to look."""
        types = set(map(type, values))
        if not types <= self.types or NONE in types or self.type in ("datetime", "array"):
            return False
        if self.is_number:
            try:
                return math.isfinite(sum(values)) and -LARGEST <= min(values) and max(values) <= LARGEST
            except OverflowError:
                return False
        return True

    def fits(self, value) -> bool:
        if type(value) not in self.types:
            return self.type == "integer" and type(value) is float and value.is_integer() and abs(value) <= LARGEST
        if value is None or self.type == "boolean":
            return True
        if self.is_number:
            return is_number(value) and (self.type == "number" or abs(value) <= LARGEST)
        if self.type == "array":
            return is_series(value)
        return self.type != "datetime" or is_time(value)

    def unusual(self, values: list) -> bool:
        """Whether a value was never seen in training."""
        if None in values and not self.may_be_left_out:
            return True
        present = [value for value in values if value is not None]
        if self.categories is not None:
            return not self.categories.issuperset(present)
        is_ranged = self.is_number and present and self.low is not None and self.high is not None
        return bool(is_ranged and (min(present) < self.low or max(present) > self.high))

    def warning(self, value) -> str:
        if value is None:
            return self.entry.get("missing") or "Training had no gap here."
        seen = "only " + ", ".join(map(str, sorted(self.categories, key=str)[:10])) if self.categories else f"{self.low} to {self.high}"
        return f"{shown(value)} was not seen in training: {seen}."


class Contract:
    """The signature of the model, and what it means for a request."""

    def __init__(self, signature: dict):
        self.signature = signature
        self.kind, self.name = signature["kind"], signature["name"]
        self.fields = [Field(entry) for entry in signature["inputs"]]
        self.names = [field.name for field in self.fields]
        self.is_all_floats = all(field.type == "number" for field in self.fields)

    def known(self, name, value) -> str:
        """The values that training saw in this field, where it saw few and this is none of them."""
        seen = next((field.categories for field in self.fields if field.name == name and field.categories), ())
        listed = ", ".join(json.dumps(each, ensure_ascii=False) for each in sorted(seen, key=str)[:MOST_LISTED])
        return f"one of {listed}{' …' if len(seen) > MOST_LISTED else ''}" if seen and value is not None and value not in seen else ""

    def check(self, records: list, *, is_many: bool) -> list:
        """The same records, with whole floats of integer fields as integers. Raises Invalid."""
        count = len(self.names)
        if all(type(record) is dict and len(record) == count for record in records):
            try:
                columns = [[record[name] for record in records] for name in self.names]
            except KeyError:
                pass
            else:
                if all(field.takes(values) for field, values in zip(self.fields, columns)):
                    return records
        return self._checked_one_by_one(records, is_many)

    def _checked_one_by_one(self, records: list, is_many: bool) -> list:
        errors, checked = [], []
        for number, record in enumerate(records):
            for error in self._errors(record):
                errors.append({"row": number, **error, "pointer": _pointer(number if is_many else None, error["field"])})
            if len(errors) >= MOST_ERRORS:
                break
            if not errors:
                checked.append({field.name: _as_typed(field, record.get(field.name)) for field in self.fields})
        if errors:
            raise Invalid(errors[:MOST_ERRORS])
        return checked

    def _errors(self, record):
        if type(record) is not dict:
            yield {"field": None, "expected": f"an object with {', '.join(self.names[:8])}{' …' if len(self.names) > 8 else ''}", "received": shown(record)}
            return
        for name in record:
            if name not in self.names:
                near = difflib.get_close_matches(name[:80], self.names, 1)
                yield {"field": name[:80], "expected": f"one of the fields{f'; {near[0]!r} is near' if near else ''}", "received": "a field of another name"}
        for field in self.fields:
            if field.name not in record:
                if not field.may_be_left_out:
                    yield {"field": field.name, "expected": field.expected, "received": "nothing"}
            elif not field.fits(record[field.name]):
                yield {"field": field.name, "expected": field.expected, "received": shown(record[field.name])}

    def has_new_gap(self, records: list) -> bool:
        """Whether something is missing that never was in training. It may change the type of a whole column, and so what other rows are answered."""
        never = [field.name for field in self.fields if field.is_nullable and not field.may_be_left_out]
        return self.kind in _OF_ROWS and any(record[name] is None for record in records for name in never)

    def warnings(self, records: list) -> list:
        """One list of warnings for each record, or [] when there is nothing to warn of."""
        if self.kind not in _OF_ROWS:
            return []
        unusual = [field for field in self.fields if field.unusual([record[field.name] for record in records])]
        if not unusual:
            return []
        return [
            [{"field": field.name, "message": field.warning(record[field.name])} for field in unusual if field.unusual([record[field.name]])]
            for record in records
        ]

    def rows(self, records: list):
        """What `predict` takes: a table typed as the data file gives it, or the one input of each record."""
        if self.kind in _OF_ROWS:
            return self._table(records)
        return [record[self.names[0]] if len(self.names) == 1 else record for record in records]

    @functools.cached_property
    def columns(self):
        """The names as pandas keeps them; making that takes longer than making the table."""
        import pandas as pd

        return pd.Index(self.names)

    def _table(self, records: list):
        import numpy as np
        import pandas as pd

        if self.is_all_floats:  # one array is several times faster than a column each
            names = self.names
            columns = self.columns.view()  # a view may be given another name
            return pd.DataFrame(np.array([[record[name] for name in names] for record in records], dtype="float64"), columns=columns)
        return pd.DataFrame({field.name: _column(field, [record[field.name] for record in records]) for field in self.fields})


def _column(field: Field, values: list):
    """A column as pandas reads it from a file: whole numbers of which one may be missing, or is, are floats, and a missing text is NaN."""
    import numpy as np
    import pandas as pd

    if field.type == "datetime":
        return pd.to_datetime(pd.Series(values))
    if field.is_number:
        is_whole = field.type == "integer" and not field.may_be_left_out and None not in values
        return np.array(values, dtype="int64" if is_whole else "float64")
    if field.type == "boolean" and not field.may_be_left_out and None not in values:
        return np.array(values, dtype=bool)
    kind = _type_of_texts() if field.is_text else object
    return pd.Series([math.nan if value is None else value for value in values] if field.is_nullable else values, dtype=kind)


@functools.lru_cache(maxsize=1)
def _type_of_texts():
    """pandas 3 has a type of texts, and gives a column without any text another one."""
    import pandas as pd

    return pd.Series(["a"]).dtype


def _as_typed(field: Field, value):
    return int(value) if field.type == "integer" and type(value) is float else value


def _pointer(row, field) -> str:
    """Where in the body, as a JSON pointer (RFC 6901)."""
    parts = [] if row is None else [str(row)]
    parts += [] if field is None else [field.replace("~", "~0").replace("/", "~1")]
    return "#" + "".join(f"/{part}" for part in parts)


def is_number(value) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:
        return False


def is_series(value, depth: int = DEEPEST) -> bool:
    if type(value) is list:
        return depth > 0 and bool(value) and all(is_series(item, depth - 1) for item in value)
    return depth < DEEPEST and (value is None or is_number(value))


def is_time(text: str) -> bool:
    try:
        datetime.datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        return False
    return True


def shown(value) -> str:
    """A value as an error tells it: its kind, and its beginning."""
    if value is None or type(value) is bool:
        return json.dumps(value)
    if type(value) is str:
        return f"the text {json.dumps(value[:40])}{' …' if len(value) > 40 else ''}"
    if type(value) is int:
        return f"the integer {value}" if abs(value) < 10**20 else "an integer of more than 20 digits"
    if type(value) is float:
        return f"the number {value}"
    return "a list" if type(value) is list else "an object"


def read_signature(root: Path) -> dict:
    return json.loads((root / "model" / "signature.json").read_text(encoding="utf-8"))
