"""The author's own functions: what they read besides their arguments, and which of them stand inside of the prediction function.

One that reads nothing but its arguments, imports and other such functions stands at the top of the module, as in the notebook. One that reads rows of the
table, or something that training made, stands inside: there it finds the rows that are asked about, and what was recorded.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable

from ferrata.dataflow.definitions import definition_names, is_definition, is_import
from ferrata.source.names import statement_names
from ferrata.steps.deriving.follow import ANSWER, order_of
from ferrata.steps.deriving.recorded import recorded, renamed
from ferrata.steps.deriving.rewriting import Stuck
from ferrata.steps.deriving.slices import OURS, Slice, rewritten

# Names of predict.py's own: the author's function of such a name stands inside of `answers`.
_TAKEN = frozenset(
    "load load_file read predict answers label decoded softmax sigmoid windows_of questions_of in_turn in_order asked apart side_by_side "
    "complete State Rejected ROOT CLASSES LABELS INPUTS COLUMNS EXAMPLE LENGTH STEP BEFORE ORDER".split()
)
_BUILTINS = frozenset(dir(builtins))


def read_through(found: Slice, names: Iterable[str]) -> set[str]:
    """The names that functions of these names read, and those that they call in turn."""
    seen, todo = set[str](), set(names)
    while todo:
        inner = {read for i in _defining(found, todo) for read in _reads(found.readings.without_labels(i, found.code.sources[i]))}
        todo = inner - seen
        seen |= inner
    return seen


def definitions_of(found: Slice, answer: str) -> tuple[list[int], dict[int, str], list[str]]:
    """The author's definitions that the units use, those that stand inside with their new text, and the imports."""
    sources, order = found.code.sources, order_of(found.plan)
    made = {name for unit in found.units for name in unit.binds}
    names = {name for unit in found.units for name in unit.reads} | set(statement_names(answer).reads)
    chosen = _defining(found, (names | read_through(found, names)) - made)
    known = made | {name for i in chosen for name in definition_names(sources[i])} | {n for i in order if is_import(sources[i]) for n in found.traces[i].binds}
    texts = {index: _text(found, index, known) for index in sorted(chosen)}
    nested = {
        index for index, text in texts.items()
        if text != sources[index].rstrip() or _reads(text) & made or set(definition_names(sources[index])) & _TAKEN
    }
    while more := {i for i in texts if i not in nested and _reads(sources[i]) & {name for j in nested for name in definition_names(sources[j])}}:
        nested |= more
    return [i for i in order if i in chosen and i not in nested], {i: texts[i] for i in sorted(nested)}, [sources[i] for i in order if is_import(sources[i])]


def _defining(found: Slice, names: Collection[str]) -> set[int]:
    sources = found.code.sources
    return {i for i in order_of(found.plan) if not is_import(sources[i]) and set(definition_names(sources[i])) & set(names) and _is_lasting(found, i)}


def _is_lasting(found: Slice, index: int) -> bool:
    """Whether its names stay what they are: a dictionary that a loop fills later is no constant."""
    source = found.code.sources[index]
    others = [found.traces[i] for i in order_of(found.plan) if i != index]
    return is_definition(source) or not set(definition_names(source)) & {name for trace in others for name in (*trace.binds, *trace.mutates)}


def _text(found: Slice, index: int, known: Collection[str]) -> str:
    """The definition for one row, with what training made read from where it was recorded."""
    text = rewritten(found, index, found.code.sources[index].rstrip())
    for name in sorted(_reads(text) - set(known) - OURS - _BUILTINS):
        try:
            text = renamed(text, name, f"state.{recorded(found, name, _caller(found, index)).name}")
        except Stuck:
            continue  # it need not be read: whether it is shows when the function is tried
    return text


def _caller(found: Slice, index: int) -> int:
    """The statement that calls the function: what it reads is what stood there then."""
    names = set(definition_names(found.code.sources[index]))
    return next((unit.statement for unit in found.units if names & (unit.reads | read_through(found, unit.reads))), ANSWER)


def _reads(source: str) -> set[str]:
    names = statement_names(source)
    return set(names.reads | names.deferred_reads)
