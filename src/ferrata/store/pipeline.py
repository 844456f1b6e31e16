"""`dvc.yaml` and `params.yaml`: written for people, read as DVC reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.store.yaml12 import dump_for_people, load

_UNCACHED = {"cache": False}
_KNOWN = frozenset({"desc", "cmd", "deps", "params", "outs", "metrics", "plots"})


def pipeline_text(stages: Iterable[Stage], *, comment: str = "") -> str:
    """The text of `dvc.yaml`; `comment` may have several lines."""
    return _commented(comment) + dump_for_people({"stages": {stage.name: _stage_entry(stage) for stage in stages}})


def params_text(values: Mapping[str, Any], *, comment: str = "") -> str:
    return _commented(comment) + (dump_for_people(dict(values)) if values else "{}\n")


def write_pipeline(folder: Path, stages: Iterable[Stage], *, comment: str = "") -> Path:
    path = folder / "dvc.yaml"
    path.write_text(pipeline_text(stages, comment=comment), encoding="utf-8")
    return path


def write_params(folder: Path, values: Mapping[str, Any], *, comment: str = "") -> Path:
    path = folder / "params.yaml"
    path.write_text(params_text(values, comment=comment), encoding="utf-8")
    return path


def read_pipeline(folder: Path) -> tuple[Stage, ...]:
    """The stages of `dvc.yaml`; ProjectError for what this reader does not know (`foreach`, `matrix`, several commands, other parameter files)."""
    entries = (_load(folder / "dvc.yaml") or {}).get("stages") or {}
    return tuple(_stage(name, entry, folder) for name, entry in entries.items())


def read_params(folder: Path) -> dict[str, Any]:
    path = folder / "params.yaml"
    return dict(_load(path) or {}) if path.exists() else {}


def select_params(values: Mapping[str, Any], keys: Iterable[str], *, where: str = "params.yaml") -> dict[str, Any]:
    """The values of dotted keys, sorted by key; ProjectError names every key that is missing."""
    found = {key: _lookup(values, key) for key in sorted(keys)}
    missing = [key for key, value in found.items() if value is _MISSING]
    if missing:
        raise ProjectError(
            f"No value for {', '.join(missing)}", where=where, todo=f"Add {', '.join(missing)} to {where}."
        )
    return found


_MISSING = object()


def _lookup(values: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(values, Mapping) or part not in values:
            return _MISSING
        values = values[part]
    return values


def _commented(comment: str) -> str:
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    return "".join(f"{line}\n" for line in lines)


def _stage_entry(stage: Stage) -> dict[str, Any]:
    outs: list[Any] = sorted(stage.outs)
    outs += [{path: dict(_UNCACHED)} for path in sorted(stage.kept)]
    entry = {
        "desc": stage.description,
        "cmd": stage.command,
        "deps": sorted(stage.deps),
        "params": sorted(stage.params),
        "outs": outs,
        "metrics": [{path: dict(_UNCACHED)} for path in sorted(stage.metrics)],
        "plots": [{path: dict(_UNCACHED)} for path in sorted(stage.plots)],
    }
    return {key: value for key, value in entry.items() if value}


def _load(path: Path) -> Any:
    import yaml

    try:
        return load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProjectError(
            f"There is no {path.name} here", where=str(path.parent), todo="Go to the folder of a project."
        ) from error
    except yaml.YAMLError as error:
        raise ProjectError(
            f"{path.name} is not valid YAML: {error}", where=str(path), todo="Correct the file."
        ) from error


def _stage(name: str, entry: Any, folder: Path) -> Stage:
    reason = _beyond_us(entry)
    if reason:
        raise ProjectError(
            f"The stage {name} uses {reason}, which only DVC runs",
            where=str(folder / "dvc.yaml"),
            todo="Run `dvc repro`.",
        )
    cached, uncached = _outs(entry.get("outs") or ())
    return Stage(
        name,
        entry["cmd"],
        deps=tuple(entry.get("deps") or ()),
        params=tuple(entry.get("params") or ()),
        outs=cached,
        kept=uncached,
        metrics=sum(_outs(entry.get("metrics") or ()), ()),
        plots=sum(_outs(entry.get("plots") or ()), ()),
        description=entry.get("desc", ""),
    )


def _beyond_us(entry: Any) -> str:
    if not isinstance(entry, dict):
        return "another form"
    if unknown := sorted(set(entry) - _KNOWN):
        return ", ".join(unknown)
    if not isinstance(entry.get("cmd"), str):
        return "several commands"
    return "" if all(isinstance(key, str) for key in entry.get("params") or ()) else "other parameter files"


def _outs(entries: Iterable[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths that go to the cache, and paths that don't."""
    cached: list[str] = []
    uncached: list[str] = []
    for entry in entries:
        path, flags = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
        (cached if flags.get("cache", True) else uncached).append(path)
    return tuple(cached), tuple(uncached)
