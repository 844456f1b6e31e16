"""`${…}` in `dvc.yaml`: finding expressions and writing values as text, as DVC does (its `dvc/parsing/interpolate.py`)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

PRIMITIVES = (int, float, str, bytes, bool)
EXPRESSION = re.compile(r"(?<!\\)\${(?P<inner>.*?)}")
_KEY = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[[^.\[\]]+\])*")


class BadExpression(ValueError):
    """An expression that cannot be read, or a value that cannot be written where it stands."""


def has_expression(value: object) -> bool:
    return isinstance(value, str) and EXPRESSION.search(value) is not None


def check_expressions(data: Any) -> None:
    """BadExpression for the first `${…}` in `data` that is no key such as `train.layers[0].size`."""
    for text in _texts(data):
        for match in EXPRESSION.finditer(text):
            if not _KEY.fullmatch(match["inner"].strip()):
                raise BadExpression(f"`{match.group(0)}` is no key; write it as `${{train.layers[0].size}}`")


def contains_expression(data: Any) -> bool:
    return any(has_expression(text) for text in _texts(data))


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _texts(value)


def steps_of(expression: str) -> list[str]:
    """`train.layers[0]` → train, layers, 0."""
    return [step.strip() for step in expression.replace("[", ".").replace("]", "").split(".")]


def resolve_text(text: str, select: Callable[[str], Any], section: str | None, style: Mapping[str, str]) -> Any:
    """The value of a text that is one expression, else the text with its expressions replaced.

    `section` is the key of the stage that the text is in, None where lists and mappings are welcome. `style` is the section `parsing` of DVC's settings.
    """
    matches = list(EXPRESSION.finditer(text))
    if len(matches) == 1 and matches[0].group(0) == text:
        return _allowed(select(matches[0]["inner"]), section)
    parts, last = [], 0
    for match in matches:
        parts += [text[last : match.start()], to_text(_allowed(select(match["inner"]), section), style)]
        last = match.end()
    return "".join([*parts, text[last:]]).replace(r"\${", "${")


def _allowed(value: Any, section: str | None) -> Any:
    is_plain = value is None or isinstance(value, PRIMITIVES)
    if is_plain or section is None or "foreach" in section or (isinstance(value, dict) and section == "cmd"):
        return value
    raise BadExpression(f"a {type(value).__name__} cannot stand in a text; only `cmd` takes a mapping")


def to_text(value: Any, style: Mapping[str, str] | None = None) -> str:
    """`true` for True, `--key value` for a mapping, `str` for the rest."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "".join(_option(key, item, style or {}) for key, item in _flat(value)).rstrip()
    return str(value)


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item


def _option(key: str, value: Any, style: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return f"--{key} " if value else f"--no-{key} " if style.get("bool") == "boolean_optional" else ""
    if isinstance(value, str):
        return f"--{key} {shlex.quote(value)} "
    if not isinstance(value, (list, tuple)):
        return f"--{key} {value} "
    items = [_item(key, item) for item in value]
    if style.get("list") == "append":
        return "".join(f"--{key} {item} " for item in items)
    return f"--{key} {' '.join(items)} " if items else ""


def _item(key: str, item: Any) -> str:
    if isinstance(item, str):
        return shlex.quote(item)
    if isinstance(item, (list, tuple, dict)):
        raise BadExpression(f"the list `{key}` holds lists or mappings, which no command line can take")
    return str(item)
