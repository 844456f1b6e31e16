"""The prediction function, as the last part of adopting: follow the rows, rewrite, rehearse, replay."""

from __future__ import annotations

import ast
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ferrata.dataflow.definitions import definition_names
from ferrata.dataflow.idle import is_idle
from ferrata.flow.allowance import Allowance
from ferrata.flow.deriving_images import as_json, finish_images
from ferrata.flow.running import SEED, Ran, Runner
from ferrata.records.derivation import Derivation, Fact, Facts, Obstacle, PredictProof, Rehearsal
from ferrata.records.observation import Failure, Trace
from ferrata.records.plan import Plan, PredictionPlan
from ferrata.records.serving import Serving
from ferrata.records.signature import PLACE
from ferrata.steps.deriving.companions import with_section, write_test
from ferrata.steps.deriving.contract import (
    answering,
    card,
    evidence,
    evidence_page,
    is_classifier,
    kept_of,
    proof_of,
    rehearsal_of,
    signature,
    why_different,
    with_classes,
)
from ferrata.steps.deriving.derive import derive
from ferrata.steps.deriving.follow import (
    ANSWER,
    of_one_table,
    order_of,
    place_of,
    read_facts,
    request,
    roots_of,
    statements_of,
)
from ferrata.steps.deriving.images.loops import find_readings
from ferrata.steps.deriving.images.readings import ASKED, Readings
from ferrata.steps.deriving.images.sets import derive_from_set, reads_images
from ferrata.steps.deriving.images.torch_sets import derive_from_loader, loads_images
from ferrata.steps.deriving.lags import with_groups
from ferrata.steps.deriving.module import Shape, write_module
from ferrata.steps.deriving.origins import made_in_the_notebook
from ferrata.steps.deriving.places import column_of
from ferrata.steps.deriving.question import last_asked, questions
from ferrata.steps.deriving.reading import variable_of
from ferrata.steps.deriving.recursion import fed_back, words
from ferrata.steps.deriving.rewriting import site_of
from ferrata.steps.deriving.tested import rows_tested
from ferrata.steps.observe import observe
from ferrata.steps.observe import task as run_task
from ferrata.steps.prove import CleanRun
from ferrata.steps.writing.modules import Material, shared_definitions

SECONDS_ONE_BY_ONE = 120.0
NOT_FOLLOWED = "the predictions could not be followed back to the rows of a data file"  # as the observer says it
MOST_TABLES = 3  # that are followed one after the other, where several are read and it is not known which the model is asked about
SECONDS_OF_A_TASK = 900.0  # reading the model and the data, and asking all rows at once, comes to these too


@dataclass
class Deriver:
    """What every attempt needs: the notebook's run and how to repeat it."""

    runner: Runner
    ran: Ran

    def __post_init__(self) -> None:
        self.allowance = Allowance(self.ran.observation.seconds, self.runner.timeout * 60)
        self.answer: dict[str, Any] = {}
        self.lost, self.lost_at = "", -1

    def derive(self, plan: Plan) -> Derivation | Obstacle:
        """The parts of the prediction function, or the statement that stands in the way."""
        traces = {trace.index: trace for trace in self.ran.observation.traces}
        order = [index for stage in plan.stages for index in stage.statements]
        is_of_images = self._reads_images(order)
        asked = questions(plan, traces, self.ran.code.sources, is_of_images=is_of_images)
        if not asked and is_of_images and plan.model is not None and plan.model.name:
            asked = (PredictionPlan(order[-1], "None", "None"),)  # batch by batch, in a loop of the author's: the observer sees each
        if plan.model is None or not asked:
            return self._nothing_asked(plan)
        if plan.level == "script":
            self.asked = asked[0]
            return Obstacle(-1, "the notebook could only be kept as one script")
        self.runner.reporter.step("Follow the rows to the predictions")
        try:
            return self._first_followed(plan, asked)
        finally:
            self.runner.reporter.done("")

    def _first_followed(self, plan: Plan, asked: Sequence[PredictionPlan]) -> Derivation | Obstacle:
        """The first question that can be answered for one row; what stands in the way of the first of all where none can."""
        obstacles: list[Obstacle] = []
        for self.asked in asked:
            if obstacles and self.allowance.is_over:
                obstacles[0] = replace(obstacles[0], why=f"{obstacles[0].why}; other rows that the model was given were not tried: {self.allowance.said()}")
                break
            found = self._followed(replace(plan, predictions=self.asked))
            if isinstance(found, Derivation):
                return found
            obstacles.append(found)
        self.asked = asked[0]
        return obstacles[0]

    def _reads_images(self, order: Sequence[int]) -> bool:
        return reads_images(self.ran.code.sources, order) or loads_images(self.ran.code.sources, order)

    def _nothing_asked(self, plan: Plan) -> Obstacle:
        if plan.model is None:
            return Obstacle(-1, "the notebook fits no model")
        if not plan.model.name and plan.model.fits:
            made = plan.model.type.rsplit(".", 1)[-1]
            todo = f"make it before (`model = {made}(…)`) and hand it over by that name, or let the function return it"
            return Obstacle(plan.model.fits[-1], f"the model lives inside a function, and no name of the notebook holds it: {todo}, and adopt again")
        at = plan.model.fits[-1] if plan.model.fits else -1
        calls = [call for trace in self.ran.observation.traces for call in trace.calls]
        if not any(call.kind in ("predict", "score") for call in calls):
            return Obstacle(at, "the notebook asks its model for no prediction, and what it was fitted on could not be said again")
        return Obstacle(at, "the model is given its rows inside a function, or it is not there any more when it has been asked: no name holds both")

    def _followed(self, plan: Plan) -> Derivation | Obstacle:
        traces = {trace.index: trace for trace in self.ran.observation.traces}
        is_of_images = self._reads_images(order_of(plan))
        of_images = self._followed_images(plan, find_readings(self.ran.code.sources, order_of(plan))) if is_of_images else None
        if isinstance(of_images, Derivation):
            return of_images
        found = self._followed_rows(plan, traces)
        return of_images if of_images is not None and isinstance(found, Obstacle) else found

    def _followed_images(self, plan: Plan, readings: Readings) -> Derivation | Obstacle | None:
        """None where the model is not asked about the images that the notebook reads."""
        traces = {trace.index: trace for trace in self.ran.observation.traces}
        facts = self._facts(plan, (), readings.roots)
        if facts is None or not facts.answer.get("images", {}).get("asked"):
            return None
        for way in (derive_from_loader, derive_from_set):
            found = way(self.ran.code, plan, traces, facts)
            if found is not None:
                return found
        if facts.answer.get("root") is None:
            why = next(((each.statement, each.why) for each in readings.found if each.why), None)
            return Obstacle(*why) if why else None
        found = derive(self.ran.code, plan, traces, facts, readings)
        if isinstance(found, Derivation) and not any(ASKED in unit.text for unit in found.units) and not any(ASKED in text for _, text in found.nested):
            return None
        return found

    def _followed_rows(self, plan: Plan, traces: dict[int, Trace]) -> Derivation | Obstacle:
        if plan.model is not None and plan.model.kind == "forecaster":
            facts = self._facts(plan, (), ahead=True)
            return derive(self.ran.code, plan, traces, facts) if facts is not None else Obstacle(self.lost_at, f"its steps could not be followed: {self.lost}")
        facts = self._facts(plan, ())
        roots = roots_of(facts) if facts is not None else []
        if facts is not None and len(roots) > 1:
            root = facts.numbered(facts.answer["root"]) if "root" in facts.answer else None
            found = self._of_apart(plan, traces, facts, root) if root is not None else None
            if found is not None:
                return found
            facts = self._of_one_table(plan, facts, [root] if root else roots)
        if facts is None:
            return Obstacle(self.lost_at, f"its rows could not be followed: {self.lost}")
        if facts.answer.get("why") == NOT_FOLLOWED and roots:
            by_hand = made_in_the_notebook(plan, traces, self.ran.code.sources)
            if by_hand is not None:
                return by_hand
            facts = self._of_windows(plan, facts, roots)
        if facts.answer.get("why") == NOT_FOLLOWED and not roots:
            assert plan.predictions is not None
            return Obstacle(plan.predictions.statement, "none of its statements reads a table with pandas or NumPy: the rows come from no row of a data file")
        return derive(self.ran.code, plan, traces, facts)

    def _of_apart(self, plan: Plan, traces: dict[int, Trace], facts: Facts, root: Fact) -> Derivation | None:
        """The function, where all that it is made of has rows of this table only: then the statements need not run once more with it alone."""
        alone, shared = of_one_table(facts, root.number)
        found = derive(self.ran.code, plan, traces, alone)
        is_whole = isinstance(found, Derivation) and not (found.left or found.doubt or found.otherwise)
        return found if isinstance(found, Derivation) and is_whole and not shared & statements_of(found) else None

    def _of_one_table(self, plan: Plan, seen: Facts, roots: Sequence[Fact]) -> Facts | None:
        """The rows of one table alone, as a function is asked about them; where it is not known which is asked about, the one read last is tried first."""
        facts: Facts | None = seen
        for root in reversed(roots[-MOST_TABLES:]):
            facts = self._facts(plan, [place_of(root)])
            if facts is None or "why" not in facts.answer:
                break
        return facts

    def _of_windows(self, plan: Plan, seen: Facts, roots: Sequence[Fact]) -> Facts:
        """The windows of a series that the model may have been asked about; what was seen without them where there are none."""
        answer = self.answer
        for root in reversed(roots[-MOST_TABLES:]):
            found = self._facts(plan, [place_of(root)], windows=True)
            if found is not None and found.answer.get("why") != NOT_FOLLOWED:
                return found
        self.answer = answer
        return seen

    def _facts(self, plan: Plan, roots: Any, images: Any = None, *, ahead: bool = False, windows: bool = False) -> Facts | None:
        """What following gave; None, with `lost` saying why, where it came to no end."""
        traces = {trace.index: trace for trace in self.ran.observation.traces}
        output = self.runner.workspace.folder_for("rows")
        root = self.runner.workspace.folder_for("run")
        cwd = self.runner.stage(root)
        self.folder = output / "kept"
        if self.allowance.is_over:
            self.lost = self.allowance.said()
            return None
        allowed = self.allowance.one
        with self.allowance.counted():
            seen = observe(
                self.runner.notebook, self.ran.environment, sources=self.ran.code.sources, workspace=root, cwd=cwd, output=output, seed=SEED, hash_seed=0,
                answers=self.runner.notebook.answers, timeout=allowed, keep=order_of(plan), watch=False,
                rows=request(plan, traces, self.folder, roots, images, ahead=ahead, windows=windows),
            )
        facts = read_facts(self.folder)
        self.answer = facts.answer if facts else {}
        self.lost, self.lost_at = _why_lost(seen.failure, allowed), seen.failure.index if seen.failure is not None else -1
        return facts

    def prepared(self, plan: Plan, clean: CleanRun, obstacle: Obstacle) -> Serving | Obstacle:
        """The next best: a function that takes what the model was given, from a file that the pipeline writes; the obstacle where there is none."""
        traces = {trace.index: trace for trace in self.ran.observation.traces}
        asked = last_asked(plan, traces, self.ran.code.sources)
        if asked is None or plan.level == "script":
            return obstacle
        self.asked = replace(asked, array="")
        if self.allowance.is_over:
            return replace(obstacle, why=f"{obstacle.why}; prepared rows were not tried either: {self.allowance.said()}")
        self.runner.reporter.step("Ask the model with prepared rows")
        call = ast.parse(asked.prediction, mode="eval").body
        assert isinstance(call, ast.Call)
        site = site_of(variable_of(call.args[0]))
        asked_plan = replace(plan, predictions=self.asked)
        facts = self._facts(asked_plan, [[ANSWER, site.line, site.column, site.end_line, site.end_column]])
        derived = derive(self.ran.code, asked_plan, traces, facts) if facts else obstacle
        is_whole = isinstance(derived, Derivation) and not derived.changes
        found = self.finish(asked_plan, derived, clean, level="prepared") if isinstance(derived, Derivation) and is_whole else obstacle
        self.runner.reporter.done("")
        return replace(found, level="prepared", obstacle=obstacle) if isinstance(found, Serving) else obstacle

    def finish(self, plan: Plan, derivation: Derivation, clean: CleanRun, *, level: Literal["raw", "prepared"] = "raw") -> Serving | Obstacle:
        """Rehearse the function in the clean project, write it there, and replay the author's rows through it."""
        self.runner.reporter.step("Prove the prediction function")
        found = self._first_finished(plan, derivation, clean, level)
        if isinstance(found, Obstacle) and found.statement < 0:
            found = replace(found, statement=self.asked.statement)  # where it cannot be told apart, what was asked
        said = found.why if isinstance(found, Obstacle) else f"{found.proof.rows} {found.proof.what}, {found.proof.mismatches} differ"
        self.runner.reporter.done(said[:200])
        return found

    def _first_finished(self, plan: Plan, derivation: Derivation, clean: CleanRun, level: Literal["raw", "prepared"]) -> Serving | Obstacle:
        """With the rows before a row where statements look at these; where that cannot be proved, or the answer needs none of them, as for one row."""
        found = self._finished(plan, derivation, clean, level)
        is_enough = isinstance(found, Serving) and (derivation.otherwise is None or "(t-" in found.texts[PLACE])
        if is_enough or derivation.otherwise is None:
            return self._named(derivation, found) if isinstance(found, Obstacle) else found
        other = self._first_finished(plan, derivation.otherwise, clean, level)
        return other if isinstance(other, Serving) else found

    def _named(self, derivation: Derivation, found: Obstacle) -> Obstacle:
        """The statement whose column the function lacks, where that is what it stumbled over."""
        columns = {each: column_of(self.ran.code.sources[each.statement]) for each in derivation.left}
        lacking = [each for each, column in columns.items() if column in found.why] or [each for each in columns if "feature" in found.why]
        return lacking[-1] if lacking else derivation.doubt or found

    def _finished(self, plan: Plan, derivation: Derivation, clean: CleanRun, level: Literal["raw", "prepared"]) -> Serving | Obstacle:
        if derivation.images is not None:
            return finish_images(self, plan, derivation, clean)
        path, shape = self.place(plan)
        text, places = write_module(self.ran.code, derivation, shape)
        arrays = self.ran.observation.folder / "arrays"
        assert plan.model is not None
        observed = str(arrays / self.asked.array) if self.asked.array else ""
        kept_truth = self.folder / "truth.npz"
        rehearsed = self.task(clean, {
            "task": "rehearse", "text": text, "path": str(clean.folder / path), "units": places, "positions": str(self.folder / "positions.npy"),
            "truth": observed or (str(kept_truth) if kept_truth.exists() else ""),
            "is_classifier": is_classifier(plan.model.kind, derivation), "model": derivation.model, "classes": derivation.classes,
            "is_prepared": derivation.is_prepared, "is_whole": derivation.is_prepared and _is_variable(self.asked),
            "window": derivation.window, "lags": self._lags(derivation, shape), "idle": self._idle(derivation), "written_out": answering(plan, derivation),
        })
        if rehearsed is None or "why" in rehearsed:
            return self._obstacle(derivation, rehearsed)
        derivation = with_groups(with_classes(derivation, rehearsed["classes"]), rehearsed["keys"])
        rehearsal = rehearsal_of(rehearsed, derivation, plan.model.kind)
        text, places = write_module(self.ran.code, derivation, replace(shape, rehearsal=rehearsal))
        (clean.folder / path).write_text(text, encoding="utf-8")
        started, chances = time.monotonic(), self.folder / "probabilities.npy"
        replayed = self.task(clean, {
            "task": "replay", "predict": str(clean.folder / path), "positions": str(self.folder / "positions.npy"), "units": places,
            "seconds": SECONDS_ONE_BY_ONE, "whole": [item["name"] for item in rehearsal.inputs if item["type"] == "integer"],
            "expected": observed or str(self.folder / "answer.npy"), "is_network": plan.model.kind == "network",
            "window": derivation.window, "lags": self._lags(derivation),
            "probabilities": str(chances) if derivation.probabilities and chances.exists() else "",
        })
        if replayed is None:
            return Obstacle(-1, f"the function does not run on the author's rows: {self.said}")
        made_up = replayed.get("elsewhere", 0)
        of = self.rows_of(plan) + (f" ({made_up} rows that are in no file, as resampling makes them, left out)" if made_up else "")
        few = replayed.get("first_ones", 0)
        of += f" ({few} that have fewer than {derivation.lags.before} rows before them left out)" if few and derivation.lags else ""
        of = "the steps that the notebook forecasts" if derivation.steps else of
        what = "windows" if derivation.window else "rows in order" if derivation.lags else "rows"
        proof = replace(proof_of(replayed, of, time.monotonic() - started), what=what, note=self._note(rehearsal))
        if proof.mismatches or not proof.rows:
            number = replayed.get("unit")
            return Obstacle(derivation.units[number].statement if number is not None else -1, why_different(replayed, proof.what))
        kept = kept_of(replayed["kept"])
        contract = signature(plan, path, derivation, rehearsal, proof, replayed, level)
        readme = (clean.folder / "README.md").read_text(encoding="utf-8")
        return Serving(proof, {
            path: text, "tests/test_predict.py": write_test(path), "README.md": with_section(readme, path, derivation, proof),
            PLACE: as_json(contract), "model/card.md": card(plan, derivation, rehearsal, proof),
            "evidence/predict.json": as_json(evidence(proof, derivation, kept)), "evidence/predict.md": evidence_page(proof, derivation, kept),
        }, level, kept)

    def _note(self, rehearsal: Rehearsal) -> str:
        """Where the notebook forecasts several steps, that the function answers one."""
        loop = fed_back(self.ran.code.sources, self.ran.code.sources) if any("(t-" in item["name"] for item in rehearsal.inputs) else None
        return words(self.ran.code.cell(loop)) if loop is not None else ""

    def _idle(self, derivation: Derivation) -> list[int]:
        """The units that changed nothing on the author's rows."""
        idle = {trace.index for trace in self.ran.observation.traces if is_idle(trace)}
        return [number for number, unit in enumerate(derivation.units) if unit.statement in idle]

    def _lags(self, derivation: Derivation, shape: Shape | None = None) -> dict[str, Any] | None:
        """In which order the rows were; the text of the function that is given as many rows before a row as could matter, to see that fewer are enough."""
        lags, other = derivation.lags, derivation.otherwise
        if lags is None:
            return None
        further = write_module(self.ran.code, other, shape)[0] if other is not None and other.lags and shape else ""
        return {"order": str(self.folder / f"order_{lags.order}.npy"), "keys": list(lags.keys), "further": further}

    def place(self, plan: Plan) -> tuple[str, Shape]:
        """Where the function stands in the project, and what its text depends on."""
        traces = {trace.index: trace for trace in self.ran.observation.traces}
        material = Material(self.ran.code, plan, traces, frozenset(module.stem for module in self.ran.environment.local_modules))
        functions = {name for i in shared_definitions(material) for name in definition_names(self.ran.code.sources[i])}
        shape = Shape(plan.project, self.runner.notebook.path.name, material.module("artifacts"), functions, material.module("functions"), local=material.local)
        return f"src/{plan.package}/{material.module('predict')}.py", shape

    def rows_of(self, plan: Plan) -> str:
        """Whether the model had seen the rows that it was asked about."""
        return rows_tested(plan, {trace.index: trace for trace in self.ran.observation.traces}, self.answer)

    def task(self, clean: CleanRun, job: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the observer found in the clean project; None when it stopped, with what it said in `said`."""
        scratch = self.runner.workspace.folder_for("task")
        found, self.said = run_task(clean.interpreter, clean.folder, scratch, job, clean.environment, timeout=SECONDS_OF_A_TASK)
        return found

    def _obstacle(self, derivation: Derivation, found: Mapping[str, Any] | None) -> Obstacle:
        if found is None:
            return Obstacle(-1, f"the function does not run on the author's rows: {self.said}")
        number = found.get("unit")
        return Obstacle(derivation.units[number].statement if number is not None else -1, str(found["why"]))


def _is_variable(asked: PredictionPlan) -> bool:
    """Whether the model is given a variable as it is: then it takes every column of it."""
    call = ast.parse(asked.prediction, mode="eval").body
    return isinstance(call, ast.Call) and bool(call.args) and isinstance(call.args[0], ast.Name)


def _why_lost(failure: Failure | None, allowed: float) -> str:
    """Why following came to no end, as half a sentence."""
    if failure is None:
        return "the statements do not run a second time"
    if failure.type == "Timeout":
        return f"with every expression watched the notebook had come no further than cell {failure.cell} after {allowed:.0f} s"
    said = failure.message.strip().splitlines()
    return f"cell {failure.cell} stops when it runs a second time: {failure.type}" + (f": {said[0][:200]}" if said else "")


__all__ = ["Deriver", "PredictProof"]
