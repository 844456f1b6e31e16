"""Forgejo Actions, and Gitea's: GitHub's words with other addresses. The token of a job is one for all of it, so that it is handed to one step alone."""

from __future__ import annotations

from ferrata.steps.automating import github
from ferrata.steps.automating.setting import MARK, Setting

PATH = ".forgejo/workflows/ferrata.yml"


def workflow(setting: Setting) -> str:
    return f"""{MARK} forgejo`; docs/ci.md says what it needs.
name: ferrata

on:
  pull_request:
  push:
    branches: [{setting.branch}]

env:
  FERRATA: {setting.package}

jobs:
  verify:
    runs-on: docker
    timeout-minutes: 120
    steps:
{start(setting)}      - name: Build it from a clone and compare
        run: ferrata verify --from HEAD

  compare:
    if: github.event_name == 'pull_request'
    runs-on: docker
    timeout-minutes: 120
    steps:
{start(setting)}      - name: Bring the results up to date
        run: ferrata run
      - name: Compare with the branch it goes into
        run: ferrata gate "$BASE"
        env:
          BASE: origin/${{{{ github.base_ref }}}}
      - name: Post the page
        if: always() && github.event.pull_request.head.repo.fork != true
        run: ferrata report --post --kept
        env:
          FORGEJO_TOKEN: ${{{{ secrets.GITHUB_TOKEN }}}}
"""


def start(setting: Setting) -> str:
    checkout, uv = (f"https://github.com/{each}" for each in (github.CHECKOUT, github.UV))
    lines = [
        f"- uses: {checkout}", "  with:", "    fetch-depth: 0", "    persist-credentials: false", f"- uses: {uv}", "  with:", "    enable-cache: true",
        "    cache-dependency-glob: uv.lock", "- name: Install Ferrata", '  run: uv tool install "$FERRATA"',
    ]  # fmt: skip
    if setting.is_reachable:
        lines += ["- name: Get the data", "  run: ferrata pull", "  env:", *(f"    {name}: ${{{{ secrets.{name} }}}}" for name in KEYS[setting.remote])]
    return "".join(f"      {line}\n" for line in lines)


# Forgejo gives jobs no identity that clouds know, so that a key with the right to read has to do.
KEYS = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "gs": ("GOOGLE_APPLICATION_CREDENTIALS_JSON",), "azure": ("AZURE_STORAGE_CONNECTION_STRING",),
    "ssh": ("SSH_KEY",),
}  # fmt: skip
