"""YAML 1.2 in the dialect of DVC, on top of PyYAML (which is YAML 1.1).

The two versions disagree on plain scalars: `1e-05` is a float only in 1.2, `yes` a boolean only in 1.1. `dump_for_people` writes what both read alike;
`dump_as_dvc` writes the bytes that DVC writes. Sources: https://yaml.org/spec/1.2.2/#1032-tag-resolution and DVC's own files.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Any

_TAG = "tag:yaml.org,2002:"
_SCALARS = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    (
        "float",
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("int", r"[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+", "-+0123456789"),
    ("merge", r"<<", "<"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (
        "timestamp",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
        r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?",
        "0123456789",
    ),
    ("value", r"=", "="),
    ("yaml", r"!|&|\*", "!&*"),
)


def load(text: str) -> Any:
    """The data of one YAML 1.2 document; yaml.YAMLError when it is none."""
    import yaml

    return yaml.load(text, _loader())  # noqa: S506 - derived from SafeLoader


def dump_as_dvc(data: Any) -> str:
    """The text DVC would write, folded at 80 columns."""
    import yaml

    return str(
        yaml.dump(data, Dumper=_dvc_dumper(), default_flow_style=False, sort_keys=False, allow_unicode=True, width=80)
    )


def dump_for_people(data: Any) -> str:
    """Block style without folding; a string is quoted where YAML 1.1 or 1.2 would read something else."""
    import yaml

    return str(
        yaml.dump(
            data,
            Dumper=_careful_dumper(),
            default_flow_style=False,
            sort_keys=False,
            allow_unicode=True,
            width=math.inf,
        )
    )


@functools.cache
def _loader() -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}

        def construct_int(self, node: Any) -> int:
            text = self.construct_scalar(node).replace("_", "")
            digits = text.lstrip("+-")
            base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 10)
            return (-1 if text.startswith("-") else 1) * int(digits[2:] if base != 10 else digits, base)

    Loader.add_constructor(f"{_TAG}int", Loader.construct_int)
    _add_resolvers(Loader)
    return Loader


def _add_resolvers(dialect: Any) -> None:
    for name, pattern, first in _SCALARS:
        dialect.add_implicit_resolver(_TAG + name, re.compile(f"^(?:{pattern})$"), list(first))


@functools.cache
def _careful_dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    _add_resolvers(Dumper)
    Dumper.add_representer(tuple, Dumper.represent_list)
    return Dumper


@functools.cache
def _dvc_dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        yaml_implicit_resolvers: dict[str, Any] = {}

        def ignore_aliases(self, data: Any) -> bool:
            return True

        def represent_none(self, data: None) -> Any:
            return self.represent_scalar(f"{_TAG}null", "")

        def represent_float(self, data: float) -> Any:
            text = ".nan" if math.isnan(data) else repr(data).replace("inf", ".inf")
            return self.represent_scalar(f"{_TAG}float", text)

        def choose_scalar_style(self) -> Any:
            style = super().choose_scalar_style()
            event: Any = self.event
            value = event.value
            return '"' if style == "'" and not event.style and ("'" in value or "\n" in value) else style

        def write_plain(self, text: str, split: bool = True) -> None:
            _write_folded(self, text, split)

    _add_resolvers(Dumper)
    Dumper.add_representer(type(None), Dumper.represent_none)
    Dumper.add_representer(float, Dumper.represent_float)
    Dumper.add_representer(tuple, Dumper.represent_list)
    return Dumper


def _write_folded(emitter: Any, text: str, split: bool) -> None:
    """DVC's writer breaks before a word that would pass the last column, and leaves the space that stood there."""
    if not text:
        if emitter.sequence_context:
            _write(emitter, " ")
        return
    if not emitter.whitespace:
        _write(emitter, " ")
    emitter.whitespace = emitter.indention = False
    for part in re.findall(r" +|[^ ]+", text):
        if part.startswith(" "):
            if part == " " and emitter.column >= emitter.best_width and split:
                _break_line(emitter)
            else:
                _write(emitter, part)
        else:
            if (
                len(part) + emitter.column > emitter.best_width
                and emitter.indent is not None
                and emitter.column > emitter.indent
            ):
                _break_line(emitter)
            _write(emitter, part)


def _break_line(emitter: Any) -> None:
    emitter.write_indent()
    emitter.whitespace = emitter.indention = False


def _write(emitter: Any, text: str) -> None:
    emitter.column += len(text)
    emitter.stream.write(text)
