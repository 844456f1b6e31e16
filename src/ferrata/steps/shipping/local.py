"""The target `local`: containers of this machine behind a small proxy that looks into the state at every request."""

from __future__ import annotations

from importlib.resources import files

from ferrata.programs.engines import Engine
from ferrata.records.shipping import Act, State, Target, Write
from ferrata.steps.shipping.hosts import proxy_start
from ferrata.steps.shipping.machine import Machine


def machine(target: Target, engine: Engine) -> Machine:
    """Saving the state is the switch; beside it the proxy must be there."""

    def switched(state: State) -> tuple[Act, ...]:
        return (Write(f"{target.folder}/proxy.py", proxy_text(), says="the proxy"), proxy_start(target))

    return Machine(target, engine, switched, lambda state: ())


def address(target: Target) -> str:
    return f"http://127.0.0.1:{target.port}"


def proxy_text() -> str:
    return (files("ferrata.steps.shipping") / "templates" / "proxy.py").read_text(encoding="utf-8")
