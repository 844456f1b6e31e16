"""Ask every rule, in the order of the list, and keep its changes as edits of the author's original text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ferrata.records.edit import Edit
from ferrata.records.environment import Environment
from ferrata.records.notebook import Notebook
from ferrata.records.observation import Failure
from ferrata.steps.repairs.composing import compose, rebase, whole_change
from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, Rule
from ferrata.steps.repairs.rules import RULES

# No rewrite of a call helps here.
HOPELESS = frozenset(("Timeout", "Killed", "MemoryError", "KeyboardInterrupt"))
# Failures that no wrong value can lead to.
NOT_FROM_VALUES = frozenset(("FileNotFoundError", "ModuleNotFoundError", "ImportError", "NameError", "SyntaxError", "URLError", "EOFError"))
# A change inside a change waits for the next round; deeper nesting is left as it is.
ROUNDS = 3


def repair(
    sources: Mapping[int, str],
    notebook: Notebook,
    environment: Environment,
    failure: Failure | None = None,
    *,
    edits: Iterable[Edit] = (),
    rules: tuple[Rule, ...] = RULES,
) -> list[Edit]:
    """The edits to try next; empty when no rule knows a change.

    `sources` are the current texts by statement index, `edits` those that made them (compose the old and the new together).
    With a failure, rules that need its message speak too; when none of them knows anything, what runs and lies may be the cause, so the silent
    rules are tried. Without one, only those speak that the text alone decides.
    """
    if failure is not None and failure.type in HOPELESS:
        return []
    edits = list(edits)
    chosen = [rule for rule in rules if rule.when == "anywhere" or (rule.when == "failing" and failure is not None)]
    found = _apply(chosen, sources, lambda now: Context(notebook, now, installed(environment), failure), edits)
    if found or failure is None or failure.type in NOT_FROM_VALUES:
        return found
    return silent_repairs(sources, notebook, environment, edits=edits, rules=rules)


def silent_repairs(
    sources: Mapping[int, str],
    notebook: Notebook,
    environment: Environment,
    *,
    edits: Iterable[Edit] = (),
    warnings: Mapping[int, Iterable[str]] | None = None,
    rules: tuple[Rule, ...] = RULES,
) -> list[Edit]:
    """Edits for text that today's libraries run and do something else with than those of its time. `warnings`: what statements warned of in a run."""
    chosen = [rule for rule in rules if rule.when == "silent"]
    return _apply(chosen, sources, lambda now: Context(notebook, now, installed(environment), warnings=warnings), edits)


def installed(environment: Environment) -> dict[str, str]:
    """Versions by name, the interpreter's as "python"."""
    return {**dict(environment.packages), "python": environment.python_version}


def _apply(rules: Iterable[Rule], sources: Mapping[int, str], look: Callable[[Mapping[int, str]], Context], edits: Iterable[Edit]) -> list[Edit]:
    current = dict(sources)
    context = look(current)
    earlier: dict[int, list[Edit]] = {}
    for edit in edits:
        earlier.setdefault(edit.statement, []).append(edit)
    for text in context.texts:
        if text.index not in earlier or compose(text.statement.source, earlier[text.index]) != text.source:
            earlier[text.index] = whole_change(text.statement, text.source)
    new: list[Edit] = []
    for rule in (rule for rule in rules if _speaks(rule, context)):
        for _ in range(ROUNDS):
            made, put_off = _round(rule, context, earlier, current)
            new += made
            context = look(current) if made else context
            if not put_off:
                break
    return new


def _speaks(rule: Rule, context: Context) -> bool:
    installed = not rule.package or context.has(rule.package, rule.since)
    return installed and (rule.message is None or rule.message.search(context.message) is not None)


def _round(rule: Rule, context: Context, earlier: dict[int, list[Edit]], current: dict[int, str]) -> tuple[list[Edit], bool]:
    """One pass of one rule over all statements; `earlier` and `current` are brought up to date. True: changes inside changes wait."""
    made: list[Edit] = []
    waiting = False
    for text in context.texts:
        if rule.when == "failing" and not rule.everywhere and text.index not in context.suspects:
            continue
        changes, put_off = _separate(rule.find(text, context), text.source)
        waiting = waiting or put_off
        for change in reversed(changes):
            edit = rebase(change, text.statement, earlier[text.index], rule=rule.name, silent=rule.when == "silent")
            earlier[text.index].append(edit)
            made.append(edit)
        current[text.index] = compose(text.statement.source, earlier[text.index])
    return made, waiting


def _separate(changes: Iterable[Change], source: str) -> tuple[list[Change], bool]:
    """Changes that do something and do not overlap, in the order of the text, and whether some were put off to the next round.

    Of two that overlap the outer one, then the first, is kept; insertions at one place are joined.
    """
    kept: list[Change] = []
    put_off = False
    for change in sorted(dict.fromkeys(changes), key=lambda one: (one.start, one.end > one.start, -one.end)):
        if source[change.start : change.end] == change.after:
            continue
        previous = kept[-1] if kept else None
        if previous and previous.start == previous.end == change.start == change.end:
            kept[-1] = replace(previous, after=previous.after + change.after)
        elif previous is None or change.start >= previous.end:
            kept.append(change)
        else:
            put_off = True
    return kept, put_off
