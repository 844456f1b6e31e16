"""What the author's own arithmetic is given where no object holds the model: the values of the names in the statement that answers, just before it runs."""

import contextlib
import sys


@contextlib.contextmanager
def operands(path, line, names, text):
    """Gives a list that holds, once `answers` has run up to this line of the file, the values of these names; of tables the columns that the text names."""
    found, before = [], sys.gettrace()

    def each_line(frame, event, argument):
        if event == "line" and frame.f_lineno == line and not found:
            found.extend(_part(frame.f_locals[name], text) for name in names if name in frame.f_locals and name not in ("rows", "state"))
        return each_line

    def each_call(frame, event, argument):
        return each_line if frame.f_code.co_name == "answers" and frame.f_code.co_filename == path else None

    sys.settrace(each_call)
    try:
        yield found
    finally:
        sys.settrace(before)


def _part(value, text):
    """A copy, or what an answer cannot depend on (functions) as None."""
    if hasattr(value, "columns"):
        named = [name for name in value.columns if repr(name) in text or f'"{name}"' in text or f".{name}" in text]
        return (value[named] if named else value).copy()
    return value.copy() if hasattr(value, "copy") else None if callable(value) else value
