"""Code: statements that say something else. Formatting, comments, docstrings and renamed functions are no difference.

A trial has the statement of the other side in its place, or the whole file where a file is not Python or is on one side only.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.source.differences import Hunk, differences, renamed, with_hunks, with_names
from ferrata.steps.explaining.factors.from_git import to_have
from ferrata.steps.explaining.files import files_of, text_of
from ferrata.steps.explaining.setup import CannotSwap, Setup

WORDS = ("code",)
_LONGEST = 90


def find(here: Side, there: Side) -> Iterator[Difference]:
    if here.tree is None or there.tree is None:
        return
    ours, theirs = files_of(here.tree).code, files_of(there.tree).code
    names = _renamed(here.tree, ours, there.tree, theirs)
    for path in sorted(ours | theirs):
        is_uncommitted = path in here.uncommitted | there.uncommitted
        if path in ours and path in theirs:
            yield from _in_file(here.tree, there.tree, path, names, is_uncommitted)
        else:
            words = ("is there", "is not there")
            yield Difference("code", path, *(words if path in ours else words[::-1]), payload=(path, None), place=path, is_uncommitted=is_uncommitted)


def _renamed(here: Path, ours: frozenset[str], there: Path, theirs: frozenset[str]) -> dict[str, str]:
    changed = [path for path in ours & theirs if text_of(here / path) != text_of(there / path)]
    left, right = ([*changed, *(ours - theirs)], [*changed, *(theirs - ours)])
    return renamed([text_of(here / path) for path in left if path.endswith(".py")], [text_of(there / path) for path in right if path.endswith(".py")])


def _in_file(here: Path, there: Path, path: str, names: dict[str, str], is_uncommitted: bool) -> Iterator[Difference]:
    ours, theirs = text_of(here / path), text_of(there / path)
    if ours == theirs:
        return
    try:
        hunks = differences(ours, with_names(theirs, names)) if path.endswith(".py") else None
    except (SyntaxError, ValueError):
        hunks = None
    if hunks is None:
        yield Difference("code", path, "", "another text", payload=(path, None), place=path, is_uncommitted=is_uncommitted)
        return
    for number, hunk in enumerate(hunks):
        name = f"{path}, line {hunk.line}" + (f" ({number + 1})" if any(each.line == hunk.line for each in hunks[:number]) else "")
        yield Difference("code", name, _short(hunk.here), _short(hunk.there), payload=(path, hunk), place=path, line=hunk.line, is_uncommitted=is_uncommitted)


def _short(text: str) -> str:
    lines = text.splitlines()
    first = " ".join(lines[0].split()) if lines else ""
    return first[: _LONGEST - 1] + "…" if len(first) > _LONGEST else f"{first} …" if len(lines) > 1 else first


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    hunks: dict[str, list[Hunk]] = defaultdict(list)
    for each in chosen:
        path, hunk = each.payload
        if hunk is None:
            _swap_file(setup, path)
        else:
            hunks[path].append(hunk)
    for path, some in hunks.items():
        _swap_statements(setup.folder / path, some)


def _swap_file(setup: Setup, path: str) -> None:
    assert setup.there.tree is not None
    source, target = setup.there.tree / path, setup.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.exists():
        shutil.copy2(source, target)
    else:
        target.unlink(missing_ok=True)


def _swap_statements(path: Path, hunks: Sequence[Hunk]) -> None:
    try:
        text = with_hunks(text_of(path), hunks)
        compile(text, str(path), "exec", dont_inherit=True)
    except (ValueError, SyntaxError) as error:
        raise CannotSwap("these statements do not stand alone") from error
    path.write_text(text, encoding="utf-8")


def todo(difference: Difference, there: Side) -> str:
    return to_have(difference, there)
