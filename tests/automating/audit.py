"""What the schemas and an auditor say of workflows."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path


def assert_nothing_is_found(forge: str, files: Sequence[Path], workflows_python: Path) -> None:
    schema = ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"] if forge == "gitlab" else ["vendor.github-workflows"]
    checked = subprocess.run([workflows_python.with_name("check-jsonschema"), "--builtin-schema", *schema, *files], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    if forge == "github":
        audited = subprocess.run([workflows_python.with_name("zizmor"), "--offline", "--min-severity", "medium", *files], capture_output=True, text=True)
        assert audited.returncode == 0 and "No findings" in audited.stdout, audited.stdout + audited.stderr
