"""Data paths: right ones stay, lost ones are found by name, open ones are asked, missing ones are named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ferrata.records.located import Located
from ferrata.records.notebook import Notebook
from ferrata.source.edits import apply_edits
from ferrata.steps.locate import download, locate, locate_missing, stage_inputs
from ferrata.steps.read import read


@dataclass(frozen=True)
class Place:
    """A notebook in `top/proj` with files around it (each holds its own name)."""

    top: Path

    def write(self, files: list[str], *cells: str, saved: tuple[str, ...] = ()) -> Notebook:
        for name in files:
            (self.top / name).parent.mkdir(parents=True, exist_ok=True)
            (self.top / name).write_text(name)
        outputs = [{"output_type": "stream", "name": "stdout", "text": list(saved)}] if saved else []
        document = [{"cell_type": "code", "source": cell, "outputs": outputs, "metadata": {}} for cell in cells]
        path = self.top / "proj" / "n.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"cells": document, "metadata": {}, "nbformat": 4}))
        return read(path)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "top" / ".git").mkdir(parents=True)
    return Place(tmp_path / "top")


def edited(notebook: Notebook, located: Located) -> str:
    """The code of the notebook with the edits applied."""
    return "\n".join(
        apply_edits(s.source, [(e.start, e.end, e.after) for e in located.edits if e.statement == s.index]) for s in notebook.statements
    )


RIGHT = {
    "beside": (["proj/a.csv"], "pd.read_csv('a.csv')"),
    "below": (["proj/data/a.csv"], "pd.read_csv('./data/a.csv')"),
    "above": (["data/a.csv"], "pd.read_csv('../data/a.csv')"),
    "folder": (["proj/imgs/1.png"], "os.listdir('imgs')"),
    "unknown names in a folder": (["proj/imgs/1.png"], "cv2.imread(os.path.join('imgs', name))"),
    "written before it is read": ([], "df.to_csv('a.csv')\npd.read_csv('a.csv')"),
    "no path": (["proj/x/a.csv"], "plt.title('a.csv')\ndf.rename(columns={'a.csv': 'b'})\nprint('D:/a.csv')"),
    "the folder itself": (["proj/a.csv"], "glob.glob('*.csv')\nos.listdir('.')\nos.listdir()"),
    "system file": ([], "open('/dev/null')"),
    "guarded import of Colab": ([], "try:\n    import google.colab\n    x = True\nexcept ImportError:\n    x = False"),
    "text whose use is not known": (["proj/d/a.csv"], "f('a.csv')"),
}


@pytest.mark.parametrize(("files", "code"), RIGHT.values(), ids=RIGHT.keys())
def test_right_paths_stay(place: Place, files: list[str], code: str) -> None:
    located = locate(place.write(files, code))
    assert (located.edits, located.questions, located.missing) == ((), (), ())


FOUND = {
    "windows": (["proj/a.csv"], "pd.read_csv(r'D:\\x\\a.csv')", "pd.read_csv('a.csv')", ["a.csv"]),
    "windows without r": (["proj/train.csv"], "pd.read_csv('D:\\data\\train.csv')", "pd.read_csv('train.csv')", ["train.csv"]),
    "kaggle": (["proj/d/a.csv"], 'pd.read_csv("/kaggle/input/comp/a.csv")', 'pd.read_csv("d/a.csv")', ["d/a.csv"]),
    "colab drive": (["data/a.csv"], "pd.read_csv('/content/drive/MyDrive/a.csv')", "pd.read_csv('../data/a.csv')", ["../data/a.csv"]),
    "elsewhere below": (["proj/in/raw/a.csv"], "pd.read_csv('a.csv')", "pd.read_csv('in/raw/a.csv')", ["in/raw/a.csv"]),
    "elsewhere above": (["a.csv"], "pd.read_csv('a.csv')", "pd.read_csv('../a.csv')", ["../a.csv"]),
    "backslashes": (["proj/d/a.csv"], "pd.read_csv('.\\\\d\\\\a.csv')", "pd.read_csv('d/a.csv')", ["d/a.csv"]),
    "other case": (["proj/Data.CSV"], "pd.read_csv('data.csv')", "pd.read_csv('Data.CSV')", ["Data.CSV"]),
    "copied name": (["proj/Train Data (1).csv"], "pd.read_csv('train_data.csv')", "pd.read_csv('Train Data (1).csv')", ["Train Data (1).csv"]),
    "packed": (["proj/a.csv.gz"], "pd.read_csv('x/a.csv')", "pd.read_csv('a.csv.gz')", ["a.csv.gz"]),
    "by the folder above it": (["proj/old/a.csv", "proj/new/a.csv"], "pd.read_csv('/x/old/a.csv')", "pd.read_csv('old/a.csv')", ["old/a.csv"]),
    "quote in the name": (["proj/d/o'b.csv"], "pd.read_csv('/x/y/o\\'b.csv')", "pd.read_csv(\"d/o'b.csv\")", ["d/o'b.csv"]),
    "folder and names": (
        ["proj/d/a.csv", "proj/d/b.csv"], "D = 'D:/x'\nR = D + '/'\npd.read_csv(D + '/a.csv')\npd.read_csv(R + 'b.csv')",
        "D = 'd'\nR = D + '/'\npd.read_csv(D + '/a.csv')\npd.read_csv(R + 'b.csv')", ["d/a.csv", "d/b.csv"],
    ),
    "folder that turns out to be this one": (["proj/a.csv"], "D = 'D:/x/'\npd.read_csv(D + 'a.csv')", "D = './'\npd.read_csv(D + 'a.csv')", ["a.csv"]),
    "join": (["proj/d/a.csv"], "pd.read_csv(os.path.join('/x', 'y', 'a.csv'))", "pd.read_csv(os.path.join('.', 'd', 'a.csv'))", ["d/a.csv"]),
    "path object": (["proj/d/a.csv"], "P = Path('/x/y')\npd.read_csv(P / 'a.csv')", "P = Path('d')\npd.read_csv(P / 'a.csv')", ["d/a.csv"]),
    "f-string": (["proj/d/a.csv"], "P = '/x/y'\npd.read_csv(f'{P}/a.csv')", "P = 'd'\npd.read_csv(f'{P}/a.csv')", ["d/a.csv"]),
    "two folders where there was one": (
        ["proj/d/a.csv", "proj/e/b.csv"], "D = 'D:/x/'\npd.read_csv(D + 'a.csv')\npd.read_csv(D + 'b.csv')",
        "D = 'd/'\npd.read_csv(D + 'a.csv')\npd.read_csv(\"e/b.csv\")", ["d/a.csv", "e/b.csv"],
    ),
    "image folder": (["proj/p/train/x/1.jpg", "train/2.txt"], "image_dataset_from_directory('/content/p/train')", "image_dataset_from_directory('p/train')",
        ["p/train"]),
    "image folder in a loop": (
        ["proj/imgs/c/1.jpg"], "P = 'C:/u/imgs'\nfor c in os.listdir(P):\n    cv2.imread(os.path.join(P, c, '1.jpg'))",
        "P = 'imgs'\nfor c in os.listdir(P):\n    cv2.imread(os.path.join(P, c, '1.jpg'))", ["imgs"],
    ),
    "glob": (["proj/imgs/1.png"], "glob.glob('D:/imgs/*.png')", "glob.glob('imgs/*.png')", ["imgs"]),
    "change of folder": (["proj/d/a.csv"], "os.chdir('D:/w/d')\npd.read_csv('a.csv')", "os.chdir('d')\npd.read_csv('a.csv')", ["d/a.csv"]),
    "change to a folder that is not here": (["proj/a.csv"], "os.chdir('D:/w')\npd.read_csv('a.csv')", "pass\npd.read_csv('a.csv')", ["a.csv"]),
    "change in a block": (["proj/a.csv"], "if x:\n    os.chdir('D:/w')\npd.read_csv('a.csv')", "if x:\n    pass\npd.read_csv('a.csv')", ["a.csv"]),
    "magic change of folder": (["proj/a.csv"], "%cd /content/w\npd.read_csv('a.csv')", "import os\npass\npd.read_csv('a.csv')", ["a.csv"]),
    "written elsewhere": (
        [], "df.to_csv('D:/o/a.csv')\npd.read_csv('D:/o/a.csv')\nopen('/content/b.txt', 'w')",
        "df.to_csv('outputs/a.csv')\npd.read_csv('outputs/a.csv')\nopen('outputs/b.txt', 'w')", [],
    ),
}


@pytest.mark.parametrize(("files", "code", "expected", "inputs"), FOUND.values(), ids=FOUND.keys())
def test_lost_paths_are_found_by_name(place: Place, files: list[str], code: str, expected: str, inputs: list[str]) -> None:
    notebook = place.write(files, code)
    located = locate(notebook)
    assert edited(notebook, located) == expected
    assert sorted(one.path for one in located.inputs) == sorted(inputs)
    assert (located.questions, located.missing) == ((), ())


def test_an_edit_says_where_and_why(place: Place) -> None:
    located = locate(place.write(["proj/a.csv"], "x = 1", "y = 1\nz = pd.read_csv(\n    'D:/a.csv')"))
    edit = located.edits[0]
    assert (edit.statement, edit.cell, edit.line, edit.before, edit.after, edit.rule) == (2, 2, 3, "'D:/a.csv'", "'a.csv'", "data-path")
    assert edit.why


def test_several_are_asked_and_the_nearest_is_taken(place: Place) -> None:
    notebook = place.write(["proj/deep/er/a.csv", "proj/d/a.csv"], "pd.read_csv('/x/a.csv')")
    located = locate(notebook)
    (question,) = located.questions
    assert (question.wanted, question.default, len(question.candidates)) == ("/x/a.csv", place.top / "proj/d/a.csv", 2)
    assert edited(notebook, located) == "pd.read_csv('d/a.csv')"


def test_copies_of_one_file_are_no_question(place: Place) -> None:
    notebook = place.write(["proj/d/a.csv", "proj/e/a.csv"], "pd.read_csv('/x/a.csv')")
    (place.top / "proj/e/a.csv").write_text("proj/d/a.csv")
    assert locate(notebook).questions == ()


def test_what_lies_beside_the_notebook_is_meant_before_what_lies_outside(place: Place) -> None:
    located = locate(place.write(["proj/a.csv", "other/a.csv"], "pd.read_csv('/content/a.csv')"))
    assert (located.questions, located.inputs[0].path) == ((), "a.csv")


def test_missing_is_named_with_where_it_was_looked_for(place: Place) -> None:
    (missing,) = locate(place.write([], "x = 1", "pd.read_csv('D:/x/a.csv')")).missing
    assert (missing.cell, missing.line, missing.wanted, missing.certain) == (2, 1, "D:/x/a.csv", True)
    assert missing.looked_in == (place.top / "proj", place.top)


@pytest.mark.parametrize("code", ["for a in os.walk('/kaggle/input'): pass", "glob.glob('x/*.csv')", "f('data/a.csv')"], ids=["walk", "glob", "own call"])
def test_what_the_code_can_do_without_is_not_certainly_missing(place: Place, code: str) -> None:
    assert not any(missing.certain for missing in locate(place.write([], code)).missing)


@pytest.mark.parametrize("folder", [".git", ".venv", "node_modules", ".ipynb_checkpoints"])
def test_some_folders_are_not_looked_into(place: Place, folder: str) -> None:
    assert locate(place.write([f"proj/{folder}/a.csv"], "pd.read_csv('a.csv')")).missing


def test_a_project_made_before_is_not_looked_into(place: Place) -> None:
    located = locate(place.write(["proj/n/evidence/adopt.json", "proj/n/data/a.csv", "proj/a.csv"], "pd.read_csv('data/a.csv')"))
    assert [one.path for one in located.inputs] == ["a.csv"]


def test_without_a_repository_other_projects_are_not_looked_into(tmp_path: Path) -> None:
    notebook = Place(tmp_path).write(["churn/a.csv", "data/b.csv"], "pd.read_csv('a.csv')\npd.read_csv('b.csv')")
    located = locate(notebook)
    assert ([one.path for one in located.inputs], [one.wanted for one in located.missing]) == (["../data/b.csv"], ["a.csv"])


def test_data_given_by_the_user_comes_first(place: Place, tmp_path: Path) -> None:
    given = tmp_path / "far"
    given.mkdir()
    (given / "a.csv").write_text("the right one")
    notebook = place.write(["proj/d/a.csv"], "pd.read_csv('D:/a.csv')")
    located = locate(notebook, extra=[given])
    assert [(one.path, one.source) for one in located.inputs] == [("data/a.csv", given / "a.csv")]
    assert (stage_inputs(notebook, located, tmp_path / "ws") / "data/a.csv").read_text() == "the right one"


ADDRESSES = {
    "table": ("pd.read_csv('https://x.y/a.csv')", "pd.read_csv('data/a.csv')", [("https://x.y/a.csv", "data/a.csv")]),
    "page of GitHub": (
        "pd.read_csv('https://github.com/u/r/blob/main/d/a.csv?raw=true')", "pd.read_csv('data/a.csv')", [(
            "https://raw.githubusercontent.com/u/r/main/d/a.csv", "data/a.csv")],
    ),
    "google drive": ("pd.read_csv('https://drive.google.com/file/d/1aB/view')", "pd.read_csv('data/1aB.csv')", [(
        "https://drive.google.com/uc?export=download&id=1aB", "data/1aB.csv")]),
    "folder and names": (
        "B = 'https://x.y/d/'\npd.read_csv(B + 'a.csv')\npd.read_csv(B + 'b.csv')", "B = 'data/'\npd.read_csv(B + 'a.csv')\npd.read_csv(B + 'b.csv')",
        [("https://x.y/d/a.csv", "data/a.csv"), ("https://x.y/d/b.csv", "data/b.csv")],
    ),
    "downloader": ("urlretrieve('https://x.y/a.csv', 'a.csv')\npd.read_csv('a.csv')", "pass\npd.read_csv('a.csv')", [("https://x.y/a.csv", "a.csv")]),
    "downloader with a result": ("f, _ = urlretrieve('https://x.y/a.csv')", 'f, _ = ("data/a.csv", None)', [("https://x.y/a.csv", "data/a.csv")]),
    "keras": ("p = tf.keras.utils.get_file('n', 'https://x.y/a.csv')", 'p = "data/a.csv"', [("https://x.y/a.csv", "data/a.csv")]),
    "answer of a server": ("requests.get('https://x.y/a').json()", "requests.get('https://x.y/a').json()", [("https://x.y/a", "")]),
    "shell": ("!wget https://x.y/a.csv\npd.read_csv('a.csv')", "pd.read_csv('a.csv')", [("https://x.y/a.csv", "a.csv")]),
    "only printed": ("print('https://x.y/a.csv')\nu = 'https://x.y'", "print('https://x.y/a.csv')\nu = 'https://x.y'", []),
}


@pytest.mark.parametrize(("code", "expected", "downloads"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_addresses_become_downloads(place: Place, code: str, expected: str, downloads: list[tuple[str, str]]) -> None:
    notebook = place.write([], code)
    located = locate(notebook)
    assert edited(notebook, located) == expected
    assert [(one.address, one.path) for one in located.downloads] == downloads
    assert not located.missing


def test_a_download_has_a_hash_and_falls_back_to_a_file_of_that_name(place: Place, tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(b"1,2")
    located = locate(place.write(["proj/a.csv"], "pd.read_csv('https://x.y/a.csv')"))
    (item,) = located.downloads
    assert item.fallback == place.top / "proj/a.csv"
    here = replace(item, address=source.as_uri())
    assert download(here, tmp_path / "ws") == hashlib.sha256(b"1,2").hexdigest()
    assert (tmp_path / "ws/data/a.csv").read_bytes() == b"1,2"
    gone = replace(item, address=(tmp_path / "none.csv").as_uri())
    assert download(gone, tmp_path / "ws") == hashlib.sha256(b"proj/a.csv").hexdigest()
    assert [path.name for path in (tmp_path / "ws/data").iterdir()] == ["a.csv"]


NETWORK = {
    "seaborn": ("import seaborn as sns\nsns.load_dataset('tips')", ["sns.load_dataset"]),
    "scikit-learn": ("from sklearn.datasets import fetch_california_housing\nfetch_california_housing()", ["fetch_california_housing"]),
    "keras": ("from tensorflow.keras.datasets import mnist\nmnist.load_data()", ["mnist.load_data"]),
    "bundled data": ("from sklearn.datasets import load_iris\nload_iris()", []),
    "database cursor": ("cursor.fetchall()", []),
}


@pytest.mark.parametrize(("code", "functions"), NETWORK.values(), ids=NETWORK.keys())
def test_loads_from_the_network_are_reported(place: Place, code: str, functions: list[str]) -> None:
    located = locate(place.write([], code))
    assert ([load.function for load in located.network], located.edits) == (functions, ())


COLAB = {
    "drive": ("from google.colab import drive\ndrive.mount('/content/drive')", "pass\npass"),
    "upload used later": (
        "from google.colab import files\nup = files.upload()\npd.read_csv(io.BytesIO(up['x.csv']))",
        'pass\nup = {"x.csv": open("d/x.csv", "rb").read()}\npd.read_csv(io.BytesIO(up[\'x.csv\']))',
    ),
    "download": ("from google.colab import files\nfiles.download('m.pkl')", "pass\npass"),
    "secrets": ("from google.colab import userdata\nk = userdata.get('KEY')", "pass\nk = __import__(\"os\").environ.get('KEY', \"\")"),
    "in a block": ("from google.colab import drive\nif x:\n    drive.mount('/a/b')", "pass\nif x:\n    None"),
    "images": ("from google.colab.patches import cv2_imshow\ncv2_imshow(i)", "cv2_imshow = lambda image: None\ncv2_imshow(i)"),
}


@pytest.mark.parametrize(("code", "expected"), COLAB.values(), ids=COLAB.keys())
def test_colab_is_taken_out(place: Place, code: str, expected: str) -> None:
    notebook = place.write(["proj/d/x.csv"], code)
    located = locate(notebook)
    assert edited(notebook, located) == expected
    assert {edit.rule for edit in located.edits} == {"colab"}


def test_uploads_are_known_from_the_saved_output(place: Place) -> None:
    notebook = place.write(["proj/x.csv"], "from google.colab import files\nfiles.upload()", saved=("x.csv(text/csv) - 3 bytes\n", "Saving x.csv to x.csv\n"))
    assert edited(notebook, locate(notebook)) == 'pass\n{"x.csv": open("x.csv", "rb").read()}'


def test_an_archive_that_is_not_here_stops_nothing(place: Place) -> None:
    notebook = place.write(["proj/a.csv"], "!unzip x.zip\npd.read_csv('/content/a.csv')")
    located = locate(notebook)
    assert edited(notebook, located) == "import zipfile\npass\npd.read_csv('a.csv')"
    assert located.missing == ()


MENDED = {
    "folder of a default": (["proj/d/a.csv"], "def f(n, d='D:/z'):\n    return pd.read_csv(d + '/' + n)\nf('a.csv')", "D:/z/a.csv", 1, "'D:/z'", "'d'"),
    "name in a loop": (["proj/d/a1.csv"], "for n in ['a1']:\n    pd.read_csv('in/' + n + '.csv')", "in/a1.csv", 0, "'in/'", "'d/'"),
    "name given elsewhere": (["proj/d/a.csv"], "p = f('a.csv')\npd.read_csv(p)", "a.csv", 1, "'a.csv'", "'d/a.csv'"),
}


@pytest.mark.parametrize(("files", "code", "filename", "statement", "before", "after"), MENDED.values(), ids=MENDED.keys())
def test_a_file_not_found_at_run_time_is_mended(
    place: Place, files: list[str], code: str, filename: str, statement: int, before: str, after: str
) -> None:
    notebook = place.write(files, code)
    located = locate(notebook)
    mended = locate_missing(filename, statement, notebook, located)
    new = [edit for edit in mended.edits if edit not in located.edits]
    assert [(edit.before, edit.after) for edit in new] == [(before, after)]
    assert mended.missing == ()


def test_a_file_that_a_module_wants_is_put_where_it_looks(place: Place, tmp_path: Path) -> None:
    notebook = place.write(["proj/d/q.csv"], "import helper\nhelper.load()")
    mended = locate_missing("q.csv", 1, notebook, locate(notebook))
    assert (mended.edits, mended.missing) == ((), ())
    assert (stage_inputs(notebook, mended, tmp_path / "ws") / "q.csv").read_text() == "proj/d/q.csv"


def test_a_folder_that_is_written_to_is_made(place: Place, tmp_path: Path) -> None:
    notebook = place.write([], "d = 'figs'\nplt.savefig(d + '/%d.png' % i)")
    mended = locate_missing("figs/1.png", 1, notebook, locate(notebook))
    assert (mended.missing, (stage_inputs(notebook, mended, tmp_path / "ws") / "figs").is_dir()) == ((), True)


def test_not_found_at_run_time_is_missing(place: Place) -> None:
    notebook = place.write([], "pd.read_csv(n)")
    assert [one.wanted for one in locate_missing("x/q.csv", 0, notebook, locate(notebook)).missing] == ["x/q.csv"]


def test_staging_copies_and_never_links(place: Place, tmp_path: Path) -> None:
    notebook = place.write(["proj/a.csv", "data/b.csv", "proj/other.ipynb", "proj/.git/x", "proj/helper.py"],
    "pd.read_csv('a.csv')\npd.read_csv('../data/b.csv')")
    (place.top / "proj/c.csv").symlink_to(place.top / "data/b.csv")
    cwd = stage_inputs(notebook, locate(notebook), tmp_path / "ws")
    names = {path.relative_to(tmp_path / "ws").as_posix() for path in (tmp_path / "ws").rglob("*") if path.is_file()}
    assert names == {"proj/a.csv", "proj/c.csv", "proj/helper.py", "proj/n.ipynb", "data/b.csv"}
    for name in names:
        path = tmp_path / "ws" / name
        assert not path.is_symlink() and path.stat().st_nlink == 1
        path.write_text("changed")
    assert (cwd, (place.top / "data/b.csv").read_text()) == (tmp_path / "ws/proj", "data/b.csv")


def test_a_workspace_inside_the_folder_is_not_copied_into_itself(place: Place) -> None:
    notebook = place.write(["proj/a.csv"], "pd.read_csv('a.csv')")
    workspace = place.top / "proj" / "work"
    stage_inputs(notebook, locate(notebook), workspace)
    assert sorted(path.name for path in workspace.iterdir()) == ["a.csv", "n.ipynb"]


def test_what_is_written_above_the_folder_stays_in_the_workspace(place: Place, tmp_path: Path) -> None:
    notebook = place.write([], "df.to_csv('../out/a.csv')")
    cwd = stage_inputs(notebook, locate(notebook), tmp_path / "ws")
    assert (cwd / "../out").resolve() == tmp_path / "ws/out" and (tmp_path / "ws/out").is_dir()
