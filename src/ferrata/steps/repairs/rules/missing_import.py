"""A name that is used before the cell that imports it, or that no cell imports any more.

The import of a later cell is made where the name is first needed; where no cell has one, the import that the name stands for by convention (`np`, `plt`), or
that of the public name of a library (`accuracy_score`), from `usual_imports.toml`; a package of which cells import only parts (`skimage.io`) is imported with
these parts. A name that any cell defines otherwise is left alone.

    pd.read_csv("a.csv")      import pandas as pd
    …                         pd.read_csv("a.csv")
    import pandas as pd
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.source.names import statement_names
from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text
from ferrata.steps.repairs.usual_imports import usual_import

_MESSAGE = r"NameError: (?:global )?name '(\w+)' is not defined"


def _find(text: Text, context: Context) -> Iterator[Change]:
    found = context.failed_with(_MESSAGE, text)
    if found is None or context.failure is None or text.index != context.failure.index or text.statement.column:
        return
    name = found[1]
    later = next((line for text_ in context.texts if (line := _import_of(name, text_.tree))), "")
    if later:
        yield Change(0, 0, later + "\n", f"`{name}` is used here, before the cell that imports it")
    elif parts := sorted({module for text_ in context.texts for module in _parts_of(name, text_.tree)} if not _is_bound(name, context) else ()):
        yield Change(0, 0, "".join(f"import {module}\n" for module in parts), f"cells import parts of `{name}`, and none `{name}` itself")
    elif not _is_bound(name, context) and (usual := usual_import(name)):
        yield Change(0, 0, usual + "\n", f"no cell imports `{name}`; this is what the name usually stands for")


def _import_of(name: str, tree: ast.Module) -> str:
    """The import of this one name, where a statement is an import that binds it."""
    for node in tree.body:
        for alias in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
            if (alias.asname or alias.name) == name:
                module = f"from {'.' * node.level}{node.module or ''} " if isinstance(node, ast.ImportFrom) else ""
                return f"{module}import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
    return ""


def _parts_of(name: str, tree: ast.Module) -> Iterator[str]:
    """The modules of a package that `from package.module import …` names."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == name:
            yield node.module or ""


def _is_bound(name: str, context: Context) -> bool:
    return any(name in statement_names(text.source).binds for text in context.texts)


RULE = on_failure("missing-import", _find, __doc__, message=_MESSAGE)
