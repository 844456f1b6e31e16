"""The page of `ferrata compare`: the verdict in words, every score with its interval, and what lies beneath."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ferrata.pages import drawing
from ferrata.pages.json import SCHEMA_VERSION
from ferrata.pages.numbers import number, signed
from ferrata.pages.recorded import moved, recorded_scores
from ferrata.records.amount import elapsed, memory
from ferrata.records.evidence import Compared, Judged, Retrained, Rule, Slice
from ferrata.records.page import Figure, Page, Section, Table, Text

_STYLES = {"better": "good", "worse": "bad", "equivalent": "good", "the same": "good", "cannot tell": "warn"}
_KINDS = {"better": drawing.GOOD, "worse": drawing.BAD}
# From so many versions on it is worth a sentence that the best of them is also the luckiest.
_MANY = 5
_WIDTH = 41


def comparison_page(name: str, compared: Compared) -> Page:
    first, second = compared.first.version.words, compared.second.version.words
    subject = Text(f"{second} against {first}", "faint")
    if compared.outcome == "not comparable":
        blocks = (subject, *(Text(why, "bad") for why in compared.why), *_offer(compared), *_changed(compared))
        return Page(f"{name}: not comparable", blocks, _data(compared, name), _common(compared), 1)
    main = compared.judged[0]
    blocks = (
        subject, Text(verdict_words(compared, main), _STYLES[main.verdict]), *(Text(note, "warn") for note in _notes(compared)),
        *_changed(compared), _scores(compared), *recorded_scores(compared), *_beneath(compared),
    )  # fmt: skip
    return Page(f"{name}: {main.verdict}", blocks, _data(compared, name), _before(compared), 0)


def gate_page(name: str, compared: Compared, rules: tuple[Rule, ...]) -> Page:
    """The same page, headed by whether the change may go in."""
    page = comparison_page(name, compared)
    broken = [rule for rule in rules if not rule.holds]
    is_worse = bool(compared.judged) and compared.judged[0].verdict == "worse"
    reasons = [*(["the main score is worse beyond noise"] if is_worse else []), *(f"{rule.text} is broken: it is {number(rule.value)}" for rule in broken)]
    said = f"It may not go in: {'; '.join(reasons)}." if reasons else f"It may go in{_why_in(compared)}."
    kept = tuple(Text(f"{rule.text} holds: it is {number(rule.value)}.", "faint") for rule in rules if rule.holds)
    data = {**page.data, "passes": not reasons, "reasons": reasons, "rules": [vars(rule) for rule in rules]}
    blocks = (Text(said, "bad" if reasons else "good"), *kept, *page.blocks)
    return replace(page, title=f"{name}: {'stop' if reasons else 'pass'}", blocks=blocks, data=data, next_command="", status=1 if reasons else 0)


def _before(compared: Compared) -> str:
    """Where a version was compared with itself, the command for the one before it."""
    first, second = compared.first.version, compared.second.version
    is_itself = bool(first.commit) and first.commit == second.commit and not second.uncommitted and not first.uncommitted
    return f"ferrata compare {second.commit[:7]}~1" if is_itself else ""


def _why_in(compared: Compared) -> str:
    if not compared.judged:
        return ", though nothing could be compared"
    return {"cannot tell": ": nothing says that it is worse", "better": ": it is better"}.get(compared.judged[0].verdict, "")


def verdict_words(compared: Compared, main: Judged) -> str:
    """One sentence that can stand alone."""
    rows = f"{compared.matched.count:,} rows" if compared.matched else "no rows"
    where = f"on the {rows} that both were tested on" if compared.why else f"on {rows}"
    if compared.retrained and compared.retrained.seeds:
        where += f"{' each' if compared.retrained.kind == 'split' else ''}, mean of {compared.retrained.seeds} seeds"
    told = f"{number(main.first)} → {number(main.second)}"
    if main.verdict == "the same":
        flips = f"{compared.fixed} rows became right and {compared.broken} wrong" if compared.fixed else "no row became better or worse"
        return f"The same: {main.name} is {number(main.second)} {where}; {flips}."
    interval = f", 95 % interval of the difference {signed(main.low)} to {signed(main.high)}" if math.isfinite(main.low) else ""
    words = {"better": "Better", "worse": "Worse", "equivalent": f"Equivalent: whatever the difference is, it is within ±{number(main.margin)}",
             "cannot tell": f"Cannot tell{_needed(compared, main)}"}  # fmt: skip
    return f"{words[main.verdict]}: {main.name} {told} {where} ({signed(main.difference)}{interval})."


def _needed(compared: Compared, main: Judged) -> str:
    rows = compared.matched.count if compared.matched else 0
    more = main.rows_to_tell - rows
    if not math.isfinite(main.low):
        return " (too few rows of a class for an interval)"
    if not main.rows_to_tell or not math.isfinite(more):
        return ""
    return f" (about {_round(more)} more test rows would)" if more < 100 * rows else " (even a hundred times as many test rows would hardly)"


def _round(rows: float) -> str:
    """Two digits: more is not known."""
    size = 10 ** max(math.floor(math.log10(max(rows, 1))) - 1, 0)
    return f"{max(math.ceil(rows / size) * size, 1):,}"


def _notes(compared: Compared) -> Iterator[str]:
    if compared.why:
        yield from compared.why
        yield "What follows is about the rows in common alone."
    yield from compared.notes
    if _before(compared):
        yield "Both are the same commit. The command at the end compares it with the one before."
    if compared.retrained:
        yield _retrained(compared.retrained)
    elif compared.noise:
        yield f"Chance in training is taken into account, as {compared.noise_source} measured it."
    else:
        yield (
            "This is about the choice of test rows alone. How much the scores move with other seeds is not measured: ferrata compare --seeds N trains both "
            "versions again, ferrata noise measures it once for all."
        )
    uses = compared.uses
    if uses.versions >= _MANY:
        error = compared.judged[0].standard_error
        amount = f", about {number(uses.luck * error)} of {compared.judged[0].name}" if math.isfinite(error) and error else ""
        yield (f"{uses.versions} versions have been looked at on these test rows: the best of as many equal ones looks {uses.luck:.1f} standard errors better"
               f"{amount}, by luck alone. New test rows would tell.")  # fmt: skip


def _retrained(found: Retrained) -> str:
    if found.kind == "still":
        return "No prediction of either version depends on a seed: training adds no chance."
    names = ", ".join(found.parameters)
    failed = f" {found.failed} more stopped and are left out." if found.failed else ""
    rows = "The verdict accounts for both, the test rows and the training." if found.kind == "training" else (
        "Each seed has test rows of its own, and the trainings overlap: the verdict accounts for both (Nadeau & Bengio)."
    )  # fmt: skip
    said = f"Both versions were trained again with the same {found.seeds} seeds ({names}), and scores are means over them."
    return f"{said} {rows}{failed} What lies beneath is about the recorded ones."


def _offer(compared: Compared) -> Iterator[Text]:
    if compared.matched is not None and compared.matched.count:
        count = compared.matched.count - compared.matched.relabelled
        yield Text(f"{count} rows with the same truth were in the test sets of both; they can be compared alone.")


def _common(compared: Compared) -> str:
    return "ferrata compare --common" if compared.matched is not None and compared.matched.count > compared.matched.relabelled else ""


def _changed(compared: Compared) -> Iterator[Section]:
    costs = [(name, shown(one), shown(other)) for name, one, other, shown in (
        ("time to run", compared.first.seconds, compared.second.seconds, elapsed),
        ("size of the model", compared.first.model_bytes, compared.second.model_bytes, lambda size: memory(int(size))),
    ) if one and other]  # fmt: skip
    if compared.latencies:
        one, other = (f"{_milliseconds(each.median)} ({_milliseconds(each.low)} to {_milliseconds(each.high)})" for each in compared.latencies)
        costs.append((f"one answer: median of {compared.latencies[0].calls}, and the middle half", one, other))
    if compared.changed:
        yield Section("What was changed", tuple(Text(each) for each in compared.changed))
    if costs:
        yield Section("What it costs", (Table(("", compared.first.version.name, compared.second.version.name), tuple(costs)),))


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms"


def _scores(compared: Compared) -> Section:
    rows = tuple(
        (each.name, number(each.first), number(each.second), signed(each.difference), _interval(each), _p(each.adjusted), each.test, each.verdict)
        for each in compared.judged
    )
    styles = tuple(_STYLES[each.verdict] if each.verdict in _KINDS else "" for each in compared.judged)
    columns = ("score", compared.first.version.name, compared.second.version.name, "difference", "95 % interval", "p", "test", "verdict")
    table = Table(columns, rows, styles=styles)
    main, count = compared.judged[0].name, len(compared.judged) - 1
    said = f"{main} is the main score; the p values of the other {count} are corrected for their number (Holm)." if count > 1 else f"{main} is the main score."
    return Section("Scores", (table, Text(said, "faint"), _forest(compared)))


def _interval(each: Judged) -> str:
    """On one line: its spaces do not break."""
    return f"{signed(each.low)}\u00a0to\u00a0{signed(each.high)}" if math.isfinite(each.low) else "none: too few rows of a class"


def _forest(compared: Compared) -> Figure:
    """Each difference in units of its own standard error, turned so that better is to the right."""
    rows = []
    for each in compared.judged:
        error = each.standard_error if math.isfinite(each.standard_error) and each.standard_error > 0 else math.nan
        scale = (1 if each.is_up_better else -1) / error
        is_known = math.isfinite(scale)
        low, value, high = sorted((scale * each.low, scale * each.difference, scale * each.high)) if is_known else (math.nan, 0.0, math.nan)
        rows.append((each.name, low, value, high, _KINDS.get(each.verdict, drawing.FIRST)))
    note = "difference in standard errors, 95 % interval"
    caption = "The difference of each score with its 95 % interval, in standard errors; better is to the right"
    picture = drawing.intervals(rows, title=caption, note=note)
    return Figure("differences", picture, caption, tuple(_bar(*row) for row in rows))


def _bar(name: str, low: float, value: float, high: float, kind: str) -> str:
    """From -8 to 8 standard errors."""
    def place(number: float) -> int:
        return min(max(round((number + 8) / 16 * (_WIDTH - 1)), 0), _WIDTH - 1)

    cells = [" "] * _WIDTH
    if math.isfinite(low) and math.isfinite(high):
        cells[place(low) : place(high) + 1] = ["-"] * (place(high) - place(low) + 1)
    cells[_WIDTH // 2] = "|"
    cells[place(value)] = "o"
    return f"{name:<18} {''.join(cells)}"


def _beneath(compared: Compared) -> Iterator[Section]:
    if compared.fixed or compared.broken or compared.flips:
        yield _flips(compared)
    if compared.tried_slices:
        yield _slices(compared)
    names = (compared.first.version.name, compared.second.version.name)
    figures = []
    if compared.confusions and compared.classes:
        caption = "Confusion: truth down, decision across"
        lines = tuple(_confusion_lines(compared))
        one, other = compared.confusions
        figures.append(Figure("confusion", drawing.matrices(one, other, compared.classes, names, title=caption), caption, lines))
    if compared.calibrations:
        caption = f"Calibration: the mean probability of class {compared.classes[1] if compared.classes else ''}, and the share of rows that are of it"
        one, other = compared.calibrations
        figures.append(Figure("calibration", drawing.reliability(one, other, names, title=caption), caption))
    if compared.scatter and compared.scatter[0]:
        caption = "Truth and prediction, the same rows and the same axes"
        one, other = compared.scatter
        figures.append(Figure("predictions", drawing.scatters(one, other, names, title=caption), caption))
    if figures:
        yield Section("Side by side", tuple(figures))


def _confusion_lines(compared: Compared) -> Iterator[str]:
    labels = [label[:12] for label in compared.classes or ()]
    if len(labels) > 6:
        return
    width = max(8, *(len(label) + 1 for label in labels))
    for name, table in zip((compared.first.version.name, compared.second.version.name), compared.confusions, strict=True):
        yield f"{name[:30]}"
        yield " " * 14 + "".join(label.rjust(width) for label in labels)
        yield from (f"  {label:<12}" + "".join(f"{count:,}".rjust(width) for count in row) for label, row in zip(labels, table, strict=True))


def _flips(compared: Compared) -> Section:
    blocks: list[Any] = []
    if compared.classes is not None:
        blocks.append(Text(f"{compared.fixed} rows became right, {compared.broken} became wrong."))
    if compared.flips:
        shown = list(compared.flips[0].cells)[:8]
        rows = tuple((flip.row, flip.truth, flip.first, flip.second, *(flip.cells.get(name, "") for name in shown)) for flip in compared.flips)
        title = "The worst that became wrong" if compared.classes is not None else "The errors that grew most"
        columns = ("row", "truth", compared.first.version.name, compared.second.version.name, *shown)
        blocks.append(Table(columns, rows, title=title))
    if any(flip.picture for flip in compared.flips):
        blocks.append(_pictures(compared))
    return Section("Rows", tuple(blocks))


def _pictures(compared: Compared) -> Figure:
    shown = [(flip.picture, f"row {flip.row}", f"{flip.truth}: {flip.first} → {flip.second}") for flip in compared.flips if flip.picture]
    caption = "These rows: what each is, and what each version says it is. They are in this page alone, and not in what is posted"
    return Figure("regressions", drawing.contact_sheet(shown, title=caption), caption, ("The images are in evidence/compare.html alone.",), is_personal=True)


def _slices(compared: Compared) -> Section:
    worse = [each for each in compared.slices if each.is_worse]
    said = f"{compared.tried_slices} slices of the data were looked at, each with {_what(compared)}; "
    said += f"{len(worse)} got worse, corrected for their number." if worse else "none got worse beyond chance, corrected for their number."
    shown = worse or [each for each in compared.slices if _got_worse(compared, each)][:5]
    rows = tuple((each.column, each.value, f"{each.rows:,}", number(each.first), number(each.second), _p(each.adjusted)) for each in shown)
    columns = ("column", "value", "rows", compared.first.version.name, compared.second.version.name, "p")
    table = Table(columns, rows, title="" if worse else "Those that lost most")
    return Section("Slices", (Text(said, "bad" if worse else ""), *([table] if rows else [])))


def _what(compared: Compared) -> str:
    return "its accuracy" if compared.classes is not None else "its mean absolute error"


def _got_worse(compared: Compared, each: Slice) -> bool:
    return each.second < each.first if compared.classes is not None else each.second > each.first


def _p(value: float) -> str:
    if not math.isfinite(value):
        return "–"
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def _data(compared: Compared, name: str) -> dict[str, Any]:
    matched = compared.matched
    rows = None if matched is None else {
        "common": matched.count, "how": matched.how, "only_first": matched.only_first, "only_second": matched.only_second, "moved": matched.moved,
        "relabelled": matched.relabelled, "duplicates": [matched.first_duplicates, matched.second_duplicates],
    }  # fmt: skip
    return {
        "schema_version": SCHEMA_VERSION, "outcome": compared.outcome, "project": name,
        "verdict": compared.judged[0].verdict if compared.judged else None, "why": list(compared.why), "notes": list(compared.notes),
        "versions": [{"name": side.version.name, "commit": side.version.commit or None, "uncommitted": list(side.version.uncommitted)}
                     for side in (compared.first, compared.second)],
        "rows": rows, "scores": [_score(each) for each in compared.judged],
        "other_scores": [{"name": name, "first": one, "second": other} for name, one, other in moved(compared)], "changed": list(compared.changed),
        "fixed": compared.fixed, "broken": compared.broken,
        "regressions": [{"row": flip.row, "truth": flip.truth, "first": flip.first, "second": flip.second, "cells": flip.cells} for flip in compared.flips],
        "slices": [vars(each) for each in compared.slices], "uses": {"versions": compared.uses.versions, "luck": compared.uses.luck},
        "noise": compared.noise or None, "retrained": vars(compared.retrained) if compared.retrained else None,
        "classes": list(compared.classes) if compared.classes else None,
        "confusions": list(compared.confusions), "calibrations": list(compared.calibrations),
        "costs": [{"seconds": side.seconds or None, "model_bytes": side.model_bytes or None} for side in (compared.first, compared.second)],
        "latencies": [vars(each) for each in compared.latencies] or None,
    }  # fmt: skip


def _score(each: Judged) -> dict[str, Any]:
    found = {key: (None if isinstance(value, float) and math.isnan(value) else value) for key, value in vars(each).items()}
    return {**found, "rows_to_tell": None if math.isinf(each.rows_to_tell) else math.ceil(each.rows_to_tell)}
