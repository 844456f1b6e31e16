"""After a run stopped at a file it did not find: the edit or the file that lets it go on."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from ferrata.records.located import Input, Located, Missing
from ferrata.source.paths import PathUse
from ferrata.steps.locate.resolve import MOVED, Resolver, all_uses, plain
from ferrata.steps.locate.search import Found


def mend(resolver: Resolver, filename: str, index: int) -> None:
    """Find the file that statement `index` did not find, and the literal that leads there."""
    wanted = plain(filename)
    suspects = _suspects(resolver, wanted, index)
    if any(use.access == "write" and use.owner == index for use in suspects):
        resolver.folders.add(os.path.dirname(wanted) or ".")
        return
    found = _find(resolver, wanted)
    if found.best is None:
        site = resolver.notebook.statements[index]
        resolver.missing.append(Missing(index, site.cell, site.line, filename, resolver.around.looked_in))
        return
    for use in suspects:
        if use.access != "write" and _lead(resolver, use, wanted, found.best):
            resolver.ask(use, filename, found)
            resolver.add_input(use, found.best)
            return
    _put_there(resolver, filename, index, found.best)


def _find(resolver: Resolver, wanted: str) -> Found:
    found = resolver.around.find(wanted) if not wanted.endswith("/") else Found(None)
    return found if found.best is not None else resolver.around.find(wanted, is_folder=True)


def _suspects(resolver: Resolver, wanted: str, index: int) -> list[PathUse]:
    """Uses that can have produced the path: the whole of it, its beginning, its end; those of the statement first, then the latest."""
    uses = [use for use in all_uses(resolver.notebook) if use.owner <= index and use.style != "url"]
    fitting = [use for use in uses if _pattern(plain(use.value)).search(wanted)]
    return sorted(fitting, key=lambda use: (_part(plain(use.value), wanted), use.owner != index, -use.owner))


def _part(value: str, wanted: str) -> int:
    """0: the value is the path, 1: its beginning, 2: its end or middle."""
    return 0 if _pattern(value).fullmatch(wanted) else 1 if wanted.startswith(value.split("\0", 1)[0] or "\0") else 2


def _pattern(value: str) -> re.Pattern[str]:
    body = ".*".join(re.escape(part) for part in value.rstrip("/").split("\0"))
    return re.compile(body if value.startswith("/") else rf"(^|/){body}")


def _lead(resolver: Resolver, use: PathUse, wanted: str, path: Path) -> bool:
    """Rewrite the literal. Where the use knows only the beginning of the path, the found file must end as the wanted one does."""
    value, target = plain(use.value), resolver.code_path(path)
    if "\0" not in value and wanted.endswith(value):
        return resolver.rewriter.lead(use, target, "data-path", MOVED)
    known = value.split("\0", 1)[0]
    tail = wanted[wanted.find(known) + len(known) :].lstrip("/")
    if not tail or not f"/{target}".endswith(f"/{tail}"):
        return False
    rest = value[len(known) :]
    slash = "/" if known.endswith("/") else ""
    folder = target[: len(target) - len(tail)].rstrip("/") or "."
    return resolver.rewriter.lead(use, f"{folder}{slash}{rest}", "data-path", MOVED)


def _put_there(resolver: Resolver, filename: str, index: int, path: Path) -> None:
    """No literal leads there: a relative path can be served by putting the file where the code looks for it."""
    site, wanted = resolver.notebook.statements[index], plain(filename)
    if os.path.isabs(wanted) or wanted.startswith(("..", "~")) or re.match(r"[A-Za-z]:", wanted):
        resolver.missing.append(Missing(index, site.cell, site.line, filename, (path.parent,)))
        return
    resolver.inputs[wanted] = Input(wanted, path, (index,), path.is_dir())


def continued(located: Located, resolver: Resolver) -> Located:
    """What was located before, with what a resolver found since; edits of the same characters give way to the newer ones."""
    new = resolver.located()
    paths = {one.path for one in new.inputs}
    return replace(
        located, inputs=(*(one for one in located.inputs if one.path not in paths), *new.inputs), edits=new.edits,
        questions=(*located.questions, *new.questions), missing=new.missing, notes=(*located.notes, *new.notes),
        folders=tuple(sorted({*located.folders, *new.folders})),
    )
