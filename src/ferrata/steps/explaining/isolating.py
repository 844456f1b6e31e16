"""Which packages do it: the smallest change of versions that acts, between a set that does not act and one that does, of sets that can be installed together.

Zeller, Isolating Cause-Effect Chains from Computer Programs, FSE 2002: the algorithm dd, which narrows the difference of two sets from both ends; here with
the metadata of the packages saying which sets are worth a trial, and the code which packages to begin with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ferrata.records.explanation import Difference, Effect, Verdict
from ferrata.steps.explaining.factors import packages
from ferrata.steps.explaining.factors.packages import ABSENT
from ferrata.steps.explaining.narrowing import smallest
from ferrata.steps.explaining.nearness import FAR, near
from ferrata.steps.explaining.resolution import Versions, middle
from ferrata.steps.explaining.setup import Obtained
from ferrata.steps.explaining.trials import OverBudget

if TYPE_CHECKING:
    from ferrata.steps.explaining.causes import Search

Names = frozenset[str]
NOBODY: Names = frozenset()
_APART = 4  # packages that are tried one by one where they cannot be isolated further
_BETWEEN = 3  # packages of which versions between the two sides' are tried, where they do not run apart
_SHOWN = 6


@dataclass
class Isolation:
    """`high` is a set that acts, `low` one within it that does not; `cleared` were in a set that does not act; `broken` sets do not run."""

    search: Search
    group: dict[str, Difference]
    versions: Versions
    order: list[str]
    low: Names = NOBODY
    high: Names = NOBODY
    cleared: set[str] = field(default_factory=set)
    broken: set[Names] = field(default_factory=set)

    @classmethod
    def of(cls, search: Search, group: Sequence[Difference]) -> Isolation:
        names = {str(each.payload): each for each in group}
        versions = _versions(search, frozenset(names))
        return cls(search, names, versions, _order(search, names, versions))

    def run(self, everything: Obtained) -> None:
        """A verdict for each of the group. Where time runs out, the smallest set that was found is said."""
        names = frozenset(self.group)
        refused = names & self.search.trials.environments.blamed if everything.failed else NOBODY
        if refused:
            names = self._without(refused, everything.failed)
            everything = self._try(names)
        found = NOBODY
        left, result = names, everything
        while left and not result.failed and not self.search.is_base(result):
            found |= self._isolated(left)
            left = self.versions.opened(left - found)
            result = self._try(left)
        if left and not result.failed:
            self.cleared |= left
        self._rest(names - found)

    def _without(self, refused: Names, why: str) -> Names:
        """What stays where some cannot be installed."""
        self._leave(refused, why)
        names = self.versions.opened(frozenset(self.group) - refused)
        self._leave(frozenset(self.group) - refused - names, f"it needs {', '.join(sorted(refused))}, which cannot be installed here")
        return names

    def _rest(self, names: Names) -> None:
        """What was in no set that was tried as one that does not act: one after the other with what it needs, the likeliest first."""
        found: Names = NOBODY
        for name in [name for name in self.order if name in names]:
            if name in self.cleared or name in found:
                continue
            some, result = self._grown(frozenset({name}), names - found)
            if result.failed:
                self._leave(frozenset({name}), f"with it, and what it needs, it does not run: {result.failed}")
            elif self.search.is_base(result):
                self.cleared |= some
            else:
                found |= self._isolated(some)
        self._clear(frozenset(self.cleared))

    def _grown(self, some: Names, limit: Names) -> tuple[Names, Obtained]:
        """With what it asks for; where that does not run, with more of what those ask for."""
        grown = self.versions.closed(some, limit)
        result = self._try(grown)
        while result.failed:
            more = self.versions.closed(grown | self.versions.needs(grown, limit), limit)
            if more == grown:
                break
            grown, result = more, self._try(more)
        return grown, result

    def _isolated(self, high: Names) -> Names:
        """The smallest part of a set that acts, with its verdict."""
        self.low, self.high = NOBODY, high
        try:
            while len(self.high - self.low) > 1 and any(self._took(some) for some in self._pieces()):
                pass
            return self._said()
        except OverBudget:
            self._say_so_far()
            raise

    def _pieces(self) -> Iterator[Names]:
        """The likeliest alone, then halves, then each."""
        open_ones = [name for name in self.order if name in self.high - self.low]
        yield frozenset(open_ones[:1])
        size = len(open_ones) // 2
        while size > 1:
            yield from (frozenset(open_ones[start : start + size]) for start in range(0, len(open_ones), size))
            size //= 2
        yield from (frozenset({name}) for name in open_ones[1:])

    def _took(self, piece: Names) -> bool:
        """Whether moving a piece back, or moving it alone, made the difference of the two sets smaller. Only sound sets between the two are tried."""
        needed = self.versions.needs(piece, self.high)
        sets = (self.versions.opened(self.high - piece), self.versions.opened(self.high - piece - needed),
                self.versions.closed(self.low | piece, self.high), self.versions.closed(self.low | piece | needed, self.high))  # fmt: skip
        return any(some not in self.broken and self.low < some < self.high and self._takes(some, self._try(some)) for some in dict.fromkeys(sets))

    def _takes(self, some: Names, result: Obtained) -> bool:
        if result.failed:
            self.broken.add(some)
            return False
        if self.search.is_base(result):
            self.low = some
            self.cleared |= some
            self.search.tell(f"✓ {self._words(some)}: {Effect.NONE.value}")
        else:
            self.high = some
            self.search.tell(f"… it is among {self._words(some - self.low)}")
        return True

    def _said(self) -> Names:
        """What is left of the difference. What runs only together is told apart by versions between the two, else one by one beside what does not act."""
        found = self.high - self.low
        if len(found) > 1 and self._told_by_versions_between(found):
            return found
        apart = {name: self._try(self.low | {name}) for name in found} if 1 < len(found) <= _APART else {}
        run_apart = bool(apart) and not any(result.failed for result in apart.values())
        acting = [name for name in self.order if name in apart and not self.search.is_base(apart[name])]
        if run_apart and acting:
            for name in acting:
                self._say(frozenset({name}), self.low)
            self.cleared |= found - frozenset(acting)
        else:
            self._say(found, self.low, "" if len(found) == 1 or run_apart else "they do not run apart")
        return found

    def _told_by_versions_between(self, found: Names) -> bool:
        """Whether one package is it: all of them moved, but this one to a version between the two that gives what is given here."""
        for name in self._sorted(found)[:_BETWEEN]:
            ours, theirs = ("" if text == ABSENT else text for text in (self.group[name].here, self.group[name].there))
            version = self.search.between(name, (theirs, ours), [self.group[each] for each in self._sorted(self.high)])
            if version and self.search.is_base(result := self._with_version(name, version)) and not result.failed:
                rest = self.high - {name}
                self.cleared |= rest
                beside = self._fewest(name, found - {name}, rest)
                others = tuple(self.group[each] for each in self._sorted(beside))
                old, new = self._step(name, theirs, version)
                why = f"tried beside {_listed(others)}; with these the result changes between {name} {old} and {new}"
                self._act((self.group[name],), others, why)
                return True
        return False

    def _with_version(self, name: str, version: str) -> Obtained:
        other = replace(self.group[name], there=version, payload=(name, version))
        return self.search.attempt([other if each == name else self.group[each] for each in self._sorted(self.high)])

    def _step(self, name: str, acts: str, does_not: str) -> tuple[str, str]:
        """The nearest two versions between which the result changes, as far as minor versions and the time go."""
        while mid := middle(acts, does_not):
            try:
                version = self.search.between(name, (acts, mid), [self.group[each] for each in self._sorted(self.high)])
                result = self._with_version(name, version) if version else Obtained(failed="there is none")
            except OverBudget:
                break
            if result.failed:
                break
            acts, does_not = (acts, version) if self.search.is_base(result) else (version, does_not)
        return acts, does_not

    def _fewest(self, name: str, bound: Names, rest: Names) -> Names:
        """The fewest of the rest with which one acts as with all of them: what it asks for, else what it is bound to by machine code."""
        goal = self._try(rest | {name})
        for some in dict.fromkeys(self.versions.closed(some | {name}, rest | {name}) - {name} for some in (NOBODY, bound)):
            if self.search.measure.same(self._try(some | {name}), goal):
                return some
        return rest

    def _say(self, found: Names, low: Names, why: str = "") -> None:
        """With the fewest others that it runs with, and those with which alone it acts."""
        partners, beside = (NOBODY, low) if why else self._company(found, low)
        differences, others = (tuple(self.group[name] for name in self._sorted(some)) for some in (found | partners, beside))
        if others and not why:
            verb = "change" if len(others) > 1 else "changes"
            why = f"tried with {_listed(others)}, without which it does not run, and which {verb} nothing by themselves"
        self.cleared -= partners
        self._act(differences, others, why)

    def _act(self, differences: tuple[Difference, ...], others: tuple[Difference, ...], why: str) -> None:
        result = self._try(frozenset(str(each.payload) for each in (*differences, *others)))
        todo = packages.todo_of_all((*differences, *others), self.search.side)
        self.search.act(differences, result, beside=others, why=why, todo=todo)

    def _say_so_far(self) -> None:
        differences = tuple(self.group[name] for name in self._sorted(self.high - self.low))
        result = self._try(self.high)
        share = self.search.measure.share(self.search.here, self.search.there, result)
        effect = Effect.WHOLE if self.search.is_there(result) else Effect.PART
        why = "" if len(differences) == 1 else "all of these together; there was no time left to find which of them"
        todo = packages.todo_of_all(tuple(self.group[name] for name in self._sorted(self.high)), self.search.side)
        self.search.say(Verdict(differences, effect, share, dict(result.scores), why, todo))

    def _company(self, found: Names, low: Names) -> tuple[Names, Names]:
        """Of what does not act by itself: what these act only together with, and what they do not run without."""
        goal = self._try(found | low)
        grown, result = self._grown(found, found | low)
        if self.search.measure.same(result, goal):
            return NOBODY, grown - found
        needed = smallest(self._sorted(low), lambda some: self.search.measure.same(self._try(found.union(some)), goal))
        partners = frozenset(name for name in needed if not self._try(found.union(needed) - {name}).failed)
        return partners, frozenset(needed) - partners

    def _clear(self, names: Names) -> None:
        for name in self._sorted(names):
            if self.group[name] not in self.search.decided:
                self.search.say(Verdict((self.group[name],), Effect.NONE))

    def _leave(self, names: Names, why: str) -> None:
        self.search.leave([self.group[name] for name in self._sorted(names)], why)

    def _try(self, some: Names) -> Obtained:
        return self.search.attempt([self.group[name] for name in self._sorted(some)])

    def _sorted(self, some: Iterable[str]) -> list[str]:
        wanted = set(some)
        return [name for name in self.order if name in wanted]

    def _words(self, some: Names) -> str:
        return _listed([self.group[name] for name in self._sorted(some)])


def _listed(differences: Sequence[Difference]) -> str:
    shown = ", ".join(f"{each.payload} {each.there}" for each in differences[:_SHOWN])
    return shown + (f" and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else "")


def _versions(search: Search, names: Names) -> Versions:
    """What both sides' metadata says; nothing where such environments cannot be made."""
    here, there, environments = search.trials.here, search.trials.there, search.trials.environments

    def moved(some: Names) -> dict[str, str]:
        stay = {name: version for name, version in here.packages.items() if name not in some}
        return stay | {name: there.packages[name] for name in some if name in there.packages}

    ours = environments.installed(here.packages, here.python)
    theirs = environments.installed(moved(names), here.python) or environments.installed(moved(names - environments.blamed), here.python)
    return Versions(ours, theirs) if ours and theirs else Versions({}, {})


def _order(search: Search, names: Mapping[str, Difference], versions: Versions) -> list[str]:
    """Nearest to the scores first, then what the code imports, then what those ask for, then the others."""
    modules = {module: name for name, package in versions.here.items() for module in package.modules}
    scores = search.measure.names if search.measure.are_scores else ()
    assert search.trials.here.tree is not None
    steps = near(search.trials.here.tree, scores, modules)
    needed = versions.needs(frozenset(steps), frozenset(names))
    return sorted(names, key=lambda name: (steps.get(name, FAR + (1 if name in needed else 2)), name))
