"""Write the project's files from the plan. Nothing is run here, and nothing touches the disk."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from ferrata.records.plan import Plan
from ferrata.records.project import Project
from ferrata.steps.writing.modules import SUPPORT, Material, shared_definitions, write_functions, write_stage
from ferrata.steps.writing.pipeline import params_values, pipeline_stages
from ferrata.steps.writing.readme import write_readme
from ferrata.steps.writing.tests import write_tests
from ferrata.store.artifacts import artifacts_source
from ferrata.store.pipelines.pipeline import params_text, pipeline_text


@dataclass(frozen=True)
class WrittenProject:
    """`texts`: path in the project to content; `project`: its pipeline."""

    texts: dict[str, str]
    project: Project


def write(material: Material, *, trusted: tuple[str, ...] = ()) -> WrittenProject:
    """Every text file of the project but the environment's (pyproject.toml, uv.lock), the data and the evidence."""
    plan = material.plan
    modules = _modules(material, trusted)
    stages = pipeline_stages(material, modules)
    project = Project(plan.project, stages, tuple(item.path for item in plan.data))
    others = {
        "dvc.yaml": pipeline_text(stages, comment="The pipeline. Run it with `dvc repro`, or with the commands in README.md."),
        "params.yaml": params_text(params_values(material)),
        "README.md": write_readme(material, stages),
        "tests/test_pipeline.py": write_tests(material, stages),
    }
    return WrittenProject({**modules, **others}, project)


def _modules(material: Material, trusted: tuple[str, ...]) -> dict[str, str]:
    plan = material.plan
    # What the notebook defined itself lives in the module of shared definitions now.
    trusted = tuple(name.replace("__main__.", f"{material.module('functions')}.", 1) if name.startswith("__main__.") else name for name in trusted)
    folder = f"src/{plan.package}"
    shared = shared_definitions(material)
    texts = {f"{folder}/{material.module(stage.name)}.py": write_stage(material, stage, shared) for stage in plan.stages}
    if shared:
        texts[f"{folder}/{material.module('functions')}.py"] = write_functions(material, shared)
    used = "\n".join(texts.values())
    for module in dict.fromkeys(module for module, _ in SUPPORT.values()):
        if f"from {material.module(module)} import" in used or (module == "artifacts" and plan.frozen):
            text = artifacts_source(_formats(plan), trusted) if module == "artifacts" else _template(module)
            texts[f"{folder}/{material.module(module)}.py"] = text.replace("from artifacts import", f"from {material.module('artifacts')} import")
    return texts


def _formats(plan: Plan) -> list[str]:
    crossing = {crossing.format for crossing in plan.crossings if crossing.format and not crossing.name.startswith("<")}
    return sorted(crossing | {frozen.format for frozen in plan.frozen})


def _template(name: str) -> str:
    return (files("ferrata.steps.writing") / "templates" / f"{name}.py").read_text(encoding="utf-8")
