"""Adopt: notebook → environment → observation → analysis → plan → project → proof → delivery."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ferrata.dataflow.names import words
from ferrata.errors import CodeError
from ferrata.flow.again import BRANCH, PROOF_SUBJECT, hand_over, name_of, project_to_renew, refuse_inside
from ferrata.flow.edits import as_lines
from ferrata.flow.proving import GOOD, Proved, Prover, save_proof
from ferrata.flow.running import Ran, Runner, find_run
from ferrata.pages.adoption import adopt_page
from ferrata.pages.levels import value_words
from ferrata.records.adoption import Adoption, AdoptOutcome, Cause, LeftOut, Served, Timing
from ferrata.records.amount import counted
from ferrata.records.analysis import Analysis
from ferrata.records.derivation import Kept, Obstacle
from ferrata.records.finding import Finding
from ferrata.records.located import Located, PathQuestion
from ferrata.records.notebook import Notebook
from ferrata.records.observation import Observation
from ferrata.records.page import Page
from ferrata.records.proof import Proof
from ferrata.records.request import AdoptRequest
from ferrata.records.serving import Serving
from ferrata.records.signature import PROOF_ROWS
from ferrata.steps.analysing.analyse import analyse
from ferrata.steps.analysing.findings import find_all
from ferrata.steps.analysing.findings.context import FindingContext
from ferrata.steps.deliver import CommitSpec, commit, deliver
from ferrata.steps.deriving.contract import evidence_of_nothing
from ferrata.steps.locate import locate
from ferrata.steps.name_lambdas import name_lambdas
from ferrata.steps.planning.plan import PlanRequest, plan
from ferrata.steps.put_in_order import put_in_order
from ferrata.steps.read import read
from ferrata.steps.repairs import explain, without_scratch
from ferrata.steps.settle import candidates
from ferrata.store import cache
from ferrata.store.dvcfile import write_dvcfile
from ferrata.store.init import ignore
from ferrata.world.disk import write_whole
from ferrata.world.download import without_secrets
from ferrata.world.reporter import Reporter
from ferrata.world.staging import staging_for
from ferrata.world.workspace import Workspace, digest, open_workspace

PREDICT_EVIDENCE = ("evidence/predict.json", "evidence/predict.md")


def adopt(request: AdoptRequest, reporter: Reporter) -> Page:
    """Make the project, or say in one sentence why not; nothing is left behind but a project that was proved."""
    story = _Story(request, reporter)
    return adopt_page(story.tell())


class _Story:
    def __init__(self, request: AdoptRequest, reporter: Reporter) -> None:
        self.request, self.reporter = request, reporter
        self.timings: list[Timing] = []
        self.notes: list[str] = []
        self.left_out: tuple[LeftOut, ...] = ()

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.timings.append(Timing(step, round(time.monotonic() - started, 2)))

    def tell(self) -> Adoption:
        notebook = self._read()
        target = self.request.into or notebook.path.parent / project_name(notebook.path)
        if self.request.is_again:
            target = project_to_renew(notebook, target)
        elif not self.request.into:
            refuse_inside(notebook)
        self.name = name_of(target) if self.request.is_again else project_name(target)
        key = digest(notebook.sha256, str(notebook.path.resolve()), [str(p) for p in self.request.data], self.request.python)
        with open_workspace(key) as workspace:
            if self.request.is_dry_run:
                return self._adopt(notebook, target, workspace, None)
            # What is made again is never a folder of its own, so its place is a name that nobody takes.
            place = target.with_name(f".{target.name}.again") if self.request.is_again else target
            with staging_for(place, notebook_sha256=notebook.sha256) as staged:
                adoption = self._adopt(notebook, target, workspace, staged)
            if adoption.outcome in (AdoptOutcome.PROVED, AdoptOutcome.PROVED_COARSE):
                workspace.remove()
        return adoption

    def _read(self) -> Notebook:
        self.reporter.step("Read the notebook")
        with self._timed("read"):
            try:
                notebook = read(self.request.notebook)
            except CodeError as error:
                if error.is_python2:
                    raise
                notebook = read(self.request.notebook, skip_broken=True)
                self.notes.append(f"cell {error.cell} is not Python and was left out: {error.what}")
        self.reporter.done(f"{len(notebook.cells)} code cells, {len(notebook.statements)} statements")
        notebook, named = name_lambdas(notebook)
        self.notes += [each.told for each in named]
        ordered = put_in_order(notebook)
        if ordered is not None:
            self.notes.append(f"from top to bottom the cells use what later ones define; they are run as their author ran them: {_row(ordered.run_order)}")
        return ordered or notebook

    def _adopt(self, notebook: Notebook, target: Path, workspace: Workspace, staged: Path | None) -> Adoption:
        located = self._locate(notebook)
        runner = Runner(notebook, located, self.request.data, workspace, self.reporter, self.request.timeout)
        ran = self._run(runner, target)
        if isinstance(ran, Adoption):
            return ran
        analysis = self._analyse(ran)
        downloads = {item.path: without_secrets(item.url) for item in runner.located.downloads if item.path}
        asked = PlanRequest(self.name, str(ran.cwd), ran.inputs, model=self.request.model, downloads=downloads)
        if staged is None:
            return self._planned(notebook, ran, analysis, asked)
        with self._timed("prove"):
            proved = Prover(runner, ran, analysis, asked, staged).prove()
        self.timings[-1] = Timing("prove", round(self.timings[-1].seconds - proved.deriving, 2))
        self.timings.append(Timing("prediction function", round(proved.deriving, 2)))
        return self._end(notebook, target, ran, analysis, proved, staged)

    def _locate(self, notebook: Notebook) -> Located:
        self.reporter.step("Find the data")
        with self._timed("locate"):
            located = locate(notebook, extra=self.request.data)
            chosen = tuple(self._ask(question) for question in located.questions)
            if chosen and any(path != question.default for path, question in zip(chosen, located.questions, strict=True)):
                located = locate(notebook, extra=(*chosen, *self.request.data))
        for question in located.questions:
            self.notes.append(f"cell {question.cell}: {question.wanted} could be {', '.join(map(str, question.candidates))}; {question.default} was taken")
        self.notes += located.notes
        self.reporter.done(f"{len(located.inputs)} found" + (f", {len(located.missing)} missing" if located.missing else ""))
        return located

    def _ask(self, question: PathQuestion) -> Path:
        """The file that is meant; the nearest one where nobody can be asked."""
        text = f"cell {question.cell} reads {question.wanted}; which file is it?"
        return Path(self.reporter.question(text, [str(path) for path in question.candidates], str(question.default)))

    def _run(self, runner: Runner, target: Path) -> Ran | Adoption:
        with self._timed("run"):
            specs = candidates(runner.notebook, project=self.name, python=self.request.python)
            ran = find_run(runner, specs, self._has_results)
        if ran is None:
            return self._not_run(runner)
        self.reporter.done(f"{len(ran.observation.traces)} statements in {ran.observation.seconds:.1f} s; {ran.witness.matched} saved numbers came out again")
        self.left_out = _left_out(ran)
        self.notes += ran.environment.notes
        return ran

    def _not_run(self, runner: Runner) -> Adoption:
        if not runner.stops:
            raise runner.refusals[0]
        stop = next((stop for stop in runner.stops if stop.environment.name == "today"), runner.stops[0])
        tried = tuple(
            f"{s.environment.name}: cell {s.failure.cell}, {s.failure.type}: {_first_line(without_scratch(s.failure.message, s.environment))}"
            for s in runner.stops
        )
        tried = tuple(dict.fromkeys((*tried, *(error.what for error in runner.refusals))))
        cause = explain(stop.failure, runner.notebook, stop.environment, tried=tried)
        if stop.missing:
            looked = ", ".join(str(folder) for folder in stop.missing.looked_in)
            wanted = without_scratch(stop.missing.wanted, stop.environment)
            cause = replace(cause, todo=f"Put `{wanted}` beside the notebook, or say where it is with --data PATH. It was looked for in {looked}.")
        for path, (item, why) in runner.failed_downloads.items():
            if path in cause.what or stop.failure.filename.endswith(path):
                todo = f"Download it yourself and run the command again with --data {Path(path).name}, or put it beside the notebook."
                cause = replace(cause, what=f"Cell {item.cell} reads {item.url}, which could not be downloaded: {why}", todo=todo)
        return Adoption(
            AdoptOutcome.NOT_RUN, runner.notebook.path, edits=as_lines(runner.notebook, runner.located.edits),
            timings=tuple(self.timings), notes=tuple(self.notes), cause=cause,
        )

    def _analyse_only(self, ran: Ran) -> Analysis:
        return analyse(ran.code, ran.observation)

    def _has_results(self, ran: Ran) -> bool:
        analysis = self._analyse_only(ran)
        return bool(analysis.models or analysis.scores)

    def _analyse(self, ran: Ran) -> Analysis:
        self.reporter.step("Analyse what it did")
        with self._timed("analyse"):
            analysis = self._analyse_only(ran)
        self.reporter.done(f"{counted(len(analysis.models), 'model')}, {counted(len(analysis.scores), 'score')}")
        return analysis

    def _planned(self, notebook: Notebook, ran: Ran, analysis: Analysis, asked: PlanRequest) -> Adoption:
        planned = plan(ran.code, ran.observation, analysis, asked)
        return Adoption(
            AdoptOutcome.PLANNED, notebook.path, plan=planned, environment=ran.environment, findings=self._findings(notebook, ran, analysis, None),
            edits=as_lines(notebook, ran.edits), timings=tuple(self.timings), notes=tuple(self.notes), left_out=self.left_out,
        )

    def _findings(self, notebook: Notebook, ran: Ran, analysis: Analysis, proved: Proved | None) -> tuple[Finding, ...]:
        return find_all(
            FindingContext(
                notebook=notebook, sources=ran.code.sources, observation=_with_failure(ran), dependencies=analysis.dependencies, nodes=analysis.nodes,
                scores=analysis.scores, models=analysis.models, fitted=analysis.fitted, edits=ran.edits, again=proved.again if proved else None,
            )
        )

    def _end(self, notebook: Notebook, target: Path, ran: Ran, analysis: Analysis, proved: Proved, staged: Path) -> Adoption:
        findings = self._findings(notebook, ran, analysis, proved)
        holds = proved.proof.level in GOOD
        adoption = Adoption(
            _outcome(proved), notebook.path, project=target if holds else None, plan=proved.plan, proof=proved.proof, environment=ran.environment,
            findings=findings, edits=as_lines(notebook, ran.edits), timings=tuple(self.timings), notes=(*self.notes, *proved.notes), left_out=self.left_out,
            cause=None if holds else _difference(proved.proof), served=_served(ran, proved) if holds else None,
            branch=BRANCH if holds and self.request.is_again else "",
        )
        if holds:
            self.reporter.step("Deliver")
            save_proof(staged, proved.proof)
            self._deliver(_last_commits(staged, ran, proved), staged, target)
            self.reporter.done(str(target))
        return adoption

    def _deliver(self, commits: tuple[CommitSpec, ...], staged: Path, target: Path) -> None:
        if self.request.is_again:
            commit(commits, staged)
            hand_over(staged, target)
        else:
            deliver(commits, staged, target)


def _with_failure(ran: Ran) -> Observation:
    """The observation, with the first failure that was left out to get there."""
    return replace(ran.observation, failure=next(iter(ran.left_out.values()), ran.observation.failure))


def _left_out(ran: Ran) -> tuple[LeftOut, ...]:
    """Each statement that was not run, with what stopped it or what it needs."""
    statements = ran.code.notebook.statements
    return tuple(
        LeftOut(
            statements[index].cell, statements[index].line, _first_line(ran.code.sources[index]),
            f"{failure.type}: {_first_line(failure.message)}" if failure.index == index else f"needs what cell {failure.cell} fails to give",
        )
        for index, failure in sorted(ran.left_out.items())
    )


def _served(ran: Ran, proved: Proved) -> Served | None:
    served = proved.serving
    proof, obstacle = (served.proof, served.obstacle) if isinstance(served, Serving) else (None, served)
    if obstacle is None:
        return Served("raw", proof) if proof else None
    level = "prepared" if proof else "none"
    return Served(level, proof, obstacle.why, *_place(ran, obstacle))


def _place(ran: Ran, obstacle: Obstacle) -> tuple[int, int, str]:
    """Cell, line and first line of the statement; 0, 0 and "" for none in particular."""
    if obstacle.statement < 0:
        return 0, 0, ""
    statement = ran.code.statement(obstacle.statement)
    return statement.cell, statement.line, _first_line(ran.code.sources[obstacle.statement])


def _last_commits(staged: Path, ran: Ran, proved: Proved) -> tuple[CommitSpec, ...]:
    """The prediction function, or what stood in the way of one, then the proof."""
    last = CommitSpec(PROOF_SUBJECT)
    served = proved.serving
    if served is None:
        return (last,)
    texts = dict(served.texts) if isinstance(served, Serving) else {}
    obstacle = served.obstacle if isinstance(served, Serving) else served
    if obstacle is not None:
        texts |= _with_obstacle(texts, ran, obstacle)
    for path, text in texts.items():
        write_whole(staged / path, text.encode())
    if not isinstance(served, Serving):
        return (last,)
    rows = _kept_rows(staged, served.kept) if served.kept and served.kept.rows else ()
    return (CommitSpec("Answer for one row: the prediction function, proved on the author's own rows", (*texts, *rows)), last)


def _with_obstacle(texts: Mapping[str, str], ran: Ran, obstacle: Obstacle) -> dict[str, str]:
    """The evidence of the prediction function with what stood in the way of one for raw rows."""
    record, page = evidence_of_nothing(obstacle, *_place(ran, obstacle))
    known = json.loads(texts.get(PREDICT_EVIDENCE[0], "{}"))
    return {
        PREDICT_EVIDENCE[0]: json.dumps(known | {"in_the_way": record["in_the_way"]} if known else record, indent=2, ensure_ascii=False) + "\n",
        PREDICT_EVIDENCE[1]: texts.get(PREDICT_EVIDENCE[1], "") + ("\n" + page.partition("\n\n")[2] if known else page),
    }


def _kept_rows(staged: Path, kept: Kept) -> tuple[str, ...]:
    """Rows of the data with their answers, tracked by hash as the data is; the paths that Git gets."""
    place = staged / PROOF_ROWS
    write_whole(place, kept.text.encode())
    dvcfile = write_dvcfile(place, cache.put(staged, place))
    return tuple(path.relative_to(staged).as_posix() for path in (dvcfile, *ignore(staged, (PROOF_ROWS,))))


def _outcome(proved: Proved) -> AdoptOutcome:
    if proved.proof.level not in GOOD:
        return AdoptOutcome.DIFFERENT
    return AdoptOutcome.PROVED_COARSE if proved.coarser else AdoptOutcome.PROVED


def _difference(proof: Proof) -> Cause:
    worst = next((item for item in proof.scores if item.level not in GOOD), None)
    if worst is None:
        what = "The pipeline's predictions are not the notebook's"
    else:
        what = f"The pipeline's {worst.name} is {value_words(worst.obtained)}, the notebook's {value_words(worst.expected)}"
    return Cause(
        "proof", what + (f" ({worst.why})" if worst and worst.why else ""),
        todo="No project was delivered. Set every seed that the notebook's models take (random_state=…) and run the command again.",
    )


def project_name(path: Path) -> str:
    """A name for the project from a file's name: lower-case words joined by `-`, starting with a letter."""
    name = "-".join(words(path.stem if path.suffix == ".ipynb" else path.name)) or "notebook"
    return name if name[0].isalpha() else f"project-{name}"


def _row(numbers: Sequence[int]) -> str:
    """Cell numbers in order, runs of them as `4–9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _first_line(text: str) -> str:
    """The first line that says something: some messages begin with a line of stars."""
    return next((line.strip()[:200] for line in text.splitlines() if any(character.isalnum() for character in line)), text.strip()[:200])


