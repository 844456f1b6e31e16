"""IPython's own syntax in a cell (`%magic`, `%%magic`, `!command`, `help?`), replaced by Python on the same lines.

IPython's tokens decide what is a magic; what it means is decided here. Untouched code keeps its line and column.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from ferrata.source.line_magics import Meaning, line_meaning
from ferrata.source.shell import shell_meaning

_KEEPS_BODY = frozenset("time capture prun".split())
_SHOWS = frozenset("html javascript js latex markdown svg timeit memit HTML SVG".split())
_SHELLS = frozenset("bash sh zsh cmd system sx script ! powershell".split())
_AUTOMAGIC = re.compile(
    r"^\s*(?:(?P<shell>(?:pip3?|conda|mamba)\s+(?:install|uninstall|list|show|freeze|update)\b.*|(?:ls|mkdir|cat|cp|mv|rm)\s+[\w./~\-].*)"
    r"|(?P<line>(?:cd|matplotlib|load_ext|reload_ext|config|autoreload|timeit|time|run|pylab)\s+[\w./~%\-].*))$"
)
_GET_IPYTHON = re.compile(r"^([ \t]*)get_ipython\(\)\.(run_line_magic|magic|system|getoutput)\((.*)\)\s*$")
_BARE_AUTOMAGIC = frozenset("ls pwd who whos clear cls hist history who_ls lsmagic quickref".split())


@dataclass(frozen=True)
class FoundMagic:
    """One magic of a cell. `line`/`end_line` are 1-based; `kind`, `name`, `text` and `meaning` as in `records.notebook.Magic`.

    `reason` says why something is unsupported or what is lost; `requirements` and `downloads` as in `source.shell.ShellMeaning`.
    """

    line: int
    end_line: int
    kind: str
    name: str
    text: str
    meaning: str
    reason: str = ""
    requirements: tuple[str, ...] = ()
    downloads: tuple[tuple[str, str], ...] = ()


def transform(cell_text: str, names: Collection[str] = ()) -> tuple[str, list[FoundMagic]]:
    """The cell as plain Python with the same number of lines, and the magics found in it.

    `names` are variables known so far: a lone `ls` is a magic only when it is not one of them.
    """
    lines = _clean(_lines(cell_text))
    first = next((index for index, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if first is not None and re.match(r"%%[\w!]", lines[first]):
        found = _cell_magic(lines, first, names)
    else:
        found = _automagic(lines, names) + _line_magics(lines)
    text = "".join(lines)
    return text if cell_text.endswith(("\n", "\r")) else text.removesuffix("\n"), sorted(found, key=lambda magic: magic.line)


def _lines(text: str) -> list[str]:
    """Lines as Python counts them, each ending with "\\n": form feeds and Unicode's separators end none."""
    lines = re.split(r"\r\n|\r|\n", text)
    return [line + "\n" for line in (lines[:-1] if lines[-1] == "" else lines)]


def _clean(lines: list[str]) -> list[str]:
    """Prompts and a common leading indent removed as IPython does, each line staying where it is; calls of `get_ipython()` as magics."""
    from IPython.core import inputtransformer2 as ipython

    cleanups: tuple[Callable[[list[str]], list[str]], ...] = (ipython.leading_indent, ipython.classic_prompt, ipython.ipython_prompt)
    for clean in cleanups:
        start = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
        # IPython also ends lines at form feeds and Unicode separators; Python does not.
        lines = _lines("".join(lines[:start] + clean(lines[start:])))
    return [_without_get_ipython(line) for line in lines]


def _without_get_ipython(line: str) -> str:
    """`get_ipython().run_line_magic("time", "x = 1")`, which exported notebooks hold, as `%time x = 1`."""
    match = _GET_IPYTHON.match(line)
    if not match:
        return line
    indent, method, arguments = match.groups()
    try:
        values = ast.literal_eval(f"({arguments},)")
    except (SyntaxError, ValueError):
        return line
    sign = {"system": "!", "getoutput": "!"}.get(method, "%")
    return f"{indent}{sign}{' '.join(map(str, values))}\n" if not any("\n" in str(value) for value in values) else line


def _cell_magic(lines: list[str], first: int, names: Collection[str]) -> list[FoundMagic]:
    match = re.match(r"%%([\w!]+)[ \t]*(.*)", lines[first])
    assert match is not None
    name, arguments = match.group(1), match.group(2).strip()
    text = "".join(lines[first:]).rstrip("\n")
    magic = FoundMagic(first + 1, len(lines), "cell", name, text, "unsupported", reason=f"`%%{name}` is not Python")
    if name in _KEEPS_BODY:
        return _kept_body(lines, first, replace(magic, meaning="code", text=lines[first].rstrip(), end_line=first + 1, reason=""), names)
    body = "".join(lines[first + 1 :])
    _blank(lines, first, len(lines) - 1)
    if name in _SHELLS or name.startswith(("python2", "perl", "ruby")):
        return _script(magic, body) if name in _SHELLS else [replace(magic, meaning="script", reason=f"runs another program ({name})")]
    if name in _SHOWS:
        return [replace(magic, meaning="nothing", reason="binds no names" if "time" in name or "mem" in name else "")]
    if name in ("writefile", "file") and arguments:
        return [_written_file(lines, first, magic, arguments, body)]
    return [magic]


def _kept_body(lines: list[str], first: int, magic: FoundMagic, names: Collection[str]) -> list[FoundMagic]:
    arguments = lines[first].split(None, 1)[1:]
    statement = arguments[0].strip() if arguments and magic.name in ("time", "prun") else ""
    lines[first] = (statement if statement and not statement.startswith("-") and _parses(statement) else "") + "\n"
    body, found = transform("".join(lines[first + 1 :]), names)
    lines[first + 1 :] = body.splitlines(keepends=True)
    return [magic, *(replace(inner, line=inner.line + first + 1, end_line=inner.end_line + first + 1) for inner in found)]


def _blank(lines: list[str], first: int, last: int) -> None:
    for index in range(first, last + 1):
        lines[index] = "\n"


def _script(magic: FoundMagic, body: str) -> list[FoundMagic]:
    """A shell cell means what its lines mean; only one that changes files is a script."""
    joined = re.sub(r"\\\n", " ", body)
    meanings = [shell_meaning(line) for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    kinds = {"script" if meaning.meaning == "code" else meaning.meaning for meaning in meanings}
    strongest = next((kind for kind in ("script", "download", "requirement") if kind in kinds), "nothing")
    requirements = sum((meaning.requirements for meaning in meanings), ())
    downloads = sum((meaning.downloads for meaning in meanings), ())
    reason = "a shell script" if strongest == "script" else ""
    return [replace(magic, meaning=strongest, reason=reason, requirements=requirements, downloads=downloads)]


def _written_file(lines: list[str], first: int, magic: FoundMagic, arguments: str, body: str) -> FoundMagic:
    """`%%writefile name` as the same write in Python, on the magic's own line."""
    words = arguments.split()
    mode = "a" if words[0] in ("-a", "--append") else "w"
    name = words[-1].strip("\"'")
    lines[first] = f"with open({name!r}, {mode!r}, encoding='utf-8') as _file: _file.write({body!r})\n"
    return replace(magic, meaning="code", reason=f"writes {name}")


def _automagic(lines: list[str], names: Collection[str]) -> list[FoundMagic]:
    """Magics written without their sign. IPython takes them in one-line cells only; an install line is understood anywhere in a cell that is no Python."""
    written = [index for index, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    found = []
    if len(written) == 1 and lines[written[0]].strip() in _BARE_AUTOMAGIC and lines[written[0]].strip() not in names:
        name = lines[written[0]].strip()
        found.append(FoundMagic(written[0] + 1, written[0] + 1, "line", name, name, "nothing"))
        _blank(lines, written[0], written[0])
        return found
    for index in written:
        match = _AUTOMAGIC.match(lines[index].rstrip("\n"))
        if match and (len(written) == 1 or re.match(r"\s*(pip|conda|mamba)", lines[index])) and not _parses(lines[index]):
            sign = "!" if match.group("shell") else "%"
            indent = len(lines[index]) - len(lines[index].lstrip())
            lines[index] = lines[index][:indent] + sign + lines[index][indent:]
    return found


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text.strip())
    except (SyntaxError, ValueError):
        return False
    return True


def _line_magics(lines: list[str]) -> list[FoundMagic]:
    found = []
    for _ in range(len(lines) + 1):
        next_one = _find(lines)
        if next_one is None:
            break
        found.append(_replace(lines, next_one))
    return found


def _find(lines: list[str]) -> Any:
    """The first magic that IPython sees: an object with `start_line` (0-based) and `start_col`, or None."""
    from IPython.core import inputtransformer2 as ipython

    try:
        tokens = ipython.make_tokens_by_line(lines)
    except SyntaxError:
        return None  # Wrong indents: parsing will say where.
    kinds = (ipython.MagicAssign, ipython.SystemAssign, ipython.EscapedCommand, ipython.HelpEnd)
    candidates: list[Any] = [found for kind in kinds if (found := kind.find(tokens)) is not None]  # type: ignore[no-untyped-call]
    return min(candidates, key=lambda found: found.sortby(), default=None)


def _replace(lines: list[str], magic: Any) -> FoundMagic:
    from IPython.core import inputtransformer2 as ipython

    start, column = magic.start_line, magic.start_col
    is_help = isinstance(magic, ipython.HelpEnd)
    end = magic.q_line if is_help else ipython.find_end_of_continued_line(lines, start)
    prefix = lines[start][:column]
    text = _joined(lines, start, column, end)
    if is_help or text.startswith("?"):
        kind, name, meaning = "line", "?", Meaning("nothing")
        prefix = re.match(r"\s*", lines[start]).group()  # type: ignore[union-attr]
    else:
        kind, name, meaning = _meaning(text)
    code, prefix = _code(prefix, meaning)
    _blank(lines, start, end)
    lines[start] = f"{prefix}{code}".rstrip() + "\n"
    return FoundMagic(start + 1, end + 1, kind, name, text, meaning.meaning, meaning.reason, meaning.requirements, meaning.downloads)


def _joined(lines: list[str], start: int, column: int, end: int) -> str:
    parts = [lines[start][column:], *lines[start + 1 : end + 1]]
    return " ".join(re.sub(r"\\\n$", "", part).strip() for part in parts).strip()


def _code(prefix: str, meaning: Meaning) -> tuple[str, str]:
    """The Python that stands for the magic and what stays in front of it. `prefix` is an indent, or `name =` with its indent."""
    indent = prefix[: len(prefix) - len(prefix.lstrip())]
    if prefix.strip():
        return (meaning.value, prefix) if meaning.value else ("pass" if indent else "", indent)
    return meaning.code or ("pass" if indent else ""), indent


def _meaning(text: str) -> tuple[str, str, Meaning]:
    if text.startswith("!"):
        command = text.lstrip("!").strip()
        return "shell", (command.split() or [""])[0], _shell(command)
    if text.startswith("%"):
        name, _, arguments = text.lstrip("%").strip().partition(" ")
        return "line", name, line_meaning(name, arguments.strip())
    return "line", text[0], _autocall(text)


def _shell(command: str) -> Meaning:
    meaning = shell_meaning(command)
    value = ""
    if meaning.meaning == "nothing" and command and not re.search(r"[{}$]", command):
        value = f'__import__("subprocess").run({command!r}, shell=True, capture_output=True, text=True).stdout.splitlines()'
    return Meaning(meaning.meaning, meaning.code, value, meaning.reason, meaning.requirements, meaning.downloads)


def _autocall(text: str) -> Meaning:
    from IPython.core import inputtransformer2 as ipython

    code = "".join(ipython.EscapedCommand((1, 0)).transform([text + "\n"])).strip()
    return Meaning("code", code, reason="a call without brackets")
