"""Read a notebook file as its author left it. The file is never written."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from ferrata.errors import CodeError, NotANotebook, NothingToAdopt, OtherLanguage, OutsideError
from ferrata.records.notebook import BrokenCell, Cell, Magic, Notebook, Output, Statement
from ferrata.source.answers import saved_answers
from ferrata.source.diagnosis import Diagnosis, diagnose
from ferrata.source.magics import FoundMagic, transform
from ferrata.source.statements import Span, split

_LANGUAGES = {
    "r": "R", "ir": "R", "sas": "SAS", "javascript": "JavaScript", "typescript": "TypeScript", "sql": "SQL", "matlab": "MATLAB", "gophernotes": "Go",
    ".net": "a .NET language",
}
_PYTHON = re.compile(r"^(i?python|pyspark|sage|conda-|pypy|xpython|micropython|pythonjvsc|venv|env)")
_TODO = {
    "python2": "Translate the notebook to Python 3 (`2to3`, then check the divisions).",
    "prose": "Make the cell a markdown cell.",
    "unfinished": "Finish the cell or delete it.",
    "conflict": "Settle the conflict in the cell.",
    "escape": "Write r before the quotes, or forward slashes.",
    "newer-python": "Run Ferrata itself with a newer Python.",
    "other": "Mend the cell, or make it a markdown cell when it is text.",
}
_TITLE = re.compile(r"^ {0,3}#{1,6}[ \t]*([^#\n].*?)[ \t#]*$|<h[1-3][^>]*>(.*?)</h[1-3]>", re.MULTILINE)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07")


def read(path: Path, *, skip_broken: bool = False) -> Notebook:
    """The notebook in `path`, nbformat 3 or 4.

    A cell that is no Python raises CodeError, unless `skip_broken`: then it is listed in `Notebook.broken` and has no statements.
    Raises NotANotebook, OtherLanguage, CodeError, NothingToAdopt.
    """
    content = _content(path)
    document = _document(path, content)
    metadata = _dict(document.get("metadata"))
    raw = _raw_cells(path, document)
    _require_python(path, metadata, raw)
    cells, magics, broken = _cells(raw, path, metadata, skip_broken)
    if not any(cell.statements for cell in cells):
        if broken:
            return read(path)
        raise NothingToAdopt("The notebook holds no code", where=str(path), todo="Write at least one code cell.")
    return Notebook(
        path=path, sha256=hashlib.sha256(content).hexdigest(), cells=tuple(cells), magics=tuple(_record(number, magic) for number, magic in magics),
        python_version=_python_version(metadata), title=_title(raw, path),
        requirements=_unique(name for _, magic in magics for name in magic.requirements),
        downloads=_unique(url for _, magic in magics for url, _ in magic.downloads),
        broken=tuple(broken), answers=saved_answers([(cell.python, _printed(cell)) for cell in cells if cell.statements]),
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotANotebook("There is no such file", where=str(path), todo="Check the path.") from None
    except IsADirectoryError:
        raise NotANotebook("This is a folder, not a notebook", where=str(path), todo="Name the .ipynb file in it.") from None
    except OSError as error:
        raise OutsideError(f"The file cannot be read: {error.strerror}", where=str(path)) from error


def _document(path: Path, content: bytes) -> dict[str, Any]:
    """The JSON object of the file, or NotANotebook with what the file is instead."""
    if not content.strip():
        raise NotANotebook("The file is empty", where=str(path), todo="Restore it from a backup or from Git.")
    text = _text(path, content)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotANotebook(_what_it_is(path, text, error), where=str(path), todo="Give a Jupyter notebook (.ipynb).") from None
    if not isinstance(document, dict) or not ("cells" in document or "worksheets" in document):
        raise NotANotebook("The file is JSON but no notebook: it has no cells", where=str(path), todo="Give a Jupyter notebook (.ipynb).")
    return document


def _text(path: Path, content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        what = "The file is binary, not a notebook" if b"\0" in content[:4096] else "The file is not UTF-8 text"
        raise NotANotebook(what, where=str(path), todo="Give a Jupyter notebook (.ipynb).") from None


def _what_it_is(path: Path, text: str, error: Exception) -> str:
    start = text.lstrip()[:200].lower()
    if re.search(r"^<{7} ", text, re.MULTILINE):
        return "The file holds the marks of a Git merge conflict"
    if start.startswith(("<!doctype", "<html", "<head", "<?xml")):
        return "The file is a web page, not a notebook (was the page saved instead of the raw file?)"
    if start.startswith("version https://git-lfs"):
        return "The file is a Git LFS pointer; the notebook itself was not fetched (`git lfs pull`)"
    if path.suffix == ".py":
        return "The file is a Python script, not a notebook"
    if start.startswith("{"):
        return f"The file is a damaged notebook: {error}"
    return "The file is no notebook: it is not JSON"


def _require_python(path: Path, metadata: dict[str, Any], cells: list[dict[str, Any]]) -> None:
    """Refuse kernels of other languages. No metadata at all counts as Python; nbformat 3 tells the language in each cell."""
    kernel, info = _dict(metadata.get("kernelspec")), _dict(metadata.get("language_info"))
    language = str(info.get("name") or kernel.get("language") or metadata.get("language") or "").lower()
    if not language:
        language = _language_of_kernel(str(kernel.get("name") or ""))
    if not language:
        languages = {str(cell.get("language", "python")).lower() for cell in cells if cell["cell_type"] == "code"}
        language = languages.pop() if len(languages) == 1 else ""
    if language and not _PYTHON.match(language):
        name = _LANGUAGES.get(language, language.capitalize())
        what = f"The notebook is written in {name}; Ferrata adopts Python notebooks"
        raise OtherLanguage(what, where=str(path), todo="Give a notebook with a Python kernel.")


def _language_of_kernel(name: str) -> str:
    pattern = r"^(ir(?![a-z])|julia|scala|spylon|sas(?![a-z])|javascript|ijavascript|bash|xcpp|matlab|octave|gophernotes|\.net)"
    match = re.match(pattern, name.lower())
    return {"spylon": "scala", "ijavascript": "javascript", "xcpp": "c++"}.get(match.group(1), match.group(1)) if match else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _raw_cells(path: Path, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of nbformat 4, or of the worksheets of nbformat 3, in order."""
    cells = document.get("cells")
    if not isinstance(cells, list):
        sheets = document.get("worksheets")
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []] if isinstance(sheets, list) else []
    if any(not isinstance(cell, dict) or "cell_type" not in cell for cell in cells):
        raise NotANotebook("The file is JSON but no notebook: a cell has no type", where=str(path), todo="Give a Jupyter notebook (.ipynb).")
    return cells


def _cells(
    raw: list[dict[str, Any]], path: Path, metadata: dict[str, Any], skip_broken: bool
) -> tuple[list[Cell], list[tuple[int, FoundMagic]], list[BrokenCell]]:
    cells: list[Cell] = []
    magics: list[tuple[int, FoundMagic]] = []
    broken: list[BrokenCell] = []
    heading, names, index = "", set[str](), 0
    for cell in raw:
        if cell["cell_type"] in ("markdown", "heading"):
            heading = _heading(cell) or heading
        if cell["cell_type"] != "code":
            continue
        number, source = len(cells) + 1, _joined(cell.get("source", cell.get("input", "")))
        python, found = transform(source, names)
        magics += [(number, magic) for magic in found]
        outputs = tuple(_output(output) for output in cell.get("outputs") or [] if isinstance(output, dict))
        spans: list[Span] = []
        try:
            spans = split(python)
        except SyntaxError as error:
            diagnosis = diagnose(python, error)
            if not skip_broken:
                raise _code_error(path, number, diagnosis, metadata) from None
            broken.append(BrokenCell(number, diagnosis.line, diagnosis.cause, diagnosis.kind, _failed_before(outputs)))
        statements = _statements(spans, index, number)
        index += len(statements)
        names |= _assigned(spans)
        count = cell.get("execution_count", cell.get("prompt_number"))
        cells.append(Cell(number, source, python, statements, outputs, count if isinstance(count, int) else None, heading))
    return cells, magics, broken


def _statements(spans: list[Span], first: int, cell: int) -> tuple[Statement, ...]:
    return tuple(
        Statement(first + place, cell, span.line, span.end_line, span.source, span.comments, span.column) for place, span in enumerate(spans)
    )


def _assigned(spans: list[Span]) -> set[str]:
    """Names assigned at the start of a statement: enough to tell the variable `ls` from the command."""
    return {match.group(1) for span in spans if (match := re.match(r"(\w+)\s*=[^=]", span.source))}


def _code_error(path: Path, number: int, diagnosis: Diagnosis, metadata: dict[str, Any]) -> CodeError:
    claims = _python_version(metadata)
    cause = diagnosis.cause
    if diagnosis.is_python2 and claims.startswith("3"):
        cause += f" Its kernel is Python {claims}."
    where = f"{path}, cell {number}, line {diagnosis.line}"
    return CodeError(cause, cell=number, line=diagnosis.line, where=where, todo=_TODO.get(diagnosis.kind, _TODO["other"]), is_python2=diagnosis.is_python2)


def _failed_before(outputs: tuple[Output, ...]) -> bool:
    """Whether the saved output is a syntax error too: then nothing of the cell ever ran."""
    return any(output.kind == "error" and re.search(r"\b(SyntaxError|IndentationError|TabError)\b", output.text) for output in outputs)


def _record(number: int, magic: FoundMagic) -> Magic:
    return Magic(number, magic.line, magic.kind, magic.name, magic.text, magic.meaning, magic.reason, magic.downloads)


def _joined(text: object) -> str:
    return "".join(str(part) for part in text) if isinstance(text, list) else str(text or "")


def _heading(cell: dict[str, Any]) -> str:
    """The last heading of a text cell."""
    source = _joined(cell.get("source", ""))
    if cell["cell_type"] == "heading":
        return source.strip()
    found = re.findall(r"^ {0,3}#{1,6}[ \t]*([^#\n].*?)[ \t#]*$", re.sub(r"```.*?(```|$)", "", source, flags=re.DOTALL), re.MULTILINE)
    return _plain(found[-1]) if found else ""


def _plain(markdown: str) -> str:
    """A heading without links, emphasis and tags."""
    text = re.sub(r"<[^>]+>", "", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown))
    return re.sub(r"(\*\*|__|`|(?<!\w)[*_]|[*_](?!\w))", "", text).strip()


def _title(cells: list[dict[str, Any]], path: Path) -> str:
    """The first heading of the notebook, else the name of its file."""
    for cell in cells:
        if cell["cell_type"] == "heading" and _heading(cell):
            return _heading(cell)
        if cell["cell_type"] == "markdown":
            found = [_plain(first or second) for first, second in _TITLE.findall(_joined(cell.get("source", "")))]
            if any(found):
                return next(filter(None, found))
    return path.stem


def _output(output: dict[str, Any]) -> Output:
    kind = {"pyout": "execute_result", "pyerr": "error"}.get(str(output.get("output_type")), str(output.get("output_type")))
    data = _dict(output.get("data")) or output
    has_image = any(key in data for key in ("image/png", "image/jpeg", "image/svg+xml", "png", "jpeg", "svg"))
    if kind == "error":
        trace = _joined("\n".join(map(str, output.get("traceback") or [])))
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}\n{trace}"
    else:
        text = _joined(output.get("text") if kind == "stream" else data.get("text/plain", data.get("text", "")))
    return Output(kind, _ANSI.sub("", text), has_image)


def _printed(cell: Cell) -> str:
    return "".join(output.text for output in cell.outputs if output.kind == "stream")


def _python_version(metadata: dict[str, Any]) -> str:
    version = _dict(metadata.get("language_info")).get("version")
    if isinstance(version, str) and re.match(r"\d", version):
        return version
    kernel = _dict(metadata.get("kernelspec"))
    return "2" if str(kernel.get("name")) == "python2" else ""


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
