"""Client: signature → one file in the language that was asked for."""

from __future__ import annotations

from pathlib import Path

from ferrata.errors import UsageError
from ferrata.flow.serving import project_of_service
from ferrata.pages.service import client_page
from ferrata.records.page import Page
from ferrata.steps.serving.clients import client_file, write_client
from ferrata.steps.signature import read_signature
from ferrata.world.disk import project_disk_errors, write_whole


def client(language: str, out: str = "", *, folder: Path | None = None) -> Page:
    """Write the client to `out`, else to clients/ of the project. ProjectError where there is no signature, UsageError where `out` is a folder."""
    here = folder or Path.cwd()
    project = project_of_service(here)
    signature = read_signature(project)
    place = here / out if out else project / "clients" / client_file(signature, language)
    if place.is_dir():
        raise UsageError(f"{out} is a folder", where="--out", todo=f"Name a file in it: --out {Path(out) / client_file(signature, language)}.")
    with project_disk_errors(project):
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, write_client(signature, language).encode())
    return client_page(language, place, str(signature["name"]))
