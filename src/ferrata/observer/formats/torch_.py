"""PyTorch: tensors, and dicts, lists and tuples of them with plain values, such as a `state_dict`.

Round-trips: dtype, shape, strides, `requires_grad`, shared storage. It is read with `weights_only`, which runs no code.
Does not: devices that the reading machine lacks.
Source: https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

name = "torch"
suffix = ".pt"
runs_code = False


def accepts(value):
    import sys

    torch = sys.modules.get("torch")

    def holds_tensors(item):
        if isinstance(item, torch.Tensor):
            return True
        if isinstance(item, dict):
            return any(holds_tensors(inner) for inner in item.values())
        return isinstance(item, (list, tuple)) and any(holds_tensors(inner) for inner in item)

    return torch is not None and holds_tensors(value)


def save(value, path):
    """Write tensors, or a dict of them."""
    import torch

    torch.save(value, path)


def load(path):
    """Read what `save_torch` wrote."""
    import torch

    return torch.load(path, weights_only=True)
