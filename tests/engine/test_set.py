"""`--set`: first what must not change, then what does; and DVC's rules of order."""

from __future__ import annotations

from pathlib import Path

import pytest

from ferrata.errors import ProjectError, UsageError
from ferrata.records.project import Stage
from ferrata.store.pipelines.graph import in_order, waits_for, with_upstream
from ferrata.store.pipelines.set_values import parse_setting, texts_with, write_texts

YAML = '# top\r\ntrain:\r\n  depth: 5   # deep\r\n  name: "x"\r\n  list: [1, 2]\r\n  none:\r\n  block:\r\n  - 1\r\n  - 2\r\nbase: &b {v: 1}\r\nsame: *b\r\n'
FILES = {"params.yaml": YAML, "a.json": '{"a": {"b": [1, 2]},\n "c": 1}', "a.toml": '# c\nv = 1\n[x.y]\nv = 2 # two\n"q" = "t"\n'}

UNCHANGED = {
    "the value it has": ("train.depth=5", None, ""),
    "a key that is not there": ("train.dept=5", ProjectError, "no train.dept"),
    "a file that is not there": ("none.yaml:a=5", ProjectError, "does not exist"),
    "a Python file": ("p.py:a=5", ProjectError, "Python file"),
    "a list written in lines": ("train.block=[1]", ProjectError, "cannot be set"),
    "a value that another shares": ("same.v=2", ProjectError, "cannot be set"),
    "no value": ("train.depth", UsageError, "sets nothing"),
    "no key": ("=3", UsageError, "sets nothing"),
    "bad YAML": ("train.depth=[1", UsageError, "no value of YAML"),
}


def place(folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text, newline="")


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_sets_nothing(tmp_path: Path, name: str) -> None:
    setting, error, words = UNCHANGED[name]
    place(tmp_path)
    if error is None:
        assert texts_with(tmp_path, [parse_setting(setting)]) == {}
        return
    with pytest.raises(error, match=words):
        texts_with(tmp_path, [parse_setting(setting)])


SET = {
    "a number": ("train.depth=8", "depth: 5 ", "depth: 8 "),
    "a float": ("train.depth=1e-5", "depth: 5 ", "depth: 1.0e-05 "),
    "a text that YAML 1.1 takes for a flag": ("train.name=yes", 'name: "x"', "name: 'yes'"),
    "nothing": ("train.depth=null", "depth: 5 ", "depth: null "),
    "where nothing was": ("train.none=4", "none:", "none: 4"),
    "a list": ("train.list=[3, a]", "[1, 2]", '[3, "a"]'),
    "an item of a list in lines": ("train.block.1=7", "- 2", "- 7"),
    "JSON": ("a.json:a.b.0=true", "[1, 2]", "[true, 2]"),
    "TOML": ("a.toml:x.y.v=2.5", "v = 2 ", "v = 2.5 "),
    "TOML, before its tables": ("a.toml:v=3", "v = 1", "v = 3"),
    "TOML, a text": ("a.toml:x.y.q=u", '"t"', '"u"'),
}


@pytest.mark.parametrize("name", SET)
def test_one_value_changes_and_every_other_byte_stays(tmp_path: Path, name: str) -> None:
    setting, old, new = SET[name]
    place(tmp_path)
    file = parse_setting(setting).file
    write_texts(texts_with(tmp_path, [parse_setting(setting)]))
    with (tmp_path / file).open(newline="") as stream:
        assert stream.read() == FILES[file].replace(old, new, 1)


def test_settings_of_one_file_add_up(tmp_path: Path) -> None:
    place(tmp_path)
    (text,) = texts_with(tmp_path, [parse_setting("train.depth=8"), parse_setting("train.none=1")]).values()
    assert "depth: 8 " in text and "none: 1" in text


STAGES = (
    Stage("last", "x", ("d/e/f", "b"), outs=("z",)), Stage("b", "x", ("raw",), outs=("b",)), Stage("d", "x", outs=("d/e",)),
    Stage("cold", "x", ("z",), outs=("c",), is_frozen=True), Stage("in", "x", ("../b",), outs=("y",), wdir="sub"), Stage("x@1", "x"), Stage("x@2", "x"),
)  # fmt: skip


def test_who_waits_for_whom() -> None:
    graph = waits_for(STAGES)
    assert graph == {"last": ("d", "b"), "b": (), "d": (), "cold": (), "in": ("b",), "x@1": (), "x@2": ()}
    ordered = in_order(STAGES)
    assert [stage.name for stage in ordered] == ["d", "b", "last", "cold", "in", "x@1", "x@2"]
    assert [stage.name for stage in with_upstream(ordered, ("x", "in"), graph)] == ["b", "in", "x@1", "x@2"]
