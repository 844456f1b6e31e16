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


class NotYaml(ValueError):
    """The text is no YAML 1.2 document; says where and why."""


def load(text: str) -> Any:
    """The data of one YAML 1.2 document; NotYaml when it is none."""
    import yaml

    try:
        return yaml.load(text, _loader())  # noqa: S506 - derived from SafeLoader
    except yaml.YAMLError as error:
        raise NotYaml(str(error)) from error


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

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            _check_keys(node)
            return super().construct_mapping(node, deep=deep)

        def construct_int(self, node: Any) -> int:
            text = self.construct_scalar(node).replace("_", "")
            digits = text.lstrip("+-")
            base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 10)
            return (-1 if text.startswith("-") else 1) * int(digits[2:] if base != 10 else digits, base)

    Loader.add_constructor(f"{_TAG}int", Loader.construct_int)
    _add_resolvers(Loader)
    return Loader


def _check_keys(node: Any) -> None:
    """Of two equal keys YAML 1.2 allows none; PyYAML would take the second."""
    import yaml

    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != f"{_TAG}merge":
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} is there twice", key.start_mark)
            seen.add(key.value)


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

        def write_double_quoted(self, text: str, split: bool = True) -> None:
            _write_quoted(self, text, split)

    _add_resolvers(Dumper)
    Dumper.add_representer(type(None), Dumper.represent_none)
    Dumper.add_representer(float, Dumper.represent_float)
    Dumper.add_representer(tuple, Dumper.represent_list)
    return Dumper


def _write_folded(emitter: Any, text: str, split: bool) -> None:
    """DVC's writer breaks before a word that would pass the last column, and leaves the space that stood there.

    Not after several spaces: its own writer breaks there too, and the text is read with one.
    """
    if not text:
        if emitter.sequence_context:
            _write(emitter, " ")
        return
    if not emitter.whitespace:
        _write(emitter, " ")
    emitter.whitespace = emitter.indention = False
    before = ""
    for part in re.findall(r" +|[^ ]+", text):
        if part.startswith(" "):
            if part == " " and emitter.column >= emitter.best_width and split:
                _break_line(emitter)
            else:
                _write(emitter, part)
        else:
            if (
                len(part) + emitter.column > emitter.best_width
                and len(before) < 2
                and emitter.indent is not None
                and emitter.column > emitter.indent
            ):
                _break_line(emitter)
            _write(emitter, part)
        before = part if part.startswith(" ") else ""


def _write_quoted(emitter: Any, text: str, split: bool) -> None:
    """Between double quotes DVC's writer breaks at a space: in its place where reading gives one space back, else between backslashes.

    After an escape it breaks between backslashes too. (Its own writer sometimes leaves them out there, and the text is read with one space more.)
    """
    emitter.write_indicator('"', True)
    before, last = "", len(text) - 1
    for place, character in enumerate(text):
        is_plain, after_escape = _stands_for_itself(character), bool(before) and not _stands_for_itself(before)
        is_over = split and 0 < place < last and emitter.column > emitter.best_width
        if is_over and is_plain and (character == " " or after_escape):
            is_far = emitter.column > emitter.best_width + 1
            may_fold = before not in '"\n ' and is_far if after_escape else before != " "
            if character == " " and may_fold and text[place + 1] not in " \n":
                _break_line(emitter)
                before = character
                continue
            _break_between_backslashes(emitter, character == " ")
        _write(emitter, character if is_plain else _escaped(emitter, character))
        before = character
        is_before_fold = text[place + 1 : place + 2] == " " and place + 1 < last
        if not is_plain and split and 0 < place < last and emitter.column > emitter.best_width + 1 and not is_before_fold:
            _break_between_backslashes(emitter, text[place + 1] == " ")
    emitter.write_indicator('"', False)


def _break_between_backslashes(emitter: Any, before_space: bool) -> None:
    _write(emitter, "\\")
    _break_line(emitter)
    if before_space:
        _write(emitter, "\\")


def _stands_for_itself(character: str) -> bool:
    if character in '"\\\x85\u2028\u2029\ufeff':
        return False
    return any(
        first <= character <= last for first, last in (" ~", "\xa0\ud7ff", "\ue000\ufffd", "\U00010000\U0010ffff")
    )


def _escaped(emitter: Any, character: str) -> str:
    if character in emitter.ESCAPE_REPLACEMENTS:
        return "\\" + str(emitter.ESCAPE_REPLACEMENTS[character])
    code = ord(character)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _break_line(emitter: Any) -> None:
    emitter.write_indent()
    emitter.whitespace = emitter.indention = False


def _write(emitter: Any, text: str) -> None:
    emitter.column += len(text)
    emitter.stream.write(text)
