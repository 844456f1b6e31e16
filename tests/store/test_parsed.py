"""What is kept of small files is what reading them again would give, or nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ferrata.store import parsed
from ferrata.store.yaml12 import NotYaml, load

TEXTS = {
    "a lock": "schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n    - path: m\n      md5: abc\n      size: 12\n",
    "numbers": "a: 1\nb: 1.0\nc: 1e-05\nd: -0.0\ne: true\nf: 'true'\ng: 12345678901234567890123\n",
    "an order": "z: 1\na: 2\nm: {y: 1, b: 2}\n",
    "nothing": "",
    "keys that are numbers": "1: a\n2: b\n",
    "a date": "day: 2024-01-02\n",
    "infinity": "a: .inf\nb: .nan\n",
    "an alias": "a: &x [1, 2]\nb: *x\n",
    "not ASCII": "ä: 'ö ☃'\n",
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".dvc").mkdir()
    monkeypatch.setattr(parsed, "_memories", {})
    return tmp_path


def again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the next command finds it."""
    for memory in parsed._memories.values():
        memory.save()
    monkeypatch.setattr(parsed, "_memories", {})


@pytest.mark.parametrize("name", TEXTS)
def test_it_gives_what_reading_gives_each_time(project: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, text = project / "dvc.lock", TEXTS[name]
    expected = repr(load(text))
    assert repr(parsed.load_known(path, text)) == expected
    again(project, monkeypatch)
    assert repr(parsed.load_known(path, text)) == expected
    assert repr(parsed.load_known(path, text + "# more\n")) == expected


def test_what_is_kept_is_not_read_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed.load_known(project / "dvc.yaml", TEXTS["a lock"])
    again(project, monkeypatch)
    monkeypatch.setattr(parsed, "load", lambda text: pytest.fail("it was read again"))
    first = parsed.load_known(project / "dvc.yaml", TEXTS["a lock"])
    first["stages"].clear()  # each caller has its own
    assert parsed.load_known(project / "dvc.yaml", TEXTS["a lock"])["stages"]


def test_two_files_do_not_take_each_other_s_place(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dvc.yaml", "dvc.lock", "data/a.dvc"):
        parsed.load_known(project / name, f"name: {name}\n")
    again(project, monkeypatch)
    assert [parsed.load_known(project / name, f"name: {name}\n")["name"] for name in ("dvc.yaml", "dvc.lock")] == ["dvc.yaml", "dvc.lock"]


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"format": 1}', '{"format": 1, "entries": {"dvc.yaml": 3}}', '{"format": 99, "entries": {}}'])
def test_what_is_damaged_costs_time_only(project: Path, kept: str) -> None:
    file = project / ".dvc" / "tmp" / "ferrata" / "parsed.json"
    file.parent.mkdir(parents=True)
    file.write_text(kept)
    assert parsed.load_known(project / "dvc.yaml", "a: 1\n") == {"a": 1}


def test_what_is_no_yaml_is_refused_each_time(project: Path) -> None:
    for _ in range(2):
        with pytest.raises(NotYaml, match="line 1"):
            parsed.load_known(project / "dvc.yaml", "a: b: c\n")


def test_a_status_with_nothing_to_do_loads_neither_yaml_nor_click(project: Path) -> None:
    subprocess.run(["git", "init", "-q", project], check=True)
    (project / "a.txt").write_text("a")
    (project / "dvc.yaml").write_text("stages:\n  s:\n    cmd: cat a.txt > b.txt\n    deps: [a.txt]\n    outs: [b.txt]\n")
    script = "import sys\nfrom ferrata.cli import main\ntry:\n    main(['run'])\nexcept SystemExit as end:\n"
    script += "    print(end.code, *{'yaml', 'click'} & set(sys.modules))"
    said = [subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True).stdout for _ in range(3)]
    assert said[-1].splitlines()[-1] == "0", said


def test_a_project_that_is_gone_stays_gone(project: Path) -> None:
    parsed.load_known(project / "dvc.yaml", "a: 1\n")
    (project / ".dvc").rmdir()
    for memory in parsed._memories.values():
        memory.save()
    assert list(project.iterdir()) == []
