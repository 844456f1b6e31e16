"""A key, token or password stands in the code or in a saved output.

Everyone who gets the notebook gets it too, and what was once committed stays in the history.

Bad:

    client = Client(api_key="…the key itself…")

Good:

    client = Client(api_key=os.environ["API_KEY"])

Certain: `sure` for the known forms of keys (AWS, GitHub, OpenAI, Hugging Face, Google, Slack, Stripe, private key
blocks, addresses with a password); `likely` for a text given to a name such as `password`, `token` or `api_key`.
Placeholders and texts too plain to be a secret are not reported. The finding never repeats it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext

CODE = "F401"
NAME = "secrets"

_KNOWN = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_\-]{20,}")),
    ("an Anthropic key", re.compile(r"\bsk-ant-[A-Za-z0-9_\-]{20,}")),
    ("an OpenAI key", re.compile(r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_\-]{32,}")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_\-]{35}")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9\-]{20,}")),
    ("a Stripe key", re.compile(r"\b[sr]k_live_[A-Za-z0-9]{20,}")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}")),
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.\-]*://[^\s:/@'\"{}]+:(?P<secret>[^\s:/@'\"]{3,})@[\w.\-]+")
_NAMED = re.compile(
    r"(?P<name>[\w.]*(?:passw(?:or)?d|passwd|pwd|secret(?:_?key)?|api_?key|access_?key|auth_?token|access_?token|token|client_?secret|credential)s?)['\"]?\]?"
    r"\s*[=:]\s*(?P<quote>['\"])(?P<secret>[^'\"\n]{4,})(?P=quote)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"^(<.*>|\{.*\}|\$.*|%.*|\*+|\.+|x+|your.*|my.*|enter.*|insert.*|replace.*|change.?me.*|example.*|test.*|dummy.*|sample.*|none|null|true|false|password|passwd|secret|token"
    r"|api.?key|string|str|text|env.*|[a-z]+_(token|key|password|secret)|[a-z ,.!?']*|\[?[A-Z_]+\]?"
    r"|.*\b(your|here|todo|placeholder|redacted|hidden)\b.*|.*…|.*\.\.\..*|\S+ \S+ .*)$",
    re.IGNORECASE,
)
_FEWEST_BITS = 2.5


class _Secret(NamedTuple):
    kind: str
    hint: str
    value: str
    certain: str


def find(context: FindingContext) -> Iterable[Finding]:
    told: set[str] = set()
    for cell in context.notebook.cells:
        parts = [(cell.source, False)] + [(output.text, True) for output in cell.outputs]
        for text, is_output in parts:
            for number, line in enumerate(text.split("\n"), 1):
                for secret in _secrets(line, is_output):
                    if secret.value not in told:
                        told.add(secret.value)
                        yield _finding(secret, cell.number, 1 if is_output else number, is_output)


def _secrets(line: str, is_output: bool) -> Iterator[_Secret]:
    spans = []
    for kind, pattern in _KNOWN:
        for match in pattern.finditer(line):
            if kind == "a private key" or not _is_plain(match.group()):
                spans.append(match.span())
                yield _Secret(kind, _hint(match.group()), match.group(), "sure")
    for match in _ADDRESS.finditer(line):
        if not _PLACEHOLDER.match(match["secret"]) or _has_digits_and_letters(match["secret"]):
            spans.append(match.span())
            yield _Secret("an address with a password", _hint(match["secret"]), match["secret"], "sure")
    for match in [] if is_output else _NAMED.finditer(line):
        if not any(start < match.end() and match.start() < end for start, end in spans) and _is_secret(match["name"], match["secret"]):
            yield _Secret(f"the value of `{match['name'].rsplit('.', 1)[-1]}`", _hint(match["secret"]), match["secret"], "likely")


def _is_secret(name: str, value: str) -> bool:
    """A password may be short; a token or key is long and looks drawn."""
    if _PLACEHOLDER.match(value) or " " in value.strip() or value.startswith(("http://", "https://", "/", "./", "<", "[")):
        return False
    if re.search(r"passw|pwd", name, re.IGNORECASE):
        return _has_digits_and_letters(value) or _bits(value) >= _FEWEST_BITS and not value.isalpha()
    return len(value) >= 12 and _has_digits_and_letters(value) and _bits(value) >= _FEWEST_BITS


def _has_digits_and_letters(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _is_plain(value: str) -> bool:
    """Too regular for a key that was drawn at random: `AKIAXXXXXXXXXXXXXXXX`, `sk-your-key-goes-here-and-so-on-…`."""
    return _bits(value) < _FEWEST_BITS or not any(c.isdigit() for c in value) or bool(re.search(r"your|example|x{5,}", value, re.IGNORECASE))


def _bits(text: str) -> float:
    """Shannon entropy per character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def _hint(value: str) -> str:
    """Enough to recognise it by: its first characters, never more than four and a quarter of it."""
    if value.startswith("-----"):
        return "a block that starts with BEGIN"
    return f"{value[: min(4, len(value) // 4)]}… ({len(value)} characters)"


def _finding(secret: _Secret, cell: int, line: int, is_output: bool) -> Finding:
    place = "A saved output holds" if is_output else "The code holds"
    todo = "Clear the output, withdraw the key where it was issued, and get a new one." if is_output else (
        'Read it from the environment, `os.environ["NAME"]`, and withdraw this one where it was issued: it counts as known.'
    )
    return Finding(
        CODE, NAME, cell, line, what=f"{place} {secret.kind}: {secret.hint}.",
        why="Everyone who gets the notebook or its history can use it.", todo=todo, certain=secret.certain,
    )
