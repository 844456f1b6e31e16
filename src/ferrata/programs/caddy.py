"""Caddy and systemd on a server: the commands that start, reload and end the proxy of one target."""

from __future__ import annotations

from ferrata.records.command import Command


def reload_service(unit: str) -> Command:
    """Reload it without dropping a connection, or start it."""
    return Command(("systemctl", "reload-or-restart", unit), why="Switching the proxy", timeout=120)


def enable_service(unit: str) -> Command:
    script = 'systemctl daemon-reload && systemctl enable "$1"'
    return Command(("sh", "-ec", script, "enable", unit), why="Letting the proxy start with the machine", timeout=60)


def disable_service(unit: str) -> Command:
    return Command(("systemctl", "disable", "--now", unit), why=f"Ending {unit}", timeout=120)


def reload_or_start(configuration: str, socket: str) -> Command:
    """The same where there is no systemd: the proxy goes on by itself, and does not come back after a restart of the machine."""
    script = (
        'if test -S "$2"; then caddy reload --config "$1" --adapter caddyfile --address "unix/$2"; '
        'else setsid caddy start --config "$1" --adapter caddyfile < /dev/null > "$1.log" 2>&1; fi'
    )
    return Command(("sh", "-ec", script, "switch", configuration, socket), why="Switching the proxy", timeout=120)


def stop(socket: str) -> Command:
    return Command(("caddy", "stop", "--address", f"unix/{socket}"), why="Ending the proxy", timeout=60)


def validate(configuration: str) -> Command:
    """Status 0 where Caddy can use the file; the proxy that runs is not touched."""
    return Command(("caddy", "validate", "--config", configuration, "--adapter", "caddyfile"), why="Reading the Caddyfile", timeout=60)
