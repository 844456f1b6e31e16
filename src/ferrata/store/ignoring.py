"""`.dvcignore`: which files of a tracked folder do not belong to it, by the rules of DVC.

A line is a pattern of `.gitignore`; the last one that matches decides, and what lies in an ignored folder stays ignored. A file of a folder below
the project's root counts from there. Source: https://dvc.org/doc/user-guide/project-structure/dvcignore-files and what DVC 3.67 does.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ferrata.errors import ProjectError

FILE = ".dvcignore"
_ALWAYS = (".hg/", ".git/", ".git", ".dvc/")
_ALWAYS_FOLDERS = frozenset({".hg", ".git", ".dvc"})


@dataclass(frozen=True)
class Rule:
    """`pattern` matches a path from the project's root, a folder's also with a `/` behind."""

    pattern: re.Pattern[str]
    is_ignoring: bool
    is_for_folders: bool


@dataclass(frozen=True)
class Ignore:
    """The rules that hold in `folder` (from the root, "" for the root itself) and below it."""

    rules: tuple[Rule, ...]
    folder: str = ""
    is_all: bool = False  # the folder itself is ignored

    def leaves_out(self, name: str, *, is_folder: bool) -> bool:
        """Whether `name`, a path from `folder` whose own folders are not left out, is left out."""
        if not self.rules:
            last = name.rpartition("/")[2]
            return last in _ALWAYS_FOLDERS if is_folder else last == ".git"
        return self.is_all or _is_ignored(self.rules, f"{self.folder}/{name}" if self.folder else name, is_folder)


def ignore_for(root: Path | None, folder: Path) -> Ignore:
    """The rules for a folder; those of no project are DVC's own. ProjectError for a pattern that is none."""
    if root is None or not folder.is_relative_to(root):
        return Ignore(())
    parts = folder.relative_to(root).parts
    # DVC reads the files above the folder; one in a tracked folder is an error of its own, see `hashing`.
    own = [rule for depth in range(len(parts) + 1) if depth < max(len(parts), 1) for rule in _rules(root, parts[:depth])]
    if not own:
        return Ignore(())
    rules = (*(rule for line in _ALWAYS if (rule := compiled(line))), *own)
    paths = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
    return Ignore(rules, "/".join(parts), any(_is_ignored(rules, path, True) for path in paths))


def is_ignored(root: Path, path: Path) -> bool:
    """Whether the project's rules leave out a path in it."""
    rules, relative = ignore_for(root, path.parent), path.name
    return rules.is_all or rules.leaves_out(relative, is_folder=path.is_dir())


def _is_ignored(rules: tuple[Rule, ...], path: str, is_folder: bool) -> bool:
    forms = (path, f"{path}/") if is_folder else (path,)
    for rule in reversed(rules):
        if (is_folder or not rule.is_for_folders) and any(rule.pattern.match(form) for form in forms):
            return rule.is_ignoring
    return False


def _rules(root: Path, parts: tuple[str, ...]) -> list[Rule]:
    file = root.joinpath(*parts, FILE)
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").split("\n")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    rules = []
    for number, line in enumerate(lines, start=1):
        if line and not line.startswith("#"):
            try:
                rule = compiled(rebased(line, "/".join(parts)) if parts else line)
            except (ValueError, re.error) as error:
                where = f"{os.path.relpath(file, root)}, line {number}"
                raise ProjectError(f"{line!r} is no pattern", where=where, todo="Correct or remove the line.") from error
            rules += [rule] if rule else []
    return rules


def rebased(line: str, folder: str) -> str:
    """A pattern of a file in `folder`, as one of the root's file."""
    sign, line = ("!", line[1:]) if line.startswith("!") else ("", line)
    if "/" in line[:-1] and not line.startswith("**/"):
        depth, line = "", line.removeprefix("/")
    else:
        depth, line = "/**", line.removeprefix("**/")
    return f"{sign}/{folder}{depth}/{line.removeprefix(chr(92))}".removeprefix("/")


def compiled(line: str) -> Rule | None:
    """The rule of one line; None for a line that has none, ValueError for one that cannot be read."""
    line = line if line.endswith("\\ ") else line.rstrip()
    is_ignoring, pattern = not line.startswith("!"), line.removeprefix("!")
    if not line or line.startswith("#") or line == "/":
        return None
    expression = _expression(pattern)
    return Rule(re.compile(expression), is_ignoring, line.endswith("/")) if expression else None


def _expression(pattern: str) -> str | None:
    is_folder = pattern.endswith("/")
    parts = _normal(pattern.split("/"))
    if parts == ["**"]:
        return "/" if is_folder else "."
    if parts in (["**", "*"], ["**", "*", "**"]):
        return "." if len(parts) == 2 else "/"
    found = ""
    for place in range(len(parts)):
        piece = _piece(parts, place)
        if piece is None:
            return None
        found += piece
    return found


def _normal(parts: list[str]) -> list[str]:
    """`**/` in front of what matches at any depth, `**` behind a folder's name, and never twice."""
    if not parts[0]:
        parts = parts[1:]
    elif len(parts) == 1 or (len(parts) == 2 and not parts[1]):
        parts = parts if parts[0] == "**" else ["**", *parts]
    if not parts:
        raise ValueError("a pattern of nothing")
    parts = [*parts[:-1], parts[-1] or "**"]
    return [part for place, part in enumerate(parts) if not (part == "**" and place and parts[place - 1] == "**")]


def _piece(parts: list[str], place: int) -> str | None:
    part, is_last = parts[place], place == len(parts) - 1
    if part == "**":
        return "^(?:.+/)?" if place == 0 else "/" if is_last else "(?:/.+)?"
    glob = "[^/]+" if part == "*" else _glob(part)
    before = "^" if place == 0 else "" if place == 1 and parts[0] == "**" else "/"
    return None if glob is None else f"{before}{glob}{'(?:/|$)' if is_last else ''}"


def _glob(text: str) -> str | None:
    """A part of a path as a regular expression; None where a `[` is never closed, which Git takes for no pattern."""
    found, place = "", 0
    while place < len(text):
        character, place = text[place], place + 1
        if character == "\\":
            if place == len(text):
                raise ValueError("nothing after the backslash")
            found, place = found + re.escape(text[place]), place + 1
        elif character == "[":
            end = text.find("]", place + 1 + (text[place : place + 1] in ("!", "^")))
            if end < 0:
                return None
            inner = text[place:end].replace("\\", "\\\\")
            found += f"[^{inner[1:]}]" if inner[:1] in ("!", "^") else f"[{inner}]"
            place = end + 1
        else:
            found += {"*": "[^/]*", "?": "[^/]"}.get(character) or re.escape(character)
    return found
