"""The stages of `dvc.yaml` and the content of `params.yaml`, from the plan."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from ferrata.records.plan import PlannedStage
from ferrata.records.project import Stage
from ferrata.steps.writing.body import is_last, score_file, scores_of
from ferrata.steps.writing.modules import Material


def pipeline_stages(material: Material, texts: dict[str, str]) -> tuple[Stage, ...]:
    """`texts`: path in the project to the text of each module, to tell which of them a stage imports."""
    return tuple(_stage(material, stage, texts) for stage in material.plan.stages)


def _stage(material: Material, stage: PlannedStage, texts: dict[str, str]) -> Stage:
    plan = material.plan
    module = f"src/{plan.package}/{material.module(stage.name)}.py"
    outs = tuple(crossing.path for crossing in plan.crossings if crossing.written_by == stage.name) + _files(material, stage, "out")
    outs += tuple(dict.fromkeys(frozen.path for frozen in plan.frozen if frozen.statement in stage.statements and not frozen.is_model))
    has_predictions = plan.predictions is not None and plan.predictions.statement in stage.statements
    return Stage(
        name=stage.name, command=f"python {module}",
        deps=(module, *_imported(module, texts), *_data(material, stage), *_read(material, stage), *_files(material, stage, "dep")),
        params=params_of(material, stage), outs=(*outs, "evaluation/predictions.parquet") if has_predictions else outs,
        metrics=("evaluation/metrics.json",) if is_last(plan.stages, stage.name) else (), kept=_kept(material, stage),
        plots=_plots(stage), description=_description(stage),
    )


def _plots(stage: PlannedStage) -> tuple[str, ...]:
    """The folder that holds the stage's figures: its own one where several stages draw."""
    return tuple(dict.fromkeys(f"evaluation/plots/{stem.rpartition('/')[0]}".rstrip("/") for stem in stage.plots))


def _description(stage: PlannedStage) -> str:
    return {"prepare": "Prepare the data", "train": "Fit the model", "evaluate": "Evaluate the model"}.get(stage.name, "")


def _imported(module: str, texts: dict[str, str]) -> tuple[str, ...]:
    """Modules of the project that a module imports, directly or not."""
    found: dict[str, None] = {}
    todo = [module]
    while todo:
        text = texts.get(todo.pop(), "")
        for path in texts:
            name = PurePosixPath(path).stem
            imported = re.search(rf"^\s*(from {name}(\.\w+)* import|import {name}\b)", text, re.MULTILINE)
            if path not in found and path != module and imported:
                found[path] = None
                todo.append(path)
    return tuple(sorted(found))


def _data(material: Material, stage: PlannedStage) -> tuple[str, ...]:
    """What the stage reads, and what it may read unseen: TensorFlow opens the files whose paths it is given by itself."""
    return tuple(item.path for item in material.plan.data if {*item.readers, *item.named_by} & set(stage.statements))


def _files(material: Material, stage: PlannedStage, side: str) -> tuple[str, ...]:
    """Files that the author's code writes in one stage and reads in a later one; `side` is `out` or `dep`."""
    names = [other.name for other in material.plan.stages]
    found: dict[str, None] = {}
    for writer in material.plan.stages:
        for reader in material.plan.stages[names.index(writer.name) + 1 :]:
            if stage.name == (writer if side == "out" else reader).name:
                found.update(dict.fromkeys(sorted(_touched(material, writer, "files_written") & _touched(material, reader, "files_read"))))
    return tuple(path for path in found if not path.startswith(("/", "..")))


def _touched(material: Material, stage: PlannedStage, kind: str) -> set[str]:
    return {path for index in stage.statements for path in getattr(material.traces[index], kind)}


def _read(material: Material, stage: PlannedStage) -> tuple[str, ...]:
    crossed = tuple(crossing.path for crossing in material.plan.crossings if stage.name in crossing.read_by)
    if not is_last(material.plan.stages, stage.name):
        return crossed
    return crossed + tuple(score_file(material.plan.stages, s.name) for s in material.plan.stages if s != stage and scores_of(material, s))


def _kept(material: Material, stage: PlannedStage) -> tuple[str, ...]:
    """Small results that stay in Git beside the metrics: tables and report texts, and the scores of an earlier stage."""
    if is_last(material.plan.stages, stage.name):
        return ("evaluation/reports.json",)
    return (score_file(material.plan.stages, stage.name),) if scores_of(material, stage) else ()


def params_of(material: Material, stage: PlannedStage) -> tuple[str, ...]:
    """The sections of params.yaml that the stage reads."""
    sections = {p.section for p in material.plan.parameters if p.change.statement in stage.statements}
    seeded = {"seed"} if stage.streams_in and material.plan.seed is not None else set()
    return tuple(sorted(sections | seeded))


def params_values(material: Material) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if any(stage.streams_in for stage in material.plan.stages) and material.plan.seed is not None:
        values["seed"] = material.plan.seed
    for parameter in material.plan.parameters:
        values.setdefault(parameter.section, {})[parameter.key] = parameter.value
    return values
