"""Reading: every notebook that is one, a sentence for every file that is none, and never a change to the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ferrata.errors import CodeError, NotANotebook, NotebookError, NothingToAdopt, OtherLanguage
from ferrata.steps.read import read


def code(source: str, *outputs: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": list(outputs), "execution_count": count, "metadata": {}}


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def printed(*lines: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": list(lines)}


def write(folder: Path, *cells: dict[str, Any], metadata: dict[str, Any] | None = None) -> Path:
    path = folder / "n.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def test_the_file_is_not_touched(tmp_path: Path) -> None:
    path = write(tmp_path, code("x = 1"))
    before, when = path.read_bytes(), path.stat().st_mtime_ns
    notebook = read(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == (before, when, [path])
    assert len(notebook.sha256) == 64


def test_cells_and_statements_are_counted_over_the_notebook(tmp_path: Path) -> None:
    notebook = read(write(tmp_path, text("# A"), code("x = 1\ny = 2", count=7), code(""), text("## B"), code("%matplotlib inline\nz = 3")))
    assert [(cell.number, cell.heading, cell.execution_count) for cell in notebook.cells] == [(1, "A", 7), (2, "A", None), (3, "B", None)]
    assert [(s.index, s.cell, s.line, s.source) for s in notebook.statements] == [(0, 1, 1, "x = 1"), (1, 1, 2, "y = 2"), (2, 3, 2, "z = 3")]
    assert [(magic.cell, magic.line, magic.meaning) for magic in notebook.magics] == [(3, 1, "nothing")]


TITLES = {
    "first heading": ([text("intro\n\n# Churn **of** [clients](x)\n## More"), code("1")], "Churn of clients"),
    "html heading": ([text("<h1 style='a'><b>Churn</b></h1>"), code("1")], "Churn"),
    "no heading": ([text("some text"), code("# not me")], "n"),
}


@pytest.mark.parametrize(("cells", "title"), TITLES.values(), ids=TITLES.keys())
def test_title(tmp_path: Path, cells: list[dict[str, Any]], title: str) -> None:
    assert read(write(tmp_path, *cells, code("x = 1"))).title == title


def test_outputs_are_text_without_colours(tmp_path: Path) -> None:
    result = {"output_type": "execute_result", "data": {"text/plain": ["0.5"]}, "metadata": {}, "execution_count": 1}
    figure = {"output_type": "display_data", "data": {"text/plain": "<Figure>", "image/png": "aaaa"}, "metadata": {}}
    failed = {"output_type": "error", "ename": "KeyError", "evalue": "'a'", "traceback": ["\x1b[0;31mKeyError\x1b[0m", "line 2"]}
    notebook = read(write(tmp_path, code("x", printed("a\n", "b\n"), result, figure, failed)))
    outputs = notebook.cells[0].outputs
    assert [(output.kind, output.text, output.has_image) for output in outputs] == [
        ("stream", "a\nb\n", False), ("execute_result", "0.5", False), ("display_data", "<Figure>", True), ("error", "KeyError: 'a'\nKeyError\nline 2", False),
    ]


def test_requirements_and_downloads_come_from_shell_lines(tmp_path: Path) -> None:
    notebook = read(write(tmp_path, code("!pip install a==1 b\n!wget https://x.y/d.csv -O e.csv"), code("%pip install b\nx = 1")))
    assert (notebook.requirements, notebook.downloads) == (("a==1", "b"), ("https://x.y/d.csv",))


ANSWERS = {
    "none": ([("x = 1", [])], ()),
    "one": ([("x = int(input('How many? '))", ["How many? 3\n"])], ("3",)),
    "in a loop": ([("for i in range(2):\n    input('n:')", ["n:1\n", "n: 2\n"])], ("1", "2")),
    "f-string": ([("input(f'n {i}: ')", ["n 0: a b\n"])], ("a b",)),
    "two cells": ([("input('a')", ["a1\n"]), ("input('b ')", ["b 2\n"])], ("1", "2")),
    "unknown one ends the list": ([("input()", ["7\n"]), ("input('b')", ["b2\n"])], ()),
    "never ran": ([("input('a')", []), ("input('b')", ["b2\n"])], ()),
}


@pytest.mark.parametrize(("cells", "answers"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers_to_input_come_from_saved_output(tmp_path: Path, cells: list[tuple[str, list[str]]], answers: tuple[str, ...]) -> None:
    assert read(write(tmp_path, *(code(source, printed(*lines)) for source, lines in cells))).answers == answers


def test_nbformat_3(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Old"},
        {"cell_type": "code", "input": ["x = 1\n", "x"], "language": "python", "prompt_number": 4, "outputs": [{"output_type": "pyout", "text": ["1"],
        "prompt_number": 4}]},
        {"cell_type": "code", "input": "y", "language": "python", "outputs": [{"output_type": "pyerr", "ename": "NameError", "evalue": "y", "traceback": []}]},
    ]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}))
    notebook = read(path)
    assert (notebook.title, [cell.source for cell in notebook.cells], notebook.cells[0].execution_count) == ("Old", ["x = 1\nx", "y"], 4)
    assert [(output.kind, output.text) for cell in notebook.cells for output in cell.outputs] == [("execute_result", "1"), ("error", "NameError: y\n")]


VERSIONS = {
    "told": ({"language_info": {"name": "python", "version": "3.7.3"}}, "3.7.3"), "not told": ({}, ""),
    "only the kernel of Python 2": ({"kernelspec": {"name": "python2", "language": "python"}}, "2"),
}


@pytest.mark.parametrize(("metadata", "version"), VERSIONS.values(), ids=VERSIONS.keys())
def test_python_version(tmp_path: Path, metadata: dict[str, Any], version: str) -> None:
    assert read(write(tmp_path, code("x = 1"), metadata=metadata)).python_version == version


NOT_NOTEBOOKS = {
    "empty": (b"", "empty"), "blank": (b" \n", "empty"), "binary": (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "binary"), "latin-1": (b'{"a": "\xe9"}', "UTF-8"),
    "script": (b"import os\n", "Python script"), "web page": (b"<!DOCTYPE html><html>", "web page"), "list": (b"[1]", "no cells"), "other json": (
        b'{"a": 1}', "no cells"),
    "cut off": (b'{"cells": [', "damaged"), "conflict": (b'{\n<<<<<<< HEAD\n"cells": []', "merge conflict"), "cells of nothing": (b'{"cells": [1]}', "no type"),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "LFS"), "text": (b"hello", "not JSON"),
}


@pytest.mark.parametrize(("content", "word"), NOT_NOTEBOOKS.values(), ids=NOT_NOTEBOOKS.keys())
def test_what_is_no_notebook_is_said(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / ("a.py" if b"import" in content else "a.ipynb")
    path.write_bytes(content)
    with pytest.raises(NotANotebook, match=word):
        read(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotANotebook, match="no such file"):
        read(tmp_path / "none.ipynb")
    with pytest.raises(NotANotebook, match="folder"):
        read(tmp_path)


PYTHON_KERNELS = {
    "none": {}, "ipykernel": {"kernelspec": {"name": "python3"}}, "conda": {"kernelspec": {"name": "conda-env-x-py"}}, "own name": {"kernelspec": {
    "name": "irisproject"}},
    "pyspark": {"language_info": {"name": "pyspark"}}, "sagemath": {"kernelspec": {"name": "x", "language": "sage"}},
}


@pytest.mark.parametrize("metadata", PYTHON_KERNELS.values(), ids=PYTHON_KERNELS.keys())
def test_python_kernels_are_read(tmp_path: Path, metadata: dict[str, Any]) -> None:
    assert read(write(tmp_path, code("x = 1"), metadata=metadata)).statements


OTHER_KERNELS = {
    "R": ({"kernelspec": {"name": "ir", "language": "R"}}, " R;"), "only the kernel's name": ({"kernelspec": {"name": "ir"}}, " R;"),
    "Julia": ({"language_info": {"name": "julia"}}, "Julia"), "Scala": ({"kernelspec": {"name": "spylon-kernel"}}, "Scala"), "SAS": ({"kernelspec": {
        "name": "sas"}}, "SAS"),
}


@pytest.mark.parametrize(("metadata", "name"), OTHER_KERNELS.values(), ids=OTHER_KERNELS.keys())
def test_other_languages_are_refused_by_name(tmp_path: Path, metadata: dict[str, Any], name: str) -> None:
    with pytest.raises(OtherLanguage, match=name):
        read(write(tmp_path, code("x <- 1"), metadata=metadata))


@pytest.mark.parametrize("cells", [[], [text("# A")], [code("# nothing"), code("")], [code("!ls")]], ids=["no cells", "no code cell", "comments", "shell only"])
def test_nothing_to_adopt(tmp_path: Path, cells: list[dict[str, Any]]) -> None:
    with pytest.raises(NothingToAdopt):
        read(write(tmp_path, *cells))


def test_syntax_errors_are_located(tmp_path: Path) -> None:
    with pytest.raises(CodeError) as caught:
        read(write(tmp_path, code("x = 1"), text("hm"), code("y = 1\ny = = 2")))
    assert (caught.value.cell, caught.value.line, caught.value.is_python2) == (2, 2, False)
    assert caught.value.where.endswith("n.ipynb, cell 2, line 2") and caught.value.todo


def test_python_2_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(CodeError, match="Python 2") as caught:
        read(write(tmp_path, code("print 'a'"), metadata={"language_info": {"name": "python", "version": "2.7.15"}}))
    assert caught.value.is_python2


def test_broken_cells_can_be_left_out(tmp_path: Path) -> None:
    failed = {"output_type": "error", "ename": "SyntaxError", "evalue": "invalid syntax", "traceback": []}
    path = write(tmp_path, code("x = 1"), code("Here we load the data"), code("y = = 1", failed), code("z = 2"))
    notebook = read(path, skip_broken=True)
    assert [statement.source for statement in notebook.statements] == ["x = 1", "z = 2"]
    assert [(cell.cell, cell.kind, cell.failed_before) for cell in notebook.broken] == [(2, "prose", False), (3, "other", True)]
    assert len(notebook.cells) == 4


def test_nothing_left_is_still_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotebookError):
        read(write(tmp_path, code("x = = 1")), skip_broken=True)
