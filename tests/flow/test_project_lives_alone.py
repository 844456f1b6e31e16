"""What was delivered needs nothing of Ferrata: its commands, its tests, its bytes, and what real DVC says of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ferrata.programs.uv import environment, program

pytestmark = pytest.mark.slow
SAMPLE = "scaled_before_split"
# Nothing of the environment that this test runs in but uv, the one program that the project's README asks for, and where packages come from.
CLEAN = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT")}
CLEAN |= environment() | {"PATH": os.pathsep.join([str(Path(program()).parent), CLEAN.get("PATH", os.defpath)])}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Path]:
    module = __import__("importlib.util").util
    spec = module.spec_from_file_location("flow_conftest", Path(__file__).with_name("conftest.py"))
    conftest = module.module_from_spec(spec)
    __import__("sys").modules["flow_conftest"] = conftest
    spec.loader.exec_module(conftest)
    author: Any = conftest.author_of(SAMPLE, tmp_path_factory.mktemp("alone"))
    done = subprocess.run(author.command, env=author.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    assert json.loads(done.stdout)["outcome"] == "proved", done.stdout + done.stderr[-3000:]
    shutil.rmtree(author.folder)
    yield author.target


def run(command: str, folder: Path) -> str:
    done = subprocess.run(command, shell=True, cwd=folder, env=CLEAN, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done.stdout


def artefacts(folder: Path) -> dict[str, bytes]:
    """Everything that a stage writes, by the lock file and by name."""
    kept = [path for name in ("data/prepared", "data/trained", "model", "evaluation") for path in (folder / name).rglob("*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in (*kept, folder / "dvc.lock") if path.is_file()}


def commands(project: Path) -> list[str]:
    text = (project / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert blocks
    return blocks[0].strip().splitlines()


def test_no_file_of_it_imports_ferrata(project: Path) -> None:
    sources = [path for path in project.rglob("*.py") if ".venv" not in path.parts]
    assert len(sources) > 3
    assert [path.name for path in sources if re.search(r"^\s*(import|from)\s+ferrata\b", path.read_text(encoding="utf-8"), re.MULTILINE)] == []
    locked = (project / "uv.lock").read_text(encoding="utf-8")
    assert 'name = "ferrata"' not in locked


def test_the_commands_of_its_readme_write_the_same_bytes_again(project: Path) -> None:
    before = artefacts(project)
    assert {"evaluation/metrics.json", "dvc.lock"} < set(before)
    said = commands(project)
    assert said[0].startswith("uv sync") and [command.split("/")[-1] for command in said[1:]] == ["prepare.py", "train.py", "evaluate.py"]
    for command in said:
        run(command, project)
    after = artefacts(project)
    assert [name for name in before if after.get(name) != before[name]] == [] and set(after) == set(before)
    assert run("git status --porcelain", project) == ""


def test_its_own_tests_pass(project: Path) -> None:
    assert "passed" in run("uv run --with pytest python -m pytest -q -p no:cacheprovider tests/test_pipeline.py", project)
    assert run("git status --porcelain", project) == ""


def test_real_dvc_finds_nothing_to_do(project: Path, dvc: Path) -> None:
    lock = (project / "dvc.lock").read_bytes()
    site = project.parent / "site"

    def ask(words: str) -> str:
        return run(f"DVC_NO_ANALYTICS=1 DVC_SITE_CACHE_DIR='{site}' '{dvc}' {words}", project)

    assert ask("status --json").strip() == "{}"
    assert "up to date" in ask("repro")
    assert (project / "dvc.lock").read_bytes() == lock
    shown = _shown(ask("metrics show --json"))
    numbers = {name: value for name, value in _scores(project).items() if not isinstance(value, list)}
    assert numbers and numbers.items() <= shown.items()
    ask("params diff")
    assert run("git status --porcelain", project) == ""


def test_real_dvc_shows_every_score(project: Path, dvc: Path) -> None:
    shown = _shown(run(f"DVC_NO_ANALYTICS=1 DVC_SITE_CACHE_DIR='{project.parent / 'site'}' '{dvc}' metrics show --json", project))
    assert set(_scores(project)) <= {name.split(".")[0] for name in shown}


def _scores(project: Path) -> dict[str, Any]:
    return dict(json.loads((project / "evaluation/metrics.json").read_text(encoding="utf-8")))


def _shown(text: str) -> dict[str, Any]:
    files = json.loads(text)[""]["data"]
    return {name: value for file in files.values() for name, value in file["data"].items()}


def test_after_a_change_of_a_parameter_dvc_runs_what_depends_on_it(project: Path, dvc: Path) -> None:
    params = (project / "params.yaml").read_text(encoding="utf-8")
    changed = re.sub(r"(random_state|seed): \d+", r"\1: 12345", params, count=1)
    assert changed != params
    (project / "params.yaml").write_text(changed, encoding="utf-8")
    said = run(f"DVC_NO_ANALYTICS=1 DVC_SITE_CACHE_DIR='{project.parent / 'site'}' '{dvc}' status --json", project)
    (project / "params.yaml").write_text(params, encoding="utf-8")
    assert "params.yaml" in said
