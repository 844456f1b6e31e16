"""The text of the Dockerfile and of .dockerignore, the settings, and the commands that build and run: first what must not be."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.programs import engines
from ferrata.programs.engines import Build, Container, Engine
from ferrata.steps.imaging import contents, dockerfile
from ferrata.steps.imaging.settings import read_settings
from ferrata.world.context import assemble

DIGEST = "sha256:" + "0" * 64
FOLDERS = ("data/rows.csv.dvc", "uv.lock", "service", "src/churn", "evidence/serve.json", "model")


def text() -> str:
    return dockerfile.dockerfile("churn", "python:3.12-slim", DIGEST, FOLDERS, key="lock 1", reads=["params.yaml"])


def test_a_dockerfile_of_the_author_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(ProjectError, match="Ferrata has not written"):
        dockerfile.written(tmp_path)


def test_the_last_stage_has_another_user_no_installer_and_the_model_last() -> None:
    last = text().rpartition("\nFROM base AS runtime\n")[2]
    assert "pip" not in last and "USER 10001:10001" in last and "HEALTHCHECK" in last
    copies = [line for line in last.splitlines() if line.startswith("COPY")]
    assert copies[0] == "COPY --from=packages /venv /venv" and copies[-1] == "COPY model model"


def test_a_new_model_leaves_the_packages_where_they_are() -> None:
    """What is above the last stage depends on the packages alone, and the last stage has no copy of them."""
    key = dockerfile.runtime_key(text(), "a==1", "")
    other = dockerfile.dockerfile("churn", "python:3.12-slim", DIGEST, ["uv.lock", "model"], key="lock 1", reads=["params.yaml"])
    assert dockerfile.runtime_key(other, "a==1", "") == key
    assert len({key, dockerfile.runtime_key(text(), "a==2", ""), dockerfile.runtime_key(text(), "a==1", "linux/arm64")}) == 3
    assert dockerfile.runtime_key(text().replace(DIGEST, DIGEST[::-1]), "a==1", "") != key
    last = dockerfile.on_runtime(text(), "localhost/churn-runtime:1").splitlines()
    assert last[0] == "FROM localhost/churn-runtime:1" and last[-1].startswith("ENV SERVICE_COMMIT")
    assert "COPY model model" in last and "--from=" not in "".join(last)


def test_tests_of_the_largest_packages_go_and_nothing_that_only_sounds_like_them(tmp_path: Path) -> None:
    stay = ["numpy/testing/a.py", "numpy/tests.py", "astropy/tests/a.py", "tests/a.py", "sklearn/a.py"]
    for each in (*stay, "numpy/tests/a.py", "sklearn/tree/tests/data/a.py", "pandas/tests/io/tests/a.py"):
        file = tmp_path / "site-packages" / each
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    found = text().replace("\\\n", " ").partition(" && find /venv/lib -depth")[2].partition("&&")[0]
    subprocess.run(["sh", "-ec", f"find {tmp_path} -depth{found}"], check=True)
    left = [file.relative_to(tmp_path / "site-packages").as_posix() for file in tmp_path.rglob("*") if file.is_file()]
    assert sorted(left) == sorted(stay)


def test_the_base_is_held_by_its_digest_and_found_again() -> None:
    assert dockerfile.pinned(text()) == ("python:3.12-slim", DIGEST)
    assert dockerfile.pinned("FROM python:3.12-slim AS base\n") == ("", "")
    assert text().count("FROM python") == 1 and "--require-hashes" in text()


def test_keys_and_rows_stay_out() -> None:
    ignored = dockerfile.dockerignore(FOLDERS, is_with_rows=False).splitlines()
    assert ignored[1] == "*" and "service/keys.json*" in ignored and "model/*.jsonl" in ignored
    assert "model/*.jsonl" not in dockerfile.dockerignore(FOLDERS, is_with_rows=True)
    assert [path for path in ("service/keys.json", "model/proof_rows.jsonl", "src/churn/__pycache__/a.pyc", "model/.gitignore")
            if not contents.is_left_out(path, is_with_rows=False)] == []
    assert not contents.is_left_out("model/proof_rows.jsonl", is_with_rows=True)


def test_a_name_with_a_space_is_copied_too() -> None:
    assert 'COPY ["src/my model", "src/my model"]' in dockerfile.dockerfile("a", "python:3.12-slim", DIGEST, ["src/my model"], key="")


@pytest.mark.parametrize(
    ("line", "says"),
    [("bse = 'python'", "no setting bse"), ("rows = 'yes'", "no bool"), (f"base = 'python@{DIGEST}'", "names a digest"), ("base = 3", "no str")],
)
def test_a_wrong_setting_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.ferrata.image]\n{line}\n")
    with pytest.raises(ProjectError, match=says):
        read_settings(tmp_path)


def test_the_base_follows_the_project_s_python(tmp_path: Path) -> None:
    (tmp_path / ".python-version").write_text("3.11.7\n")
    assert read_settings(tmp_path).base == "python:3.11-slim"
    (tmp_path / "pyproject.toml").write_text("[tool.ferrata.image]\nbase = 'registry.example.org/py:1'\n")
    assert read_settings(tmp_path).base == "registry.example.org/py:1"


def test_a_context_does_not_depend_on_who_made_it(tmp_path: Path) -> None:
    project, cache = tmp_path / "project", tmp_path / "cache"
    (project / "model").mkdir(parents=True)
    cache.write_text("weights")
    (project / "model" / "a.bin").symlink_to(cache)
    (project / "model" / "rows.jsonl").write_text("{}")
    (project / "model").chmod(0o700)
    assemble(project, ["model", "absent"], tmp_path / "context", is_left_out=lambda path: path.endswith(".jsonl"))
    made = tmp_path / "context" / "model" / "a.bin"
    assert not made.is_symlink() and made.read_text() == "weights" and os.listdir(made.parent) == ["a.bin"]
    assert {(path.stat().st_mtime, path.stat().st_mode & 0o777) for path in (made, made.parent)} == {(0.0, 0o644), (0.0, 0o755)}


def test_a_secret_of_the_index_is_on_no_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:pa55word@pypi.example.org/simple")
    asked = Build(tmp_path, "churn:1", tmp_path / "id", 7, {"COMMIT": "abc"}, {"b": "2", "a": "1"})
    for engine in (Engine("docker", "docker", True), Engine("docker", "docker"), Engine("podman", "podman"), Engine("buildah", "podman")):
        command = engines.build(engine, asked)
        assert "pa55word" not in " ".join(command.arguments) and command.environment["PIP_INDEX_URL"].endswith("simple")
        assert command.arguments[:2] == (engine.builder, "build") and command.arguments[-1] == str(tmp_path)
        assert ("--timestamp" in command.arguments) is (engine.program == "podman")


def test_a_container_has_nothing_to_write_to_and_no_right() -> None:
    container = Container("churn:1", 8123, Path("/k/keys.json"))
    arguments = " ".join(engines.run(Engine("podman", "podman"), container).arguments)
    assert "--read-only" in arguments and "--cap-drop ALL" in arguments and "no-new-privileges" in arguments
    assert "--publish 127.0.0.1:8123:8000" in arguments and "--volume /k/keys.json:/run/secrets/keys.json:ro,Z" in arguments
    host = " ".join(engines.run(Engine("podman", "podman"), Container("churn:1", 8123, Path("/k"), network="host")).arguments)
    assert "--publish" not in host and "SERVICE_HOST=127.0.0.1" in host and "SERVICE_PORT=8123" in host
