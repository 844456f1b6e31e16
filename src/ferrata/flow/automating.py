"""Automate: what the project is → the workflow of its forge, and what that needs → page."""

from __future__ import annotations

from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.flow.comparing import here
from ferrata.records.evidence import Workflow
from ferrata.records.page import Page, Section, Text
from ferrata.world.disk import write_whole

FORGES = ("github", "gitlab", "forgejo")


def ci(forge: str, *, folder: Path | None = None) -> Page:
    """Write the workflow and docs/ci.md. ProjectError where a file of somebody else is in the way."""
    from ferrata.pages.json import SCHEMA_VERSION
    from ferrata.steps.automating.setting import setting_of

    project = here(folder)
    made = workflow_of(forge, setting_of(project))
    for path in made.files:
        _refuse_theirs(project / path, path, forge)
    for path, text in made.files.items():
        write_whole(project / path, text.encode())
    data = {"schema_version": SCHEMA_VERSION, "outcome": "written", "forge": forge, "files": list(made.files), "needs": list(made.needs)}
    written, todo = (tuple(Text(each) for each in part) for part in (made.files, made.needs or ("Nothing.",)))
    blocks = (Section("Written", written), Section("To be done by hand", todo))
    return Page(f"{project.name}: the workflow for {forge}", blocks, data, "git add --all && git commit && git push")


def workflow_of(forge: str, setting: object) -> Workflow:
    from ferrata.steps.automating import forgejo, github, gitlab, needs
    from ferrata.steps.automating.setting import Setting

    assert isinstance(setting, Setting)
    module = {"github": github, "gitlab": gitlab, "forgejo": forgejo}[forge]
    todo = needs.needs(forge, setting)
    return Workflow(forge, {module.PATH: module.workflow(setting), needs.PATH: needs.page(forge, module.PATH, setting, todo)}, todo)


def _refuse_theirs(file: Path, path: str, forge: str) -> None:
    from ferrata.steps.automating.setting import MARK

    if file.exists() and not file.read_text(encoding="utf-8", errors="replace").startswith((MARK, "# What CI does\n")):
        todo = f"Move it away, run ferrata ci {forge} again, and put the two together."
        raise ProjectError("A file that is not ours is in the way; nothing was written", where=path, todo=todo)
