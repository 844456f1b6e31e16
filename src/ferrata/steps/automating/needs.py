"""docs/ci.md of the project: what runs when, and what has to be done by hand."""

from __future__ import annotations

from ferrata.steps.automating import releasing
from ferrata.steps.automating.forgejo import KEYS
from ferrata.steps.automating.setting import Setting

PATH = "docs/ci.md"
# {who} is the issuer of the job's identity, {where} the branch condition.
_CLOUDS = {
    "s3": (
        "In AWS, make an OIDC identity provider for {who} with the audience sts.amazonaws.com, and two IAM roles that trust it for this repository alone: one "
        "that reads the bucket, one, for the main branch alone, that writes.",
        "AWS_ROLE_READ, AWS_ROLE_WRITE (their ARNs) and AWS_REGION",
    ),
    "gs": (
        "In Google Cloud, make a workload identity provider for {who} and this repository alone, and two service accounts: one that reads the bucket, one, for "
        "the main branch alone, that writes.",
        "GCP_PROVIDER (projects/…/locations/global/workloadIdentityPools/…/providers/…), GCP_ACCOUNT_READ and GCP_ACCOUNT_WRITE (their addresses)",
    ),
    "azure": (
        "In Azure, make two app registrations with a federated credential for {who} and this repository: one that reads the container, one, for the main "
        "branch alone, that writes.",
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
        who = todo.format(who="https://token.actions.githubusercontent.com")
        return [who, f"{_ACTIONS} → Variables: {names}. They are no secrets; no key is kept anywhere.", checks]
    if setting.remote == "ssh":
        return [_of_ssh(f"{_ACTIONS} → Secrets", f"{_ACTIONS} → Variables"), checks]
    return [checks]


def _of_ssh(secrets: str, variables: str) -> str:
    return (
        f"Make two SSH keys for this purpose alone, one of a user of the machine that may read the folder, one of a user that may write. {secrets}: "
        f"SSH_KEY_READ and SSH_KEY_WRITE. {variables}: SSH_KNOWN_HOSTS (what ssh-keyscan HOST prints)."
    )


def _of_gitlab(setting: Setting) -> list[str]:
    token = (
        "Settings → Access tokens: a project access token with the role Developer and the scope api. Settings → CI/CD → Variables: GITLAB_TOKEN, masked. "
        "Without it nothing is posted, and everything else runs."
    )
    if setting.is_cloud:
        todo, names = _CLOUDS[setting.remote]
        names = names.replace(", AZURE_TENANT and AZURE_SUBSCRIPTION", " and AZURE_TENANT")
        who = todo.format(who="your GitLab (https://gitlab.com, or its own address)")
        return [token, who, f"Settings → CI/CD → Variables: {names}. They are no secrets; no key is kept anywhere."]
    if setting.remote == "ssh":
        where = "Settings → CI/CD → Variables, of the type File, the second one protected, so that the main branch alone has it"
        return [token, _of_ssh(where, "Settings → CI/CD → Variables, of the type Variable")]
    return [token]


def _of_forgejo(setting: Setting) -> list[str]:
    secrets, variables = "Settings → Actions → Secrets", "Settings → Actions → Variables"
    if setting.remote == "ssh":
        return [_of_ssh(secrets, variables)]
    if not setting.is_cloud:
        return []
    names = [f"{name}_{right}" for right in ("READ", "WRITE") for name in KEYS[setting.remote]]
    what = " (the JSON of a key of a service account)" if setting.remote == "gs" else ""
    region = f" {variables}: AWS_REGION." if setting.remote == "s3" else ""
    return [f"{secrets}: {', '.join(names)}{what}; what ends in _READ may read and nothing else, what ends in _WRITE may write.{region}"]


def _no_remote(setting: Setting) -> str:
    todo = "add one that a network reaches (ferrata remote add URL), push, and write this again."
    if setting.remote == "folder":
        return f"The data is shared in a folder, which a clean machine does not have: {todo}"
    return f"No remote is set in .dvc/config, and without one a clean machine cannot have data that is tracked by hash: {todo}"


def page(forge: str, path: str, setting: Setting, todo: tuple[str, ...]) -> str:
    steps = "\n".join(f"{number}. {each}" for number, each in enumerate(todo, 1)) or "Nothing."
    shared = " On the main branch, results and models are pushed to where the data is." if setting.is_reachable else ""
    if setting.target:
        shared += f" Then it is shipped to {setting.target.name}, if it is no worse than what was there before."
    return f"""# What CI does

`{path}` was written by `ferrata ci {forge}`; write it again after a change of the remote.

On each pull request, from a clean machine: Ferrata is installed in the release that stands there ({setting.package}), the data is pulled, the project is
built from a clone and compared with what it recorded (`ferrata verify`), and its results are compared with those of the branch it goes into (`ferrata
gate`). The job fails only where the change is worse beyond noise, or breaks a rule of `[tool.ferrata.gate]` in pyproject.toml. The page becomes one
comment, which later runs change.{shared}

The drawings of the comment are committed to the branch `ferrata-reports`, and the comment names them by commit: they show for as long as that branch is
there. Deleting it takes the drawings out of old comments, and nothing else. Where the job may not write to it, the comment has drawings in characters.

The job that may write runs no code of the pull request. A pull request of a fork gets no secret and no comment.

## What it needs from you

{steps}
"""
