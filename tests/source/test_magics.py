"""Magics become Python on the same lines; everything else stays where it is."""

import ast

import pytest

from ferrata.source.magics import transform

UNTOUCHED = {
    "plain": "x = 1\ny = [\n    2,\n]\n",
    "percent is modulo": "a = 10\nb = (a\n% 3)\n",
    "magic inside a string": "text = '''\n%matplotlib inline\n!ls\n'''\n",
    "question mark in a string": "print('sure?')",
    "unicode before code": "größe = 1; x = 'ü' ; y = 2",
    "line separator inside a string": "x = 'a\u2028b'\ny = 1",
    "form feed": "x = 1\n\x0cy = 2",
    "variable called ls": "ls[0]",
    "cell magic sign in a comment": "# %%time\nx = 1",
    "semicolon suffix": "plt.plot(x);",
    "top-level await": "await f()",
    "wrong indent": "if x:\n    %ls\n  y",
    "unclosed bracket": "f(1,\n%ls\n",
    "unclosed string": "x = '''\n%ls\n",
}


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_python_is_left_alone(text: str) -> None:
    assert transform(text) == (text, [])


REPLACED = {
    "display only": ("%matplotlib inline\nx = 1", "\nx = 1", ["nothing"]),
    "in a block": ("if a:\n    %load_ext autoreload\nelse:\n    !ls", "if a:\n    pass\nelse:\n    pass", ["nothing", "nothing"]),
    "help before and after": ("?len\nlen?\nx.y??", "\n\n", ["nothing"] * 3),
    "time of a statement": ("%time m.fit(X)", "m.fit(X)", ["code"]),
    "time bound to a name": ("r = %time f(1)", "r = f(1)", ["code"]),
    "time over a continued line": ("%time x = f(1, \\\n    2)\ny", "x = f(1, 2)\n\ny", ["code"]),
    "timeit binds nothing": ("%timeit x = 1\ny", "\ny", ["nothing"]),
    "cell time": ("%%time\nx = 1\n", "\nx = 1\n", ["code"]),
    "cell time with magics inside": ("%%time\n!pip install a\nx = 1", "\n\nx = 1", ["code", "requirement"]),
    "cell magic below a comment": ("# slow\n%%time\nx = 1", "# slow\n\nx = 1", ["code"]),
    "capture": ("%%capture out\nx = 1", "\nx = 1", ["code"]),
    "cell timeit": ("%%timeit\nx = 1", "\n", ["nothing"]),
    "html cell": ("%%html\n<b>hi</b>", "\n", ["nothing"]),
    "chdir": ('%cd "D:\\data"', 'import os; os.chdir(r"D:\\data")', ["chdir"]),
    "environment": ("%env A=b c", 'import os; os.environ["A"] = "b c"', ["code"]),
    "environment shown": ("%env A", "", ["nothing"]),
    "run a module": ("%run helpers.py", "from helpers import *", ["code"]),
    "run a notebook": ("%run other.ipynb", "", ["unsupported"]),
    "call without brackets": ("/f x\n,g a b\n;h a b", 'f(x)\ng("a", "b")\nh("a b")', ["code"] * 3),
    "one-line automagic": ("pip install seaborn", "", ["requirement"]),
    "lone command": ("ls", "", ["nothing"]),
    "install without sign in a larger cell": ("import os\npip install x", "import os\n", ["requirement"]),
    "r cell": ("%%R\nx <- 1", "\n", ["unsupported"]),
    "unknown magic": ("%frobnicate 3", "", ["unsupported"]),
    "unsupported assignment": ("x = !make all\ny = 1", "\ny = 1", ["script"]),
    "make folders": ("!mkdir -p a", 'import os; os.makedirs("a", exist_ok=True)', ["code"]),
    "unpack": ("!unzip -q a.zip -d b", 'import zipfile; zipfile.ZipFile("a.zip").extractall("b")', ["code"]),
    "shell script": ("%%bash\nmake\ncp a b", "\n\n", ["script"]),
    "shell cell that only installs": ("%%bash\npip install a\nls", "\n\n", ["requirement"]),
    "exported call": ("get_ipython().run_line_magic('matplotlib', 'inline')", "", ["nothing"]),
    "indented cell": ("    x = 1\n    y = 2", "x = 1\ny = 2", []),
    "prompts": (">>> x = 1\n>>> y = 2", "x = 1\ny = 2", []),
    "windows line ends": ("%time x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n", ["code"]),
}


@pytest.mark.parametrize(("text", "python", "meanings"), REPLACED.values(), ids=REPLACED.keys())
def test_magic_becomes_python_on_its_own_line(text: str, python: str, meanings: list[str]) -> None:
    got, magics = transform(text)
    assert got == python
    assert [magic.meaning for magic in magics] == meanings
    assert got.count("\n") == text.count("\n")
    ast.parse(got)


def test_written_file_holds_the_same_text() -> None:
    python, magics = transform("%%writefile m.py\nx = '''\n\"\"\"\n'''\n")
    written: list[str] = []

    class File:
        def __enter__(self) -> "File":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def write(self, text: str) -> None:
            written.append(text)

    exec(python, {"open": lambda *_, **__: File()})
    assert written == ["x = '''\n\"\"\"\n'''\n"]
    assert magics[0].meaning == "code"


def test_a_variable_is_no_command() -> None:
    assert transform("ls", names={"ls"}) == ("ls", [])


def test_lines_of_magics_in_a_kept_cell_are_counted_from_the_cell() -> None:
    _, magics = transform("\n%%time\n\n!pip install a")
    assert [(magic.line, magic.name) for magic in magics] == [(2, "time"), (4, "pip")]
