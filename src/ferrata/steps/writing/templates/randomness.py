"""Seed the random generators, and carry their state from one stage to the next."""

import json
import random
import sys
from pathlib import Path


def seed_all(seed):
    """Put the generators of Python, NumPy, PyTorch and TensorFlow, where they are in use, in a known state."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    if "tensorflow" in sys.modules:  # which imports Keras when it is first asked for
        sys.modules["tensorflow"].keras.utils.set_random_seed(seed)
    elif "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)


def save_random_state(path, stream):
    """Write the state of one generator: "random", "numpy" or "torch"."""
    if stream == "numpy":
        kind, keys, *rest = sys.modules["numpy"].random.get_state()
        state = [kind, keys.tolist(), *rest]
    elif stream == "torch":
        state = sys.modules["torch"].get_rng_state().tolist()
    else:
        state = random.getstate()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(state), encoding="utf-8")


def load_random_state(path, stream):
    """Continue with the state that an earlier stage wrote."""
    state = json.loads(Path(path).read_text(encoding="utf-8"))
    if stream == "numpy":
        sys.modules["numpy"].random.set_state(tuple(state))
    elif stream == "torch":
        torch = sys.modules["torch"]
        torch.set_rng_state(torch.tensor(state, dtype=torch.uint8))
    else:
        version, numbers, gauss = state
        random.setstate((version, tuple(numbers), gauss))
