"""The text of `.dvc/config`: the INI dialect that DVC reads and writes (`['remote "name"']`, lists by commas, comments kept)."""

from __future__ import annotations

import re

Values = dict[str, str | list[str]]

_SECTION = re.compile(r"""^\s*\[\s*("\s*\S.*?\s*"|'\s*\S.*?\s*'|[^'"\s\[].*?)\s*\]\s*(?:\#.*)?$""")
_KEY = re.compile(r"""^\s*(".*?"|'.*?'|[^'"=].*?)\s*=\s*(.*)$""")
_ITEM = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^'",#][^,#]*)|)\s*(,|\#.*$|$)""")


def parse(text: str) -> dict[str, Values]:
    """Section to its values, names in lower case; ValueError (the line's number and what is wrong) for what DVC could not read either."""
    sections: dict[str, Values] = {}
    open_section: Values | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if section := _SECTION.match(line):
            open_section = sections.setdefault(_bare(section[1]).lower(), {})
            continue
        key = _KEY.match(line)
        if key is None or open_section is None:
            raise ValueError(f"line {number}: neither a section nor `name = value` in one")
        open_section[_bare(key[1]).lower()] = _value(key[2].strip(), number)
    return sections


def quoted(value: str) -> str:
    """The value as DVC's writer quotes it; ValueError where it would need several lines."""
    if not value:
        return '""'
    if "\n" in value or ("'" in value and '"' in value):
        raise ValueError(f"{value!r} cannot be written on one line")
    if value[0] in " \r\t\v\f'\"" or value[-1] in " \r\t\v\f'\"" or "," in value or "#" in value:
        return f"'{value}'" if '"' in value else f'"{value}"'
    return value


def with_value(text: str, section: str, name: str, value: str) -> str:
    """The text with one value set; everything else, comments too, stays as it is."""
    line = f"    {name} = {quoted(value)}"
    lines = text.split("\n")
    start = next((place for place, each in enumerate(lines) if _is_section(each, section)), None)
    if start is None:
        before = text if not text or text.endswith("\n") else f"{text}\n"
        return f"{before}{_header(section)}\n{line}\n"
    end = next((place for place in range(start + 1, len(lines)) if _SECTION.match(lines[place])), len(lines))
    for place in range(start + 1, end):
        key = _KEY.match(lines[place])
        if key and _bare(key[1]).lower() == name and not lines[place].lstrip().startswith("#"):
            return "\n".join([*lines[:place], line, *lines[place + 1 :]])
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return "\n".join([*lines[:end], line, *(lines[end:] or [""])])


def _header(section: str) -> str:
    return f"['{section}']" if " " in section else f"[{section}]"


def _is_section(line: str, section: str) -> bool:
    found = _SECTION.match(line)
    return bool(found) and _bare(found[1]).lower() == section.lower() if found else False


def _bare(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _value(text: str, number: int) -> str | list[str]:
    if text.startswith(("'''", '"""')):
        raise ValueError(f"line {number}: a value of several lines, which only DVC reads")
    if "%(" in text:
        raise ValueError(f"line {number}: a value made of others, %(…)s, which only DVC reads")
    items, place, is_list = [], 0, False
    while True:
        item = _ITEM.match(text, place)
        if item is None:
            raise ValueError(f"line {number}: a quote that is not closed")
        value = next((part for part in item.groups()[:3] if part is not None), None)
        if value is not None:
            items.append(value.strip() if item[3] is not None else value)
        if item[4] != ",":
            return items if is_list else items[0] if items else ""
        place, is_list = item.end(), True
