"""What a model is given, by which it shows on which columns its answer depends: an object's arguments; where no object holds it, the values of the names in
the statement that answers, just before it runs."""

import contextlib
import re
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


class Recorder:
    """Stands for the model and remembers what it was given."""

    def __init__(self, model, given):
        self._model, self._given = model, given

    def __getattr__(self, name):
        value = getattr(self._model, name)
        if not callable(value) or not name.startswith(("predict", "decision", "transform")):
            return value

        def called(*arguments, **named):
            self._given.append(_looked_at(self._model, arguments[0]) if arguments else None)
            return value(*arguments, **named)

        return called

    def __call__(self, *arguments, **named):
        """A network of torch."""
        self._given.append(arguments[0].detach().cpu().clone() if arguments and hasattr(arguments[0], "detach") else None)
        return self._model(*arguments, **named)


def _looked_at(model, rows):
    """What a model takes of a table: one that statsmodels made from a formula finds its columns by name, whatever else is there."""
    formula = getattr(getattr(model, "model", None), "formula", None)
    if not isinstance(formula, str) or not hasattr(rows, "columns"):
        return rows
    return rows[[name for name in rows.columns if re.search(rf"(?<!\w){re.escape(str(name))}(?!\w)", formula.partition("~")[2])]]
