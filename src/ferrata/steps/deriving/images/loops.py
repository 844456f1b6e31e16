"""Loops over files of images, in the author's cells and functions, and the same for the images that are asked about."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ferrata.records.observation import Site
from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.source.names import body_names
from ferrata.steps.deriving.images.body import Body, is_place
from ferrata.steps.deriving.images.readers import FUNCTIONS, LOOPS, Readers, find_readers
from ferrata.steps.deriving.images.readings import ASKED, DROPPED, Reading, Readings
from ferrata.steps.deriving.images.trimming import trimmed
from ferrata.steps.deriving.places import Stuck, site_of

_ARRAYS = ("zeros", "empty", "ones", "full", "ndarray")  # of NumPy, with a shape first


def find_readings(sources: Mapping[int, str], order: Sequence[int]) -> Readings:
    """The loops over files among these statements; an empty record where images are not read one by one."""
    finder = _Finder(sources, order, find_readers(sources, order))
    for index in order:
        finder.search(index)
    finder.leave_out_loops()
    return finder.readings


@dataclass
class _Finder:
    sources: Mapping[int, str]
    order: Sequence[int]
    readers: Readers
    readings: Readings = field(default_factory=Readings)

    def search(self, index: int) -> None:
        (node, *_) = ast.parse(self.sources[index]).body
        if isinstance(node, ast.ClassDef):
            return
        if isinstance(node, ast.FunctionDef):
            self._function(index, node)
        else:
            self._scope(index, [node], self._later(index))

    def leave_out_loops(self) -> None:
        """A list is not yet whole where another loop fills it further."""
        spans = [(each.statement, *each.span) for each in self.readings.found]
        for reading in self.readings.found:
            is_own = reading.roots[:1] if not reading.containers else ()
            reading.roots = tuple(root for root in reading.roots if root in is_own or not any(self._is_in(root, span) for span in spans))

    def _is_in(self, root: tuple[int, Site], span: tuple[int, int, int]) -> bool:
        index, site = root
        return index == span[0] and span[1] <= LineTable(self.sources[index]).offset(site.line, site.column) < span[2]

    def _later(self, index: int) -> list[tuple[int, ast.AST]]:
        """The module's statements from this one on."""
        return [(i, ast.parse(self.sources[i])) for i in self.order[self.order.index(index) :]]

    def _function(self, index: int, node: ast.FunctionDef) -> None:
        if self._scope(index, node.body, [(index, node)]):
            self._once(self.readings.of(index))
            if not any(each.why for each in self.readings.of(index)):
                self.readings.found += trimmed(index, self.sources[index], node, self.readings.of(index))
            edited = apply_edits(self.sources[index], [(*each.span, each.text) for each in self.readings.of(index)])
            used = {each.id for each in ast.walk(ast.parse(edited)) if isinstance(each, ast.Name)}
            self.readings.unused[node.name] = frozenset(n for n, argument in enumerate(node.args.args) if argument.arg not in used)

    def _once(self, readings: Sequence[Reading]) -> None:
        """Two loops of one function that fill one list, a class each, are one."""
        for number, reading in enumerate(readings):
            earlier = [each for each in readings[:number] if each.containers & reading.containers]
            if earlier and any(each.text != reading.text for each in earlier):
                reading.why = reading.why or "images are read in several loops, each in another way"
            elif earlier:
                reading.text = "pass"

    def _scope(self, index: int, body: Sequence[ast.stmt], around: Sequence[tuple[int, ast.AST]]) -> bool:
        """Whether there is a loop over files in this body; `around` are the statements in which its lists are read."""
        before = len(self.readings.found)
        for statement in body:
            for outer, inner in self._loops(statement):
                self.readings.found.append(self._reading(index, statement, outer, inner, around))
        return len(self.readings.found) > before

    def _loops(self, statement: ast.stmt) -> Iterator[tuple[ast.AST, ast.AST]]:
        """(outermost, innermost) loop around each call that opens an image; for one outermost loop once."""
        seen: set[int] = set()
        for chain in _chains(statement, []):
            loops = [node for node in chain if isinstance(node, LOOPS) or _is_applied(node, self.readers)]
            is_opening = self.readers.path_of(chain[-1]) is not None and loops
            if (is_opening or (loops and loops[-1] is chain[-1] and not isinstance(chain[-1], LOOPS))) and id(loops[0]) not in seen:
                seen.add(id(loops[0]))
                yield loops[0], loops[-1]

    def _reading(self, index: int, statement: ast.stmt, outer: ast.AST, inner: ast.AST, around: Sequence[tuple[int, ast.AST]]) -> Reading:
        span = (0, 0)
        try:
            if isinstance(outer, (ast.For, ast.While)):
                span = node_span(LineTable(self.sources[index]), outer)
                return self._loop(index, statement, outer, inner, around)
            assert isinstance(outer, ast.expr)
            span = node_span(LineTable(self.sources[index]), outer)
            return Reading(index, span, self._expression(index, outer), roots=((index, site_of(outer)),))
        except Stuck as error:
            return Reading(index, span, "", why=str(error))

    def _loop(self, index: int, statement: ast.stmt, outer: ast.For | ast.While, inner: ast.AST, around: Sequence[tuple[int, ast.AST]]) -> Reading:
        source = self.sources[index]
        table = LineTable(source)
        span = node_span(table, outer)
        body = Body(source, self.readers, _names_of(around))
        body.flatten([outer])
        body.spread()
        containers = frozenset(name for name, _ in body.sinks())
        if not containers:
            raise Stuck("images are read in a loop that keeps nothing of them in a list")
        placed = {name: node for name, node in body.sinks() if is_place(node)}
        if placed:
            return self._placed(index, statement, outer, body, placed, around, containers)
        if isinstance(inner, ast.expr):
            text = self._collected(index, inner, next(node for _, node in body.sinks()))
        else:
            text = f"for {self._named(body)} in {ASKED}:\n" + "\n".join(f"    {line}" if line else "" for line in body.written(set(containers)).split("\n"))
        is_at_top = statement.col_offset == 0
        empty = "".join(f"{name} = []\n" for name in sorted(containers)) if is_at_top else ""
        indent = " " * outer.col_offset
        text = f"{empty}{text}".replace("\n", f"\n{indent}")
        return Reading(index, span, text, containers, tuple(_loads(containers, outer, index, around)), is_whole=is_at_top)

    def _placed(
        self, index: int, statement: ast.stmt, outer: ast.For | ast.While, body: Body, placed: Mapping[str, ast.stmt],
        around: Sequence[tuple[int, ast.AST]], containers: frozenset[str],
    ) -> Reading:
        """`X[i] = image`: the array is made anew, with a place for each image that is asked about."""
        if len(placed) > 1 or containers != frozenset(placed):
            raise Stuck("images are kept in several arrays")
        ((name, sink),) = placed.items()
        body.count(sink)
        source, made = self._array(index, statement, outer, name)
        lines = "\n".join(f"    {line}" if line else "" for line in body.written(set(containers)).split("\n"))
        text = f"{made}\nfor {body.counter}, {self._named(body)} in enumerate({ASKED}):\n{lines}".replace("\n", "\n" + " " * outer.col_offset)
        if source is not None:
            self.readings.found.append(Reading(index, source, DROPPED))
        span = node_span(LineTable(self.sources[index]), outer)
        return Reading(index, span, text, containers, tuple(_loads(containers, outer, index, around)), is_whole=statement.col_offset == 0)

    def _array(self, index: int, statement: ast.stmt, outer: ast.AST, name: str) -> tuple[tuple[int, int] | None, str]:
        """Where the author's function makes the array (None in a cell), and its text for the images that are asked about."""
        tree = ast.parse(self.sources[index]).body[0]
        is_function = isinstance(tree, ast.FunctionDef)
        before = [index] if is_function else list(reversed(self.order[: self.order.index(index)]))
        for i in before:
            nodes = tree.body if isinstance(tree, ast.FunctionDef) and i == index else ast.parse(self.sources[i]).body
            for node in reversed(nodes):
                if isinstance(node, ast.Assign) and [ast.unparse(each) for each in node.targets] == [name]:
                    table = LineTable(self.sources[i])
                    return node_span(table, node) if is_function else None, _with_places(self.sources[i], table, node)
        raise Stuck(f"images are put into places of `{name}`, and how that was made could not be told")

    def _named(self, body: Body) -> str:
        body._name_the_file()
        return body.variable

    def _collected(self, index: int, inner: ast.expr, sink: ast.stmt) -> str:
        """`X += [read(file) for file in files]`, whatever loop is around it."""
        source = self.sources[index]
        table = LineTable(source)
        start, end = node_span(table, sink)
        a, b = node_span(table, inner)
        return apply_edits(source[start:end], [(a - start, b - start, self._expression(index, inner))])

    def _expression(self, index: int, node: ast.expr) -> str:
        """A comprehension over files, or a function applied to each of them."""
        source = self.sources[index]
        table = LineTable(source)
        if isinstance(node, ast.Call):
            return self._applied(source, table, node)
        if isinstance(node, ast.DictComp):
            raise Stuck("images are kept in a dictionary by their files")
        assert isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp))
        body = Body(source, self.readers, frozenset())
        body.steps = [ast.copy_location(ast.Expr(node.elt), node.elt)]
        body.targets = {name.id for each in node.generators for name in ast.walk(each.target) if isinstance(name, ast.Name)}
        if not body.opens(node.elt):
            raise Stuck("images are opened in the condition of a comprehension")
        body._name_the_file()
        step = body.steps[0]
        labels = body._labels(node.elt)
        edits = [*body._paths(step), *((*node_span(table, label), "None") for label in labels)]
        text = body._text(step, [edit for n, edit in enumerate(edits) if not any(_inside(edit, other) for other in edits[:n] + edits[n + 1 :])])
        foreign = {each.id for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)} & (body.targets - {body.variable})
        if foreign:
            raise Stuck(f"what is made of an image depends on `{min(foreign)}` too, which is not in the image")
        opening, closing = ("[", "]") if isinstance(node, ast.ListComp) else ("(", ")")
        return f"{opening}{text} for {body.variable} in {ASKED}{closing}"

    def _applied(self, source: str, table: LineTable, node: ast.Call) -> str:
        function = node.args[0]
        text = source[slice(*node_span(table, function))]
        if isinstance(node.func, ast.Name):  # map(function, paths)
            return f"map({text}, {ASKED})"
        return f"pd.Series([str(path) for path in {ASKED}]).{node.func.attr if isinstance(node.func, ast.Attribute) else 'apply'}({text})"


def _with_places(source: str, table: LineTable, node: ast.Assign) -> str:
    """`X = np.zeros((len(paths), 64, 64, 3))` → `X = np.zeros((len(images), 64, 64, 3))`."""
    call = node.value
    shapes = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "shape")] if isinstance(call, ast.Call) else []
    is_array = isinstance(call, ast.Call) and ast.unparse(call.func).rsplit(".", 1)[-1] in _ARRAYS
    if not is_array or not shapes or not isinstance(shapes[0], (ast.Tuple, ast.List)) or not shapes[0].elts:
        raise Stuck(f"images are put into places of what `{ast.unparse(node)[:60]}` made: its shape is not written there")
    start, end = node_span(table, node)
    a, b = node_span(table, shapes[0].elts[0])
    return apply_edits(source[start:end], [(a - start, b - start, f"len({ASKED})")])


def _inside(edit: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    return other[0] <= edit[0] and edit[1] <= other[1] and (edit[0], edit[1]) != (other[0], other[1])


def _chains(node: ast.AST, above: list[ast.AST]) -> Iterator[list[ast.AST]]:
    """Each node with all that it is in; functions inside are scopes of their own."""
    here = [*above, node]
    yield here
    if above and isinstance(node, FUNCTIONS):
        return
    for child in ast.iter_child_nodes(node):
        yield from _chains(child, here)


def _is_applied(node: ast.AST, readers: Readers) -> bool:
    """`map(read, paths)`, `df["file"].apply(read)`."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    is_map = isinstance(node.func, ast.Name) and node.func.id == "map" and len(node.args) == 2
    is_method = isinstance(node.func, ast.Attribute) and node.func.attr in ("apply", "map", "progress_apply") and len(node.args) == 1
    return (is_map or is_method) and readers.takes_path(node.args[0])


def _loads(names: frozenset[str], outer: ast.AST, index: int, around: Sequence[tuple[int, ast.AST]]) -> Iterator[tuple[int, Site]]:
    """Where the lists are read after the loop."""
    end = (outer.end_lineno, outer.end_col_offset) if isinstance(outer, (ast.For, ast.While)) else (0, 0)
    for i, tree in around:
        for node in ast.walk(tree):
            is_load = isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
            if is_load and isinstance(node, ast.Name) and (i != index or (node.lineno, node.col_offset) >= end):
                yield i, site_of(node)


def _names_of(around: Sequence[tuple[int, ast.AST]]) -> frozenset[str]:
    found: set[str] = set()
    for _, tree in around:
        names = body_names(list(getattr(tree, "body", [])))
        found |= names.reads | names.binds
    return frozenset(found)
