"""Which statements cannot stand when others are taken out, as far as the text tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ferrata.source.names import Names, statement_names


def dependents(sources: Mapping[int, str], removed: Collection[int]) -> frozenset[int]:
    """Statements that read what the removed ones would have bound or changed, and those that read what these bind, and so on.

    A name is itself again once a statement that stands binds it. A function stands in for all that its body reads.
    """
    lost: set[str] = set()
    found: set[int] = set()
    for index, source in sources.items():
        names = _names(source)
        if index in removed:
            lost |= names.binds | names.mutates
        elif (names.reads | names.deferred_reads) & lost:
            found.add(index)
            lost |= names.binds | names.mutates
        else:
            lost -= names.binds
    return frozenset(found)


def _names(source: str) -> Names:
    try:
        return statement_names(source)
    except SyntaxError:
        return Names()
