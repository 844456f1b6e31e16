"""Which global names a statement uses and stores, from its text; and which ones a function uses, from its code object."""

import ast
import builtins
import dis

_MUTATING = (
    ast.Call,
    ast.Await,
    ast.AugAssign,
    ast.Delete,
    ast.With,
    ast.AsyncWith,
    ast.For,
    ast.AsyncFor,
    ast.Yield,
    ast.YieldFrom,
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Usage:
    """`reads`: names used before the statement itself has surely set them; `stores`: names it surely binds; `may_store`: names it may bind;
    `deletes`; `may_mutate`: False when nothing in it can change an object; `definition`: it is a def or class."""

    def __init__(self, tree):
        flow = _Flow(tree.body[0] if len(tree.body) == 1 else None)
        self.stores = flow.block(tree.body, set())
        self.reads, self.may_store, self.deletes = flow.reads, flow.stored, flow.deleted
        self.may_mutate = any(_can_mutate(node) for node in ast.walk(tree))
        self.is_import = all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in tree.body)
        self.calls_backward = any(
            isinstance(node, ast.Attribute) and node.attr == "backward" for node in ast.walk(tree)
        )


def _can_mutate(node):
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return not isinstance(node.ctx, ast.Load)
    return isinstance(node, _MUTATING)


class _Flow:
    """Definite assignment over one top-level statement. `assigned` travels; `local` holds the names of enclosing nested scopes."""

    def __init__(self, whole):
        self.reads, self.stored, self.deleted = set(), set(), set()
        self._whole = whole

    def block(self, statements, assigned, local=frozenset()):
        for statement in statements:
            assigned = self.statement(statement, assigned, local)
        return assigned

    def statement(self, node, assigned, local):
        handler = getattr(self, "_" + type(node).__name__.replace("Async", ""), None)
        if handler is not None:
            return handler(node, assigned, local)
        return self._children(node, assigned, local)

    def _children(self, node, assigned, local):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.statement(child, set(assigned), local)
            elif isinstance(child, ast.expr):
                self.expression(child, assigned, local)
            else:
                self._children(child, assigned, local)
        for name in _captures(node):
            self._store(name, set(), local)
        return assigned

    def _store(self, name, assigned, local):
        if name not in local:
            self.stored.add(name)
            assigned.add(name)

    def _Assign(self, node, assigned, local):
        self.expression(node.value, assigned, local)
        for target in node.targets:
            self.expression(target, assigned, local)
        return assigned

    def _AugAssign(self, node, assigned, local):
        if isinstance(node.target, ast.Name):
            self._load(node.target.id, assigned, local)
        self.expression(node.value, assigned, local)
        self.expression(node.target, assigned, local)
        return assigned

    def _AnnAssign(self, node, assigned, local):
        self.expression(node.annotation, assigned, local)
        if node.value is not None:
            self.expression(node.value, assigned, local)
            self.expression(node.target, assigned, local)
        return assigned

    def _For(self, node, assigned, local):
        self.expression(node.iter, assigned, local)
        inside = set(assigned)
        self.expression(node.target, inside, local)
        self.block(node.body, inside, local)
        self.block(node.orelse, set(assigned), local)
        return assigned

    def _While(self, node, assigned, local):
        self.expression(node.test, assigned, local)
        self.block(node.body, set(assigned), local)
        self.block(node.orelse, set(assigned), local)
        return assigned

    def _If(self, node, assigned, local):
        self.expression(node.test, assigned, local)
        return self.block(node.body, set(assigned), local) & self.block(node.orelse, set(assigned), local)

    def _With(self, node, assigned, local):
        for item in node.items:
            self.expression(item.context_expr, assigned, local)
            if item.optional_vars is not None:
                self.expression(item.optional_vars, assigned, local)
        return self.block(node.body, assigned, local)

    def _Try(self, node, assigned, local):
        after = self.block(node.orelse, self.block(node.body, set(assigned), local), local)
        for handler in node.handlers:
            inside = set(assigned)
            if handler.type is not None:
                self.expression(handler.type, inside, local)
            if handler.name:
                self._store(handler.name, inside, local)
            after = after & self.block(handler.body, inside, local)
        return after | (self.block(node.finalbody, set(assigned), local) - assigned)

    _TryStar = _Try

    def _FunctionDef(self, node, assigned, local):
        for part in (
            node.decorator_list + node.args.defaults + [default for default in node.args.kw_defaults if default]
        ):
            self.expression(part, assigned, local)
        if (
            node.decorator_list or node is not self._whole
        ):  # a plain definition runs nothing: its names count where it is used
            self._function(node, assigned, local)
        self._store(node.name, assigned, local)
        return assigned

    def _function(self, node, assigned, local):
        body = node.body if isinstance(node.body, list) else [ast.Expr(node.body)]
        inside = frozenset(local | _local_names(node.args, body))
        self.block(body, set(assigned), inside)

    def _ClassDef(self, node, assigned, local):
        for part in node.decorator_list + node.bases + [keyword.value for keyword in node.keywords]:
            self.expression(part, assigned, local)
        own = set()
        for statement in node.body:
            if isinstance(statement, _FUNCTIONS):
                for part in statement.decorator_list + statement.args.defaults:
                    self.expression(part, assigned, frozenset(local | own))
                own.add(statement.name)
                continue
            own |= _stored_in([statement])
            self.block([statement], set(assigned), frozenset(local | own))
        self._store(node.name, assigned, local)
        return assigned

    def _Import(self, node, assigned, local):
        for alias in node.names:
            if alias.name != "*":
                self._store(alias.asname or alias.name.split(".")[0], assigned, local)
        return assigned

    _ImportFrom = _Import

    def _Delete(self, node, assigned, local):
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.deleted.add(target.id)
            else:
                self.expression(target, assigned, local)
        return assigned

    def _load(self, name, assigned, local):
        if name not in assigned and name not in local:
            self.reads.add(name)

    def expression(self, node, assigned, local):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self._load(node.id, assigned, local)
            else:
                self._store(node.id, assigned, local)
        elif isinstance(node, ast.Lambda):
            for default in node.args.defaults + [default for default in node.args.kw_defaults if default]:
                self.expression(default, assigned, local)
            self._function(node, assigned, local)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node, assigned, local)
        elif isinstance(node, ast.NamedExpr):
            self.expression(node.value, assigned, local)
            self._store(node.target.id, assigned, local)
        else:
            for child in ast.iter_child_nodes(node):
                self.expression(child, assigned, local)

    def _comprehension(self, node, assigned, local):
        inside = frozenset(local)
        for generator in node.generators:
            self.expression(generator.iter, assigned, inside)
            inside = frozenset(inside | _stored_in([generator.target]))
            for condition in generator.ifs:
                self.expression(condition, assigned, inside)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.expression(part, assigned, inside)


def _captures(node):
    """Names that a `match` pattern or an exception handler binds."""
    name = getattr(node, "name", None)
    return [name] if isinstance(name, str) and type(node).__name__ in ("MatchAs", "MatchStar", "ExceptHandler") else []


def _stored_in(nodes):
    found = set()
    for node in nodes:
        for child in ast.walk(node):
            if isinstance(child, ast.Name) and not isinstance(child.ctx, ast.Load):
                found.add(child.id)
            elif isinstance(child, _FUNCTIONS + (ast.ClassDef,)):
                found.add(child.name)
            elif isinstance(child, ast.alias):
                found.add(child.asname or child.name.split(".")[0])
            found.update(_captures(child))
    return found


def _local_names(arguments, body):
    every = getattr(arguments, "posonlyargs", []) + arguments.args + arguments.kwonlyargs
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
    shared = {
        name for node in body for child in ast.walk(node) if isinstance(child, ast.Global) for name in child.names
    }
    return ({argument.arg for argument in every} | _stored_in(body)) - shared


_CODE = {}
_LOADS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


def globals_of(code):
    """(names loaded, names stored) as globals by a code object and the ones nested in it."""
    if code not in _CODE:
        loads, stores = set(), set()
        for instruction in dis.get_instructions(code):
            if instruction.opname in _LOADS:
                loads.add(instruction.argval)
            elif instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                stores.add(instruction.argval)
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                inner_loads, inner_stores = globals_of(constant)
                loads, stores = loads | inner_loads, stores | inner_stores
        _CODE[code] = (frozenset(loads), frozenset(stores))
    return _CODE[code]


def is_builtin(name):
    return hasattr(builtins, name)
