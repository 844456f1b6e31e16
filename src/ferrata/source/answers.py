"""What was typed at `input()`, as far as saved output shows it: the prompt, then the answer on the same line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ferrata.source.statements import parse
from ferrata.source.texts import dotted


def saved_answers(cells: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Answers in the order in which they were given, from pairs of a cell's Python and what it printed.

    They are handed out in this order when the notebook runs, so the list ends at the first answer that is not known.
    """
    answers: list[str] = []
    for python, printed in cells:
        prompts = list(_prompts(python))
        if not prompts:
            continue
        found = [match.group(1).strip() for match in re.finditer(f"(?:{'|'.join(filter(None, prompts))})[ \\t]*(.*)", printed)] if all(prompts) else []
        answers += _until_empty(found)
        if len(found) < len(prompts) or not all(found):
            break
    return tuple(answers)


def _until_empty(found: list[str]) -> Iterator[str]:
    for answer in found:
        if not answer:
            return
        yield answer


def _prompts(python: str) -> Iterator[str]:
    """A pattern for the prompt of each `input` call, "" where it has none that the text tells."""
    for node in ast.walk(parse(python)):
        if isinstance(node, ast.Call) and dotted(node.func) in ("input", "raw_input"):
            yield _pattern(node.args[0]) if node.args else ""


def _pattern(prompt: ast.expr) -> str:
    if isinstance(prompt, ast.Constant):
        return re.escape(str(prompt.value).strip())
    if isinstance(prompt, ast.JoinedStr):
        parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*?" for part in prompt.values]
        pattern = re.sub(r"(\\ )+$", "", "".join(parts))
        return pattern if any(isinstance(part, ast.Constant) for part in prompt.values) else ""
    return ""
