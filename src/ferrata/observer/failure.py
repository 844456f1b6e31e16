"""The exception that stopped the run, told in the author's terms."""

import os
import re
import traceback

_HERE = os.path.dirname(os.path.abspath(__file__))
_CELL = re.compile(r"cell (\d+)$")


def describe(error, statement, cell):
    """The fields of an error event. `line` counts in the statement's source."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_HERE)]
    return {
        "type": type(error).__name__,
        "message": _message(error),
        "index": statement["index"],
        "cell": cell,
        "line": _line(error, frames, statement, cell),
        "traceback": _text(error, frames),
        "filename": _filename(error),
    }


def _message(error):
    try:
        return str(error)[:5000]
    except Exception:
        return ""


def _line(error, frames, statement, cell):
    if isinstance(error, SyntaxError) and error.filename == f"cell {cell}" and error.lineno:
        return max(1, error.lineno - statement["line"] + 1)
    height = statement["source"].count("\n") + 1
    for frame in reversed(frames):
        if frame.filename == f"cell {cell}" and 0 <= frame.lineno - statement["line"] < height:
            return frame.lineno - statement["line"] + 1
    return 1


def _text(error, frames):
    lines = ["Traceback (most recent call last):\n"] + traceback.format_list(frames) if frames else []
    lines += traceback.format_exception_only(type(error), error)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        lines = [
            "{}\n".format("".join(traceback.format_exception_only(type(cause), cause)).strip()[:2000]),
            "which led to:\n",
        ] + lines
    return "".join(lines)[-20000:]


def _filename(error):
    """The file that an error is about, where it says so."""
    name = getattr(error, "filename", None)
    if isinstance(error, OSError) and name is not None:
        return os.fsdecode(name) if isinstance(name, (str, bytes, os.PathLike)) else str(name)
    found = (
        re.search(r"['\"]([^'\"]{1,300}\.\w{1,6})['\"]", _message(error))
        if re.search(r"(?i)no such file|not found|does not exist|unable to open", _message(error))
        else None
    )
    return found.group(1) if found else ""
