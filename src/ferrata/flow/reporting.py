"""Report: compare and gate → one page in four forms → the comment of a pull request."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ferrata.errors import ProjectError
from ferrata.flow.comparing import EVIDENCE, here
from ferrata.flow.gating import gate
from ferrata.records.evidence import CompareRequest
from ferrata.records.page import Section, Text
from ferrata.world.reporter import Reporter

if TYPE_CHECKING:
    from ferrata.records.page import Page


def report(request: CompareRequest, reporter: Reporter, *, is_posted: bool = False, is_kept: bool = False, number: int = 0, folder: Path | None = None) -> Page:
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
    page = _kept(project) if is_kept else replace(gate(request, (), reporter, folder=folder), status=0)
    if is_kept and forge is None:
        return page
    files = Section("Files", tuple(Text(path) for path in EVIDENCE))
    if forge is None:
        return replace(page, blocks=(*page.blocks, files))
    reporter.step(f"Post to {forge.kind}")
    posted = post(forge, _markdown(project) if is_kept else to_markdown(page), name=project.name, passes=bool(page.data["passes"]), words=page.title)
    reporter.done("a new comment" if posted.is_new else "the comment was changed")
    told = Text(f"{'Posted' if posted.is_new else 'Brought up to date'}: {posted.url or f'pull request {posted.number} of {posted.forge}'}", "good")
    more = (Text(f"The commit has no status: {posted.no_status}.", "warn"),) if posted.no_status else ()
    return replace(page, blocks=(*page.blocks, Section("Pull request", (told, *more)), files), data={**page.data, "posted": vars(posted)})


def _kept(project: Path) -> Page:
    """What an earlier command wrote: nothing of the project runs. ProjectError where there is nothing."""
    from ferrata.records.page import Page

    try:
        data = json.loads((project / EVIDENCE[0]).read_text(encoding="utf-8"))
        title = f"{data['project']}: {data['verdict'] or data['outcome']}"
        return Page(title, (), {"passes": data["verdict"] != "worse", **data})
    except (OSError, ValueError, KeyError, TypeError) as error:
        todo = "Make it first: ferrata gate, or ferrata report without --kept."
        raise ProjectError("There is no comparison that was kept", where=EVIDENCE[0], todo=todo) from error


def _markdown(project: Path) -> str:
    """Its drawings lie beside it, where a comment does not see them."""
    text = (project / EVIDENCE[1]).read_text(encoding="utf-8", errors="replace")
    return re.sub(r"!\[([^\n]*?)\]\(compare/\w+\.svg\)", r"*\1: see compare.html among the artifacts of the run.*", text)
