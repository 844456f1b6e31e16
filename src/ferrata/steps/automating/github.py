"""GitHub Actions: least privilege for each job, actions pinned by commit, no code of a pull request beside a token that may write."""

from __future__ import annotations

from ferrata.steps.automating.setting import MARK, Setting

PATH = ".github/workflows/ferrata.yml"
CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
UV = "astral-sh/setup-uv@f0ec1fc3b38f5e7cd731bb6ce540c5af426746bb # v6.1.0"
UPLOAD = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2"
_DOWNLOAD = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0"
# A fork gets neither secrets nor an identity; what it can read without, it reads.
_OURS = "github.event.pull_request.head.repo.fork != true"
_CLOUDS = {
    "s3": ("aws-actions/configure-aws-credentials@b47578312673ae6fa5b5096b330d9fbac3d116df # v4.2.1",
           {"role-to-assume": "${{ vars.AWS_ROLE_@@ }}", "aws-region": "${{ vars.AWS_REGION }}"}),
    "gs": ("google-github-actions/auth@ba79af03959ebeac9769e648f473a284504d9193 # v2.1.10",
           {"workload_identity_provider": "${{ vars.GCP_PROVIDER }}", "service_account": "${{ vars.GCP_ACCOUNT_@@ }}"}),
    "azure": ("azure/login@a457da9ea143d694b1b9c7c869ebb04ebe844ef5 # v2.3.0",
              {"client-id": "${{ vars.AZURE_CLIENT_@@ }}", "tenant-id": "${{ vars.AZURE_TENANT }}", "subscription-id": "${{ vars.AZURE_SUBSCRIPTION }}"}),
}  # fmt: skip


def workflow(setting: Setting) -> str:
    return f"""{MARK} github`; docs/ci.md says what it needs.
name: ferrata

on:
  pull_request:
  push:
    branches: [{setting.branch}]

permissions: {{}}

concurrency:
  group: ferrata-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

env:
  FERRATA: {setting.package}

jobs:
  verify:
    name: Builds elsewhere, same results
    runs-on: ubuntu-24.04
    timeout-minutes: 120
    permissions:
      contents: read{identity(setting)}
    steps:
{start(setting, "READ")}      - name: Build it from a clone and compare
        run: ferrata verify --from HEAD

  compare:
    name: Better or worse
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-24.04
    timeout-minutes: 120
    permissions:
      contents: read{identity(setting)}
    steps:
{start(setting, "READ")}{compared(UPLOAD)}
  # It runs no code of the pull request: only this job may write, and it only posts what the one before kept.
  post:
    name: Report
    needs: compare
    if: always() && github.event_name == 'pull_request' && {_OURS}
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: write # for the branch ferrata-reports, where the drawings of the comment are
      pull-requests: write
      statuses: write
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
      - uses: {UV}
        with:
          enable-cache: false
      - name: Install Ferrata
        run: uv tool install "$FERRATA"
      - uses: {_DOWNLOAD}
        with:
          name: evidence
          path: evidence
      - name: Post the page
        run: ferrata report --post --kept
        env:
          GITHUB_TOKEN: ${{{{ secrets.GITHUB_TOKEN }}}}
{_publish(setting)}"""


def compared(upload: str) -> str:
    """The steps of a verdict on a pull request; `upload` is the action that keeps files."""
    return f"""      - name: Bring the results up to date
        run: ferrata run
      - name: Compare with the branch it goes into
        run: ferrata gate "$BASE"
        env:
          BASE: origin/${{{{ github.base_ref }}}}
      - name: Keep the page
        if: always()
        uses: {upload}
        with:
          name: evidence
          path: evidence/compare*
          if-no-files-found: ignore
"""


def identity(setting: Setting) -> str:
    return "\n      id-token: write # to be known to the cloud, without a key that lives" if setting.is_cloud else ""


def start(setting: Setting, right: str) -> str:
    lines = [
        f"- uses: {CHECKOUT}", "  with:", "    fetch-depth: 0", "    persist-credentials: false", f"- uses: {UV}", "  with:", "    enable-cache: true",
        "    cache-dependency-glob: uv.lock", "- name: Install Ferrata", '  run: uv tool install "$FERRATA"',
    ]  # fmt: skip
    if setting.is_cloud:
        uses, given = _CLOUDS[setting.remote]
        lines += [f"- uses: {uses}", f"  if: {_OURS}", "  with:", *(f"    {name}: {value.replace('@@', right)}" for name, value in given.items())]
    if setting.is_reachable:
        lines += ["- name: Get the data", *(["  run: ferrata pull"] if setting.is_cloud else over_ssh("pull", right))]
    return "".join(f"      {line}\n" for line in lines)


def over_ssh(verb: str, right: str) -> list[str]:
    """The key is there for this step alone, in a home of its own: a runner may be somebody's machine, with keys in the other one."""
    return [
        "  run: |", "    keys=$(mktemp -d)", "    trap 'rm -rf \"$keys\"' EXIT", '    install -m 700 -d "$keys/.ssh"',
        "    printf '%s\\n' \"$SSH_KNOWN_HOSTS\" > \"$keys/.ssh/known_hosts\"",
        "    (umask 077 && printf '%s\\n' \"$SSH_KEY\" > \"$keys/.ssh/id_ed25519\")", f'    HOME="$keys" ferrata {verb}', "  env:",
        f"    SSH_KEY: ${{{{ secrets.SSH_KEY_{right} }}}}", "    SSH_KNOWN_HOSTS: ${{ vars.SSH_KNOWN_HOSTS }}",
    ]  # fmt: skip


def _publish(setting: Setting) -> str:
    """Results and models of the main branch go where the data is."""
    if not setting.is_reachable:
        return ""
    push = ["- name: Share the results and the model", *(["  run: ferrata push"] if setting.is_cloud else over_ssh("push", "WRITE"))]
    return f"""
  publish:
    name: Share results and model
    if: github.event_name == 'push'
    needs: verify
    runs-on: ubuntu-24.04
    timeout-minutes: 120
    permissions:
      contents: read{identity(setting)}
    steps:
{start(setting, "WRITE")}      - name: Bring the results up to date
        run: ferrata run
{"".join(f"      {line}{chr(10)}" for line in push)}"""
