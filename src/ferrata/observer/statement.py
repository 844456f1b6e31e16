"""Compile the statements of a cell one by one, so that tracebacks and inspect find the author's text."""

import __future__

import ast
import linecache

from .fingerprint import texts_of
from .instrument import Instrument, shown
from .names import Usage

_AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


def remember_source(cell):
    """Let linecache know the cell as "cell N", every statement on its own line."""
    lines = []
    for statement in cell["statements"]:
        for offset, text in enumerate(statement["source"].split("\n")):
            place = statement["line"] - 1 + offset
            lines.extend([""] * (place + 1 - len(lines)))
            lines[place] = lines[place] + "; " + text if lines[place] else text
    name = "cell {}".format(cell["number"])
    linecache.cache[name] = (len(lines), None, [line + "\n" for line in lines], name)
    return name


class Compiler:
    """Keeps the `from __future__` imports of earlier statements, as a notebook does."""

    def __init__(self, sites, texts, modules):
        self._sites, self._texts, self._modules, self._flags = sites, texts, modules, 0

    def parse(self, statement, filename):
        flags = ast.PyCF_ONLY_AST | _AWAIT | self._flags
        try:
            return compile(statement["source"], filename, "exec", flags, True)
        except SyntaxError as error:
            if error.lineno is not None:
                error.lineno += statement["line"] - 1
            raise

    def usage(self, tree):
        return Usage(tree)

    def code(self, tree, statement, filename, is_shown, watch):
        """The code to run. `tree` is changed."""
        line, known = statement["line"] - 1, len(self._sites)
        if watch:
            for key, text in texts_of(ast.increment_lineno(tree, line), filename).items():
                self._texts[key] = text
            ast.increment_lineno(tree, -line)
            tree = Instrument(statement["source"], self._sites, self._modules).visit(tree)
        if is_shown and isinstance(tree.body[-1], ast.Expr):
            shown(tree, self._sites)
        for site in self._sites[known:]:
            site.statement = statement["index"]
        ast.increment_lineno(ast.fix_missing_locations(tree), line)
        code = compile(tree, filename, "exec", _AWAIT | self._flags, True)
        self._flags |= code.co_flags & _FUTURE
        return code
