"""From the stages of `dvc.yaml` as they are written to one entry for each that runs: `foreach`, `matrix` and templates resolved."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ferrata.store.pipelines.context import Context
from ferrata.store.pipelines.interpolation import BadExpression, check_expressions, to_text


def expand(definitions: Mapping[str, Any], context: Context) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names as DVC makes them: `stage@item`, `stage@a-b`."""
    for name, entry in definitions.items():
        try:
            yield from _expand(str(name), entry, context)
        except BadExpression as error:
            raise BadExpression(f"In the stage {name}, {error}") from None


def _expand(name: str, entry: Mapping[str, Any], context: Context) -> Iterator[tuple[str, dict[str, Any]]]:
    if "foreach" in entry:
        check_expressions(entry["do"])
        for key, names in _turns_of_foreach(entry["foreach"], context).items():
            yield f"{name}@{key}", _resolved(f"{name}@{key}", entry["do"], context.looped(names))
    elif "matrix" in entry:
        template = {key: value for key, value in entry.items() if key != "matrix"}
        check_expressions(template)
        for key, item in _turns_of_matrix(entry["matrix"], context).items():
            yield f"{name}@{key}", _resolved(f"{name}@{key}", template, context.looped({"item": item, "key": key}))
    else:
        check_expressions(entry)
        yield name, _resolved(name, entry, context)


def _turns_of_foreach(data: Any, context: Context) -> dict[str, dict[str, Any]]:
    """{what stands behind `@`: the names that the turn gives}."""
    check_expressions(data)
    items = context.resolve(data)
    if isinstance(items, Mapping):
        return {to_text(key): {"item": value, "key": to_text(key)} for key, value in items.items()}
    if not isinstance(items, list):
        raise BadExpression(f"`foreach` is a {type(items).__name__}, not a list or a mapping")
    if any(isinstance(item, (Mapping, list)) for item in items):
        return {str(number): {"item": item} for number, item in enumerate(items)}
    return {to_text(item): {"item": item} for item in items}


def _turns_of_matrix(data: Any, context: Context) -> dict[str, dict[str, Any]]:
    check_expressions(data)
    axes: dict[str, Any] = context.resolve(data)
    for name, values in axes.items():
        if not isinstance(values, list):
            raise BadExpression(f"`{name}` of `matrix` is a {type(values).__name__}, not a list")
    turns = {}
    for combination in product(*(enumerate(values) for values in axes.values())):
        named = list(zip(axes, combination, strict=True))
        turns["-".join(_word(name, *chosen) for name, chosen in named)] = {name: value for name, (_, value) in named}
    return turns


def _word(name: str, number: int, value: Any) -> str:
    return f"{name}{number}" if isinstance(value, (Mapping, list)) else to_text(value)


def _resolved(name: str, template: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """The folder of the stage is known before its own `vars`, which are files of that folder."""
    folder = posixpath.normpath(to_text(context.resolve(template.get("wdir") or "", "wdir")))
    inner = context
    if template.get("vars"):
        inner = context.copy()
        inner.load_vars(template["vars"], folder, f"{name}.vars")
    return {key: inner.resolve(value, key) for key, value in template.items() if key != "vars"}
