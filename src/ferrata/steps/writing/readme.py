"""The project's README: what it is, how to run it, and the place of its results."""

from __future__ import annotations

from collections.abc import Sequence

from ferrata.records.plan import DataFile
from ferrata.records.project import Stage
from ferrata.steps.writing.modules import Material


def write_readme(material: Material, stages: Sequence[Stage]) -> str:
    parts = [_title(material), _run(stages), _results(material), _change(material), _layout(material, stages)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(material: Material) -> str:
    notebook = material.code.notebook
    title = notebook.title if notebook.title and notebook.title != notebook.path.stem else material.plan.project
    lines = [f"# {title}", "", f"A pipeline made from `notebooks/{notebook.path.name}`, which is kept unchanged."]
    if material.plan.model:
        model = material.plan.model
        word = model.type.rsplit(".", 1)[-1]
        lines.append(f"The model is `{model.name or word}` ({'written out in the notebook' if model.answer else word}).")
    return "\n".join(lines)


def _run(stages: Sequence[Stage]) -> str:
    commands = "\n".join(f"uv run {stage.command}" for stage in stages)
    return (
        "## Run it\n\nWith [uv](https://docs.astral.sh/uv/), from this folder:\n\n"
        f"```sh\nuv sync --locked\n{commands}\n```\n\n"
        "With [DVC](https://dvc.org) installed, `uv run dvc repro` runs only what changed. With pip instead of uv: "
        "`pip install -r requirements.txt` in a fresh environment, then the same commands without `uv run`."
    )


def _results(material: Material) -> str:
    rows = []
    for score in material.plan.scores:
        if not score.is_structured:
            value = score.values[0] if len(score.values) == 1 else f"{len(score.values)} values"
            rows.append(f"| {score.name} | {value if isinstance(value, str) else format(value, '.6g')} | {material.code.cell(score.runs[0])} |")
    if not rows:
        return ""
    return (
        "## Results\n\nThe commands above write `evaluation/metrics.json`. The notebook's own numbers, and where they come from:\n\n"
        "| score | notebook | cell |\n| --- | ---: | ---: |\n" + "\n".join(rows)
        + "\n\nHow they compare with the pipeline's is in `evidence/adopt.md`."
    )


def _change(material: Material) -> str:
    return (
        "## Change it\n\nSettings are in `params.yaml`; the stages in `dvc.yaml`. After a change, run the commands again and compare "
        "`evaluation/metrics.json`."
    )


def _source(item: DataFile) -> str:
    return f" from <{item.url}>" if item.url else ""


def _layout(material: Material, stages: Sequence[Stage]) -> str:
    lines = [f"- `{stage.command.removeprefix('python ')}`: {stage.description.lower() or stage.name}" for stage in stages]
    lines += [f"- `{item.path}`: raw data{_source(item)}, tracked by hash (`{item.path}.dvc`), not in Git" for item in material.plan.data]
    lines += ["- `model/`: the fitted model" if material.plan.model else ""]
    lines += ["- `evaluation/`: scores, predictions and plots", "- `evidence/`: what was proved, and how"]
    return "## What is where\n\n" + "\n".join(line for line in lines if line)
