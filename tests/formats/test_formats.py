"""One conformance suite for all formats: what each takes, that it gives it back to the last bit, and the same bytes in any process."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ferrata.observer import formats
from ferrata.observer.formats.equality import difference
from ferrata.store.artifacts import artifacts_source, suffixes

HERE = Path(__file__).parent
LIGHT = ("plain", "arrays", "tables", "estimators", "own_objects")
HEAVY = ("torch_values", "keras_values", "keras_tokenizers", "xgboost_values", "lightgbm_values", "catboost_values", "statsmodels_values")


def _import(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


values = _import(HERE / "values.py", "format_values")


def _kinds() -> list[Any]:
    return [*LIGHT, *(pytest.param(kind, marks=pytest.mark.heavy) for kind in HEAVY)]


def _table(kind: str) -> dict[str, tuple[Any, str | None]]:
    try:
        return getattr(values, kind)()
    except ImportError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("kind", _kinds())
def test_each_value_comes_back_in_the_plainest_format(kind: str, tmp_path: Path) -> None:
    for number, (name, (value, expected)) in enumerate(_table(kind).items()):
        found = formats.test(f"value{number}", value, tmp_path)
        assert expected in (None, found["format"]), (name, found["tried"])
        if found["format"]:
            format = formats.get(found["format"])
            with _trusting(found["trusted"]):
                assert difference(value, format.load(found["path"])) == "", name
            assert found["bytes"] == Path(found["path"]).stat().st_size
            assert found["path"].endswith(f"value{number}{format.suffix}")
        else:
            assert not list(tmp_path.glob(f"value{number}*")), name


class _trusting:
    def __init__(self, types: list[str]) -> None:
        self.types, self.lists = types, [formats.get(name).TRUSTED for name in ("skops", "own")]

    def __enter__(self) -> None:
        for names in self.lists:
            names[:] = self.types

    def __exit__(self, *_: object) -> None:
        for names in self.lists:
            names.clear()


@pytest.mark.parametrize("kind", _kinds())
def test_the_project_saves_the_same_bytes_in_any_process_and_loads_them(kind: str, tmp_path: Path) -> None:
    _table(kind)
    script = tmp_path / "stage.py"
    script.write_text(STAGE)
    (tmp_path / "artifacts.py").write_text(artifacts_source(suffixes(), values.TRUSTED))
    first, second = (_run_stage(script, kind, seed) for seed in ("1", "2"))
    assert first and first == second


STAGE = """
import hashlib, json, sys, pathlib, tempfile, warnings
warnings.simplefilter("ignore")
sys.path[:0] = [sys.argv[2], sys.argv[3]]
import artifacts
import values
from ferrata.observer.formats import test
from ferrata.observer.formats.equality import difference

folder = pathlib.Path(tempfile.mkdtemp())
for number, (name, (value, _)) in enumerate(getattr(values, sys.argv[1])().items()):
    found = test("value", value, folder)
    if not found["format"]:
        continue
    path = folder / "made" / f"{number}{found['suffix']}"
    artifacts.save(value, path)
    changed = difference(value, artifacts.load(path))
    if name not in values.UNSTABLE:
        print(json.dumps([name, hashlib.sha256(path.read_bytes()).hexdigest(), changed]))
    assert not changed, (name, changed)
"""


def _run_stage(script: Path, kind: str, seed: str) -> list[str]:
    source = Path(formats.__file__).parents[3]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, str(script), kind, str(source), str(HERE)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
    return done.stdout.splitlines()


UNLIKE: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "int and bool": (lambda: 1, lambda: True),
    "int and float": (lambda: 1, lambda: 1.0),
    "the sign of zero": (lambda: [0.0], lambda: [-0.0]),
    "one more digit": (lambda: {"a": 0.3}, lambda: {"a": 0.1 + 0.2}),
    "nan and none": (lambda: float("nan"), lambda: None),
    "the order of keys": (lambda: {"a": 1, "b": 2}, lambda: {"b": 2, "a": 1}),
    "tuple and list": (lambda: (1,), lambda: [1]),
    "an attribute": (lambda: values.Thing(1), lambda: values.Thing(2)),
    "deep inside": (lambda: [values.Thing([1, {2: 3}])], lambda: [values.Thing([1, {2: 4}])]),
    "float width": (lambda: _np().float32([1]), lambda: _np().float64([1])),
    "memory order": (lambda: _np().ones((2, 2)), lambda: _np().ones((2, 2), order="F")),
    "one bit of an array": (lambda: _np().array([1.0]), lambda: _np().nextafter([1.0], 2)),
    "texts and objects": (lambda: _np().array(["a"]), lambda: _np().array(["a"], dtype=object)),
    "nan and None in objects": (
        lambda: _np().array([_np().nan], dtype=object),
        lambda: _np().array([None], dtype=object),
    ),
    "a column's name": (lambda: _pd().DataFrame({"a": [1]}), lambda: _pd().DataFrame({"b": [1]})),
    "a column's type": (lambda: _pd().DataFrame({"a": [1]}), lambda: _pd().DataFrame({"a": [1.0]})),
    "the index": (lambda: _pd().Series([1, 2]), lambda: _pd().Series([1, 2], index=[1, 0])),
    "the name of an index": (lambda: _pd().Index([1]), lambda: _pd().Index([1], name="a")),
    "order of categories": (lambda: _pd().Categorical(["a"], ["a", "b"]), lambda: _pd().Categorical(["a"], ["b", "a"])),
    "notes": (lambda: _noted({"a": 1}), lambda: _noted({"a": 2})),
    "a generator that went on": (lambda: _np().random.RandomState(1), lambda: _gone_on()),
}


def _np() -> ModuleType:
    import numpy

    return numpy


def _pd() -> ModuleType:
    import pandas

    return pandas


def _noted(attrs: dict[str, int]) -> Any:
    frame = _pd().DataFrame({"a": [1]})
    frame.attrs = attrs
    return frame


def _gone_on() -> Any:
    generator = _np().random.RandomState(1)
    generator.rand()
    return generator


@pytest.mark.parametrize("name", UNLIKE)
def test_what_differs_is_told_apart(name: str) -> None:
    one, other = UNLIKE[name]
    assert difference(one(), other()) and difference(other(), one())
    assert difference(one(), one()) == "" and difference(other(), other()) == ""


class OldBooster:
    """As XGBoost had it before 1.6."""

    def __init__(self, trees: bytes) -> None:
        self.trees, self.handle = trees, object()

    def save_raw(self) -> bytearray:
        return bytearray(self.trees)

    def attributes(self) -> dict[str, str]:
        return {}


class Boost:
    """Stands for a model of CatBoost, which knows the parameters of its training once it is fitted."""

    classes_: list[str] = []
    feature_names_: list[str] = []

    def __init__(self, depth: int, leaves: tuple[float, ...] = ()) -> None:
        self.depth, self.leaves = depth, leaves

    def is_fitted(self) -> bool:
        return bool(self.leaves)

    def get_params(self) -> dict[str, int]:
        return {"depth": self.depth}

    def get_all_params(self) -> dict[str, int]:
        if not self.leaves:
            raise RuntimeError("There is no trained model to use get_all_params()")
        return self.get_params()

    def get_leaf_values(self) -> tuple[float, ...]:
        return self.leaves


def test_boosters_of_an_older_xgboost_are_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xgboost", types.SimpleNamespace(Booster=OldBooster))
    assert difference(OldBooster(b"one"), OldBooster(b"two")) != ""
    assert difference(OldBooster(b"one"), OldBooster(b"one")) == ""


BOOSTS = (
    ("other parameters", Boost(2), Boost(3), True), ("only one is fitted", Boost(2), Boost(2, (0.5,)), True),
    ("other leaves", Boost(2, (0.25,)), Boost(2, (0.5,)), True), ("never fitted", Boost(2), Boost(2), False),
    ("the same", Boost(2, (0.5,)), Boost(2, (0.5,)), False),
)


@pytest.mark.parametrize(("name", "one", "other", "differs"), BOOSTS, ids=[case[0] for case in BOOSTS])
def test_models_of_catboost_are_compared_whether_fitted_or_not(
    name: str, one: Boost, other: Boost, differs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "catboost", types.SimpleNamespace(CatBoost=Boost))
    assert bool(difference(one, other)) is differs


def test_cycles_end() -> None:
    left: list[Any] = [1]
    left.append(left)
    right: list[Any] = [1]
    right.append(right)
    assert difference(left, right) == ""
    right.append(2)
    assert difference(left, right)


def test_another_judge_is_asked_too(tmp_path: Path) -> None:
    found = formats.test("value", [1, 2], tmp_path, same=lambda one, other: False)
    assert found["format"] == "" and all(row["why"] for row in found["tried"])
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_lies_is_not_taken(tmp_path: Path) -> None:
    liar = ModuleType("liar")
    liar.__dict__.update(name="liar", suffix=".lie", runs_code=False, accepts=lambda value: True)
    liar.__dict__.update(save=lambda value, path: Path(path).write_text("1"), load=lambda path: 1.0)
    found = formats.test("value", 1, tmp_path, formats=[liar, formats.get("json")])
    assert [(row["format"], row["ok"]) for row in found["tried"]] == [("liar", False), ("json", True)]


def test_untrusted_types_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("skops")
    tree, _ = values.estimators()["tree"]
    found = formats.test("tree", tree, tmp_path)
    assert found["trusted"] == ["sklearn.tree._tree.Tree"]
    with pytest.raises(Exception, match="Tree"):
        formats.get("skops").load(found["path"])


def test_a_class_that_is_not_named_is_refused(tmp_path: Path) -> None:
    scratch, _ = values.own_objects()["a model from scratch"]
    found = formats.test("scratch", scratch, tmp_path)
    assert found["trusted"] == [f"{values.__name__}.Thing", f"{values.__name__}.half"]
    with pytest.raises(TypeError, match="is not among the classes and functions"):
        formats.get("own").load(found["path"])


@pytest.mark.parametrize("format", formats.FORMATS, ids=lambda format: format.name)
def test_each_format_is_documented_and_reads_like_a_colleague_s(format: ModuleType) -> None:
    assert format.__doc__ and all(word in format.__doc__ for word in ("Source", ":"))
    text = artifacts_source([format.name])
    compile(text, "artifacts.py", "exec")
    assert "ferrata" not in text.lower() and "    import " not in text.replace("    import torch", "").replace(
        "    import keras", ""
    ).replace("    import xgboost", "").replace("    import lightgbm", "").replace("    import catboost", "")
    for function in ("save", "load"):
        assert getattr(format, function).__doc__.count("\n") == 0


def test_the_suffixes_are_one_format_each_but_for_noted_parquet() -> None:
    names = suffixes()
    assert list(names) == [format.name for format in formats.FORMATS]
    names.pop("parquet_noted")
    assert len(set(names.values())) == len(names)


def test_the_digest_of_an_estimator_is_its_content(tmp_path: Path) -> None:
    pytest.importorskip("skops")
    digests = set()
    for number in range(2):
        model, _ = values.estimators()["pipeline"]
        formats.get("skops").save(model, tmp_path / f"{number}.skops")
        digests.add(hashlib.sha256((tmp_path / f"{number}.skops").read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.heavy
def test_the_formats_of_the_frameworks_where_all_of_them_are_installed(frameworks_python: Path) -> None:
    """The tests above that are skipped here, in an environment that has what they need: there none may be skipped."""
    root = HERE.parents[1]
    command = [frameworks_python, "-m", "pytest", "-q", "-rs", "-c", os.devnull, f"--rootdir={root}", "--import-mode=importlib", "-p", "no:cacheprovider",
               "-k", " or ".join(HEAVY), str(Path(__file__))]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root / "src")}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert f"{2 * len(HEAVY)} passed" in done.stdout and "skipped" not in done.stdout, done.stdout[-2000:]
