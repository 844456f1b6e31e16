"""A release on its way to where it serves: the target, the release, what stands there, and the acts that change it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ferrata.records.command import Command

Kind = Literal["local", "server", "kubernetes"]


@dataclass(frozen=True)
class Target:
    """`[tool.ferrata.ship.NAME]` of pyproject.toml, with the defaults of its kind. `folder` is where everything of it is kept, on its machine.

    `address` is where it can be called. `host` (as ssh takes it), `ssh` (more options of it), `domain` and `sudo` are of a server; `context`, `namespace`,
    `issuer` (of cert-manager), `gateway` (NAMESPACE/NAME of one that is there, instead of an Ingress) and `kserve` (an InferenceService instead of a
    Deployment) of a cluster. `model` is the service's name there.
    """

    name: str
    kind: Kind
    folder: str
    port: int = 8080
    keep: int = 3
    engine: str = ""
    network: str = ""
    host: str = ""
    ssh: tuple[str, ...] = ()
    domain: str = ""
    sudo: bool = False
    context: str = ""
    namespace: str = ""
    replicas: int = 2
    issuer: str = ""
    gateway: str = ""
    kserve: bool = False
    model: str = ""
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """`image` is what the target runs: a digest in a registry, or an ID of the engine. `level` and `rows` are of its proof before it was shipped."""

    id: str
    name: str
    commit: str
    data: str
    model: str
    lock: str
    image: str
    level: str
    rows: int


@dataclass(frozen=True)
class Placed:
    """A release as it was started there: `number` counts them, `port` is where it listens on that machine, `keys` a hash of the keys it knows."""

    release: Release
    number: int
    port: int
    since: str
    replaced: str = ""
    keys: str = ""

    @property
    def container(self) -> str:
        return f"{self.release.name}-{self.number}"


@dataclass(frozen=True)
class State:
    """What a target keeps of itself, the oldest first. `current` is the number that serves, 0 for none; `pending` one that was begun and not finished;
    `draining` the number of the one that served before and was not ended yet."""

    placed: tuple[Placed, ...] = ()
    current: int = 0
    pending: Placed | None = None
    engine: str = ""
    draining: int = 0

    @property
    def serving(self) -> Placed | None:
        return next((each for each in self.placed if each.number == self.current), None)


@dataclass(frozen=True)
class Write:
    """A file of the target, whole or not at all. `says` stands for a text that is not to be shown."""

    path: str
    text: str
    mode: int = 0o644
    says: str = ""


@dataclass(frozen=True)
class Run:
    """`may_fail`: it removes what need not be there."""

    command: Command
    may_fail: bool = False


@dataclass(frozen=True)
class Send:
    """A command of this machine that brings the image to the target's."""

    command: Command


@dataclass(frozen=True)
class Start:
    """A program of the target's machine that goes on when we end, unless it runs already. It holds `lock`, and writes its process and port there."""

    command: Command
    port: int
    lock: str
    log: str


@dataclass(frozen=True)
class Ready:
    """Wait until the release at this port answers the example of its signature."""

    placed: Placed


@dataclass(frozen=True)
class Replay:
    """Send the proof rows to the release at this port."""

    placed: Placed


@dataclass(frozen=True)
class Through:
    """Ask the address that callers use which release answers."""

    placed: Placed


@dataclass(frozen=True)
class Save:
    """The state, as a file of the target."""

    state: State


@dataclass(frozen=True)
class Pause:
    """Requests that were on their way arrive."""

    seconds: float


Act = Write | Run | Send | Start | Ready | Replay | Through | Save | Pause


@dataclass(frozen=True)
class Rollout:
    """`start` changes nothing that serves; `switch` does; `finish` ends what is needed no more. `give_up` undoes `start`, `switch_back` undoes `switch`."""

    placed: Placed
    start: tuple[Act, ...] = ()
    switch: tuple[Act, ...] = ()
    finish: tuple[Act, ...] = ()
    give_up: tuple[Act, ...] = ()
    switch_back: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Shipped:
    """What came of it. `act`: shipped, unchanged, rolled-back, planned, down."""

    target: Target
    act: str
    project: Path
    placed: Placed | None = None
    replaced: Placed | None = None
    address: str = ""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    proof: Any = None
