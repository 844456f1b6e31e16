"""Let every expression of the author's statements pass through a probe, `__rows__(number, value)`, and every loop tell its variable."""

import ast

from .moves import BACK, FILLS, WATCHED

PROBE, TURN, ASKED = "__rows__", "__rows_turn__", "__rows_asked__"
_WATCHED = (ast.Attribute, ast.Subscript, ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.List, ast.Tuple, ast.Dict)
_SAID_AGAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.List, ast.Tuple, ast.Slice, ast.Load)
_VIEWS = ("values", "iloc", "loc")
FITS = ("fit", "fit_predict", "fit_transform")
_GIVEN = ("assign", "pipe")  # methods that give a function the table itself, or a copy of it
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def given(call):
    """The text of the rows that a call of `fit` is given, where it is a name or columns of one: it can be said again later."""
    rows = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg in ("X", "x")), None)
    is_plain = rows is not None and all(isinstance(node, _SAID_AGAIN) and getattr(node, "attr", "values") in _VIEWS for node in ast.walk(rows))
    return ast.unparse(rows) if is_plain and hasattr(ast, "unparse") else ""


def _is_network(node):
    return any(getattr(base, "attr", getattr(base, "id", "")).endswith("Module") for base in node.bases)


class Place:
    """One watched expression: where it stands, the watched ones right below it, and what it calls."""

    def __init__(self, statement, node, below):
        self.statement, self.below = statement, below
        self.site = [node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]
        self.is_name, self.name = isinstance(node, ast.Name), getattr(node, "id", "")
        self.is_call, self.is_subscript = isinstance(node, ast.Call), isinstance(node, ast.Subscript)
        self.is_display = isinstance(node, (ast.Tuple, ast.List))
        self.attribute = node.attr if isinstance(node, ast.Attribute) else ""
        self.method = node.func.attr if self.is_call and isinstance(node.func, ast.Attribute) else ""
        self.function = self.method or (_name(node.func) if self.is_call else "")
        self.given = getattr(node, "given", "")  # of a call that fits: the text of its rows
        self.is_inside = False  # a function, which may be called for one column after the other
        self.is_filled = False  # what a method such as `ffill` is called on
        self.owner = None  # the place whose value a lambda is given: `d` in `df.assign(x=lambda d: …)` is `df`
        self.arguments = _arguments(node) if self.method in WATCHED else {}


def _arguments(call):
    """By place or name: a constant, or (PROBE, the number of the place that was watched)."""
    given = {**dict(enumerate(call.args)), **{k.arg: k.value for k in call.keywords}}
    return {name: (PROBE, node.args[0].value) if isinstance(node, ast.Call) else node.value for name, node in given.items()
            if isinstance(node, (ast.Call, ast.Constant))}


def _name(function):
    """Of a plain call; the model that is asked may have been watched already."""
    if isinstance(function, ast.Call) and isinstance(function.func, ast.Name) and function.func.id == ASKED:
        function = function.args[0]
    return function.id if isinstance(function, ast.Name) else ""


class _Moving(ast.NodeTransformer):
    """Of the items of a comprehension only what looks at the rows before a row is watched."""

    def __init__(self, instrument):
        self.instrument = instrument

    def visit_Call(self, node):
        is_moving = isinstance(node.func, ast.Attribute) and node.func.attr in BACK
        return self.instrument.visit(node) if is_moving else self.generic_visit(node)


class Instrument(ast.NodeTransformer):
    """Wraps what is loaded; what is stored, deleted, annotated, or inside a comprehension stays as it is (but see _Moving)."""

    def __init__(self, statement, places, asks=()):
        """`asks`: methods of models whose calls are noted, and with them the calls of models themselves."""
        self.statement, self.places, self.asks = statement, places, asks
        self._below, self._depth = [[]], 0
        self._owners, self._given = {}, None

    def visit(self, node):
        if isinstance(node, ast.JoinedStr):
            return node
        if isinstance(node, ast.Lambda):
            return self._lambda(node)
        if isinstance(node, _COMPREHENSIONS):
            return self._watched(node, self._comprehension)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            return self._watched(node, lambda node: node)
        if isinstance(node, _WATCHED) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return self._watched(node, self._inner)
        return super().visit(node)

    def _watched(self, node, inner):
        self._below.append([])
        made = inner(node)
        below = self._below.pop()
        self.places.append(Place(self.statement, node, below))
        number = len(self.places) - 1
        self.places[number].is_inside = self._depth > 0
        self.places[number].owner = self._owners.get(node.id) if isinstance(node, ast.Name) else None
        self._below[-1].append(number)
        call = ast.Call(ast.Name(PROBE, ast.Load()), [ast.Constant(number), made], [])
        return ast.copy_location(call, node)

    def _inner(self, node):
        if isinstance(node, ast.Call):
            return self._call(node)
        return self.generic_visit(node)

    def _call(self, node):
        """The function itself is not watched, what its method belongs to is."""
        if isinstance(node.func, ast.Attribute):
            asked = node.func.attr in self.asks
            if node.func.attr in FITS:
                node.given = given(node)
            node.func.value = self.visit(node.func.value)
            if node.func.attr in FILLS and isinstance(node.func.value, ast.Call):
                self.places[node.func.value.args[0].value].is_filled = True
            if asked:
                node.func.value = self._asked(node.func.value, node)
        elif isinstance(node.func, ast.Name) and self.asks:
            node.func = self._asked(node.func, node)
        is_given = isinstance(node.func, ast.Attribute) and node.func.attr in _GIVEN and isinstance(node.func.value, ast.Call)
        before, self._given = self._given, node.func.value.args[0].value if is_given else None
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        self._given = before
        return node

    def _asked(self, node, call):
        site = [self.statement, call.lineno, call.col_offset, call.end_lineno, call.end_col_offset]
        return ast.copy_location(ast.Call(ast.Name(ASKED, ast.Load()), [node, *map(ast.Constant, site)], []), node)

    def _comprehension(self, node):
        node.generators[0].iter = self.visit(node.generators[0].iter)
        for name in ("elt", "value"):
            if hasattr(node, name):
                setattr(node, name, _Moving(self).visit(getattr(node, name)))
        return node

    def visit_Starred(self, node):
        return self.generic_visit(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Assign(self, node):
        node.value = self.visit(node.value)
        node.targets = [self._target(target) for target in node.targets]
        return node

    def _target(self, target):
        """Of `df.loc[rows, "a"] = …` the rows are watched."""
        if isinstance(target, ast.Subscript):
            target.slice = self.visit(target.slice)
        return target

    def visit_AugAssign(self, node):
        node.value = self.visit(node.value)
        return node

    def visit_AnnAssign(self, node):
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_For(self, node):
        node = self.generic_visit(node)
        if isinstance(node.target, ast.Name):
            turn = ast.Expr(ast.Call(ast.Name(TURN, ast.Load()), [ast.Name(node.target.id, ast.Load())], []))
            end = ast.Expr(ast.Call(ast.Name(TURN, ast.Load()), [], []))
            node.body = [turn, *node.body, end]
        return node

    def visit_FunctionDef(self, node):
        self._depth += 1
        node.body = [self.visit(statement) for statement in node.body]
        self._depth -= 1
        return node

    def _lambda(self, node):
        """What it says of tables outside of it is watched, as in a function."""
        before, names = dict(self._owners), [argument.arg for argument in node.args.args]
        self._owners.update(dict.fromkeys(names, self._given if len(names) == 1 else None))
        self._depth += 1
        self._below.append([])
        node.body = self.visit(node.body)
        self._below.pop()
        self._depth -= 1
        self._owners = before
        return node

    def visit_ClassDef(self, node):
        """Where images are followed, what an author's data set is made of is watched too."""
        for each in node.body if self.asks else ():
            if isinstance(each, ast.FunctionDef) and each.name == "__init__" and not _is_network(node):
                each.body = [self.visit(statement) for statement in each.body]
        return node

    def visit_AsyncFunctionDef(self, node):
        return node

    def visit_Match(self, node):
        return node
