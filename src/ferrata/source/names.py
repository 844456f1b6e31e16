"""What a statement's text says about names: reads, binds, deletes, may change. The text alone cannot know aliases or what a call does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ferrata.source.statements import parse

_DYNAMIC = frozenset(("exec", "eval", "globals", "locals", "vars", "__import__", "get_ipython"))
_MUTATORS = frozenset(
    "append extend insert remove pop clear sort reverse update add discard setdefault popitem fit "
    "fit_transform partial_fit compile train eval set_params load_weights load_state_dict zero_grad step "
    "backward seed shuffle write close".split()
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Names:
    """Global names of one statement (or several run in order).

    `reads` are needed when it runs, names that it binds first left out, builtins included; `deferred_reads`, `deferred_binds` and `deferred_mutates`
    happen when a function defined here is called. `mutates` is sure (item or attribute stored, `+=`, `inplace=True`, a method such as
    `append` or `fit`); `may_mutate` holds names with any method called on them or handed to a call. `stars` are modules of `import *`.
    """

    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()
    may_mutate: frozenset[str] = frozenset()
    deferred_reads: frozenset[str] = frozenset()
    deferred_binds: frozenset[str] = frozenset()
    deferred_mutates: frozenset[str] = frozenset()
    stars: tuple[str, ...] = ()
    is_dynamic: bool = False
    is_definition: bool = False


def statement_names(source: str) -> Names:
    """The names of a statement's source. Raises SyntaxError."""
    return body_names(parse(source).body)


def body_names(body: list[ast.stmt]) -> Names:
    """The names of statements that run one after the other."""
    visitor = _Visitor()
    for node in body:
        visitor.visit(node)
    sets = {name: frozenset(values) for name, values in visitor.found.items()}
    return Names(**sets, stars=tuple(visitor.stars), is_dynamic=visitor.is_dynamic, is_definition=bool(body) and all(is_definition(node) for node in body))


def is_definition(node: ast.stmt) -> bool:
    """Whether a statement only gives a name to something that does not depend on data: import, function, class, constant."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return True
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) for target in node.targets) and is_literal(node.value)
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None and is_literal(node.value)


def is_literal(node: ast.expr) -> bool:
    """Whether an expression is a constant, or a container of constants."""
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


_LABELS = frozenset({"columns", "index", "name"})  # what a table is called by, not what stands in it


def changed_content(source: str) -> frozenset[str]:
    """Names whose content the statement changes in place; `df.columns = …` only changes labels. Raises SyntaxError."""
    targets = [target for node in ast.walk(parse(source)) if isinstance(node, ast.Assign) for target in node.targets]
    return statement_names(source).mutates - {root_name(target) for target in targets if isinstance(target, ast.Attribute) and target.attr in _LABELS}


def root_name(node: ast.expr) -> str:
    """The name at the bottom of `name.attribute[item].method`, "" when there is none."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


class _Visitor(ast.NodeVisitor):
    """Walks in order of evaluation.

    `_scopes` are the local names of the enclosing functions and comprehensions; `_bound` what this statement surely bound so far.
    """

    def __init__(self) -> None:
        kinds = ("reads", "binds", "deletes", "mutates", "may_mutate", "deferred_reads", "deferred_binds", "deferred_mutates")
        self.found: dict[str, set[str]] = {kind: set() for kind in kinds}
        self.stars: list[str] = []
        self.is_dynamic = False
        self._scopes: list[set[str]] = []
        self._deferred = 0
        self._bound: set[str] = set()

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self._scopes)

    def _read(self, name: str) -> None:
        if self._is_local(name):
            return
        if self._deferred:
            self.found["deferred_reads"].add(name)
        elif name not in self._bound:
            self.found["reads"].add(name)
        self.is_dynamic = self.is_dynamic or name in _DYNAMIC

    def _bind(self, name: str) -> None:
        if self._is_local(name):
            return
        self.found["deferred_binds" if self._deferred else "binds"].add(name)
        if not self._deferred:
            self._bound.add(name)

    def _mutate(self, name: str, *, surely: bool = True) -> None:
        if not name or self._is_local(name):
            return
        if self._deferred:
            self.found["deferred_mutates"].add(name)
        else:
            self.found["mutates" if surely else "may_mutate"].add(name)

    @contextmanager
    def _scope(self, names: set[str], *, deferred: bool = False) -> Iterator[None]:
        self._scopes.append(names)
        self._deferred += deferred
        try:
            yield
        finally:
            self._scopes.pop()
            self._deferred -= deferred

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        elif not self._is_local(node.id) and not self._deferred:
            self._read(node.id)
            self.found["deletes"].add(node.id)
            self._bound.discard(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._mutate(root_name(node))
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._mutate(root_name(node))
        self.visit(node.value)
        self.visit(node.slice)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
            self._bind(node.target.id)
        else:
            self.visit(node.target)
        self._mutate(root_name(node.target))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
            self._mutate(root_name(argument), surely=False)
        for keyword in node.keywords:
            self.visit(keyword.value)
            self._mutate(root_name(keyword.value), surely=False)
        if isinstance(node.func, ast.Attribute):
            self._method(node, node.func)

    def _method(self, node: ast.Call, method: ast.Attribute) -> None:
        in_place = any(word.arg == "inplace" and isinstance(word.value, ast.Constant) and word.value.value is True for word in node.keywords)
        self._mutate(root_name(method.value), surely=in_place or method.attr in _MUTATORS)
        if method.attr in ("query", "eval") and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            for name in re.findall(r"@([^\W\d]\w*)", node.args[0].value):
                self._read(name)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.split(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.stars.append("." * node.level + (node.module or ""))
            else:
                self._bind(alias.asname or alias.name)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._signature(node.args)
        if node.returns is not None:
            self.visit(node.returns)
        self._bind(node.name)
        with self._scope(_local_names(node), deferred=True):
            self._block(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._signature(node.args)
        with self._scope(_local_names(node), deferred=True):
            self.visit(node.body)

    def _signature(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]:
            if argument is not None and argument.annotation is not None:
                self.visit(argument.annotation)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for expression in [*node.decorator_list, *node.bases, *(word.value for word in node.keywords)]:
            self.visit(expression)
        inner = _Visitor()
        inner._scopes, inner._deferred = list(self._scopes), self._deferred
        for statement in node.body:
            inner.visit(statement)
        self._merge_class(inner)
        self._bind(node.name)

    def _merge_class(self, inner: _Visitor) -> None:
        """A class body runs now; what it binds is its own, except for what its methods read as globals."""
        for kind, values in inner.found.items():
            if kind not in ("binds", "deletes"):
                self.found[kind] |= values - (self._bound if kind == "reads" else set())
        self.stars += inner.stars
        self.is_dynamic = self.is_dynamic or inner.is_dynamic

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)
        targets = {name.id for generator in node.generators for name in ast.walk(generator.target) if isinstance(name, ast.Name)}
        with self._scope(targets):
            for index, generator in enumerate(node.generators):
                if index:
                    self.visit(generator.iter)
                for condition in generator.ifs:
                    self.visit(condition)
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                self.visit(part)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _block(self, body: list[ast.stmt]) -> set[str]:
        """Visit a block that may not run: what it binds is not sure afterwards. Gives what is bound at its end."""
        before = set(self._bound)
        for statement in body:
            self.visit(statement)
        after, self._bound = self._bound, before
        return after

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._bound = self._block(node.body) & self._block(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        before = set(self._bound)
        self.visit(node.target)
        self._block(node.body)
        self._bound = before
        self._block(node.orelse)

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._block(node.body)
        self._block(node.orelse)

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        ends = [self._block([*node.body, *node.orelse])]
        ends += [self._handler(handler) for handler in node.handlers]
        self._bound = set.intersection(*ends)
        for statement in node.finalbody:
            self.visit(statement)

    def visit_TryStar(self, node: ast.TryStar) -> None:
        self.visit_Try(node)

    def _handler(self, handler: ast.ExceptHandler) -> set[str]:
        if handler.type is not None:
            self.visit(handler.type)
        before = set(self._bound)
        if handler.name and not self._is_local(handler.name):
            self._bound.add(handler.name)
        after = self._block(handler.body) - {handler.name or ""}
        self._bound = before
        return after

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            before = set(self._bound)
            for name in _pattern_names(case.pattern):
                self._bind(name)
            if case.guard is not None:
                self.visit(case.guard)
            self._block(case.body)
            self._bound = before

    def visit_Global(self, node: ast.Global) -> None:
        """`_local_names` leaves declared names out of the scope; nothing else to do."""


def _pattern_names(pattern: ast.pattern) -> set[str]:
    names = {getattr(node, "name", None) or getattr(node, "rest", None) for node in ast.walk(pattern)}
    return {name for name in names if name}


def _local_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """Parameters and names bound in the body of one function, those declared `global` left out."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    bound = {argument.arg for argument in every if argument is not None}
    declared: set[str] = set()
    stack: list[ast.AST] = list(function.body) if isinstance(function.body, list) else [function.body]
    while stack:
        node = stack.pop()
        bound |= _bound_by(node)
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            declared.update(node.names)
        stack += _children_in_scope(node)
    return bound - declared


def _bound_by(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return {node.id}
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.ExceptHandler) and node.name:
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names if alias.name != "*"}
    if isinstance(node, ast.Match):
        return set().union(*(_pattern_names(case.pattern) for case in node.cases))
    return set()


def _children_in_scope(node: ast.AST) -> list[ast.AST]:
    """Child nodes that share the function's scope: not the bodies of inner functions and classes, of comprehensions only `:=`."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return []
    if isinstance(node, _COMPREHENSIONS):
        return [inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)]
    return list(ast.iter_child_nodes(node))


def possible_mutations(source: str) -> frozenset[str]:
    """Names whose object a statement may change, as far as its text can tell: stored into, called on, or handed to a call."""
    names = statement_names(source)
    return names.mutates | names.may_mutate | names.deferred_mutates
