"""Rewrite the author's statements so that the calls and numbers worth watching pass through a probe. Nothing else changes: same order of
evaluation, same values, same exceptions, same lines.

    model.fit(X, y=y)      becomes   __ferrata_call__(7, model.fit, X, y=y)
    print(f"{acc:.3f}")    becomes   print(f"{__ferrata_number__(8, acc):.3f}")
    best = max(scores)     becomes   best = __ferrata_number__(9, max(scores))
"""

import ast

from .vocabulary import DISPLAY, kind_of

CALL, NUMBER, SHOWN, MODEL = "__ferrata_call__", "__ferrata_number__", "__ferrata_shown__", "__ferrata_model__"
_COMPILED = frozenset(
    {"jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil", "script", "overload", "autojit"}
)  # these compile the function's own code
_COMPUTED = (ast.Call, ast.BinOp, ast.Subscript, ast.Attribute, ast.IfExp, ast.UnaryOp, ast.Await)


class Site:
    """Where a probe stands. `span` is [line, column, end line, end column] in the source of `statement`; `names` maps positions and
    keywords to the plain names written there; `count` is how often it was passed."""

    __slots__ = ("span", "role", "kind", "receiver", "names", "name", "count", "statement")

    def __init__(self, span, role, kind="", receiver="", names=None, name=""):
        self.span, self.role, self.kind, self.receiver, self.names, self.name = (
            span,
            role,
            kind,
            receiver,
            names or {},
            name,
        )
        self.count, self.statement = 0, -1


class Instrument(ast.NodeTransformer):
    """`sites` grows by one entry for every probe; `modules` also watches calls of plain names that may turn out to be torch modules."""

    def __init__(self, source, sites, modules=False):
        self._source, self._sites, self._modules, self._depth = source, sites, modules, 0

    def _probe(self, name, site, node, *rest):
        self._sites.append(site)
        number = ast.copy_location(ast.Constant(value=len(self._sites) - 1, kind=None), node)
        function = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)
        return ast.copy_location(ast.Call(func=function, args=[number, *rest], keywords=[]), node)

    def visit_FunctionDef(self, node):
        if any(
            _last_word(decorator.func if isinstance(decorator, ast.Call) else decorator) in _COMPILED
            for decorator in node.decorator_list
        ):
            return node
        self._depth += 1
        node.body = [self.visit(part) for part in node.body]
        self._depth -= 1
        node.args.defaults = [self.visit(part) for part in node.args.defaults]
        node.decorator_list = [self.visit(part) for part in node.decorator_list]
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def _loop(self, node):
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node

    visit_For = visit_While = visit_AsyncFor = visit_Lambda = visit_ListComp = visit_GeneratorExp = visit_DictComp = (
        visit_SetComp
    ) = _loop

    def visit_AnnAssign(self, node):
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Assign(self, node):
        span = _span(node.value)
        watched = len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and self._is_computed(node.value)
        node.value = self.visit(node.value)
        node.targets = [self.visit(target) for target in node.targets]
        if watched:
            node.value = self._probe(NUMBER, Site(span, "assigned", name=node.targets[0].id), node.value, node.value)
        return node

    def _is_computed(self, value):
        """In loops and functions only calls: arithmetic there may run millions of times."""
        if (
            not isinstance(value, _COMPUTED)
            or isinstance(value, ast.UnaryOp)
            and isinstance(value.operand, ast.Constant)
        ):
            return False
        return self._depth == 0 or any(isinstance(part, ast.Call) for part in ast.walk(value))

    def visit_Call(self, node):
        word = _last_word(node.func)
        if isinstance(node.func, ast.Name) and word in DISPLAY:
            node.args = [self._printed(part) for part in node.args]
            node.keywords = [self.visit(part) for part in node.keywords]
            return node
        kind = kind_of(word) if word else ""
        site = (
            Site(_span(node), "call", kind, self._receiver(node.func), _argument_names(node))
            if kind or self._may_be_module(node)
            else None
        )
        self.generic_visit(node)
        if site is None:
            return node
        probe = self._probe(CALL if kind else MODEL, site, node, node.func, *node.args)
        probe.keywords = node.keywords
        return probe

    def _may_be_module(self, node):
        return (
            self._modules
            and (isinstance(node.func, ast.Name) and not node.func.id[:1].isupper() and node.func.id not in _PLAIN)
            and 1 <= len(node.args) <= 3
        )

    def _receiver(self, function):
        return self._text(function.value if isinstance(function, ast.Attribute) else function)

    def _text(self, node):
        if isinstance(node, ast.Name):
            return node.id
        text = ast.get_source_segment(self._source, node) if isinstance(node, (ast.Attribute, ast.Subscript)) else None
        return text if text and len(text) <= 60 and "\n" not in text else ""

    def _printed(self, node):
        """Find the numbers in what is printed: f-strings, % and .format, concatenation with str()."""
        if isinstance(node, ast.Starred):
            node.value = self._printed(node.value)
            return node
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    part.value = self._printed(part.value)
            return node
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_text(node.left):
            node.right = self._each(node.right)
            return node
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Add)
            and (_is_text(node.left) or _is_text(node.right))
        ):
            node.left, node.right = self._printed(node.left), self._printed(node.right)
            return node
        if isinstance(node, ast.Call) and _formats(node):
            node.args = [self._printed(part) for part in node.args]
            for keyword in node.keywords:
                keyword.value = self._printed(keyword.value)
            return node
        return self._number(node)

    def _each(self, node):
        if isinstance(node, ast.Tuple):
            node.elts = [self._printed(part) for part in node.elts]
            return node
        return self._printed(node)

    def _number(self, node):
        if isinstance(node, (ast.Constant, ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom, ast.GeneratorExp)):
            return self.visit(node)
        span = _span(node)
        name = node.id if isinstance(node, ast.Name) else ""
        inside = self.visit(node)
        return self._probe(NUMBER, Site(span, "printed", name=name), inside, inside)


_PLAIN = frozenset(
    "len range print str int float list dict set tuple sum min max abs round zip map filter enumerate sorted isinstance type "
    "open input getattr setattr hasattr super locals vars eval exec dir globals iter next reversed any all bool bytes repr "
    "format id hash callable issubclass compile breakpoint display pow divmod".split()
)


def shown(tree, sites):
    """Make the trailing expression of a cell pass through the probe that displays it."""
    statement = tree.body[-1]
    sites.append(Site(_span(statement.value), "displayed"))
    number = ast.copy_location(ast.Constant(value=len(sites) - 1, kind=None), statement)
    call = ast.Call(func=ast.Name(id=SHOWN, ctx=ast.Load()), args=[number, statement.value], keywords=[])
    statement.value = ast.copy_location(call, statement.value)


def _span(node):
    return [node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]


def _last_word(function):
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _argument_names(node):
    found = {}
    for position, part in enumerate(node.args):
        if isinstance(part, ast.Starred):
            break
        if isinstance(part, ast.Name):
            found[str(position)] = part.id
    found.update(
        {
            keyword.arg: keyword.value.id
            for keyword in node.keywords
            if keyword.arg and isinstance(keyword.value, ast.Name)
        }
    )
    return found


def _is_text(node):
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        return _is_text(node.left) or _is_text(node.right)
    return (
        isinstance(node, ast.JoinedStr)
        or isinstance(node, ast.Call)
        and (_last_word(node.func) in ("str", "repr", "format"))
    )


def _formats(node):
    """`"…".format(…)` and `str(x)`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr == "format" and _is_text(node.func.value)
    return isinstance(node.func, ast.Name) and node.func.id in ("str", "repr") and len(node.args) == 1
