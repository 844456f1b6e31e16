"""Why: two sides → what differs in their results → what differs in the way of running → trials → causes → page."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError
from ferrata.flow.seeds import other_seeds
from ferrata.pages.explanation import explanation_page
from ferrata.records.amount import counted
from ferrata.records.explanation import Difference, Effect, Explanation, Parting, Verdict, WhyRequest
from ferrata.records.page import Page
from ferrata.records.project import Stage, results_of
from ferrata.records.side import Side
from ferrata.steps.explaining.causes import Search
from ferrata.steps.explaining.cells import Cells
from ferrata.steps.explaining.environments import Environments, pins, python_of
from ferrata.steps.explaining.factors import find_differences
from ferrata.steps.explaining.measure import Measure, compare_scores, measure_of
from ferrata.steps.explaining.noise import Repeated, is_within, repeat, repeated_more
from ferrata.steps.explaining.notebooks import digits_of, is_as_shown, named_as_here
from ferrata.steps.explaining.outside import network_reads
from ferrata.steps.explaining.parting import find_parting, look_into
from ferrata.steps.explaining.probes import probe_all, probes
from ferrata.steps.explaining.setup import Obtained
from ferrata.steps.explaining.sides import find_side, here_side, side_of_record
from ferrata.steps.explaining.trees import results_at
from ferrata.steps.explaining.trials import PLAIN, TIME, Budget, OverBudget, Trials
from ferrata.steps.record import commit_and_changes, read_runs
from ferrata.steps.way import facts_of, given_files
from ferrata.store.pipelines.graph import in_order, waits_for
from ferrata.store.pipelines.lock import locked_results
from ferrata.store.pipelines.pipeline import read_pipeline, top_metrics
from ferrata.store.running.plan import find_project
from ferrata.world.disk import project_disk_errors
from ferrata.world.machine import describe
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch

_PREFIX = "ferrata-why-"
_ONLY_A_NUMBER = "No recorded run gave it, and a number does not say how it came about"
_ASK = "Ask whoever has that run for the file that `ferrata run export` writes there, and give it instead of the number: ferrata why FILE"


def why(request: WhyRequest, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """Why RESULT is another one than what this project gives.

    UsageError for a result that is none, ProjectError where there is no project, OutsideError where neither side can be run here.
    """
    here = folder or Path.cwd()
    project = find_project(here)
    if project is None:
        raise ProjectError("There is no project here", where=str(here), todo="Go to a folder with a dvc.yaml, or make a project with `ferrata adopt`.")
    with project_disk_errors(project), scratch(_PREFIX, away_from=project) as place:
        story = _Story(project, request, reporter, place)
        return explanation_page(story.told() if request.result else story.alone())


class _Story:
    def __init__(self, project: Path, request: WhyRequest, reporter: Reporter, place: Path) -> None:
        self.project, self.request, self.reporter, self.place = project, request, reporter, place
        self.records = read_runs(project, of_any_branch=True)
        self.budget = Budget(request.budget * 60)
        self.notes: list[str] = []
        self.cells: Cells | None = None
        self.started = time.monotonic()

    def alone(self) -> Explanation:
        """The determinism check: the same again, and under other conditions."""
        here = self._with_packages(self._here())
        if not here.can_run:
            raise OutsideError(f"It cannot be run here: {', '.join(list(here.lacking)[:3])} is lacking", todo="Get the data: ferrata pull")
        trials = self._trials(here, here)
        first, repeated = self._repeated(trials)
        self.reporter.step("Run it under other conditions")
        base = trials.pinned().merged(repeated.fixed or PLAIN)
        can_probe = repeated.measure is None or repeated.fixed is not None
        tried = list(probes(here.machine, str(self.place / "home"))) if can_probe else []
        verdicts, stopped = probe_all(trials, tried, base, self.reporter.note)
        self.reporter.done(f"{sum(1 for each in verdicts if each.effect is Effect.WHOLE)} of {len(verdicts)} change the results")
        is_fine = repeated.measure is None and all(each.effect is not Effect.WHOLE for each in verdicts)
        found = Explanation(self.project, "deterministic" if is_fine else "not-deterministic", here.words, verdicts=tuple(verdicts), noise=repeated.noise)
        return replace(self._with_counts(trials, found), stopped=stopped)

    def told(self) -> Explanation:
        self.reporter.step("Read the two sides")
        here, there = self._sides()
        self.reporter.done(f"{there.words}, against {here.words}")
        there = self._with_results(there, here)
        trials = self._trials(here, there)
        if there.kind in ("scores", "notebook"):
            trials.there = there = self._named(trials, there, here)
        if there.kind in ("scores", "notebook"):
            trials.digits = {name: digits for name, value in there.scores.items() if (digits := digits_of(value)) is not None}
        _, repeated = self._repeated(trials)
        return self._explained(trials, here, there, repeated)

    def _with_results(self, there: Side, here: Side) -> Side:
        """Of a side of which no results are recorded, as of a commit before they were committed, those that running it gives."""
        if there.scores or any(there.results.values()) or not there.can_run:
            return there
        self.reporter.step(f"Run {there.words}, of which no results are recorded")
        there = self._with_packages(there)
        trials = self._trials(replace(there, packages=there.packages or here.packages, python=there.python or here.python), here)
        trials.folder = self.place / "other"
        trials.folder.mkdir()
        try:
            found = trials.run()
        except OverBudget:
            found = Obtained(failed=TIME)
        self.reporter.done(found.failed or "it runs")
        said = f", and it does not run here: {found.failed}." if found.failed else "; it was run here."
        self.notes.append(f"Of {there.words} no results are recorded{said}")
        assert there.tree is not None, "it can run"
        by_stage = {stage.name: results_of((stage,)) for stage in read_pipeline(there.tree)} if not found.failed else {}
        results = {name: {place: found.digests[place] for place in places if place in found.digests} for name, places in by_stage.items()}
        return replace(there, scores=found.scores, results=results)

    def _repeated(self, trials: Trials) -> tuple[Obtained, Repeated]:
        self.reporter.step("Run it here, and again")
        first = self._first(trials)
        try:
            repeated = repeat(trials, first)
        except OverBudget:
            repeated = Repeated((first,))
            self.notes.append("There was no time to run it twice: whether it repeats itself is not known.")
        self.reporter.done("it repeats itself" if repeated.measure is None else "two runs give two results")
        return first, repeated

    def _sides(self) -> tuple[Side, Side]:
        """The side that is run, and the one that is explained."""
        other = self._partner(find_side(self.project, self.request.result, self.records, self.place / "sides" / "there"))
        if self.request.against:
            here = find_side(self.project, self.request.against, self.records, self.place / "sides" / "here")
        else:
            here = self._here()
        if not here.can_run and other.can_run:
            here, other = other, here
        if not here.can_run:
            lacking = ", ".join(list(here.lacking)[:3]) or "its files are not recorded"
            raise OutsideError(f"Neither side can be run here: {here.words} lacks {lacking}", todo="Get the data: ferrata pull; or give --against a commit.")
        here = self._with_packages(here)
        return here, self._of_its_time(other, here)

    def _of_its_time(self, other: Side, here: Side) -> Side:
        """A notebook was made with packages that nobody recorded: those of its time are what may differ."""
        if other.kind != "notebook":
            return other
        from ferrata.flow.dating import packages_then

        then = packages_then(self._notebook(), here, self.place / "then")
        if then is not None:
            self.notes.append(f"Of {other.words}: {then.words}.")
        return replace(other, packages=then.packages if then else {})

    def _notebook(self) -> Path:
        path = Path(self.request.result)
        return path.resolve() if path.is_file() else self.project / path

    def _named(self, trials: Trials, other: Side, here: Side) -> Side:
        """A score that a person typed, or a notebook printed, under the name that the project has for it."""
        names = here.scores or {name: value for record in self.records[-1:] for numbers in record.scores.values() for name, value in numbers.items()}
        found = named_as_here(other.scores, names)
        if other.kind == "notebook":
            self.reporter.step("Run the notebook")
            said = {name: value for name, value in other.scores.items() if named_as_here({name: value}, names)}
            self.cells = Cells(trials, self._notebook(), said)
            found |= {name: value for name, value in self.cells.find_places(names).items() if name not in found}
        if not found:
            todo = f"The project has {', '.join(names) or 'no scores yet; ferrata run makes them'}."
            raise ProjectError(f"{other.words} has no score of this project", where=self.request.result, todo=todo)
        return replace(other, scores=found)

    def _partner(self, other: Side) -> Side:
        """Of a mere score, the newest recorded run that gave it."""
        if other.kind not in ("scores", "notebook"):
            return other
        for record in reversed(self.records):
            scores = {name: value for numbers in record.scores.values() for name, value in numbers.items()}
            named = named_as_here(other.scores, scores)
            if named and all(is_as_shown(value, scores[name]) for name, value in named.items()):
                self.notes.append(f"{other.words} is what the run of {record.started[:16].replace('T', ' ')} gave; that run is looked at.")
                return side_of_record(self.project, record, self.place / "sides" / "found")
        return other

    def _here(self) -> Side:
        stages = read_pipeline(self.project)
        environment = self.project / ".venv" if (self.project / ".venv").exists() else None
        facts = {
            **facts_of(self.project, stages, environment, os.environ), "machine": describe(environment), "environment": environment,
            "results": locked_results(self.project, stages),
        }  # fmt: skip
        facts["python"] = str(facts["machine"]["python"])
        uncommitted = frozenset(commit_and_changes(self.project, stages).get("uncommitted", {}).get("files", ()))
        return here_side(self.project, list(given_files(self.project, stages)), facts, uncommitted, self.place / "sides" / "here")

    def _with_packages(self, side: Side) -> Side:
        """A side without an environment of its own gets what its lock says."""
        if side.packages or side.tree is None:
            return side
        python = side.python or python_of(side.tree)
        return replace(side, python=python, packages=pins(side.tree, python))

    def _trials(self, here: Side, there: Side) -> Trials:
        own = self.project / ".venv" if (self.project / ".venv").exists() else None
        facts = facts_of(self.project, (), own, os.environ) if own else {"packages": {}}
        python = str(describe(own)["python"]) if own else ""
        environments = Environments(self.place / "environments", own, facts["packages"], python, self.reporter.detail)
        if here.kind != "tree":
            here = replace(here, python=here.python or python)
        frozen = {place: md5 for rows in here.results.values() for place, md5 in rows.items()}
        results_at(self.project, frozen, self.place / "frozen") if _has_frozen(here) else None
        name = self.project.name
        return Trials(self.place, name, here, there, environments, self.budget, self.reporter.detail)

    def _first(self, trials: Trials) -> Obtained:
        try:
            first = trials.run()
        except OverBudget:
            raise OutsideError("One run takes longer than the budget", todo=f"Give it more: ferrata why --budget {self.request.budget * 4:g}") from None
        if first.failed:
            raise OutsideError(f"{trials.here.words} does not run in a copy: {first.failed}", where=str(self.project), todo="See `ferrata verify`.")
        trials.keep_first()
        return first

    def _explained(self, trials: Trials, here: Side, there: Side, repeated: Repeated) -> Explanation:
        first = repeated.results[0]
        metrics = _metrics(trials)
        goal, recorded = (_obtained(side, metrics) for side in (there, here))
        recorded = replace(recorded, scores=trials.shown(recorded.scores))
        measure = measure_of(first, [goal])
        shown = there.scores if there.kind in ("scores", "notebook") else {**first.scores, **there.scores}
        ours = {name: value for name, value in first.scores.items() if name in shown}
        base = Explanation(self.project, "", here.words, there.words, compare_scores(ours, there.scores), noise=repeated.noise)
        stale = _stale(first, recorded, here) if repeated.measure is None and here.kind == "tree" else None
        if measure is None or (repeated.measure and is_within(repeated.results, goal, measure) and not there.can_run):
            return self._ended(trials, base, goal, repeated, stale)
        stages, graph = _pipeline(trials)
        parting = find_parting(stages, graph, first.digests, there.results, metrics)
        trials.skipped = frozenset(parting.cleared) if repeated.measure is None else frozenset()
        base = replace(base, parting=self._looked_into(trials, parting, there))
        self.reporter.step("Try each difference")
        search = self._search(trials, measure, repeated, goal, find_differences(here, there))
        if there.kind == "notebook" and not search.reached:
            self._cells(trials, search)
        causes = [each for each in search.verdicts.values() if each.effect in (Effect.WHOLE, Effect.PART)]
        self.reporter.done(f"{len(causes)} of {len(search.verdicts)} act" if search.verdicts else "nothing differs that could be tried")
        return self._concluded(trials, base, search, repeated, goal, stale)

    def _cells(self, trials: Trials, search: Search) -> None:
        """Saved outputs may be of cells that were run twice, or in another order."""
        assert self.cells is not None, "made when the scores of the notebook were read"
        found = self.cells.verdicts()
        if not any(each.effect is Effect.WHOLE for each in (*search.verdicts.values(), *found)):
            drawn = self.cells.drawn(search.measure.names)
            found += [drawn] if drawn else []
        for verdict in found:
            search.verdicts[verdict.differences] = verdict
            search.reached = search.reached or verdict.effect is Effect.WHOLE

    def _search(self, trials: Trials, measure: Measure, repeated: Repeated, goal: Obtained, differences: Sequence[Difference]) -> Search:
        """Where runs do not repeat themselves, first what gives the other result again and again; then the rest with chance taken out."""
        search = Search(trials, measure, repeated.results[0], goal, trials.there, self.reporter.note)
        if repeated.measure is None:
            search.search(differences, trials.pinned())
            return search
        certain = search.certain(differences)
        if repeated.fixed is not None:
            search.search([each for each in differences if each not in certain], repeated.fixed)
        else:
            search.leave([each for each in differences if each not in certain], "runs do not repeat themselves, and nothing that was tried changes that")
        return search

    def _concluded(self, trials: Trials, base: Explanation, search: Search, repeated: Repeated, goal: Obtained, stale: Verdict | None) -> Explanation:
        is_noise = repeated.measure is not None and is_within(repeated.results, goal, search.measure)
        if repeated.measure is not None and not is_noise and not search.reached:
            repeated = repeated_more(trials, repeated, search.measure)
            base, is_noise = replace(base, noise=repeated.noise), is_within(repeated.results, goal, search.measure)
        outside = [] if search.reached or is_noise else network_reads(trials, search.conditions)
        verdicts = (*search.verdicts.values(), *outside)
        found = replace(self._with_counts(trials, base), verdicts=verdicts, stopped=search.stopped)
        if found.causes:
            return replace(found, outcome="explained" if search.reached else "partly", unexplained="" if search.reached else _unexplained(verdicts))
        if is_noise:
            return replace(found, outcome="noise")
        if stale is not None:
            note = f"Apart from that, {stale.differences[0].name} are not what running the pipeline gives now: {stale.todo}"
            found = replace(found, notes=(*found.notes, note))
        if trials.there.kind != "scores":
            return replace(found, outcome="unexplained", unexplained=_unexplained(verdicts))
        self.reporter.step("Try other seeds")
        seeded = other_seeds(trials, search.measure, search.here, goal, search.conditions, self.reporter.note)
        self.reporter.done(f"{counted(seeded.runs, 'run')}" if seeded else "no parameter is a seed, or there was no time")
        counted_ = replace(self._with_counts(trials, found), notes=found.notes)
        return replace(counted_, outcome="unexplained", unexplained=_ONLY_A_NUMBER, ask=_ASK, seeded=seeded)

    def _ended(self, trials: Trials, base: Explanation, goal: Obtained, repeated: Repeated, stale: Verdict | None) -> Explanation:
        """What is run here gives the other result, or could have."""
        found = self._with_counts(trials, base)
        if repeated.measure is not None:
            return replace(found, outcome="noise")
        if stale is not None:
            return replace(found, outcome="stale", verdicts=(stale,))
        is_known = bool(goal.scores or goal.digests)
        return replace(found, outcome="same" if is_known else "unexplained", unexplained="" if is_known else f"Of {base.there} no results are known")

    def _looked_into(self, trials: Trials, parting: Parting, there: Side) -> Parting:
        if not parting.place:
            return parting
        md5 = there.results.get(parting.stage, {}).get(parting.place, "")
        other = self.place / "parted" / parting.place
        results_at(self.project, {parting.place: md5}, self.place / "parted")
        return replace(parting, where=look_into(self.place / "first" / parting.place, other, trials.python))

    def _with_counts(self, trials: Trials, base: Explanation) -> Explanation:
        return replace(base, trials=trials.count, seconds=time.monotonic() - self.started, notes=tuple(self.notes))


def _has_frozen(side: Side) -> bool:
    assert side.tree is not None
    return any(stage.is_frozen for stage in read_pipeline(side.tree))


def _pipeline(trials: Trials) -> tuple[tuple[Stage, ...], Mapping[str, tuple[str, ...]]]:
    assert trials.here.tree is not None
    stages = read_pipeline(trials.here.tree)
    return in_order(stages), waits_for(stages)


def _metrics(trials: Trials) -> set[str]:
    assert trials.here.tree is not None
    stages = read_pipeline(trials.here.tree)
    return {*(stage.place(path) for stage in stages for path in stage.metrics), *top_metrics(trials.here.tree)}


def _obtained(side: Side, metrics: set[str]) -> Obtained:
    """What is recorded of a side, as if it had been run just now."""
    digests = {place: md5 for rows in side.results.values() for place, md5 in rows.items() if place not in metrics and md5}
    return Obtained(dict(side.scores), digests)


def _stale(first: Obtained, recorded: Obtained, here: Side) -> Verdict | None:
    """The results that lie here are not what running gives now."""
    if not recorded.scores or measure_of(first, [recorded]) is None:
        return None
    names = [each.name for each in compare_scores(first.scores, recorded.scores) if each.level.value == "different"]
    what = f"the results that lie here ({', '.join(names[:4])})" if names else "the results that lie here"
    difference = Difference("stale", what, "not what running the pipeline gives now", "")
    return Verdict((difference,), Effect.WHOLE, why="run in a copy, the project as it is gives other ones", todo="ferrata run --force")


def _unexplained(verdicts: Sequence[Verdict]) -> str:
    untried = [each.name for verdict in verdicts if verdict.effect is Effect.NOT_TRIED for each in verdict.differences]
    if untried:
        return f"What is left can come from what could not be tried: {', '.join(untried[:6])}{' …' if len(untried) > 6 else ''}"
    return "Nothing that is recorded of the two sides gives what is left"

