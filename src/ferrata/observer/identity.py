"""Tokens: the identity of objects over a whole run. Addresses are reused by Python, so each has a generation."""

import collections
import weakref

_ATOMS = (int, float, complex, str, bytes, bool, type(None))


class Tokens:
    """Equal tokens mean the same object, or equal plain values (which nobody can change). Nothing is kept alive, except up to 64 containers of
    the running statement, which Python gives no weak references to."""

    def __init__(self):
        self._live, self._count = {}, 0
        self._recent = collections.deque(maxlen=64)

    def of(self, value):
        if isinstance(value, _ATOMS):
            return "=" + type(value).__name__ + ":" + repr(value)[:40]
        number = id(value)
        if number not in self._live:
            self._count += 1
            self._live[number] = (f"o{self._count}", self._watch(value, number))
        return self._live[number][0]

    def _watch(self, value, number):
        try:
            return weakref.ref(value, lambda reference: self._forget(number, reference))
        except TypeError:
            if len(self._recent) == self._recent.maxlen:
                self._drop(self._recent.popleft())
            self._recent.append(value)
            return None

    def _forget(self, number, reference):
        if self._live.get(number, (None, None))[1] is reference:
            del self._live[number]

    def _drop(self, value):
        """`value` may die now, unless a name holds it."""
        if id(value) not in self._held:
            self._live.pop(id(value), None)

    _held = frozenset()

    def settle(self, values):
        """A statement has ended: of the objects without weak references, only those that names hold stay known."""
        self._held = frozenset(id(value) for value in values)
        self._recent.clear()
        for number in [
            number for number, (_, reference) in self._live.items() if reference is None and number not in self._held
        ]:
            del self._live[number]
