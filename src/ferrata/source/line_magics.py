"""What a line magic (`%name arguments`) means for a pipeline."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from ferrata.source.shell import ShellMeaning, shell_meaning

_NOTHING = frozenset(
    "matplotlib config load_ext reload_ext unload_ext autoreload precision timeit memit alias alias_magic "
    "automagic autosave bookmark cat clear cls colors debug dirs dhist doctest_mode gui hist history ls "
    "lsmagic lf ldir ll man more less notebook page pastebin pdb pdef pdoc pfile pinfo pinfo2 popd pprint "
    "pushd psearch psource pwd pycat qtconsole quickref recall rep reset_selective save sc tb unalias who "
    "who_ls whos xdel xmode watermark tensorboard nbextension aimport logstart logstop logoff logon "
    "logstate edit killbgscripts macro magic profile tensorflow_version version_information connect_info "
    "javascript html jupyter".split()
)
_RUNS_STATEMENT = frozenset("time prun lprun mprun".split())
_TAKES_VALUE = {"prun": "-l -s -T -D", "lprun": "-f -m -D -T -s -u", "mprun": "-f -T"}


@dataclass(frozen=True)
class Meaning:
    """`code` replaces the magic as a statement, `value` as the right-hand side of `name = %magic`; both "" where nothing does."""

    meaning: str
    code: str = ""
    value: str = ""
    reason: str = ""
    requirements: tuple[str, ...] = ()
    downloads: tuple[tuple[str, str], ...] = ()


def line_meaning(name: str, arguments: str) -> Meaning:
    """`name` without its `%`."""
    if name in _NOTHING:
        return Meaning("nothing")
    if name in _RUNS_STATEMENT:
        return _statement(name, arguments)
    if name in _RULES:
        return _RULES[name](arguments)
    return Meaning("unsupported", reason=f"`%{name}` is not Python and is not known")


def _statement(name: str, arguments: str) -> Meaning:
    words = arguments.split(" ")
    takes_value = _TAKES_VALUE.get(name, "").split()
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in takes_value else words[1:]
    code = " ".join(words).strip()
    return Meaning("code", code, code) if code else Meaning("nothing")


def _from_shell(command: str) -> Meaning:
    found: ShellMeaning = shell_meaning(command)
    return Meaning(found.meaning, found.code, "", found.reason, found.requirements, found.downloads)


def _cd(arguments: str) -> Meaning:
    folder = re.sub(r"^-q\s+", "", arguments).strip().strip("\"'")
    if not folder or folder.startswith("-") or re.search(r"[{}$]", folder):
        return Meaning("unsupported", reason="a change of folder that only the author's machine knows")
    return Meaning("chdir", f"import os; os.chdir({_literal(folder)})")


def _literal(text: str) -> str:
    return f'r"{text}"' if "\\" in text and '"' not in text else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _environment(arguments: str) -> Meaning:
    match = re.match(r"^(\w+)\s*[= ]\s*(.*)$", arguments.strip())
    if not match:
        return Meaning("nothing")
    name, value = match.groups()
    if re.search(r"[{}$]", value):
        return Meaning("unsupported", reason="an environment variable that only the run knows")
    return Meaning("code", f"import os; os.environ[{_literal(name)}] = {_literal(value.strip())}")


def _run(arguments: str) -> Meaning:
    """`%run file.py` leaves the file's names behind, as a star import does."""
    try:
        words = shlex.split(arguments)
    except ValueError:
        words = arguments.split()
    path = words[0].replace("\\", "/").removeprefix("./") if len(words) == 1 else ""
    path = path if path.endswith((".py", ".ipynb")) or not path or "." in path else path + ".py"
    module = path[:-3].replace("/", ".") if path.endswith(".py") else ""
    if module and all(part.isidentifier() for part in module.split(".")):
        return Meaning("code", f"from {module} import *", reason=f"runs {path}; code under `if __name__ == \"__main__\"` is left out")
    what = "another notebook" if arguments.rstrip("\"' ").endswith(".ipynb") else "another program with arguments"
    return Meaning("unsupported", reason=f"`%run` of {what}: {arguments}")


def _pylab(arguments: str) -> Meaning:
    plain = "import numpy; import numpy as np; import matplotlib; from matplotlib import pyplot; from matplotlib import pyplot as plt"
    stars = "" if "--no-import-all" in arguments else "; from pylab import *; from numpy import *"
    return Meaning("code", plain + stars)


def _reset(arguments: str) -> Meaning:
    return Meaning("unsupported" if arguments else "nothing", reason="forgets all variables")


def _unsupported(reason: str) -> Callable[[str], Meaning]:
    return lambda arguments: Meaning("unsupported", reason=reason)


_RULES: dict[str, Callable[[str], Meaning]] = {
    "cd": _cd,
    "env": _environment,
    "set_env": _environment,
    "run": _run,
    "pylab": _pylab,
    "reset": _reset,
    "pip": lambda arguments: _from_shell("pip " + arguments),
    "uv": lambda arguments: _from_shell("uv " + arguments),
    "conda": lambda arguments: _from_shell("conda " + arguments),
    "mamba": lambda arguments: _from_shell("mamba " + arguments),
    "mkdir": lambda arguments: _from_shell("mkdir " + arguments),
    "cp": lambda arguments: _from_shell("cp " + arguments),
    "mv": lambda arguments: _from_shell("mv " + arguments),
    "rm": lambda arguments: _from_shell("rm " + arguments),
    "rmdir": lambda arguments: _from_shell("rmdir " + arguments),
    "sx": lambda arguments: _from_shell(arguments),
    "system": lambda arguments: _from_shell(arguments),
    "bash": lambda arguments: _from_shell(arguments),
    "shell": lambda arguments: _from_shell(arguments),
    "load": _unsupported("loads code from another file"),
    "store": _unsupported("reads or keeps variables of another notebook"),
    "R": _unsupported("R code"),
    "sql": _unsupported("a database query"),
    "bigquery": _unsupported("a database query"),
    "px": _unsupported("code for another process"),
}
