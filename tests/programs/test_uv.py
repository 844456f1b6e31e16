"""Commands for uv, and what it is told of pip's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from ferrata.programs import uv


def arguments(command: uv.Command) -> tuple[str, ...]:
    return command.arguments[1:]


COMMANDS = {
    "venv": (lambda: uv.venv(Path("e"), "3.11"), ("venv", "--quiet", "--clear", "--no-project", "--python", "3.11", "e")),
    "lock": (lambda: uv.lock(Path("p")), ("lock",)),
    "lock for a Python": (lambda: uv.lock(Path("p"), python="py"), ("lock", "--python", "py")),
    "check of the lock": (lambda: uv.lock(Path("p"), check=True), ("lock", "--check")),
    "sync": (lambda: uv.sync(Path("p")), ("sync", "--locked")),
    "sync with tests": (lambda: uv.sync(Path("p"), groups=["test"]), ("sync", "--locked", "--group", "test")),
    "install": (lambda: uv.pip_install(Path("py"), "numpy"), ("pip", "install", "--python", "py", "numpy")),
    "list": (lambda: uv.pip_list(Path("py")), ("pip", "list", "--format", "json", "--python", "py")),
    "freeze": (lambda: uv.pip_freeze(Path("py")), ("pip", "freeze", "--python", "py")),
}


@pytest.mark.parametrize(("make", "expected"), COMMANDS.values(), ids=COMMANDS)
def test_command(make, expected) -> None:
    assert arguments(make()) == expected


def test_export_keeps_hashes_and_leaves_the_project_out() -> None:
    command = uv.export(Path("p"))
    assert "--no-hashes" not in command.arguments
    assert {"--locked", "--no-emit-project"} <= set(command.arguments)
    assert command.folder == Path("p")


def test_every_command_says_why_and_ends() -> None:
    for make, _ in COMMANDS.values():
        assert make().why and make().timeout


NO_LINKS = {
    "nothing set": ({}, ""),
    "a file without the setting": ({}, "[global]\ntimeout = 5\n"),
    "a file that is no configuration": ({}, "find-links = /a\n"),
    "an empty variable": ({"PIP_FIND_LINKS": " "}, ""),
}
LINKS = {
    "the variable": ({"PIP_FIND_LINKS": "/a /b"}, "", ("/a", "/b")),
    "the file": ({}, "[global]\nfind-links = /c\n", ("/c",)),
    "several lines": ({}, "[global]\nfind-links =\n    /c\n    /d\n", ("/c", "/d")),
    "for install only": ({}, "[install]\nfind-links = /c\n", ("/c",)),
    "the variable before the file": ({"PIP_FIND_LINKS": "/a"}, "[global]\nfind-links = /c\n", ("/a",)),
    "a percent sign": ({}, "[global]\nfind-links = /c%20d\n", ("/c%20d",)),
}


@pytest.mark.parametrize(("environ", "text"), NO_LINKS.values(), ids=NO_LINKS)
def test_no_find_links(environ: dict[str, str], text: str, tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(text)
    assert uv.find_links(environ, [tmp_path / "pip.conf", tmp_path / "absent"]) == ()


@pytest.mark.parametrize(("environ", "text", "links"), LINKS.values(), ids=LINKS)
def test_find_links(environ: dict[str, str], text: str, links: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(text)
    assert uv.find_links(environ, [tmp_path / "pip.conf"]) == links


def test_the_stronger_file_wins(tmp_path: Path) -> None:
    for name in ("global", "user"):
        (tmp_path / name).write_text(f"[global]\nfind-links = /{name}\n")
    assert uv.find_links({}, [tmp_path / "global", tmp_path / "user"]) == ("/user",)


def test_the_order_of_pips_files(tmp_path: Path) -> None:
    files = uv.pip_configuration_files({"PIP_CONFIG_FILE": "/mine"}, tmp_path)
    assert files[0] == Path("/etc/pip.conf")
    assert files[-1] == Path("/mine")
    assert tmp_path / ".config" / "pip" / "pip.conf" in files


def test_uv_is_told_where_pip_looks(tmp_path: Path) -> None:
    assert uv.environment({"PIP_FIND_LINKS": "/a /b"}, tmp_path)["UV_FIND_LINKS"] == "/a,/b"
    assert "UV_FIND_LINKS" not in uv.environment({"PIP_FIND_LINKS": "/a", "UV_FIND_LINKS": "/own"}, tmp_path)
