"""The author's statements with the plan's changes applied, ready for a function body."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from ferrata.records.plan import Change
from ferrata.source.edits import apply_edits, reindent
from ferrata.source.names import statement_names


def changed(source: str, changes: Iterable[Change], renames: Mapping[str, str]) -> str:
    """Apply all changes of one statement. Insertions at one place are joined: what opens a longer span comes first, what closes a shorter one too."""
    merged: dict[tuple[int, int], str] = {}
    for change in changes:
        text = _renamed(change.text, renames)
        key = (change.start, change.end)
        merged[key] = merged.get(key, "") + text
    return apply_edits(source, [(start, end, text) for (start, end), text in _without_clashes(merged)])


def _without_clashes(merged: Mapping[tuple[int, int], str]) -> list[tuple[tuple[int, int], str]]:
    """An insertion at the start of a replaced span goes in front of the replacement."""
    result: dict[tuple[int, int], str] = {}
    for (start, end), text in sorted(merged.items()):
        longer = [key for key in merged if key[0] == start and key[1] > end]
        if start == end and longer:
            result[longer[0]] = text + merged[longer[0]]
        else:
            result.setdefault((start, end), text)
    return list(result.items())


def _renamed(text: str, renames: Mapping[str, str]) -> str:
    """Ours stands first on its line; what it is given is the author's, who may have a function of the same name."""
    for name, other in renames.items():
        text = re.sub(rf"^(\W*(?:\w+ = )?){re.escape(name)}(?=[\[(])", rf"\g<1>{other}", text, flags=re.MULTILINE) if name != other else text
    return text


def names_in(texts: Iterable[str]) -> set[str]:
    """Every identifier that the texts load, store or define."""
    found: set[str] = set()
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).split(".")[0])
    return found


def global_names(text: str) -> frozenset[str]:
    """Names that a statement takes from around it, also when a function that it defines is called; locals and parameters are not among them."""
    names = statement_names(text)
    return names.reads | names.deferred_reads | names.deferred_binds | names.deferred_mutates


def loaded_in(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)} | _annotation_names(text)


def _annotation_names(text: str) -> set[str]:
    """Names inside strings that libraries evaluate (`df.query("x > @limit")`, `eval("a + b")`)."""
    strings = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {name for string in strings for name in re.findall(r"@(\w+)", string)}


def imported_modules(text: str) -> set[str]:
    """Top-level modules that a statement imports."""
    nodes = list(ast.walk(ast.parse(text)))
    plain = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}


def block(text: str, indent: str) -> str:
    return reindent(text, indent)


def needs_module_scope(texts: Iterable[str]) -> bool:
    """Code that looks at or changes its own module's globals only works at module level."""
    return any(_touches_globals(node) for text in texts for node in ast.walk(ast.parse(text)))


def _touches_globals(node: ast.AST) -> bool:
    if isinstance(node, ast.Global):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("globals", "locals", "exec", "eval", "vars") and (
        node.func.id not in ("vars",) or not node.args
    )


def uses_await(texts: Iterable[str]) -> bool:
    return any(_awaits(ast.parse(text)) for text in texts)


def _awaits(node: ast.AST) -> bool:
    if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)) or (isinstance(node, ast.comprehension) and node.is_async):
        return True
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
    return any(_awaits(child) for child in ast.iter_child_nodes(node) if not isinstance(child, scopes))


def free_name(name: str, alternatives: Sequence[str], taken: Collection[str]) -> str:
    return next((candidate for candidate in (name, *alternatives) if candidate not in taken), f"{name}_")
