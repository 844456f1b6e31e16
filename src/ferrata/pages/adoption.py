"""The page of `ferrata adopt`: what was done, what was proved, what was found, and the next command."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from ferrata.pages.data import adoption_data
from ferrata.pages.levels import difference_words, level_style, level_words, value_words
from ferrata.pages.refusal import cause_blocks
from ferrata.records.adoption import Adoption, AdoptOutcome, LeftOut, Served
from ferrata.records.amount import counted
from ferrata.records.edit import Edit
from ferrata.records.page import Page, Section, Table, Text
from ferrata.records.plan import Plan, PlannedStage
from ferrata.records.proof import Comparison, Level, Proof, RowComparison

_PROVED = (AdoptOutcome.PROVED, AdoptOutcome.PROVED_COARSE)
_DONE = (*_PROVED, AdoptOutcome.PLANNED)
_MOST_SHOWN = 12
_ONE = {
    "rows": "a row as it stands in the data file", "images": "the file of an image", "windows": "a window of rows as they stand in the data file",
    "rows in order": "a row, and what it needs of the rows before it, as they stand in the data file",
}


def adopt_page(adoption: Adoption) -> Page:
    sections = (
        _cause(adoption), _done(adoption), _edits(adoption.edits), _left_out(adoption.left_out),
        proof_section(adoption.proof) if adoption.proof else None, _served(adoption.served), _findings(adoption), _notes(adoption),
    )
    return Page(
        _title(adoption), tuple(section for section in sections if section), adoption_data(adoption),
        next_command=_next_command(adoption), status=0 if adoption.outcome in _DONE else 1,
    )


def proof_page(proof: Proof) -> Page:
    """One proof by itself, as a project keeps it in `evidence/`."""
    conditions = Table(("condition", "value"), proof.conditions, "Under which conditions") if proof.conditions else None
    blocks = (proof_section(proof), conditions)
    return Page(f"Proof: {proof.level.value}", tuple(block for block in blocks if block))


def proof_section(proof: Proof) -> Section:
    scores = comparison_table(proof.scores, "score") if proof.scores else Text("There was no score to compare.", "warn")
    rows = tuple(_rows(rows) for rows in proof.predictions)
    variables = _variables(proof.variables, show_all=not proof.scores and not proof.predictions)
    verdict = Text(f"All in all: {level_words(proof.level)}", level_style(proof.level))
    return Section(f"Proof: {proof.subject}", (scores, *rows, *variables, verdict))


def comparison_table(comparisons: Iterable[Comparison], subject: str) -> Table:
    comparisons = tuple(comparisons)
    rows = tuple(
        (item.name, value_words(item.expected), value_words(item.obtained), difference_words(item.difference), _verdict(item))
        for item in comparisons
    )
    styles = tuple(level_style(item.level) for item in comparisons)
    return Table((subject, "expected", "obtained", "difference", "verdict"), rows, styles=styles)


def _verdict(item: Comparison) -> str:
    bound = f" (bound {item.bound:.0e})" if item.bound and item.level.value == "equal" else ""
    return level_words(item.level) + bound + (f": {item.why}" if item.why else "")


def _rows(rows: RowComparison) -> Text:
    different = f"; first different rows: {', '.join(map(str, rows.first_different[:5]))}" if rows.first_different else ""
    why = f" ({rows.why})" if rows.why else ""
    words = f"{rows.name}: {rows.same} of {rows.rows} rows the same{different}: {level_words(rows.level)}{why}"
    return Text(words, level_style(rows.level))


def _variables(variables: tuple[Comparison, ...], *, show_all: bool) -> tuple[Text | Table, ...]:
    """Variables that cross between stages are many: the good ones are counted, and those that are not identical shown; all, where they are all there is."""
    if not variables:
        return ()
    good = sum(level_style(item.level) == "good" for item in variables)
    tally = Text(f"Variables that cross between stages or are results: {good} of {len(variables)} the same")
    shown = variables if show_all else tuple(item for item in variables if item.level is not Level.IDENTICAL)
    return (tally, comparison_table(shown, "variable")) if shown else (tally,)


def _title(adoption: Adoption) -> str:
    name, proof = adoption.notebook.name, adoption.proof
    level = proof.level.value if proof else ""
    level += f", without {counted(len(adoption.left_out), 'statement')} that cannot run" if adoption.left_out else ""
    if adoption.branch:
        return f"{name} was adopted again, as the branch {adoption.branch} of its project: proved, {level}"
    return {
        AdoptOutcome.PROVED: f"{name} is a project now: proved, {level}",
        AdoptOutcome.PROVED_COARSE: f"{name} is a project now, in fewer stages than planned: proved, {level}",
        AdoptOutcome.DIFFERENT: f"{name} was not adopted: its pipeline gives other numbers",
        AdoptOutcome.NOT_RUN: f"{name} was not adopted: it does not run",
        AdoptOutcome.REFUSED: f"{name} was not adopted",
        AdoptOutcome.PLANNED: f"{name}: what would be done (nothing was written)",
    }[adoption.outcome]


def _cause(adoption: Adoption) -> Section | None:
    return Section("Why", cause_blocks(adoption.cause)) if adoption.cause else None


def _done(adoption: Adoption) -> Section | None:
    facts = [*_project_facts(adoption), *(_plan_facts(adoption.plan) if adoption.plan else ())]
    if adoption.environment:
        environment = adoption.environment
        packages = counted(len(environment.packages), "package")
        facts.append(("environment", f"Python {environment.python_version}, {packages}, {environment.name}"))
    if adoption.timings:
        total = sum(timing.seconds for timing in adoption.timings)
        facts.append(("time", f"{total:.0f} s: " + ", ".join(f"{item.step} {item.seconds:.0f} s" for item in adoption.timings)))
    title = "What would be done" if adoption.outcome is AdoptOutcome.PLANNED else "What was done"
    return Section(title, (Table(("", ""), tuple(facts)),)) if facts else None


def _project_facts(adoption: Adoption) -> Iterable[tuple[str, str]]:
    if adoption.project:
        yield "project", str(adoption.project)
    if adoption.branch:
        yield "branch", f"{adoption.branch}, which begins where the project was adopted; what was done since is not touched"


def _taken(plan: Plan, stage: PlannedStage) -> list[str]:
    """The data that a stage reads, then the variables of other stages."""
    data = [data.path for data in plan.data if {*data.readers, *data.named_by} & set(stage.statements)]
    return [*data, *map(_variable, stage.inputs)]


def _given(plan: Plan, stage: PlannedStage) -> list[str]:
    """The variables for other stages, then the model and the scores."""
    model = plan.model.name if plan.model and plan.model_stage == stage.name else ""
    names = [_variable(name) for name in stage.outputs if name != model]
    scores = ["scores"] if any(score.statement in stage.statements for score in plan.scores) else []
    return [*names, *([f"the model {model}"] if model else []), *scores]


def _variable(name: str) -> str:
    """`X_train`; "<random numpy>" is no name that an author has seen."""
    return f"{name[len('<random ') : -1]}'s random state" if name.startswith("<random ") else name


def _plan_facts(plan: Plan) -> Iterable[tuple[str, str]]:
    yield "stages", " → ".join(stage.name for stage in plan.stages)
    for stage in plan.stages:
        yield f"  {stage.name}", f"{', '.join(_taken(plan, stage)) or 'nothing'} → {', '.join(_given(plan, stage)) or 'nothing'}"
    if plan.data:
        yield "data", ", ".join(data.path for data in plan.data)
    if plan.parameters:
        yield "parameters", ", ".join(dict.fromkeys(f"{item.section}.{item.key} = {value_words(item.value)}" for item in plan.parameters))
    if plan.model:
        yield "model", f"{plan.model.answer or plan.model.name or 'unnamed'} ({plan.model.type.rpartition('.')[2]})"


def _left_out(left_out: tuple[LeftOut, ...]) -> Section | None:
    """In the notebook's order; of many, the first."""
    rows = tuple((str(item.cell), str(item.line), item.source, item.why) for item in left_out[:_MOST_SHOWN])
    more = Text(f"and {counted(len(left_out) - _MOST_SHOWN, 'statement')} more") if len(left_out) > _MOST_SHOWN else None
    blocks = (Table(("cell", "line", "statement", "why"), rows), more)
    return Section("What was left out because it cannot run", tuple(block for block in blocks if block)) if rows else None


def _served(served: Served | None) -> Section | None:
    """Whether one row can be answered, and what stands in the way where it can't."""
    if served is None:
        return None
    proof = served.proof
    if served.level == "raw" and proof is not None:
        chances = f"; probabilities: {proof.probabilities}" if proof.probabilities else ""
        words = f"predict.py answers {_ONE[proof.what]}: {proof.rows} {proof.what} of {proof.of}, {proof.mismatches} differ{chances}"
        return Section("The prediction function", (Text(words, "good"), *([Text(proof.note)] if proof.note else [])))
    where = f"cell {served.cell}, line {served.line} (`{served.source}`): " if served.cell else ""
    words = f"No prediction function for raw rows could be proved: {where}{served.why}."
    prepared = f"predict.py takes rows as the pipeline prepares them: {proof.rows} of them, {proof.mismatches} differ." if proof else ""
    return Section("The prediction function", tuple(Text(text, "warn") for text in (words, prepared) if text))


def _edits(edits: tuple[Edit, ...]) -> Section | None:
    rows = tuple((str(edit.cell), str(edit.line), edit.before.strip(), edit.after.strip(), edit.why) for edit in edits)
    table = Table(("cell", "line", "before", "after", "why"), rows)
    return Section("What had to be changed for it to run (your notebook is untouched)", (table,)) if rows else None


def _findings(adoption: Adoption) -> Section | None:
    return Section("What was found", adoption.findings) if adoption.findings else None


def _notes(adoption: Adoption) -> Section | None:
    plan = adoption.plan
    questions = [f"{question} Taken: {answer}" for question, answer in plan.questions] if plan else []
    notes = [*(plan.reasons if plan else ()), *questions, *adoption.notes]
    return Section("Good to know", tuple(Text(note) for note in notes)) if notes else None


def _next_command(adoption: Adoption) -> str:
    if adoption.outcome is AdoptOutcome.PLANNED:
        return f"ferrata adopt {shlex.quote(_short(adoption.notebook))}"
    then = f"git merge {adoption.branch} && ferrata run" if adoption.branch else "ferrata"
    return f"cd {shlex.quote(_short(adoption.project))} && {then}" if adoption.project else ""


def _short(path: Path) -> str:
    """As one would type it here."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
