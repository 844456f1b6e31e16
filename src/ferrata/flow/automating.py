"""Automate: what the project is → the workflow of its forge, and what that needs → page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrata.errors import ProjectError
from ferrata.flow.comparing import here
from ferrata.records.evidence import Workflow
from ferrata.records.page import Page, Section, Text
from ferrata.records.shipping import Target
from ferrata.world.disk import write_whole

if TYPE_CHECKING:
    from ferrata.steps.automating.setting import Setting

FORGES = ("github", "gitlab", "forgejo")


def ci(forge: str, *, folder: Path | None = None) -> Page:
    """Write the workflow and docs/ci.md. ProjectError where a file of somebody else is in the way."""
    from ferrata.pages.json import SCHEMA_VERSION

    project = here(folder)
    made = workflow_of(forge, _setting(project))
    for path in made.files:
        _refuse_theirs(project / path, path, forge)
    for path, text in made.files.items():
        write_whole(project / path, text.encode())
    data = {"schema_version": SCHEMA_VERSION, "outcome": "written", "forge": forge, "files": list(made.files), "needs": list(made.needs)}
    written, todo = (tuple(Text(each) for each in part) for part in (made.files, made.needs or ("Nothing.",)))
    blocks = (Section("Written", written), Section("To be done by hand", todo))
    return Page(f"{project.name}: the workflow for {forge}", blocks, data, "git add --all && git commit && git push")


def _setting(project: Path) -> Setting:
    """With the target to which the main branch is shipped, where the project has one."""
    from ferrata.steps.automating.setting import setting_of
    from ferrata.steps.imaging.settings import read_settings, table

    found = setting_of(project)
    if not table(project, "ship"):
        return found
    return replace(found, target=_target(project, table(project, "ci")), repository=read_settings(project).repository)


def _target(project: Path, chosen: dict[str, Any]) -> Target | None:
    """The one that is named (`ship`, "" for none), else the only one; this machine is none for others. ProjectError where it is to be said which one."""
    from ferrata.flow.releases import target_of, targets_of

    where = f"{project / 'pyproject.toml'}, [tool.ferrata.ci]"
    if unknown := sorted(set(chosen) - {"ship"}):
        raise ProjectError(f"There is no setting {unknown[0]}", where=where, todo='It is ship, the target of the main branch: ship = "production".')
    known = [name for name, target in targets_of(project).items() if target.kind != "local"]
    named = chosen.get("ship", known[0] if len(known) == 1 else "" if not known else None)
    if named is not None and (named == "" or named in known):
        return target_of(project, named) if named else None
    todo = f'Say it: [tool.ferrata.ci] ship = "{known[0] if known else ""}" in pyproject.toml; it has {", ".join(known) or "none"}, and ship = "" is for none.'
    raise ProjectError("It is not said to which target the main branch is shipped", where=where, todo=todo)


def workflow_of(forge: str, setting: Setting) -> Workflow:
    from ferrata.steps.automating import forgejo, github, gitlab, needs, releasing
    from ferrata.steps.shipping import rights

    module = {"github": github, "gitlab": gitlab, "forgejo": forgejo}[forge]
    todo = needs.needs(forge, setting)
    files = {module.PATH: module.workflow(setting) + releasing.job(forge, setting), needs.PATH: needs.page(forge, module.PATH, setting, todo)}
    if setting.target and setting.target.kind == "kubernetes":
        files[rights.path(setting.target)] = rights.text(setting.target)
    return Workflow(forge, files, todo)


def _refuse_theirs(file: Path, path: str, forge: str) -> None:
    from ferrata.steps.automating.setting import MARK

    if file.exists() and not file.read_text(encoding="utf-8", errors="replace").startswith((MARK, "# What CI does\n")):
        todo = f"Move it away, run ferrata ci {forge} again, and put the two together."
        raise ProjectError("A file that is not ours is in the way; nothing was written", where=path, todo=todo)
