"""What a project's files name: every output that `.dvc` files and `dvc.lock` files say is in the cache."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.store.ignoring import ignore_for
from ferrata.store.parsed import load_known


@dataclass(frozen=True)
class Named:
    """`path` of the output, absolute; `source` the file that names it, `stage` where that is a lock. `owner` is a repository that DVC imports it from."""

    path: Path
    md5: str
    size: int
    source: Path
    stage: str = ""
    is_executable: bool = False
    is_pushed: bool = True
    owner: str = ""


def read_named(root: Path) -> tuple[Named, ...]:
    """All of them, by path; ProjectError names what only DVC can read."""
    found: list[Named] = []
    for folder, names in _folders(root):
        for name in names:
            found += _of_lock(folder) if name == "dvc.lock" else _of_dvcfile(folder / name)
    return tuple(sorted(found, key=lambda named: named.path))


def stage_outputs(root: Path) -> Iterator[tuple[str, Path, re.Pattern[str]]]:
    """(stage, the folder that its outputs are relative to, a pattern of one output) for every `dvc.yaml`; `${…}` in a path is any text."""
    for folder, _ in _folders(root):
        stages = _load(folder / "dvc.yaml").get("stages") or {} if (folder / "dvc.yaml").is_file() else {}
        for name in stages:
            stage = _stage(stages, name) or {}
            wdir = str(stage.get("wdir", "."))
            for pattern, _ in _flags(stage):
                if pattern.pattern != ".*" and "${" not in wdir:
                    yield name, folder / wdir, pattern


def _folders(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """Folders with their `.dvc` and lock files; data and environments are not entered."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        ignore = ignore_for(root, folder)
        entries = [] if ignore.is_all else list(os.scandir(folder))
        names = sorted(entry.name for entry in entries if entry.is_file() and (entry.name == "dvc.lock" or _is_dvcfile(entry.name)))
        names = [name for name in names if not ignore.leaves_out(name, is_folder=False)]
        if any(entry.name == "pyvenv.cfg" for entry in entries) or (folder != root and any(entry.name == ".dvc" for entry in entries)):
            continue
        yield folder, names
        data = {name.removesuffix(".dvc") for name in names}
        below = (entry for entry in entries if entry.is_dir(follow_symlinks=False) and entry.name not in data)
        waiting += [Path(entry.path) for entry in below if not ignore.leaves_out(entry.name, is_folder=True)]


def _is_dvcfile(name: str) -> bool:
    return name.endswith(".dvc") and name != ".dvc"


def _of_dvcfile(file: Path) -> Iterator[Named]:
    content = _load(file)
    folder = file.parent / content.get("wdir", ".")
    owner = next((str(dep["repo"].get("url")) for dep in content.get("deps") or () if isinstance(dep, dict) and dep.get("repo")), "")
    for out in _rows(content, file):
        if out.get("cache", True):
            yield _named(folder, out, file, owner=owner)


def _of_lock(folder: Path) -> Iterator[Named]:
    file = folder / "dvc.lock"
    stages = _load(folder / "dvc.yaml").get("stages") or {} if (folder / "dvc.yaml").exists() else {}
    for name, entry in (_load(file).get("stages") or {}).items():
        stage = _stage(stages, name)
        if stage is None:
            continue  # a stage that is no more
        place = folder / _wdir(stage, folder, name)
        flags = list(_flags(stage))
        for out in _rows(entry, file):
            own = {key: value for pattern, options in flags if pattern.fullmatch(str(out.get("path"))) for key, value in options.items()}
            if own.get("cache", True):
                yield _named(place, {**out, **{key: own[key] for key in ("push", "remote") if key in own}}, file, stage=name)


def _stage(stages: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The entry of a stage, that of `train@3` being what `foreach` or `matrix` repeats."""
    entry = stages.get(name, stages.get(name.partition("@")[0]))
    if not isinstance(entry, dict):
        return None
    return entry["do"] if isinstance(entry.get("do"), dict) else entry


def _wdir(stage: Mapping[str, Any], folder: Path, name: str) -> str:
    wdir = str(stage.get("wdir", "."))
    if "${" in wdir:
        what = f"The stage {name} has a wdir made of variables, which only DVC can push or pull"
        raise ProjectError(what, where=str(folder / "dvc.yaml"), todo="Write the folder out, or use `dvc push` and `dvc pull`.")
    return wdir


def _flags(stage: Mapping[str, Any]) -> Iterator[tuple[re.Pattern[str], Mapping[str, Any]]]:
    """Patterns of the paths that have options (`cache: false`); what `${…}` will be is any text."""
    for section in ("outs", "metrics", "plots"):
        rows = stage.get(section) or ()
        for row in [rows] if isinstance(rows, dict) else rows:
            for path, options in row.items() if isinstance(row, dict) else ((row, {}),):
                literal = (re.escape(part) for part in re.split(r"\$\{[^}]*\}", str(path)))
                yield re.compile(".*".join(literal), re.DOTALL), options if isinstance(options, dict) else {}


def _rows(content: Mapping[str, Any], file: Path) -> list[dict[str, Any]]:
    rows = content.get("outs") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("path"), str) for row in rows):
        raise ProjectError("The outputs in this file cannot be read", where=str(file), todo="Restore it from Git.")
    return rows


def _named(folder: Path, out: Mapping[str, Any], file: Path, *, stage: str = "", owner: str = "") -> Named:
    if beyond := [key for key in ("etag", "version_id", "files", "remote", "checksum") if key in out]:
        raise _only_dvc(f"{out['path']} has `{beyond[0]}`", file)
    if "md5" in out and out.get("hash") != "md5":
        raise _only_dvc(f"{out['path']} was tracked by DVC 2, whose digests are others", file)
    if re.match(r"\w+://", out["path"]):
        raise _only_dvc(f"{out['path']} is outside of the project", file)
    path = Path(os.path.normpath(folder / out["path"]))
    md5 = str(out.get("md5", ""))
    if md5 and not re.fullmatch(r"[0-9a-f]{32}(\.dir)?", md5):
        raise ProjectError(f"The digest of {out['path']} is none", where=str(file), todo="Restore the file from Git.")
    return Named(path, md5, int(out.get("size") or 0), file, stage, bool(out.get("isexec")), bool(out.get("push", True)), owner)


def _only_dvc(what: str, file: Path) -> ProjectError:
    return ProjectError(f"{what}, which only DVC can push or pull", where=str(file), todo="Use `dvc push` and `dvc pull`, or track it anew.")


def _load(file: Path) -> dict[str, Any]:
    try:
        content = load_known(file, file.read_text(encoding="utf-8"))
    except ValueError as error:
        todo = "Resolve the conflict, or restore the file from Git."
        raise ProjectError(f"{file.name} is not valid YAML", where=str(file), todo=todo) from error
    if content is not None and not isinstance(content, dict):
        raise ProjectError(f"{file.name} is none of DVC's files", where=str(file), todo="Restore it from Git.")
    return content or {}
