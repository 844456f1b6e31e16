"""Why a text is not Python 3: the likely cause of a syntax error."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

_PYTHON2 = (
    (re.compile(r"^\s*print\s+[\w\"'(\[{%`~\-]"), "`print` without brackets"),
    (re.compile(r"^\s*print\s*>>"), "`print >>file`"),
    (re.compile(r"[:;]\s*print\s+[\w\"'(\[{%`]"), "`print` without brackets"),
    (re.compile(r"^\s*print\s*\(.*\)\s*%|^\s*print\s*\([^()]*\)\s*,"), "`print` as a statement"),
    (re.compile(r"^\s*except\s+[\w.()\s,]+,\s*\w+\s*:"), "`except Error, name`"),
    (re.compile(r"^\s*exec\s+[\w\"'(]"), "`exec` without brackets"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), "`raise Error, text`"),
    (re.compile(r"`[^`]+`"), "backticks"),
    (re.compile(r"<>"), "`<>`"),
    (re.compile(r"\b(ur|UR|uR|Ur)['\"]"), "the prefix `ur`"),
    (re.compile(r"(?<![\w.])0[0-7]+(?![\w.])"), "an octal number such as `0777`"),
    (re.compile(r"\b\d+[lL]\b"), "a long number such as `10L`"),
    (re.compile(r"\bdef\s+\w+\s*\(.*\(\s*\w+\s*,"), "a tuple as a parameter"),
)
_PYTHON2_MESSAGES = (
    ("Missing parentheses in call to 'print'", "`print` without brackets"),
    ("Missing parentheses in call to 'exec'", "`exec` without brackets"),
    ("multiple exception types must be parenthesized", "`except Error, name`"),
    ("leading zeros in decimal integer", "an octal number such as `0777`"),
)
_UNFINISHED = ("was never closed", "unexpected EOF", "expected an indented block", "unterminated triple-quoted", "EOF while scanning", "unexpected end of file")
_CONFLICT = re.compile(r"^(<{7}( |$)|={7}$|>{7}( |$)|\|{7}( |$))", re.MULTILINE)
_MARKUP = re.compile(r"^(\*\*[^*\n]+\*\*|</?[a-zA-Z][\w]*[^=]*>|[-*] +[A-Z][\w]* +\w+|\d+\. +[A-Z]\w* +\w+|!?\[[^\]]*\]\(\S+\)|\$\$|```)")
_PROSE = re.compile(r"(?<![\w'\"])[^\W\d_][\w'’-]*(?:,? +[\w'’-]+){2,}")


@dataclass(frozen=True)
class Diagnosis:
    """`line` is 1-based in the cell; `kind`: `python2`, `prose`, `unfinished`, `conflict`, `escape`, `newer-python`, `other`; `cause` is one sentence."""

    line: int
    kind: str
    message: str
    cause: str

    @property
    def is_python2(self) -> bool:
        return self.kind == "python2"


def diagnose(text: str, error: SyntaxError) -> Diagnosis:
    """The likely cause of `error`, which parsing `text` raised."""
    lines = text.split("\n")
    line = min(max(error.lineno or 1, 1), max(len(lines), 1))
    message = (error.msg or "invalid syntax").split(" (<")[0]
    kind, cause, line = _cause(text, lines, line, message)
    return Diagnosis(line, kind, message, cause)


def _cause(text: str, lines: list[str], line: int, message: str) -> tuple[str, str, int]:
    shown = lines[line - 1].strip()
    conflict = _CONFLICT.search(text)
    if conflict:
        return "conflict", "The cell holds the marks of a Git merge conflict.", text.count("\n", 0, conflict.start()) + 1
    if "unicodeescape" in message or "malformed \\N" in message:
        return "escape", f"A Windows path needs r before its quotes, or its backslashes read as escapes: `{shown[:60]}`.", line
    python2 = python2_sign(lines[line - 1]) or next((name for start, name in _PYTHON2_MESSAGES if message.startswith(start)), "")
    if python2 and not is_prose(shown):
        return "python2", f"This is Python 2: {python2} (`{shown[:60]}`).", line
    if is_prose(shown):
        return "prose", f"This is prose in a code cell: \"{shown[:60]}\".", line
    if any(sign in message for sign in _UNFINISHED) or re.search(r"(?<![=!<>])=\s*(#.*)?$|_{3,}", shown):
        return "unfinished", f"The cell is unfinished: {message}.", line
    if _is_newer_python(shown, message):
        return "newer-python", f"This may be valid in a newer Python than the one that reads it: {message}.", line
    return "other", f"The cell is not valid Python: {message}.", line


def python2_sign(line: str) -> str:
    """What in this line is Python 2 and not Python 3, "" when nothing is. Strings and comments are not looked into."""
    code = _without_strings(line)
    return next((name for pattern, name in _PYTHON2 if pattern.search(code)), "")


def _without_strings(line: str) -> str:
    """The line with string contents and comments taken out, prefixes kept."""
    line = re.sub(r"(\"\"\"|''').*?(\1|$)", '""', line)
    line = re.sub(r"\"(\\.|[^\"\\])*\"|'(\\.|[^'\\])*'", '""', line)
    return line.split("#", 1)[0]


def is_prose(line: str) -> bool:
    """Whether a line reads as a sentence (three words or more in a row that are no code) or is Markdown or HTML."""
    if _MARKUP.match(line.strip()):
        return True
    if any(sign in line for sign in "=[]{}#\"`") or re.search(r"\w\(|\)\s*:|\.\w+\(", line):
        return False
    match = _PROSE.search(line.strip())
    if not match:
        return False
    words = re.findall(r"[^\W\d_]+", match.group())
    code_words = sum(1 for word in words if keyword.iskeyword(word))
    if words[0] in ("print", "exec") or keyword.iskeyword(words[0].lower()):
        return len(words) - code_words >= 5
    return len(words) >= 3 and code_words <= len(words) // 3


def _is_newer_python(line: str, message: str) -> bool:
    return message.startswith("f-string") or bool(re.match(r"(type\s+\w+|def\s+\w+\[|class\s+\w+\[)", line))


