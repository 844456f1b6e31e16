"""The text of an output as lines of words and numbers, without what changes from run to run and means nothing.

Left out: memory addresses, progress bars, durations and clock times, dates, warnings, file names of temporary cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_MEANINGLESS = (
    re.compile(r"\bat 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{6,}"),
    re.compile(r"\d+/\d+\s*(\[[=>.\s]*\]|[━─╸╺\s]{3,})|\[[=>.#\-\s]{4,}\]|\d+%\s*\|[^|]*\|\s*\d+(/\d+)?|[━╸╺█▏▎▍▌▋▊▉]{2,}"),
    re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?|\b\d{1,2}:\d\d(:\d\d(\.\d+)?)?\b"),
    re.compile(r"\b(ETA|elapsed|remaining)\b[^,\]]*", re.IGNORECASE),
    re.compile(r"(?<![\w.])\d+(\.\d+)?\s?(ms|µs|us|ns|s|sec|secs|seconds|min|mins|minutes|h)(/(step|epoch|it|sample))?\b"),
    re.compile(r"\d+(\.\d+)?\s?it/s"),
)
_DROPPED = re.compile(
    r"(Warning\b|warnings?\.warn|site-packages|dist-packages|ipykernel|<ipython-input|Wall time|CPU times?:|memory usage|"
    r"\b(time|duration|took|seconds|minutes|elapsed|timestamp)\b|^\s*(Date|Time|Model|No\. Iterations|Method):|it/s|Downloading|"
    r"Requirement already|Successfully installed)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?(?!\w)|(?<![\w.])-?(?:nan|inf)(?!\w)")

_OPEN, _CLOSE = re.compile(r"[\[({]"), re.compile(r"[\])}]")
_LONGEST = 400


class Figure(NamedTuple):
    """A printed number: its text, its value, half a unit of its last printed digit."""

    text: str
    value: float
    half_unit: float
    is_whole: bool


class Line(NamedTuple):
    """A line with numbers. `words` is its text with each number as `#`; lines are compared by it."""

    words: str
    figures: tuple[Figure, ...]


def lines(text: str) -> list[Line]:
    """The lines that hold numbers, in order."""
    found = (_line(part) for part in _joined(_visible(text).split("\n")))
    return [line for line in found if line.figures]


def _visible(text: str) -> str:
    """What a terminal would show: colours gone, a carriage return starts the line anew."""
    text = re.sub(r"[^\n]\x08", "", _ANSI.sub("", text)).replace("\x08", "").replace("\r\n", "\n")
    return "\n".join(next((part for part in reversed(line.split("\r")) if part.strip()), "") for line in text.split("\n"))


def _joined(parts: list[str]) -> Iterator[str]:
    """A list or array that was printed over several lines as one line, as another width may print it."""
    at = 0
    while at < len(parts):
        end = _closing(parts, at)
        text = " ".join(parts[at : end + 1])
        yield re.sub(r"(?<=[\[({])\s+|\s+(?=[\])}])", "", text) if end > at else text
        at = end + 1


def _closing(parts: list[str], at: int) -> int:
    """The line that closes the brackets opened on line `at`; `at` itself when it opens none, or none closes them soon."""
    depth = 0
    for end in range(at, min(at + _LONGEST, len(parts))):
        depth += len(_OPEN.findall(parts[end])) - len(_CLOSE.findall(parts[end]))
        if depth <= 0:
            return end
    return at


def _line(text: str) -> Line:
    if _DROPPED.search(text):
        return Line("", ())
    for pattern in _MEANINGLESS:
        text = pattern.sub(" ", text)
    text = re.sub(r"np\.(float|int)\d*\(([^()]*)\)", r"\2", text)
    figures = tuple(figure for match in _NUMBER.finditer(text) if (figure := _figure(match.group())))
    return Line(" ".join(re.sub(r"\bdtype\b.*", "", _NUMBER.sub("#", text)).split()), figures)


def _figure(text: str) -> Figure | None:
    plain = text.rstrip("%").rstrip(",").replace(",", "").replace("_", "")
    try:
        value = float(plain)
    except ValueError:
        return None
    mantissa, _, exponent = plain.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    is_whole = "." not in plain and not exponent and plain.lstrip("+-").isdigit()
    return Figure(text, value, 0.0 if is_whole else 0.5 * 10.0 ** (int(exponent or 0) - decimals), is_whole)


def agree(saved: Figure, obtained: Figure) -> bool:
    """Equal as far as both are printed. Floats of six digits and more may differ in the sixth, which no conclusion rests on."""
    if saved.value != saved.value or obtained.value != obtained.value:
        return saved.value != saved.value and obtained.value != obtained.value
    if saved.is_whole and obtained.is_whole:
        return saved.value == obtained.value
    allowed = max(0.0 if figure.is_whole else figure.half_unit for figure in (saved, obtained))
    return abs(saved.value - obtained.value) <= max(allowed * 1.000001, 1e-6 * abs(saved.value))
