"""Gate: compare → the rules of the project → yes or no."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrata.errors import ProjectError, UsageError
from ferrata.flow.comparing import compared_in, here, write_evidence
from ferrata.records.evidence import Compared, CompareRequest, Rule
from ferrata.world.reporter import Reporter

if TYPE_CHECKING:
    from ferrata.records.page import Page

_RULE = re.compile(r"\s*(.+?)\s*(>=|<=|>|<)\s*([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*")


def gate(request: CompareRequest, rules: tuple[str, ...], reporter: Reporter, *, folder: Path | None = None) -> Page:
    """The page of the comparison, headed by whether it passes: no where the main score is worse beyond noise, or a rule is broken.

    UsageError for a rule that is none, ProjectError for rules in pyproject.toml that cannot be read; else as `compare`.
    """
    from ferrata.pages.comparison import gate_page

    project = here(folder)
    wanted = [_parsed(text, "--rule") for text in rules] or [_parsed(text, "pyproject.toml, [tool.ferrata.gate]") for text in _kept(project)]
    compared = compared_in(project, request, reporter)
    kept = _held(compared, wanted)
    page = gate_page(project.name, compared, kept)
    write_evidence(project, page)
    return page


def _kept(project: Path) -> list[str]:
    """`rules` of `[tool.ferrata.gate]`."""
    try:
        content: Any = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"pyproject.toml cannot be read: {error}", where="pyproject.toml", todo="Correct it.") from error
    rules = content.get("tool", {}).get("ferrata", {}).get("gate", {}).get("rules", [])
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise ProjectError("`rules` is no list of texts", where="pyproject.toml, [tool.ferrata.gate]", todo='Write rules = ["accuracy >= 0.8"].')
    return rules


def _parsed(text: str, where: str) -> Rule:
    match = _RULE.fullmatch(text)
    if match is None:
        raise UsageError(f"`{text}` is no rule", where=where, todo='Write a score, one of >= <= > <, and a number: "accuracy >= 0.8".')
    return Rule(text.strip(), match[1], match[2], float(match[3]))


def _held(compared: Compared, rules: list[Rule]) -> tuple[Rule, ...]:
    """Each with the value that the second version has on its own test rows, and whether it holds. UsageError for a score that it does not have."""
    if not rules:
        return ()
    from ferrata.flow.repeating import alone
    from ferrata.statistics.scores import SCORES
    from ferrata.steps.comparing.scoring import score_of

    rows = alone(compared.second)
    found = []
    for rule in rules:
        name = rule.score if rule.score in SCORES else score_of(rule.score)
        if name not in SCORES or not SCORES[name].fits(rows):
            fitting = ", ".join(name for name, score in SCORES.items() if score.fits(rows))
            raise UsageError(f"`{rule.text}` is about a score that these predictions do not have", where="the rules of the gate", todo=f"One of: {fitting}.")
        value = SCORES[name].pair(rows).second.value
        holds = {">=": value >= rule.bound, "<=": value <= rule.bound, ">": value > rule.bound, "<": value < rule.bound}[rule.sign]
        found.append(replace(rule, value=value, holds=holds))
    return tuple(found)
