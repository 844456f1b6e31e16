"""Columns made of the rows before a row (`shift`, `diff`, `rolling`): a question is a row with those before it, and the author's statements see them in order.

The rows of all questions stand one below the other while the statements that look back run; behind the last of these only the rows that are asked about are
left. `sales(t-1)` is what stood in the row before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ferrata.dataflow.definitions import definition_names
from ferrata.records.derivation import Derivation, Fact, Lags, Unit
from ferrata.source.names import statement_names
from ferrata.steps.deriving.rewriting import Stuck, literal
from ferrata.steps.deriving.slices import Slice

LONGEST = 1000  # rows before the one that is asked about

HELPERS = '''def questions_of(table):
    """Each row of a data file with the BEFORE rows before it in its group, where there are so many; the index says which row it is.

    `name(t-1)` is what stands under `name` in the row before.
    """
    names = list(dict.fromkeys(name.split("(t-")[0] for name in INPUTS or COLUMNS))
    order = pd.Series(in_turn(table))
    groups = [table[name].to_numpy()[order] for name in GROUPS]
    numbers = order.groupby(groups, dropna=False) if GROUPS else order
    places = [numbers.shift(place) for place in range(BEFORE + 1)]
    known = places[BEFORE].notna().to_numpy()
    if not known.any():
        raise ValueError(f"none of the {len(table)} rows has the {BEFORE} rows before it that an answer needs")
    rows = {name if not place else f"{name}(t-{place})": table[name].array.take(places[place][known].astype(int))
            for name in names for place in range(BEFORE, -1, -1)}
    return pd.DataFrame({name: rows[name] for name in INPUTS or COLUMNS}, index=order[known].to_numpy())


def in_turn(table):
    """The numbers of the rows of a data file in the order in which they follow one another."""
    if ORDER is None:
        return np.arange(len(table))
    name, is_date, is_ascending = ORDER
    values = pd.to_datetime(table[name]) if is_date else table[name]
    return values.reset_index(drop=True).sort_values(ascending=is_ascending, kind="stable").index.to_numpy()


def in_order(questions):
    """The rows of all questions, one below the other: BEFORE rows and the one that is asked about. What nothing depends on repeats what is there."""
    rows = {}
    for name in dict.fromkeys(name.split("(t-")[0] for name in COLUMNS):
        wanted = [f"{name}(t-{place})" for place in range(BEFORE, 0, -1)] + [name]
        given = [each for each in wanted if each in questions.columns]
        if given:
            rows[name] = pd.concat([questions[each if each in given else given[-1]] for each in wanted], ignore_index=True)
    turn = np.arange((BEFORE + 1) * len(questions)).reshape(BEFORE + 1, -1).T.reshape(-1)
    return pd.DataFrame(rows).iloc[turn].reset_index(drop=True)


def asked(rows):
    """Of the rows of each question the last: the one that is asked about."""
    if len(rows) % (BEFORE + 1):
        raise ValueError(f"{len(rows)} rows are no questions of {BEFORE + 1}")
    return rows.iloc[BEFORE :: BEFORE + 1] if hasattr(rows, "iloc") else rows[BEFORE :: BEFORE + 1]
'''
APART = '''

def apart(rows, compute):
    """What is computed of the rows of each question by themselves: no answer may depend on what else is asked."""
    parts = [compute(rows.iloc[first : first + BEFORE + 1]) for first in range(0, len(rows), BEFORE + 1)]
    return pd.concat(parts)
'''

SIDE_BY_SIDE = '''

def side_by_side(values, compute):
    """The same of a column, for all questions at once: each becomes a column of a table."""
    if not isinstance(values.dtype, np.dtype) or values.dtype.kind not in "iuf":
        return apart(values, compute)
    found = compute(pd.DataFrame(values.to_numpy().reshape(-1, BEFORE + 1).T))
    return pd.Series(found.to_numpy().T.reshape(-1), index=values.index)
'''


def helpers(body: str) -> str:
    """The functions of predict.py that lay rows one below the other, those that its body calls."""
    return HELPERS + (APART if "apart(" in body or "side_by_side(" in body else "") + (SIDE_BY_SIDE if "side_by_side(" in body else "")


def constants(lags: Lags, order: str) -> str:
    """The lines of predict.py that say how many rows belong to a question, and in which `order` they follow one another."""
    return (
        f"# Rows of the data file before the one that is asked about.\nBEFORE = {lags.before}\n"
        "# The column that says in which order rows follow one another, whether it holds dates, whether the earliest is first; None: that of the file.\n"
        f"ORDER = {order}\n# The rows before a row are those with the same values in these columns.\nGROUPS = {literal(lags.keys)}"
    )


def places(columns: Sequence[str], before: int) -> tuple[str, ...]:
    """For each column of the data file what is asked for, the earliest row first."""
    return tuple(name for each in columns for name in (*(f"{each}(t-{place})" for place in range(before, 0, -1)), each))


def with_groups(derivation: Derivation, keys: Sequence[str]) -> Derivation:
    """With the columns that tell which rows follow one another, as trying has shown them."""
    return replace(derivation, lags=replace(derivation.lags, keys=tuple(keys))) if derivation.lags else derivation


@dataclass(frozen=True)
class Moves:
    """What the units of a slice look back on: the numbers of units that do, and the facts about it."""

    units: tuple[int, ...]
    facts: tuple[Fact, ...]


def moves_of(found: Slice) -> Moves:
    """Where the taken statements, and the functions that they call, look at the rows before a row."""
    helping = _helpers(found)
    units, facts = [], []
    for number, unit in enumerate(found.units):
        own = [*_facts(found, unit.statement), *(fact for name in unit.reads if name in helping for fact in helping[name])]
        if own:
            units.append(number)
            facts += own
    return Moves(tuple(units), tuple({fact.number: fact for fact in facts}.values()))


def _facts(found: Slice, statement: int) -> list[Fact]:
    return [fact for fact in found.facts.by_statement.get(statement, ()) if fact.details.get("back")]


def _helpers(found: Slice) -> dict[str, list[Fact]]:
    """For each of the author's functions the steps that look back in it and in those that it calls."""
    inside: dict[str, list[Fact]] = {}
    calls: dict[str, frozenset[str]] = {}
    for index, source in found.code.sources.items():
        for name in definition_names(source):
            names = statement_names(source)
            inside[name], calls[name] = _facts(found, index), names.reads | names.deferred_reads
    for _ in inside:
        for name, called in calls.items():
            inside[name] = list({id(fact): fact for each in (name, *called) for fact in inside.get(each, ())}.values())
    return {name: facts for name, facts in inside.items() if facts}


def lags_of(found: Slice, moves: Moves, *, least: bool) -> Lags:
    """How far back the steps look, all together. `least`: as it seems from the gaps that they leave at the beginning; else as far as it can be at all.
    Stuck where no rows before a row could be asked for."""
    _, keys, order = _order(found, moves)
    most = sum(fact.details["back"] for fact in moves.facts)
    by_statement: dict[int, int] = {}
    for fact in moves.facts:
        by_statement[fact.statement] = by_statement.get(fact.statement, 0) + fact.details["back"]
    leading = max((int(fact.details.get("leading", 0)) for fact in _leading(found, moves)), default=0)
    before = min(most, max(*by_statement.values(), 0 if keys else leading)) if least else most
    if before > LONGEST:
        raise Stuck(f"the rows are made of {before} rows before them: at most {LONGEST} are asked for")
    return Lags(before, tuple(keys), order)


def _leading(found: Slice, moves: Moves) -> list[Fact]:
    statements = {fact.statement for fact in moves.facts}
    return [fact for index in statements for fact in found.facts.by_statement.get(index, ()) if "leading" in fact.details]


def _order(found: Slice, moves: Moves) -> tuple[int, list[str], int]:
    """The number of the order that all these steps saw; how many rows it has, and the columns that they were grouped by."""
    orders = found.facts.answer.get("orders") or []
    numbers = {fact.number for fact in moves.facts} | {fact.number for index in {f.statement for f in moves.facts} for fact in _grouping(found, index)}
    seen: list[dict[str, Any]] = [dict(each, order=number) for number, each in enumerate(orders) if numbers & set(each["places"])]
    if not seen:
        raise Stuck("the rows before a row could not be told")
    longest = max(seen, key=lambda each: each["rows"])
    if longest["keys"] is None or any(each["keys"] != longest["keys"] for each in seen):
        raise Stuck("rows are moved among all rows and within groups, or within groups that no column names")
    if any(longest["order"] not in each["within"] for each in seen):
        raise Stuck("rows are left out or put in another order between two steps that look back")
    return longest["rows"], longest["keys"], longest["order"]


def _grouping(found: Slice, statement: int) -> list[Fact]:
    return [fact for fact in found.facts.by_statement.get(statement, ()) if fact.call in ("transform", "apply")]


def asked_units(found: Slice, units: Sequence[Unit], last: int, answer: str) -> list[Unit]:
    """What leaves only the rows that are asked about, behind the last unit that looks back."""
    statement = units[last].statement
    live = set(found.facts.live.get(statement, ()))
    made = {name for unit in units[: last + 1] for name in unit.binds} & live
    later = set(statement_names(answer).reads)
    for unit in reversed(units[last + 1 :]):
        later = (later - unit.binds) | unit.reads
    text = {name: f"{name} = asked({name})" for name in sorted(made & later)}
    return [Unit(statement, line, frozenset({name}), frozenset({name})) for name, line in text.items()]
