"""GitLab CI: merge requests and the main branch. The job that posts runs no code of the merge request.

Clouds know a job by its ID token (docs.gitlab.com/ci/secrets/id_token_authentication): their own libraries read it from a file that a variable names, so
that no key is kept. A merge request of a fork runs in the fork, whose tokens are the fork's.
"""

from __future__ import annotations

import json

from ferrata.steps.automating.setting import MARK, Setting

PATH = ".gitlab-ci.yml"
# For whom a token is, by kind of remote.
_AUDIENCE = {"s3": "sts.amazonaws.com", "gs": "https://iam.googleapis.com/$GCP_PROVIDER", "azure": "api://AzureADTokenExchange"}
_GOOGLE = {
    "type": "external_account", "audience": "//iam.googleapis.com/$GCP_PROVIDER", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "token_url": "https://sts.googleapis.com/v1/token", "credential_source": {"file": "$CLOUD_TOKEN_FILE"},
    "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/$GCP_ACCOUNT_@@:generateAccessToken",
}  # fmt: skip


def workflow(setting: Setting) -> str:
    publish = f"""
publish:
  extends: .ferrata
  stage: publish
{identity(setting)}  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  interruptible: false
  script:
{_data(setting, "WRITE")}    - ferrata run
{_script(with_key(setting, "push", "WRITE"))}""" if setting.is_reachable else ""  # fmt: skip
    return f"""{MARK} gitlab`; docs/ci.md says what it needs.
stages: [check, report{", publish" if publish else ""}{", release" if setting.target else ""}]

workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH

variables:
  FERRATA: "{setting.package}"
  GIT_DEPTH: "0"
  UV_CACHE_DIR: $CI_PROJECT_DIR/.uv-cache
  UV_TOOL_DIR: $CI_PROJECT_DIR/.venv-tools
  UV_TOOL_BIN_DIR: $CI_PROJECT_DIR/.venv-tools/bin

default:
  image: python:3.12-bookworm
  interruptible: true

.ferrata:
  cache:
    key:
      files: [uv.lock]
    paths: [.uv-cache]
  before_script:
    - python3 -m venv .venv-tools/uv
    - .venv-tools/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.8,<1"
    - printf '*\\n' > .venv-tools/.gitignore
    - .venv-tools/uv/bin/uv tool install --quiet "$FERRATA"
    - export PATH="$CI_PROJECT_DIR/.venv-tools/bin:$PATH"

verify:
  extends: .ferrata
  stage: check
{identity(setting)}  script:
{_data(setting, "READ")}    - ferrata verify --from HEAD

compare:
  extends: .ferrata
  stage: check
{identity(setting)}  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
{_data(setting, "READ")}    - git fetch --quiet origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - ferrata run
    - ferrata gate FETCH_HEAD
  artifacts:
    when: always
    paths: [evidence/]

post:
  extends: .ferrata
  stage: report
  cache: []
  needs: [compare]
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID && $GITLAB_TOKEN
      when: always
  script:
    - ferrata report --post --kept
{publish}"""


def identity(setting: Setting) -> str:
    return f"  id_tokens:\n    CLOUD_TOKEN:\n      aud: {_AUDIENCE[setting.remote]}\n" if setting.is_cloud else ""


def _data(setting: Setting, right: str) -> str:
    return _script([*known(setting, right), *with_key(setting, "pull", right)])


def known(setting: Setting, right: str) -> list[str]:
    """Commands that make the job known to the cloud, as its own libraries want it."""
    if not setting.is_cloud:
        return []
    given = {
        "s3": [f'export AWS_WEB_IDENTITY_TOKEN_FILE="$CLOUD_TOKEN_FILE" AWS_ROLE_ARN="$AWS_ROLE_{right}" AWS_DEFAULT_REGION="$AWS_REGION"'],
        "azure": [f'export AZURE_FEDERATED_TOKEN_FILE="$CLOUD_TOKEN_FILE" AZURE_CLIENT_ID="$AZURE_CLIENT_{right}" AZURE_TENANT_ID="$AZURE_TENANT"'],
        "gs": ["export GOOGLE_APPLICATION_CREDENTIALS=$(mktemp)", _google(right)],
    }[setting.remote]
    return ["export CLOUD_TOKEN_FILE=$(mktemp)", "printf '%s' \"$CLOUD_TOKEN\" > \"$CLOUD_TOKEN_FILE\"", *given]


def _google(right: str) -> str:
    """What google.auth reads of an external account, with the shell's variables in it."""
    text = json.dumps(_GOOGLE).replace("@@", right).replace("\"", "\\\"")
    return f'printf \'%s\' "{text}" > "$GOOGLE_APPLICATION_CREDENTIALS"'


def with_key(setting: Setting, verb: str, right: str) -> list[str]:
    """Commands for `ferrata pull` or `push`; over SSH with a key that is there for them alone, in a home of its own."""
    if setting.remote != "ssh":
        return [f"ferrata {verb}"] if setting.is_reachable else []
    return [
        "keys=$(mktemp -d)", 'install -m 700 -d "$keys/.ssh"', "printf '%s\\n' \"$SSH_KNOWN_HOSTS\" > \"$keys/.ssh/known_hosts\"",
        f'install -m 600 "$SSH_KEY_{right}" "$keys/.ssh/id_ed25519"', f'HOME="$keys" ferrata {verb} || {{ rm -rf "$keys"; exit 1; }}', 'rm -rf "$keys"',
    ]  # fmt: skip


def _script(commands: list[str]) -> str:
    """Lines of YAML. A command with a mark that YAML could read is a block, whose text is itself."""
    return "".join(f"    - |-\n      {command}\n" if any(mark in command for mark in "{\"'#:") else f"    - {command}\n" for command in commands)
