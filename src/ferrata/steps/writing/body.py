"""The body of a stage: read what crosses in, the author's statements, write what crosses out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ferrata.dataflow.calls import is_model_fit
from ferrata.dataflow.definitions import is_import
from ferrata.dataflow.names import slug
from ferrata.records.plan import Crossing, PlannedStage
from ferrata.steps.writing.sections import Draft, Section, sections
from ferrata.steps.writing.text import block, uses_await

if TYPE_CHECKING:
    from ferrata.steps.writing.modules import Material


def write_main(
    material: Material, stage: PlannedStage, body: Sequence[int], texts: Mapping[int, str], renames: Mapping[str, str], *, main_name: str, flat: bool
) -> str:
    """`def main(): …` and its call, after the functions of its sections; at module level when the code needs its globals there (`flat`)."""
    start, end = _start(material, stage, body, renames), _end(material, stage, body, renames)
    asynchronous = uses_await(texts[i] for i in body)
    has_imports = any(is_import(texts[i]) for i in body)  # what they bind is at hand in `main` alone
    parts = () if flat or asynchronous or has_imports else sections(_draft(material, stage, body, texts, renames, main_name))
    if flat:
        return "\n".join(block(line, "") for line in (*start, *_statements(material, stage, body, texts, renames), *end))
    functions = "".join(_function(material, stage, part, texts, renames) for part in parts)
    inner = [_call(part) for part in parts] if parts else _statements(material, stage, body, texts, renames)
    head = f"{'async ' if asynchronous else ''}def {main_name}():\n"
    call = f"asyncio.run({main_name}())" if asynchronous else f"{main_name}()"
    lines = "\n".join(block(line, "    ") for line in (*start, *inner, *end)).strip("\n")
    return f'{functions}{head}{lines or "    pass"}\n\n\nif __name__ == "__main__":\n    {call}'


def _draft(material: Material, stage: PlannedStage, body: Sequence[int], texts: Mapping[int, str], renames: Mapping[str, str], main_name: str) -> Draft:
    code = material.code
    title = code.notebook.title
    headings = {cell.number: "" if cell.heading == title else cell.heading for cell in code.notebook.cells}
    given = [c.name for c in _inputs(material, stage) if not c.name.startswith("<")]
    uses_params = any(p.change.statement in body for p in material.plan.parameters)
    early = {c.name for found in _rebound_outputs(material, stage, body).values() for c in found}
    wanted = {c.name for c in _outputs(material, stage) if c.name not in early}
    every_name = {name for i in stage.statements for name in (*material.traces[i].binds, *material.traces[i].reads)}
    return Draft(
        body=tuple(body), texts={i: texts[i] for i in body}, traces=material.traces, cells={i: code.cell(i) for i in body},
        headings={i: headings.get(code.cell(i), "") for i in body}, purposes={i: purpose(material, stage, i) for i in body},
        given=(*given, *([renames["params"]] if uses_params else ())), wanted=frozenset(wanted), taken=frozenset({*every_name, main_name, *renames.values()}),
    )


def purpose(material: Material, stage: PlannedStage, index: int) -> str:
    """What a statement is for, as a function would be called."""
    trace = material.traces[index]
    kinds = {call.kind for call in trace.calls}
    scored = {run for score in material.plan.scores for run in score.runs}
    if stage.name == "prepare" or (trace.index not in scored and not kinds & {"fit", "predict", "score"} and not trace.draws):
        return "split_data" if "split" in kinds else "load_data" if "load" in kinds else "prepare_data"
    models = [call.receiver_name for call in trace.calls if call.kind in ("fit", "predict", "score") and call.receiver_name.isidentifier()]
    verb = "train" if any(is_model_fit(call) for call in trace.calls) else "plot" if trace.draws else "evaluate"
    return f"{verb}_{slug(models[0])}" if models else {"plot": "plot_results", "train": "train_models"}.get(verb, "evaluate_predictions")


def _function(material: Material, stage: PlannedStage, part: Section, texts: Mapping[int, str], renames: Mapping[str, str]) -> str:
    lines = _statements(material, stage, part.statements, texts, renames)
    if part.results:
        lines.append(f"return {', '.join(part.results)}")
    inner = "\n".join(block(line, "    ") for line in lines).strip("\n")
    return f"def {part.name}({', '.join(part.arguments)}):\n{inner}\n\n\n"


def _call(part: Section) -> str:
    call = f"{part.name}({', '.join(part.arguments)})"
    return f"{', '.join(part.results)} = {call}" if part.results else call


def _start(material: Material, stage: PlannedStage, body: Sequence[int], renames: Mapping[str, str]) -> list[str]:
    plan = material.plan
    own = {p.change.statement for p in plan.parameters} & set(body)
    seeds = bool(stage.streams_in) and plan.seed is not None
    lines = [f'{renames["params"]} = {renames["load_params"]}()'] if own or seeds else []
    if seeds:
        lines.append(f'{renames["seed_all"]}({renames["params"]}["seed"])')
    for crossing in _inputs(material, stage):
        if crossing.name.startswith("<random "):
            lines.append(f'{renames["load_random_state"]}("{crossing.path}", "{_stream(crossing)}")')
        else:
            lines.append(f'{crossing.name} = {renames["load"]}("{crossing.path}")')
    return [*lines, ""] if lines else []


def _inputs(material: Material, stage: PlannedStage) -> list[Crossing]:
    return [c for c in material.plan.crossings if stage.name in c.read_by]


def _stream(crossing: Crossing) -> str:
    return crossing.name[len("<random ") : -1]


def _statements(material: Material, stage: PlannedStage, body: Sequence[int], texts: Mapping[int, str], renames: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    cell = 0
    early = _rebound_outputs(material, stage, stage.statements)
    for index in body:
        if not texts[index].strip():
            continue
        statement = material.code.statement(index)
        if statement.cell != cell:
            cell = statement.cell
            lines += [*([""] if lines else []), _cell_comment(material, cell)]
        if statement.comments.strip():
            lines.append(statement.comments.rstrip())
        lines.append(texts[index].rstrip())
        lines += [_save(crossing, renames) for crossing in early.get(index, ())]
    return lines


def _cell_comment(material: Material, cell: int) -> str:
    heading = next((c.heading for c in material.code.notebook.cells if c.number == cell), "")
    previous = next((c.heading for c in material.code.notebook.cells if c.number == cell - 1), None)
    return f"# Cell {cell}: {heading}" if heading and heading != previous else f"# Cell {cell}"


def _rebound_outputs(material: Material, stage: PlannedStage, body: Sequence[int]) -> dict[int, list[Crossing]]:
    """A model whose name is used again later in the stage is written right after it was fitted."""
    found: dict[int, list[Crossing]] = {}
    for crossing in _outputs(material, stage):
        if crossing.after in body:
            later = body[body.index(crossing.after) + 1 :]
            if any(crossing.name in (*material.traces[i].binds, *material.traces[i].mutates) for i in later):
                found.setdefault(crossing.after, []).append(crossing)
    return found


def _outputs(material: Material, stage: PlannedStage) -> list[Crossing]:
    return [c for c in material.plan.crossings if c.written_by == stage.name]


def _save(crossing: Crossing, renames: Mapping[str, str]) -> str:
    if crossing.name.startswith("<random "):
        return f'{renames["save_random_state"]}("{crossing.path}", "{_stream(crossing)}")'
    return f'{renames["save"]}({crossing.name}, "{crossing.path}")'


def _end(material: Material, stage: PlannedStage, body: Sequence[int], renames: Mapping[str, str]) -> list[str]:
    early = [c for found in _rebound_outputs(material, stage, body).values() for c in found]
    lines = [_save(c, renames) for c in _outputs(material, stage) if c not in early]
    written = score_file(material.plan.stages, stage.name)
    if written and (scores_of(material, stage) or is_last(material.plan.stages, stage.name)):
        lines.append(_write_scores(material, stage, written, renames))
    return ["", *lines] if lines else []


def _write_scores(material: Material, stage: PlannedStage, path: str, renames: Mapping[str, str]) -> str:
    if not is_last(material.plan.stages, stage.name):
        return f'{renames["write_scores"]}("{path}")'
    carried = [score_file(material.plan.stages, other.name) for other in material.plan.stages if other != stage and scores_of(material, other)]
    carry = f", carry=[{', '.join(repr_double(path) for path in carried)}]" if carried else ""
    return f'{renames["write_scores"]}("{path}", "evaluation/reports.json"{carry})'


def repr_double(text: str) -> str:
    return f'"{text}"'


def is_last(stages: Sequence[PlannedStage], name: str) -> bool:
    return stages[-1].name == name


def score_file(stages: Sequence[PlannedStage], name: str) -> str:
    return "evaluation/metrics.json" if is_last(stages, name) else f"evaluation/{name}_scores.json"


def scores_of(material: Material, stage: PlannedStage) -> list[str]:
    """Names of the scores that a stage computes."""
    return [score.name for score in material.plan.scores if set(score.runs) & set(stage.statements)]
