"""The page of a command that cannot go on: what happened, where, what to do."""

from __future__ import annotations

from ferrata.errors import (
    CodeError,
    EnvironmentFailed,
    FerrataError,
    NotebookDoesNotRun,
    NotebookError,
    NothingToAdopt,
    OutsideError,
    ProjectError,
    UsageError,
)
from ferrata.pages.data import no_adoption_data
from ferrata.records.adoption import AdoptOutcome, Cause
from ferrata.records.page import Code, Page, Section, Text

# The stable word that `cause.kind` has in JSON, by the first class that fits.
_KINDS: tuple[tuple[type[FerrataError], str], ...] = (
    (UsageError, "usage"),
    (NotebookError, "notebook"),
    (EnvironmentFailed, "environment"),
    (NotebookDoesNotRun, "run"),
    (NothingToAdopt, "nothing-to-adopt"),
    (ProjectError, "project"),
    (OutsideError, "outside"),
)


def cause_of(error: FerrataError, *, tried: tuple[str, ...] = ()) -> Cause:
    kind = next((kind for type_, kind in _KINDS if isinstance(error, type_)), "outside")
    place = (error.cell, error.line) if isinstance(error, CodeError) else (0, 0)
    return Cause(kind, error.what, error.where, error.todo, *place, tried=tried)


def outcome_of(error: FerrataError) -> AdoptOutcome:
    return AdoptOutcome.NOT_RUN if isinstance(error, (NotebookDoesNotRun, EnvironmentFailed)) else AdoptOutcome.REFUSED


def refusal_page(error: FerrataError) -> Page:
    cause = cause_of(error)
    return Page(
        "Ferrata cannot go on", cause_blocks(cause), no_adoption_data(outcome_of(error), cause), status=error.status
    )


def cause_blocks(cause: Cause) -> tuple[Text | Section, ...]:
    what = Text(cause.what, "bad")
    where = Text(f"Where: {cause.where}") if cause.where else None
    todo = Text(f"What to do: {cause.todo}", "strong") if cause.todo else None
    tried = Section("What was tried", tuple(Text(attempt) for attempt in cause.tried)) if cause.tried else None
    return tuple(block for block in (what, where, todo, tried) if block)


def interrupted_page(what: str, status: int) -> Page:
    todo = "No project was left half-made. The same command continues where this one stopped."
    cause = Cause("interrupted", what, todo=todo)
    return Page(what, (Text(todo),), no_adoption_data(AdoptOutcome.REFUSED, cause), status=status)


def bug_page(traceback: str, status: int) -> Page:
    last = traceback.strip().splitlines()[-1]
    what = "This is a bug in Ferrata, not in your notebook."
    todo = "Please report it with the text above and the command that you typed. Your files are as they were."
    cause = Cause("bug", last, where=traceback, todo=todo)
    blocks = (Code(traceback), Text(what, "bad"), Text(todo))
    return Page("Ferrata has failed", blocks, no_adoption_data(AdoptOutcome.REFUSED, cause), status=status)
