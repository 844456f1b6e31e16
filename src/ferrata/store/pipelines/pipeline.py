"""`dvc.yaml` and `params.yaml`: written for people, read as DVC reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.store.parsed import load_known
from ferrata.store.pipelines.context import Context
from ferrata.store.pipelines.expansion import expand
from ferrata.store.pipelines.interpolation import BadExpression
from ferrata.store.pipelines.params import ReadText, read_params, read_text, select_params
from ferrata.store.pipelines.schema import FILE, BadShape, check_definition, check_mapping
from ferrata.store.pipelines.stages import stage_of
from ferrata.store.yaml12 import NotYaml, dump_for_people

__all__ = [
    "parsing_style", "params_text", "pipeline_text", "read_params", "read_pipeline", "select_params", "top_metrics", "write_params", "write_pipeline",
]  # fmt: skip

_UNCACHED = {"cache": False}


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


def read_pipeline(folder: Path, *, read: ReadText = read_text) -> tuple[Stage, ...]:
    """The stages of `dvc.yaml`, loops and templates resolved, in the order of the file.

    ProjectError for what is wrong in it and, by name, for what is not supported. `read` gives the text of a file (a dry run has other values).
    """
    path = folder / "dvc.yaml"
    content = _load(path, read) or {}
    try:
        check_mapping(content, FILE, "dvc.yaml")
        for name, entry in (content.get("stages") or {}).items():
            check_definition(name, entry)
        context = Context(folder, read, parsing_style(folder))
        context.load_default()
        context.load_vars(content.get("vars") or (), "", "vars")
        return tuple(stage_of(name, entry) for name, entry in expand(content.get("stages") or {}, context))
    except BadExpression as error:
        raise ProjectError(_sentence(error), where=str(path), todo="Correct dvc.yaml or the file of parameters.") from None
    except BadShape as error:
        todo = "Correct dvc.yaml; `dvc repro` runs what only DVC supports."
        raise ProjectError(_sentence(error), where=str(path), todo=todo) from None


def top_metrics(folder: Path) -> tuple[str, ...]:
    """The files of the section `metrics` beside the stages."""
    return tuple((_load(folder / "dvc.yaml", read_text) or {}).get("metrics") or ())


def parsing_style(project: Path) -> dict[str, str]:
    """The section `parsing` of DVC's settings: how mappings become options of a command."""
    style: dict[str, str] = {}
    for path in (project / ".dvc" / "config", project / ".dvc" / "config.local"):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if "parsing" in text:
            import configparser

            settings = configparser.ConfigParser(interpolation=None)
            settings.read_string(text)
            style |= dict(settings["parsing"]) if settings.has_section("parsing") else {}
    return style


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]


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


def _load(path: Path, read: ReadText) -> Any:
    try:
        return load_known(path, read(path))
    except FileNotFoundError as error:
        raise ProjectError(
            f"There is no {path.name} here", where=str(path.parent), todo="Go to the folder of a project."
        ) from error
    except NotYaml as error:
        raise ProjectError(
            f"{path.name} is not valid YAML: {error}", where=str(path), todo="Correct the file."
        ) from error
