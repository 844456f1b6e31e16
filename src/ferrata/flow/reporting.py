"""Report: compare and gate → one page in four forms → the comment of a pull request."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ferrata.flow.comparing import EVIDENCE, here
from ferrata.flow.gating import gate
from ferrata.records.evidence import CompareRequest
from ferrata.records.page import Section, Text
from ferrata.world.reporter import Reporter

if TYPE_CHECKING:
    from ferrata.records.page import Page


def report(request: CompareRequest, reporter: Reporter, *, is_posted: bool = False, number: int = 0, folder: Path | None = None) -> Page:
    """The page of the gate, whose status is 0 also where the gate says no: it is told, by the page and by the commit's status.

    UsageError where nothing says which pull request this is, OutsideError where the forge refuses; else as `compare`.
    """
    from ferrata.pages.markdown import to_markdown
    from ferrata.programs import git
    from ferrata.steps.reporting.found import find_forge
    from ferrata.steps.reporting.posting import post
    from ferrata.world import process

    project = here(folder)
    # Who cannot post should not wait for the comparison first.
    forge = find_forge(os.environ, number=number, commit=process.run(git.rev_parse(project)).output.strip()) if is_posted else None
    page = replace(gate(request, (), reporter, folder=folder), status=0)
    files = Section("Files", tuple(Text(path) for path in EVIDENCE))
    if forge is None:
        return replace(page, blocks=(*page.blocks, files))
    reporter.step(f"Post to {forge.kind}")
    posted = post(forge, to_markdown(page), name=project.name, passes=bool(page.data["passes"]), words=page.title)
    reporter.done("a new comment" if posted.is_new else "the comment was changed")
    told = Text(f"{'Posted' if posted.is_new else 'Brought up to date'}: {posted.url or f'pull request {posted.number} of {posted.forge}'}", "good")
    more = (Text(f"The commit has no status: {posted.no_status}.", "warn"),) if posted.no_status else ()
    return replace(page, blocks=(*page.blocks, Section("Pull request", (told, *more)), files), data={**page.data, "posted": vars(posted)})
