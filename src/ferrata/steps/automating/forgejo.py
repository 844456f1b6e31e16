"""Forgejo Actions, and Gitea's: GitHub's words with other addresses.

Their artifacts are of GitHub's third version, and they give a job no identity that clouds know, so that keys have to do: one that reads for pull requests,
one that writes for the main branch. The token of a job cannot be narrowed; it is handed to one step of a job that runs no code of the pull request.
"""

from __future__ import annotations

from ferrata.steps.automating import github
from ferrata.steps.automating.setting import MARK, Setting

PATH = ".forgejo/workflows/ferrata.yml"
_UPLOAD = "https://github.com/actions/upload-artifact@ff15f0306b3f739f7b6fd43fb5d26cd321bd4de5 # v3.2.1"
_DOWNLOAD = "https://github.com/actions/download-artifact@9bc31d5ccc31df68ecc42ccf4149144866c47d8a # v3.0.2"
# By kind of remote: the variables that its file system reads. What reads has _READ at its end among the secrets, what writes _WRITE.
KEYS = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "gs": ("GCP_KEY",), "azure": ("AZURE_STORAGE_CONNECTION_STRING",), "ssh": ("SSH_KEY",),
}  # fmt: skip


def workflow(setting: Setting) -> str:
    return f"""{MARK} forgejo`; docs/ci.md says what it needs.
name: ferrata

on:
  pull_request:
  push:
    branches: [{setting.branch}]

concurrency:
  group: ferrata-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

env:
  FERRATA: {setting.package}

jobs:
  verify:
    runs-on: docker
    timeout-minutes: 120
    steps:
{start(setting, "READ")}      - name: Build it from a clone and compare
        run: ferrata verify --from HEAD

  compare:
    if: github.event_name == 'pull_request'
    runs-on: docker
    timeout-minutes: 120
    steps:
{start(setting, "READ")}{github.compared(_UPLOAD)}
  # It runs no code of the pull request, and only posts what the job before kept.
  post:
    needs: compare
    if: always() && github.event_name == 'pull_request' && github.event.pull_request.head.repo.fork != true
    runs-on: docker
    timeout-minutes: 10
    steps:
{_tools("false")}      - uses: {_DOWNLOAD}
        with:
          name: evidence
          path: evidence
      - name: Post the page
        run: ferrata report --post --kept
        env:
          FORGEJO_TOKEN: ${{{{ secrets.GITHUB_TOKEN }}}}
{_publish(setting)}"""


def _publish(setting: Setting) -> str:
    if not setting.is_reachable:
        return ""
    return f"""
  publish:
    if: github.event_name == 'push'
    needs: verify
    runs-on: docker
    timeout-minutes: 120
    steps:
{start(setting, "WRITE")}      - name: Bring the results up to date
        run: ferrata run
      - name: Share the results and the model
{_block(_with_key(setting, "push", "WRITE"), 6)}"""


def start(setting: Setting, right: str) -> str:
    if not setting.is_reachable:
        return _tools("true")
    return _tools("true") + _block(["- name: Get the data", *_with_key(setting, "pull", right)], 6)


def _tools(cache: str) -> str:
    checkout, uv = (f"https://github.com/{each}" for each in (github.CHECKOUT, github.UV))
    lines = [
        f"- uses: {checkout}", "  with:", "    fetch-depth: 0", "    persist-credentials: false", f"- uses: {uv}", "  with:", f"    enable-cache: {cache}",
        *(["    cache-dependency-glob: uv.lock"] if cache == "true" else []), "- name: Install Ferrata", '  run: uv tool install "$FERRATA"',
    ]  # fmt: skip
    return _block(lines, 6)


def _with_key(setting: Setting, verb: str, right: str) -> list[str]:
    """The rest of a step that runs `ferrata pull` or `push`: keys are in its environment alone, files of keys are gone when it ends."""
    if setting.remote == "ssh":
        return github.over_ssh(verb, right)
    given = [f"    {name}: ${{{{ secrets.{name}_{right} }}}}" for name in KEYS[setting.remote]]
    if setting.remote == "gs":
        lines = [
            "  run: |", "    export GOOGLE_APPLICATION_CREDENTIALS=$(mktemp)", "    trap 'rm -f \"$GOOGLE_APPLICATION_CREDENTIALS\"' EXIT",
            "    printf '%s' \"$GCP_KEY\" > \"$GOOGLE_APPLICATION_CREDENTIALS\"", f"    ferrata {verb}", "  env:", *given,
        ]  # fmt: skip
        return lines
    region = ["    AWS_DEFAULT_REGION: ${{ vars.AWS_REGION }}"] if setting.remote == "s3" else []
    return [f"  run: ferrata {verb}", "  env:", *given, *region]


def _block(lines: list[str], depth: int) -> str:
    return "".join(f"{' ' * depth}{line}\n" for line in lines)
