"""What a loop over files does with each of them, without its labels: the statements between the opened file and what is kept of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.source.names import body_names
from ferrata.steps.deriving.images.readers import Readers
from ferrata.steps.deriving.places import Stuck

_HANDS_ON = (ast.Continue, ast.Break, ast.Pass)


@dataclass
class Body:
    """`steps` in order, without the loops, conditions and attempts around them; `targets` are the loops' own variables, `variable` names the file, and
    `counter` its number, where images are put into places of an array."""

    source: str
    readers: Readers
    taken: frozenset[str]
    steps: list[ast.stmt] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    variable: str = "path"
    path: str = ""
    counter: str = ""

    def __post_init__(self) -> None:
        self.table = LineTable(self.source)

    def flatten(self, statements: Sequence[ast.stmt]) -> None:
        for node in statements:
            if not self.opens(node):
                self.steps.append(node)
            elif isinstance(node, (ast.For, ast.While)):
                self.targets |= _names_in(node.target) if isinstance(node, ast.For) else set()
                self.flatten(node.body)
            elif isinstance(node, ast.Try):
                self.flatten(node.body)
            elif isinstance(node, ast.If):
                self.flatten(node.body if any(map(self.opens, node.body)) else node.orelse)
            elif isinstance(node, ast.With) and not any(self.opens(item.context_expr) for item in node.items):
                self.flatten(node.body)
            else:
                self.steps.append(node)

    def opens(self, node: ast.AST) -> bool:
        return any(self.readers.path_of(each) is not None for each in ast.walk(node))

    def is_derived(self, node: ast.AST) -> bool:
        """Whether this is made of the image."""
        return self.opens(node) or bool(_names_in(node) & self.derived)

    def spread(self) -> None:
        """Which names are made of the image."""
        for _ in range(2):  # a name may be used in a later turn of a condition
            for node in self.steps:
                for each in (each for each in ast.walk(node) if isinstance(each, ast.stmt)):
                    parts = [item.context_expr for item in each.items] if isinstance(each, ast.With) else [each]
                    if not isinstance(each, (ast.If, ast.Try)) and any(map(self.is_derived, parts)):
                        self.derived |= body_names([each]).binds
        self.derived -= self.targets

    def sinks(self) -> list[tuple[str, ast.stmt]]:
        """Where something made of the image is put into a list (or table) that was there before: (its name, the statement)."""
        own = {name for node in self.steps if not isinstance(node, ast.AugAssign) for name in body_names([node]).binds}
        found = [(name, node, values) for step in self.steps for node in ast.walk(step) if isinstance(node, ast.stmt) for name, values in _kept(node)]
        return [(name, node) for name, node, values in found if name not in own and any(map(self.is_derived, values))]

    def count(self, sink: ast.stmt) -> None:
        """Take the author's own name for the number of an image, of `X[i] = image` or `X[i, :, :] = image`."""
        place = sink.targets[0].slice if isinstance(sink, ast.Assign) and isinstance(sink.targets[0], ast.Subscript) else None
        place = place.elts[0] if isinstance(place, ast.Tuple) and place.elts else place
        if not isinstance(place, ast.Name) or self.counter not in ("", place.id):
            raise Stuck(f"the place of an image in `{ast.unparse(sink)[:40]}` is computed")
        self.counter = place.id

    def written(self, containers: set[str]) -> str:
        """The statements that are needed for these lists, for one image; Stuck where they need more than the file."""
        self._name_the_file()
        sinks = {id(node) for name, node in self.sinks() if name in containers}
        needed: set[str] = set()
        lines: list[str] = []
        for node in reversed(self.steps):
            text, reads = self._step(node, sinks, needed)
            if text:
                lines.insert(0, text)
                reads = reads - {self.counter}
                needed = (needed - self._rebound(node)) | (reads - {self.variable} if self.opens(node) else reads)
        foreign = needed & (self.targets - {self.variable, self.counter})
        if foreign:
            raise Stuck(f"what is made of an image depends on `{min(foreign)}` too, which is not in the image")
        return "\n".join(lines)

    def _rebound(self, node: ast.stmt) -> set[str]:
        names = body_names([node])
        return set(names.binds - names.reads - names.mutates) if not isinstance(node, (ast.If, ast.With)) else set()

    def _step(self, node: ast.stmt, sinks: set[int], needed: set[str]) -> tuple[str, set[str]]:
        """The statement as it is written, and the names that it needs; ("", …) where nothing needs it."""
        if isinstance(node, (ast.If, ast.With)) and not _is_guard(node):
            return self._block(node, sinks, needed)
        names = body_names([node])
        is_wanted = id(node) in sinks or bool((names.binds | names.mutates | self._changed(node)) & needed)
        is_wanted = is_wanted or (_is_guard(node) and isinstance(node, ast.If) and bool(needed) and self._is_about_the_image(node.test))
        if not is_wanted:
            return "", set()
        edits = self._edits(node, is_sink=id(node) in sinks)
        text = self._text(node, edits)
        return text, set(body_names(ast.parse(_flush(text)).body).reads)

    def _changed(self, node: ast.stmt) -> set[str]:
        """`img.thumbnail((64, 64))`: a method called for what it does."""
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            return {call.func.value.id}
        return set()

    def _is_about_the_image(self, test: ast.expr) -> bool:
        return self.is_derived(test) and not _names_in(test) & self.targets

    def _block(self, node: ast.If | ast.With, sinks: set[int], needed: set[str]) -> tuple[str, set[str]]:
        """`if img is not None: …` and `with Image.open(path) as img: …`, with what is needed of their bodies."""
        inner = set(needed)
        branches = []
        for branch in [node.body, node.orelse] if isinstance(node, ast.If) else [node.body]:
            lines: list[str] = []
            for each in reversed(branch):
                text, reads = self._step(each, sinks, inner)
                lines[:0] = [text] if text else []
                inner |= reads if text else set()
            branches.append(lines)
        if not any(branches):
            return "", set()
        if isinstance(node, ast.If) and not self._is_about_the_image(node.test):
            return "\n".join(line for lines in branches[:1] for line in lines), inner
        head, reads = self._head(node)
        blocks = [f"{head}\n{_indented(branches[0] or ['pass'])}"]
        blocks += [f"else:\n{_indented(branches[1])}"] if len(branches) > 1 and branches[1] else []
        return "\n".join(blocks), inner | reads

    def _head(self, node: ast.If | ast.With) -> tuple[str, set[str]]:
        start, end = node_span(self.table, node)[0], node_span(self.table, node.body[0])[0]
        parts: list[ast.expr] = [node.test] if isinstance(node, ast.If) else [item.context_expr for item in node.items]
        edits = [edit for part in parts for edit in self._paths(part)]
        head = apply_edits(self.source[start:end], [(a - start, b - start, text) for a, b, text in edits]).rstrip()
        return head, {name for part in parts for name in _names_in(part)} - ({self.variable} if self.path in _all(parts) else set())

    def _edits(self, node: ast.stmt, *, is_sink: bool) -> list[tuple[int, int, str]]:
        """The file's name in place of the path, and None for a label beside the image."""
        labels = [label for _, values in _kept(node) for value in values for label in self._labels(value)] if is_sink else []
        spans = [node_span(self.table, label) for label in labels]
        edits = [edit for edit in self._paths(node) if not any(a <= edit[0] < b for a, b in spans)]
        return edits + [(a, b, "None") for a, b in spans]

    def _labels(self, value: ast.expr) -> list[ast.expr]:
        parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
        return [part for part in parts if not self.is_derived(part)] if any(map(self.is_derived, parts)) else []

    def _paths(self, node: ast.AST) -> list[tuple[int, int, str]]:
        found = []
        for each in ast.walk(node):
            path = self.readers.path_of(each)
            if path is not None and not self.opens(path):
                if ast.unparse(path) != self.path:
                    raise Stuck(f"what is made of an image needs two files, `{self.path}` and `{ast.unparse(path)}`")
                found.append((*node_span(self.table, path), self.variable))
        return found

    def _name_the_file(self) -> None:
        """The author's own name for the path, where it has one."""
        calls = [each for node in self.steps for each in ast.walk(node)]
        path = next(path for path in map(self.readers.path_of, calls) if path is not None and not self.opens(path))
        self.path = ast.unparse(path)
        used = self.taken | {name for node in self.steps for name in _names_in(node)}
        self.variable = path.id if isinstance(path, ast.Name) else next(name for name in ("path", "image_path", "image_file_path") if name not in used)

    def _text(self, node: ast.stmt, edits: list[tuple[int, int, str]]) -> str:
        start, end = node_span(self.table, node)
        text = apply_edits(self.source[start:end], [(a - start, b - start, new) for a, b, new in edits])
        return _flush(text, node.col_offset)


def _flush(text: str, indent: int = 0) -> str:
    """The lines after the first, moved left."""
    first, *others = text.split("\n")
    return "\n".join([first, *(line[indent:] if not line[:indent].strip() else line for line in others)])


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" if line else "" for text in lines for line in text.split("\n"))


def _all(parts: Sequence[ast.expr]) -> set[str]:
    return {ast.unparse(each) for part in parts for each in ast.walk(part) if isinstance(each, ast.expr)}


def _names_in(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _is_guard(node: ast.stmt) -> bool:
    """`if img is None: continue`."""
    return isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], ast.Continue)


def _kept(node: ast.stmt) -> list[tuple[str, list[ast.expr]]]:
    """The list or array that the statement puts something into, and what: `X.append(a)`, `X += [a]`, `X.extend([a])`, `X[i] = a`."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        if call.func.attr in ("append", "extend") and call.args:
            return [(call.func.value.id, call.args)]
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and isinstance(node.op, ast.Add):
        return [(node.target.id, node.value.elts)] if isinstance(node.value, ast.List) else [(node.target.id, [node.value])]
    if is_place(node):
        return [(node.targets[0].value.id, [node.value])]  # type: ignore[attr-defined]
    return []


def is_place(node: ast.stmt) -> bool:
    """`X[i] = a`."""
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    return isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)


__all__ = ["Body", "is_place"]
