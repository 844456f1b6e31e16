"""What `dvc.yaml` may hold and of which kind (DVC's `dvc/schema.py`). What is not supported is named, never passed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]


class BadShape(ValueError):
    """What stands where it must not, in words."""


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_list(value: Any) -> bool:
    return isinstance(value, list)


def is_text_list(value: Any) -> bool:
    return is_list(value) and all(map(is_text, value))


def is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def is_command(value: Any) -> bool:
    return (is_text(value) or is_text_list(value)) and bool(value)


def is_anything(value: Any) -> bool:
    return True


_KINDS: dict[Check, str] = {
    is_text: "a text", is_flag: "true or false", is_list: "a list", is_text_list: "a list of texts", is_mapping: "a mapping",
    is_command: "a command or a list of commands",
}  # fmt: skip

FILE: Mapping[str, Check] = {
    "stages": is_mapping, "vars": is_list, "params": is_text_list, "metrics": is_text_list, "plots": is_list, "artifacts": is_mapping,
}  # fmt: skip
STAGE: Mapping[str, Check] = {
    "cmd": is_command, "wdir": is_text, "deps": is_text_list, "params": is_list, "vars": is_list, "frozen": is_flag, "meta": is_anything,
    "desc": is_text, "always_changed": is_flag, "outs": is_list, "metrics": is_list, "plots": is_list,
}  # fmt: skip
_OUT: Mapping[str, Check] = {
    "cache": is_flag, "persist": is_flag, "remote": is_text, "push": is_flag, "desc": is_text, "type": is_text, "labels": is_text_list,
    "meta": is_anything,
}  # fmt: skip
_PLOT: Mapping[str, Check] = {
    **_OUT, "template": is_text, "x": is_text, "y": is_text, "x_label": is_text, "y_label": is_text, "title": is_text, "header": is_flag,
}  # fmt: skip
_UNSUPPORTED = {
    "datasets": "the section `datasets`",
    "checkpoint": "`checkpoint` outputs, which DVC has dropped too",
}


def check_mapping(value: Any, known: Mapping[str, Check], place: str) -> None:
    """BadShape for a key that is not known or a value of another kind."""
    if not isinstance(value, Mapping):
        raise BadShape(f"{place} is {_kind(value)}, not a mapping")
    for key, item in value.items():
        if key in _UNSUPPORTED and item:
            raise BadShape(f"{place} uses {_UNSUPPORTED[key]}, which Ferrata does not support")
        if key not in known and key not in _UNSUPPORTED:
            raise BadShape(f"{place} has the unknown key `{key}`")
        if key in known and not known[key](item):
            raise BadShape(f"`{key}` in {place} is {_kind(item)}, not {_KINDS[known[key]]}")


def check_definition(name: Any, entry: Any) -> None:
    """A stage as it is written, before its templates are resolved."""
    place = f"the stage {name}"
    if isinstance(entry, Mapping) and {"foreach", "do"} & entry.keys():
        if set(entry) != {"foreach", "do"}:
            raise BadShape(f"{place} has {', '.join(f'`{key}`' for key in entry)}; a loop has `foreach` and `do` alone")
        if not isinstance(entry["foreach"], (Mapping, list, str)):
            raise BadShape(f"`foreach` in {place} is {_kind(entry['foreach'])}, not a list or a mapping")
        return _check_stage(entry["do"], STAGE, place)
    _check_stage(entry, {**STAGE, "matrix": is_mapping}, place)


def _check_stage(entry: Any, known: Mapping[str, Check], place: str) -> None:
    check_mapping(entry, known, place)
    if "cmd" not in entry:
        raise BadShape(f"{place} has no `cmd`")
    for item in entry.get("params", ()):
        if not isinstance(item, (str, Mapping)):
            raise BadShape(f"`params` in {place} holds {_kind(item)}; it takes keys and `file: [keys]`")


def check_out(flags: Any, section: str, place: str) -> None:
    """What is said of one result; a plot may have several sets of properties."""
    for each in flags if section == "plots" and isinstance(flags, list) else [flags]:
        check_mapping(each, _PLOT if section == "plots" else _OUT, place)


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
