"""Replay the author's rows through a project's `predict.py`: in batch and one by one as JSON, against the notebook's own predictions."""

import importlib.util
import json
import os
import sys
import time

from .plain import as_json, as_whole
from .tally import BOUND, NETWORK_BOUND, Tally, gap_of

_MOST_KEPT = 1000  # rows that a service is asked again, and bytes of them
_MOST_BYTES = 4 * 2**20
_SECONDS = 60  # for looking for the statement that differs, and for trying strange values


def replay(job):
    """`job`: `predict` (the file), `folder` of the project, `positions`, `expected` (an .npy or .npz file), `probabilities` (an .npy file or ""), `seconds`
    for the rows one by one, `units` (first and last line of each of the author's statements in the file), `whole` (names of inputs that are whole numbers),
    `is_network`: whether the model is one, which rounds otherwise in batches of another size, as a model does that answers windows of a series (`window`: of
    how many rows) in float32."""
    import numpy

    module = import_predict(job["predict"])
    state = module.load(job["folder"])
    positions = numpy.load(job["positions"])
    is_made_up, table = positions < 0, module.read()
    if job.get("lags"):  # rows are known by their number in the data file; the first of it have too few before them
        positions = numpy.where(is_made_up, -1, table.index.get_indexer(positions))
    known = positions >= 0
    rows = table.iloc[positions[known]].reset_index(drop=True)[list(module.INPUTS)]
    answers = _expected(job["expected"])[known]
    expected = [module._plain(module.label(value)) for value in answers]
    in_24_bits = job.get("is_network") or ((job.get("window") or job.get("lags")) and answers.dtype == numpy.float32)
    chances = numpy.load(job["probabilities"])[known] if job.get("probabilities") else None
    tally = Tally(expected, chances, NETWORK_BOUND if in_24_bits else BOUND)
    for number, answer in enumerate(module.predict(rows, state)):
        tally.add(number, answer, "batch")
    started, single = time.time(), 0
    for number, record in enumerate(records(rows, job["whole"])):
        if time.time() - started > job["seconds"]:
            break
        tally.add(number, module.predict([record], state)[0], "alone")
        single += 1
    found = tally.found(len(rows), single)
    if tally.wrong:
        return dict(found, unit=_first_that_differs(job, module, state, rows, max(tally.wrong)))
    kept = _kept(module, rows, expected, chances, job["whole"])
    left_out = {"elsewhere": int(is_made_up.sum()), "first_ones": int((~known & ~is_made_up).sum())}
    return dict(found, **left_out, kept=kept, **_behaviour(module, state, rows, job["whole"]))


def _kept(module, rows, expected, chances, whole):
    """The raw rows with the notebook's own answers as lines of JSON, and how many of them JSON cannot hold (infinite numbers, texts that are no Unicode).

    Of many rows every so many-th is taken; Python writes a float so that reading it gives the same one.
    """
    chosen = [number * len(rows) // min(len(rows), _MOST_KEPT) for number in range(min(len(rows), _MOST_KEPT))]
    names = [str(module._plain(name)) for name in module.CLASSES]
    lines, unwritable = [], 0
    for number, record in zip(chosen, rows.iloc[chosen].to_dict("records")):
        output = {"prediction": plain_json(expected[number])}
        if chances is not None:
            output["probabilities"] = {name: plain_json(value) for name, value in zip(names, chances[number].tolist())}
        try:
            line = json.dumps({"input": _record(record, whole), "output": output}, ensure_ascii=False, allow_nan=False)
            line.encode()
        except ValueError:
            unwritable += 1
        else:
            lines.append(line)
    while sum(map(len, lines)) > _MOST_BYTES and len(lines) > 1:
        lines = lines[::2]
    return {"lines": lines, "unwritable": unwritable}


def plain_json(value):
    """An answer of the notebook's as JSON has it: no number is null."""
    if isinstance(value, list):
        return [plain_json(item) for item in value]
    return None if isinstance(value, float) and value != value else value


def records(rows, whole):
    """Each row as a service gets it: through JSON."""
    for record in rows.to_dict("records"):
        yield json.loads(json.dumps(_record(record, whole)))


def _record(record, whole):
    return {str(name): as_whole(as_json(value), name in whole) for name, value in record.items()}


def import_predict(path):
    """As the project's own code would: from the folder of the module."""
    sys.path.insert(0, os.path.dirname(path))
    spec = importlib.util.spec_from_file_location("predict", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["predict"] = module
    spec.loader.exec_module(module)
    return module


def _expected(path):
    import numpy

    found = numpy.load(path)
    array = found["prediction"] if hasattr(found, "files") else found
    return array.reshape(len(array), -1)[:, 0] if array.ndim > 1 and array.size == len(array) else array


def _first_that_differs(job, module, state, rows, number):
    """The first statement after which this row, asked alone, is not what it is among the others; None where they agree (or cannot be told apart)."""
    rows = module._typed(rows)
    alone = rows.iloc[[number]].reset_index(drop=True)
    with open(job["predict"], encoding="utf-8") as file:
        lines = file.read().split("\n")
    started = time.time()
    for unit, (first, last) in enumerate(job["units"]):
        if not first:
            continue
        if time.time() - started > _SECONDS:
            return None
        shown = dict(module.__dict__)
        text = "\n".join([*lines[:last], "    return locals()", *lines[last:]])
        try:
            exec(compile(text, job["predict"], "exec"), shown)
            among, by_itself = shown["answers"](rows.copy(), state), shown["answers"](alone.copy(), state)
        except Exception:
            return unit
        if any(not _same_row(among[name], by_itself.get(name), number, len(rows)) for name in among if name not in ("rows", "state")):
            return unit
    return None


def _same_row(among, alone, number, count):
    """Whether a variable that holds rows has the same one; other variables say nothing."""
    import numpy

    length = getattr(among, "shape", [None])[0] if getattr(among, "shape", ()) else None
    if length != count or hasattr(among, "tocsr"):
        return True
    row = numpy.asarray(among.iloc[[number]] if hasattr(among, "iloc") else among[number : number + 1])
    other = numpy.asarray(alone)
    return row.shape == other.shape and all(gap_of(as_json(a), as_json(b)) <= BOUND for a, b in zip(row.ravel().tolist(), other.ravel().tolist()))


def _behaviour(module, state, rows, whole):
    """The example with its answer, and what a missing and an unknown value do, found by trying."""
    record = next(records(rows.iloc[[0]], whole))
    answer = module.predict([record], state)[0]
    inputs, started = {}, time.time()
    for name, kind in module.INPUTS.items():
        if time.time() - started > _SECONDS:
            break
        inputs[name] = {"missing": _tried(module, state, dict(record, **{name: None}), answer)}
        if kind in ("object", "str", "string", "category"):
            inputs[name]["unseen"] = _tried(module, state, dict(record, **{name: "a value never seen"}), answer)
    return {"example": {"input": record, "output": answer}, "behaviour": inputs}


def _tried(module, state, record, usual):
    try:
        answer = module.predict([record], state)[0]
    except module.Rejected as error:
        return f"rejected: {error.message[:200]}"
    except Exception as error:
        return f"fails: {type(error).__name__}"
    return "answered" if answer["prediction"] == answer["prediction"] else "answered with no number"
