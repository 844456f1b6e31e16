"""What instrumented code calls. Each probe does exactly what was written there, and notes what it saw; it never raises anything of its own.

A probe that ends up inside a pickled function (joblib, multiprocessing) turns into plain pass-through code where it is unpickled.
"""

import sys
import time

from . import models, numbers
from .randomness import streams_of

_CALLS, _NUMBERS = 200, 10000


class Collected:
    """What the running statement has shown so far."""

    def __init__(self, index=-1):
        self.index, self.calls, self.numbers, self.stepped, self.seconds = index, [], [], set(), 0.0

    def add_call(self, site, call):
        self.calls.append({**call, "statement": self._holder(site)})

    def add_number(self, site, value, role):
        self.numbers.append(
            {"site": site.span, "value": value, "role": role, "name": site.name, "statement": self._holder(site)}
        )

    def _holder(self, site):
        """The statement whose text the site is in, -1 when it is the running one."""
        return site.statement if site.statement != self.index else -1


class Probes:
    def __init__(self, sites, calls, randomness, display, files, space):
        self.sites, self.calls, self.randomness, self.display, self.files, self.space = (
            sites,
            calls,
            randomness,
            display,
            files,
            space,
        )
        self.collected = Collected()
        space.update(
            {
                "__ferrata_call__": CallProbe(self),
                "__ferrata_number__": NumberProbe(self),
                "__ferrata_shown__": ShownProbe(self),
                "__ferrata_model__": ModelProbe(self),
            }
        )

    def observe(self, site, function, arguments, options, result, seconds):
        started = time.perf_counter()
        self.files.off += 1
        try:
            self._observe(site, function, arguments, options, result, seconds)
        except Exception:
            pass
        finally:
            self.files.off -= 1
            self.collected.seconds += time.perf_counter() - started

    def _observe(self, site, function, arguments, options, result, seconds):
        call, number = self.calls.record(site, function, arguments, options, result, seconds)
        if call is None:
            return
        self.collected.add_call(site, call)
        if number is not None:
            self.collected.add_number(site, number, "score")
        history = getattr(result, "history", None) if call["kind"] == "fit" else None
        if isinstance(history, dict) and history:
            self.randomness.consumed(
                "tensorflow"
            )  # its shuffling and dropout draw from the seed of the process, out of sight
            self.collected.add_number(site, numbers.score(history), "history")

    def count_on(self, site, function, result):
        """Of a metric that is computed very often only the number is kept: the pipeline will record every one."""
        try:
            number = self.calls.number(site, function, result)
        except Exception:
            return
        if number is not None:
            self.collected.add_number(site, number, "score")

    def step(self, site, function):
        """Once per statement and place: which networks does this optimizer train?"""
        if id(site) in self.collected.stepped:
            return
        self.collected.stepped.add(id(site))
        started = time.perf_counter()
        frames, frame = [], sys._getframe(2)
        while frame is not None and len(frames) < 10 and not frame.f_code.co_filename.endswith("run.py"):
            frames.append(dict(frame.f_locals))
            frame = frame.f_back
        try:
            for call in self.calls.training_step(site, function, frames + [self.space]):
                self.collected.add_call(site, call)
        except Exception:
            pass
        self.collected.seconds += time.perf_counter() - started


class CallProbe:
    __slots__ = ("_probes",)

    def __init__(self, probes):
        self._probes = probes

    def __call__(self, site, function, /, *arguments, **options):
        probes = self._probes
        site = probes.sites[site]
        site.count += 1
        if site.kind == "seed":
            return _seeding(probes, function, arguments, options)
        if site.kind == "step":
            result = function(*arguments, **options)
            probes.step(site, function)
            return result
        started = time.perf_counter()
        result = function(*arguments, **options)
        if site.count <= _CALLS:
            probes.observe(site, function, arguments, options, result, time.perf_counter() - started)
        elif site.kind == "score" and site.count <= _NUMBERS:
            probes.count_on(site, function, result)
        return result

    def __reduce__(self):
        return (eval, ("lambda site, function, *arguments, **options: function(*arguments, **options)",))


def _seeding(probes, function, arguments, options):
    result, changed = probes.randomness.around_seeding(lambda: function(*arguments, **options))
    probes.randomness.seeded_again(streams_of(function))
    return result


class ModelProbe:
    """Calls of plain names that may be torch modules."""

    __slots__ = ("_probes",)

    def __init__(self, probes):
        self._probes = probes

    def __call__(self, site, function, /, *arguments, **options):
        result = function(*arguments, **options)
        if models.is_torch_module(function):
            probes, site = self._probes, self._probes.sites[site]
            site.count += 1
            if site.count <= _CALLS:
                _forward(probes, site, function, arguments, result)
        return result

    def __reduce__(self):
        return CallProbe.__reduce__(self)


def _forward(probes, site, function, arguments, result):
    try:
        call = probes.calls.forward(site, function, arguments, result)
        if call is not None:
            probes.collected.add_call(site, call)
    except Exception:
        pass


class NumberProbe:
    __slots__ = ("_probes",)

    def __init__(self, probes):
        self._probes = probes

    def __call__(self, site, value, /):
        site = self._probes.sites[site]
        if site.count < _NUMBERS:
            found = numbers.scalar(value) if site.role == "assigned" else numbers.small(value)
            if found is not None:
                site.count += 1
                self._probes.collected.add_number(site, found, site.role)
        return value

    def __reduce__(self):
        return (eval, ("lambda site, value: value",))


class ShownProbe:
    __slots__ = ("_probes",)

    def __init__(self, probes):
        self._probes = probes

    def __call__(self, site, value, /):
        found = numbers.small(value)
        if found is not None:
            self._probes.collected.add_number(self._probes.sites[site], found, "displayed")
        self._probes.display.result(value)

    def __reduce__(self):
        return (eval, ("lambda site, value: None",))
