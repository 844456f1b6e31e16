"""Which packages do it, among sets that can be installed together: tables of made-up packages, with how many trials that takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement

from ferrata.records.explanation import Difference, Effect, Verdict
from ferrata.steps.explaining.isolating import Isolation
from ferrata.steps.explaining.resolution import Installed, Versions, middle, named_in
from ferrata.steps.explaining.setup import Obtained
from ferrata.steps.explaining.trials import OverBudget


def distribution(version: str, *asks: str, is_compiled: bool = False) -> Installed:
    return Installed(version, tuple(map(Requirement, asks)), frozenset(), is_compiled)


HERE = {
    "numpy": distribution("2.4", is_compiled=True), "scipy": distribution("1.17", "numpy>=1.26", is_compiled=True),
    "learn": distribution("1.9", "numpy>=1.26", "scipy>=1.10", "joblib>=1.3", is_compiled=True), "joblib": distribution("1.6"),
    "pandas": distribution("3.1", "numpy>=1.26", is_compiled=True), "plot": distribution("7.1"), "colour": distribution("3.0"),
}  # fmt: skip
THERE = {
    "numpy": distribution("1.24", is_compiled=True), "scipy": distribution("1.10", "numpy>=1.19", is_compiled=True),
    "learn": distribution("1.2", "numpy>=1.17", "scipy>=1.3", "joblib>=1.1", is_compiled=True), "joblib": distribution("1.2"),
    "pandas": distribution("1.5", "numpy>=1.21", "zone>=1", is_compiled=True), "zone": distribution("1.0"), "plot": distribution("5.1"),
    "colour": distribution("2.0"),
}  # fmt: skip
NAMES = sorted({*HERE, *THERE})
COMPILED = {"numpy", "scipy", "learn", "pandas"}


@dataclass
class Search:
    """What `Isolation` asks of a search; a trial fails where the compiled ones are not of one side. `does` are sets each of which acts."""

    does: tuple[frozenset[str], ...]
    between_version: str = ""
    is_apart: bool = False
    budget: int = 60
    tried: list[tuple[str, ...]] = field(default_factory=list)
    verdicts: dict[tuple[str, ...], Verdict] = field(default_factory=dict)
    side: Any = field(default_factory=lambda: SimpleNamespace(packages={name: package.version for name, package in THERE.items()}))
    trials: Any = field(default_factory=lambda: SimpleNamespace(environments=SimpleNamespace(blamed=set())))

    def attempt(self, chosen: Iterable[Difference], again: int = 0) -> Obtained:
        some = list(chosen)
        names = frozenset(each.payload for each in some if isinstance(each.payload, str))
        key = tuple(sorted(each.name + each.there for each in some))
        if key not in self.tried and not again:
            if len(self.tried) >= self.budget:
                raise OverBudget
            self.tried.append(key)
        moved = {each.name for each in some} & COMPILED
        if moved and moved != COMPILED and not self.is_apart:
            return Obtained(failed="numpy.dtype size changed")
        return Obtained({"score": float(sum(1 << number for number, does in enumerate(self.does) if does <= names))})

    def is_base(self, result: Obtained) -> bool:
        return result.scores == {"score": 0.0}

    @property
    def is_there(self) -> Any:
        return lambda result: result.scores == {"score": float((1 << len(self.does)) - 1)}

    @property
    def measure(self) -> Any:
        return SimpleNamespace(same=lambda one, other: not one.failed and not other.failed and one.scores == other.scores, share=lambda *results: None)

    here = there = Obtained()
    def tell(self, text: str) -> None:
        pass

    def between(self, name: str, limits: tuple[str, str], moved: Sequence[Difference]) -> str:
        return self.between_version if name == "learn" and limits[1] == HERE["learn"].version else ""

    @property
    def decided(self) -> set[Difference]:
        return {each for verdict in self.verdicts.values() for each in verdict.differences}

    def say(self, verdict: Verdict) -> None:
        self.verdicts[tuple(each.name for each in verdict.differences)] = verdict

    def leave(self, differences: Iterable[Difference], why: str) -> None:
        for each in differences:
            self.say(Verdict((each,), Effect.NOT_TRIED, why=why))

    def act(self, differences: tuple[Difference, ...], result: Obtained, *, beside: Sequence[Difference] = (), why: str = "", todo: str = "") -> None:
        self.say(Verdict(differences, Effect.WHOLE if self.is_there(result) else Effect.PART, None, {}, why, todo))


def differences() -> dict[str, Difference]:
    said = {name: [side[name].version if name in side else "not there" for side in (HERE, THERE)] for name in NAMES}
    return {name: Difference("package", name, *said[name], payload=name) for name in NAMES}


def isolated(search: Search, order: Sequence[str] = ("learn", "pandas")) -> dict[str, str]:
    """{names: effect}"""
    group = differences()
    ranked = [*order, *(name for name in NAMES if name not in order)]
    isolation = Isolation(search, group, Versions(HERE, THERE), ranked)  # type: ignore[arg-type]
    try:
        isolation.run(search.attempt(group.values()))
    except OverBudget:
        pass
    return {" + ".join(names): verdict.effect.value for names, verdict in search.verdicts.items()}


def acting(found: dict[str, str]) -> set[str]:
    return {name for name, effect in found.items() if effect in (Effect.WHOLE.value, Effect.PART.value)}


@pytest.mark.parametrize(
    ("does", "between", "is_apart", "causes", "trials"),
    [
        ([{"plot"}], "", False, {"plot"}, 8),
        ([{"learn"}], "1.3", False, {"learn"}, 6),
        ([{"learn"}], "", True, {"learn"}, 10),
        ([{"learn"}], "", False, {"learn + pandas + numpy + scipy"}, 14),
        ([{"pandas"}], "1.3", False, {"learn + pandas + numpy + scipy"}, 14),
        ([{"plot"}, {"colour"}], "", False, {"plot", "colour"}, 16),
        ([{"learn"}, {"plot"}], "1.3", False, {"learn", "plot"}, 14),
        ([{"colour", "plot"}], "", False, {"colour + plot"}, 16),
    ],
    ids=["one that is far", "told apart by a version between", "one that runs alone", "what runs only together", "another of those", "two", "two kinds",
         "two that act only together"],
)  # fmt: skip
def test_what_acts_is_named_and_nothing_else(does: list[set[str]], between: str, is_apart: bool, causes: set[str], trials: int) -> None:
    search = Search(tuple(map(frozenset, does)), between, is_apart)
    found = isolated(search)
    assert acting(found) == causes, found
    named = {name for names in found for name in names.split(" + ")}
    assert named == set(NAMES) and len(search.tried) <= trials, (found, search.tried)


def test_where_time_runs_out_the_smallest_set_is_said() -> None:
    search = Search((frozenset({"learn"}),), "1.3", budget=3)
    found = acting(isolated(search))
    assert len(found) == 1 and "learn" in found.pop() and all("no time" in verdict.why for verdict in search.verdicts.values() if len(verdict.differences) > 1)


def test_what_cannot_be_installed_is_left_out_with_what_needs_it() -> None:
    search = Search((frozenset({"plot"}),))
    search.trials.environments.blamed.add("zone")
    group = differences()
    Isolation(search, group, Versions(HERE, THERE), NAMES).run(Obtained(failed="these packages cannot be installed: zone"))  # type: ignore[arg-type]
    effects = {" + ".join(names): verdict for names, verdict in search.verdicts.items()}
    assert effects["plot"].effect is Effect.WHOLE and effects["zone"].effect is Effect.NOT_TRIED
    assert effects["pandas"].effect is Effect.NOT_TRIED and "zone" in effects["pandas"].why


@pytest.mark.parametrize(
    ("moved", "closed"),
    [({"plot"}, {"plot"}), ({"joblib"}, {"joblib", "learn", "numpy", "scipy", "pandas", "zone"}), ({"zone"}, {"zone"})],
)  # fmt: skip
def test_the_smallest_sound_set(moved: set[str], closed: set[str]) -> None:
    assert Versions(HERE, THERE).closed(frozenset(moved), frozenset(NAMES)) == closed


def test_the_largest_sound_set() -> None:
    assert Versions(HERE, THERE).opened(frozenset(NAMES) - {"learn"}) == {"plot", "colour", "zone"}


@pytest.mark.parametrize(
    ("older", "newer", "limit"),
    [("1.2.2", "1.9.0", "1.6"), ("1.3.2", "1.4.0", ""), ("1.3", "1.5", "1.5"), ("1.26.4", "2.0.1", ""), ("1.9", "1.2", "")],
)  # fmt: skip
def test_the_middle_of_two_versions(older: str, newer: str, limit: str) -> None:
    assert middle(older, newer) == limit


@pytest.mark.parametrize(
    ("text", "blamed"),
    [
        ("Because there is no version of zone==1.0 and you require zone==1.0", {"zone"}),
        ("× Failed to build `learn==1.2`\n╰─▶ Call to `setuptools.build_meta`", {"learn"}),
        ("Because zone was not found in the package registry", {"zone"}),
        ("error: no space left on device", set()),
    ],
)
def test_whom_a_message_of_uv_blames(text: str, blamed: set[str]) -> None:
    assert named_in(text, {name: package.version for name, package in THERE.items()}) == blamed
