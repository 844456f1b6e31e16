"""What a workflow has to know of the project."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.programs import git
from ferrata.records.shipping import Target
from ferrata.store.config import read_config
from ferrata.world import process

MARK = "# Written by `ferrata ci"
CLOUDS = ("s3", "gs", "azure")


@dataclass(frozen=True)
class Setting:
    """`remote` is the kind of the data's remote: `s3`, `gs`, `azure`, `ssh`, `folder`, or "" for none. `package` is what uv installs.

    `target` is where the main branch is shipped to, if anywhere; `repository` where its image is pushed.
    """

    branch: str
    remote: str
    package: str
    target: Target | None = None
    repository: str = ""

    @property
    def is_cloud(self) -> bool:
        return self.remote in CLOUDS

    @property
    def is_reachable(self) -> bool:
        return self.is_cloud or self.remote == "ssh"


def setting_of(project: Path) -> Setting:
    """Of the settings that are in Git: a machine that starts clean sees no others."""
    try:
        url = read_config(project, files=(project / ".dvc" / "config",)).remote().url
    except ProjectError:
        url = ""
    scheme = url.partition("://")[0] if "://" in url else "folder" if url else ""
    kind = {"gcs": "gs", "file": "folder", "abfs": "azure", "sftp": "ssh"}.get(scheme, scheme)
    extra = f"[{kind}]" if kind in (*CLOUDS, "ssh") else ""
    return Setting(_branch(project), kind, f"ferrata{extra}=={version('ferrata')}")


def _branch(project: Path) -> str:
    names = [name for name in ("main", "master") if process.run(git.rev_parse(project, name)).status == 0]
    return names[0] if names else process.run(git.branch(project)).output.strip() or "main"
