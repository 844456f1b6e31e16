"""Report: compare and gate → one page in four forms → the comment of a pull request."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ferrata.errors import ProjectError
from ferrata.flow.comparing import EVIDENCE, PLAIN, here
from ferrata.flow.gating import gate
from ferrata.records.evidence import CompareRequest, Posted, Shelved
from ferrata.records.page import Section, Text
from ferrata.steps.reporting.forges import Forge
from ferrata.world.reporter import Reporter

if TYPE_CHECKING:
    from ferrata.records.page import Page

_SHOWN = re.compile(r"!\[([^\n]*?)\]\(compare/(\w+)\.svg\)")


def report(request: CompareRequest, reporter: Reporter, *, is_posted: bool = False, is_kept: bool = False, number: int = 0, folder: Path | None = None) -> Page:
    """The page of the gate, whose status is 0 also where the gate says no: it is told, by the page and by the commit's status.

    UsageError where nothing says which pull request this is, OutsideError where the forge refuses; else as `compare`.
    """
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
    text, shelved = _comment(project, page, forge, is_kept=is_kept)
    posted = post(forge, text, name=project.name, passes=bool(page.data["passes"]), words=page.title)
    reporter.done("a new comment" if posted.is_new else "the comment was changed")
    data = {**page.data, "posted": {**vars(posted), "drawings": vars(shelved)}}
    return replace(page, blocks=(*page.blocks, _told(posted, shelved), files), data=data)


def _told(posted: Posted, shelved: Shelved) -> Section:
    place = posted.url or f"pull request {posted.number} of {posted.forge}"
    lines = [Text(f"{'Posted' if posted.is_new else 'Brought up to date'}: {place}", "good")]
    if shelved.commit:
        lines.append(Text(f"Its drawings are in commit {shelved.commit[:7]} of the branch {shelved.branch}, and show for as long as that is there.", "faint"))
    if shelved.why:
        lines.append(Text(f"Its drawings are in characters: {shelved.why}.", "warn"))
    if posted.no_status:
        lines.append(Text(f"The commit has no status: {posted.no_status}.", "warn"))
    return Section("Pull request", tuple(lines))


def _comment(project: Path, page: Page, forge: Forge, *, is_kept: bool) -> tuple[str, Shelved]:
    """The page with its drawings where the forge takes them, else with those in characters."""
    from ferrata.pages.figures import figures, with_addresses
    from ferrata.pages.markdown import to_markdown
    from ferrata.steps.reporting.shelf import shelve

    if not is_kept:
        shelved = shelve(forge, {figure.name: figure.svg for figure in figures(page)}, name=project.name)
        return to_markdown(with_addresses(page, shelved.addresses)), shelved
    text = (project / EVIDENCE[1]).read_text(encoding="utf-8", errors="replace")
    shelved = shelve(forge, _kept_drawings(project, text), name=project.name)
    if not shelved.addresses:
        plain = project / PLAIN
        return (plain if plain.is_file() else project / EVIDENCE[1]).read_text(encoding="utf-8", errors="replace"), shelved
    return _SHOWN.sub(lambda match: f"![{match[1]}]({shelved.addresses[match[2]]})", text), shelved


def _kept_drawings(project: Path, text: str) -> dict[str, str]:
    """Those that the page shows, by name."""
    found = {}
    for _, name in _SHOWN.findall(text):
        file = project / "evidence" / "compare" / f"{name}.svg"
        found[name] = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    return found


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
