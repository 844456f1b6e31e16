"""Fixtures for tests of every layer."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ferrata.programs.uv import program

SCIENCE = ("numpy", "pandas", "scikit-learn", "matplotlib", "pyarrow", "skops", "joblib")
NETWORKS = ("numpy", "torch", "tensorflow-cpu", "keras")
# What the service of a project needs, and what the small models of its tests do.
SERVICE = ("fastapi", "uvicorn", "httptools", "orjson", "uvloop", "python-multipart", "pillow", "numpy", "pandas")
# A driver for a browser of the system, and parsers for the languages of clients that have no compiler here.
BROWSER = ("playwright==1.65.2",)
PARSERS = ("tree-sitter", "tree-sitter-swift", "tree-sitter-kotlin", "tree-sitter-dart-orchard")
DVC = ("dvc==3.67.1", "ruamel.yaml==0.19.1")
# DVC with its S3, a server of S3 for tests, and what Ferrata needs to push and pull.
S3 = ("dvc[s3]==3.67.1", "ruamel.yaml==0.19.1", "moto[server,s3]>=5.2", "click", "packaging", "pyyaml", "rich")
FRAMEWORKS = (*SCIENCE, *NETWORKS, "xgboost-cpu", "lightgbm", "catboost", "statsmodels", "pytest", "pyyaml", "packaging")


@pytest.fixture(scope="session")
def science_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with the usual libraries, made once and kept in pytest's cache."""
    return _environment(request, "science", SCIENCE)


@pytest.fixture(scope="session")
def pipeline_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter that the stages of a written project, and its service, run in."""
    return _environment(request, "pipeline", (*SCIENCE, "pyyaml", *SERVICE))


@pytest.fixture(scope="session")
def network_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with torch, tensorflow and keras."""
    return _environment(request, "networks", NETWORKS)


@pytest.fixture(scope="session")
def frameworks_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with every framework that has a format of its own, and pytest."""
    return _environment(request, "frameworks", tuple(dict.fromkeys(FRAMEWORKS)))


@pytest.fixture(scope="session")
def service_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter that a project's service runs in."""
    return _environment(request, "service", SERVICE)


@pytest.fixture(scope="session")
def service_fuzz_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with Hypothesis."""
    return _environment(request, "fuzz", ("hypothesis",))


@pytest.fixture(scope="session")
def browser_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with Playwright, which drives a Chromium that is installed."""
    return _environment(request, "browser", BROWSER)


@pytest.fixture(scope="session")
def parsers_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with grammars of Swift, Kotlin and Dart."""
    return _environment(request, "parsers", PARSERS)


@pytest.fixture(scope="session")
def workflows_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter beside which the auditors of workflows are: check-jsonschema and zizmor."""
    return _environment(request, "workflows", ("check-jsonschema", "zizmor", "pyyaml"))


@pytest.fixture(scope="session")
def dvc(request: pytest.FixtureRequest) -> Path:
    """Real DVC, the program."""
    return _environment(request, "dvc", DVC).with_name("dvc")


@pytest.fixture(scope="session")
def s3_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with s3fs, DVC for S3 and a server of S3 beside it."""
    return _environment(request, "s3", S3)


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits have an author, and no settings of this user's DVC are read."""
    for name in ("DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "a@example.org")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts an empty file system of so many megabytes, and gives its folder; skips where that is not allowed."""
    folder = tmp_path / "small"

    def mount(megabytes: int) -> Path:
        folder.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)], capture_output=True, text=True)
        if mounted.returncode:
            folder.rmdir()
            pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
        return folder

    yield mount
    if folder.exists():
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _environment(request: pytest.FixtureRequest, name: str, packages: tuple[str, ...]) -> Path:
    folder = Path(request.config.cache.mkdir(name))
    python, mark = folder / "env" / "bin" / "python", folder / "installed"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the workers of one session share it
        if not mark.exists() or mark.read_text(encoding="utf-8") != " ".join(packages) or not python.exists():
            shutil.rmtree(folder / "env", ignore_errors=True)
            subprocess.run([program(), "venv", "-q", "--python", sys.executable, str(folder / "env")], check=True)
            subprocess.run(
                [program(), "pip", "install", "-q", "--python", str(python), *_without_cuda(packages)], check=True
            )
            mark.write_text(" ".join(packages), encoding="utf-8")
    return python


def _without_cuda(packages: tuple[str, ...]) -> list[str]:
    """torch from a local folder of wheels where pip knows one, else from PyTorch's own index of CPU builds."""
    if "torch" not in packages:
        return list(packages)
    folders = [
        Path(place) for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS") for place in os.environ.get(name, "").split()
    ]
    wheels = [str(wheel) for folder in folders if folder.is_dir() for wheel in sorted(folder.glob("torch-*cpu*.whl"))]
    return (
        [*(name for name in packages if name != "torch"), wheels[-1]]
        if wheels
        else [*packages, "--torch-backend", "cpu"]
    )


@pytest.fixture(scope="session")
def kubernetes_validate(request: pytest.FixtureRequest) -> Path:
    """The program that knows the schemas of Kubernetes."""
    return _environment(request, "kubernetes", ("kubernetes-validate==1.37.0",)).with_name("kubernetes-validate")
