"""A target of kind `server`: what is installed, its Caddyfile and unit, and commands as they go over ssh. The programs are asked where they are here."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.shipping.fakes import release

from ferrata.errors import OutsideError
from ferrata.programs import ssh
from ferrata.programs.engines import Engine
from ferrata.records.command import Command
from ferrata.records.shipping import Run, State, Target
from ferrata.steps.shipping import machine as steps
from ferrata.steps.shipping import server

TARGET = Target("prod", "server", "/srv/churn-prod", port=443, host="deploy@api.example.org", domain="api.example.org")
OWN = replace(TARGET, domain="", port=8443)
WHOLE = server.Found(frozenset({"podman", "caddy", "flock", "python3", "apt-get", "systemctl", "systemd"}))
BARE = server.Found(frozenset({"apt-get", "systemctl", "systemd", "flock", "python3"}))
PODMAN = Engine("podman", "podman")


def test_nothing_is_installed_where_everything_is_there() -> None:
    assert server.installed(TARGET, WHOLE, PODMAN) == ()


def test_a_bare_server_gets_what_is_lacking_and_no_other_page_at_port_80() -> None:
    commands = [" ".join(act.command.arguments) for act in server.installed(TARGET, BARE, PODMAN) if isinstance(act, Run)]
    assert commands[0].endswith("install podman caddy") and "systemctl disable --now caddy.service" in commands
    with pytest.raises(OutsideError, match="lacks podman, caddy"):
        server.installed(TARGET, server.Found(frozenset({"flock", "python3"})), PODMAN)


def test_docker_is_taken_where_it_answers() -> None:
    assert server.Found(frozenset({"docker", "podman"})).engine("").program == "podman"
    assert server.Found(frozenset({"docker", "dockerd"})).engine("").program == "docker"
    assert server.Found(frozenset({"docker", "dockerd"})).engine("podman").program == "podman"


@pytest.mark.parametrize("found", [WHOLE, server.Found(WHOLE.names - {"systemd"})], ids=["systemd", "none"])
def test_what_runs_is_not_reloaded_by_a_switch(found: server.Found) -> None:
    first, second = State(), State((steps.placed(State(), release("a"), port=18001, keys={}, now=""),), 1)
    machine = server.machine(TARGET, found, PODMAN)
    assert machine.switched(first) == machine.switched(second)
    new = steps.placed(second, release("b"), port=18002, keys={}, now="")
    order = [type(act).__name__ for act in steps.rollout(machine, second, new, keys={}, rows="").switch]
    commands = [act.command.arguments[-1] for act in steps.rollout(machine, second, new, keys={}, rows="").switch if isinstance(act, Run)]
    assert ("podman-restart.service" in commands) == found.has_systemd
    assert order[:3] == ["Write", "Write", "Run"] and order[-2:] == ["Save", "Through"]


def test_a_public_name_has_no_authority_of_its_own() -> None:
    assert "tls internal" not in server.caddyfile(TARGET, WHOLE) and server.root_certificate(TARGET, WHOLE) == ""
    assert "tls internal" in server.caddyfile(OWN, WHOLE) and server.root_certificate(OWN, WHOLE).endswith("/pki/authorities/local/root.crt")
    assert (server.address(TARGET), server.address(OWN)) == ("https://api.example.org", "https://api.example.org:8443")


@pytest.mark.skipif(shutil.which("caddy") is None, reason="needs Caddy")
@pytest.mark.parametrize("target", [TARGET, OWN], ids=["domain", "own authority"])
def test_caddy_takes_the_caddyfile(tmp_path: Path, target: Target) -> None:
    place = tmp_path / "Caddyfile"
    place.write_text(server.caddyfile(replace(target, folder=str(tmp_path)), server.Found(frozenset())))
    said = subprocess.run(["caddy", "validate", "--config", str(place), "--adapter", "caddyfile"], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "not formatted" not in said.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("kind", ["https", "switch"])
def test_systemd_takes_the_unit_without_a_warning_and_finds_it_tight(tmp_path: Path, kind: str) -> None:
    place = tmp_path / server.unit(TARGET, kind)
    text = re.sub("/usr/bin/(caddy|python3)", shutil.which("true") or "/bin/true", server.unit_text(TARGET, kind))
    place.write_text(text)
    verified = subprocess.run(["systemd-analyze", "verify", str(place)], capture_output=True, text=True)
    assert [line for line in verified.stderr.splitlines() if place.name in line] == [] and verified.returncode == 0, verified.stderr
    said = subprocess.run(["systemd-analyze", "security", "--offline=true", str(place)], capture_output=True, text=True).stdout
    found = re.search(r"exposure level for \S+: ([\d.]+)", said)
    assert found and float(found[1]) <= 3.0, said[-300:]


def test_words_stay_words_over_ssh() -> None:
    command = ssh.over("deploy@a", Command(("podman", "run", "--label", "a=b c; rm -rf /", "$HOME")), options=("-p", "22"), sudo=True)
    assert command.arguments[-2:] == ("deploy@a", "sudo -n podman run --label 'a=b c; rm -rf /' '$HOME'")


def test_a_file_is_written_whole_with_its_mode(tmp_path: Path) -> None:
    place = tmp_path / "new" / "a b.json"
    command = ssh.write(str(place), 0o440)
    subprocess.run(command.arguments, input="text", text=True, check=True)
    assert (place.read_text(), place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == ("text", 0o440, 0o711)
    assert subprocess.run(ssh.read(str(place)).arguments, capture_output=True, text=True).stdout == "text"
    assert subprocess.run(ssh.read(str(tmp_path / "none")).arguments, capture_output=True, text=True).stdout == ""


def test_the_lock_is_held_as_long_as_somebody_listens(tmp_path: Path) -> None:
    command = ssh.alone(str(tmp_path / "a" / "ship.lock")).arguments
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None and first.stdout.readline() == "held\n"
    assert subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 1
    first.communicate()
    assert subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout == "held\n"


def test_what_others_have_in_the_folder_stays(tmp_path: Path) -> None:
    for name in ("state.json", "keys-1.json", "rows-a.jsonl", "Caddyfile", "Caddyfile.log", "proxy.py", "mine.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "caddy" / "pki").mkdir(parents=True)
    subprocess.run(ssh.remove_own(str(tmp_path)).arguments, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "mine.txt").unlink()
    subprocess.run(ssh.remove_own(str(tmp_path)).arguments, check=True)
    assert not tmp_path.exists()
    subprocess.run(ssh.remove_own(str(tmp_path)).arguments, check=True)


def together(*steps: ssh.Step, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(ssh.together(steps).arguments, input=given, capture_output=True, text=True)


def test_several_go_over_together_each_with_its_own_part_of_what_is_given(tmp_path: Path) -> None:
    texts = {"a": "first\nline", "b c": "", "ü": "zweite"}
    steps = [ssh.Step(ssh.write(str(tmp_path / "in" / name), 0o600), len(text.encode())) for name, text in texts.items()]
    steps.insert(1, ssh.Step(Command(("sh", "-c", "cat; echo said"), why="Reading nothing")))
    said = together(*steps, given="".join(texts.values()))
    assert (said.returncode, said.stdout) == (0, "") and "Reading nothing\nsaid\n" in said.stderr
    assert {file.name: file.read_text() for file in (tmp_path / "in").iterdir()} == texts


@pytest.mark.parametrize(
    ("words", "expected"),
    [(["true", "-false", "true"], ("", ["0", "2"])), (["true", "exit 7", "true"], ("1 7", ["0"])), (["exit 255"], ("0 255", []))],
)  # fmt: skip
def test_the_first_that_fails_and_must_not_is_the_last(tmp_path: Path, words: list[str], expected: tuple[str, list[str]]) -> None:
    steps = [
        ssh.Step(Command(("sh", "-c", f"{word.lstrip('-')} && touch {tmp_path}/{number}"), why="It"), None, word.startswith("-"))
        for number, word in enumerate(words)
    ]
    said = together(*steps)
    assert (said.stdout.strip(), sorted(file.name for file in tmp_path.iterdir())) == expected and said.returncode == (1 if expected[0] else 0)
    assert said.returncode == 0 or ssh.failed(said.stdout) == tuple(map(int, expected[0].split()))


def test_nothing_more_is_begun_once_nobody_listens(tmp_path: Path) -> None:
    """As when the command on our side was killed: sshd closes the pipes, and the script goes on until it speaks."""
    steps = [ssh.Step(Command(("sh", "-c", f"touch {tmp_path}/first; sleep 1"), why="It")), ssh.Step(Command(("touch", f"{tmp_path}/second"), why="It"))]
    script = subprocess.Popen(ssh.together(steps).arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert script.stdout and script.stderr
    until = time.monotonic() + 20
    while not (tmp_path / "first").exists() and time.monotonic() < until:
        time.sleep(0.02)
    script.stdout.close()
    script.stderr.close()
    assert script.wait(20) != 0 and not (tmp_path / "second").exists()
