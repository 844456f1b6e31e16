"""Real DVC agrees with our files, both ways. DVC is made by uv in an environment of its own, kept in pytest's cache folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ferrata.records.command import Command, Outcome
from ferrata.records.project import Stage
from ferrata.store import cache, init
from ferrata.store.dvcfile import dvcfile_path, dvcfile_text, write_dvcfile
from ferrata.store.hashing import digest
from ferrata.store.pipelines.pipeline import read_pipeline, write_params, write_pipeline
from ferrata.store.running.runner import run_pipeline

pytestmark = pytest.mark.slow

PREPARE = """
import json, pathlib, yaml
rows = pathlib.Path("data/churn.csv").read_text().splitlines()
out = pathlib.Path("prepared"); out.mkdir(); (out / "deep").mkdir()
(out / "train.csv").write_text("\\n".join(rows[:3])); (out / "deep" / "test é.csv").write_text("\\n".join(rows[3:]))
(out / "run.sh").write_text("true"); (out / "run.sh").chmod(0o755)
"""
TRAIN = """
import pathlib
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/model.txt").write_text(pathlib.Path("prepared/train.csv").read_text()[::-1])
"""
LONG = "echo 'a long command: folded' \"by the writer\" because it is longer than eighty columns # done"
WRITTEN = (
    "dvc.lock",
    "data/churn.csv.dvc",
    "data/images.dvc",
    "data/.gitignore",
    ".gitignore",
    "model/.gitignore",
    "evaluation/.gitignore",
)
EVALUATE = """
import json, pathlib
folder = pathlib.Path("evaluation"); folder.mkdir(exist_ok=True); (folder / "plots").mkdir(exist_ok=True)
(folder / "metrics.json").write_text(json.dumps({"accuracy": 0.75, "report": {"f1": 1e-05}}))
(folder / "plots" / "curve.csv").write_text("x,y\\n0,1\\n1,2\\n")
pathlib.Path("evaluation/predictions.csv").write_text("id\\n1\\n"); pathlib.Path("evaluation/predictions.csv").chmod(0o755)
"""
PARAMS = {
    "split": {"seed": 42, "size": 0.25}, "rate": 1e-05, "huge": 1e23, "answer": "yes", "exponent": "12e3", "nothing": None, "list": [1, 2.5, "a", None],
    "nested": {"a": {"b": [1, {"c": "x: y"}]}}, "octal": "010", "date": "2020-01-01", "comment": "# x", "space": " x", "empty": "", "quote": "it's",
    "unicode": "naïve 漢", "flag": True, "lines": "a\nb", "tilde": "~", "on": "on", "infinite": float("inf"), "negative": -0.0, "sexagesimal": "1:30",
    "sentence": "word " * 30 + "end", "colon": "http://example.org/a?b=c", "dash": "- a", "star": "*", "percent": "50%", "tab": "a\tb",
}  # fmt: skip


def stages(python: str) -> tuple[Stage, ...]:
    return (
        Stage(
            "evaluate",
            f"{python} evaluate.py",
            deps=("evaluate.py", "model/model.txt", "prepared"),
            outs=("evaluation/predictions.csv",),
            metrics=("evaluation/metrics.json",),
            plots=("evaluation/plots/curve.csv",),
        ),
        Stage(
            "train",
            f"{python} train.py && {LONG}",
            deps=("train.py", "prepared"),
            params=("rate",),
            outs=("model/model.txt",),
            description="Fit the model",
        ),
        Stage(
            "prepare",
            f"{python} prepare.py",
            deps=("prepare.py", "data/churn.csv", "data/images"),
            params=("split.seed", *PARAMS),
            outs=("prepared",),
        ),
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "churn project"
    (folder / "data" / "images" / "a").mkdir(parents=True)
    (folder / "data" / "churn.csv").write_bytes(b"a,b\r\n1,2\r\n3,4\r\n5,6\r\n")
    for name in ("a/1.png", "a/2.png", "b é.png", ".hidden", "Z.png"):
        (folder / "data" / "images" / name).write_text(name)
    for name, text in (("prepare", PREPARE), ("train", TRAIN), ("evaluate", EVALUATE)):
        (folder / f"{name}.py").write_text(text)
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def execute(command: Command) -> Outcome:
    done = subprocess.run(
        command.arguments, cwd=command.folder, env={**os.environ, **command.environment}, capture_output=True, text=True
    )
    return Outcome(command, done.returncode, done.stdout, done.stderr, 0.0)


DESCRIPTION = {"data/churn.csv": "Downloaded from https://example.org/churn.csv?version=2"}


def build(folder: Path) -> None:
    plan = stages(sys.executable)
    init.init(folder)
    for path in ("data/churn.csv", "data/images"):
        write_dvcfile(folder / path, cache.put(folder, folder / path), description=DESCRIPTION.get(path, ""))
    write_params(folder, PARAMS, comment="What can be turned.\n\nBy hand.")
    write_pipeline(folder, plan, comment="The pipeline.")
    init.ignore(folder, init.tracked_paths(plan, ("data/churn.csv", "data/images")))
    runs = run_pipeline(folder, plan, execute)
    assert [(run.name, run.action) for run in runs] == [("prepare", "ran"), ("train", "ran"), ("evaluate", "ran")]


def ask(dvc: Path, folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder.parent / "site")}
    done = subprocess.run([dvc, *arguments], cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_real_dvc_finds_our_project_up_to_date(dvc: Path, project: Path) -> None:
    build(project)
    lock = (project / "dvc.lock").read_bytes()
    assert "up to date" in ask(dvc, project, "status")
    assert "up to date" in ask(dvc, project, "repro")
    assert (project / "dvc.lock").read_bytes() == lock
    assert "0.75" in ask(dvc, project, "metrics", "show")
    ask(dvc, project, "params", "diff")
    ask(dvc, project, "repro", "--force")
    assert (project / "dvc.lock").read_text() == lock.decode()
    assert ask(dvc, project, "status", "--json").strip() == "{}"


def test_real_dvc_writes_the_same_files_from_nothing(dvc: Path, project: Path) -> None:
    build(project)
    ours = {name: (project / name).read_bytes() for name in WRITTEN}
    objects = _objects(project)
    for name in ours:
        (project / name).unlink()
    for name in (".dvc", ".dvcignore", "prepared", "model", "evaluation"):
        cache.remove(project / name)
    ask(dvc, project, "init", "-q")
    ask(dvc, project, "add", "-q", "data/churn.csv", "data/images")
    ask(dvc, project, "repro", "-q")
    for name in ours:
        theirs, own = (project / name).read_bytes(), ours[name]
        if name.endswith(".gitignore"):
            theirs, own = b"\n".join(sorted(theirs.splitlines())), b"\n".join(sorted(own.splitlines()))
        about = f"desc: {DESCRIPTION.get(name.removesuffix('.dvc'), '')}\n"
        assert theirs.decode() == own.decode().removeprefix(about), name
    theirs_objects = _objects(project)
    assert {name: theirs_objects.get(name) for name in objects} == objects
    init.init(project)
    assert [run.action for run in run_pipeline(project, stages(sys.executable), execute)] == ["unchanged"] * 3


def test_we_find_a_project_of_real_dvc_up_to_date_and_notice_a_change(dvc: Path, project: Path) -> None:
    build(project)
    ask(dvc, project, "repro", "--force", "-q")
    plan = read_pipeline(project)
    assert {run.action for run in run_pipeline(project, plan, execute)} == {"unchanged"}
    (project / "train.py").write_text(TRAIN + "\n# changed\n")
    assert [(run.name, run.action) for run in run_pipeline(project, plan, execute)] == [
        ("prepare", "unchanged"),
        ("train", "ran"),
        ("evaluate", "unchanged"),
    ]
    assert "up to date" in ask(dvc, project, "status")


def test_real_dvc_checks_out_what_we_cached(dvc: Path, project: Path) -> None:
    build(project)
    before = digest(project / "prepared").md5, digest(project / "data/images").md5
    cache.remove(project / "prepared")
    cache.remove(project / "data/images")
    ask(dvc, project, "checkout", "-q")
    assert (digest(project / "prepared").md5, digest(project / "data/images").md5) == before
    assert dvcfile_path(project / "data/images").read_text() == dvcfile_text(
        project / "data/images", digest(project / "data/images")
    )


def _objects(project: Path) -> dict[str, tuple[bytes, int]]:
    folder = project / ".dvc" / "cache" / "files" / "md5"
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o777)
        for path in folder.rglob("*")
        if path.is_file()
    }
