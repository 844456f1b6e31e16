"""PyTorch, whole objects: networks and optimizers, and dicts, lists and tuples of them. Reading such a file runs code that is in it.

Round-trips: weights, buffers, modes and attributes; the classes must be importable from a module when it is read.
Does not: classes of the notebook's own `__main__`. A `state_dict` is the plainer thing to keep (format `torch`).
Source: https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

name = "torch_module"
suffix = ".pth"
runs_code = True


def accepts(value):
    import sys

    torch = sys.modules.get("torch")

    def holds_modules(item):
        if isinstance(item, (torch.nn.Module, torch.optim.Optimizer)):
            return True
        items = item.values() if isinstance(item, dict) else item if isinstance(item, (list, tuple)) else ()
        return any(holds_modules(inner) for inner in items)

    return torch is not None and holds_modules(value)


def save(value, path):
    """Write a whole PyTorch network; only read such a file when you trust where it comes from."""
    import torch

    torch.save(value, path)


def load(path):
    """Read what `save_torch_module` wrote; this runs code that is in the file."""
    import torch

    return torch.load(path, weights_only=False)
