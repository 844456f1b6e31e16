"""Sees and steers, in one trial of `ferrata why`, what a program takes from the world outside: random numbers, the clock, the order of names in a folder.

Python imports this by its name when it starts, where the folder is in PYTHONPATH. FERRATA_TRIAL says what to do, as JSON: `seed` (draw the same each
time), `clock` (seconds since 1970 at the start), `listings` ({folder: order}) or `order` ("sorted", "reversed") for every folder of the `project`,
`trace` (write to `trace_file`, one JSON object a line, which statement read what), `network` ("watched": write down there which statement reaches out to
another machine; "off": and let it fail).
"""

import json
import os
import sys
import threading

_SETTINGS = json.loads(os.environ.get("FERRATA_TRIAL") or "{}")
_STARTED = os.path.realpath(os.getcwd())
_PROJECT = os.path.realpath(_SETTINGS.get("project") or os.getcwd())


def _fix_random():
    import hashlib

    state = {"count": 0}

    def urandom(size):
        found = b""
        while len(found) < size:
            state["count"] += 1
            found += hashlib.sha256(str(state["count"]).encode()).digest()
        return found[:size]

    os.urandom = urandom  # before anything has taken it: `random`, `secrets` and NumPy draw their seeds from here
    import random

    drawn = random.Random.seed

    def seed(self, a=None, version=2):
        if a is None:
            state["count"] += 1
            a = state["count"]
        drawn(self, a, version)

    random.Random.seed = seed
    random.seed(0)


def _fix_clock(start):
    import datetime
    import time

    begun = start
    time.time = lambda: float(begun)
    time.time_ns = lambda: int(begun) * 1_000_000_000
    real_datetime, real_date = datetime.datetime, datetime.date

    class _Like(type):
        def __instancecheck__(cls, value):
            return isinstance(value, cls.__mro__[1])

        def __subclasscheck__(cls, other):
            return issubclass(other, cls.__mro__[1])

    class fixed_datetime(real_datetime, metaclass=_Like):
        __slots__ = ()  # of the size that compiled modules expect

        @classmethod
        def now(cls, tz=None):
            return real_datetime.fromtimestamp(begun, tz)

        @classmethod
        def utcnow(cls):
            return real_datetime.fromtimestamp(begun, datetime.timezone.utc).replace(tzinfo=None)

        @classmethod
        def today(cls):
            return real_datetime.fromtimestamp(begun)

    class fixed_date(real_date, metaclass=_Like):
        __slots__ = ()

        @classmethod
        def today(cls):
            return real_date.fromtimestamp(begun)

    fixed_datetime.__name__ = fixed_datetime.__qualname__ = "datetime"
    fixed_date.__name__ = fixed_date.__qualname__ = "date"
    _give_to_project("datetime", {"datetime": fixed_datetime, "date": fixed_date})


def _give_to_project(name, values):
    """The project's own modules import these; compiled libraries, which look closely at such classes, keep the real ones."""
    import builtins
    import types

    real = builtins.__import__
    found = types.ModuleType(name)
    found.__dict__.update(real(name).__dict__)
    found.__dict__.update(values)

    def importing(wanted, globals=None, locals=None, fromlist=(), level=0):
        module = real(wanted, globals, locals, fromlist, level)
        if wanted == name and globals is not None and os.path.realpath(globals.get("__file__") or "").startswith(_PROJECT + os.sep):
            return found
        return module

    builtins.__import__ = importing


def _fix_listings(listings, order):
    listdir, scandir = os.listdir, os.scandir

    def arranged(path, names, key):
        folder = os.path.realpath(os.fspath(path) if not isinstance(path, (int, type(None))) else os.getcwd())
        text = folder if isinstance(folder, str) else os.fsdecode(folder)
        if text != _PROJECT and not text.startswith(_PROJECT + os.sep):
            return names
        known = listings.get(os.path.relpath(text, _PROJECT).replace(os.sep, "/"))
        by_name = sorted(names, key=key)
        if not order and known is not None and len(known) == len(by_name):
            return [by_name[place] for place in known]
        return by_name if order == "sorted" else by_name[::-1] if order == "reversed" else names

    class _Entries:
        def __init__(self, entries):
            self._entries = iter(entries)

        def __iter__(self):
            return self

        def __next__(self):
            return next(self._entries)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()

        def close(self):
            self._entries = iter(())

    def new_listdir(path="."):
        return listdir(path) if isinstance(path, int) else arranged(path, listdir(path), lambda name: name)

    def new_scandir(path="."):
        if isinstance(path, int):
            return scandir(path)
        with scandir(path) as entries:
            return _Entries(arranged(path, list(entries), lambda entry: entry.name))

    os.listdir, os.scandir = new_listdir, new_scandir


class _Tracer:
    """A profile function: sees calls of compiled functions, and who made them."""

    def __init__(self, path):
        import time

        self._path, self._seen = path, set()
        self._watched = {
            id(time.time): "clock", id(time.time_ns): "clock", id(time.localtime): "clock", id(time.gmtime): "clock", id(time.strftime): "clock",
            id(os.listdir): "listing", id(os.scandir): "listing", id(os.urandom): "random", id(os.getcwd): "place", id(os.cpu_count): "cores",
            id(hash): "hash",
        }
        self._kept = (time.time, time.time_ns, time.localtime, time.gmtime, time.strftime, os.listdir, os.scandir, os.urandom, os.getcwd, os.cpu_count)
        self._global = None
        self._was = None

    def __call__(self, frame, event, argument):
        if event != "c_call":
            return
        kind = self._watched.get(id(argument)) or self._of_method(argument)
        if kind:
            self._saw(kind, frame)

    def _of_method(self, function):
        owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
        if isinstance(owner, type) and name in ("now", "utcnow", "today") and owner.__module__ == "datetime":
            return "clock"
        module = sys.modules.get("random")
        if hasattr(module, "_inst") and isinstance(owner, module.Random):  # it may be half imported
            return self._of_generator(id(owner), name, owner is module._inst)
        return ""

    def _of_generator(self, key, name, is_shared):
        seeded = self.__dict__.setdefault("_seeded", set())
        if name in ("seed", "set_state", "setstate"):
            seeded.add(key)
            return ""
        if not is_shared or key in seeded or name.startswith("_") or name in ("get_state", "getstate"):
            return ""
        return "random"

    def _saw(self, kind, frame, host=""):
        while frame is not None:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return  # what a module reads when it is imported is no statement of the project's
            file = os.path.normpath(os.path.join(_STARTED, frame.f_code.co_filename))  # a script's own is as it was typed
            if file.startswith(_PROJECT + os.sep) and "<" not in file and os.sep + ".venv" + os.sep not in file:
                break
            frame = frame.f_back
        if frame is None:
            return
        self._note(kind, file, frame.f_lineno, host)

    def _note(self, kind, file, line, host=""):
        file = os.path.normpath(os.path.join(_STARTED, file))
        key = (kind, file, line)
        if key in self._seen or len(self._seen) > 5000:
            return
        self._seen.add(key)
        import linecache

        found = {"kind": kind, "file": os.path.relpath(file, _PROJECT), "line": line, "text": linecache.getline(file, line).strip()[:200]}
        if host:
            found["host"] = host
        with open(self._path, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(found) + "\n")


class _NumpyWatch:
    """A trace function: NumPy's shared generator is compiled and tells nobody, so its state is looked at after each line of the project."""

    def __init__(self, tracer):
        self._tracer, self._state, self._line, self._is_seeded, self._left = tracer, None, None, False, 200000

    def __call__(self, frame, event, argument):
        file = frame.f_code.co_filename
        if file.startswith("<") or not os.path.normpath(os.path.join(_STARTED, file)).startswith(_PROJECT + os.sep):
            return None
        return self._look

    def _look(self, frame, event, argument):
        numpy = sys.modules.get("numpy.random.mtrand")
        if self._is_seeded or self._left <= 0 or not hasattr(numpy, "_rand"):
            return self._look
        self._left -= 1
        found = numpy._rand.get_state(legacy=False)["state"]
        state = (int(found.get("pos", 0)), int(found["key"][0]) if "key" in found else 0)
        if self._state is not None and state != self._state and self._line is not None:
            self._blame(*self._line)
        self._state, self._line = state, (frame, frame.f_lineno)
        return self._look

    def _blame(self, frame, line):
        import linecache

        text = linecache.getline(os.path.normpath(os.path.join(_STARTED, frame.f_code.co_filename)), line)
        if "seed" in text or "set_state" in text:
            self._is_seeded = True
        elif "import " not in text:
            self._tracer._note("random", frame.f_code.co_filename, line)


def _watch_network(tracer, is_off):
    import socket

    own = ("", "localhost", "::", "0.0.0.0", "::1", socket.gethostname())

    def seen(event, arguments):
        if event not in ("socket.connect", "socket.getaddrinfo"):
            return
        address = arguments[0] if event == "socket.getaddrinfo" else arguments[1][0] if isinstance(arguments[1], tuple) else ""
        host = address.decode(errors="replace") if isinstance(address, bytes) else str(address or "")
        if host in own or host.startswith("127."):
            return
        tracer._saw("network", sys._getframe(1), host)
        if is_off:
            raise OSError("this trial has no network")

    sys.addaudithook(seen)


def _apply():
    if _SETTINGS.get("seed"):
        _fix_random()
    if _SETTINGS.get("clock"):
        _fix_clock(_SETTINGS["clock"])
    if _SETTINGS.get("listings") or _SETTINGS.get("order"):
        _fix_listings(_SETTINGS.get("listings") or {}, _SETTINGS.get("order", ""))
    if _SETTINGS.get("network") and _SETTINGS.get("trace_file") and hasattr(sys, "addaudithook"):
        _watch_network(_Tracer(_SETTINGS["trace_file"]), _SETTINGS["network"] == "off")
    if _SETTINGS.get("trace") and _SETTINGS.get("trace_file"):
        tracer = _Tracer(_SETTINGS["trace_file"])
        sys.setprofile(tracer)
        threading.setprofile(tracer)
        sys.settrace(_NumpyWatch(tracer))


_apply()
