"""Where input files lie in the project, and which literals in the code are changed to find them there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ferrata.records.observation import Trace
from ferrata.source.edits import apply_edits
from ferrata.steps.planning.data import place_data


class Folder:
    """The notebook's folder in a scratch workspace, with files in it and beside it."""

    def __init__(self, root: Path, *files: str) -> None:
        self.root, self.cwd = root, root / "work"
        self.cwd.mkdir()
        for file in files:
            path = Path(os.path.normpath(self.cwd / file))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file)
        self.inputs = tuple(str(path) for path in root.rglob("*"))

    def place(self, *statements: tuple[str, list[str]], stays: bool = False, **wrote: list[str]) -> tuple[dict[str, str], list[str]]:
        """Each statement with the files it read; where these go in the project, and the statements as they are then."""
        sources = {index: source for index, (source, _) in enumerate(statements)}
        traces = {i: Trace(i, files_read=tuple(read), files_written=tuple(wrote.get(f"at_{i}", ()))) for i, (_, read) in enumerate(statements)}
        files, changes = place_data(tuple(sources), traces, sources, str(self.cwd), self.inputs, stays=stays)
        edited = [apply_edits(source, [(c.start, c.end, c.text) for c in changes if c.statement == index]) for index, source in sources.items()]
        return {os.path.relpath(file.observed, self.cwd): file.path for file in files}, edited


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, "a.csv", "b.csv", "sub/c.csv", "data/d.csv", "../raw/e.csv", "images/cat/1.png", "images/dog/2.png", "Daten ä.csv")


UNCHANGED = {
    "a file that is no input": ("f('new.csv')", ["new.csv"]),
    "the notebook's own folder": ("os.listdir('.')", ["."]),
    "a folder above it": ("os.listdir('..')", [".."]),
    "a text that only looks alike": ("print('a.csv is fine')", []),
    "a pattern of the notebook's own folder": ("glob('*.csv')", ["."]),
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_is_left_alone(folder: Folder, name: str) -> None:
    source, read = UNCHANGED[name]
    assert folder.place((source, read)) == ({}, [source])


def test_what_an_earlier_statement_wrote_is_no_input(folder: Folder) -> None:
    files, edited = folder.place(("df.to_csv('a.csv')", []), ("read('a.csv')", ["a.csv"]), at_0=["a.csv"])
    assert files == {} and edited == ["df.to_csv('a.csv')", "read('a.csv')"]


PLACED = {
    "beside the notebook": ("read('a.csv')", "a.csv", "data/a.csv", "read('data/a.csv')"),
    "double quotes": ('read("a.csv")', "a.csv", "data/a.csv", 'read("data/a.csv")'),
    "raw text": ("read(r'a.csv')", "a.csv", "data/a.csv", "read('data/a.csv')"),
    "in a folder": ("read('sub/c.csv')", "sub/c.csv", "data/sub/c.csv", "read('data/sub/c.csv')"),
    "the long way round": ("read('./sub/../a.csv')", "a.csv", "data/a.csv", "read('data/a.csv')"),
    "in a folder called data": ("read('data/d.csv')", "data/d.csv", "data/d.csv", "read('data/d.csv')"),
    "above the notebook": ("read('../raw/e.csv')", "../raw/e.csv", "data/raw/e.csv", "read('data/raw/e.csv')"),
    "letters of other alphabets": ("lies('Daten ä.csv', 'ö')", "Daten ä.csv", "data/Daten ä.csv", "lies('data/Daten ä.csv', 'ö')"),
    "a folder read as a whole": ("load('images')", "images", "data/images", "load('data/images')"),
    "a folder with its slash": ("load('images/')", "images", "data/images", "load('data/images/')"),
    "joined from a folder": ("read(os.path.join('sub', name))", "sub/c.csv", "data/sub/c.csv", "read(os.path.join('data/sub', name))"),
    "added to a folder": ("read('sub/' + name)", "sub/c.csv", "data/sub/c.csv", "read('data/sub/' + name)"),
    "a pattern": ("glob('images/cat/*.png')", "images/cat", "data/images/cat", "glob('data/images/cat/*.png')"),
    "a pattern of folders": ("glob('images/*/*.png')", "images", "data/images", "glob('data/images/*/*.png')"),
    "a pattern below what was listed": ("glob('images/cat/[0-9]*')", "images", "data/images", "glob('data/images/cat/[0-9]*')"),
    "with a pathlib path": ("read(Path('sub') / name)", "sub/c.csv", "data/sub/c.csv", "read(Path('data/sub') / name)"),
}


@pytest.mark.parametrize("name", PLACED)
def test_is_placed(folder: Folder, name: str) -> None:
    source, read, target, edited = PLACED[name]
    assert folder.place((source, [read])) == ({os.path.normpath(read): target}, [edited])


def test_without_a_literal_a_file_keeps_its_place_under_the_project(folder: Folder) -> None:
    source = "read(names[0] + '.csv')"
    assert folder.place((source, ["sub/c.csv"])) == ({"sub/c.csv": "sub/c.csv"}, [source])


def test_the_literal_may_stand_in_another_statement(folder: Folder) -> None:
    files, edited = folder.place(("path = 'a.csv'", []), ("read(path)", ["a.csv"]))
    assert files == {"a.csv": "data/a.csv"} and edited == ["path = 'data/a.csv'", "read(path)"]


def test_files_of_a_folder_that_is_read_are_covered_by_it(folder: Folder) -> None:
    files, _ = folder.place(("load('images')", ["images", "images/cat", "images/cat/1.png"]))
    assert files == {"images": "data/images"}


def test_a_file_read_twice_is_one_file_with_both_readers(folder: Folder) -> None:
    sources = {0: "read('a.csv')", 1: "read('a.csv')"}
    traces = {index: Trace(index, files_read=("a.csv",)) for index in sources}
    (file,), changes = place_data((0, 1), traces, sources, str(folder.cwd), folder.inputs)
    assert (file.readers, len(changes)) == ((0, 1), 2)


def test_an_absolute_path_in_the_trace_is_the_same_file(folder: Folder) -> None:
    assert folder.place(("read('a.csv')", [str(folder.cwd / "a.csv")]))[0] == {"a.csv": "data/a.csv"}


def test_two_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "a.csv", "data/a.csv")
    files, edited = folder.place(("read('a.csv')", ["a.csv"]), ("read('data/a.csv')", ["data/a.csv"]))
    assert len(set(files.values())) == 2, (files, edited)


def test_a_file_of_the_parent_folder_and_one_of_the_notebooks_do_not_meet(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "a.csv", "../a.csv")
    files, edited = folder.place(("read('a.csv')", ["a.csv"]), ("read('../a.csv')", ["../a.csv"]))
    assert len(set(files.values())) == 2, (files, edited)


def test_a_file_is_found_where_every_literal_points(folder: Folder) -> None:
    """One file read through its own literal and, elsewhere, through a path made at run time from no literal."""
    source = "x = [read(p) for p in glob(pattern)]"
    files, edited = folder.place(("read('a.csv')", ["a.csv"]), (source, ["b.csv"]))
    assert files == {"a.csv": "data/a.csv", "b.csv": "b.csv"} and edited == ["read('data/a.csv')", source]


def test_a_folder_in_an_f_string_is_changed_or_stays_valid(folder: Folder) -> None:
    files, edited = folder.place(("read(f'sub/{name}.csv')", ["sub/c.csv"]))
    if "data/sub" in edited[0]:
        assert files == {"sub/c.csv": "data/sub/c.csv"}
    else:
        assert files == {"sub/c.csv": "sub/c.csv"}
    compile(edited[0], "cell", "exec")


STAYS = {
    "a file": (("f('a.csv')", ["a.csv"]), {"a.csv": "a.csv"}, "f('a.csv')"),
    "a pattern, in the author's way of writing": (("glob('./images/*/*.png')", ["images/"]), {"images": "images"}, "glob('./images/*/*.png')"),
    "what is in a data folder already": (("f('data/d.csv')", ["data/d.csv"]), {"data/d.csv": "data/d.csv"}, "f('data/d.csv')"),
    "what cannot stay, above the notebook": (("f('../raw/e.csv')", ["../raw/e.csv"]), {"../raw/e.csv": "data/raw/e.csv"}, "f('data/raw/e.csv')"),
    "a folder that a project has of its own": (("f('model/x.csv')", ["model/x.csv"]), {"model/x.csv": "data/model/x.csv"}, "f('data/model/x.csv')"),
}


@pytest.mark.parametrize("name", STAYS)
def test_data_stays_where_it_is_asked_to(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path, "a.csv", "data/d.csv", "../raw/e.csv", "images/cat/1.png", "model/x.csv")
    statement, files, edited = STAYS[name]
    assert folder.place(statement, stays=True) == (files, [edited])


def test_in_another_working_folder_a_path_that_stays_is_written_from_the_first(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "sub/c.csv")
    sources = {0: "os.chdir('sub')", 1: "f('c.csv')"}
    traces = {0: Trace(0, state=("cwd",)), 1: Trace(1, files_read=("sub/c.csv",))}
    (file,), changes = place_data((0, 1), traces, sources, str(folder.cwd), folder.inputs, stays=True)
    assert file.path == "sub/c.csv" and sorted((change.statement, change.text) for change in changes) == [(0, ""), (1, "'sub/c.csv'")]


MANY = {
    "images": ("many/{}.png", "many", "data/many"),
    "few of them": ("few/{}.png", "few/1.png", "data/few/1.png"),
    "tables, which are read one by one": ("many/{}.csv", "many/1.csv", "data/many/1.csv"),
    "where the project holds what its stages write": ("data/{}.png", "data/1.png", "data/1.png"),
    "and where it holds their variables": ("prepared/{}.png", "prepared/1.png", "data/prepared/1.png"),
    "beside the notebook": ("{}.png", "1.png", "1.png"),
}


@pytest.mark.parametrize("name", MANY)
def test_many_files_of_a_folder_are_the_folder(tmp_path: Path, name: str) -> None:
    pattern, observed, target = MANY[name]
    files = [pattern.format(number) for number in range(2 if "few" in pattern else 11)]
    placed, _ = Folder(tmp_path, *files, "many/rest.png").place((f"read({pattern.partition('/')[0]!r})", files))
    assert placed[observed] == target and len(placed) == (1 if observed == "many" else len(files))


def named(folder: Folder, *statements: Trace) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Each data file with the statements that read it and those that name it."""
    sources = {trace.index: "pass" for trace in statements}
    files, _ = place_data(tuple(sources), {trace.index: trace for trace in statements}, sources, str(folder.cwd), folder.inputs)
    return {os.path.relpath(file.observed, folder.cwd): (file.readers, file.named_by) for file in files}


def test_who_holds_the_path_of_a_file_may_read_it_unseen(folder: Folder) -> None:
    files = ("images/cat/1.png", "images/dog/2.png")
    assert named(folder, Trace(0, files_read=("images/",)), Trace(1, files_named=files)) == {"images": ((0,), (1,))}
    assert named(folder, Trace(0, files_read=files), Trace(1, paths_named=("images/",))) == dict.fromkeys(files, ((0,), (1,)))
    assert named(folder, Trace(0, files_read=("images/cat/1.png",)), Trace(1, paths_named=("images/dog/",))) == {"images/cat/1.png": ((0,), ())}


def test_files_that_a_collection_names_are_data_and_a_text_makes_none(folder: Folder) -> None:
    assert named(folder, Trace(0, files_named=("images/cat/1.png",), paths_named=("a.csv",))) == {"images/cat/1.png": ((), (0,))}
