"""What a statement did to the author's names: bound, removed, or changed in place (aliases included)."""

import types

from . import figures, names
from .fingerprint import Fingerprints
from .summary import summarise

HIDDEN = frozenset(
    {
        "__name__",
        "__doc__",
        "__builtins__",
        "__annotations__",
        "__loader__",
        "__spec__",
        "__package__",
        "__annotate__",
        "__conditional_annotations__",
        "_",
        "__",
        "___",
        "In",
        "Out",
        "_oh",
        "_ih",
        "_dh",
        "get_ipython",
        "display",
        "exit",
        "quit",
        "__ferrata_call__",
        "__ferrata_number__",
        "__ferrata_shown__",
        "__ferrata_model__",
    }
)
_FIXED = (int, float, complex, str, bytes, bool, type(None), types.ModuleType, types.BuiltinFunctionType, range)


class Known:
    """The last that was seen of a name's object."""

    __slots__ = ("number", "print")

    def __init__(self, number, print_):
        self.number, self.print = number, print_


class Namespace:
    """Remembers the fingerprint of every name's object, and compares after each statement only what it could have changed."""

    def __init__(self, variables, tokens, seconds, texts):
        self.variables, self.tokens, self._seconds, self._texts = variables, tokens, seconds, texts
        self._known = {}

    def visible(self):
        return {name: value for name, value in list(self.variables.items()) if name not in HIDDEN}

    def before(self, usage):
        """To be called before a statement runs: (identities, names read through the author's helpers too, names helpers may store)."""
        identities = {name: id(value) for name, value in self.visible().items()}
        reads, stores = self._reach(usage.reads & set(identities))
        return identities, reads, stores

    def _reach(self, wanted):
        """Follow the author's functions and classes to the globals that they use."""
        reads, stores, waiting, seen = set(), set(), list(wanted), set()
        while waiting:
            name = waiting.pop()
            if name in reads or name in HIDDEN or name not in self.variables:
                continue
            reads.add(name)
            known = self._known.get(name)
            for part in known.print.functions if known else ():
                if id(part) not in seen:
                    seen.add(id(part))
                    loads, stored = _used_by(part, self.variables)
                    waiting.extend(loads)
                    stores |= stored
        return reads, stores

    def after(self, usage, before, complete=True, drawn=False):
        """What changed: dict of `reads`, `binds`, `mutates`, `deletes` and `values`. `drawn`: some figure has changed."""
        identities, reads, stores = before
        now = self.visible()
        prints = Fingerprints(self._seconds, self._texts)
        deleted = sorted(set(identities) - set(now))
        bound = {
            name
            for name, value in now.items()
            if identities.get(name) != id(value) or complete and name in usage.stores
        }
        touched = {figures.TOUCH} if drawn else set()
        changed = self._changed(usage, now, bound, reads | usage.may_store & set(identities) | stores, prints, touched)
        rebound = {name for name in changed if name in usage.may_store or name in stores}
        bound, changed = bound | rebound, changed - rebound
        for name in bound | changed:
            self._known[name] = Known(id(now[name]), prints.of(now[name]))
        for name in deleted:
            self._known.pop(name, None)
        values = [self.value(name, now[name], prints) for name in sorted(bound | changed)]
        self.tokens.settle(now.values())
        return {
            "reads": sorted(reads),
            "binds": sorted(bound),
            "mutates": sorted(changed),
            "deletes": deleted,
            "values": values,
        }

    def _changed(self, usage, now, bound, candidates, prints, touched):
        """Names, not among `bound`, whose object has other content than when last seen."""
        if not usage.may_mutate:
            return set()
        waiting = {
            name for name in candidates if name in now and name not in bound and not isinstance(now[name], _FIXED)
        }
        if usage.calls_backward:
            waiting |= {name for name in now if name not in bound and type(now[name]).__module__ != "builtins"}
        seen, changed = set(bound), set()
        for name in bound:  # a loop variable, or a name bound again to what it was, may be a way to change others
            touched |= self._touched(name, prints.of(now[name]))
        while waiting or touched:
            for name in waiting:
                if self._has_changed(name, now[name], prints):
                    changed.add(name)
                    touched |= self._touched(name, prints.of(now[name]))
            seen |= waiting
            waiting = {
                name
                for name in now
                if name not in seen and name in self._known and not touched.isdisjoint(self._known[name].print.touches)
            }
            touched = touched if waiting else set()
        return changed

    def _touched(self, name, found):
        known = self._known.get(name)
        return found.touches | (known.print.touches if known else frozenset())

    def _has_changed(self, name, value, prints):
        known = self._known.get(name)
        if known is None:
            return True
        if hasattr(type(value), "__next__"):
            return True  # reading from an iterator or a file moves it on, and nothing tells
        return prints.of(value).digest != known.print.digest

    def value(self, name, value, prints):
        found = prints.of(value)
        kind = type(value)
        return {
            "name": name,
            "type": f"{kind.__module__}.{kind.__qualname__}",
            "token": self.tokens.of(value),
            "fingerprint": found.digest,
            "exact": found.exact,
            "summary": summarise(value),
        }


def _used_by(part, variables):
    """Globals that a function, or all functions of a class, load and store."""
    if isinstance(part, type):
        loads, stores = set(), set()
        for item in vars(part).values():
            for function in _functions_in(item):
                inner_loads, inner_stores = _used_by(function, variables)
                loads, stores = loads | inner_loads, stores | inner_stores
        return loads, stores
    if getattr(part, "__globals__", None) is not variables:
        return set(), set()
    loads, stores = names.globals_of(part.__code__)
    return set(loads), set(stores)


def _functions_in(item):
    if isinstance(item, types.FunctionType):
        return [item]
    if isinstance(item, (staticmethod, classmethod)):
        return _functions_in(item.__func__)
    if isinstance(item, property):
        return [part for part in (item.fget, item.fset, item.fdel) if isinstance(part, types.FunctionType)]
    inner = getattr(item, "__wrapped__", None) or getattr(item, "func", None)
    return [inner] if isinstance(inner, types.FunctionType) else []
