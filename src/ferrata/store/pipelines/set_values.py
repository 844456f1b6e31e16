"""`--set train.max_depth=8`: change one value in a file of parameters and leave every other byte of it.

The value's place is found in the text, the new one written there, and the result read again: when it is not the old content with this one value changed
(anchors, blocks), nothing is written and the user is told to edit by hand.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError, UsageError
from ferrata.store.pipelines.params import DEFAULT_PARAMS, MISSING, look_up, read_values
from ferrata.store.yaml12 import NotYaml, dump_for_people, load


@dataclass(frozen=True)
class Setting:
    """`file` relative to the project, `key` dotted, `value` typed as YAML types it."""

    file: str
    key: str
    value: Any


def parse_setting(text: str) -> Setting:
    """`key=value` or `file:key=value`; UsageError when it is neither."""
    left, is_given, value = text.partition("=")
    file, _, key = left.rpartition(":")
    if not is_given or not key.strip():
        raise UsageError(f"`--set {text}` sets nothing", todo="Write it as key=value or file:key=value, such as train.max_depth=8.")
    try:
        return Setting(file.strip() or DEFAULT_PARAMS, key.strip(), load(value))
    except NotYaml as error:
        raise UsageError(f"`{value}` is no value of YAML", todo=f"Quote it: --set '{left}=\"…\"'.") from error


def texts_with(project: Path, settings: list[Setting]) -> dict[Path, str]:
    """The new text of each file that changes. ProjectError for a key that is not there, which may be a typing error."""
    texts: dict[Path, str] = {}
    for setting in settings:
        path = project / setting.file
        values = read_values(path, lambda place: texts.get(place) or _text(place))
        old = look_up(values, setting.key)
        if old is MISSING:
            raise ProjectError(f"There is no {setting.key} in {setting.file}", where=str(path), todo="Correct the key, or add it to the file first.")
        if old != setting.value or type(old) is not type(setting.value):
            texts[path] = _changed(path, texts.get(path) or _text(path), setting, values)
    return texts


def write_texts(texts: dict[Path, str]) -> None:
    for path, text in texts.items():
        draft = path.with_name(f".{path.name}.new")
        draft.write_text(text, encoding="utf-8", newline="")
        draft.chmod(path.stat().st_mode & 0o777)
        os.replace(draft, path)


def _text(path: Path) -> str:
    """With the line ends that it has."""
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _changed(path: Path, text: str, setting: Setting, values: Any) -> str:
    expected = _unshared(values)
    _put(expected, setting.key.lstrip(".").split("."), setting.value)
    is_toml = path.suffix.lower() == ".toml"
    new = (_in_toml if is_toml else _in_yaml)(text, setting, is_json=path.suffix.lower() == ".json")
    try:
        obtained = read_values(path, lambda place: new or "")
    except ProjectError:
        obtained = None
    if new is None or obtained != expected:
        raise ProjectError(f"{setting.key} cannot be set from here", where=str(path), todo=f"Edit {setting.file} by hand.")
    return new


def _unshared(value: Any) -> Any:
    """A copy in which an anchor and its aliases are values of their own."""
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value


def _put(values: Any, parts: list[str], value: Any) -> None:
    for part in parts[:-1]:
        values = values[int(part)] if isinstance(values, list) else values[_name(values, part)]
    values[int(parts[-1]) if isinstance(values, list) else _name(values, parts[-1])] = value


def _name(values: dict[Any, Any], part: str) -> Any:
    return next(name for name in values if str(name) == part)


def _in_yaml(text: str, setting: Setting, *, is_json: bool) -> str | None:
    import yaml

    node: Any = yaml.compose(text, yaml.SafeLoader)
    for part in setting.key.lstrip(".").split("."):
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == part), None)
        else:
            node = node.value[int(part)] if isinstance(node, yaml.SequenceNode) else None
    if node is None or (isinstance(node, yaml.CollectionNode) and not node.flow_style):
        return None
    new = json.dumps(setting.value, ensure_ascii=False) if is_json else _as_yaml(setting.value)
    start, end = node.start_mark.index, node.end_mark.index
    if start == end and not text[:start].endswith(" "):
        new = f" {new}"
    return text[:start] + new + text[end:]


def _as_yaml(value: Any) -> str:
    """On one line."""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    text = dump_for_people({"v": value}).removeprefix("v:").strip()
    return "null" if value is None else json.dumps(value, ensure_ascii=False) if "\n" in text else text


def _in_toml(text: str, setting: Setting, *, is_json: bool) -> str | None:
    """The line `key = value` of its table."""
    *table, name = setting.key.split(".")
    found: list[str] = []
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if header := re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", line):
            found = [part.strip().strip("\"'") for part in header.group(1).split(".")]
        match = re.match(r"(\s*(?:\"|')?([\w-]+)(?:\"|')?\s*=\s*)([^#\n]*?)(\s*(?:#.*)?\r?\n?)$", line)
        if match and found == table and match.group(2) == name:
            value = json.dumps(setting.value, ensure_ascii=False)
            return "".join([*lines[:number], match.group(1) + value + match.group(4), *lines[number + 1 :]])
    return None
