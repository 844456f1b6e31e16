"""`dvc.yaml` as DVC reads it: first what is refused and by which words, then what a stage becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.records.project import ParamsFile, Stage
from ferrata.store.pipelines.pipeline import read_pipeline

PARAMS = """
lr: 1e-3
text: it's
models: [a, b]
grid: [{x: 1}, {x: 2}]
named: {one: {v: 1}, two: {v: 2}}
options: {flag: true, no: false, list: [1, x y], deep: {d: 0.5}}
nested: [[1], [2]]
"""


def read(folder: Path, text: str) -> tuple[Stage, ...]:
    (folder / "params.yaml").write_text(PARAMS)
    (folder / "dvc.yaml").write_text(text)
    return read_pipeline(folder)


REFUSED = {
    "an unknown key": ("stages: {s: {cmd: a, retries: 3}}", "unknown key `retries`"),
    "an unknown section": ("stages: {}\nfoo: 1", "unknown key `foo`"),
    "a data set": ("datasets: [{name: a, type: dvc}]", "section `datasets`"),
    "a data set as dependency": ("stages: {s: {cmd: a, deps: ['ds://x']}}", "data set ds://x"),
    "a dependency elsewhere": ("stages: {s: {cmd: a, deps: ['s3://b/x']}}", "names s3://b/x"),
    "an output elsewhere": ("stages: {s: {cmd: a, outs: ['https://b/x']}}", "names https://b/x"),
    "an output outside": ("stages: {s: {cmd: a, outs: [../x]}}", "outside the project"),
    "a folder outside": ("stages: {s: {cmd: a, wdir: ../x}}", "outside the project"),
    "a checkpoint": ("stages: {s: {cmd: a, outs: [{x: {checkpoint: true}}]}}", "`checkpoint` outputs"),
    "parameters in Python": ("stages: {s: {cmd: a, params: [{p.py: [x]}]}}", "parameters from p.py"),
    "no command": ("stages: {s: {deps: [a]}}", "has no `cmd`"),
    "another form": ("stages: {s: [a]}", "is a list"),
    "a command of another kind": ("stages: {s: {cmd: 3}}", "`cmd` in the stage s is a int"),
    "a loop with more": ("stages: {s: {foreach: [1], do: {cmd: a}, deps: [b]}}", "`foreach` and `do` alone"),
    "a loop over a number": ("stages: {s: {foreach: '${lr}', do: {cmd: a}}}", "`foreach` is a float"),
    "a matrix over a text": ("stages: {s: {matrix: {m: '${text}'}, cmd: a}}", "`m` of `matrix` is a str"),
    "a missing value": ("stages: {s: {cmd: 'a ${none.x}'}}", "no value for `${none.x}`"),
    "a list in a text": ("stages: {s: {cmd: 'a ${models}'}}", "a list cannot stand in a text"),
    "a mapping in an output": ("stages: {s: {cmd: a, outs: ['${options}']}}", "a dict cannot stand in a text"),
    "a bad expression": ("stages: {s: {cmd: 'a ${a..b}'}}", "is no key"),
    "a value defined twice": ("vars: [{lr: 2}]\nstages: {s: {cmd: a}}", "defines `lr` again; params.yaml does"),
    "a file of values that is missing": ("vars: [none.yaml]\nstages: {}", "none.yaml does not exist"),
    "vars with an expression": ("vars: ['${a}']\nstages: {}", "cannot hold"),
    "a loop's name in vars": ("stages: {s: {foreach: [1], do: {cmd: a, vars: [{item: 2}]}}}", "which the loop gives"),
    "a key twice": ("stages: {s: {cmd: a}, s: {cmd: b}}", "'s' is there twice"),
    "reading what it writes": ("stages: {s: {cmd: a, deps: [x], outs: [./x]}}", "both reads and writes x"),
    "variables that are no list": ("stages: {s: {cmd: a, meta: {env: MODE}}}", "`meta.env`"),
    "a plot with a checkpoint": ("stages: {s: {cmd: a, plots: [{x: [{checkpoint: true}]}]}}", "`checkpoint`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named(tmp_path: Path, name: str) -> None:
    text, words = REFUSED[name]
    with pytest.raises(ProjectError) as caught:
        read(tmp_path, text)
    assert words in caught.value.what and caught.value.todo and caught.value.where


READ = {
    "nothing": ("", ()),
    "a list of commands": ("stages: {s: {cmd: [a, b]}}", (Stage("s", "a\nb", commands=("a", "b")),)),
    "an escaped expression": (r"stages: {s: {cmd: 'a \${lr}'}}", (Stage("s", "a ${lr}"),)),
    "values in a text": ("stages: {s: {cmd: 'a ${lr} ${grid[1].x} ${models[0]}'}}", (Stage("s", "a 0.001 2 a"),)),
    "options": (
        "stages: {s: {cmd: 'a ${options}'}}", (Stage("s", "a --flag --list 1 'x y' --deep.d 0.5"),)
    ),
    "a loop over texts": (
        "stages: {s: {foreach: '${models}', do: {cmd: 'a ${item}', outs: ['o/${item}']}}}",
        (Stage("s@a", "a a", outs=("o/a",)), Stage("s@b", "a b", outs=("o/b",))),
    ),
    "a loop over mappings in a list": (
        "stages: {s: {foreach: '${grid}', do: {cmd: 'a ${item.x}'}}}", (Stage("s@0", "a 1"), Stage("s@1", "a 2"))
    ),
    "a loop over a mapping": (
        "stages: {s: {foreach: '${named}', do: {cmd: 'a ${key} ${item.v}'}}}", (Stage("s@one", "a one 1"), Stage("s@two", "a two 2"))
    ),
    "a loop over flags": ("stages: {s: {foreach: [true, 1.5], do: {cmd: 'a ${item}'}}}", (Stage("s@true", "a true"), Stage("s@1.5", "a 1.5"))),
    "a matrix": (
        "stages: {s: {matrix: {m: '${models}', g: [{x: 1}, [2]]}, cmd: 'a ${item.m} ${key}'}}",
        tuple(Stage(f"s@{m}-g{g}", f"a {m} {m}-g{g}") for m in "ab" for g in (0, 1)),
    ),
    "vars of the file and of a stage": (
        "vars: [{top: {a: 1}}, {top: {b: 2}}]\nstages: {s: {cmd: '${top.a} ${top.b} ${own}', vars: [{own: 3}]}}", (Stage("s", "1 2 3"),)
    ),
    "parameters of several files": (
        "stages: {s: {cmd: a, params: [lr, {p.toml: [x, y]}, {q.json: }, text, {p.toml: [z]}]}}",
        (Stage("s", "a", params=("lr", "text"), params_files=(ParamsFile("p.toml", ("x", "y", "z")), ParamsFile("q.json"))),),
    ),
    "the whole of params.yaml": ("stages: {s: {cmd: a, params: [lr, {params.yaml: }]}}", (Stage("s", "a", params_files=(ParamsFile("params.yaml"),)),)),
    "flags of results": (
        "stages: {s: {cmd: a, outs: [x, {y: {cache: false, desc: d}}, {z: {persist: true, push: false, remote: r}}], metrics: [m, {n: {cache: false}}],"
        " plots: [{p: {x: a, y: b, cache: false}}, {q: [{template: t}, {title: u}]}]}}",
        (Stage("s", "a", outs=("x", "z"), kept=("y",), metrics=("m", "n"), plots=("p", "q"), stored=("m", "q"), persistent=("z",), unpushed=("z",),
               remotes=(("z", "r"),)),),
    ),
    "the rest": (
        "stages: {s: {cmd: a, wdir: ./sub/, frozen: true, always_changed: true, desc: d, meta: {env: [B, A], pass_env: [C], own: 1}}}",
        (Stage("s", "a", wdir="sub", is_frozen=True, is_always_changed=True, description="d", variables=("A", "B"), passed=("C",)),),
    ),
    "sections that only show": (
        "metrics: [m.json]\nplots: [p.csv, {q: {x: a}}]\nparams: [p.yaml]\nartifacts: {m: {path: model}}\nstages: {s: {cmd: a}}",
        (Stage("s", "a"),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_a_stage_becomes(tmp_path: Path, name: str) -> None:
    text, expected = READ[name]
    assert read(tmp_path, text) == expected


def test_a_stage_s_own_values_are_files_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "own.json").write_text('{"own": {"a": 1}, "more": 2}')
    text = "vars: [{where: sub}]\nstages: {s: {cmd: 'a ${own.a}', wdir: '${where}', vars: ['own.json:own']}}"
    assert read(tmp_path, text) == (Stage("s", "a 1", wdir="sub"),)


def test_options_follow_the_settings_of_dvc(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("[parsing]\n    bool = boolean_optional\n    list = append\n")
    assert read(tmp_path, "stages: {s: {cmd: 'a ${options}'}}") == (Stage("s", "a --flag --no-no --list 1 --list 'x y' --deep.d 0.5"),)
