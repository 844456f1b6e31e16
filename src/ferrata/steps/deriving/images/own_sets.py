"""A data set class of the author's: what its `__getitem__` does with the file of one image, with the attributes of the object written out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ferrata.steps.deriving.images.body import Body
from ferrata.steps.deriving.images.readers import Readers
from ferrata.steps.deriving.places import Stuck

FOUND = "found"
_FOLDERS = ("ImageFolder", "DatasetFolder")


@dataclass(frozen=True)
class Item:
    """`lines` are the statements for one file, which the loop calls `variable`; `parts` is what the author's `return` gives, with the image in its place:
    `image` is the expression of the image alone, `whole` that of all, 0 for what is no image."""

    lines: str
    variable: str
    image: str
    whole: str


@dataclass
class OwnSet:
    """`attributes` is what the observer found in the object; `classes` are the author's own by name; `inside` gives the statements and the parts of an item
    of a data set that is an attribute of this one."""

    node: ast.ClassDef
    classes: Mapping[str, ast.ClassDef]
    attributes: Mapping[str, Mapping[str, Any]]
    readers: Readers
    taken: frozenset[str]
    inside: Callable[[str], Item] | None = None

    def method(self, name: str) -> ast.FunctionDef | None:
        """The author's own method of this name, of the class or of one that it extends."""
        node: ast.ClassDef | None = self.node
        while node is not None:
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name == name:
                    return each
            node = next((self.classes[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in self.classes), None)
        return None

    def item(self) -> Item:
        """Stuck where the file of an image is not all that it needs."""
        method = self.method("__getitem__")
        if method is None:
            raise Stuck(f"the class `{self.node.name}` has no `__getitem__` of its own")
        me, *parameters = [argument.arg for argument in method.args.args]
        steps = self._folded(me, [each for each in method.body if not _is_text(each)])
        last = steps[-1] if steps else None
        returns = [node for step in steps for node in ast.walk(step) if isinstance(node, ast.Return)]
        if not isinstance(last, ast.Return) or last.value is None or len(returns) != 1:
            raise Stuck(f"`{self.node.name}.__getitem__` gives its images back in several places")
        return self._written(steps[:-1], last.value, parameters)

    def _folded(self, me: str, steps: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Without the conditions on attributes of the object, which are known."""
        found: list[ast.stmt] = []
        for step in steps:
            known = self._known(me, step.test) if isinstance(step, ast.If) else None
            if isinstance(step, ast.If) and known is not None:
                found += self._folded(me, step.body if known else step.orelse)
            else:
                found += self._opened(me, step)
            if isinstance(found[-1] if found else None, ast.Return):
                break
        return found

    def _opened(self, me: str, step: ast.stmt) -> list[ast.stmt]:
        """The statement with the methods of the class that it calls, and the items of other data sets that it takes, written out before it."""
        if not isinstance(step, (ast.Assign, ast.Return, ast.Expr)) or step.value is None:
            return [step]
        if isinstance(step, ast.Assign) and self._is_item(me, step.value):
            return self._taken(step)
        hoisted = _Hoisted(me, self)
        step.value = hoisted.visit(step.value)
        return [*hoisted.before, step]

    def _is_item(self, me: str, node: ast.expr) -> bool:
        """`self.subset[i]`."""
        about = self._attribute(me, node.value) if isinstance(node, ast.Subscript) else None
        return bool(about and about.get("set")) and self.inside is not None

    def _taken(self, step: ast.Assign) -> list[ast.stmt]:
        assert isinstance(step.value, ast.Subscript) and isinstance(step.value.value, ast.Attribute) and self.inside is not None
        item = self.inside(step.value.value.attr)
        whole = ast.parse(item.whole, mode="eval").body
        target = step.targets[0]
        pairs = zip(target.elts, whole.elts, strict=False) if isinstance(target, ast.Tuple) and isinstance(whole, ast.Tuple) else [(target, whole)]
        taken = [ast.Assign([name], value) for name, value in pairs if ast.unparse(value) != "0"]
        return [*ast.parse(item.lines).body, *taken]

    def inlined(self, me: str, node: ast.Call) -> tuple[list[ast.stmt], ast.expr] | None:
        """The statements of a method that is called, and what it gives back; None for what is no method of the class."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == me else ""
        method = self.method(name) if name else None
        if method is None:
            return None
        own, *parameters = [argument.arg for argument in method.args.args]
        steps = self._folded(own, [each for each in method.body if not _is_text(each)])
        if own != me or not isinstance(steps[-1], ast.Return) or steps[-1].value is None or len(node.args) != len(parameters):
            raise Stuck(f"`{self.node.name}.{name}` could not be written out")
        given = [ast.Assign([ast.Name(parameter, ast.Store())], value) for parameter, value in zip(parameters, node.args, strict=True)
                 if ast.unparse(value) != parameter]
        return [*given, *steps[:-1]], steps[-1].value

    def _known(self, me: str, test: ast.expr) -> bool | None:
        """What the condition comes to; None where it is about more than the object."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self._known(me, test.operand)
            return None if inner is None else not inner
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self._compared(me, test)
        about = self._attribute(me, test)
        return bool(about["is_true"]) if about is not None else None

    def _compared(self, me: str, test: ast.Compare) -> bool | None:
        about, (other,) = self._attribute(me, test.left), test.comparators
        if about is None or not isinstance(other, ast.Constant):
            return None
        if other.value is None:
            is_same = bool(about["is_none"])
        elif about["text"]:
            is_same = ast.literal_eval(about["text"]) == other.value
        else:
            return None
        return is_same if isinstance(test.ops[0], (ast.Is, ast.Eq)) else not is_same if isinstance(test.ops[0], (ast.IsNot, ast.NotEq)) else None

    def _attribute(self, me: str, node: ast.expr) -> Mapping[str, Any] | None:
        is_own = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == me
        return self.attributes.get(node.attr) if is_own and isinstance(node, ast.Attribute) else None

    def _written(self, steps: Sequence[ast.stmt], value: ast.expr, parameters: Sequence[str]) -> Item:
        """The statements that the image needs, through the same slice as a loop over files."""
        parts = _parts(value)
        body = self._body([*steps, *(_kept(part) for part in parts)], parameters)
        if not any(body.opens(step) for step in body.steps):
            raise Stuck(f"`{self.node.name}.__getitem__` opens no file of an image")
        images = [part for part in parts if body.is_derived(part)]
        if len(images) != 1:
            raise Stuck(f"`{self.node.name}.__getitem__` gives {len(images)} things that are made of the image")
        body = self._body([*steps, _kept(images[0])], parameters)
        body.spread()
        lines = body.written({FOUND})
        *before, last = lines.split("\n")
        image = last.removeprefix(f"{FOUND}.append(").removesuffix(")")
        return Item("\n".join(before), body.variable, image, _whole(value, images[0], image))

    def _body(self, steps: Sequence[ast.stmt], parameters: Sequence[str]) -> Body:
        loop = ast.For(ast.Tuple([ast.Name(name, ast.Store()) for name in parameters], ast.Store()), ast.Name("items", ast.Load()), list(steps), [])
        source = ast.unparse(ast.fix_missing_locations(ast.Module([loop], [])))
        body = Body(source, self.readers, self.taken)
        body.targets = set(parameters)
        body.flatten(ast.parse(source).body[0].body)  # type: ignore[attr-defined]
        body.spread()
        return body


class _Hoisted(ast.NodeTransformer):
    """Calls of methods of the class become what these give back; their statements are collected in `before`."""

    def __init__(self, me: str, own: OwnSet) -> None:
        self.me, self.own, self.before = me, own, list[ast.stmt]()

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        found = self.own.inlined(self.me, node)
        if found is None:
            return node
        self.before += found[0]
        return found[1]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _parts(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, (ast.Tuple, ast.List)):
        return value.elts
    return value.values if isinstance(value, ast.Dict) else [value]


def _kept(part: ast.expr) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Attribute(ast.Name(FOUND, ast.Load()), "append", ast.Load()), [part], []))


def _whole(value: ast.expr, image: ast.expr, text: str) -> str:
    """What the author's `return` gives, 0 for all that is no image."""
    parts = [text if part is image else "0" for part in _parts(value)]
    if isinstance(value, ast.Dict):
        return "{" + ", ".join(f"{ast.unparse(key) if key else ''}: {part}" for key, part in zip(value.keys, parts, strict=True)) + "}"
    return f"({', '.join(parts)})" if isinstance(value, (ast.Tuple, ast.List)) else text


__all__ = ["FOUND", "Item", "OwnSet"]
