"""`ferrata`, `ferrata status` and `ferrata run` while nothing has changed since they last found nothing to do: see `store.instant`."""

from __future__ import annotations

import os
import sys

from ferrata.store import instant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ferrata.records.page import Page

WORDS = {(): "status", ("status",): "status", ("run",): "run"}


def answered(arguments: Sequence[str]) -> bool:
    """Whether the answer was known, and has been given."""
    try:
        text = _known(arguments)
    except OSError:  # the slow way says what is wrong
        return False
    if text is None:
        return False
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except UnicodeEncodeError:  # a terminal that knows few characters: the slow way replaces them
        return False
    except BrokenPipeError:  # the reader (`| head`) had enough; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


def _known(arguments: Sequence[str]) -> str | None:
    word = WORDS.get(tuple(arguments))
    project = instant.find_project(os.getcwd()) if word else ""
    answer = instant.kept_answer(project, word, _version()) if word and project else None
    if answer is None or not _is_as_git_said(answer, project) or not _nothing_is_left(answer):
        return None
    return instant.shown(answer, sys.stdout.isatty())


def looked_at(arguments: Sequence[str]) -> tuple[str, str]:
    """(project, digest of its files now), for `keep`."""
    project = instant.find_project(os.getcwd()) if tuple(arguments) in WORDS else ""
    try:
        return (project, instant.tree(project)[0]) if project and os.path.isdir(f"{project}/.dvc") else ("", "")
    except OSError:
        return "", ""


def keep(arguments: Sequence[str], looked: tuple[str, str], page: Page) -> None:
    """Keep an answer that says that nothing is to be done, if all that it depends on is known."""
    project, seen = looked
    if not seen or not _is_nothing_to_do(page):
        return
    from ferrata.pages.lines import page_lines, painted, plain

    word = WORDS[tuple(arguments)]
    lines, outside = page_lines(page, 120), _outside(project)
    if lines is None or outside is None:
        return
    plain_lines = [plain(line) for line in lines]
    answer = {
        "plain": "".join(f"{line}\n" for line in plain_lines), "painted": "".join(painted(line) + "\n" for line in lines),
        "width": max(len(line) for line in plain_lines), **(_git(project) if word == "status" else {}),
    }  # fmt: skip
    instant.keep_answer(project, word, _version(), seen, outside, answer)


def _is_nothing_to_do(page: Page) -> bool:
    data = page.data
    if page.status or data.get("leftovers"):
        return False
    if "outcome" in data:
        return data["outcome"] == "up-to-date" and not data["notes"] and not page.blocks
    return bool(data.get("stages")) and all(stage["up_to_date"] and not stage["to_restore"] and not stage["frozen"] for stage in data["stages"])


def _outside(project: str) -> list[str] | None:
    """What is not in the tree and matters: settings, and the folders of the cache. None where a stage reads or writes out of the project."""
    from pathlib import Path

    from ferrata.store.config import config_files, read_config
    from ferrata.store.pipelines.lock import read_lock
    from ferrata.store.pipelines.pipeline import read_pipeline
    from ferrata.store.pipelines.sources import find_sources

    root = Path(project)
    stages = read_pipeline(root)
    paths = [stage.place(path) for stage in stages for path in (*stage.deps, *stage.results, *(file.path for file in stage.sources))]
    if any(path.startswith(("/", "..")) for path in paths) or any(stage.is_always_changed or stage.is_callback for stage in stages):
        return None
    rows = [row for entry in read_lock(root).values() for row in entry.get("outs") or ()]
    md5s = [str(row.get("md5") or "") for row in (*rows, *(source.row for source in find_sources(root, stages)))]
    if any(md5.endswith(".dir") for md5 in md5s):
        folders = [f"{number:02x}" for number in range(256)]
    else:
        folders = sorted({md5[:2] for md5 in md5s if md5})
    objects = read_config(root).cache.folder / "files" / "md5"
    return [*map(str, config_files(root)[:2]), *(str(objects / folder) for folder in folders)]


def _git(project: str) -> dict[str, Any]:
    from pathlib import Path

    from ferrata.errors import ProgramMissing
    from ferrata.programs import git
    from ferrata.world.disk import cache_folder
    from ferrata.world.process import clean_environment
    from ferrata.world.staging import STAGED

    left = {"workspaces": str(cache_folder() / "adopt"), "staged": [os.path.dirname(project), STAGED]}
    try:
        command = git.status(Path(project))
    except ProgramMissing:
        return {**left, "git": None}
    environment = {**clean_environment(), **command.environment}
    output = instant.output_of(list(command.arguments), project, environment)
    said = output.decode("utf-8", "surrogateescape") if output is not None else None
    return {**left, "git": [list(command.arguments), environment, said]}


def _is_as_git_said(answer: Mapping[str, Any], project: str) -> bool:
    if not answer.get("git"):
        return "git" not in answer
    arguments, environment, said = answer["git"]
    output = instant.output_of(arguments, project, environment)
    return output is not None and output.decode("utf-8", "surrogateescape") == said


def _nothing_is_left(answer: Mapping[str, Any]) -> bool:
    """No unfinished command has left a folder since."""
    if "workspaces" not in answer:
        return True
    with os.scandir(answer["workspaces"]) as entries:
        if any(entry.is_dir() and not entry.name.startswith(".") for entry in entries):
            return False
    parent, mark = answer["staged"]
    return not any(name.startswith(".") and mark in name for name in os.listdir(parent))


def _version() -> str:
    """Of this very installation."""
    return f"{sys.executable} {instant.tree(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))[0]}"
