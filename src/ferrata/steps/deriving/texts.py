"""Pieces of `predict.py` that are the same in every project: how rows are typed, answered one by one and refused."""

from __future__ import annotations

OPENING = '''class Rejected(ValueError):
    """A row that cannot be answered: its number, the field that stands in the way, and why."""

    def __init__(self, index, field, message):
        super().__init__(f"row {index}, {field or 'row'}: {message}")
        self.index, self.field, self.message = index, field, message

'''

AHEAD = '''def ahead(forecast, steps):
    """The forecast at these steps; 1 is the first that the notebook forecasts."""
    count = len(forecast)
    if not steps.between(1, count).all():
        raise ValueError(f"the notebook forecasts the steps 1 to {count}")
    places = steps.to_numpy() - 1
    return forecast.iloc[places] if hasattr(forecast, "iloc") else forecast[places]
'''

LIBRARY = '''def library_rows(bunch):
    """A data set of scikit-learn as a table, with its target."""
    names = [name for name in COLUMNS if name != "target"]
    return pd.DataFrame(pd.DataFrame(bunch.data).to_numpy(), columns=names).assign(target=bunch.target)
'''

CLOSING = '''def predict(rows, state):
    """Answer each row, in order: `prediction` and, where the model gives them, `probabilities`. Raises Rejected."""
    rows = _typed(pd.DataFrame(rows).reset_index(drop=True))
    if not len(rows):
        return []
    try:
        predictions, probabilities = answers(rows, state)
    except Exception as error:
        raise _rejected(rows, state, error) from error
    found = [{"prediction": _plain(label(value))} for value in predictions]
    if len(found) != len(rows):
        raise RuntimeError(f"{len(rows)} rows gave {len(found)} answers")
    classes = [str(_plain(name)) for name in CLASSES]
    for answer, values in zip(found, probabilities):
        answer["probabilities"] = {name: float(value) for name, value in zip(classes, values)}
    return found


def _typed(rows):
    """The columns in the order and with the types of the data file."""
    names = [name for name in COLUMNS if name in INPUTS]
    if not _is_typed(rows, names):
        missing = [name for name in INPUTS if name not in rows.columns]
        if missing:
            more = f", and with it {', '.join(map(str, missing[1:]))}" if missing[1:] else ""
            raise Rejected(0, missing[0], f"it is missing{more}")
        rows = rows[names].copy()
        for name in names:
            rows[name] = _column(rows[name], name, INPUTS[name])
    for name, value in FILLERS.items():
        rows[name] = value
    return rows[[name for name in COLUMNS if name in rows.columns]] if FILLERS else rows


def _is_typed(rows, names):
    """Whether the columns are as the data file gives them already."""
    if rows.columns.tolist() != names or [_kind(each) for each in rows.dtypes] != [INPUTS[name] for name in names]:
        return False
    return not any(rows[name].isna().any() for name in names if INPUTS[name] == "object")  # None and NaN are both gaps there


@functools.lru_cache(maxsize=None)
def _kind(dtype):
    """The name of a type; writing it takes longer than a small model takes to answer."""
    return str(dtype)


def _column(values, name, kind):
    if kind.lower().startswith(("int", "uint", "float")):
        return _numbers(values, name, kind)
    if kind.startswith("datetime"):
        try:
            return pd.to_datetime(values)
        except (ValueError, TypeError) as error:
            raise Rejected(0, name, str(error)) from error
    if kind == "boolean" or (kind == "bool" and not values.isna().any()):
        return values.astype(kind)
    if kind == "category":
        return _category(values, name)
    return values.where(values.notna(), MISSING).astype(kind) if kind in ("str", "object", "string") else values


def _numbers(values, name, kind):
    """Numbers of the file's own type; whole ones with a gap become real ones, as in a file."""
    found = pd.to_numeric(values, errors="coerce")
    wrong = found.isna() & values.notna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise Rejected(row, name, f"{values.iloc[row]!r} is not a number")
    known = found[found.notna()]
    is_whole = (kind[0].isupper() or len(known) == len(found)) and (known % 1 == 0).all()
    return found.astype(kind if is_whole or kind.lower().startswith("float") else "float64")


def _category(values, name):
    """The categories of the data file, in its order."""
    kind = CATEGORIES[name]
    wrong = values.notna() & ~values.isin(kind.categories)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise Rejected(row, name, f"{values.iloc[row]!r} is not one of the categories of the training data")
    return values.astype(kind)


def _rejected(rows, state, error):
    """Which row it was, and which field."""
    if isinstance(error, Rejected):
        return error
    for number in range(len(rows)):
        row = rows.iloc[[number]].reset_index(drop=True)
        reason = _stopped(row, state)
        if reason is not None:
            name, reason = _field(row, state, reason)
            return Rejected(number, name, f"{type(reason).__name__}: {reason}")
    return error


def _field(row, state, reason):
    """The field whose value stops the code in the example too, with what it says then; else the one that helps when the example's value takes its place."""
    usual = _typed(pd.DataFrame([EXAMPLE]))
    for name in INPUTS:
        alone = _stopped(_with(usual, name, row[name].array), state)
        if alone is not None:
            return name, alone
    for name in INPUTS:
        kind = row[name].dtype if row[name].notna().all() else "object"
        if _stopped(_with(row, name, pd.Series([EXAMPLE[name]]).astype(kind).infer_objects().array), state) is None:
            return name, reason
    return "", reason


def _with(row, name, value):
    other = row.copy()
    other[name] = value
    return other


def _stopped(row, state):
    """What stops the author's code at this row."""
    try:
        answers(row, state)
    except Exception as error:
        return error
    return None


def _plain(value):
    """A plain Python value for NumPy's and pandas' own."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    value = value.tolist() if hasattr(value, "tolist") else value
    return value[0] if isinstance(value, list) and len(value) == 1 else value
'''
