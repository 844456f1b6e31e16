"""The environments worth trying for a notebook, most promising first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from packaging.requirements import Requirement as Line

from ferrata.errors import EnvironmentFailed
from ferrata.programs import uv
from ferrata.records.command import Command, Outcome
from ferrata.records.environment import EnvironmentSpec
from ferrata.records.notebook import Notebook
from ferrata.steps.settle import age, declared, interpreters, torch
from ferrata.steps.settle.declared import Declared
from ferrata.steps.settle.distributions import canonical, has_gpu, known
from ferrata.steps.settle.imports import Needs, needs, parse
from ferrata.steps.settle.interpreters import Interpreter
from ferrata.steps.settle.wanted import Terms, relevant, requirements, unknown_modules
from ferrata.world import network, process

# Packages need some months to have wheels for a new Python.
WHEELS_AFTER = timedelta(days=270)
TORCH_INDEX_SECONDS = 3.0
# The day before scikit-learn 1.2 came out; NumPy 1.24 and pandas 2.0 followed within months. What these removed is still there, with warnings, and so is
# most of what had been added by then.
BEFORE_REMOVALS = date(2022, 12, 7)
PYTHON_BEFORE_REMOVALS = (3, 9)


@dataclass(frozen=True)
class Evidence:
    """All that is known before anything is installed."""

    notebook: Notebook
    project: str
    needs: Needs
    declared: Declared
    pythons: tuple[Interpreter, ...]
    wish: str
    notes: tuple[str, ...]
    has_gpu: bool


def candidates(
    notebook: Notebook,
    *,
    project: str,
    python: str = "",
    today: date | None = None,
    run: Callable[[Command], Outcome] = process.run,
) -> list[EnvironmentSpec]:
    """What to settle, in the order to try: as the author's file says (when it names versions), `today`, `of its time`, and `of late 2022`, a last resort.

    `python` is the user's option (a version or a path) and holds for all. Nothing is installed here.
    """
    evidence = _evidence(notebook, project, python, run)
    today = today or date.today()
    its_time = _of_its_time(evidence, today, run, chosen=bool(python))
    specs = [_as_declared(evidence), _today(evidence), its_time, _before_removals(evidence, its_time, chosen=bool(python))]
    answers = _once(partial(network.answers, seconds=TORCH_INDEX_SECONDS))
    kept = [spec for spec in specs if spec is not None]
    return kept if evidence.has_gpu else [torch.without_cuda(spec, wheel_folders=uv.wheel_folders(), answers=answers) for spec in kept]


def _evidence(notebook: Notebook, project: str, python: str, run: Callable[[Command], Outcome]) -> Evidence:
    wanted, found = needs(notebook), declared.find(notebook.path)
    notes: list[str] = []
    if found.file and not relevant(found, wanted):
        notes.append(f"{found.file.name} names nothing that the notebook imports; it was left aside")
        found = Declared()
    if found.file and found.is_dump:
        notes.append(f"{found.file.name} is the dump of a whole environment; only what the notebook imports was taken from it")
    pythons = interpreters.installed(run)
    wish, file = declared.python_wish(notebook.path)
    if python:
        pythons, wish = (interpreters.by_option(pythons, python),), ""
    elif wish and not any(interpreters.allows(wish, one) for one in pythons):
        notes.append(f"{file} asks for Python {wish}, which is not installed")
        wish = ""
    if not pythons:
        raise EnvironmentFailed("No Python from 3.8 on is installed", todo="`uv python install 3.11` gets one.")
    return Evidence(notebook, project, wanted, found, pythons, wish or found.python, tuple(notes), has_gpu())


def _as_declared(evidence: Evidence) -> EnvironmentSpec | None:
    """None when the author names no versions: it would be `today` again."""
    bounded = any(Line(text).specifier for text in evidence.declared.requirements) and not evidence.declared.is_dump
    if not bounded and not any(re.search(r"[=<>~]=?\s*\d", text) for text in evidence.notebook.requirements):
        return None
    old = interpreters.nearest(evidence.pythons, _minor(evidence.notebook.python_version))
    allowed = interpreters.for_today(evidence.pythons, evidence.wish) or list(evidence.pythons)
    order = (
        allowed if evidence.wish or old is None or not _minor(evidence.notebook.python_version)[1] else [old, *(one for one in allowed if one != old)]
    )
    source = evidence.declared.file.name if bounded and evidence.declared.file else "the notebook's install lines"
    is_locked = evidence.declared.file is not None and evidence.declared.file.suffix == ".toml"
    constraints = tuple(f"{name}=={version}" for name, version in evidence.declared.pins.items()) if is_locked else ()
    return replace(_spec(evidence, f"as {source} says", order, Terms(has_gpu=evidence.has_gpu)), constraints=constraints)


def _today(evidence: Evidence) -> EnvironmentSpec:
    order = interpreters.for_today(evidence.pythons, evidence.wish) or interpreters.for_today(evidence.pythons) or list(evidence.pythons)
    return _spec(evidence, "today", order, Terms(with_versions=False, has_gpu=evidence.has_gpu))


def _of_its_time(evidence: Evidence, today: date, run: Callable[[Command], Outcome], *, chosen: bool) -> EnvironmentSpec | None:
    """None when nothing tells the notebook's age, or when it is so young that this would be `today` again."""
    written, why = age.estimate(evidence.notebook, today, run)
    hints = _hints(evidence)
    if (written is None or today - written < age.RECENT) and not hints:
        return None
    written = written or today
    minor = _minor(evidence.notebook.python_version)
    if not minor[1]:
        minor = max((key for key, released in age.RELEASED.items() if released + age.TYPICAL_AGE / 2 <= written), default=interpreters.OLDEST)
    python = evidence.pythons[0] if chosen else interpreters.nearest(evidence.pythons, minor)
    assert python is not None  # `_evidence` refuses an empty list
    before = min(max(written, age.RELEASED.get(python.minor, written) + WHEELS_AFTER), today)
    spec = _spec(evidence, f"of its time (before {before})", [python], Terms(before.isoformat(), with_versions=False, has_gpu=evidence.has_gpu))
    note = (f"dated by {why}",) if why else ()
    return replace(spec, exclude_newer=f"{before.isoformat()}T00:00:00Z", undated=("pyyaml",), constraints=hints, notes=(*spec.notes, *note))


def _before_removals(evidence: Evidence, its_time: EnvironmentSpec | None, *, chosen: bool) -> EnvironmentSpec | None:
    """For a notebook that uses what was removed since, and what its own time, which is an estimate, did not have yet. None where that time is this one."""
    if its_time is not None and abs(date.fromisoformat(its_time.exclude_newer[:10]) - BEFORE_REMOVALS) < age.RECENT:
        return None
    python = evidence.pythons[0] if chosen else interpreters.nearest(evidence.pythons, PYTHON_BEFORE_REMOVALS)
    assert python is not None  # `_evidence` refuses an empty list
    before = BEFORE_REMOVALS.isoformat()
    spec = _spec(evidence, f"of late 2022 (before {before})", [python], Terms(before, with_versions=False, has_gpu=evidence.has_gpu))
    return replace(spec, exclude_newer=f"{before}T00:00:00Z", undated=("pyyaml",), is_last_resort=True)


def _spec(evidence: Evidence, name: str, pythons: list[Interpreter], terms: Terms) -> EnvironmentSpec:
    wanted = requirements(evidence.notebook, evidence.needs, evidence.declared, terms)
    return EnvironmentSpec(
        name=name,
        project=_free_name(evidence.project, [one.specifier for one in wanted]),
        python=pythons[0].path,
        python_version=pythons[0].text,
        requirements=wanted,
        local_modules=evidence.needs.local,
        unknown_modules=unknown_modules(evidence.needs, wanted),
        source=str(evidence.declared.file.name) if evidence.declared.file else "",
        fallbacks=tuple((one.text, one.path) for one in pythons[1:4]),
        wheels_only=tuple(known().wheels["only"]),
        notes=evidence.notes,
    )


def _hints(evidence: Evidence) -> tuple[str, ...]:
    """Exact versions that the author's files and saved outputs show, as constraints."""
    pins = dict(evidence.declared.pins)
    for text in evidence.notebook.requirements:
        line = declared.parse_line(text)
        if line is not None:
            pins |= {canonical(line.name): part.version for part in line.specifier if part.operator == "==" and "*" not in part.version}
    aliases = _aliases(evidence.notebook)
    for name, version in age.saved_versions(evidence.notebook).items():
        distribution = known().find(aliases.get(name, name))
        if distribution:
            pins.setdefault(canonical(distribution), version)
    tensorflow = pins.get("tensorflow") or pins.get("tensorflow-gpu")
    if tensorflow:
        pins |= {"tensorflow-cpu": tensorflow}
    return tuple(f"{name}=={version}" for name, version in pins.items())


def _aliases(notebook: Notebook) -> dict[str, str]:
    """`import tensorflow as tf` → {"tf": "tensorflow"}."""
    import ast

    trees = (tree for statement in notebook.statements if (tree := parse(statement.source)) is not None)
    imports = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import))
    return {alias.asname or alias.name: alias.name for node in imports for alias in node.names}


def _free_name(project: str, specifiers: Iterable[str]) -> str:
    """A project may not carry the name of a package that it needs."""
    name = canonical(re.sub(r"[^A-Za-z0-9._-]+", "-", project)).strip("-") or "notebook"
    return f"{name}-project" if name in {canonical(Line(text).name) for text in specifiers} else name


def _minor(text: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (3, 0)


def _once(answers: Callable[[str], bool]) -> Callable[[str], bool]:
    memory: dict[str, bool] = {}

    def ask(url: str) -> bool:
        if url not in memory:
            memory[url] = answers(url)
        return memory[url]

    return ask
