"""What the numbers of a network of torch mean, as the loss says that the notebook trains it with."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import Any

# Losses by the last part of their names: of the module, and of torch.nn.functional.
_OF_LOGITS = {"CrossEntropyLoss": True, "cross_entropy": True, "NLLLoss": True, "nll_loss": True}  # softmax of logarithms of probabilities gives these
_OF_ONE_LOGIT = ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits")
_OF_ONE_PROBABILITY = ("BCELoss", "binary_cross_entropy")
_OF_NUMBERS = ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
_KNOWN = (*_OF_LOGITS, *_OF_ONE_LOGIT, *_OF_ONE_PROBABILITY, *_OF_NUMBERS)


def meaning(sources: Iterable[str], told: Mapping[str, Any]) -> dict[str, Any]:
    """`is_of_classes`, `is_logits` and `loss` for what the observer found; nothing is said of numbers whose loss is unknown, or one of several kinds."""
    width = told["answered"][1] if len(told["answered"]) == 2 else 0
    found = {_kind(name, width) for name in losses(sources)}
    kind = next(iter(found)) if len(found) == 1 else "unknown"
    is_distribution = bool(told.get("is_distribution"))
    return {"is_of_classes": kind in ("classes", "logit", "probability"), "is_logits": kind == "logit" or (kind == "classes" and not is_distribution),
            "is_distribution": is_distribution and kind == "classes", "loss": kind}


def losses(sources: Iterable[str]) -> set[str]:
    """The losses that these statements name."""
    names = (_last(node) for source in sources for node in ast.walk(ast.parse(source)))
    return {name for name in names if name in _KNOWN}


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    return ""


def _kind(name: str, width: int) -> str:
    if name in _OF_NUMBERS:
        return "numbers"
    if name in _OF_LOGITS:
        return "classes" if width > 1 else "unknown"
    if width != 1:  # several classes at once may be true
        return "unknown"
    return "logit" if name in _OF_ONE_LOGIT else "probability"
