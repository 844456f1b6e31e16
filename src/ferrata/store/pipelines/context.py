"""The values that `${…}` may name: `params.yaml`, `vars` of the file and of a stage, and the item of a loop.

Later values never replace earlier ones, as in DVC (`dvc/parsing/context.py`): a key that two places define is an error that names both.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrata.store.pipelines.interpolation import BadExpression, contains_expression, resolve_text, steps_of
from ferrata.store.pipelines.params import DEFAULT_PARAMS, ReadText, read_values


@dataclass
class Context:
    """`imports`: the keys taken from each file, None for all of it. `reserved`: names that the loop gives and `vars` must not."""

    project: Path
    read: ReadText
    style: Mapping[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    imports: dict[str, list[str] | None] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()

    def copy(self) -> Context:
        imports = {path: keys if keys is None else [*keys] for path, keys in self.imports.items()}
        values = _copied(self.values)
        return Context(self.project, self.read, self.style, values, dict(self.sources), imports, self.reserved)

    def looped(self, names: Mapping[str, Any]) -> Context:
        """With the names of one turn of a loop, which come before others of the same name."""
        inner = self.copy()
        inner.values |= names
        inner.reserved |= frozenset(names)
        return inner

    def load_default(self) -> None:
        if (self.project / DEFAULT_PARAMS).exists():
            self._load_file(DEFAULT_PARAMS, "")

    def load_vars(self, items: Any, folder: str, place: str) -> None:
        """`items` as in `vars:`: file names (`file` or `file:key,key`, relative to `folder`) and mappings."""
        if contains_expression(items):
            raise BadExpression(f"`{place}` cannot hold ${{…}}")
        for number, item in enumerate(items):
            if isinstance(item, str):
                self._load_file(item, folder)
            elif isinstance(item, Mapping):
                self._merge(item, f"{place}[{number}]")
            else:
                raise BadExpression(f"`{place}` holds a {type(item).__name__}; it takes file names and mappings")

    def select(self, expression: str) -> Any:
        value: Any = self.values
        for step in steps_of(expression):
            try:
                value = value[int(step)] if isinstance(value, list) else value[step]
            except (LookupError, TypeError, ValueError):
                raise BadExpression(f"there is no value for `${{{expression}}}`") from None
        return value

    def resolve(self, data: Any, section: str | None = None) -> Any:
        """`data` with every `${…}` in it replaced, keys of mappings included."""
        if isinstance(data, str):
            return resolve_text(data, self.select, section, self.style)
        if isinstance(data, Mapping):
            return {self.resolve(key, section): self.resolve(value, section) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.resolve(value, section) for value in data]
        return data

    def _load_file(self, item: str, folder: str) -> None:
        name, _, listed = item.partition(":")
        path = posixpath.normpath(posixpath.join(folder, name))
        keys = [key for key in listed.split(",") if key] or None
        if path in self.imports:
            before = self.imports[path]
            if keys is None and before is None:
                return
            if keys is None or before is None or set(keys) & set(before):
                raise BadExpression(f"`vars` loads {path} twice")
        values = read_values(self.project / path, self.read)
        if missing := [key for key in keys or () if key not in values]:
            raise BadExpression(f"there is no {', '.join(missing)} in {path}")
        self._merge({key: values[key] for key in keys} if keys else values, path)
        self.imports[path] = None if keys is None else [*(self.imports.get(path) or ()), *keys]

    def _merge(self, update: Mapping[Any, Any], source: str) -> None:
        if taken := sorted(self.reserved & {key for key in update if isinstance(key, str)}):
            raise BadExpression(f"{source} defines {', '.join(taken)}, which the loop gives")
        self._merge_into(self.values, update, source, ())

    def _merge_into(self, into: dict[str, Any], update: Mapping[Any, Any], source: str, path: Iterable[str]) -> None:
        for key, value in update.items():
            if not isinstance(key, str):
                continue  # no expression can name it
            name = ".".join((*path, key))
            if isinstance(into.get(key), dict) and isinstance(value, Mapping):
                self._merge_into(into[key], value, source, (*path, key))
            elif key in into:
                before = self.sources.get(name, self.sources.get(name.partition(".")[0], "another place"))
                raise BadExpression(f"{source} defines `{name}` again; {before} does already")
            else:
                into[key] = _copied(value)
                self.sources[name] = source


def _copied(value: Any) -> Any:
    """Only names that an expression can say."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items() if isinstance(key, str)}
    return [_copied(item) for item in value] if isinstance(value, list) else value
