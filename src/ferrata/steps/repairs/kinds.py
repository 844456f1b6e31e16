"""What a name holds, as far as the text tells: tables, columns, lists, estimators. One answer for the whole notebook, "" in doubt."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

_TABLE_FUNCTIONS = frozenset(
    "DataFrame concat merge get_dummies pivot_table crosstab read_csv read_excel read_table read_json read_parquet read_sql read_sql_query read_html "
    "read_feather read_pickle read_hdf read_fwf read_stata read_sas json_normalize melt pivot merge_asof".split()
)
_COLUMN_FUNCTIONS = frozenset("Series cut qcut to_datetime to_numeric".split())
# Methods after which a table is still a table and a column still a column.
_SAME = frozenset(
    "copy head tail sample drop dropna fillna ffill bfill replace astype sort_values sort_index reset_index rename drop_duplicates clip where mask round query "
    "assign set_index merge join append nlargest nsmallest iloc loc shift diff reindex interpolate "
    "apply abs select_dtypes filter convert_dtypes pipe infer_objects".split()
)
_TO_TABLE = frozenset("to_frame describe corr cov unstack pivot pivot_table melt stack toPandas".split())


class Kinds:
    """Flow-insensitive: a name is of a kind only when every assignment to it agrees (or says nothing)."""

    def __init__(self, trees: Iterable[ast.Module], dotted: Callable[[ast.AST], str]) -> None:
        self._dotted = dotted
        self._values: dict[str, list[ast.expr]] = {}
        self._others: set[str] = set()
        self._elements: dict[str, list[ast.expr]] = {}
        self._memory: dict[str, str] = {}
        for tree in trees:
            for node in ast.walk(tree):
                self._note(node)

    def of(self, node: ast.expr) -> str:
        """`table`, `column`, `list`, `text`, `number`, `mask`, `dict`, or the dotted path of the class that a call makes; "" when not known."""
        if isinstance(node, ast.Name):
            return self._of_name(node.id)
        if isinstance(node, ast.Constant):
            return (
                "text"
                if isinstance(node.value, str)
                else "number"
                if isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
                else ""
            )
        if isinstance(node, (ast.List, ast.ListComp)):
            return "list"
        if isinstance(node, (ast.Dict, ast.DictComp)):
            return "dict"
        if isinstance(node, ast.JoinedStr):
            return "text"
        if isinstance(node, ast.Compare):
            return "mask"
        if isinstance(node, (ast.BinOp, ast.UnaryOp)):
            return self._of_operation(node)
        if isinstance(node, ast.Subscript):
            return self._of_item(node)
        return self._of_call(node) if isinstance(node, ast.Call) else ""

    def is_element(self, name: str) -> bool:
        """Whether a name is only ever a loop variable."""
        return name in self._elements and name not in self._values

    def elements_of(self, name: str) -> list[ast.expr]:
        """What loops run over to bind this name."""
        return self._elements.get(name, [])

    def values(self, name: str) -> list[ast.expr]:
        """Every expression that is assigned to a name."""
        return self._values.get(name, [])

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._note_target(target, node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            self._values.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            for part in ast.walk(node.target):
                if isinstance(part, ast.Name):
                    self._elements.setdefault(part.id, []).append(node.iter)
        elif isinstance(node, ast.arg):
            self._others.add(node.arg)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            self._others |= {item.optional_vars.id for item in node.items if isinstance(item.optional_vars, ast.Name)}

    def _note_target(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._values.setdefault(target.id, []).append(value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            pairs = zip(target.elts, value.elts, strict=False) if isinstance(value, (ast.Tuple, ast.List)) else ()
            known = {id(one) for one, _ in pairs}
            for one, part in zip(target.elts, value.elts, strict=False) if known and isinstance(value, (ast.Tuple, ast.List)) else ():
                self._note_target(one, part)
            self._others |= {part.id for one in target.elts if id(one) not in known for part in ast.walk(one) if isinstance(part, ast.Name)}

    def _of_name(self, name: str) -> str:
        if name not in self._memory:
            self._memory[name] = ""  # an assignment that reads the name itself says nothing new
            kinds = {kind for kind in map(self.of, self._values.get(name, [])) if kind}
            self._memory[name] = kinds.pop() if len(kinds) == 1 and name not in self._elements else ""
        return self._memory[name]

    def _of_operation(self, node: ast.BinOp | ast.UnaryOp) -> str:
        if isinstance(node, ast.UnaryOp):
            return "mask" if isinstance(node.op, ast.Invert) else self.of(node.operand)
        if isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            return "mask"
        sides = {self.of(node.left), self.of(node.right)}
        return next((kind for kind in ("table", "column", "text", "list") if kind in sides), "number" if sides == {"number"} else "")

    def _of_item(self, node: ast.Subscript) -> str:
        accessor = node.value.attr if isinstance(node.value, ast.Attribute) else ""
        if accessor in ("iloc", "loc") and isinstance(node.value, ast.Attribute):
            return self._of_located(self.of(node.value.value), node.slice)
        base = self.of(node.value)
        if base == "table":
            key = self.of(node.slice)
            return "table" if key in ("list", "mask") or isinstance(node.slice, ast.Slice) else "column" if key in ("text", "number") else ""
        return "column" if base == "column" and self.of(node.slice) in ("mask", "list") else ""

    def _of_located(self, base: str, key: ast.expr) -> str:
        """`.loc[rows, columns]` of a table."""
        if base != "table" or not isinstance(key, ast.Tuple) or len(key.elts) != 2:
            return base if base == "table" and (isinstance(key, ast.Slice) or self.of(key) in ("mask", "list")) else ""
        rows, columns = key.elts
        many_rows = isinstance(rows, ast.Slice) or self.of(rows) in ("mask", "list")
        many_columns = isinstance(columns, ast.Slice) or self.of(columns) == "list"
        return "table" if many_rows and many_columns else "column" if many_rows and self.of(columns) in ("text", "number") else ""

    def _of_call(self, node: ast.Call) -> str:
        path = self._dotted(node.func)
        last = path.rpartition(".")[2]
        if path.startswith("pandas"):
            return "table" if last in _TABLE_FUNCTIONS else "column" if last in _COLUMN_FUNCTIONS else path
        if path:
            return path
        if isinstance(node.func, ast.Attribute):
            method, base = node.func.attr, self.of(node.func.value)
            if method in _TO_TABLE and base in ("table", "column"):
                return "table"
            if base in ("table", "column") and method in _SAME:
                return base
            if method == "fit" and "." in base:
                return base
        return (
            {"list": "list", "sorted": "list", "dict": "dict", "set": "set", "str": "text"}.get(node.func.id, "")
            if isinstance(node.func, ast.Name)
            else ""
        )
