"""Try a prediction function on the author's rows: which columns it needs, what it may leave out, what its inputs and answers are."""

import ast
import copy
import json
import sys
import time
import traceback
import types

from . import before
from .operands import Recorder, operands
from .plain import as_json, as_whole
from .sameness import is_same
from .tally import BOUND

_SAMPLE = 300
_SECONDS = 120  # for looking at columns one by one, and again for doing without them
_MOST_CATEGORIES = 50
_INVERSES = (("expm1", "log1p"), ("exp", "log"), ("square", "sqrt"), ("exp2", "log2"))


def rehearse(job):
    """`job`: `text` of predict.py, `path` where it will stand, `units` (first and last line of each), `folder` of the project, `positions`, `truth` (an
    .npz file or ""), `is_classifier` (None: told by the answers), `written_out` (where no object holds the model: the
    `unit` that answers, its `names` and its `text`), `window` (of how many rows of the data file a question is; 0: it is one row), `idle`
    (units that changed nothing on the author's rows), `is_prepared` (the rows are those that the pipeline prepares), `is_whole` (the model is given
    all of their columns)."""
    return _Rehearsal(job).told()


class _Rehearsal:
    def __init__(self, job):
        import numpy

        self.job, self.lines = job, job["text"].split("\n")
        self.dropped, self.fillers, self.unlisted = [], {}, []
        module = self._module()
        self.state = module.load(job["folder"])
        lags = job.get("lags")
        self.raw, self.order, self.keys = before.questions(module, lags["order"], lags["keys"]) if lags else (module.read(), None, [])
        if isinstance(self.raw, str):
            return
        positions = numpy.load(job["positions"])
        positions = self.raw.index.get_indexer(positions) if lags else positions
        self.known = positions >= 0
        self.positions = positions[self.known]
        self.sample = self.raw.iloc[self.positions[:_SAMPLE]].reset_index(drop=True)
        self.members = _members(list(self.raw.columns), job.get("window") or lags)

    def _module(self, dropped=(), unlisted=(), is_strict=False):
        """The module without some of its units, and without some names in its lists of columns. A gap that it rejects, but only if `is_strict`, may be in a
        column on which nothing depends."""
        lines = without_listed("\n".join(self.lines), unlisted).split("\n") if unlisted else list(self.lines)
        for number in dropped:
            first, last = self.job["units"][number]
            lines[first - 1 : last] = ["    pass"] + [""] * (last - first)
        module = types.ModuleType("predict_rehearsed")
        module.__file__ = self.job["path"]
        sys.modules[module.__name__] = module
        exec(compile("\n".join(lines), self.job["path"], "exec"), module.__dict__)
        if not is_strict and hasattr(module, "complete"):
            module.complete = lambda rows: rows
        return module

    def told(self):
        if isinstance(self.raw, str):
            return {"why": self.raw}
        if not len(self.sample):
            return {"why": "no row that the model was asked about has so many rows before it"}
        try:
            self.base = self._first_run()
        except Exception as error:
            return self._gaps(list(self.raw.columns)) or {"why": f"{type(error).__name__}: {str(error)[:300]}", "unit": self._unit_of(error)}
        if (self.job.get("lags") or {}).get("further") and self._looks_further():
            return {"why": "rows further back than it seemed change what the model is given"}
        columns = list(self.members)
        is_prepared = self.job.get("is_prepared")  # few rows: a column that the model needs may be the same everywhere, and only what is never touched goes
        idle = [] if self.job.get("is_whole") else self._idle(columns)
        present, started = list(columns), time.time()
        for name in idle:
            if time.time() - started > _SECONDS:
                break  # what is left is asked for: it changes nothing, but nobody has seen the function do without it
            if self._without(name, present) or (not is_prepared and self._without(name, present, [*self.unlisted, name])):
                present.remove(name)
            elif not is_prepared:
                self.members[name] = self.members[name][-1:] if self.job.get("lags") else self.members[name]
                self.fillers.update({each: as_json(self.sample[each].iloc[0]) for each in self.members[name]})
        if self.job.get("lags"):
            self._only_needed_places(present)
        inputs = [each for name in present for each in self.members[name] if each not in self.fillers]
        obstacle = self._gaps(inputs) or self._pointless(inputs)
        if obstacle:
            return obstacle
        found = {"inputs": [self._input(name) for name in inputs], "fillers": self.fillers, "dropped": self.dropped, "unlisted": self.unlisted}
        whole = {item["name"] for item in found["inputs"] if item["type"] == "integer"}
        found["example"] = {name: as_whole(as_json(self.sample[name].iloc[0]), str(name) in whole) for name in inputs}
        found.update(self._target([name for name in self.raw.columns if name not in inputs and not (self.job.get("lags") and "(t-" in name)]))
        found.update(is_discrete=self._is_discrete(), order=self.order, keys=self.keys, classes=self._classes(dict(found["labels"])))
        return found

    def _pointless(self, inputs):
        """What stands in the way where the answer depends on nothing, or on what it is compared with; None where it does not."""
        if not inputs and not self.job.get("is_prepared"):
            return {"why": "the model answers the same for every row that it was asked about: which columns it needs cannot be told"}
        target = self._target(inputs)["target"] if self.job.get("written_out") else ""
        return {"why": f"what is predicted is made of `{target}`, which it is compared with"} if target else None

    def _classes(self, labels):
        """The words of the answers for the model's own classes, where it has others; [] where it cannot be told which is which."""
        import numpy

        given, own = numpy.asarray(self.base[-2]), self.job.get("classes") or []
        if given.size != len(given):  # several values a row: none of the classes is the answer
            return []
        answers = [labels.get(value, value) for value in map(as_json, given.reshape(-1).tolist())]
        if not own or set(answers) <= {*own, *(labels.get(name, name) for name in own)}:
            return own
        chances = numpy.asarray(self.base[-1])
        if chances.ndim != 2 or chances.shape[1] != len(own):
            return []
        pairs = set(zip(chances.argmax(axis=1).tolist(), answers))
        return [word for _, word in sorted(pairs)] if len({place for place, _ in pairs}) == len(set(answers)) == len(pairs) == len(own) else []

    def _looks_further(self):
        """Whether rows further back matter: asked of the function that is given more of them, with rows drawn at random. In doubt they do."""
        other, least = copy.copy(self), self._module().BEFORE
        other.lines, other.dropped = self.job["lags"]["further"].split("\n"), []
        module = other._module()
        module.GROUPS = self.keys
        table = before.table_of(module)
        rows, others = (before.drawn(module, table, seed, _SAMPLE) for seed in (1, 2))
        far = [name for name in rows.columns if "(t-" in name and int(name.split("(t-")[1][:-1]) > least]
        try:
            return not self._same(other._run(rows), other._run(rows.assign(**{name: others[name] for name in far if name.split("(t-")[0] not in self.keys})))
        except Exception:
            return True

    def _same(self, first, second):
        """A mean that moves bears the marks of rows that it has left behind, in its last digits."""
        return is_same(first, second, within=BOUND if self.job.get("lags") else 0)

    def _only_needed_places(self, present):
        """Of the rows before the one that is asked about only what the answer depends on, if the function does without the rest."""
        kept = {name: [name] if name in self.keys else before.needed(self.members[name], self._is_idle) for name in present if name not in self.fillers}
        rows = self.sample[[each for name in kept for each in kept[name]]].assign(**self.fillers)
        try:
            if self._same(self._run(rows, self.dropped, self.unlisted), self.base):
                self.members.update(kept)
        except Exception:
            return  # every place is asked for

    def _gaps(self, inputs):
        """What stands in the way where rows of the proof have gaps that the notebook fills from the rows around them; None where none has."""
        module = self._module(self.dropped, self.unlisted, is_strict=True)
        if not hasattr(module, "complete"):
            return None
        rows = self.raw.iloc[self.positions].reset_index(drop=True)[inputs].assign(**self.fillers)
        try:
            module.answers(rows, self.state)
        except module.Rejected as error:
            said = error.message.split(" is missing")[0]
            why = f"gaps of `{said}` are filled from the rows around them, and the rows that the model is asked about have some: one row has no others"
            return {"why": why, "unit": self._unit_of(error)}
        except Exception:
            return None  # it stumbles without that too
        return None

    def _is_discrete(self):
        """Whether the answers are classes: truths, words, or whole numbers of which there are few."""
        import numpy

        answers = numpy.asarray(self.base[-2])
        if answers.size != len(answers) or answers.dtype.kind in "bUO":
            return answers.dtype.kind in "bUO"
        return bool((answers % 1 == 0).all()) and len(numpy.unique(answers)) <= min(20, len(answers) // 2)

    def _first_run(self):
        """The answers; units that changed nothing on the author's rows are left out where the function does not run with them."""
        idle = self.job.get("idle", ())
        try:
            return self._run(self.sample)
        except Exception:
            if not idle:
                raise
        self.dropped = list(idle)
        return self._run(self.sample)

    def _run(self, rows, dropped=None, unlisted=()):
        """What the model was given, and what was answered."""
        given, dropped = [], self.dropped if dropped is None else dropped
        state = self.state
        model = self.job.get("model")
        if model and hasattr(state, model):
            fields = {name: getattr(state, name) for name in state.__dataclass_fields__}
            state = type(state)(**dict(fields, **{model: Recorder(fields[model], given)}))
        module, written_out = self._module(dropped, unlisted), self.job.get("written_out")
        if not written_out:
            answered = module.answers(rows, state)
            return [*given, *answered]
        with operands(self.job["path"], self.job["units"][written_out["unit"]][0], written_out["names"], written_out["text"]) as given:
            answered = module.answers(rows, state)
        return [*given, *answered]

    def _idle(self, columns):
        """The columns that change nothing, in the order of the file. Those that the model is not given come first: when the time is up, the rest is needed."""
        given = set(getattr(self.base[0], "columns", ()))
        started, found = time.time(), set()
        for name in sorted(columns, key=lambda name: name in given):
            if time.time() - started > _SECONDS:
                break
            if self._is_idle(self.members[name]):
                found.add(name)
        return [name for name in columns if name in found]

    def _is_idle(self, names):
        """Whether other values of these columns change nothing: those of two other choices of rows."""
        import numpy

        count = len(self.sample)
        backwards = numpy.arange(len(self.raw))[::-1]
        shuffled = numpy.random.default_rng(count).permutation(len(self.raw))
        return all(self._is_same_with(names, numpy.resize(order, count)) for order in (backwards, shuffled))

    def _is_same_with(self, names, order):
        other = self.sample.copy()
        for each in names:
            other[each] = self.raw[each].iloc[order].to_numpy()
        try:
            return self._same(self._run(other), self.base)
        except Exception:
            return False

    def _without(self, name, present, unlisted=None):
        """Whether the function does without the column, units left out that only it needs (and its name in lists, with `unlisted`)."""
        unlisted = self.unlisted if unlisted is None else unlisted
        dropped = list(self.dropped)
        rows = self.sample[[each for column in present if column != name for each in self.members[column]]]
        for filler, value in self.fillers.items():
            rows = rows.assign(**{filler: value}) if isinstance(filler, str) else rows
        for _ in range(12):
            try:
                if not self._same(self._run(rows, dropped, unlisted), self.base):
                    return False
                self.dropped, self.unlisted = dropped, unlisted
                return True
            except Exception as error:
                unit = self._unit_of(error)
                if unit is None or unit in dropped or repr(name)[1:-1] not in "\n".join(self._text_of(unit)):
                    return False
                dropped.append(unit)
        return False

    def _text_of(self, unit):
        first, last = self.job["units"][unit]
        return self.lines[first - 1 : last]

    def _unit_of(self, error):
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self.job["path"]]
        for line in lines:
            for number, (first, last) in enumerate(self.job["units"]):
                if first and first <= line <= last:
                    return number
        return None

    def _input(self, name):
        values = self.raw[name]
        known = values.dropna()
        kind = _kind(values)
        has_order = kind in ("integer", "number") and len(known) and (known.dtype.name != "category" or known.cat.ordered)
        whole = int if kind == "integer" else as_json
        categories = sorted({str(value) for value in known}) if kind == "string" and known.nunique() <= _MOST_CATEGORIES else None
        found = {
            "name": str(name), "dtype": str(values.dtype), "type": kind, "nullable": bool(values.isna().any()),
            "min": whole(known.min()) if has_order else None, "max": whole(known.max()) if has_order else None, "categories": categories,
        }
        if values.dtype.name == "category":
            found["category"] = [[as_json(value) for value in values.cat.categories], bool(values.cat.ordered)]
        return found

    def _target(self, columns):
        """The column that is predicted, and how the notebook's numbers for it become the words and units of the file."""
        import numpy

        nothing = {"target": "", "labels": [], "inverse": ""}
        if not self.job.get("truth"):
            return nothing
        truth = numpy.load(self.job["truth"])["truth"]
        truth = truth.reshape(len(truth), -1)[:, 0] if truth.ndim > 1 and truth.size == len(truth) else truth
        if truth.ndim != 1 or len(truth) != len(self.known):
            return nothing
        truth = truth[self.known]
        tables = {name: self.raw[name].iloc[self.positions] for name in columns}
        for name, values in tables.items():
            if _equal_column(values, truth):
                return dict(nothing, target=str(name))
        return self._encoded(tables, truth) or nothing

    def _encoded(self, tables, truth):
        import numpy

        is_classifier = self._is_discrete() if self.job["is_classifier"] is None else self.job["is_classifier"]
        for name, values in tables.items():
            pairs = {(as_json(a), as_json(b)) for a, b in zip(truth.tolist(), values.tolist())}
            is_one_to_one = len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
            if is_classifier and is_one_to_one and 2 <= len(pairs) <= 100:
                return {"target": str(name), "labels": sorted(pairs, key=str), "inverse": ""}
        for name, values in tables.items() if not is_classifier else ():
            for inverse, function in _INVERSES:
                with numpy.errstate(all="ignore"):
                    if values.dtype.kind in "if" and numpy.allclose(getattr(numpy, function)(values.to_numpy(float)), truth, rtol=1e-9):
                        return {"target": str(name), "labels": [], "inverse": inverse}
        scaled = next((name for name, values in tables.items() if not is_classifier and _is_scaled(values, truth)), "")
        return {"target": str(scaled), "labels": [], "inverse": "", "is_scaled": True} if scaled else None


def _is_scaled(values, truth):
    """Whether it is the column in other units, each number by the same factor and from the same zero, as a scaler makes it."""
    import numpy

    if values.dtype.kind not in "if" or truth.dtype.kind != "f" or values.nunique() < 3 or values.isna().any():
        return False
    column = values.to_numpy(float)
    first, last = column.argmin(), column.argmax()
    factor = (truth[last] - truth[first]) / (column[last] - column[first])
    rest = (column - column[first]) * factor + truth[first]
    return bool(factor) and bool(numpy.allclose(rest, truth, rtol=1e-9, atol=1e-9 * abs(truth).max()))


def _members(columns, window):
    """The columns that stand for one of the data file: of windows all of its places."""
    found = {}
    for name in columns:
        found.setdefault(name.split("(t-")[0] if window else name, []).append(name)
    return found


def without_listed(text, names):
    """The text without these strings in its lists of several; lines keep their numbers. (steps/deriving/module.py writes the module in the same way.)"""
    for name in names:
        text = _without_one(text, name)
    return text


def _without_one(text, name):
    data = text.encode()
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    tree = ast.parse(text)
    tree.body = [node for node in tree.body if not (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "COLUMNS")]
    spans = []
    for node in ast.walk(tree):
        items = getattr(node, "elts", []) if isinstance(node, (ast.List, ast.Tuple)) else []
        if len(items) < (2 if isinstance(node, ast.List) else 3):  # a tuple of one needs its comma
            continue
        for number, item in enumerate(items):
            if isinstance(item, ast.Constant) and item.value == name:
                last = number == len(items) - 1
                first, end = (items[number - 1], item) if last else (item, items[number + 1])
                start = starts[first.end_lineno - 1] + first.end_col_offset if last else starts[first.lineno - 1] + first.col_offset
                stop = starts[end.end_lineno - 1] + end.end_col_offset if last else starts[end.lineno - 1] + end.col_offset
                spans.append((start, stop))
    for start, stop in sorted(spans, reverse=True):
        data = data[:start] + b"\n" * data[start:stop].count(b"\n") + data[stop:]
    return data.decode()


def _equal_column(values, truth):
    import numpy

    if values.dtype.kind in "ifub" and truth.dtype.kind in "ifub":
        return bool(numpy.allclose(values.to_numpy(float), truth.astype(float), rtol=1e-9, equal_nan=True))
    return values.astype(str).tolist() == [str(item) for item in truth.tolist()] and truth.dtype.kind not in "if"


def _kind(values):
    """The signature's word for what a column holds; whole numbers with gaps, which pandas reads as floats, are integers."""
    import pandas

    if values.dtype.name == "category":
        return _kind(pandas.Series(values.cat.categories))
    known = values.dropna()
    inferred = pandas.api.types.infer_dtype(known, skipna=True)
    if inferred in ("floating", "mixed-integer-float"):
        known = known.astype(float)
        return "integer" if len(known) < len(values) and (known % 1 == 0).all() and (abs(known) < 2**53).all() else "number"
    if inferred == "empty" and values.dtype.kind == "f":
        return "number"
    return {"boolean": "boolean", "integer": "integer", "datetime64": "datetime", "datetime": "datetime"}.get(inferred, "string")


def write(path, found):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file, default=str)
