"""The process: help, signals, start-up, and the page without a command."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "IPython", "asyncio", "ferrata.flow", "ferrata.steps", "importlib.metadata", "libcst", "nbformat", "numpy", "pandas", "rich", "uv", "yaml",
}


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom ferrata.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    print(*sorted(sys.modules), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Usage: ferrata" in run.stdout
    assert HEAVY & set(run.stderr.split()) == set()


def shown_help(*arguments: str) -> str:
    environment = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100"}
    run = subprocess.run([sys.executable, "-m", "ferrata", *arguments, "--help"], capture_output=True, text=True, check=True, env=environment)
    return run.stdout


PAGES = {(): "adopt.md", ("adopt",): "adopt.md", ("run",): "run.md", ("history",): "run.md", ("verify",): "verify.md", ("doctor",): "verify.md",
         ("why",): "why.md", ("run", "export"): "why.md", ("predict",): "predict.md", ("serve",): "serve.md", ("client",): "serve.md",
         ("image",): "image.md", ("ship",): "ship.md", ("rollback",): "ship.md",
         ("compare",): "compare.md",
         ("noise",): "compare.md",
         ("gate",): "compare.md",
         ("report",): "compare.md",
         ("ci",): "ci.md"}  # fmt: skip


@pytest.mark.parametrize("arguments", PAGES, ids=lambda arguments: " ".join(("ferrata", *arguments)))
def test_the_manual_shows_the_real_help(arguments: tuple[str, ...]) -> None:
    manual = (ROOT / "docs" / PAGES[arguments]).read_text(encoding="utf-8")
    command = " ".join(("ferrata", *arguments, "--help"))
    block = re.search(rf"```text\n\$ {re.escape(command)}\n(.*?)```", manual, re.DOTALL)
    assert block, f"docs/{PAGES[arguments]} does not show `{command}`"
    assert block.group(1) == shown_help(*arguments), f"copy what `COLUMNS=100 {command}` prints into docs/{PAGES[arguments]}"


def test_every_command_is_listed_with_its_own_words() -> None:
    from ferrata.cli.group import COMMANDS, ferrata

    for name in COMMANDS:
        command = ferrata.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None and command.name == name
    assert [name for name in COMMANDS if name not in shown_help()] == []


def test_version(call: Callable[..., Any]) -> None:
    assert re.fullmatch(r"ferrata \d+\.\d+\.\d+\n", call("--version").out)


def test_help_wins_over_json(call: Callable[..., Any]) -> None:
    assert call("adopt", "--help", "--json").out.startswith("Usage: ferrata adopt")


def test_terminated_it_tidies_up_and_says_so(tmp_path: Path) -> None:
    """SIGTERM while the story waits: what it holds is released, and --json still gets its object."""
    (tmp_path / "n.ipynb").write_text("{}")
    script = tmp_path / "run.py"
    script.write_text(
        "import sys, time, types\nfrom pathlib import Path\nimport ferrata\n"
        "def adopt(request, reporter):\n"
        "    try:\n        print('ready', flush=True)\n        time.sleep(60)\n"
        "    finally:\n        Path('tidied').write_text('')\n"
        "ferrata.flow = sys.modules['ferrata.flow'] = types.SimpleNamespace(adopt=adopt)\n"
        "from ferrata.cli import main\nmain(['adopt', 'n.ipynb', '--json'])\n"
    )
    process = subprocess.Popen([sys.executable, str(script)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None and process.stderr.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 143 and (tmp_path / "tidied").exists()
    assert json.loads(out)["cause"]["kind"] == "interrupted"


def test_a_reader_that_has_had_enough_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run([sys.executable, "-m", "ferrata", "--json"], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert "Traceback" not in run.stderr and "BrokenPipe" not in run.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_knows_few_characters(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "été ✓.ipynb").write_text("{}")
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    run = subprocess.run([sys.executable, "-m", "ferrata"], cwd=tmp_path, capture_output=True, env=environment)
    assert run.returncode == 0 and b"ferrata adopt" in run.stdout
