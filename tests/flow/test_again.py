"""`ferrata adopt --again`: a new adoption as a branch of the project that is there, beside what was done in it since."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.flow.again import BRANCH, PROOF_SUBJECT, hand_over, name_of, project_to_renew, refuse_inside
from ferrata.records.notebook import Notebook
from ferrata.steps.deliver import CommitSpec, commit
from ferrata.steps.read import read
from ferrata.store import cache
from ferrata.store.dvcfile import write_dvcfile
from ferrata.store.init import ignore, init

CELL = '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": "print(1)"}], "metadata": {}, "nbformat": 4, '
TEXTS = {
    "notebooks/rents.ipynb": CELL + '"nbformat_minor": 4}', "pyproject.toml": '[project]\nname = "rents"\n', "README.md": "# Rents\n\nAsk.\n\nRun.\n",
    "dvc.yaml": "stages: {}\n", "src/rents/train.py": "print(1)\n",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@b.c", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def adopted(folder: Path, texts: dict[str, str], rows: str) -> Path:
    """A folder as adopting makes it, with a file that only the cache has."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    init(folder)
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    write_dvcfile(folder / "rows.csv", cache.put(folder, folder / "rows.csv"))
    ignore(folder, ("rows.csv",))
    commit((CommitSpec("Keep the code", ("src",)), CommitSpec(PROOF_SUBJECT)), folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return adopted(tmp_path / "rents", TEXTS, "1\n")


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    return adopted(tmp_path / "staged", {**TEXTS, "README.md": "# Rents\n\nAsk it.\n\nRun.\n", "src/rents/predict.py": "print(2)\n"}, "1\n2\n")


def notebook(project: Path) -> Notebook:
    return read(project / "notebooks/rents.ipynb")


def test_both_what_is_new_and_what_was_done_since_are_there_after_the_merge(project: Path, staged: Path) -> None:
    (project / "README.md").write_text("# Rents\n\nAsk.\n\nRun.\n\nMine.\n", encoding="utf-8")
    (project / "mine.txt").write_text("mine", encoding="utf-8")
    git(project, "add", "--all")
    git(project, "commit", "-m", "Mine")
    before = git(project, "rev-parse", "HEAD")
    assert project_to_renew(notebook(project), project.parent / "elsewhere") == project
    hand_over(staged, project)
    assert (git(project, "rev-parse", "HEAD"), git(project, "status", "--porcelain")) == (before, ""), "nothing that is checked out changes"
    git(project, "merge", BRANCH, "-m", "Merge")
    assert (project / "README.md").read_text(encoding="utf-8") == "# Rents\n\nAsk it.\n\nRun.\n\nMine.\n"
    assert (project / "src/rents/predict.py").exists() and (project / "mine.txt").exists()
    wanted = [line.split()[-1] for line in (project / "rows.csv.dvc").read_text(encoding="utf-8").splitlines() if "md5:" in line][0]
    assert cache.has(project, wanted), "the data of the new adoption is in the project's cache"


def test_the_next_time_begins_where_the_last_one_was_merged(project: Path, staged: Path) -> None:
    hand_over(staged, project)
    with pytest.raises(ProjectError, match="branch adopted-again already"):
        project_to_renew(notebook(project), project)
    git(project, "merge", BRANCH)
    first = git(project, "rev-parse", BRANCH)
    git(project, "branch", "-d", BRANCH)
    (staged / "src/rents/predict.py").write_text("print(3)\n", encoding="utf-8")
    commit((CommitSpec(PROOF_SUBJECT),), staged)
    project_to_renew(notebook(project), project)
    hand_over(staged, project)
    assert git(project, "rev-parse", f"{BRANCH}^") == first
    git(project, "merge", BRANCH)
    assert (project / "src/rents/predict.py").read_text(encoding="utf-8") == "print(3)\n"


def test_a_notebook_without_a_project_is_told_so(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.ipynb"
    other.write_text((project / "notebooks/rents.ipynb").read_text(encoding="utf-8").replace("print(1)", "print(2)"), encoding="utf-8")
    with pytest.raises(ProjectError, match="no project of this notebook"):
        project_to_renew(read(other), project)


def test_the_notebook_that_a_project_keeps_gets_no_project_inside_of_it(project: Path, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="part of its project already"):
        refuse_inside(notebook(project))
    other = tmp_path / "rents.ipynb"
    other.write_bytes((project / "notebooks/rents.ipynb").read_bytes())
    refuse_inside(read(other))


def test_a_history_without_the_adoption_is_told_so(project: Path) -> None:
    git(project, "commit", "--amend", "-m", "Everything")
    with pytest.raises(ProjectError, match="no commit that records what adopting gave"):
        project_to_renew(notebook(project), project)


def test_the_name_is_that_of_the_adoption(project: Path) -> None:
    moved = project.rename(project.with_name("moved"))
    assert name_of(moved) == "rents"
