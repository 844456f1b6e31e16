"""What a network gives for an image, and what the author's notebook takes of it: the class with the largest number, and how likely each is."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ferrata.records.derivation import Unit
from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.source.names import statement_names
from ferrata.steps.deriving.places import ASKING

OUTPUTS = "outputs"
SOFTMAX = '''def softmax(outputs):
    """Numbers of the last layer as probabilities: the notebook's loss does the same."""
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
'''
SIGMOID = '''def sigmoid(outputs):
    """The number of the last layer as a probability: the notebook's loss does the same."""
    return 1 / (1 + np.exp(-outputs))
'''


@dataclass(frozen=True)
class Outputs:
    """`answer` and `probabilities` are expressions ("" for no probabilities) after the units; `helper` is a function that they need, or ""."""

    units: tuple[Unit, ...]
    answer: str
    probabilities: str
    classes: tuple[Any, ...]
    helper: str = ""


def of_network(units: Sequence[Unit], answer: str, told: Mapping[str, Any]) -> Outputs | None:
    """`told` is what the observer found about the model's answers; None where the network's call cannot be told from the text."""
    places = [*range(len(units) - 1, -1, -1)]
    hoisting = hoisted(answer, told.get("network", ""))
    if hoisting is not None:
        call, answer = hoisting
        return _told(tuple(units), call, answer, told)
    for number in places:
        hoisting = hoisted(units[number].text)
        if hoisting is not None:
            call, text = hoisting
            rest = () if text == f"{OUTPUTS} = {OUTPUTS}" else (replace(units[number], text=text, reads=frozenset(statement_names(text).reads)),)
            found = _told((*units[:number],), call, answer, told)
            return replace(found, units=(*found.units, *rest, *units[number + 1 :]))
    return None


def hoisted(text: str, network: str = "") -> tuple[str, str] | None:
    """The model's call, and the text with `outputs` in its place."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and _is_asking(node, network)]
    if len(calls) != 1:
        return None
    start, end = node_span(LineTable(text), calls[0])
    return text[start:end], apply_edits(text, [(start, end, OUTPUTS)])


def _is_asking(node: ast.Call, model: str = "") -> bool:
    if model:  # a network of torch is called
        return ast.unparse(node.func) == f"state.{model}"
    return isinstance(node.func, ast.Attribute) and node.func.attr in ASKING and ast.unparse(node.func.value).startswith("state.")


def _told(units: tuple[Unit, ...], call: str, answer: str, told: Mapping[str, Any]) -> Outputs:
    width = told["answered"][1] if len(told["answered"]) == 2 else 0
    quiet = call if "verbose" in call or ".predict(" not in call else f"{call[:-1]}, verbose=0)"
    text = _of_torch(call, told) if told.get("network") else f"{OUTPUTS} = {quiet}"
    asked = Unit(units[-1].statement if units else -1, text, frozenset({OUTPUTS}), frozenset(statement_names(quiet).reads))
    is_raw = len(told.get("own") or told["answered"]) == 2
    probabilities, helper = _probabilities(width, told)
    classes = tuple(range(max(width, 2))) if probabilities else ()
    return Outputs((*units, asked), decision(width, told).replace(OUTPUTS, answer) if is_raw else answer, probabilities, classes, helper)


def _of_torch(call: str, told: Mapping[str, Any]) -> str:
    """Its numbers as an array, one row for each image."""
    upright = ".reshape(-1, 1)" if told["answered"][1:] == [1] else ""
    return f"state.{told['network']}.eval()\nwith torch.no_grad():\n    {OUTPUTS} = {call}.numpy(){upright}"


def decision(width: int, told: Mapping[str, Any]) -> str:
    """The class, as accuracy of the same network counts it; the number itself where it was trained on numbers."""
    if width > 1:
        return f"{OUTPUTS}.argmax(axis=1)" if told["is_of_classes"] or told.get("is_distribution") else OUTPUTS
    if not width:
        return OUTPUTS
    return f"({OUTPUTS}[:, 0] > {0 if told['is_logits'] else 0.5}).astype(int)" if told["is_of_classes"] else f"{OUTPUTS}[:, 0]"


def _probabilities(width: int, told: Mapping[str, Any]) -> tuple[str, str]:
    if width > 1 and (told["is_logits"] or told.get("is_distribution")):
        return (f"softmax({OUTPUTS})", SOFTMAX) if told["is_logits"] else (OUTPUTS, "")
    if width == 1 and told["is_of_classes"]:
        one = f"{OUTPUTS}[:, 0]"
        text = f"sigmoid({one})" if told["is_logits"] else one
        return f"np.column_stack([1 - {text}, {text}])", SIGMOID if told["is_logits"] else ""
    return "", ""
