"""`ferrata run`: first what must not happen to results, locks and other stages; then what runs, and why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import actions, ran, reasons

import ferrata
from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.records.page import Page
from ferrata.store import cache
from ferrata.store.pipelines.lock import read_lock
from ferrata.world.run_lock import one_run

Go = Callable[..., Page]
STEP = f"{sys.executable} step.py"
FAILS = f"{sys.executable} -c \"open('a.txt', 'w').write('half'); print('first'); raise ValueError('no such column')\""


def write(project: Path, **stages: dict[str, Any]) -> None:
    (project / "dvc.yaml").write_text(json.dumps({"stages": stages}))


def chain(project: Path) -> None:
    """raw → a → b, and c beside them."""
    write(
        project,
        a={"cmd": f"{STEP} a.txt raw.txt", "deps": ["raw.txt"], "params": ["x"], "outs": ["a.txt"]},
        b={"cmd": f"{STEP} b.txt a.txt", "deps": ["a.txt"], "outs": [{"b.txt": {"cache": False}}]},
        c={"cmd": f"{STEP} c.txt", "outs": ["c.txt"]},
    )
    (project / "params.yaml").write_text("x: 1\ny: 2\n")


def break_stage(project: Path, name: str, command: str) -> None:
    content = json.loads((project / "dvc.yaml").read_text())
    content["stages"][name]["cmd"] = command
    (project / "dvc.yaml").write_text(json.dumps(content))


FAILURES = {
    "an error in its command": (FAILS, "ended with status 1", "no such column"),
    "a program that is not there": ("no-such-program", "ended with status 127", "no-such-program"),
    "a result that it does not write": ("true", "did not write a.txt", "list of results"),
    "a signal": ("kill -9 $$", "ended with status -9", ""),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_stage_leaves_the_last_good_results_and_the_others_run_on(project: Path, go: Go, name: str) -> None:
    command, why, said = FAILURES[name]
    chain(project)
    go()
    before, lock = (project / "a.txt").read_text(), read_lock(project)["a"]
    break_stage(project, "a", command)
    break_stage(project, "c", f"{STEP} c.txt raw.txt")
    page = go()
    assert page.status == 1 and actions(page) == {"a": "failed", "b": "skipped", "c": "ran"}
    assert (project / "a.txt").read_text() == before and read_lock(project)["a"] == lock
    (failed,) = (stage for stage in page.data["stages"] if stage["action"] == "failed")
    assert why in failed["why"] and said in "\n".join(failed["failure"]["lines"]) and failed["failure"]["command"] == command
    assert not list((project / ".ferrata" / "aside").glob("*"))
    assert "its command changed" in reasons(project)["a"]


def test_what_is_edited_while_a_stage_runs_is_not_what_it_ran_with(project: Path, go: Go) -> None:
    write(project, a={"cmd": f"{STEP} a.txt raw.txt && echo later > raw.txt", "deps": ["raw.txt"], "outs": ["a.txt"]})
    go()
    assert "raw.txt changed" in reasons(project)["a"]


def test_a_parameter_called_size_is_part_of_the_run_cache(project: Path, go: Go) -> None:
    """DVC's own key leaves it out."""
    write(project, a={"cmd": f"cat params.yaml > a.txt && {STEP} t.txt", "params": ["size"], "outs": ["a.txt"]})
    for size in (1, 2):
        (project / "params.yaml").write_text(f"size: {size}\n")
        assert actions(go()) == {"a": "ran"}
    (project / "params.yaml").write_text("size: 1\n")
    assert actions(go()) == {"a": "restored"} and (project / "a.txt").read_text() == "size: 1\n"


def test_a_stage_sees_only_the_variables_it_names(project: Path, go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    see = "echo $MODE-$KEY-$OTHER > a.txt"
    write(project, a={"cmd": see, "deps": ["raw.txt"], "outs": ["a.txt"], "meta": {"env": ["MODE"], "pass_env": ["KEY"]}})
    for name in ("MODE", "KEY", "OTHER"):
        monkeypatch.setenv(name, name.lower())
    assert actions(go()) == {"a": "ran"} and (project / "a.txt").read_text() == "mode-key-\n"
    monkeypatch.setenv("KEY", "another")
    assert actions(go()) == {"a": "unchanged"}
    monkeypatch.setenv("MODE", "fast")
    assert reasons(project) == {"a": "the variable MODE changed"}
    assert actions(go()) == {"a": "ran"} and (project / "a.txt").read_text() == "fast-another-\n"
    monkeypatch.setenv("MODE", "mode")
    assert actions(go()) == {"a": "ran"}
    assert "mode" not in (project / ".ferrata" / "environment.json").read_text()
    cache.remove(project / ".ferrata")
    assert reasons(project) == {"a": "with which MODE it ran is not recorded"}


def put(name: str, text: str) -> Callable[[Path], Any]:
    return lambda folder: [(folder / name).parent.mkdir(exist_ok=True), (folder / name).write_text(text)]


IMPORT = "deps: [{url: 'https://x'}]\nouts: [{path: i}]\n"
BORROWED = "deps: [{path: a, repo: {url: x}}]\nouts: [{path: i}]\n"
REFUSED = {
    "no such stage": (put("x", ""), ("nope",), (), UsageError, "no stage nope"),
    "a setting without a value": (put("x", ""), (), ("x",), UsageError, "sets nothing"),
    "a setting of nothing": (put("x", ""), (), ("z=1",), ProjectError, "no z in params.yaml"),
    "a damaged lock": (put("dvc.lock", "<<<<<<< HEAD\n"), (), (), ProjectError, "dvc.lock is damaged"),
    "a lock of another schema": (put("dvc.lock", "a: {cmd: x}\n"), (), (), ProjectError, "schema"),
    "a lock without a command": (put("dvc.lock", "schema: '2.0'\nstages: {a: {deps: []}}\n"), (), (), ProjectError, "no command"),
    "an import": (put("i.dvc", IMPORT), (), (), ProjectError, "Importing from an address"),
    "a repository": (put("i.dvc", BORROWED), (), (), ProjectError, "a repository"),
    "a pipeline in a folder": (put("sub/dvc.yaml", "stages: {}"), (), (), ProjectError, "second pipeline"),
    "a result inside another": (put("dvc.yaml", "stages: {a: {cmd: x, outs: [d]}, b: {cmd: x, outs: [d/e]}}"), (), (), ProjectError, "is inside d of a"),
    "a cycle": (put("dvc.yaml", "stages: {a: {cmd: x, deps: [d], outs: [e]}, b: {cmd: x, deps: [e], outs: [d]}}"), (), (), ProjectError, "wait for each"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_stops_a_run_before_it_begins(project: Path, go: Go, name: str) -> None:
    change, stages, settings, error, words = REFUSED[name]
    chain(project)
    go()
    ran(project)
    change(project)
    with pytest.raises(error, match=words):
        go(*stages, settings=settings)
    assert ran(project) == []


def test_two_runs_at_once_are_refused(project: Path, go: Go) -> None:
    chain(project)
    with one_run(project):
        with pytest.raises(OutsideError, match="Another run is going on"):
            go()
    assert ran(project) == [] and set(actions(go()).values()) == {"ran"}


def test_a_running_dvc_is_not_disturbed(project: Path, go: Go) -> None:
    """As its own table of paths in use says; what a dead process left there counts for nothing."""
    chain(project)
    go()
    (project / "raw.txt").write_text("new")
    table = project / ".dvc" / "tmp" / "rwlock"
    table.write_text(json.dumps({"write": {str(project / "a.txt"): {"pid": os.getppid(), "cmd": "dvc repro"}}}))
    page = go()
    assert actions(page)["a"] == "failed" and "in use by `dvc repro`" in page.data["stages"][0]["why"]
    table.write_text(json.dumps({"write": {str(project / "a.txt"): {"pid": 4194305, "cmd": "dvc repro"}}}))
    assert actions(go())["a"] == "ran"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_project_that_cannot_be_written_to_is_named(project: Path, go: Go) -> None:
    chain(project)
    project.chmod(0o500)
    try:
        with pytest.raises(OutsideError, match="cannot be written to"):
            go()
    finally:
        project.chmod(0o700)


def test_a_dry_run_touches_nothing(project: Path, go: Go) -> None:
    chain(project)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    page = go(settings=("x=5",), is_dry_run=True)
    assert actions(page) == {"a": "would run", "b": "would run", "c": "would run"}
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
    go()
    page = go(settings=("x=5",), is_dry_run=True)
    assert actions(page) == {"a": "would run", "b": "may run", "c": "unchanged"}
    assert page.data["stages"][0]["changes"] == [{"kind": "parameter", "name": "x", "before": "1", "after": "5"}]
    assert (project / "params.yaml").read_text() == "x: 1\ny: 2\n"


REASONS = {
    "nothing": (lambda folder: None, {}),
    "another parameter": (lambda folder: (folder / "params.yaml").write_text("x: 1\ny: 3\n"), {}),
    "a dependency that is no longer named": (lambda folder: name_no_dependency(folder), {}),
    "a parameter": (lambda folder: (folder / "params.yaml").write_text("x: {y: 2}\n"), {"a": 'x: 1 → {"y": 2}', "b": "after ('a',)"}),
    "a parameter taken away": (lambda folder: (folder / "params.yaml").write_text("y: 2\n"), {"a": "x: 1 → not there", "b": "after ('a',)"}),
    "a dependency": (lambda folder: (folder / "raw.txt").write_text("r"), {"a": "raw.txt changed: 2306b43 → 4b43b0a", "b": "after ('a',)"}),
    "a dependency that is gone": (lambda folder: (folder / "raw.txt").unlink(), {"a": "raw.txt changed: 2306b43 → missing", "b": "after ('a',)"}),
    "a result in Git": (lambda folder: (folder / "b.txt").write_text("x"), {"b": "b.txt is not what the stage wrote"}),
    "a result in Git that is gone": (lambda folder: (folder / "b.txt").unlink(), {"b": "b.txt is missing"}),
    "a result in the cache": (lambda folder: (folder / "a.txt").unlink(), {}),
}


def name_no_dependency(folder: Path) -> None:
    content = json.loads((folder / "dvc.yaml").read_text())
    del content["stages"]["b"]["deps"]
    (folder / "dvc.yaml").write_text(json.dumps(content))


@pytest.mark.parametrize("name", REASONS)
def test_status_says_why_from_what_to_what(project: Path, go: Go, name: str) -> None:
    change, expected = REASONS[name]
    chain(project)
    go()
    change(project)
    found = reasons(project)
    assert found.keys() == expected.keys() and all(found[stage].startswith(words) for stage, words in expected.items())


def test_only_the_named_stage_and_what_it_waits_for_run(project: Path, go: Go) -> None:
    chain(project)
    assert actions(go("b")) == {"a": "ran", "b": "ran"}
    assert actions(go("b", is_forced=True)) == {"a": "ran", "b": "ran"}


def test_data_that_is_missing_is_checked_out_and_new_data_is_taken(project: Path, go: Go) -> None:
    from ferrata.store.dvcfile import write_dvcfile

    chain(project)
    write_dvcfile(project / "raw.txt", cache.put(project, project / "raw.txt"), description="mine")
    go()
    (project / "raw.txt").unlink()
    assert set(actions(go()).values()) == {"unchanged"} and (project / "raw.txt").read_text() == "raw\n"
    (project / "raw.txt").write_text("new")
    page = go()
    assert actions(page)["a"] == "ran" and "raw.txt has changed" in page.data["notes"][0]
    text = (project / "raw.txt.dvc").read_text()
    assert "22af645d1859cb5ca6da0c484f1f37ea" in text and "desc: mine" in text


def test_runs_before_are_kept_where_the_cache_is(project: Path, go: Go, tmp_path: Path) -> None:
    chain(project)
    go()
    shared = tmp_path / "shared cache"
    (project / ".dvc" / "config").write_text(f"[cache]\n    dir = {shared}\n")
    (project / "params.yaml").write_text("x: 5\ny: 2\n")
    assert actions(go())["a"] == "ran"
    (project / "params.yaml").write_text("x: 6\ny: 2\n")
    assert actions(go())["a"] == "ran"
    (project / "params.yaml").write_text("x: 5\ny: 2\n")
    assert actions(go())["a"] == "restored"
    assert (shared / "runs").is_dir()


def test_what_dvcignore_leaves_out_is_no_data_of_the_project(project: Path, go: Go) -> None:
    chain(project)
    (project / "old").mkdir()
    (project / "old" / "raw.csv.dvc").write_text("not: tracked\n")
    (project / "old" / "dvc.yaml").write_text("stages: {}\n")
    with pytest.raises(ProjectError):
        go()
    (project / ".dvcignore").write_text("/old\n")
    assert set(actions(go()).values()) == {"ran"}


def test_stages_that_wait_for_nothing_run_at_the_same_time(project: Path, go: Go) -> None:
    """The four are all running before the first has ended: each waits until it sees the others."""
    meet = (
        "import pathlib, sys, time\npathlib.Path(f'here-{sys.argv[1]}').write_text('')\nuntil = time.time() + 60\n"
        "while len(list(pathlib.Path('.').glob('here-*'))) < 4:\n    assert time.time() < until, 'alone'\n    time.sleep(0.01)\n"
        "pathlib.Path(sys.argv[1]).write_text('met')\n"
    )
    (project / "meet.py").write_text(meet)
    write(project, s={"foreach": ["a", "b", "c", "d"], "do": {"cmd": f"{sys.executable} meet.py ${{item}}", "outs": ["${item}"]}})
    assert set(actions(go(jobs=4)).values()) == {"ran"}


def test_one_job_is_one_stage_at_a_time(project: Path, go: Go) -> None:
    alone = "mkdir busy && sleep 0.05 && rmdir busy && echo > "
    write(project, s={"foreach": ["a", "b", "c"], "do": {"cmd": f"{alone}${{item}}", "outs": ["${item}"]}})
    assert set(actions(go(jobs=1)).values()) == {"ran"}


SLOW = """
import pathlib, sys, time
out = sys.argv[1]
with open(out, "w") as stream:
    for part in range(20):
        stream.write(f"{part} {pathlib.Path('params.yaml').read_text()}"); stream.flush(); time.sleep(0.002)
"""


def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_wrongly_up_to_date(project: Path, go: Go) -> None:
    (project / "slow.py").write_text(SLOW)
    command = f"true && {sys.executable} slow.py"
    write(
        project,
        a={"cmd": f"{command} a.txt", "params": ["x"], "outs": ["a.txt"]},
        b={"cmd": f"{command} b.txt", "deps": ["a.txt"], "outs": [{"b.txt": {"cache": False}}]},
        c={"cmd": f"{command} c.txt", "params": ["x"], "outs": [{"c.txt": {"persist": True}}]},
    )
    (project / "params.yaml").write_text("x: 0\n")
    go()
    for turn in range(1, int(os.environ.get("KILLS", "12")) + 1):
        (project / "params.yaml").write_text(f"x: {turn}\n")
        _killed_after(project, 0.15 + 0.6 * (turn * 0.618034 % 1))
        _check_nothing_is_wrong(project, turn)
        assert go().status == 0 and reasons(project) == {}
        for name in "abc":
            assert _whole(project / f"{name}.txt") == turn
        assert not list((project / ".ferrata" / "aside").glob("*"))


def test_an_interrupted_run_ends_its_commands_and_puts_the_results_back(project: Path, go: Go) -> None:
    write(project, a={"cmd": "echo good > a.txt", "outs": ["a.txt"]})
    go()
    write(project, a={"cmd": "echo half > a.txt; touch began; sleep 60; touch ended", "outs": ["a.txt"]})
    process = _started(project)
    until = time.time() + 30
    while not (project / "began").exists() and time.time() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert (project / "a.txt").read_text() == "good\n" and not (project / "ended").exists()
    assert "its command changed" in reasons(project)["a"]


def _killed_after(project: Path, seconds: float) -> None:
    process = _started(project)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()


def _started(project: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "ferrata", "run", "--jobs", "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(ferrata.__file__).parents[1])}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=project, stdout=quiet, stderr=quiet, env=environment, preexec_fn=_hear_interrupts)


def _hear_interrupts() -> None:
    """As from a terminal; what a shell starts in the background ignores them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _check_nothing_is_wrong(project: Path, turn: int) -> None:
    """A stage that is called up to date has the results of its inputs, here or in the cache."""
    stale = reasons(project)
    for name in {"a", "c"} - set(stale):
        row = read_lock(project)[name]["outs"][0]
        assert _whole(cache.object_path(project, row["md5"])) == turn
    if "b" not in stale:
        assert _whole(project / "b.txt") == turn


def _whole(path: Path) -> int:
    lines = path.read_text().splitlines()
    assert [line.split()[0] for line in lines] == [str(part) for part in range(20)], path
    (value,) = {line.split()[2] for line in lines}
    return int(value)


def test_what_a_killed_run_left_running_is_ended(project: Path, go: Go) -> None:
    """A child of the shell, which does not die with it, would go on writing into the results of the next run."""
    late = "import sys, time; time.sleep(1.5); open('a.txt', 'w').write('late')"
    write(project, a={"cmd": f'(setsid {sys.executable} -c "{late}"; true) ; sleep 9', "params": ["x"], "outs": ["a.txt"]})
    (project / "params.yaml").write_text("x: 1\n")
    _killed_after(project, 1.0)
    write(project, a={"cmd": "echo good > a.txt", "outs": ["a.txt"], "params": ["x"]})
    assert actions(go()) == {"a": "ran"}
    time.sleep(1.2)
    assert (project / "a.txt").read_text() == "good\n"
