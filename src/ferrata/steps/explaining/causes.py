"""Causes by trial: every difference swapped alone, what acts narrowed down, and what acts only together found by delta debugging."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ferrata.records.explanation import Difference, Effect, Verdict
from ferrata.records.side import Side
from ferrata.steps.explaining.factors import packages, todo_of
from ferrata.steps.explaining.factors.data import parts_of, with_parts
from ferrata.steps.explaining.isolating import Isolation
from ferrata.steps.explaining.measure import Measure
from ferrata.steps.explaining.narrowing import smallest
from ferrata.steps.explaining.setup import Conditions, Obtained
from ferrata.steps.explaining.trials import PLAIN, TIME, OverBudget, Trials

_FEW = 8  # differences of one factor that are each tried alone at once
_NAMED = 3  # in a line of progress
_MOST_PARTS = 12  # trials to find the rows that matter
ALONE = "it acts only together with the others of this line"


class _Enough(Exception):
    """So many trials were made to narrow one thing down."""


@dataclass
class Search:
    """`here` is what the base gives and `there` what is to be explained; under `conditions` both are compared when runs are not deterministic.

    `tell` gets a line for each thing that is cleared or found. `beside` are differences without effect, without which what acts does not run.
    """

    trials: Trials
    measure: Measure
    here: Obtained
    there: Obtained
    side: Side
    tell: Callable[[str], None]
    conditions: Conditions = PLAIN
    verdicts: dict[tuple[Difference, ...], Verdict] = field(default_factory=dict)
    acting: dict[tuple[Difference, ...], Obtained] = field(default_factory=dict)
    beside: dict[tuple[Difference, ...], tuple[Difference, ...]] = field(default_factory=dict)
    stopped: str = ""
    reached: bool = False

    def search(self, differences: Sequence[Difference], conditions: Conditions = PLAIN) -> None:
        """Verdicts of all of them, base and trials under these conditions; what is not reached in time is said not to be tried."""
        self.conditions = conditions
        open_ones = [each for each in differences if not each.why_not]
        self.leave([each for each in differences if each.why_not], "")
        try:
            self.here = self.trials.run(conditions=conditions)
            self._all(open_ones)
        except OverBudget:
            self.stopped = TIME
        for each in open_ones:
            if each not in self.decided and not any(_is_part(other, each) for other in self.decided):
                self.say(Verdict((each,), Effect.NOT_TRIED, why=self.stopped or "no trial could tell"))

    def _all(self, differences: list[Difference]) -> None:
        if not differences:
            return
        everything = self.attempt(differences)
        groups = list(_groups(differences))
        self.reached = self.is_there(everything)
        for group in groups:
            result = everything if len(groups) == 1 else self.attempt(group)
            self._group(group, result)
        self._interplay(differences, everything)

    def certain(self, differences: Sequence[Difference]) -> list[Difference]:
        """Where the base does not repeat itself: the fewest differences with which it gives the other result, again and again. They get their verdict."""
        open_ones = [each for each in differences if not each.why_not]
        try:
            if not open_ones or not self._is_certain(open_ones):
                return []
            needed = smallest(open_ones, self._is_certain)
        except OverBudget:
            self.stopped = TIME
            return []
        self.reached = True
        self.act(tuple(needed), self.attempt(needed))
        return needed

    def _is_certain(self, chosen: Sequence[Difference]) -> bool:
        return all(self.is_there(self.attempt(chosen, again=number)) for number in range(3))

    def leave(self, differences: Iterable[Difference], why: str) -> None:
        for each in differences:
            self.say(Verdict((each,), Effect.NOT_TRIED, why=each.why_not or why))

    @property
    def decided(self) -> set[Difference]:
        return {each for some in self.verdicts for each in some}

    def attempt(self, chosen: Iterable[Difference], again: int = 0) -> Obtained:
        chosen = tuple(chosen)
        names = ", ".join(each.name for each in chosen[:_NAMED]) + (f" and {len(chosen) - _NAMED} more" if len(chosen) > _NAMED else "")
        self.trials.on_line(f"with {names} changed" if names else "as it is")
        result = self.trials.run(chosen, self.conditions, again=again)
        if result.failed:
            self.trials.on_line(f"does not run: {result.failed}")
        return result

    def between(self, name: str, limits: tuple[str, str], moved: Sequence[Difference]) -> str:
        """A version of a package, between two and nearest to the second, that can be installed where these are moved; "" where there is none."""
        here, environments = self.trials.here, self.trials.environments
        names = {each.payload for each in moved}
        theirs = {each: self.side.packages[each] for each in names if each in self.side.packages}
        ours = {each: version for each, version in here.packages.items() if each not in names}
        # What stays may ask for what is not there, and still run.
        return environments.between(name, limits, {**ours, **theirs}, here.python) or environments.between(name, limits, theirs, here.python)

    def is_base(self, result: Obtained) -> bool:
        return self.measure.same(result, self.here)

    def is_there(self, result: Obtained) -> bool:
        return self.measure.same(result, self.there)

    def _group(self, group: Sequence[Difference], result: Obtained) -> None:
        if len(group) == 1:
            self._single(group[0], result)
        elif self.is_base(result):
            for each in group:
                self.say(Verdict((each,), Effect.NONE))
        elif group[0].factor in packages.WORDS:
            Isolation.of(self, group).run(result)
        elif len(group) <= _FEW:
            self._few(group, result)
        else:
            self._many(list(group), result)

    def _single(self, difference: Difference, result: Obtained) -> None:
        if result.failed:
            self.say(Verdict((difference,), Effect.NOT_TRIED, why=f"with it alone it does not run: {result.failed}"))
        elif self.is_base(result):
            self.say(Verdict((difference,), Effect.NONE))
        else:
            narrowed = self._narrowed(difference, result)
            self.act((narrowed,), result)

    def _few(self, group: Sequence[Difference], result: Obtained) -> None:
        """Each alone; those that do not run alone are needed by others, or need them."""
        alone = {each: self.attempt([each]) for each in group}
        broken = [each for each in group if alone[each].failed]
        for each in group:
            if each not in broken:
                self._single(each, alone[each])
        if not broken or result.failed:
            for each in broken:
                self._single(each, alone[each])
            return
        rest = [each for each in group if each not in broken]
        without = self.attempt(rest) if rest else self.here
        if self.measure.same(without, result):
            for each in broken:
                self.say(Verdict((each,), Effect.NONE, why="leaving it out of all others changes nothing"))
            return
        needed = smallest(group, lambda some: self.measure.same(self.attempt(some), result))
        self._joint([each for each in needed if (each,) not in self.acting], self.attempt(needed))
        for each in broken:
            if each not in needed:
                self.say(Verdict((each,), Effect.NONE, why="what acts does so without it"))

    def _many(self, group: list[Difference], result: Obtained) -> None:
        """Halved until the few that act are left; then what remains, as long as it acts too."""
        left = group
        while left and not self.is_base(result):
            if result.failed:
                for each in left:
                    self._single(each, self.attempt([each]))
                return
            needed = self._needed(left, result)
            if len(needed) > 1 and len(needed) <= _FEW and any(not self.is_base(self.attempt([each])) for each in needed):
                self._few(needed, self.attempt(needed))
            else:
                self._joint(needed, self.attempt(needed))
            left = [each for each in left if each not in needed]
            result = self.attempt(left) if left else self.here
        for each in left:
            self.say(Verdict((each,), Effect.NONE))

    def _needed(self, group: list[Difference], goal: Obtained) -> list[Difference]:
        """The smallest part that does what all of them do. Where time runs out, the smallest that was found is said."""
        best = [group]

        def does(some: Sequence[Difference]) -> bool:
            is_same = self.measure.same(self.attempt(some), goal)
            if is_same and len(some) < len(best[-1]):
                best.append(list(some))
            return is_same

        try:
            return smallest(group, does)
        except OverBudget:
            effect = Effect.WHOLE if self.is_there(goal) else Effect.PART
            todo = "; ".join(dict.fromkeys(each.todo or todo_of(each, self.side) for each in best[-1]))
            why = "all of these together; there was no time left to find which of them"
            self.say(Verdict(tuple(best[-1]), effect, self.measure.share(self.here, self.there, goal), dict(goal.scores), why, todo))
            raise

    def _joint(self, differences: Sequence[Difference], result: Obtained) -> None:
        if len(differences) == 1:
            self._single(differences[0], result)
        elif differences:
            self.act(tuple(differences), result)

    def _interplay(self, differences: Sequence[Difference], everything: Obtained) -> None:
        """Whether what acts alone gives, together, what all differences give; else the smallest choice that does."""
        acting = list(dict.fromkeys(each for some in self.acting for each in (*some, *self.beside.get(some, ()))))
        together = self.attempt(acting) if acting else self.here
        if everything.failed or self.measure.same(together, everything):
            self.reached = self.reached or self.is_there(together)
            return
        needed = smallest(differences, lambda some: self.measure.same(self.attempt(some), everything))
        if len(needed) > 1 and not all((each,) in self.acting for each in needed):
            result = self.attempt(needed)
            for each in needed:
                self.verdicts.pop((each,), None)
            self.act(tuple(needed), result)

    def act(self, differences: tuple[Difference, ...], result: Obtained, *, beside: tuple[Difference, ...] = (), why: str = "", todo: str = "") -> None:
        again = self.attempt((*differences, *beside), again=1)
        if not self.measure.same(again, result):
            self.say(Verdict(differences, Effect.NOT_TRIED, why="two trials of it give two results"))
            return
        self.acting[differences], self.beside[differences] = result, beside
        is_whole = self.is_there(result)
        why = why or (ALONE if len(differences) > 1 else "")
        share = self.measure.share(self.here, self.there, result)
        self.say(Verdict(
            differences, Effect.WHOLE if is_whole else Effect.PART, 1.0 if is_whole and share is not None else share, dict(result.scores), why,
            todo or "; ".join(dict.fromkeys(each.todo or todo_of(each, self.side) for each in differences)),
        ))  # fmt: skip

    def _narrowed(self, difference: Difference, result: Obtained) -> Difference:
        """The rows, or files, that do it all; as it is where no smaller part does, or where that took too long."""
        parts = parts_of(difference)
        best, tried = [list(parts)], [0]

        def does(some: Sequence[int | str]) -> bool:
            if tried[0] >= _MOST_PARTS:
                raise _Enough
            tried[0] += 1
            is_same = self.measure.same(self.attempt([with_parts(difference, some)]), result)
            if is_same:
                best.append(list(some))
            return is_same

        try:
            best.append(smallest(list(parts), does))
        except _Enough:
            pass
        smaller = min(best, key=len)
        return with_parts(difference, smaller) if parts and len(smaller) < len(parts) else difference

    def say(self, verdict: Verdict) -> None:
        self.verdicts[verdict.differences] = verdict
        mark = {Effect.WHOLE: "✗", Effect.PART: "✗", Effect.NONE: "✓", Effect.NOT_TRIED: "?"}[verdict.effect]
        self.tell(f"{mark} {' + '.join(each.name for each in verdict.differences)}: {verdict.effect.value}")


def _is_part(part: Difference, whole: Difference) -> bool:
    """Whether it is a narrowed form of the other."""
    if part.factor != "data" or whole.factor != "data" or not parts_of(whole):
        return False
    return replace(part.payload, parts=()) == replace(whole.payload, parts=()) and set(part.payload.parts) <= set(whole.payload.parts)


def _groups(differences: Sequence[Difference]) -> Iterable[list[Difference]]:
    """By factor; of code and data by file."""
    groups: dict[tuple[str, str], list[Difference]] = {}
    for each in differences:
        groups.setdefault((each.factor, each.place if each.factor == "data" else ""), []).append(each)
    return groups.values()
