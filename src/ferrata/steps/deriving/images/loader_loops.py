"""What a notebook does with a batch between the loader that gives it and the network that is asked about it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from ferrata.records.observation import Site
from ferrata.source.names import body_names
from ferrata.steps.deriving.places import Stuck, site_of

_BLOCKS = (ast.With, ast.If, ast.Try, ast.For, ast.While)
_TO = ("to", "cuda", "cpu")


@dataclass(frozen=True)
class Asking:
    """`target` is what the loop calls a batch, or the one part of it that is needed (`is_whole` is False then); `lines` are the author's statements from there
    to the call, `given` is the expression that the network is given."""

    target: str
    is_whole: bool
    lines: tuple[str, ...]
    given: str


def asking(source: str, site: Site) -> Asking:
    """Stuck where the call does not stand in a loop over a loader, or needs more than its images."""
    tree = ast.parse(source)
    chain = _to_call(tree, site)
    call = chain[-1]
    assert isinstance(call, ast.Call)
    if len(call.args) != 1 or call.keywords:
        raise Stuck(f"`{ast.unparse(call)[:60]}`: the network is given more than images")
    loops = [number for number, node in enumerate(chain) if isinstance(node, (ast.For, ast.ListComp, ast.GeneratorExp))]
    if not loops:
        raise Stuck(f"`{ast.unparse(call)[:60]}` does not stand in a loop over a loader of torch")
    return _in_loop(chain[loops[-1]], chain[loops[-1] :], call.args[0])


def _in_loop(loop: ast.AST, chain: Sequence[ast.AST], given: ast.expr) -> Asking:
    target = _target(loop)
    needed, lines = _names(given), list[str]()
    for node in reversed(_before(loop, chain)):
        names = body_names([node])
        if (names.binds | names.mutates) & needed and not isinstance(node, (ast.For, ast.While)):
            made = ast.parse(_on_this_machine(node)).body[0]
            if not _says_nothing(made):
                lines.insert(0, ast.unparse(made))
                needed = (needed - names.binds) | set(body_names([made]).reads)
    wanted = [name for name in _names_of_target(target) if name in needed]
    if not wanted:
        raise Stuck(f"what the network is given, `{ast.unparse(given)[:60]}`, is not made of what the loop goes through")
    is_whole = isinstance(target, ast.Name) or len(wanted) > 1
    said = ast.unparse(target).strip("()") if is_whole else wanted[0]
    return Asking(said, is_whole, tuple(lines), _on_this_machine(given))


def _target(loop: ast.AST) -> ast.expr:
    """The variable of the loop without the number that `enumerate` gives."""
    target, each = (loop.target, loop.iter) if isinstance(loop, ast.For) else (loop.generators[-1].target, loop.generators[-1].iter)  # type: ignore[attr-defined]
    inner = each
    while isinstance(inner, ast.Call) and ast.unparse(inner.func).rsplit(".", 1)[-1] in ("tqdm", "track", "progress_bar", "trange") and inner.args:
        inner = inner.args[0]
    if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "enumerate" and isinstance(target, ast.Tuple):
        return target.elts[1]
    if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "zip":
        raise Stuck("the network is asked in a loop over several things at once")
    assert isinstance(target, ast.expr)
    return target


def _to_call(tree: ast.AST, site: Site) -> list[ast.AST]:
    """The nodes from the outermost to the call at the site."""
    waiting: list[list[ast.AST]] = [[tree]]
    while waiting:
        chain = waiting.pop()
        if isinstance(chain[-1], ast.Call) and site_of(chain[-1]) == site:
            return chain
        waiting += [[*chain, child] for child in ast.iter_child_nodes(chain[-1])]
    raise Stuck("the call of the network could not be told")


def _before(loop: ast.AST, chain: Sequence[ast.AST]) -> list[ast.stmt]:
    """The statements of the loop's body that come before the call, those of the blocks around it included."""
    found: list[ast.stmt] = []
    inside = {id(node) for node in chain}
    blocks = [node for node in chain if isinstance(node, _BLOCKS)] if isinstance(loop, ast.For) else []
    for block in blocks:
        for body in (block.body, getattr(block, "orelse", [])):
            if any(id(each) in inside for each in body):
                at = next(number for number, each in enumerate(body) if id(each) in inside)
                found += body[:at]
    return found


class _Here(ast.NodeTransformer):
    """`x.to(device)` → `x`: the project's network is on the CPU, and so is what it is given."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _TO:
            return node
        kept = [each for each in node.args if _is_type(each)]
        named = [each for each in node.keywords if each.arg == "dtype"]
        return ast.Call(node.func, kept, named) if (kept or named) and node.func.attr == "to" else node.func.value


def _is_type(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "torch"


def _on_this_machine(node: ast.AST) -> str:
    return ast.unparse(_Here().visit(ast.parse(ast.unparse(node))))


def _says_nothing(node: ast.AST) -> bool:
    """`x = x`, `x, y = (x, y)`."""
    return isinstance(node, ast.Assign) and len(node.targets) == 1 and ast.unparse(node.targets[0]).strip("()") == ast.unparse(node.value).strip("()")


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _names_of_target(target: ast.expr) -> list[str]:
    return [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]


__all__ = ["Asking", "asking"]
