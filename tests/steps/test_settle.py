# ruff: noqa: E501
"""From a notebook to an environment: what is asked for, where it comes from, how it is relaxed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ferrata.errors import EnvironmentFailed
from ferrata.records.command import Command, Outcome
from ferrata.records.environment import EnvironmentSpec, Index, Requirement
from ferrata.records.notebook import Cell, Notebook, Output, Statement
from ferrata.steps.settle import age, declared, interpreters, resolver, torch
from ferrata.steps.settle.candidate_specs import candidates as make_candidates
from ferrata.steps.settle.distributions import known
from ferrata.steps.settle.imports import needs
from ferrata.steps.settle.interpreters import Interpreter
from ferrata.steps.settle.manifest import manifest
from ferrata.steps.settle.missing import with_missing_package

TODAY = date(2026, 6, 1)


def notebook_in(folder: Path, *sources: str, python: str = "", requirements: tuple[str, ...] = ()) -> Notebook:
    statements = [Statement(index, index + 1, 1, source.count("\n") + 1, source) for index, source in enumerate(sources)]
    cells = tuple(Cell(one.cell, one.source, one.source, (one,)) for one in statements)
    (folder / "churn.ipynb").touch()
    return Notebook(folder / "churn.ipynb", "0" * 64, cells, python_version=python, requirements=requirements)


@pytest.fixture(autouse=True)
def one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two Pythons, no graphics card, no network, no folder of wheels."""
    pythons = (Interpreter((3, 11, 7), Path("/py/3.11")), Interpreter((3, 8, 18), Path("/py/3.8")))
    monkeypatch.setattr("ferrata.steps.settle.interpreters.installed", lambda run: pythons)
    monkeypatch.setattr("ferrata.steps.settle.candidate_specs.has_gpu", lambda: False)
    monkeypatch.setattr("ferrata.world.network.answers", lambda url, seconds: False)
    monkeypatch.setattr("ferrata.programs.uv.wheel_folders", lambda: ())


def nothing_known(command: Command) -> Outcome:
    return Outcome(command, 128, "", "not a git repository", 0.0)


def authors(spec: EnvironmentSpec) -> list[str]:
    """The requirements that the notebook has, without what Ferrata's file formats add."""
    return [one.specifier for one in spec.requirements if one.origin != "ferrata"]


def settled_names(notebook: Notebook, which: int = 0) -> list[str]:
    return authors(make_candidates(notebook, project="churn", today=TODAY, run=nothing_known)[which])


LINUX, OTHERS = "sys_platform == 'linux' and platform_machine == 'x86_64'", "sys_platform != 'linux' or platform_machine != 'x86_64'"
IMPORTS = {
    "standard library": ("import os, json\nfrom collections import abc", []),
    "unknown module is not guessed": ("import colorama_utils_pro", []),
    "inside a function": ("def f():\n    import requests", ["requests"]),
    "inside a try": ("try:\n    import requests\nexcept ImportError:\n    pass", ["requests"]),
    "other name": ("import cv2, yaml\nfrom PIL import Image\nfrom bs4 import BeautifulSoup", ["opencv-python-headless", "PyYAML", "pillow", "beautifulsoup4"]),
    "submodule": ("from mpl_toolkits.mplot3d import Axes3D\nimport matplotlib.pyplot as plt", ["matplotlib"]),
    "namespace": ("from google.cloud import storage", ["google-cloud-storage"]),
    "namespace in full": ("import google.cloud.bigquery as bq", ["google-cloud-bigquery"]),
    "pandas": ("import pandas as pd", ["pandas"]),
    "scikit-learn": ("import sklearn.svm", ["scikit-learn"]),
    "reader of spreadsheets": ("import pandas as pd\npd.read_excel('a.xlsx')", ["pandas", "openpyxl"]),
    "reader of old spreadsheets": ("import pandas as pd\npd.read_excel('a.xls')", ["pandas", "openpyxl", "xlrd"]),
    "keras needs an engine": ("import keras", ["keras", f"tensorflow-cpu ; {LINUX}", f"tensorflow ; {OTHERS}"]),
    "xgboost without a graphics card": ("import xgboost", [f"xgboost-cpu ; {LINUX}", f"xgboost ; {OTHERS}"]),
    "keras of old in scikit-learn": (
        "from keras.wrappers.scikit_learn import KerasClassifier",
        ["scikeras", f"tensorflow-cpu ; {LINUX}", f"tensorflow ; {OTHERS}"],
    ),
    "imported by name": ("import importlib\nimportlib.import_module('numpy')", ["numpy"]),
    "renamed project": ("import pandas_profiling", ["ydata-profiling"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), IMPORTS.values(), ids=IMPORTS)
def test_requirements_from_imports(source: str, expected: list[str], tmp_path: Path) -> None:
    assert settled_names(notebook_in(tmp_path, source)) == expected


OWN = {
    "nothing else": ("x = 1", {"pandas", "pyarrow", "pyyaml"}),
    "the author's own are not added again": ("import pandas, yaml", {"pyarrow"}),
    "scikit-learn": ("import sklearn.svm", {"pandas", "pyarrow", "pyyaml", "joblib", "skops"}),
}


@pytest.mark.parametrize(("source", "expected"), OWN.values(), ids=OWN)
def test_what_the_file_formats_need(source: str, expected: set[str], tmp_path: Path) -> None:
    spec = make_candidates(notebook_in(tmp_path, source), project="churn", today=TODAY, run=nothing_known)[0]
    assert {one.specifier for one in spec.requirements if one.origin == "ferrata"} == expected


def test_the_table_is_large_and_canonical() -> None:
    table = known()
    assert len(table.modules) >= 250
    assert all(module.isidentifier() for module in table.modules)
    assert set(table.cpu) <= set(table.modules.values())


def test_unknown_module_is_told_with_its_cell(tmp_path: Path) -> None:
    spec = make_candidates(notebook_in(tmp_path, "x = 1", "import numpy\nimport my_tools"), project="churn", today=TODAY, run=nothing_known)[0]
    (unknown,) = spec.unknown_modules
    assert (unknown.module, unknown.cell, unknown.line, unknown.optional) == ("my_tools", 2, 2, False)
    assert "requirements.txt" in unknown.todo and "my_tools.py" in unknown.todo


def test_unknown_module_that_the_author_names_is_known(tmp_path: Path) -> None:
    notebook = notebook_in(tmp_path, "import my_tools", requirements=("my-tools",))
    spec = make_candidates(notebook, project="churn", today=TODAY, run=nothing_known)[0]
    assert authors(spec) == ["my-tools"]
    assert spec.unknown_modules == ()


def test_local_modules_are_followed(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text("import requests\nfrom lib import x\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("from .deep import x\n")
    (tmp_path / "lib" / "deep.py").write_text("import numpy\n")
    found = needs(notebook_in(tmp_path, "import tools"))
    assert [one.module for one in found.modules] == ["requests", "numpy"]
    assert {path.name for path in found.local} >= {"tools.py", "lib"}


def test_folder_without_init_is_no_module_when_a_package_has_its_name(tmp_path: Path) -> None:
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "a.py").touch()
    assert needs(notebook_in(tmp_path, "import keras")).local == ()


FILES = {
    "requirements": ("requirements.txt", "# a comment\nnumpy>=1.20  # why\npandas==1.3.5 ; python_version < '4'\n-e .\n--index-url x\n", ["numpy>=1.20", "pandas==1.3.5"]),
    "extras": ("requirements.txt", "dask[complete]==2021.1\n", ["dask[complete]==2021.1"]),
    "tools are left out": ("requirements.txt", "jupyter\nipykernel==6\nnumpy\n", ["numpy"]),
    "meant name": ("requirements.txt", "sklearn\nopencv-python==4.5\n", ["scikit-learn", "opencv-python-headless==4.5"]),
    "UTF-16": ("requirements.txt", "numpy==1.2\r\n".encode("utf-16"), ["numpy==1.2"]),
    "pyproject": ("pyproject.toml", "[project]\nname='a'\ndependencies=['numpy<2']\n", ["numpy<2"]),
    "poetry": ("pyproject.toml", "[tool.poetry.dependencies]\npython='^3.8'\npandas='^1.3'\nnumpy='*'\n", ["pandas<2,>=1.3", "numpy"]),
    "conda": ("environment.yml", "dependencies:\n- python=3.8\n- conda-forge::pandas=1.2\n- scikit-learn=0.24.1\n- pip:\n  - nltk==3.5\n", ["pandas==1.2.*", "scikit-learn==0.24.1", "nltk==3.5"]),
    "Pipfile": ("Pipfile", "[packages]\nnumpy='==1.19'\npandas='*'\n", ["numpy==1.19", "pandas"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "expected"), FILES.values(), ids=FILES)
def test_declared(name: str, content: str | bytes, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = declared.find(tmp_path / "churn.ipynb")
    assert [text.partition(";")[0].strip() for text in found.requirements] == expected
    assert not found.is_dump


NO_FILES = {
    "nothing": ("notes.txt", "numpy"),
    "empty": ("requirements.txt", "\n# none\n"),
    "broken": ("pyproject.toml", "[project\n"),
    "only settings": ("pyproject.toml", "[tool.ruff]\n"),
}


@pytest.mark.parametrize(("name", "content"), NO_FILES.values(), ids=NO_FILES)
def test_nothing_declared(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert declared.find(tmp_path / "churn.ipynb").requirements == ()


def test_files_above_count_only_inside_the_repository(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("numpy\n")
    assert declared.find(folder / "n.ipynb").requirements == ()
    (tmp_path / ".git").mkdir()
    assert declared.find(folder / "n.ipynb").requirements == ("numpy",)


def test_a_dump_gives_only_what_is_imported_and_its_versions_to_the_older_candidate(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "pandas==1.2.4\npywin32==300\nnumpy @ file:///C:/x/numpy\n" + "".join(f"thing{i}==1\n" for i in range(99))
    )
    notebook = notebook_in(tmp_path, "import pandas", python="3.8.5")
    specs = make_candidates(notebook, project="churn", today=TODAY, run=nothing_known)
    assert [spec.name for spec in specs] == ["today", "of its time (before 2021-10-13)", LATE_2022]
    assert authors(specs[0]) == ["pandas"]
    assert "pandas==1.2.4" in specs[1].constraints and specs[0].constraints == ()
    assert any("dump" in note for note in specs[0].notes)


def test_file_about_something_else_is_left_aside(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==1.0\n")
    spec = make_candidates(notebook_in(tmp_path, "import numpy"), project="churn", today=TODAY, run=nothing_known)[0]
    assert authors(spec) == ["numpy"]
    assert any("left aside" in note for note in spec.notes)


def test_versions_of_the_author_come_first(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pandas==1.3.5\n")
    specs = make_candidates(notebook_in(tmp_path, "import pandas", python="3.8.1"), project="churn", today=TODAY, run=nothing_known)
    assert [(spec.name, spec.python_version) for spec in specs][:2] == [("as requirements.txt says", "3.8.18"), ("today", "3.11.7")]
    assert specs[0].requirements[0] == Requirement("pandas==1.3.5", origin="file")
    assert specs[1].requirements[0].specifier == "pandas"


LATE_2022 = "of late 2022 (before 2022-12-07)"


def test_young_notebook_has_one_candidate_and_a_last_resort(tmp_path: Path) -> None:
    specs = make_candidates(notebook_in(tmp_path, "import numpy"), project="churn", today=date.today(), run=nothing_known)
    assert [(spec.name, spec.is_last_resort) for spec in specs] == [("today", False), (LATE_2022, True)]
    assert specs[1].exclude_newer == "2022-12-07T00:00:00Z"


def test_a_notebook_of_late_2022_needs_no_last_resort(tmp_path: Path) -> None:
    def git(command: Command) -> Outcome:
        return Outcome(command, 0, "2022-11-20\n", "", 0.0) if command.arguments[0] == "git" else nothing_known(command)

    specs = make_candidates(notebook_in(tmp_path, "import numpy", python="3.8.5"), project="churn", today=TODAY, run=git)
    assert not any(spec.is_last_resort for spec in specs)


def test_last_commit_dates_the_notebook(tmp_path: Path) -> None:
    def git(command: Command) -> Outcome:
        return Outcome(command, 0, "2021-03-04\n", "", 0.0)

    found, why = age.estimate(notebook_in(tmp_path, "x = 1", python="3.6.1"), TODAY, git)
    assert (found, why) == (date(2021, 3, 4), "its last commit")


def test_saved_versions_become_hints(tmp_path: Path) -> None:
    notebook = notebook_in(tmp_path, "import tensorflow as tf\ntf.__version__")
    cell = replace(notebook.cells[0], outputs=(Output("execute_result", "'2.3.1'"),))
    spec = make_candidates(replace(notebook, cells=(cell,)), project="churn", today=TODAY, run=nothing_known)[1]
    assert "tensorflow==2.3.1" in spec.constraints


def test_project_never_has_the_name_of_its_package(tmp_path: Path) -> None:
    notebook = notebook_in(tmp_path, "import xgboost")
    assert make_candidates(notebook, project="XGBoost", today=TODAY, run=nothing_known)[0].project == "xgboost-project"
    assert make_candidates(notebook, project="My churn!", today=TODAY, run=nothing_known)[0].project == "my-churn"


PYTHONS = [Interpreter((3, minor, 1), Path(f"/py/{minor}")) for minor in (14, 13, 12, 9, 8)]
NEAREST = {(3, 6): 8, (3, 8): 8, (3, 10): 9, (3, 11): 12, (3, 14): 14}


@pytest.mark.parametrize(("minor", "expected"), NEAREST.items())
def test_nearest_python(minor: tuple[int, int], expected: int) -> None:
    found = interpreters.nearest(PYTHONS, minor)
    assert found is not None and found.minor == (3, expected)


def test_python_for_today_has_wheels() -> None:
    assert {one.minor for one in interpreters.for_today(PYTHONS)} == {(3, 12), (3, 13)}
    assert [one.minor for one in interpreters.for_today(PYTHONS, ">=3.8,<3.10")] == [(3, 9), (3, 8)]


def test_python_option() -> None:
    assert interpreters.by_option(PYTHONS, "3.9").minor == (3, 9)
    with pytest.raises(EnvironmentFailed, match=r"Python 3\.10 is not installed"):
        interpreters.by_option(PYTHONS, "3.10")


def test_shims_are_no_interpreters() -> None:
    rows = [
        {"version": "3.10.1", "version_parts": {"major": 3, "minor": 10, "patch": 1}, "path": path, "implementation": "cpython", "variant": "default"}
        for path in ("/home/a/.pyenv/shims/python3.10", "/usr/bin/python3.10")
    ]
    assert [str(one.path) for one in interpreters._seen_by_uv(json.dumps(rows))] == ["/usr/bin/python3.10"]


REFUSALS = {
    "missing": (
        "  × No solution found when resolving dependencies:\n  ╰─▶ Because nosuch was not found in the package registry and your project depends on nosuch, we\n      can conclude that your project's requirements are unsatisfiable.\n",
        "missing", "nosuch", "Nosuch was not found in the package registry and your project depends on nosuch",
    ),
    "build": ("  × Failed to build `nosuch==1.0`\n  ├─▶ The build backend returned an error\n", "build", "nosuch", "nosuch has to be built from source and that failed"),
    "network": ("error: Failed to fetch: `https://x/simple/nosuch/`\n  Caused by: error sending request for url\n  Caused by: dns error\n", "network", "", None),
    "conflict": (
        "  × No solution found when resolving dependencies:\n  ╰─▶ Because numpy==1.0 depends on nosuch>2 and your project depends on nosuch<1, we can conclude that\n      numpy==1.0 cannot be used.\n      And because more, we can conclude\n",
        "conflict", "nosuch", "Numpy==1.0 depends on nosuch>2 and your project depends on nosuch<1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("error", "kind", "distribution", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_what_uv_said(error: str, kind: str, distribution: str, sentence: str | None) -> None:
    refusal = resolver.read(error, (Requirement("nosuch<1"),))
    assert (refusal.kind, refusal.distribution) == (kind, distribution)
    assert sentence is None or refusal.sentence == sentence


SPEC = EnvironmentSpec("today", "churn", Path("/py/3.11"), "3.11.7", (Requirement("numpy"), Requirement("nosuch", origin="import", cell=3)))


class Uv:
    """uv, faked: `refuse` gives the error for the pyproject.toml that is to be locked, "" when it locks."""

    def __init__(self, refuse: Callable[[str], str]) -> None:
        self.refuse, self.manifests = refuse, []

    def __call__(self, command: Command) -> Outcome:
        error = ""
        if command.arguments[1] == "lock" and command.folder:
            text = (command.folder / "pyproject.toml").read_text()
            self.manifests.append(text)
            error = self.refuse(text)
        output = json.dumps([{"name": "Num_Py", "version": "1.0"}]) if command.arguments[1] == "pip" else ""
        return Outcome(command, 1 if error else 0, output, error, 0.1)


def test_what_is_not_on_the_index_is_left_out_and_said(tmp_path: Path) -> None:
    uv = Uv(lambda text: REFUSALS["missing"][0] if "nosuch" in text else "")
    environment = package_settle(SPEC, tmp_path, uv)
    assert [one.specifier for one in environment.requirements] == ["numpy"]
    assert environment.packages == (("num-py", "1.0"),)
    assert any("nosuch was left out" in note for note in environment.notes)


def test_lock_for_one_system_when_it_does_not_resolve_for_all(tmp_path: Path) -> None:
    uv = Uv(lambda text: REFUSALS["conflict"][0] if "darwin" in text and "win32" in text else "")
    environment = package_settle(SPEC, tmp_path, uv)
    assert len(uv.manifests) == 2
    assert any("the lock holds for" in note for note in environment.notes)


def test_date_is_moved_when_nothing_resolves(tmp_path: Path) -> None:
    spec = replace(SPEC, name="of its time (before 2020-01-01)", exclude_newer="2020-01-01T00:00:00Z", constraints=("numpy==0.1",))
    environment = package_settle(spec, tmp_path, Uv(lambda text: "" if "2020-12-31" in text else REFUSALS["conflict"][0]))
    assert environment.name == "of its time (before 2020-12-31)"
    assert environment.exclude_newer == "2020-12-31T00:00:00Z"


def test_failure_names_the_requirement_and_its_cell(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed) as raised:
        package_settle(SPEC, tmp_path, Uv(lambda text: REFUSALS["conflict"][0]))
    assert raised.value.what == f"No environment today: {REFUSALS['conflict'][3]}"
    assert raised.value.where == "nosuch (from cell 3)"


def test_no_network_is_not_tried_again(tmp_path: Path) -> None:
    uv = Uv(lambda text: REFUSALS["network"][0])
    with pytest.raises(EnvironmentFailed) as raised:
        package_settle(SPEC, tmp_path, uv)
    assert len(uv.manifests) == 1
    assert "network" in raised.value.todo


def package_settle(spec: EnvironmentSpec, folder: Path, run: Uv):
    from ferrata.steps.settle import settle

    return settle(spec, folder, run=run)


def test_manifest() -> None:
    spec = replace(
        SPEC,
        exclude_newer="2021-01-01T00:00:00Z",
        undated=("torch",),
        indexes=(Index("pytorch-cpu", "https://x/cpu", ("torch",)),),
        constraints=("numpy==1",),
    )
    text = manifest(spec)
    import tomllib

    data = tomllib.loads(text)
    assert data["project"]["requires-python"] == ">=3.11,<3.12"
    assert data["project"]["dependencies"] == ["numpy", "nosuch"]
    assert data["tool"]["uv"]["exclude-newer-package"] == {"torch": False}
    assert data["tool"]["uv"]["index"] == [{"name": "pytorch-cpu", "url": "https://x/cpu", "explicit": True}]
    assert data["tool"]["uv"]["sources"]["torch"] == [{"index": "pytorch-cpu", "marker": "sys_platform == 'linux'"}]


TORCH = replace(SPEC, requirements=(Requirement("torch", module="torch"),))


def wheels(folder: Path, *names: str) -> Iterator[Path]:
    for name in names:
        (folder / name).touch()
    yield folder


def test_torch_from_its_own_index(tmp_path: Path) -> None:
    spec = torch.without_cuda(TORCH, wheel_folders=[tmp_path], answers=lambda url: True)
    assert spec.indexes[0].packages == ("torch",)
    assert spec.requirements == TORCH.requirements


def test_torch_from_a_folder_of_wheels(tmp_path: Path) -> None:
    folders = wheels(
        tmp_path,
        "torch-2.1.0+cpu-cp311-cp311-linux_x86_64.whl",
        "torch-2.3.0+cpu-cp311-cp311-linux_x86_64.whl",
        "torch-2.9.0+cpu-cp312-cp312-linux_x86_64.whl",
    )
    spec = torch.without_cuda(TORCH, wheel_folders=folders, answers=lambda url: False)
    assert [one.specifier for one in spec.requirements] == [f"torch==2.3.0+cpu ; {LINUX}", f"torch==2.3.0 ; {OTHERS}"]


def test_torch_is_of_the_same_build_as_what_extends_it(tmp_path: Path) -> None:
    both = replace(TORCH, requirements=(*TORCH.requirements, Requirement("torchvision", module="torchvision")))
    folders = [*wheels(tmp_path, "torch-2.3.0+cpu-cp311-cp311-linux_x86_64.whl")]
    spec = torch.without_cuda(both, wheel_folders=folders, answers=lambda url: False)
    assert spec.requirements == both.requirements and "default build" in spec.notes[-1]
    (tmp_path / "torchvision-0.18.0+cpu-cp311-cp311-linux_x86_64.whl").touch()
    spec = torch.without_cuda(both, wheel_folders=folders, answers=lambda url: False)
    assert [one.specifier for one in spec.requirements if LINUX in one.specifier] == [f"torch==2.3.0+cpu ; {LINUX}", f"torchvision==0.18.0+cpu ; {LINUX}"]


def test_torch_as_it_comes_is_said(tmp_path: Path) -> None:
    spec = torch.without_cuda(TORCH, wheel_folders=[tmp_path], answers=lambda url: False)
    assert spec.requirements == TORCH.requirements
    assert "default build" in spec.notes[-1]


@pytest.mark.slow
def test_settled_environment_stays_locked_in_the_project(tmp_path: Path) -> None:
    import subprocess
    import sys

    from ferrata.programs import uv
    from ferrata.steps.settle import clone, settle

    python = Path(getattr(sys, "_base_executable", sys.executable))
    spec = replace(SPEC, python=python, python_version=".".join(map(str, sys.version_info[:3])), requirements=(Requirement("six"),))
    environment = settle(spec, tmp_path / "made")
    assert dict(environment.packages).keys() == {"six"}
    assert subprocess.run([environment.python, "-c", "import six"]).returncode == 0
    clone(tmp_path / "made", tmp_path / "project")
    from ferrata.world.process import run

    assert run(uv.sync(tmp_path / "project", python=python)).status == 0
    assert run(uv.export(tmp_path / "project")).status == 0
    assert "--hash=sha256:" in (tmp_path / "project" / "requirements.txt").read_text()


MISSING: dict[str, tuple[str, str]] = {
    # What adds nothing.
    "another error": ("ValueError: 3", ""),
    "nobody knows it": ("No module named 'churn_tools_of_ours'", ""),
    "it is there": ("No module named 'pandas.core.frames'", ""),
    # What adds a package.
    "behind a call": ("ModuleNotFoundError: No module named 'tensorboard'", "tensorboard"),
    "a dotted one": ("No module named 'sklearn.utils'", "scikit-learn"),
    "an optional one": ("Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.", "openpyxl"),
    "the last of several": ("No module named 'lxml'\nDuring handling: No module named 'tables'", "tables"),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_package_that_only_a_run_shows_to_be_needed(name: str) -> None:
    message, expected = MISSING[name]
    spec = EnvironmentSpec("today", "churn", Path("python"), "3.11", (Requirement("pandas>=2"),))
    wider = with_missing_package(spec, message)
    assert [one.specifier for one in wider.requirements] == ["pandas>=2", expected] if wider else not expected
    assert wider is None or expected in wider.notes[-1]
