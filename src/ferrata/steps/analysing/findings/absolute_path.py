"""A path that exists on one machine only.

The notebook runs nowhere else, not even on the author's next computer.

Bad:

    df = pd.read_csv("C:/Users/ana/Desktop/churn.csv")

Good:

    df = pd.read_csv("data/churn.csv")

Certain: `sure`; it stands in the code. Paths of `/tmp` and of the system are not reported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, Place, parsed

CODE = "F402"
NAME = "absolute-path"

_FOREIGN = re.compile(
    r"(?:file://)?(?:[A-Za-z]:[\\/](?![\\/])[^\s\\/:*?\"<>|][^:*?\"<>|\n]*|\\\\[\w.$\-]+\\[^\n]+"
    r"|/(?:home|Users|content|kaggle|mnt|media|Volumes|dbfs|root|gdrive|workspace|scratch|gpfs|nfs|data|datasets)/[^\n]+|~/[^\n]+)"
)
_MOUNT_POINT = re.compile(r"/content/(g?drive/?)?$")


def find(context: FindingContext) -> Iterable[Finding]:
    told: set[str] = set()
    for statement in context.notebook.statements:
        for node in _texts(statement.source):
            path = str(node.value)
            if _FOREIGN.fullmatch(path) and not _MOUNT_POINT.fullmatch(path) and path not in told:
                told.add(path)
                yield _finding(context, statement.index, node, path)


def _texts(source: str) -> Iterator[ast.Constant]:
    """String constants that may be paths; not those of documentation or f-strings' parts."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, (ast.Call, ast.Assign, ast.keyword, ast.BinOp, ast.List, ast.Tuple, ast.Dict)):
            children = node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node)
            yield from (child for child in children if isinstance(child, ast.Constant) and isinstance(child.value, str))


def _finding(context: FindingContext, index: int, node: ast.Constant, path: str) -> Finding:
    where: Place = context.place(index, node.lineno)
    edit = next((edit for edit in context.edits if edit.statement == index and _is_about(edit.before, path)), None)
    name = re.split(r"[\\/]", path.rstrip("\\/"))[-1]
    here = f'Keep `{name}` with the project and write `"data/{name}"`.'
    todo = f"In the pipeline it reads `{edit.after}`; write it so in the notebook too." if edit else here
    return Finding(
        CODE, NAME, where.cell, where.line, what=f"`{path}` is a path of one machine.",
        why="On any other machine the notebook stops here.", todo=todo,
    )


def _is_about(before: str, path: str) -> bool:
    return path in before or path.replace("\\", "\\\\") in before
