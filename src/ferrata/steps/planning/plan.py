"""Plan the project: what is kept, how it is cut, what crosses, and the edits that make the author's code a pipeline's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ferrata.dataflow.calls import is_model_fit
from ferrata.dataflow.definitions import definitions
from ferrata.dataflow.names import slug
from ferrata.errors import NothingToAdopt, UsageError
from ferrata.records.analysis import Analysis, Model, Node
from ferrata.records.current import CurrentCode
from ferrata.records.observation import Observation, Trace
from ferrata.records.plan import Change, Crossing, Parameter, Plan, PlannedStage, PredictionPlan
from ferrata.steps.planning.asked import with_rows
from ferrata.steps.planning.choice import choose, told
from ferrata.steps.planning.companions import accompanied, free
from ferrata.steps.planning.crossings import find_crossings, starting_streams
from ferrata.steps.planning.data import place_data
from ferrata.steps.planning.keep import kept, plot_cells, targets
from ferrata.steps.planning.marks import apart, mark_figures, mark_predictions, mark_scores, shows
from ferrata.steps.planning.parameters import find_parameters
from ferrata.steps.planning.predictions import find_predictions
from ferrata.steps.planning.recorded import as_recorded
from ferrata.steps.planning.stages import Cut, Material, cut

LEVELS = ("three", "two", "one")
STAYS = "The data keeps the place that it has beside the notebook: with its paths under `data/` the pipeline did not give what the notebook gives."


@dataclass(frozen=True)
class PlanRequest:
    """`cwd`: the notebook's folder in the scratch workspace; `inputs`: absolute paths that lay there before the run; `model`: the name asked for;
    `downloads` maps a path relative to `cwd` to the address it came from. `stays`: data keeps its place where it can, instead of moving under `data/`.
    """

    project: str
    cwd: str
    inputs: tuple[str, ...]
    level: str = "three"
    model: str = ""
    whole: bool = False
    downloads: Mapping[str, str] = field(default_factory=dict)
    stays: bool = False


def plan(code: CurrentCode, observation: Observation, analysis: Analysis, request: PlanRequest) -> Plan:
    """The plan at one level of cut; `formats` of crossings are filled in once they were tried (see `with_formats`).

    Raises NothingToAdopt when the notebook neither fits a model nor computes a score, UsageError for an unknown `--model`.
    """
    traces = {trace.index: trace for trace in observation.traces if trace.complete}
    model, why = choose(analysis.models, request.model)
    _require_something(analysis, model, why, request, predicts=any(call.kind == "predict" for trace in traces.values() for call in trace.calls))
    selection = _select(code, traces, analysis, request)
    stages = tuple((name, accompanied(statements, selection.companions, code, traces)) for name, statements in _cut(selection, request.level))
    return _assemble(code, analysis, observation, request, selection, stages, model, why)


def _require_something(analysis: Analysis, model: Model | None, why: str, request: PlanRequest, *, predicts: bool) -> None:
    if request.model and model is None:
        names = ", ".join(sorted({m.name for m in analysis.models if m.name})) or "none"
        raise UsageError(f"--model: {why}", todo=f"Models in this notebook: {names}.")
    if not analysis.models and not analysis.scores and not predicts:
        raise NothingToAdopt(
            "The notebook fits no model, computes no score and predicts nothing, so there is nothing that a pipeline could prove",
            todo="Add the cells that fit a model or compute a score, then run the command again.",
        )


@dataclass(frozen=True)
class _Selection:
    kept: tuple[int, ...]
    repeated: frozenset[int]
    nodes: Mapping[int, Node]
    analysis: Analysis
    traces: Mapping[int, Trace]
    sources: Mapping[int, str]
    plots: Mapping[int, tuple[int, ...]]
    companions: tuple[int, ...] = ()

    @property
    def unrepeated(self) -> tuple[int, ...]:
        return tuple(index for index in self.kept if index not in self.repeated)

    @property
    def flow(self) -> tuple[int, ...]:
        return tuple(index for index in self.unrepeated if index not in self.companions)

    @property
    def fixed(self) -> frozenset[str]:
        return frozenset(name for index in self.repeated for name in self.nodes[index].writes)


def _select(code: CurrentCode, traces: Mapping[int, Trace], analysis: Analysis, request: PlanRequest) -> _Selection:
    plots = plot_cells(code, traces, analysis)
    nodes = _with_figures({node.index: node for node in analysis.nodes}, plots)
    indices = tuple(traces) if request.whole else kept(code, traces, analysis, targets(code, traces, analysis))
    repeated = definitions(indices, code.sources, nodes)
    drawn = {index for group in plots.values() for index in group}
    companions = () if request.whole else free(indices, code, traces, nodes, repeated, drawn)
    return _Selection(indices, repeated, nodes, analysis, traces, code.sources, plots, companions)


def _with_figures(nodes: Mapping[int, Node], plots: Mapping[int, tuple[int, ...]]) -> dict[int, Node]:
    """Statements that draw one figure keep their order: each reads and writes it."""
    figures = {index: f"<figure {cell}>" for cell, indices in plots.items() for index in indices}
    return {
        index: replace(node, reads=node.reads | {figures[index]}, writes=node.writes | {figures[index]}) if index in figures else node
        for index, node in nodes.items()
    }


def _cut(selection: _Selection, level: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
    traces = selection.traces
    fits = {i for i in selection.flow if any(is_model_fit(call) for call in traces[i].calls)}
    fits = fits or {fit for model in selection.analysis.models for fit in model.fits if fit in selection.flow}
    fits = fits or {run for score in selection.analysis.scores for run in score.runs if run in selection.flow}
    edges = [edge for edge in selection.analysis.dependencies if edge.source in selection.kept and edge.target in selection.kept]
    types = {index: tuple(value.type for value in trace.values) for index, trace in traces.items()}
    result: Cut = cut(Material(selection.flow, selection.nodes, edges, frozenset(fits), selection.fixed, types, _together(selection)), level)
    return _named(result)


def _together(selection: _Selection) -> tuple[frozenset[int], ...]:
    groups = (frozenset(indices) & frozenset(selection.flow) for indices in selection.plots.values())
    return tuple(group for group in groups if group)


def _named(result: Cut) -> tuple[tuple[str, tuple[int, ...]], ...]:
    if result.prepare and not result.train and not result.evaluate:
        return (("train", result.prepare),)
    return result.stages


def _definitions_of(statements: Iterable[int], selection: _Selection) -> tuple[int, ...]:
    """The definitions a stage needs, directly or through other definitions, in the author's order."""
    names = {name for index in statements for name in selection.nodes[index].reads}
    found: set[int] = set()
    while True:
        more = {i for i in selection.repeated if i not in found and names & selection.nodes[i].writes}
        if not more:
            return tuple(index for index in selection.kept if index in found)
        found |= more
        names |= {name for index in more for name in selection.nodes[index].reads}


def _assemble(
    code: CurrentCode, analysis: Analysis, observation: Observation, request: PlanRequest, selection: _Selection,
    cut_stages: tuple[tuple[str, tuple[int, ...]], ...], model: Model | None, why: str,
) -> Plan:
    repeated = {name: _definitions_of(statements, selection) for name, statements in cut_stages}
    crossings = find_crossings(cut_stages, selection.nodes, selection.fixed, repeated)
    streams = starting_streams(cut_stages, selection.nodes)
    scores = tuple(as_recorded(score, selection.kept, selection.traces) for score in analysis.scores if set(score.runs) <= set(selection.kept))
    traces = tuple(t for i, t in selection.traces.items() if i in selection.kept)
    predictions = find_predictions(model, traces, selection.sources, analysis.fitted)
    predictions = _at_hand(with_rows(predictions, model, traces, selection.sources), cut_stages)
    parameters = find_parameters(selection.flow, selection.sources, _sections(analysis.models), sorted(selection.repeated), code.notebook.answers)
    data, data_changes = place_data(selection.kept, selection.traces, selection.sources, request.cwd, request.inputs, stays=request.stays)
    data = tuple(replace(item, url=request.downloads.get(os.path.relpath(item.observed, request.cwd), "")) for item in data)
    figures, stems = mark_figures(_kept_plots(selection, code), selection.sources, _titles(code))
    stages = tuple(_stage(name, statements, repeated[name], crossings, streams, stems) for name, statements in cut_stages)
    if sum(bool(stage.plots) for stage in stages) > 1:
        figures = apart(figures, {index: stage.name for stage in stages for index in stage.statements})
        stages = tuple(replace(stage, plots=tuple(f"{stage.name}/{stem}" for stem in stage.plots)) for stage in stages)
    score_changes, scores = mark_scores(scores, selection.sources)
    changes = (*score_changes, *mark_predictions(predictions, selection.sources), *data_changes, *figures)
    model_stage = next((stage.name for stage in stages if model and set(model.fits) & set(stage.statements)), "")
    return Plan(
        project=request.project, package=slug(request.project) or "project", level="script" if request.whole else _level(stages, request.level), stages=stages,
        crossings=_with_predictions(_placed(crossings, analysis.models, model, model_stage, selection), predictions, stages), scores=scores,
        parameters=_outside(parameters, changes), data=data, changes=changes,
        shared=(), model=model, model_stage=model_stage, model_after=model.fits[-1] if model else -1, predictions=predictions, seed=observation.seed,
        dropped=tuple(index for index in selection.traces if index not in selection.kept),
        reasons=(*((told(model, why, analysis.models),) if model else ()), *((STAYS,) if request.stays else ())),
    )


def _level(stages: Sequence[PlannedStage], asked: str) -> str:
    return {1: "one", 2: "two", 3: "three"}.get(len(stages), asked)


def _stage(
    name: str, statements: tuple[int, ...], repeated: tuple[int, ...], crossings: Sequence[Crossing], streams: Mapping[str, tuple[str, ...]],
    stems: Mapping[int, tuple[str, ...]],
) -> PlannedStage:
    return PlannedStage(
        name=name, statements=tuple(sorted((*repeated,))) + statements,
        inputs=tuple(c.name for c in crossings if name in c.read_by), outputs=tuple(c.name for c in crossings if c.written_by == name),
        plots=tuple(stem for index in statements for stem in stems.get(index, ())), streams_in=streams.get(name, ()),
    )


def _kept_plots(selection: _Selection, code: CurrentCode) -> dict[int, tuple[int, ...]]:
    """Cells with the statements that draw: about a model, and whatever else is kept for another reason (a window would stop the pipeline)."""
    found = {cell: [i for i in indices if i in selection.kept] for cell, indices in selection.plots.items()}
    for index in selection.unrepeated:
        cell = code.cell(index)
        if cell not in selection.plots and (selection.traces[index].draws or shows(selection.sources[index])):
            found.setdefault(cell, []).append(index)
    return {cell: tuple(indices) for cell, indices in found.items() if indices}


def _titles(code: CurrentCode) -> dict[int, str]:
    return {cell.number: cell.heading for cell in code.notebook.cells}


def _sections(models: Iterable[Model]) -> dict[str, str]:
    return {model.type.rsplit(".", 1)[-1]: model.name or slug(model.type.rsplit(".", 1)[-1]) for model in models}


def _outside(parameters: Sequence[Parameter], changes: Sequence[Change]) -> tuple[Parameter, ...]:
    """A literal that another edit replaces stays where it is."""
    taken = [(c.statement, c.start, c.end) for c in changes if c.end > c.start]
    return tuple(p for p in parameters if not any(s == p.change.statement and a < p.change.end and p.change.start < e for s, a, e in taken))


def _placed(
    crossings: Sequence[Crossing], models: Sequence[Model], model: Model | None, model_stage: str, selection: _Selection
) -> tuple[Crossing, ...]:
    """Folders for what crosses: models to `model/`, all else to `data/prepared/` or `data/trained/`; the main model is always written."""
    fitted = {m.name for m in models}
    placed = [replace(c, path=f"{_folder(c, fitted)}/{_file_stem(c.name)}") for c in crossings]
    if model and model.name and not any(c.name == model.name for c in placed):
        last = selection.flow[-1] if not model_stage else model.fits[-1]
        placed.append(Crossing(model.name, model_stage, (), after=last, path=f"model/{_file_stem(model.name)}"))
    return tuple(placed)


def _at_hand(predictions: PredictionPlan | None, stages: Sequence[tuple[str, tuple[int, ...]]]) -> PredictionPlan | None:
    """Rows and model are at hand in the stage that predicts; for another one they would have to cross."""
    if predictions is None or any({predictions.statement, predictions.made_at} <= set(statements) for _, statements in stages):
        return predictions
    return replace(predictions, rows="", model="", made_at=-1)


def _with_predictions(crossings: tuple[Crossing, ...], predictions: PredictionPlan | None, stages: Sequence[PlannedStage]) -> tuple[Crossing, ...]:
    """Predictions that no metric looks at are written as they are, too, so that their content can be compared."""
    if predictions is None or predictions.array or any(c.name == predictions.prediction for c in crossings) or not predictions.prediction.isidentifier():
        return crossings
    stage = next(stage.name for stage in stages if predictions.statement in stage.statements)
    return (*crossings, Crossing(predictions.prediction, stage, (), after=predictions.statement, path=f"evaluation/{predictions.prediction}"))


def _folder(crossing: Crossing, fitted: set[str]) -> str:
    if crossing.name in fitted and crossing.written_by != "prepare":
        return "model"
    return "data/prepared" if crossing.written_by == "prepare" else "data/trained"


def _file_stem(name: str) -> str:
    return slug(name.strip("<>")) if name.startswith("<") else name


def with_formats(plan_: Plan, formats: Mapping[tuple[str, str], tuple[str, str]]) -> Plan:
    """The plan with the format and suffix that each crossing was proved to survive in; keys are (stage, name)."""
    crossings = tuple(
        replace(c, format=formats[c.written_by, c.name][0], suffix=formats[c.written_by, c.name][1], path=c.path + formats[c.written_by, c.name][1])
        if (c.written_by, c.name) in formats else c
        for c in plan_.crossings
    )
    lost = [c.name for c in crossings if not c.suffix]
    reasons = tuple(f"`{name}` cannot be written to a file and read back unchanged; the pipeline makes it and does not keep it." for name in lost)
    return replace(plan_, crossings=tuple(c for c in crossings if c.suffix), reasons=plan_.reasons + reasons)

