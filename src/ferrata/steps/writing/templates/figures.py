"""Write figures to files instead of showing them."""

import os
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

FOLDER = Path("evaluation/plots")
_used = {}


def save_figures(name):
    """Write every open figure to evaluation/plots/ as PNG and close it; a name used again gets a number."""
    (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
    for number in plt.get_fignums():
        _used[name] = _used.get(name, 0) + 1
        stem = name if _used[name] == 1 else f"{name}_{_used[name]}"
        path = FOLDER / f"{stem}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(plt.figure(number), path)
    plt.close("all")


def _write(figure, path):
    """Write one figure; one that cannot be drawn (infinite limits, say) stops no training, its file says why."""
    try:
        figure.savefig(os.fspath(path), metadata={"Software": None})
    except (ArithmeticError, ValueError, RuntimeError, TypeError) as error:
        print(f"{path} could not be drawn: {type(error).__name__}: {error}", file=sys.stderr)
        note = plt.figure(figsize=(6, 1))
        note.text(0.5, 0.5, f"This figure could not be drawn: {type(error).__name__}", ha="center", va="center")
        note.savefig(os.fspath(path), metadata={"Software": None})
