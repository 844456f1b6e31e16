"""Real DVC and we on one project that uses every supported feature: each finds it up to date after the other, byte for byte the same lock."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import STEP, actions, ask, ran, reasons, status_of_dvc

from ferrata.records.page import Page
from ferrata.store import cache, init
from ferrata.store.dvcfile import write_dvcfile

Go = Callable[..., Page]
pytestmark = pytest.mark.slow

PARAMS = "lr: 1e-3\nsize: 3\ntrain: {depth: 5, names: [a, 'b c'], nothing: }\nmodels: [big, small]\ngrid: [{x: 1}, {x: 2}]\n"
PIPELINE = """
vars: [{where: out}, more.yaml:extra]
metrics: [top.json]
stages:
  prepare:
    desc: Prepare
    cmd: "PY step.py ${where}/prepared.txt data/raw.csv"
    deps: [step.py, data/raw.csv]
    params: [train.depth, size, {conf.toml: [a.b]}, {conf.json: }]
    outs: ["${where}/prepared.txt": {desc: text}]
  folder:
    cmd: [mkdir -p dir/deep, "PY step.py dir/deep/one.txt ${where}/prepared.txt", "PY step.py dir/two.txt"]
    deps: ["${where}/prepared.txt", data/images]
    outs: [dir]
  each:
    foreach: ${models}
    do:
      cmd: "PY step.py models/${item}.txt dir/two.txt"
      deps: [dir/two.txt]
      params: [lr]
      outs: ["models/${item}.txt"]
  turn:
    foreach: {one: {v: 1}, two: {v: 2}}
    do: {cmd: "PY step.py turn/${key}-${item.v}.txt", deps: [dir], outs: ["turn/${key}-${item.v}.txt"]}
  cross:
    matrix: {m: "${models}", g: "${grid}"}
    cmd: "PY step.py cross/${key}.txt models/${item.m}.txt"
    deps: ["models/${item.m}.txt"]
    outs: ["cross/${key}.txt"]
  inside:
    wdir: sub
    cmd: |
      PY ../step.py here.txt ../models/big.txt
      PY ../step.py ../kept.txt
    deps: [../models/big.txt, ../step.py]
    params: [{../conf.json: [c]}, own]
    outs: [here.txt, ../kept.txt: {cache: false}]
  persistent:
    cmd: "PY step.py lasting.txt raw.txt"
    deps: [raw.txt]
    outs: [lasting.txt: {persist: true}]
  evaluate:
    cmd: "PY -c \\"import json; json.dump({'acc': 0.5}, open('metrics.json', 'w')); open('plot.csv', 'w').write('x,y'); open('kept.json', 'w').write('{}')\\""
    deps: [models/big.txt]
    metrics: [metrics.json: {cache: false}, kept.json]
    plots: [plot.csv: {cache: false, x: x, y: y}]
  cold:
    frozen: true
    cmd: "PY step.py cold.txt raw.txt"
    deps: [raw.txt]
    outs: [cold.txt]
  meta:
    cmd: "PY step.py meta.txt --options ${extra}"
    meta: {owner: me}
    params: [params.yaml: ]
    outs: [meta.txt]
"""


@pytest.fixture
def full(project: Path, python: str) -> Path:
    (project / "params.yaml").write_text(PARAMS)
    (project / "more.yaml").write_text("extra: x\nother: 1\n")
    (project / "conf.toml").write_text("[a]\nb = 2.5\n")
    (project / "conf.json").write_text('{"c": [1, {"d": null}], "b": "text", "a": 1e-7}')
    (project / "sub").mkdir()
    (project / "sub" / "params.yaml").write_text("own: yes\n")
    (project / "cold.txt").write_text("made by hand")
    (project / "data" / "images").mkdir(parents=True)
    (project / "data" / "raw.csv").write_text("a,b\r\n1,2\r\n")
    (project / "data" / "images" / "a b é.png").write_text("x")
    (project / "step.py").write_text(STEP.replace("*inputs = sys.argv[1:]", "*inputs = [p for p in sys.argv[1:] if not p.startswith('--') and p != 'x']"))
    (project / "dvc.yaml").write_text(PIPELINE.replace("PY", python.strip("'")))
    init.init(project)
    for path in ("data/raw.csv", "data/images"):
        write_dvcfile(project / path, cache.put(project, project / path))
    init.ignore(project, ("data/raw.csv", "data/images"))
    return project


def test_dvc_finds_our_run_up_to_date(dvc: Path, full: Path, go: Go) -> None:
    assert set(actions(go()).values()) == {"ran", "kept"}
    lock = (full / "dvc.lock").read_bytes()
    assert status_of_dvc(dvc, full) == {}
    ran(full)
    assert "up to date" in ask(dvc, full, "repro")
    assert ran(full) == [] and (full / "dvc.lock").read_bytes() == lock
    assert set(actions(go()).values()) == {"unchanged"}


def test_dvc_writes_the_same_lock_and_we_find_it_up_to_date(dvc: Path, full: Path, go: Go) -> None:
    go(jobs=4)
    ours = (full / "dvc.lock").read_text()
    for path in ("dvc.lock", ".dvc/cache/runs", "out", "dir", "models", "turn", "cross", "kept.txt", "lasting.txt", "metrics.json", "plot.csv"):
        cache.remove(full / path)
    ran(full)
    ask(dvc, full, "repro")
    assert len(ran(full)) == 15
    assert (full / "dvc.lock").read_text() == ours
    assert reasons(full) == {}
    assert set(actions(go()).values()) == {"unchanged"} and ran(full) == []
    assert (full / "dvc.lock").read_text() == ours


CHANGES = {
    "a parameter": lambda folder: (folder / "params.yaml").write_text(PARAMS.replace("depth: 5", "depth: 6")),
    "a parameter in TOML": lambda folder: (folder / "conf.toml").write_text("[a]\nb = 3\n"),
    "a parameter of a stage's folder": lambda folder: (folder / "sub" / "params.yaml").write_text("own: 4\n"),
    "a file parameter taken whole": lambda folder: (folder / "conf.json").write_text('{"c": [1, {"d": null}], "b": "other", "a": 1e-7}'),
    "the data": lambda folder: (folder / "data" / "raw.csv").write_text("a,b\n9,9\n"),
    "a file more in the data": lambda folder: (folder / "data" / "images" / "new.png").write_text("y"),
    "an item of a loop": lambda folder: (folder / "params.yaml").write_text(PARAMS.replace("small", "tiny")),
    "a frozen stage's input": lambda folder: (folder / "raw.txt").write_text("other"),
    "an edited result": lambda folder: (folder / "kept.txt").write_text("other"),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The project after a run, made by the first test that asks."""
    return [tmp_path_factory.mktemp("finished") / "project"]


@pytest.mark.parametrize("name", CHANGES)
def test_after_a_change_both_agree(dvc: Path, full: Path, go: Go, finished: list[Path], name: str) -> None:
    """We run what changed, and DVC has nothing to add; then DVC runs the change taken back, and we have nothing to add."""
    saved = {path: (full / path).read_bytes() for path in ("params.yaml", "conf.toml", "conf.json", "sub/params.yaml", "data/raw.csv", "raw.txt")}
    if not finished[0].exists():
        go()
        shutil.copytree(full, finished[0])
    shutil.rmtree(full)
    shutil.copytree(finished[0], full)
    CHANGES[name](full)
    go()
    assert {name: said for name, said in status_of_dvc(dvc, full).items() if name != "cold"} == {}
    for path, content in saved.items():
        (full / path).write_bytes(content)
    (full / "data" / "images" / "new.png").unlink(missing_ok=True)
    ask(dvc, full, "repro")
    assert reasons(full) == {} and set(actions(go()).values()) == {"unchanged"}


def test_a_run_of_one_is_restored_by_the_other(dvc: Path, full: Path, go: Go) -> None:
    set_depth = lambda depth: (full / "params.yaml").write_text(PARAMS.replace("depth: 5", f"depth: {depth}"))  # noqa: E731
    go("prepare")
    set_depth(6)
    ask(dvc, full, "repro", "prepare")
    ran(full)
    set_depth(5)
    assert "cached - skipping run" in ask(dvc, full, "repro", "prepare")
    set_depth(6)
    assert actions(go("prepare")) == {"prepare": "restored"}
    assert ran(full) == [] and "prepare" not in status_of_dvc(dvc, full)


def test_a_stage_that_always_runs_does_so_in_both(dvc: Path, project: Path, go: Go, python: str) -> None:
    (project / "dvc.yaml").write_text(f"stages: {{a: {{cmd: {python[1:-1]} step.py a.txt, always_changed: true, outs: [a.txt]}}}}")
    assert [actions(go()) for _ in range(2)] == [{"a": "ran"}] * 2
    assert status_of_dvc(dvc, project) == {"a": ["always changed"]}
    assert reasons(project) == {"a": "it always runs"}


def test_a_lock_of_dvc_2_is_read(dvc: Path, project: Path, go: Go, python: str) -> None:
    """Rows without `hash` name the digest of text with the line ends of Unix."""
    (project / "raw.txt").write_bytes(b"a\r\nb\r\n")
    (project / "dvc.yaml").write_text(f"stages: {{a: {{cmd: {sys.executable} step.py a.txt raw.txt, deps: [raw.txt], outs: [a.txt: {{cache: false}}]}}}}")
    go()
    lock = (project / "dvc.lock").read_text().replace("      hash: md5\n", "")
    for crlf, unix in ((b"a\r\nb\r\n", b"a\nb\n"),):
        lock = lock.replace(_md5(crlf), _md5(unix))
    (project / "dvc.lock").write_text(lock)
    assert status_of_dvc(dvc, project) == {} and reasons(project) == {}
    assert actions(go()) == {"a": "unchanged"}


def _md5(content: bytes) -> str:
    import hashlib

    return hashlib.md5(content).hexdigest()
