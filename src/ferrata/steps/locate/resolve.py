"""Decide for every path in the code what it means here, in the order in which the code runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ferrata.records.located import Download, Input, Located, Missing, NetworkLoad, PathQuestion
from ferrata.records.notebook import Notebook
from ferrata.source.paths import PathUse, path_uses, windows_escapes
from ferrata.source.texts import Text
from ferrata.steps.locate.addresses import direct_address, local_name, replaced_call, saved_path
from ferrata.steps.locate.colab import RULE as COLAB
from ferrata.steps.locate.colab import ColabEdit, colab_edits
from ferrata.steps.locate.rewrite import Rewriter
from ferrata.steps.locate.search import Found, Surroundings

OUTPUTS = "outputs"
_SYSTEM = ("/tmp/", "/dev/", "/proc/", "/usr/", "/etc/", "/sys/", "/var/", "/bin/", "/opt/", "/lib")
_FOREIGN = ("windows", "absolute", "kaggle", "colab", "home")
_MOVED = "This path is of another machine or folder; the file was found by its name."
_WRITTEN = "This path is of another machine; the file is written into the notebook's folder."
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
    written: dict[str, str] = field(default_factory=dict)
    written_folders: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rewriter, self.cwd = Rewriter(self.notebook.statements), self.folder

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
        elif value in self.written:
            if self.written[value] != value:
                self.rewriter.lead(use, self._from_cwd(self.folder / self.written[value]), "write-path", _WRITTEN)
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
            self._input(use, path)
        return True

    def _search(self, use: PathUse, value: str) -> None:
        wants_folder = use.kind == "folder" or value.endswith("/")
        found = self.around.find(value, is_folder=wants_folder)
        if found.best is None and use.kind != "file":
            found = self.around.find(value, is_folder=not wants_folder)
        if found.best is None and re.search(r"read_(csv|table|json|pickle)$", use.function):
            found = self._packed(value)
        if found.best is None or use.access == "check" and use.style == "relative":
            self._miss(use, value)
            return
        self._ask(use, value, found)
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
            self._input(use, path)
            return
        if folder in self.written_folders:
            self.rewriter.lead(use, f"{self.written_folders[folder]}/{rest}", "write-path", _WRITTEN)
            return
        found = self.around.find(folder, is_folder=True, holds="" if pattern.strip("*/") == "" else pattern)
        if found.best is None:
            self._miss(use, folder + "/")
            return
        self._ask(use, folder + "/", found)
        target = self._code_path(found.best, use)
        if self.rewriter.lead(use, rest if target == "." else f"{target}/{rest}", "data-path", _MOVED):
            self._input(use, found.best)

    def _lead(self, use: PathUse, path: Path, *, slash: bool = False) -> None:
        target = self._code_path(path, use)
        if self.rewriter.lead(use, target + "/" if slash and target != "." else target + "/" * slash, "data-path", _MOVED):
            self._input(use, path)

    def _code_path(self, path: Path, use: PathUse) -> str:
        """How the code names a found file from the folder it works in."""
        return self._from_cwd(self.folder / self._place(path))

    def _from_cwd(self, path: Path) -> str:
        return Path(os.path.relpath(path, self.cwd)).as_posix()

    def _place(self, path: Path) -> str:
        """Where a file is, relative to the notebook's folder; one from outside is put under `data/`."""
        path = Path(os.path.abspath(path))
        if path == self.around.top or self.around.top in path.parents:
            return Path(os.path.relpath(path, self.folder)).as_posix()
        given = next((folder.resolve() for folder in self.around.extra if folder.is_dir() and folder.resolve() in path.parents), path.parent)
        inner = path.relative_to(given).as_posix() if given in path.parents else path.name
        place = f"data/{inner}"
        return place if not (self.folder / place).exists() else f"data/given/{inner}"

    def _input(self, use: PathUse, path: Path) -> None:
        path = Path(os.path.abspath(path))
        place = self._place(path)
        known = self.inputs.get(place)
        statements = tuple(sorted({*(known.statements if known else ()), use.owner}))
        self.inputs[place] = Input(place, path, statements, path.is_dir())
        if path.is_file() and _is_pointer(path):
            self.notes.append(f"{place} is a Git LFS pointer, not the data itself; fetch it with `git lfs pull`.")

    def _ask(self, use: PathUse, wanted: str, found: Found) -> None:
        if len(found.candidates) > 1 and found.best is not None:
            self.questions.append(PathQuestion(use.owner, *self._site(use), wanted, found.candidates, found.best))

    def _miss(self, use: PathUse, wanted: str) -> None:
        comes_later = wanted in {download.path for download in self.downloads} or any(magic.meaning == "code" and magic.name in ("unzip", "tar") for magic in self.notebook.magics)
        if use.access == "check" or os.path.basename(wanted) in {os.path.basename(download.path) for download in self.downloads if download.path}:
            return
        self.missing.append(Missing(use.owner, *self._site(use), wanted, self.around.looked_in, use.access == "read" and not comes_later))

    def _site(self, use: PathUse) -> tuple[int, int]:
        statement = self.notebook.statements[use.owner]
        return statement.cell, statement.line + use.line - 1

    # Writing

    def _write(self, use: PathUse) -> None:
        value = plain(use.value)
        if value.startswith(_SYSTEM) or use.style not in _FOREIGN:
            self._write_here(use, value)
            return
        target = self._output_path(value, use)
        self.written[value] = target
        self.folders.add(target if use.function.endswith(("mkdir", "makedirs")) else os.path.dirname(target.split("\0")[0]) or OUTPUTS)
        self.rewriter.lead(use, self._from_cwd(self.folder / target) if "\0" not in target else target, "write-path", _WRITTEN)

    def _write_here(self, use: PathUse, value: str) -> None:
        self.rewriter.keep(use)
        self.written.setdefault(value, value)
        folder = os.path.dirname(value.split("\0")[0])
        if folder and not value.startswith(("/", "..")) and not (self.cwd / folder).exists():
            self.folders.add(Path(os.path.relpath(self.cwd / folder, self.folder)).as_posix())

    def _output_path(self, value: str, use: PathUse) -> str:
        """A place under `outputs/`, the same for all files of one foreign folder."""
        folder, _, name = value.rstrip("/").rpartition("/")
        if "\0" in folder:
            head = value.split("\0", 1)[0].rpartition("/")[0]
            return f"{self.written_folders.setdefault(head, OUTPUTS)}/{value[len(head) + 1 :]}"
        if use.kind == "folder" and "\0" not in name:
            place = self._under_known(value.rstrip("/")) or f"{OUTPUTS}/{name}"
            self.written_folders[value.rstrip("/")] = place
            return place
        place = f"{self._under_known(folder) or self.written_folders.setdefault(folder, OUTPUTS)}/{name}"
        if any(other != value and taken == place for other, taken in self.written.items()):
            place = f"{OUTPUTS}/{os.path.basename(folder)}/{name}"
        return place

    def _under_known(self, folder: str) -> str:
        """The new place of a foreign folder, or of the nearest one above that has one."""
        parts = folder.split("/")
        for count in range(len(parts), 0, -1):
            known = self.written_folders.get("/".join(parts[:count]))
            if known:
                return "/".join([known, *parts[count:]])
        return ""

    # Changing folder

    def _chdir(self, use: PathUse) -> None:
        value = plain(use.value)
        if "\0" in value:
            return
        path = self.cwd / value
        if use.style == "relative" and path.is_dir():
            self.rewriter.keep(use)
            self.cwd = path.resolve()
            return
        found = self.around.find(value, is_folder=True)
        if found.best is not None and len(found.candidates) == 1:
            self.rewriter.lead(use, self._code_path(found.best, use), "chdir", "This folder is of another machine; the one of that name beside the notebook is meant.")
            self.cwd = found.best
            return
        self._take_out(use, "chdir", "This folder is of another machine and is not here; the notebook's own folder is used.")

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
                local = path if target and not path.startswith(("/", "~", "..")) else os.path.basename(path) if target else ""
                self.downloads.append(Download(url, direct_address(url), -1, magic.cell, magic.line, local, self.around.find(local).best if local else None))

    def _address(self, use: PathUse) -> None:
        url = use.value
        if use.access in ("assign", "unknown", "check", "write") or "\0" in url and use.access != "read" and use.access != "fetch":
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
            self.written[path] = path
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
        self._ask(use, name, found)
        self._input(use, found.best)
        return self._code_path(found.best, use)

    # After a failed run

    def mend(self, filename: str, index: int) -> None:
        """Find the file that statement `index` did not find, and the literal that leads there."""
        wanted = plain(filename)
        found = self.around.find(wanted) if not wanted.endswith("/") else Found(None)
        if found.best is None:
            found = self.around.find(wanted, is_folder=True)
        site = self.notebook.statements[index]
        if found.best is None:
            self.missing.append(Missing(index, site.cell, site.line, filename, self.around.looked_in))
            return
        for use in self._suspects(wanted, index):
            if self._lead_open(use, wanted, found.best):
                self._ask(use, filename, found)
                self._input(use, found.best)
                return
        self._put_there(filename, wanted, index, found.best)

    def _suspects(self, wanted: str, index: int) -> list[PathUse]:
        """Uses that can have produced the path: those of the statement first, then earlier ones, latest first."""
        uses = [use for use in all_uses(self.notebook) if use.owner <= index and use.style != "url" and use.access != "write"]
        fitting = [use for use in uses if _pattern(plain(use.value)).search(wanted)]
        return sorted(fitting, key=lambda use: (use.owner != index, -use.owner))

    def _lead_open(self, use: PathUse, wanted: str, path: Path) -> bool:
        value, target = plain(use.value), self._code_path(path, use)
        if "\0" not in value and wanted.endswith(value):
            return self.rewriter.lead(use, target, "data-path", _MOVED)
        known = value.split("\0", 1)[0]
        tail = wanted[wanted.find(known) + len(known) :].lstrip("/")
        if not tail or not target.endswith(tail):
            return False
        rest = value[len(known) :] or ("/" if value.endswith("/") else "")
        return self.rewriter.lead(use, target[: -len(tail)].rstrip("/") + ("/" if known.endswith("/") or rest.startswith("/") else "") + rest.lstrip("/"), "data-path", _MOVED)

    def _put_there(self, filename: str, wanted: str, index: int, path: Path) -> None:
        """No literal leads there: a relative path can be served by putting the file where the code looks for it."""
        site = self.notebook.statements[index]
        if os.path.isabs(wanted) or wanted.startswith(("..", "~")) or re.match(r"[A-Za-z]:", wanted):
            self.missing.append(Missing(index, site.cell, site.line, filename, (path.parent,)))
            return
        self.inputs[wanted] = Input(wanted, path, (index,), path.is_dir())


def _pattern(value: str) -> re.Pattern[str]:
    body = ".*".join(re.escape(part) for part in value.rstrip("/").split("\0"))
    return re.compile(rf"(^|/){body}" if not value.startswith("/") else body)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _is_pointer(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(43) == b"version https://git-lfs.github.com/spec/v1\n"[:43]
    except OSError:
        return False


def continued(located: Located, resolver: Resolver) -> Located:
    """What was located before, with what a resolver found since. Edits of the same characters give way to the newer ones."""
    new = resolver.located()
    replaced = {(edit.statement, edit.start, edit.end) for edit in new.edits}
    edits = (*(edit for edit in located.edits if (edit.statement, edit.start, edit.end) not in replaced), *new.edits)
    paths = {one.path for one in new.inputs}
    return replace(
        located, inputs=(*(one for one in located.inputs if one.path not in paths), *new.inputs), edits=edits,
        questions=(*located.questions, *new.questions), missing=new.missing, notes=(*located.notes, *new.notes),
    )
