"""What we write for DVC reads back, and has the bytes that DVC's own writer gives wherever that one reads back too."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from ferrata.store.yaml12 import dump_as_dvc, load

WORDS = (
    "a", "word", "'q'", '"d"', "it's", "--flag", "data/path.csv", "é", "漢字", "🎉", "#", "x: y", "-", "&&", "$(a)", "==", "C:\\x", "{a}", "[b]",
    "", "  ", "%", "!", "1", "yes", "\t", "\x07", "\u2028",
)  # fmt: skip
THEIRS = """
import json, sys
from dvc.utils.serialize._yaml import dumps_yaml, loads_yaml
def write(command):
    text = dumps_yaml({"cmd": command})
    try:
        return text if loads_yaml(text) == {"cmd": command} else None
    except Exception:
        return None
json.dump([write(command) for command in json.load(sys.stdin)], sys.stdout)
"""


def commands(count: int) -> list[str]:
    """Commands of all lengths around the column where a line is folded, and of random words."""
    chance = random.Random(1)
    growing = [f"/{'p' * n} train.py && echo 'a: b' \"by hand\" because it is long # done" for n in range(100)]
    mixed = [" ".join(chance.choice(WORDS) * chance.choice((1, 1, 2, 5)) for _ in range(chance.randint(1, 30))) for _ in range(count)]
    return [*growing, *mixed, *(text.replace(" ", "\n", 2) for text in mixed[: count // 20])]


def test_what_we_write_reads_back() -> None:
    lost = [text for text in commands(2000) if load(dump_as_dvc({"cmd": text})) != {"cmd": text}]
    assert lost == []


@pytest.mark.slow
def test_we_write_what_dvc_writes(dvc: Path) -> None:
    texts = commands(2000)
    done = subprocess.run([dvc.parent / "python", "-c", THEIRS], input=json.dumps(texts), capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    assert sum(text is not None for text in theirs) > len(texts) * 0.9
    assert [(text, ours) for text, wanted in zip(texts, theirs, strict=True) if wanted is not None and (ours := dump_as_dvc({"cmd": text})) != wanted] == []
