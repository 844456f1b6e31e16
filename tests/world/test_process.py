"""What a child of ours may see of the shell."""

from __future__ import annotations

import sys

import pytest

from ferrata.records.command import Command
from ferrata.world.commands import stage_environment
from ferrata.world.process import run

SHOWN = {
    "PYTHONPATH": False, "AWS_SECRET_ACCESS_KEY": False, "GITHUB_TOKEN": False, "VIRTUAL_ENV": False,
    "OMP_NUM_THREADS": True, "OPENBLAS_CORETYPE": True, "CUDA_VISIBLE_DEVICES": True, "NPY_DISABLE_CPU_FEATURES": True, "TZ": True,
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_a_child_sees_what_its_numbers_depend_on_and_no_secret(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    seen = run(Command((sys.executable, "-c", f"import os; print({name!r} in os.environ)")), check=True).output.strip()
    assert seen == str(SHOWN[name])


def test_a_stage_sees_what_every_child_sees_its_job_and_what_it_names() -> None:
    shell = {"OMP_NUM_THREADS": "1", "SLURM_JOB_ID": "7", "MODE": "fast", "TOKEN": "x"}
    assert stage_environment(shell, ("MODE", "OTHER")) == {"OMP_NUM_THREADS": "1", "SLURM_JOB_ID": "7", "MODE": "fast"}
