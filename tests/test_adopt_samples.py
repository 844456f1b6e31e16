"""Every sample notebook through the whole story, as a user runs it.

One after a change:   pytest tests/test_adopt_samples.py -k names_reassigned
The first dozen:      pytest tests/test_adopt_samples.py -k first
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("samples", Path(__file__).with_name("samples.py"))
assert _spec and _spec.loader
samples = sys.modules.setdefault("samples", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(samples)


def marks(sample: Any) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow, *([pytest.mark.heavy] if sample.heavy else []), *([pytest.mark.more] if sample.more else [])]


def cases(kind: tuple[Any, ...]) -> list[Any]:
    ordered = [sample for sample in samples.SAMPLES if sample in kind]
    return [pytest.param(sample, id=f"first-{sample.name}" if sample.first else sample.name, marks=marks(sample)) for sample in ordered]


@pytest.fixture
def author(tmp_path: Path) -> Path:
    """A folder with the author's files is made below it, so that nothing of the checkout can be found by climbing up."""
    return tmp_path / "author"


@pytest.mark.parametrize("sample", cases(samples.REFUSED + samples.NOT_RUN))
def test_what_cannot_be_adopted_is_left_alone_with_its_cause(sample: Any, author: Path) -> None:
    before, result, project = adopt(sample, author)
    answer = answered(sample, result)
    assert digests(author) == before
    assert not (project / "dvc.yaml").exists() and not (project / ".git").exists(), "half a project was left"
    cause = answer["cause"]
    assert cause["cell"] == sample.cell, cause
    for word in sample.cause:
        assert word in f"{cause['what']} {cause['where']} {cause['todo']}", cause
    assert answer["scores"] == [] and answer["level"] is None


@pytest.mark.parametrize("sample", cases(samples.PROVED))
def test_what_can_be_adopted_is_proved(sample: Any, author: Path) -> None:
    before, result, project = adopt(sample, author)
    answer = answered(sample, result)
    assert digests(author) == before
    check_scores(sample, answer)
    check_findings(sample, answer)
    assert not sample.left_out or len(answer["left_out"]) == sample.left_out, answer["left_out"]
    assert len(answer["stages"]) >= sample.stages, (answer["cut"], answer["stages"], answer["notes"])
    check_project(sample, project, author)
    check_served(sample, answer, project)


def check_served(sample: Any, answer: dict[str, Any], project: Path) -> None:
    """What is said of the prediction function is what is there: proved on every row, or not delivered as such."""
    served = answer["prediction"]
    assert served["level"] == "raw" or not sample.served, served
    assert (project / "model/signature.json").exists() == (served["level"] != "none")
    if served["proof"]:
        assert served["proof"]["mismatches"] == 0 and served["proof"]["rows"] >= sample.served, served
        assert served["level"] == "raw" or served["why"], served


def adopt(sample: Any, author: Path) -> tuple[dict[str, str], subprocess.CompletedProcess[str], Path]:
    shutil.copytree(sample.folder, author, ignore=shutil.ignore_patterns("__pycache__"))
    before = digests(author)
    project = author.parent / "project"
    notebook = author / sample.path.relative_to(sample.folder)
    command = [sys.executable, "-m", "ferrata", "adopt", str(notebook), "--into", str(project), "--yes", "--json", *sample.options]
    environment = {**os.environ, "COLUMNS": "120"}
    result = subprocess.run(command, cwd=author.parent, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=1500)
    return before, result, project


def digests(folder: Path) -> dict[str, str]:
    """Every file below `folder` with the hash of its bytes: nothing may be changed, added or removed."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def answered(sample: Any, result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The object on standard output, when outcome and status are as expected and no traceback of ours was printed."""
    assert "Traceback (most recent call last)" not in result.stderr, result.stderr[-4000:]
    answer: dict[str, Any] = json.loads(result.stdout)
    outcomes = {"proved", "proved-coarse"} if sample.outcome == "proved" else {sample.outcome}
    assert answer["outcome"] in outcomes, (answer["outcome"], answer["cause"], answer["notes"], answer["scores"])
    assert result.returncode == sample.status, result.stderr[-2000:]
    return answer


def check_scores(sample: Any, answer: dict[str, Any]) -> None:
    levels = {"identical", "equal"} | ({"within noise"} if sample.noisy else set())
    bad = [score for score in answer["scores"] + answer["predictions"] if score["level"] not in levels]
    assert not bad
    # A model may hold what fitting it again, or reading it back, does not give bit for bit; the data may not.
    model = answer["model"]["name"] if answer["model"] else ""
    assert not [variable for variable in answer["variables"] if variable["level"] == "different" and variable["name"] not in (model, "model_fit")]
    assert answer["level"] in levels
    names = [score["name"] for score in answer["scores"]]
    assert len(names) >= max(1, sample.scores), names
    assert len(set(names)) == len(names), names
    assert set(sample.named) <= set(names), names
    assert not sample.model or answer["model"]["name"] == sample.model, answer["model"]


def check_findings(sample: Any, answer: dict[str, Any]) -> None:
    found = {finding["name"] for finding in answer["findings"]}
    assert set(sample.findings) <= found, found
    assert not set(sample.absent) & found, found
    assert all(finding["what"] and finding["why"] and finding["todo"] for finding in answer["findings"])
    if sample.edited:
        assert any(sample.edited in edit["before"] for edit in answer["edits"]), answer["edits"]


def check_project(sample: Any, project: Path, author: Path) -> None:
    """A clean checkout of plain code: nothing of Ferrata, nothing of this machine, and the notebook as it was."""
    assert git(project, "status", "--porcelain") == ""
    tracked = git(project, "ls-files", "-z").split("\0")[:-1]
    sources = {name: (project / name).read_text(encoding="utf-8") for name in tracked if name.endswith(".py")}
    assert sources
    assert not [name for name, text in sources.items() if re.search(r"^\s*(import|from)\s+ferrata\b", text, re.MULTILINE)]
    assert not [name for name in tracked if not name.endswith(".ipynb") and str(author.parent).encode() in (project / name).read_bytes()]
    assert {"dvc.yaml", "dvc.lock", "pyproject.toml", "uv.lock", "README.md"} <= set(tracked)
    copies = [name for name in tracked if name.endswith(".ipynb")]
    assert [(project / name).read_bytes() for name in copies] == [sample.path.read_bytes()]
    metrics = json.loads((project / "evaluation" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True).stdout


def test_every_sample_notebook_is_in_the_table() -> None:
    """And every row has its notebook: a forgotten one would never be tried."""
    listed = {sample.path for sample in samples.SAMPLES}
    present = {*samples.NOTEBOOKS.rglob("*.ipynb"), *samples.EXAMPLES.rglob("*.ipynb")} - {samples.EXAMPLES / "planets" / "planets.ipynb"}
    assert listed == present
    assert len(listed) == len(samples.SAMPLES) >= 25


def test_the_data_of_the_samples_is_made_by_its_script(tmp_path: Path) -> None:
    """Byte for byte, so that nobody has to wonder where a table came from."""
    shutil.copy(samples.NOTEBOOKS / "make_data.py", tmp_path)
    subprocess.run([sys.executable, "make_data.py"], cwd=tmp_path, check=True)
    made = {name: digest for name, digest in digests(tmp_path).items() if not name.endswith(".py")}
    assert len(made) > 100
    assert made.items() <= digests(samples.NOTEBOOKS).items()


def test_the_samples_stay_small() -> None:
    sizes = {path: path.stat().st_size for path in samples.NOTEBOOKS.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert max(sizes.values()) < 100_000
    assert sum(sizes.values()) < 1_500_000
