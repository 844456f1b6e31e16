"""The objects that `--json` prints, from records. docs/json.md is their contract: add keys, never rename or drop one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.adoption import Adoption, AdoptOutcome, Cause
from ferrata.records.edit import Edit
from ferrata.records.environment import Environment
from ferrata.records.plan import Plan
from ferrata.records.proof import Proof


def adoption_data(adoption: Adoption) -> dict[str, Any]:
    return {
        **no_adoption_data(adoption.outcome, adoption.cause),
        "notebook": str(adoption.notebook),
        "project": str(adoption.project) if adoption.project else None,
        "branch": adoption.branch or None,
        **(proof_data(adoption.proof) if adoption.proof else {}),
        **(plan_data(adoption.plan) if adoption.plan else {}),
        "findings": [asdict(finding) for finding in adoption.findings],
        "edits": [edit_data(edit) for edit in adoption.edits],
        "environment": environment_data(adoption.environment) if adoption.environment else None,
        "timings": [asdict(timing) for timing in adoption.timings],
        "left_out": [asdict(item) for item in adoption.left_out],
        "prediction": asdict(adoption.served) if adoption.served else None,
        "notes": [*(adoption.plan.reasons if adoption.plan else ()), *adoption.notes],
    }


def no_adoption_data(outcome: AdoptOutcome, cause: Cause | None) -> dict[str, Any]:
    """Every key, with nothing in it: what is printed when the command ended before the notebook was looked at."""
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": outcome.value,
        "level": None,
        "notebook": None,
        "project": None,
        "branch": None,
        "cut": None,
        "scores": [],
        "predictions": [],
        "variables": [],
        "stages": [],
        "parameters": {},
        "model": None,
        "findings": [],
        "edits": [],
        "environment": None,
        "timings": [],
        "questions": [],
        "left_out": [],
        "prediction": None,
        "notes": [],
        "cause": asdict(cause) if cause else None,
    }


def proof_data(proof: Proof) -> dict[str, Any]:
    return {
        "level": proof.level.value,
        "scores": [asdict(score) for score in proof.scores],
        "predictions": [asdict(rows) for rows in proof.predictions],
        "variables": [asdict(variable) for variable in proof.variables],
    }


def plan_data(plan: Plan) -> dict[str, Any]:
    parameters: dict[str, dict[str, Any]] = {}
    for parameter in plan.parameters:
        parameters.setdefault(parameter.section, {})[parameter.key] = parameter.value
    return {
        "cut": plan.level,
        "stages": [
            {"name": stage.name, "inputs": stage.inputs, "outputs": stage.outputs, "plots": stage.plots}
            for stage in plan.stages
        ],
        "parameters": parameters,
        "model": {"name": plan.model.name, "type": plan.model.type} if plan.model else None,
        "questions": [{"question": question, "answer": answer} for question, answer in plan.questions],
    }


def edit_data(edit: Edit) -> dict[str, Any]:
    return {
        "cell": edit.cell, "line": edit.line, "before": edit.before, "after": edit.after,
        "rule": edit.rule, "why": edit.why, "silent": edit.silent,
    }


def environment_data(environment: Environment) -> dict[str, Any]:
    return {
        "name": environment.name,
        "python_version": environment.python_version,
        "requirements": [requirement.specifier for requirement in environment.requirements],
        "packages": dict(environment.packages),
        "exclude_newer": environment.exclude_newer or None,
    }
