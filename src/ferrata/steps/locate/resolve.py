"""Decide for every path in the code what it means here, in the order in which the code runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ferrata.records.located import Download, Input, Located, Missing, NetworkLoad, PathQuestion
from ferrata.records.notebook import Notebook
from ferrata.source.paths import PathUse, path_uses, windows_escapes
from ferrata.source.texts import Text
from ferrata.steps.locate.addresses import direct_address, local_name, replaced_call, saved_path
from ferrata.steps.locate.colab import RULE as COLAB
from ferrata.steps.locate.colab import ColabEdit, colab_edits
from ferrata.steps.locate.outputs import FOLDER as OUTPUTS
from ferrata.steps.locate.outputs import Outputs
from ferrata.steps.locate.rewrite import Rewriter
from ferrata.steps.locate.search import Found, Surroundings

_SYSTEM = ("/tmp/", "/dev/", "/proc/", "/usr/", "/etc/", "/sys/", "/var/", "/bin/", "/opt/", "/lib")
_QUIET = ("walk", "glob", "iglob", "rglob")  # They give nothing where nothing is, and the code goes on.
_FOREIGN = ("windows", "absolute", "kaggle", "colab", "home")
MOVED = "This path is of another machine or folder; the file was found by its name."
_WRITTEN = "This path is of another machine; the file is written into the notebook's folder."
_NO_ARCHIVE = "The archive is not here; the files it held are looked for by their names."
_SAME_FOLDER = "This folder is of another machine; the one of that name beside the notebook is meant."
_NO_FOLDER = "This folder is of another machine and is not here; the notebook's own folder is used."
_LOCAL = "The address becomes a declared download with a hash."


def all_uses(notebook: Notebook) -> list[PathUse]:
    """Path uses of the whole notebook in order. A text that is only given a name counts where that name is never used as a path."""
    known: dict[str, Text] = {}
    uses: list[PathUse] = []
    for statement in notebook.statements:
        found, known = path_uses(statement.source, statement.index, known)
        uses += found
    used = {key for use in uses if use.access != "assign" for key in _keys(use)}
    return [use for use in uses if use.access != "assign" or not _keys(use) <= used]


def _keys(use: PathUse) -> set[tuple[int, int, int]]:
    return {(piece.owner, piece.start, piece.end) for piece in use.text if piece.is_literal}


def plain(value: str) -> str:
    """A path with forward slashes, without a leading `./` and doubled slashes."""
    value = re.sub(r"(?<!:)/{2,}", "/", windows_escapes(value).replace("\\", "/"))
    return re.sub(r"^(\./)+", "", value) or "."


@dataclass
class Resolver:
    """Works through the uses and collects what `Located` holds. `cwd` follows the code's own changes of folder."""

    notebook: Notebook
    around: Surroundings
    rewriter: Rewriter = field(init=False)
    cwd: Path = field(init=False)
    inputs: dict[str, Input] = field(default_factory=dict)
    questions: list[PathQuestion] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    network: list[NetworkLoad] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    outputs: Outputs = field(default_factory=Outputs)

    def __post_init__(self) -> None:
        self.rewriter, self.cwd = Rewriter(self.notebook.statements), self.folder

    @cached_property
    def _own_functions(self) -> frozenset[str]:
        """Functions that the notebook defines: what they do with a path is not in their name."""
        return frozenset(re.findall(r"^\s*(?:async\s+)?def\s+(\w+)", "\n".join(one.source for one in self.notebook.statements), re.MULTILINE))

    @property
    def folder(self) -> Path:
        return self.around.folder

    def run(self) -> None:
        self._shell_downloads()
        taken_out = list(colab_edits(self.notebook))
        for edit in taken_out:
            self._colab(edit)
        for use in all_uses(self.notebook):
            if not any(edit.statement == use.owner and edit.start <= use.start and use.end <= edit.end for edit in taken_out):
                self.take(use)

    def located(self) -> Located:
        return Located(
            self.folder, tuple(self.inputs.values()), self.rewriter.edits, tuple(self.questions), tuple(self._really_missing()), tuple(self.downloads),
            tuple(self.network), tuple(sorted(self.folders)), tuple(dict.fromkeys(self.notes)),
        )

    def _really_missing(self) -> Iterable[Missing]:
        """Each path once, surest first; what a shell line downloads or unpacks may still come."""
        seen: dict[str, Missing] = {}
        for one in sorted(self.missing, key=lambda missing: not missing.certain):
            seen.setdefault(one.wanted, one)
        return sorted(seen.values(), key=lambda one: one.statement)

    def take(self, use: PathUse) -> None:
        if use.style == "url":
            self._address(use)
        elif use.access == "chdir":
            self._chdir(use)
        elif use.access == "write":
            self._write(use)
        elif use.access in ("read", "unknown", "assign", "check") and not re.search(r"[<>{}]", use.value):
            self._read(use)

    # Reading

    def _read(self, use: PathUse) -> None:
        value = plain(use.value)
        if "\0" in value:
            self._read_open(use, value)
        elif value in self.outputs.files:
            if self.outputs.files[value] != value:
                self.rewriter.lead(use, self._from_cwd(self.folder / self.outputs.files[value]), "write-path", _WRITTEN)
        elif use.kind == "glob":
            folder, _, pattern = value.rpartition("/")
            self._folder_of(use, folder, pattern, pattern)
        elif not self._is_there(use, value):
            self._search(use, value)

    def _is_there(self, use: PathUse, value: str) -> bool:
        """The path is right as it is (or only its slashes are not)."""
        path = self.cwd / os.path.expanduser(value)
        if value.startswith(_SYSTEM) and path.exists():
            return True
        if not _exists(path):
            return False
        if use.style in ("absolute", "home", "colab") or "\\" in use.value:
            self._lead(use, path.resolve(), slash=value.endswith("/"))
        else:
            self.rewriter.keep(use)
            self.add_input(use, path, is_kept=True)
        return True

    def _search(self, use: PathUse, value: str) -> None:
        wants_folder = use.kind == "folder" or value.endswith("/")
        found = self.around.find(value, is_folder=wants_folder)
        if found.best is None and use.kind != "file":
            found = self.around.find(value, is_folder=not wants_folder)
        if found.best is None and re.search(r"read_(csv|table|json|pickle)$", use.function):
            found = self._packed(value)
        if found.best is None:
            self._miss(use, value)
            return
        if use.style == "relative" and (use.access != "read" or use.function in self._own_functions):
            # What becomes of this text is not known: it may be a part of a path. A run that does not find its file will tell.
            return
        self.ask(use, value, found)
        self._lead(use, found.best, slash=value.endswith("/"))

    def _packed(self, value: str) -> Found:
        """The same file as pandas reads it packed."""
        for suffix in (".gz", ".zip", ".bz2", ".xz"):
            found = self.around.find(value + suffix)
            if found.best is not None:
                return found
        return Found(None)

    def _read_open(self, use: PathUse, value: str) -> None:
        """A path of which only the run knows a part: its folder is looked for."""
        head, _, _ = value.partition("\0")
        folder, slash, _ = head.rpartition("/")
        if slash:
            rest = value[len(folder) + 1 :]
            self._folder_of(use, folder or "/", rest, rest.replace("\0", "*"))

    def _folder_of(self, use: PathUse, folder: str, rest: str, pattern: str) -> None:
        path = self.cwd / folder
        if _exists(path) and use.style not in ("absolute", "home"):
            self.rewriter.keep(use)
            self.add_input(use, path, is_kept=True)
            return
        if folder in self.outputs.folders:
            self.rewriter.lead(use, f"{self.outputs.folders[folder]}/{rest}", "write-path", _WRITTEN)
            return
        found = self.around.find(folder, is_folder=True, holds="" if pattern.strip("*/") == "" else pattern)
        if found.best is None:
            self._miss(use, folder + "/")
            return
        self.ask(use, folder + "/", found)
        target = self.code_path(found.best)
        if self.rewriter.lead(use, rest if target == "." else f"{target}/{rest}", "data-path", MOVED):
            self.add_input(use, found.best)

    def _lead(self, use: PathUse, path: Path, *, slash: bool = False) -> None:
        if self.rewriter.lead(use, self.code_path(path) + "/" * slash, "data-path", MOVED):
            self.add_input(use, path)

    def code_path(self, path: Path) -> str:
        """How the code names a found file from the folder it works in."""
        return self._from_cwd(self.folder / self._place(path))

    def _from_cwd(self, path: Path) -> str:
        return Path(os.path.relpath(path, self.cwd)).as_posix()

    def _place(self, path: Path) -> str:
        """Where a file is, relative to the notebook's folder; one from outside is put under `data/`."""
        path = Path(os.path.abspath(path))
        if self._is_inside(path):
            return Path(os.path.relpath(path, self.folder)).as_posix()
        given = next((folder.resolve() for folder in self.around.extra if folder.is_dir() and folder.resolve() in path.parents), path.parent)
        inner = path.relative_to(given).as_posix() if given in path.parents else path.name
        place = f"data/{inner}"
        return place if not (self.folder / place).exists() else f"data/given/{inner}"

    def _is_inside(self, path: Path) -> bool:
        return path == self.around.top or self.around.top in path.parents

    def add_input(self, use: PathUse, path: Path, *, is_kept: bool = False) -> None:
        """`is_kept`: the code goes on naming it as it does, so it must lie where it lies now."""
        path = Path(os.path.abspath(path))
        if path == self.folder or path in self.folder.parents:
            return  # The notebook's folder is taken along anyway; what is above it is no data set.
        place = Path(os.path.relpath(path, self.folder)).as_posix() if is_kept else self._place(path)
        known = self.inputs.get(place)
        statements = tuple(sorted({*(known.statements if known else ()), use.owner}))
        self.inputs[place] = Input(place, path, statements, path.is_dir())
        if path.is_file() and is_pointer(path):
            self.notes.append(f"{place} is a Git LFS pointer, not the data itself; fetch it with `git lfs pull`.")

    def ask(self, use: PathUse, wanted: str, found: Found) -> None:
        if len(found.candidates) > 1 and found.best is not None:
            self.questions.append(PathQuestion(use.owner, *self._site(use), wanted, found.candidates, found.best))

    def _miss(self, use: PathUse, wanted: str) -> None:
        cell, line = self._site(use)
        statement = self.notebook.statements[use.owner]
        unpacking = {(magic.cell, magic.line) for magic in self.notebook.magics if magic.kind == "shell" and magic.meaning == "code"}
        if (cell, line) in unpacking:
            # A shell line that fails stops no notebook; what the archive held may lie here unpacked.
            self.rewriter.replace(use.owner, 0, len(statement.source), "pass", "archive", _NO_ARCHIVE)
            return
        if use.access != "check" and os.path.basename(wanted) not in {os.path.basename(download.path) for download in self.downloads}:
            is_known = use.access == "read" and use.function not in self._own_functions
            is_needed = is_known and not unpacking and use.function.rsplit(".", 1)[-1] not in _QUIET
            self.missing.append(Missing(use.owner, cell, line, wanted, self.around.looked_in, is_needed))

    def _site(self, use: PathUse) -> tuple[int, int]:
        statement = self.notebook.statements[use.owner]
        return statement.cell, statement.line + use.line - 1

    # Writing

    def _write(self, use: PathUse) -> None:
        value = plain(use.value)
        if value.startswith(_SYSTEM) or use.style not in _FOREIGN:
            self._write_here(use, value)
            return
        target = self.outputs.place(value, is_folder=use.kind == "folder")
        self.folders.add(target if use.function.endswith(("mkdir", "makedirs")) else os.path.dirname(target.split("\0")[0]) or OUTPUTS)
        self.rewriter.lead(use, self._from_cwd(self.folder / target) if "\0" not in target else target, "write-path", _WRITTEN)

    def _write_here(self, use: PathUse, value: str) -> None:
        self.rewriter.keep(use)
        self.outputs.files.setdefault(value, value)
        folder = os.path.dirname(value.split("\0")[0])
        if folder and not value.startswith(("/", "~")) and (folder.startswith("..") or not (self.cwd / folder).exists()):
            self.folders.add(Path(os.path.relpath(self.cwd / folder, self.folder)).as_posix())

    # Changing folder

    def _chdir(self, use: PathUse) -> None:
        value = plain(use.value)
        if "\0" in value:
            return
        path = self.cwd / value
        found = Found(path.resolve()) if use.style == "relative" and path.is_dir() else self.around.find(value, is_folder=True)
        if found.best is None or len(found.candidates) > 1 or not self._is_inside(found.best):
            self._take_out(use, "chdir", _NO_FOLDER)
            return
        if path.is_dir() and use.style == "relative":
            self.rewriter.keep(use)
        else:
            self.rewriter.lead(use, self.code_path(found.best), "chdir", _SAME_FOLDER)
        self.cwd = found.best
        self.folders.add(self._place(found.best))

    def _take_out(self, use: PathUse, rule: str, why: str) -> None:
        """The call goes: `pass` where it is a whole statement."""
        source = self.notebook.statements[use.owner].source
        start, end = use.call_start, use.call_end
        is_alone = re.fullmatch(r"[ \t]*", source[:start].rsplit("\n", 1)[-1]) and re.match(r"[ \t]*(;|#|\n|$)", source[end:])
        self.rewriter.replace(use.owner, start, end, "pass" if is_alone else "None", rule, why)

    # The network

    def _shell_downloads(self) -> None:
        for magic in self.notebook.magics:
            for url, target in magic.downloads:
                path = plain(target)
                if target and not path.startswith(("/", "~", "..")) and (self.folder / path).exists():
                    continue
                local = "" if not target else os.path.basename(path) if path.startswith(("/", "~", "..")) else path
                fallback = self.around.find(local).best if local else None
                self.downloads.append(Download(url, direct_address(url), -1, magic.cell, magic.line, local, fallback))

    def _address(self, use: PathUse) -> None:
        url = use.value
        if use.access not in ("read", "fetch"):
            return
        if "\0" in url or not url.startswith(("http://", "https://", "ftp://")):
            self._declare(use, url.replace("\0", "…"), "")
            return
        known = next((download.path for download in self.downloads if download.url == url and download.path), "")
        path = known or self._local_path(use, url)
        self._declare(use, url, path if self._read_locally(use, path) else "")

    def _local_path(self, use: PathUse, url: str) -> str:
        asked = saved_path(self.notebook.statements[use.owner].source, use)
        taken = {download.path for download in self.downloads} | set(self.inputs)
        return plain(asked) if asked else local_name(direct_address(url), use.function, taken)

    def _read_locally(self, use: PathUse, path: str) -> bool:
        target = self._from_cwd(self.folder / path)
        if use.access == "read":
            return self.rewriter.lead(use, target, "download", _LOCAL)
        source = self.notebook.statements[use.owner].source
        call = replaced_call(use, source, target)
        if call:
            is_alone = source.strip().rstrip(";") == source[use.call_start : use.call_end]
            self.rewriter.replace(use.owner, use.call_start, use.call_end, "pass" if is_alone else call, "download", _LOCAL)
            self.outputs.files[path] = path
        return bool(call)

    def _declare(self, use: PathUse, url: str, path: str) -> None:
        name = os.path.basename(path) or url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        original = url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        fallback = self.around.find(original).best or self.around.find(name).best if original else None
        self.downloads.append(Download(url, direct_address(url), use.owner, *self._site(use), path, fallback))

    # Colab

    def _colab(self, edit: ColabEdit) -> None:
        after = edit.after
        if edit.uploads:
            after = "{" + ", ".join(f'"{name}": open("{self._uploaded(edit, name)}", "rb").read()' for name in edit.uploads) + "}"
        self.rewriter.replace(edit.statement, edit.start, edit.end, after, COLAB, edit.why)

    def _uploaded(self, edit: ColabEdit, name: str) -> str:
        statement = self.notebook.statements[edit.statement]
        use = PathUse(edit.statement, (), "read", "file", "relative", "files.upload", 1, edit.start, edit.end)
        found = self.around.find(name)
        if found.best is None:
            self.missing.append(Missing(statement.index, statement.cell, statement.line, name, self.around.looked_in))
            return name
        self.ask(use, name, found)
        self.add_input(use, found.best)
        return self.code_path(found.best)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_pointer(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(43) == b"version https://git-lfs.github.com/spec/v1\n"[:43]
    except OSError:
        return False
