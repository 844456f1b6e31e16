"""`.dvcignore`: what stays in a tracked folder, and what does not."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.store.hashing import digest
from ferrata.store.ignoring import compiled, is_ignored, rebased

FILES = ("a.csv", "a.tmp", "keep.tmp", "sub/b.tmp", "sub/c.csv", "logs/x", "sub/logs/y", ".hidden", "with space.tmp")
ROWS = {  # lines of the project's .dvcignore, lines of data/.dvcignore's folder above, what stays
    "no file": (None, FILES),
    "an empty file": ("", FILES),
    "a comment": ("# *.csv\n\n", FILES),
    "a single slash": ("/\n", FILES),
    "a bracket that is never closed": ("[a\n", FILES),
    "a pattern of another folder": ("/other/*.csv\n", FILES),
    "an ending": ("*.tmp\n", ("a.csv", "sub/c.csv", "logs/x", "sub/logs/y", ".hidden")),
    "an ending but one": ("*.tmp\n!keep.tmp\n", ("a.csv", "keep.tmp", "sub/c.csv", "logs/x", "sub/logs/y", ".hidden")),
    "a folder anywhere": ("logs/\n", tuple(name for name in FILES if "logs" not in name)),
    "in an ignored folder nothing comes back": ("logs/\n!logs/x\n", tuple(name for name in FILES if "logs" not in name)),
    "from the root": ("/data/logs\n", tuple(name for name in FILES if name != "logs/x")),
    "any depth": ("data/**/*.csv\n", tuple(name for name in FILES if not name.endswith(".csv"))),
    "everything": ("data\n", ()),
}


def project(folder: Path, lines: str | None) -> Path:
    (folder / ".dvc").mkdir(parents=True)
    if lines is not None:
        (folder / ".dvcignore").write_text(lines)
    for name in FILES:
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


@pytest.mark.parametrize("name", ROWS)
def test_what_stays(tmp_path: Path, name: str) -> None:
    lines, stays = ROWS[name]
    found = digest(project(tmp_path, lines) / "data").files
    assert sorted(entry.relpath for entry in found or ()) == sorted(stays)


def test_a_file_of_a_folder_above_the_data_counts_from_there(tmp_path: Path) -> None:
    root = project(tmp_path, "*.csv\n")
    (root / "data" / ".dvcignore").write_text("/b.tmp\n!c.csv\n")
    assert {entry.relpath for entry in digest(root / "data" / "sub").files or ()} == {"b.tmp", "c.csv", "logs/y"}
    (root / "data" / ".dvcignore").write_text("/sub/b.tmp\n")
    assert {entry.relpath for entry in digest(root / "data" / "sub").files or ()} == {"logs/y"}


def test_a_file_in_the_tracked_folder_itself_is_refused_as_dvc_does(tmp_path: Path) -> None:
    root = project(tmp_path, None)
    (root / "data" / ".dvcignore").write_text("*.tmp\n")
    with pytest.raises(ProjectError, match="lies in a folder that is tracked"):
        digest(root / "data")


def test_a_line_that_is_no_pattern_is_named(tmp_path: Path) -> None:
    root = project(tmp_path, "*.tmp\nfoo\\\n")
    with pytest.raises(ProjectError) as caught:
        digest(root / "data")
    assert caught.value.where == ".dvcignore, line 2"


def test_a_single_path(tmp_path: Path) -> None:
    root = project(tmp_path, "*.tmp\n")
    assert is_ignored(root, root / "data" / "a.tmp") and not is_ignored(root, root / "data" / "a.csv")


TOKENS = ("a", "b", "*", "**", "?", "[ab]", "[!a]", "[^b]", "[", "\\a", "\\", "/", "/", "!", ".", "foo", " ", "#", "$", "[]a]", "\\#", "é", "a*")
THEIRS = """
import json, re, sys, warnings
from dvc.pathspec_math import change_rule
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern
warnings.simplefilter("ignore")
def of(line):
    try:
        expression, ignores = GitIgnoreSpecPattern.pattern_to_regex(line)
        if expression is None:
            return None
        expression = expression.replace("(?P<ps_d>/)", "/")
        re.compile(expression)
        return [expression, ignores]
    except (ValueError, re.error):
        return "wrong"
json.dump([[of(line), change_rule(line, "x/y")] for line in json.load(sys.stdin)], sys.stdout)
"""


def ours(line: str) -> object:
    import re

    try:
        rule = compiled(line)
    except (ValueError, re.error):
        return "wrong"
    return None if rule is None else [rule.pattern.pattern, rule.is_ignoring]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Possible nested set")
def test_a_pattern_is_what_it_is_to_dvc(dvc: Path) -> None:
    chance = random.Random(1)
    lines = ["".join(chance.choice(TOKENS) for _ in range(chance.randint(1, 6))).strip() for _ in range(20_000)]
    lines = [line for line in lines if line and not line.startswith("#")]
    done = subprocess.run([dvc.with_name("python"), "-c", THEIRS], input=json.dumps(lines), capture_output=True, text=True, check=True)
    for line, (theirs, below) in zip(lines, json.loads(done.stdout), strict=True):
        assert (line, ours(line), rebased(line, "x/y")) == (line, theirs, below)
