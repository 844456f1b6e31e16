"""docs/ci.md of the project: what runs when, and what has to be done by hand."""

from __future__ import annotations

from ferrata.steps.automating import releasing
from ferrata.steps.automating.forgejo import KEYS
from ferrata.steps.automating.setting import Setting

PATH = "docs/ci.md"
_CLOUDS = {
    "s3": (
        "Make two IAM roles that trust GitHub's OIDC provider (token.actions.githubusercontent.com) for this repository alone: one that reads the bucket, "
        "one for the main branch that writes.",
        "AWS_ROLE_READ, AWS_ROLE_WRITE (their ARNs) and AWS_REGION",
    ),
    "gs": (
        "Make a workload identity provider for this repository alone, and two service accounts: one that reads the bucket, one that writes.",
        "GCP_PROVIDER, GCP_ACCOUNT_READ and GCP_ACCOUNT_WRITE",
    ),
    "azure": (
        "Make two app registrations with a federated credential for this repository: one that reads the container, one that writes.",
        "AZURE_CLIENT_READ, AZURE_CLIENT_WRITE, AZURE_TENANT and AZURE_SUBSCRIPTION",
    ),
}
_ACTIONS = "Settings → Secrets and variables → Actions"


def needs(forge: str, setting: Setting) -> tuple[str, ...]:
    """One sentence for each thing that is to be done by hand."""
    of_forge = {"github": _of_github, "gitlab": _of_gitlab, "forgejo": _of_forgejo}[forge](setting)
    return (*(() if setting.is_reachable else (_no_remote(setting),)), *of_forge, *releasing.needs(forge, setting))


def _of_github(setting: Setting) -> list[str]:
    checks = "Settings → Branches: require the checks “Builds elsewhere, same results” and “Better or worse” for the main branch, if they shall say no."
    if setting.is_cloud:
        todo, names = _CLOUDS[setting.remote]
        return [todo, f"{_ACTIONS} → Variables: {names}. They are no secrets; no key is kept anywhere.", checks]
    if setting.remote == "ssh":
        return [f"{_ACTIONS}: the secret SSH_KEY (a key for this purpose alone) and the variable SSH_KNOWN_HOSTS (what ssh-keyscan HOST prints).", checks]
    return [checks]


def _of_gitlab(setting: Setting) -> list[str]:
    token = (
        "Settings → Access tokens: a project access token with the role Developer and the scope api. Settings → CI/CD → Variables: GITLAB_TOKEN, masked. "
        "Without it nothing is posted, and everything else runs."
    )
    if not setting.is_reachable:
        return [token]
    names = ", ".join(KEYS[setting.remote])
    return [token, f"Settings → CI/CD → Variables, masked: {names}, with the right to read; for the main branch, protected, one with the right to write."]


def _of_forgejo(setting: Setting) -> list[str]:
    return [f"Settings → Actions → Secrets: {', '.join(KEYS[setting.remote])}, with the right to read and no other."] if setting.is_reachable else []


def _no_remote(setting: Setting) -> str:
    todo = "add one that a network reaches (ferrata remote add URL), push, and write this again."
    if setting.remote == "folder":
        return f"The data is shared in a folder, which a clean machine does not have: {todo}"
    return f"No remote is set in .dvc/config, and without one a clean machine cannot have data that is tracked by hash: {todo}"


def page(forge: str, path: str, setting: Setting, todo: tuple[str, ...]) -> str:
    steps = "\n".join(f"{number}. {each}" for number, each in enumerate(todo, 1)) or "Nothing."
    shared = " On the main branch, results and models are pushed to where the data is." if setting.is_reachable and forge != "forgejo" else ""
    if setting.target:
        shared += f" Then it is shipped to {setting.target.name}, if it is no worse than what was there before."
    return f"""# What CI does

`{path}` was written by `ferrata ci {forge}`; write it again after a change of the remote.

On each pull request, from a clean machine: Ferrata is installed in the release that stands there ({setting.package}), the data is pulled, the project is
built from a clone and compared with what it recorded (`ferrata verify`), and its results are compared with those of the branch it goes into (`ferrata
gate`). The job fails only where the change is worse beyond noise, or breaks a rule of `[tool.ferrata.gate]` in pyproject.toml. The page becomes one
comment, which later runs change.{shared}

The job that may write runs no code of the pull request. A pull request of a fork gets no secret and no comment.

## What it needs from you

{steps}
"""
