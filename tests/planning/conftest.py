"""The notebooks of these tests are written by hand (`tests/by_hand.py`)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("by_hand", Path(__file__).parents[1] / "by_hand.py")
assert _spec and _spec.loader
if "by_hand" not in sys.modules:
    sys.modules["by_hand"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["by_hand"])
