"""What the small files of a project say, kept as JSON beside the index: reading YAML takes longer than everything else that a command with nothing to do does.

Kept in `.dvc/tmp/ferrata/`, and never needed. What is kept belongs to the digest of a text, and only what JSON gives back unchanged is kept.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrata.store.index import find_root
from ferrata.store.yaml12 import load

_FORMAT = 1
_LARGEST = 1 << 20  # characters; more is not worth keeping twice


def load_known(path: Path, text: str) -> Any:
    """The YAML data of `text`, which is that of the file at `path`; NotYaml when it is none."""
    root = find_root(path.parent)
    if root is None or len(text) > _LARGEST:
        return load(text)
    memory = _memories.get(root)
    if memory is None:
        memory = _memories[root] = _Memory(root / ".dvc" / "tmp" / "ferrata" / "parsed.json")
    return memory.load(os.path.relpath(path, root), text)


@dataclass
class _Memory:
    file: Path
    entries: dict[str, list[str]] = field(default_factory=dict)
    is_new: bool = False

    def __post_init__(self) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError, KeyError, TypeError):
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            self.entries = dict(kept["entries"]) if kept.get("format") == _FORMAT else {}

    def load(self, name: str, text: str) -> Any:
        digest = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        known = self.entries.get(name)
        if isinstance(known, list) and len(known) == 2 and known[0] == digest:
            return json.loads(known[1])
        value = load(text)
        if (kept := _as_json(value)) is not None:
            if not self.is_new:
                atexit.register(self.save)
            self.entries[name], self.is_new = [digest, kept], True
        return value

    def save(self) -> None:
        """Whole or not at all, in a project that is still there; a failure costs time and nothing else."""
        draft = self.file.with_name(f"parsed.{os.getpid()}.new")
        if not self.file.parents[2].is_dir():
            return
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps({"format": _FORMAT, "entries": self.entries}), encoding="utf-8")
            os.replace(draft, self.file)


_memories: dict[Path, _Memory] = {}


def _as_json(value: Any) -> str | None:
    """None for what JSON would give back as something else: dates, keys that are no text, infinity, what contains itself."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        return text if repr(json.loads(text)) == repr(value) else None
    except (TypeError, ValueError, RecursionError):
        return None
