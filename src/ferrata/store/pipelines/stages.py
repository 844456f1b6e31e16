"""From a resolved entry of `dvc.yaml` to a `Stage`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ferrata.records.project import ParamsFile, Stage
from ferrata.store.pipelines.params import DEFAULT_PARAMS
from ferrata.store.pipelines.schema import STAGE, BadShape, check_mapping, check_out

_ADDRESS = re.compile(r"[a-z][a-z0-9+]+://")


def stage_of(name: str, entry: Mapping[str, Any]) -> Stage:
    """BadShape names what is wrong or not supported."""
    place = f"the stage {name}"
    check_mapping(entry, STAGE, place)
    results = {section: _flags(entry.get(section) or (), section, place) for section in ("outs", "metrics", "plots")}
    flags = {path: said for group in results.values() for path, said in group.items()}
    keys, files = _params(entry.get("params") or (), place)
    given, passed = _variables(entry.get("meta"), place)
    stage = Stage(
        name,
        **_command(entry["cmd"]),
        deps=tuple(_path(path, place) for path in entry.get("deps") or ()),
        params=keys,
        outs=tuple(path for path, said in results["outs"].items() if said.get("cache", True)),
        kept=tuple(path for path, said in results["outs"].items() if not said.get("cache", True)),
        metrics=tuple(results["metrics"]),
        plots=tuple(results["plots"]),
        description=entry.get("desc", ""),
        params_files=files,
        stored=tuple(path for path in (*results["metrics"], *results["plots"]) if flags[path].get("cache", True)),
        persistent=tuple(path for path, said in flags.items() if said.get("persist")),
        wdir=_folder(entry.get("wdir", "")),
        is_frozen=bool(entry.get("frozen")),
        is_always_changed=bool(entry.get("always_changed")),
        variables=given,
        passed=passed,
        unpushed=tuple(path for path, said in flags.items() if said.get("push") is False),
        remotes=tuple((path, said["remote"]) for path, said in flags.items() if said.get("remote")),
    )
    _check_places(stage)
    return stage


def _command(cmd: str | list[str]) -> dict[str, Any]:
    return {"command": cmd} if isinstance(cmd, str) else {"command": "\n".join(cmd), "commands": tuple(cmd)}


def _folder(wdir: str) -> str:
    folder = posixpath.normpath(wdir)
    return "" if folder == "." else folder


def _path(path: str, place: str) -> str:
    if path.startswith("ds://"):
        raise BadShape(f"{place} depends on the data set {path}, which only DVC reads")
    if _ADDRESS.match(path):
        raise BadShape(f"{place} names {path}; Ferrata reads and writes local files only")
    return path


def _flags(entries: Iterable[Any], section: str, place: str) -> dict[str, dict[str, Any]]:
    """{path: what is said of it}, the sayings of a path named twice taken together."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        named = {entry: {}} if isinstance(entry, str) else entry
        if not isinstance(named, Mapping):
            raise BadShape(f"`{section}` in {place} holds a {type(entry).__name__}; it takes paths and `path: {{…}}`")
        for path, said in named.items():
            check_out(said, section, f"{path} in {place}")
            for each in said if isinstance(said, list) else [said]:
                found.setdefault(_path(path, place), {}).update(each)
    return found


def _params(entries: Iterable[Any], place: str) -> tuple[tuple[str, ...], tuple[ParamsFile, ...]]:
    """Keys of `params.yaml`, and the other files; a file named whole anywhere is taken whole."""
    found: dict[str, list[str]] = {}
    whole = {file for entry in entries if isinstance(entry, Mapping) for file, keys in entry.items() if not keys}
    for entry in entries:
        for file, keys in entry.items() if isinstance(entry, Mapping) else [(DEFAULT_PARAMS, [entry])]:
            if file in whole:
                found[file] = []
            elif not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
                raise BadShape(f"`params` in {place}: {file} takes a list of keys")
            else:
                found.setdefault(file, []).extend(key for key in keys if key not in found.get(file, ()))
    if python := [file for file in found if file.endswith(".py")]:
        raise BadShape(f"{place} reads parameters from {', '.join(python)}; only YAML, JSON and TOML are supported")
    keys = tuple(found.pop(DEFAULT_PARAMS)) if found.get(DEFAULT_PARAMS) else ()
    return keys, tuple(ParamsFile(_path(file, place), tuple(keys)) for file, keys in found.items())


def _variables(meta: Any, place: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`meta: {env: [names], pass_env: [names]}`; whatever else is in `meta` is its author's."""
    lists = [meta.get(key) or [] if isinstance(meta, Mapping) else [] for key in ("env", "pass_env")]
    for key, names in zip(("env", "pass_env"), lists, strict=True):
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise BadShape(f"`meta.{key}` in {place} is no list of names of environment variables")
    return tuple(sorted(lists[0])), tuple(sorted(lists[1]))


def _check_places(stage: Stage) -> None:
    for path in (stage.wdir, *stage.results):
        place = stage.place(path) if path != stage.wdir else path
        if place.startswith(("/", "../")) or place == "..":
            raise BadShape(f"the stage {stage.name} writes or works outside the project: {path}")
    if both := sorted({stage.place(path) for path in stage.deps} & {stage.place(path) for path in stage.results}):
        raise BadShape(f"the stage {stage.name} both reads and writes {', '.join(both)}")
