"""A digest of an object's content that is the same in every process, found without changing anything.

Costs are counted in units (about a nanosecond each) and never measured, so that what is sampled does not depend on how busy the machine is.
Objects over the budget are sampled and marked inexact. Iterators, files and lazily evaluated collections are told by their type only.
"""

import ast
import hashlib
import inspect
import marshal
import sys
import textwrap
import types

from . import frameworks, tabular
from .formats.authors import is_own

_SIZE = 16
_OBJECT = 1500
_DEPTH = 80
_SCALARS = frozenset({int, float, bool, str, bytes, type(None), complex})
_CONSTANTS = (type(Ellipsis), type(NotImplemented), range)
_BY_REPR = {
    "datetime",
    "decimal",
    "fractions",
    "uuid",
    "pathlib",
    "zoneinfo",
    "ipaddress",
    "pytz",
    "dateutil",
    "_strptime",
}
# The standard library's own containers keep their content where only pickling finds it.
_REDUCED = {"collections", "functools", "random", "_random", "array", "operator", "_collections"}
# Compiled or cached functions keep the author's function as one of these.
_WRAPPING = {"functools", "tensorflow", "keras", "numba", "jax", "jaxlib", "torch"}
_HOLDING = ("__wrapped__", "python_function", "py_func", "function")
_BY_TYPE = {
    "threading",
    "_thread",
    "weakref",
    "logging",
    "socket",
    "ssl",
    "ctypes",
    "_ctypes",
    "asyncio",
    "concurrent",
    "multiprocessing",
    "sqlite3",
    "dask",
    "pyspark",
    "vaex",
    "matplotlib",
    "mpl_toolkits",
    "IPython",
    "ipywidgets",
    "tqdm",
    "selenium",
    "sqlalchemy",
    "io",
    "_io",
    "itertools",
    "subprocess",
    "requests",
    "queue",
    "contextlib",
}
# Measured times differ in every run and say nothing about the content; notes for next time are no content either.
_TIMES = frozenset(
    "mean_fit_time std_fit_time mean_score_time std_score_time refit_time_ fit_time score_time training_time_".split()
)
_NOTES = frozenset("__weakref__ diagn _nobs_int predict_start predict_end predict_dates".split())
# The generator that an estimator drew from moves on when others draw; what it drew is in the estimator.
_GENERATORS = frozenset("_rng _random_state random_state_".split())


def _is_passing(name):
    return name in _TIMES or name in _NOTES or name in _GENERATORS or name.startswith("_") and "cache" in name


def _is_generator(name, value):
    """Trees of an ensemble share the generator that they were drawn with."""
    return name == "random_state" and type(value).__name__ in ("RandomState", "Generator")


class Fingerprint:
    """`digest` in hexadecimal; `exact`; `touches`: identities of every changeable object in it (two objects that share one may be
    changed through each other); `functions`: the author's functions and classes in it; `cost` in units."""

    __slots__ = ("raw", "digest", "exact", "touches", "functions", "cost")

    def __init__(self, raw, exact, touches, functions, cost):
        self.raw, self.exact, self.touches, self.functions, self.cost = raw, exact, touches, functions, cost
        self.digest = hashlib.blake2b(raw, digest_size=_SIZE).hexdigest()


class Fingerprints:
    """Fingerprints of one moment: nothing is hashed twice as long as nobody changes anything in between."""

    def __init__(self, seconds=0.25, texts=None):
        self._budget, self._texts, self._known = seconds * 1e9, texts or {}, {}

    def of(self, value):
        found = self._known.get(id(value))
        if found is None:
            walk = Walk(self._budget, self._texts, self._known)
            found = (walk.finish(value), value)
            self._known[id(value)] = found
        return found[0]


class Walk:
    """One walk through one object."""

    def __init__(self, budget, texts, known):
        self.left, self.budget, self.texts, self.known = budget, budget, texts, known
        self.exact, self.touches, self.functions = True, set(), []
        self._done, self._inside, self.depth_in_objects = {}, {}, 0

    def finish(self, value):
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 3000))
        try:
            digest = self.digest(value)
        except Exception:
            self.exact, digest = False, _tag(type(value))
        finally:
            sys.setrecursionlimit(limit)
        return Fingerprint(digest, self.exact, frozenset(self.touches), tuple(self.functions), self.budget - self.left)

    def digest(self, value):
        kind = type(value)
        if kind in _SCALARS:
            return self._scalar(value, kind)
        if isinstance(value, types.ModuleType):
            return b"module " + value.__name__.encode("utf-8", "replace")
        number = id(value)
        if number in self._done:
            return self._done[number][0]
        if number in self._inside:
            return b"cycle"
        if number in self.known:
            return self._again(self.known[number][0])
        return self._visit(value, kind, number)

    def _visit(self, value, kind, number):
        self.left -= _OBJECT
        if self.left < 0 or len(self._inside) > _DEPTH:
            return self.unknown(value)
        self._inside[number] = True
        try:
            digest = self._compound(value, kind)
        except Exception:
            digest = self.unknown(value)
        finally:
            del self._inside[number]
        self._done[number] = (digest, value)
        return digest

    def _again(self, found):
        self.exact = self.exact and found.exact
        self.touches |= found.touches
        self.functions.extend(found.functions)
        self.left -= found.cost
        return found.raw

    def _scalar(self, value, kind):
        text = marshal.dumps(value, 2)
        return text if len(text) <= 64 else hashlib.blake2b(text, digest_size=_SIZE).digest()

    def unknown(self, value):
        self.exact = False
        return _tag(type(value))

    def join(self, tag, parts):
        """One digest of many, in order."""
        total = hashlib.blake2b(tag if isinstance(tag, bytes) else tag.encode("utf-8", "replace"), digest_size=_SIZE)
        for part in parts:
            total.update(len(part).to_bytes(2, "little"))
            total.update(part)
        return total.digest()

    def _compound(self, value, kind):
        if isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType, type)):
            return self._callable(value)
        self._author(value, kind)
        for handler in (tabular.find_handler, frameworks.find_handler):
            found = handler(kind)
            if found is not None:
                return found(self, value)
        if kind is tuple:
            return self._sequence(value, b"tuple")
        self.touches.add(id(value))
        if isinstance(value, (list, tuple)):
            return self._sequence(value, _tag(kind), self._attributes(value))
        if isinstance(value, dict):
            return self._mapping(value, _tag(kind), self._attributes(value))
        if isinstance(value, (set, frozenset)):
            return self.join(_tag(kind), sorted(self.digest(item) for item in value))
        return self._object(value, kind)

    def _sequence(self, value, tag, extra=()):
        if value and set(map(type, value)) <= _SCALARS:
            self.left -= 60 * len(value)
            if self.left < 0:
                self.exact, value = False, sample(value)
            text = marshal.dumps(list(value), 2)
            return self.join(tag, (hashlib.blake2b(text, digest_size=_SIZE).digest(),) + tuple(extra))
        if len(value) * _OBJECT > self.left:
            self.exact, value = False, sample(value, 2000)
        return self.join(tag, [self.digest(item) for item in value] + list(extra))

    def _mapping(self, value, tag, extra=()):
        items = list(dict.items(value))
        if len(items) * 2 * _OBJECT > self.left:
            self.exact, items = False, sample(items, 2000)
        parts = [
            self.digest(part) for pair in items if not (isinstance(pair[0], str) and pair[0] in _TIMES) for part in pair
        ]
        return self.join(tag, parts + list(extra))

    def _attributes(self, value):
        state = getattr(value, "__dict__", None)
        return (self.state(state),) if isinstance(state, dict) and state else ()

    def state(self, state):
        names = sorted(name for name in state if isinstance(name, str) and not _is_passing(name) and not _is_generator(name, state[name]))
        return self.join(
            b"state", [part for name in names for part in (name.encode("utf-8", "replace"), self.digest(state[name]))]
        )

    def _object(self, value, kind):
        root = (kind.__module__ or "").split(".")[0]
        if isinstance(value, _CONSTANTS) or root in _BY_REPR or kind.__module__ == "re":
            return self.join(_tag(kind), [repr(value).encode("utf-8", "replace")])
        if isinstance(value, (bytearray, memoryview)):
            return self.join(_tag(kind), [hashlib.blake2b(bytes(value), digest_size=_SIZE).digest()])
        if hasattr(kind, "__next__") or (root in _BY_TYPE):
            return self.unknown(value)
        if any((base.__module__ or "").split(".")[0] in _REDUCED for base in kind.__mro__):
            return self._reduced(value, kind)
        state = getattr(value, "__dict__", None)
        slots = _slots(value, kind)
        if isinstance(state, dict) and (state or not slots):
            return self._attributes_of(value, kind, state, slots)
        return self.join(_tag(kind), [self.state(slots)]) if slots else self._reduced(value, kind)

    def _attributes_of(self, value, kind, state, slots):
        self.depth_in_objects += 1
        try:
            state = {"value": value._value_} if hasattr(kind, "__members__") else state
            return self.join(_tag(kind), [self.state(state), self.state(slots)])
        finally:
            self.depth_in_objects -= 1

    def _reduced(self, value, kind):
        if kind is object:
            return b"object"
        reduced = value.__reduce_ex__(2)
        if isinstance(reduced, str):
            return self.join(_tag(kind), [reduced.encode("utf-8", "replace")])
        self._done[id(reduced)] = (
            b"",
            reduced,
        )  # held, so that the identities of its parts stay theirs during this walk
        parts = list(reduced[1:3]) + [list(items) for items in reduced[3:5] if items is not None]
        self._done[id(parts)] = (b"", parts)
        return self.join(_tag(kind), [self.digest(part) for part in parts])

    def _author(self, value, kind):
        """Note the author's own classes and functions behind an object, also where its content is told in another way."""
        if kind.__module__ in ("builtins", "numpy"):
            return
        self.functions.extend(base for base in kind.__mro__ if base.__module__ == "__main__")
        for name in _HOLDING if (kind.__module__ or "").split(".")[0] in _WRAPPING else ():
            inner = getattr(value, name, None)
            if isinstance(inner, types.FunctionType):
                self._function(inner)

    def _callable(self, value):
        if isinstance(value, types.MethodType):
            return self.join(b"method " + value.__name__.encode("utf-8", "replace"), [self.digest(value.__self__)])
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, type):
            return self._class(value)
        owner = getattr(value, "__self__", None)
        parts = [] if owner is None or isinstance(owner, types.ModuleType) else [self.digest(owner)]
        return self.join(b"builtin " + value.__qualname__.encode(), parts)

    def _function(self, value):
        code = value.__code__
        if value.__module__ == "__main__":
            self.functions.append(value)
            text = self.texts.get((code.co_filename, code.co_firstlineno, code.co_name))
        elif "<" in value.__qualname__ or not _is_own(value):
            name = f"function {value.__module__}.{value.__qualname__}"
            return self.join(name, [self._closure(value)])
        else:  # the notebook's, in a module of the project
            text = _text_of(value)
        body = text if text is not None else hashlib.blake2b(code.co_code, digest_size=_SIZE).digest()
        parts = [
            body,
            self.digest(value.__defaults__),
            self.digest(value.__kwdefaults__),
            self._closure(value),
            self.state(value.__dict__),
        ]
        return self.join(b"function " + value.__name__.encode(), parts)

    def _closure(self, value):
        return self.join(b"closure", [self._cell(cell) for cell in value.__closure__ or ()])

    def _cell(self, cell):
        try:
            return self.digest(cell.cell_contents)
        except ValueError:
            return b"empty"

    def _class(self, value):
        if value.__module__ != "__main__":
            return (f"class {value.__module__}.{value.__qualname__}").encode("utf-8", "replace")[:300]
        self.functions.append(value)
        self.touches.add(id(value))
        members = {
            name: item
            for name, item in vars(value).items()
            if not name.startswith("__") and not name.startswith("_abc_")
        }
        members = {
            name: getattr(item, "__func__", item) if isinstance(item, (staticmethod, classmethod)) else item
            for name, item in members.items()
        }
        return self.join(
            b"class " + value.__name__.encode(), [self.digest(base) for base in value.__bases__] + [self.state(members)]
        )


def sample(values, keep=20000):
    """First, last and evenly spaced members, with the length."""
    values = list(values) if not isinstance(values, (list, tuple)) else values
    step = max(1, len(values) // keep)
    return [len(values), *values[: keep // 4], *values[keep // 4 :: step], *values[-keep // 4 :]]


_OWN = {}


def _is_own(function):
    """Whether its module is the author's."""
    if function.__module__ not in _OWN:
        _OWN[function.__module__] = is_own(function)
    return _OWN[function.__module__]


def _text_of(function):
    """The digest of a function's text as `texts_of` tells it; None where there is no text."""
    try:
        lines = inspect.getsource(function)
    except (OSError, TypeError):
        return None
    name = function.__code__.co_name
    return next((text for (_, _, found), text in texts_of(ast.parse(textwrap.dedent(lines)), "").items() if found == name), None)


def _tag(kind):
    return kind.__name__.encode("utf-8", "replace")[:200]


def _slots(value, kind):
    found = {}
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                found[name] = getattr(value, name)
    return found


def texts_of(tree, filename):
    """(file, first line, name) → digest of the text of every function in a statement, by which functions are told apart: the code that
    runs is instrumented, and its numbers depend on what else runs."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            name = getattr(node, "name", "<lambda>")
            lines = [node.lineno] + [decorator.lineno for decorator in getattr(node, "decorator_list", [])]
            text = hashlib.blake2b(ast.dump(node).encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
            key = (filename, min(lines), name)
            found[key] = hashlib.blake2b(found.get(key, b"") + text, digest_size=_SIZE).digest()
    return found
