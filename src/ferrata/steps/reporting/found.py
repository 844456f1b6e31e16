"""Which forge, repository and pull request this is, from what the CI systems of the forges set; tokens from the environment alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from ferrata.errors import UsageError
from ferrata.steps.reporting.forges import Forge

_TOKENS = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN"), "gitlab": ("FERRATA_TOKEN", "GITLAB_TOKEN"), "forgejo": ("FORGEJO_TOKEN", "GITEA_TOKEN", "GITHUB_TOKEN"),
}  # fmt: skip


def find_forge(environ: Mapping[str, str], *, number: int = 0, commit: str = "") -> Forge:
    """`number` and `commit` go before what is found. UsageError where something is not to be found; it says what to set."""
    kind = _kind(environ)
    if not kind:
        todo = "Run it in the CI of GitHub, GitLab or Forgejo; `ferrata ci` writes the workflow. Elsewhere set GITHUB_REPOSITORY and GITHUB_TOKEN."
        raise UsageError("Nothing here says which forge this is", where="--post", todo=todo)
    token = next((environ[name] for name in _TOKENS[kind] if environ.get(name)), "")
    if not token:
        todo = f"Set {_TOKENS[kind][0]}; a fork's pull request gets none, and that is as it should be."
        raise UsageError("There is no token to post with", where="--post", todo=todo)
    place = (environ.get("CI_API_V4_URL", ""), environ.get("CI_PROJECT_ID") or environ.get("CI_PROJECT_PATH", "")) if kind == "gitlab" else (
        environ.get("GITHUB_API_URL") or "https://api.github.com", environ.get("GITHUB_REPOSITORY", "")
    )  # fmt: skip
    asked = number or _number(environ, kind)
    if not all(place) or not asked:
        raise UsageError("Nothing here says which pull request this is", where="--post", todo="Give its number: --pull-request N.")
    return Forge(kind, place[0].rstrip("/"), place[1], asked, token, _head(environ, kind) or commit, _web(environ, kind))


def _web(environ: Mapping[str, str], kind: str) -> str:
    if kind == "gitlab":
        return environ.get("CI_PROJECT_URL", "").rstrip("/")
    server = environ.get("GITHUB_SERVER_URL") or ("https://github.com" if kind == "github" and not environ.get("GITHUB_API_URL") else "")
    return f"{server.rstrip('/')}/{environ.get('GITHUB_REPOSITORY', '')}" if server else ""


def _kind(environ: Mapping[str, str]) -> str:
    if environ.get("GITLAB_CI") or environ.get("CI_API_V4_URL"):
        return "gitlab"
    if environ.get("FORGEJO_ACTIONS") or environ.get("GITEA_ACTIONS") or "/api/v1" in environ.get("GITHUB_API_URL", ""):
        return "forgejo"
    return "github" if environ.get("GITHUB_REPOSITORY") else ""


def _number(environ: Mapping[str, str], kind: str) -> int:
    if kind == "gitlab":
        text = environ.get("CI_MERGE_REQUEST_IID", "")
        return int(text) if text.isdigit() else 0
    match = re.fullmatch(r"refs/pull/(\d+)/\w+", environ.get("GITHUB_REF", ""))
    return int(match[1]) if match else int(str(_event(environ).get("number") or 0))


def _head(environ: Mapping[str, str], kind: str) -> str:
    """The commit of the branch: what GitHub checks out for a pull request is a merge that nobody sees."""
    if kind == "gitlab":
        return environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environ.get("CI_COMMIT_SHA", "")
    head = _event(environ).get("head")
    return str(head.get("sha", "")) if isinstance(head, dict) else ""


def _event(environ: Mapping[str, str]) -> dict[str, object]:
    """The pull request in the file of the event."""
    try:
        content = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        found = content.get("pull_request")
        return found if isinstance(found, dict) else {}
    except (KeyError, OSError, ValueError, AttributeError):
        return {}
