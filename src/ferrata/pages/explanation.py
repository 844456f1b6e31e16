"""The page of `ferrata why`: what differs in the results, what differs in the way of running, what caused it, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.pages.levels import level_style, level_words, value_words
from ferrata.records.amount import counted, elapsed
from ferrata.records.explanation import Difference, Effect, Explanation, Noise, Seeded, Verdict
from ferrata.records.page import Page, Section, Table, Text
from ferrata.records.proof import Comparison, Level

_MOST = 40
_STYLES = {Effect.WHOLE: "bad", Effect.PART: "bad", Effect.NONE: "good", Effect.NOT_TRIED: "warn"}
_FINE = ("same", "deterministic")
_REACH = {
    "within": "lies within what other seeds give",
    "near": "lies just outside, where a further seed could give it",
    "outside": "lies outside: less than one further seed in a hundred would give it, if scores vary normally",
    "still": "is another one; seeds do not move this score",
}


def explanation_page(found: Explanation) -> Page:
    blocks = (
        Text(f"Here: {found.here}." + (f" There: {found.there}." if found.there else ""), "faint"),
        *(Text(note, "warn") for note in found.notes),
        _results(found), _noise(found.noise) if found.noise else None, _causes(found), _cleared(found),
        _seeded(found.seeded) if found.seeded else None, _todo(found),
        Text(found.unexplained + ".", "warn") if found.unexplained else None,
        Text(f"{found.stopped[:1].upper()}{found.stopped[1:]}: give it more with --budget MINUTES.", "warn") if found.stopped else None,
        Text(f"{counted(found.trials, 'trial')} in {elapsed(found.seconds)}, all in copies; the project was only read.", "faint"),
    )  # fmt: skip
    return Page(_title(found), tuple(block for block in blocks if block), _data(found), _next(found), 0 if found.outcome in _FINE else 1)


def _title(found: Explanation) -> str:
    name = found.project.name
    titles = {
        "same": f"{name}: both give the same results",
        "noise": f"{name}: the difference is within what runs of one and the same vary by",
        "stale": f"{name}: the results that lie here are not what the project gives now; run anew, it gives the other ones",
        "unexplained": f"{name}: no trial explains the difference",
        "deterministic": f"{name} repeats itself: nothing that was tried changes its results",
        "not-deterministic": f"{name} does not repeat itself" if found.noise else f"{name} repeats itself here, but other conditions change its results",
    }
    if found.outcome in titles:
        return titles[found.outcome]
    causes = " and ".join(_names(verdict) for verdict in found.causes[:3]) + (" and others" if len(found.causes) > 3 else "")
    return f"{name}: {causes} {'explains' if len(found.causes) == 1 else 'explain'} {'the difference' if found.outcome == 'explained' else 'part of it'}"


def _names(verdict: Verdict) -> str:
    return ", together with ".join(each.name for each in verdict.differences)


def _results(found: Explanation) -> Section | None:
    moved = [each for each in found.scores if each.level is not Level.IDENTICAL]
    blocks: list[Any] = [_scores(moved[:_MOST])] if moved else []
    if found.scores and not moved:
        blocks.append(Text(f"All {counted(len(found.scores), 'score')} are the same." if len(found.scores) > 1 else "The score is the same.", "good"))
    if found.parting and found.parting.cleared:
        blocks.append(Text(f"Cleared: {', '.join(found.parting.cleared)} wrote the same on both sides.", "good"))
    if found.parting and found.parting.stage:
        where = f": {found.parting.where}" if found.parting.where else ""
        blocks.append(Text(f"They first part in the stage {found.parting.stage}, in {found.parting.place}{where}."))
    return Section("What differs in the results", tuple(blocks)) if blocks else None


def _scores(moved: Sequence[Comparison]) -> Table:
    """With its sign, since a person wants to know which is the higher one."""
    rows = tuple((each.name, value_words(each.expected), value_words(each.obtained), _change(each), _said(each)) for each in moved)
    return Table(("score", "there", "here", "here − there", "verdict"), rows, styles=tuple(level_style(each.level) for each in moved))


def _change(each: Comparison) -> str:
    are_numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (each.expected, each.obtained))
    return f"{each.obtained - each.expected:+.3g}" if are_numbers else "–"


def _said(each: Comparison) -> str:
    """What the columns beside it say is not said again."""
    return level_words(each.level) + (f": {each.why}" if each.why and each.level is Level.NOT_COMPARABLE else "")


def _noise(noise: Noise) -> Section:
    rows = tuple((name, value_words(low), value_words(high)) for name, (low, high) in noise.spread.items())
    table = [Table(("score", "lowest", "highest"), rows)] if rows else []
    sources = [Text(f"It comes from {each.differences[0].name} ({each.why}).", "bad") for each in noise.sources]
    unknown = [] if noise.sources else [Text("Fixing hash seed, random numbers, clock and threads does not change that.", "warn")]
    return Section(f"Run {noise.runs} times, the same gives other results", (*table, *sources, *unknown))


def _causes(found: Explanation) -> Section | None:
    told = [each for each in found.verdicts if each.effect is not Effect.NONE]
    if not told:
        return None
    if not found.there:
        return _conditions(told)
    rows = tuple((_names(each), *_sides(each), _effect(each)) for each in sorted(told, key=lambda each: list(Effect).index(each.effect))[:_MOST])
    styles = tuple(_STYLES[each.effect] for each in sorted(told, key=lambda each: list(Effect).index(each.effect))[:_MOST])
    return Section("What differs in the way of running, and what a trial of it showed", (Table(("what", "here", "there", "verdict"), rows, styles=styles),))


def _conditions(told: list[Verdict]) -> Section:
    rows = tuple((_names(each), "changes the results" if each.effect is Effect.WHOLE else "not tried", each.why) for each in told)
    return Section("Under other conditions", (Table(("what", "", ""), rows, styles=tuple(_STYLES[each.effect] for each in told)),))


def _sides(verdict: Verdict) -> tuple[str, str]:
    return "; ".join(each.here or "–" for each in verdict.differences), "; ".join(each.there or "–" for each in verdict.differences)


def _effect(verdict: Verdict) -> str:
    share = f" ({verdict.share:.0%})" if verdict.effect is Effect.PART and verdict.share is not None else ""
    uncommitted = "; not committed" if any(each.is_uncommitted for each in verdict.differences) else ""
    return f"{verdict.effect.value}{share}{uncommitted}{f': {verdict.why}' if verdict.why else ''}"


def _cleared(found: Explanation) -> Section | None:
    names = [_names(each) for each in found.verdicts if each.effect is Effect.NONE]
    return Section(f"Tried, and without effect: {len(names)}", tuple(Text(f"✓ {name}", "good") for name in names[:_MOST])) if names else None


def _seeded(seeded: Seeded) -> Section:
    """What chance alone does here: not a cause, and said so."""
    rows = tuple((name, value_words(low), value_words(high), _REACH[seeded.reach.get(name, "outside")]) for name, (low, high) in seeded.spread.items())
    said = Text("This is the spread of other seeds here, and names no cause: whether that run had another seed is not known.", "faint")
    title = f"With other seeds ({', '.join(seeded.parameters)}), {counted(seeded.runs, 'run')}"
    return Section(title, (Table(("score", "lowest", "highest", "the number asked about"), rows), said))


def _todo(found: Explanation) -> Section | None:
    sources = found.noise.sources if found.noise else ()
    open_ones = [each for each in found.verdicts if each.effect is Effect.NOT_TRIED]
    todos = [(_names(each), each.todo) for each in (*found.causes, *sources, *open_ones) if each.todo]
    todos += [("how it came about", found.ask)] if found.ask else []
    return Section("What to do", (Table(("cause", "next"), tuple(dict.fromkeys(todos))),)) if todos else None


def _next(found: Explanation) -> str:
    """Where the one thing to do is a command."""
    todos = [each.todo for each in found.causes]
    return todos[0] if len(todos) == 1 and todos[0].startswith(("ferrata ", "git ", "uv ")) else ""


def _data(found: Explanation) -> dict[str, Any]:
    parting = found.parting
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": found.outcome,
        "project": str(found.project),
        "here": found.here,
        "there": found.there or None,
        "scores": [asdict(each) for each in found.scores],
        "parting": {**asdict(parting), "cleared": list(parting.cleared)} if parting else None,
        "verdicts": [verdict_data(each) for each in found.verdicts],
        "noise": _noise_data(found.noise) if found.noise else None,
        "unexplained": found.unexplained or None,
        "ask": found.ask or None,
        "seeds": asdict(found.seeded) if found.seeded else None,
        "notes": list(found.notes),
        "trials": found.trials,
        "seconds": round(found.seconds, 3),
        "stopped": found.stopped or None,
    }


def _noise_data(noise: Noise) -> dict[str, Any]:
    spread = {name: list(values) for name, values in noise.spread.items()}
    return {"runs": noise.runs, "spread": spread, "moved": list(noise.moved), "sources": [verdict_data(each) for each in noise.sources]}


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    return {
        "effect": verdict.effect.name.lower().replace("_", "-"),
        "share": verdict.share,
        "differences": [_difference_data(each) for each in verdict.differences],
        "scores": dict(verdict.obtained),
        "why": verdict.why or None,
        "todo": verdict.todo or None,
    }


def _difference_data(each: Difference) -> dict[str, Any]:
    return {
        "factor": each.factor, "name": each.name, "here": each.here, "there": each.there, "place": each.place or None, "line": each.line or None,
        "uncommitted": each.is_uncommitted,
    }  # fmt: skip
