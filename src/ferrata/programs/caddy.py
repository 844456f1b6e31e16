"""Caddy, the switch behind it, and systemd on a server: the commands that start and end them. Nothing that runs as it should is touched."""

from __future__ import annotations

from ferrata.records.command import Command

_UNIT = (
    'if cmp -s "$1.next" "$1" && cmp -s "$3" "$4" && systemctl is-active --quiet "$2"; then rm -f "$1.next"; exit 0; fi; '
    'mv -f "$1.next" "$1"; cp -f "$3" "$4"; systemctl daemon-reload; systemctl enable --quiet "$2"; systemctl reload-or-restart "$2"'
)
_CADDY = (
    'if cmp -s "$1.next" "$1" && test -S "$2"; then rm -f "$1.next"; exit 0; fi; mv -f "$1.next" "$1"; '
    'if test -S "$2" && caddy reload --config "$1" --adapter caddyfile --address "unix/$2" > "$1.log" 2>&1; then exit 0; fi; '
    'setsid caddy start --config "$1" --adapter caddyfile < /dev/null > "$1.log" 2>&1'
)
_SWITCH = (
    'if ! cmp -s "$1.next" "$1" && test -s "$2/proxy.lock"; then kill $(sed "s/[^0-9]*\\([0-9]*\\).*/\\1/" "$2/proxy.lock") 2> /dev/null || true; fi; '
    'mv -f "$1.next" "$1"; setsid python3 "$1" "$2" "$3" < /dev/null >> "$2/proxy.log" 2>&1 &'
)


def unit_runs(configuration: str, unit: str, text: str) -> Command:
    """The service of systemd runs with the configuration and the unit that were written beside (`.next`, and `text`): it is started or reloaded if not."""
    return Command(("sh", "-ec", _UNIT, "unit", configuration, unit, text, f"/etc/systemd/system/{unit}"), why=f"Seeing that {unit} runs", timeout=120)


def caddy_runs(configuration: str, socket: str) -> Command:
    """The same for Caddy where there is no systemd; it does not come back after a restart of the machine."""
    return Command(("sh", "-ec", _CADDY, "caddy", configuration, socket), why="Seeing that Caddy runs", timeout=120)


def switch_runs(program: str, folder: str, port: int) -> Command:
    """The same for the switch; where one runs already, another one ends at once."""
    return Command(("sh", "-ec", _SWITCH, "switch", program, folder, str(port)), why="Seeing that the switch runs", timeout=60)


def validate(configuration: str) -> Command:
    """Status 0 where Caddy can use the file that was written beside (`.next`), or where it uses it already; the proxy that runs is not touched."""
    script = 'cmp -s "$1.next" "$1" || caddy validate --config "$1.next" --adapter caddyfile'
    return Command(("sh", "-ec", script, "validate", configuration), why="Reading the Caddyfile", timeout=60)


def comes_back() -> Command:
    """Podman's containers are started again with the machine."""
    return Command(("systemctl", "enable", "--quiet", "podman-restart.service"), why="Letting containers come back with the machine", timeout=60)


def disable_service(unit: str) -> Command:
    return Command(("systemctl", "disable", "--now", unit), why=f"Ending {unit}", timeout=120)


def stop_caddy(socket: str) -> Command:
    return Command(("caddy", "stop", "--address", f"unix/{socket}"), why="Ending Caddy", timeout=60)


def stop_switch(folder: str) -> Command:
    script = 'kill $(sed "s/[^0-9]*\\([0-9]*\\).*/\\1/" "$1/proxy.lock")'
    return Command(("sh", "-ec", script, "stop", folder), why="Ending the switch", timeout=60)
