"""A project that is whole builds elsewhere; each way in which one is not is found, named, and says what to do."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.pages.json import plain
from ferrata.pages.terminal import to_text
from ferrata.programs.isolation import Isolation, probe
from ferrata.records.page import Page
from ferrata.world import process
from ferrata.world.disk import cache_folder

if TYPE_CHECKING:
    Place = Any

Check = Callable[..., Page]


@functools.cache
def can_isolate() -> bool:
    return process.run(probe(Isolation(True, (cache_folder(),)))).status == 0


needs_isolation = pytest.mark.skipif("not __import__('sys').platform.startswith('linux')", reason="namespaces are Linux's")


def obstacles(page: Page, *, stops: bool | None = None) -> list[tuple[str, str]]:
    return [(each["kind"], each["where"]) for each in page.data["obstacles"] if stops in (None, each["stops"])]


def the(page: Page, kind: str) -> dict[str, Any]:
    found = [each for each in page.data["obstacles"] if each["kind"] == kind]
    assert len(found) == 1, page.data["obstacles"]
    return dict(found[0])


def test_a_whole_project_is_verified(place: Place, check: Check) -> None:
    page = check()
    assert page.status == 0 and page.data["outcome"] == "verified" and page.data["level"] == "identical", to_text(page)
    assert obstacles(page, stops=True) == [] and not page.data["stopped"]
    assert {score["name"] for score in page.data["scores"]} == {"total", "rows"}  # fit_time is the machine's
    assert [(rows["rows"], rows["same"]) for rows in page.data["predictions"]] == [(3, 3)]
    assert {(each["name"], each["level"].value) for each in page.data["artifacts"]} == {("ready.csv", "identical"), ("predictions.csv", "identical")}
    assert [(stage["name"], stage["action"]) for stage in page.data["stages"]] == [("prepare", "ran"), ("train", "ran")]
    assert page.data["origin"]["kind"] == "upstream" and page.data["origin"]["is_head"]
    json.dumps(plain(page.data), allow_nan=False)


def test_it_leaves_evidence_and_nothing_else(place: Place, check: Check, scratch: Path) -> None:
    before = {path: path.read_bytes() for path in place.project.rglob("*") if path.is_file()}
    check()
    after = {path: path.read_bytes() for path in place.project.rglob("*") if path.is_file()}
    new = {path.relative_to(place.project).as_posix() for path in after.keys() - before.keys()}
    assert new == {"evidence/verify.json", "evidence/verify.md"}
    assert {path: after[path] for path in before if ".git" not in path.parts} == {path: before[path] for path in before if ".git" not in path.parts}
    written = json.loads((place.project / "evidence/verify.json").read_text())
    assert written["outcome"] == "verified" and written["level"] == "identical"
    assert [name for name in os.listdir(scratch) if name.startswith("ferrata-verify-")] == []


def test_what_is_not_committed_is_named(place: Place, check: Check) -> None:
    place.change("params.yaml", "0.5", "0.7")
    place.write("helper.py", "x = 1\n")
    place.write("notes.txt", "not of the pipeline\n")
    page = check()
    assert page.data["outcome"] == "verified"  # of what is pushed
    assert obstacles(page, stops=True) == [("uncommitted", "params.yaml"), ("uncommitted", "helper.py")]
    assert page.next_command == "git add --all && git commit"


def test_what_is_not_pushed_is_named(place: Place, check: Check) -> None:
    place.change("params.yaml", "0.5", "0.7")
    place.run()
    place.git("commit", "-q", "-a", "-m", "other rate")
    page = check()
    assert page.data["outcome"] == "verified" and not page.data["origin"]["is_head"]
    assert the(page, "not-pushed")["what"].startswith("1 commit is not pushed")
    assert page.next_command == "git push"


def test_a_branch_that_is_pushed_nowhere_is_taken_from_here(place: Place, check: Check) -> None:
    place.git("remote", "remove", "origin")
    page = check()
    assert page.data["outcome"] == "verified" and page.data["origin"]["kind"] == "local"
    assert the(page, "not-pushed")["stops"]


def test_a_detached_commit_that_a_remote_has_is_pushed(place: Place, check: Check) -> None:
    place.git("checkout", "-q", "--detach")
    page = check()
    assert page.data["outcome"] == "verified" and obstacles(page, stops=True) == []


def test_a_revision_of_this_repository(place: Place, check: Check) -> None:
    first = place.git("rev-parse", "HEAD")
    place.change("train.py", "sum(rows)", "max(rows)")
    place.git("commit", "-q", "-a", "-m", "broken")
    page = check(first)
    assert page.data["outcome"] == "verified" and page.data["origin"] | {"commit": first} == page.data["origin"]
    assert check("HEAD").data["outcome"] == "different"


def test_another_repository_by_its_address(place: Place, check: Check, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    page = check(f"file://{place.origin}", folder=elsewhere)
    assert page.data["outcome"] == "verified" and page.data["origin"]["kind"] == "address"
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("source", ["no-such-branch", "--upload-pack=touch /tmp/x", ""])
def test_a_source_that_is_none_is_refused(place: Place, check: Check, tmp_path: Path, source: str) -> None:
    with pytest.raises((UsageError, ProjectError)):
        check(source, folder=tmp_path if not source else place.project)


def test_an_address_that_does_not_answer(place: Place, check: Check, tmp_path: Path) -> None:
    with pytest.raises(OutsideError) as caught:
        check(f"file://user:secret@localhost{tmp_path}/nothing.git")
    assert "secret" not in f"{caught.value} {caught.value.where} {caught.value.todo}"


def test_other_results_than_were_recorded(place: Place, check: Check) -> None:
    place.change("train.py", "sum(rows)", "sum(rows) + len(set(map(hash, map(str, rows)))) * (hash('a') % 1000)")
    place.run()
    place.publish()
    page = check()
    assert page.status == 1 and page.data["outcome"] == "different"
    assert [(score["name"], score["level"].value) for score in page.data["scores"]] == [("total", "different"), ("rows", "identical")]


def test_recorded_results_of_other_code_are_told(place: Place, check: Check) -> None:
    place.change("train.py", "sum(rows)", "2 * sum(rows)")
    place.publish()
    page = check()
    assert page.data["outcome"] == "different"
    assert "train.py changed" in the(page, "stale-results")["what"]


def test_data_that_was_not_pushed(place: Place, check: Check) -> None:
    shutil.rmtree(place.shared / "files")
    page = check()
    assert page.status == 1 and page.data["outcome"] == "does-not-build" and page.data["stages"] == []
    found = the(page, "missing-object")
    assert found["what"].startswith("data/raw.csv is not in the remote") and "ferrata push" in found["todo"]
    assert page.next_command == "ferrata push"


def test_data_that_is_damaged_in_the_remote(place: Place, check: Check) -> None:
    for path in (place.shared / "files" / "md5").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(path.read_bytes()[:-1] + b"!")
    page = check()
    assert page.data["outcome"] == "does-not-build" and "damaged" in the(page, "damaged-object")["what"]


def test_no_remote_is_said_and_the_data_taken_from_here(place: Place, check: Check) -> None:
    (place.project / ".dvc" / "config").write_text("")
    place.push_commit("no remote")
    page = check()
    assert page.data["outcome"] == "verified" and the(page, "no-remote")["stops"] and page.data["stopped"]
    assert "would stop a colleague" in page.title


def test_a_dependency_that_git_ignores(place: Place, check: Check) -> None:
    place.write("side.csv", "1\n")
    place.write(".gitignore", "/.venv/\n/side.csv\n/ready.csv\n")
    place.change("dvc.yaml", "deps: [train.py, ready.csv]", "deps: [train.py, ready.csv, side.csv]")
    place.run()
    place.publish()
    page = check()
    assert page.data["outcome"] == "does-not-build"
    assert "side.csv is in your folder, but Git ignores it" in the(page, "missing-file")["what"]


def test_a_file_that_is_read_and_not_declared(place: Place, check: Check) -> None:
    place.write("factor.txt", "1.0")
    place.write("units.py", "UNIT = 1.0\n")
    place.change("train.py", "sum(rows) * rate", "sum(rows) * rate * float(Path('factor.txt').read_text()) * __import__('units').UNIT")
    place.run()
    place.publish()
    page = check()
    assert page.data["outcome"] == "verified"
    if page.data["conditions"].get("undeclared reads"):
        pytest.skip("this file system keeps no access times")
    assert [kind for kind in obstacles(page) if kind[0] == "undeclared-read"] == [("undeclared-read", "factor.txt"), ("undeclared-read", "units.py")]
    assert all(each["what"].startswith("train reads") for each in page.data["obstacles"] if each["kind"] == "undeclared-read")


def test_a_file_that_is_written_and_not_declared(place: Place, check: Check) -> None:
    place.change("prepare.py", "from pathlib import Path", "from pathlib import Path\nPath('leftover.txt').write_text('x')")
    place.run()
    (place.project / "leftover.txt").unlink()
    place.publish()
    assert the(check(), "undeclared-result")["where"] == "leftover.txt"


def test_a_path_of_this_machine(place: Place, check: Check) -> None:
    place.write("secret/side.csv", "1\n")
    place.write(".gitignore", "/.venv/\n/secret/\n/ready.csv\n")
    place.change("train.py", "rate = float", f"float(open({str(place.project / 'secret' / 'side.csv')!r}).read())\nrate = float")
    place.run()
    place.publish()
    page = check()
    found = [each for each in page.data["obstacles"] if each["kind"] == "absolute-path"]
    assert found and any("train.py, line" in each["where"] for each in found)
    if can_isolate():  # the author's folder is out of sight
        assert page.data["outcome"] == "does-not-build" and any(each["stops"] for each in found)


@pytest.fixture
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


@needs_isolation
def test_a_stage_that_uses_the_network(place: Place, check: Check, address: str) -> None:
    place.change("prepare.py", "from pathlib import Path", f"from pathlib import Path\n__import__('urllib.request').request.urlopen('{address}').read()")
    place.run()
    place.publish()
    page = check()
    if not can_isolate():
        assert "not cut off" in page.data["conditions"]["network"]
        pytest.skip("this system does not allow namespaces")
    assert page.data["outcome"] == "verified"
    assert the(page, "network")["what"].startswith("prepare uses the network")


def test_a_package_that_is_not_in_the_lock(place: Place, check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "onlyhere.py").write_text("")
    place.change("train.py", "import json", "import json, onlyhere")
    place.push_commit("a module of mine")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "mine"))
    page = check()
    assert page.data["outcome"] == "does-not-build"
    assert any(each["kind"] == "package" and "onlyhere" in each["what"] and each["stops"] for each in page.data["obstacles"])


def test_a_program_that_only_this_user_has(place: Place, check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    program = home / "bin" / "my-own-tool"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    place.change("dvc.yaml", "cmd: python prepare.py", "cmd: my-own-tool && python prepare.py")
    place.run()
    place.publish()
    page = check()
    assert page.data["outcome"] == "does-not-build" and "my-own-tool" in the(page, "program")["what"]


def test_a_lock_that_is_not_what_the_project_asks_for(place: Place, check: Check) -> None:
    place.change("pyproject.toml", 'requires-python = ">=3.11"', 'requires-python = ">=3.11"\ndependencies = ["attrs"]')
    place.push_commit("asks for more")
    page = check()
    assert page.status == 1 and the(page, "stale-lock")["todo"].startswith("Lock it again")


def test_another_python(place: Place, check: Check) -> None:
    place.write(".python-version", "3.99\n")
    place.push_commit("tomorrow's Python")
    assert "3.99" in the(check(), "python")["what"]


def test_no_lock(place: Place, check: Check) -> None:
    place.git("rm", "-q", "uv.lock")
    place.write("requirements.txt", "attrs\n")
    place.publish()
    page = check()
    assert page.data["outcome"] == "does-not-build" and "uv add -r requirements.txt" in the(page, "no-lock")["todo"]


def test_a_stage_that_fails_there(place: Place, check: Check) -> None:
    place.change("train.py", "rate = float", "import os; os.environ['MY_TOKEN']\nrate = float")
    place.push_commit("asks for a token")
    page = check()
    assert page.status == 1 and page.data["outcome"] == "does-not-build"
    assert "MY_TOKEN" in the(page, "stage")["what"]
    assert [(stage["name"], stage["action"]) for stage in page.data["stages"]] == [("prepare", "ran"), ("train", "failed")]
    assert "MY_TOKEN" in page.data["stages"][1]["failure"]["lines"][-1]


def test_the_clone_is_kept_when_asked_for(place: Place, check: Check) -> None:
    page = check(is_kept=True)
    clone = Path(page.data["clone"])
    try:
        assert (clone / "metrics.json").exists() and (clone / ".venv").is_dir()
        again = subprocess.run([clone / ".venv" / "bin" / "python", "train.py"], cwd=clone, check=False)
        assert again.returncode == 0
        check()
        assert clone.exists(), "what is kept is not taken for left behind"
    finally:
        shutil.rmtree(clone.parents[1])


def test_a_project_in_a_folder_of_a_repository(place: Place, check: Check, tmp_path: Path) -> None:
    inner = place.project / "models" / "small"
    inner.parent.mkdir()
    for name in sorted(os.listdir(place.project)):
        if name not in (".git", "models"):
            shutil.move(place.project / name, inner / name) if inner.exists() else (inner.mkdir(), shutil.move(place.project / name, inner / name))
    place.git("add", "--all")
    place.git("commit", "-q", "-m", "moved")
    place.git("push", "-q", "origin", "main")
    page = check(folder=inner)
    assert page.data["outcome"] == "verified", to_text(page)


def test_a_pipeline_without_python_needs_no_lock(tmp_path: Path, check: Check) -> None:
    folder = tmp_path / "shell"
    folder.mkdir()
    (folder / "dvc.yaml").write_text("stages:\n  a:\n    cmd: echo 1 > m.json\n    metrics:\n    - m.json:\n        cache: false\n")
    for words in (("init", "-q"), ("add", "--all"), ("commit", "-q", "-m", "x")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    page = check(folder=folder)
    assert page.data["outcome"] == "not-comparable" and page.status == 1  # nothing was recorded


def test_an_installation_that_fails_says_why() -> None:
    from ferrata.steps.verifying.diagnosis import why_not_installed

    assert why_not_installed("error: No interpreter found for Python 3.7 in managed installations").kind == "python"
    assert why_not_installed("error: Failed to fetch: `https://x/y.whl`").kind == "package"
    assert why_not_installed("error: Distribution not found at: file:///mine/x.whl").kind == "local-package"
    assert why_not_installed("").what.endswith("uv gave no reason")


def test_a_missing_library_of_the_system_is_named(place: Place, check: Check) -> None:
    place.change("train.py", "import json", "import json\nraise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')")
    place.push_commit("needs a library")
    assert the(check(), "system-library")["what"].startswith("train needs the system library libGL.so.1")


def test_what_a_killed_verify_left_is_removed_by_the_next(place: Place, check: Check, scratch: Path) -> None:
    place.change("prepare.py", "from pathlib import Path", "import time; time.sleep(600)\nfrom pathlib import Path")
    place.push_commit("sleeps")
    process_ = subprocess.Popen([sys.executable, "-m", "ferrata", "verify"], cwd=place.project, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process_.stderr is not None
    for line in process_.stderr:
        if "prepare" in line:
            break
    process_.kill()
    process_.wait()
    process_.stderr.close()
    place.change("prepare.py", "time.sleep(600)", "time.sleep(0)")
    place.push_commit("does not sleep")
    check()
    assert list(scratch.glob("ferrata-verify-*")) == []


def test_the_page_names_every_obstacle_there_is() -> None:
    root = Path(__file__).parents[2]
    sources = "".join(path.read_text() for folder in ("steps/verifying", "flow") for path in (root / "src/ferrata" / folder).rglob("*.py"))


    kinds = set(re.findall(r'Obstacle\(\s*"([\w-]+)"', sources))
    assert len(kinds) > 15
    page = (root / "docs" / "verify.md").read_text()
    assert sorted(kind for kind in kinds if f"`{kind}`" not in page) == []
    (root / "docs" / "json.md").read_text().index("## The object of `ferrata verify`")
