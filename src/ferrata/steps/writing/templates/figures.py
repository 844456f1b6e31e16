"""Write figures to files instead of showing them."""

import os
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
        plt.figure(number).savefig(os.fspath(path), metadata={"Software": None})
    plt.close("all")
