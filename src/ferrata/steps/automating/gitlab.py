"""GitLab CI: merge requests and the main branch. The job that posts runs no code of the merge request."""

from __future__ import annotations

from ferrata.steps.automating.setting import MARK, Setting

PATH = ".gitlab-ci.yml"


def workflow(setting: Setting) -> str:
    pull = "\n    - ferrata pull" if setting.is_reachable else ""
    publish = f"""
publish:
  extends: .ferrata
  stage: publish
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  interruptible: false
  script:{pull}
    - ferrata run
    - ferrata push
""" if setting.is_reachable else ""  # fmt: skip
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
  script:{pull}
    - ferrata verify --from HEAD

compare:
  extends: .ferrata
  stage: check
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:{pull}
    - git fetch --quiet origin "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
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
