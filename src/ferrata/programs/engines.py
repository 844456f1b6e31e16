"""docker, podman and buildah: functions that build commands. buildah builds and podman, which shares its store, does the rest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ferrata.records.command import Command

BUILDERS = ("docker", "podman", "buildah")
BUILD_SECONDS = 3600.0
TRANSFER_SECONDS = 3600.0
# Where these programs look for their daemon, settings, stores and logins.
_PASSED = (
    "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF",
    "CONTAINERS_REGISTRIES_CONF", "REGISTRY_AUTH_FILE", "BUILDAH_ISOLATION", "STORAGE_DRIVER", "STORAGE_OPTS", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
    "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "PIP_INDEX_URL",
)  # fmt: skip
# Nothing of the image may be written to while it runs, but this.
HARDENED = (
    "--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=256m", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
)  # fmt: skip
KEYS = "/run/secrets/keys.json"
PORT = 8000
LABEL = "org.ferrata"


@dataclass(frozen=True)
class Engine:
    """`builder` builds, `program` does all else. `has_buildkit`: docker builds with BuildKit."""

    builder: str
    program: str
    has_buildkit: bool = False

    @property
    def is_docker(self) -> bool:
        return self.program == "docker"


@dataclass(frozen=True)
class Build:
    """What a build is given. `epoch` is the time that everything in the image gets (Unix seconds); `target` the stage that is made, "" for the last one."""

    context: Path
    tag: str
    iidfile: Path
    epoch: int
    arguments: Mapping[str, str]
    labels: Mapping[str, str]
    platform: str = ""
    network: str = ""
    target: str = ""


@dataclass(frozen=True)
class Container:
    """One container of an image. `address` and `port` are where it is reached on this machine; `name` is "" for one that ends with its command."""

    image: str
    port: int
    keys: Path
    name: str = ""
    address: str = "127.0.0.1"
    network: str = ""
    platform: str = ""
    labels: Mapping[str, str] | None = None
    environment: Mapping[str, str] | None = None


def environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    environ = os.environ if environ is None else environ
    return {name: environ[name] for name in _PASSED if name in environ}


def _command(program: str, *arguments: str, why: str = "", timeout: float | None = 120.0) -> Command:
    return Command((program, *arguments), None, environment(), why, timeout)


def answers(program: str) -> Command:
    """Ends with status 0 where the program can be used now; of docker the daemon must answer."""
    asked = ("version", "--format", "{{.Server.Version}}") if program == "docker" else ("--version",)
    return _command(program, *asked, why=f"Looking for {program}", timeout=30)


def buildkit() -> Command:
    """Ends with status 0 where docker has BuildKit."""
    return _command("docker", "buildx", "version", why="Looking for BuildKit", timeout=30)


def build(engine: Engine, asked: Build) -> Command:
    """The image of the Dockerfile in the context; its ID goes to `iidfile`."""
    verb = ("build",)
    options = ["--file", str(asked.context / "Dockerfile"), "--tag", asked.tag, "--iidfile", str(asked.iidfile)]
    options += [part for name, value in asked.arguments.items() for part in ("--build-arg", f"{name}={value}")]
    options += ["--build-arg", "PIP_INDEX_URL"] if "PIP_INDEX_URL" in os.environ else []  # its value is read from the environment: it may hold a password
    options += [part for name, value in sorted(asked.labels.items()) for part in ("--label", f"{name}={value}")]
    options += ["--platform", asked.platform] if asked.platform else []
    options += ["--network", asked.network] if asked.network else []
    options += ["--target", asked.target] if asked.target else []
    command = _command(engine.builder, *verb, *_reproducibly(engine, asked), *options, str(asked.context), why="Building the image", timeout=BUILD_SECONDS)
    more = {"SOURCE_DATE_EPOCH": str(asked.epoch), "DOCKER_BUILDKIT": "1" if engine.has_buildkit else "0"} if engine.is_docker else {}
    return Command(command.arguments, None, {**command.environment, **more}, command.why, command.timeout)


def _reproducibly(engine: Engine, asked: Build) -> tuple[str, ...]:
    """The health check is part of Docker's format alone. Without BuildKit docker has no way to set the time of the image itself; its layers are the same."""
    if not engine.is_docker:
        return ("--format", "docker", "--layers", "--timestamp", str(asked.epoch))
    return ("--build-arg", f"SOURCE_DATE_EPOCH={asked.epoch}", "--provenance=false", "--load") if engine.has_buildkit else ()


def pull(engine: Engine, reference: str, *, platform: str = "") -> Command:
    chosen = ("--platform", platform) if platform else ()
    return _command(engine.program, "pull", *chosen, reference, why=f"Getting {reference}", timeout=TRANSFER_SECONDS)


def inspect(engine: Engine, reference: str) -> Command:
    """What the engine knows of it as JSON, a list of one object (Id, Size, RepoDigests, Os, Architecture …); another status than 0 where it is not here."""
    return _command(engine.program, "image", "inspect", reference, why="Looking at the image")


def names(engine: Engine, repository: str) -> Command:
    """The images of this name as NAME:TAG, one a line."""
    return _command(engine.program, "images", "--format", "{{.Repository}}:{{.Tag}}", repository, why="Looking for images")


def tag(engine: Engine, reference: str, name: str) -> Command:
    return _command(engine.program, "tag", reference, name, why=f"Naming the image {name}")


def push(engine: Engine, reference: str, digestfile: Path) -> Command:
    """podman writes the digest that the registry gave to the file; docker keeps it with the image."""
    options = () if engine.is_docker else ("--digestfile", str(digestfile))
    return _command(engine.program, "push", *options, reference, why=f"Pushing {reference}", timeout=TRANSFER_SECONDS)


def run(engine: Engine, container: Container) -> Command:
    """The container in the foreground; it is gone when it ends."""
    return _command(engine.program, "run", "--rm", *_options(container), container.image, why="Running the image", timeout=None)


def _options(container: Container) -> tuple[str, ...]:
    named = ("--name", container.name) if container.name else ()
    labels = [part for name, value in (container.labels or {}).items() for part in ("--label", f"{name}={value}")]
    platform = ("--platform", container.platform) if container.platform else ()
    mount = ("--volume", f"{container.keys}:{KEYS}:ro,Z")
    return (*named, *labels, *platform, *HARDENED, *mount, *_reached(container), *_variables(container.environment or {}))


def _reached(container: Container) -> tuple[str, ...]:
    """A port of this machine; in the host's network the service itself listens there, and nowhere else."""
    if container.network == "host":
        return ("--network", "host", *_variables({"SERVICE_HOST": container.address, "SERVICE_PORT": str(container.port)}))
    network = ("--network", container.network) if container.network else ()
    return (*network, "--publish", f"{container.address}:{container.port}:{PORT}")


def _variables(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(part for name, value in values.items() for part in ("--env", f"{name}={value}"))


def containers(engine: Engine, label: str) -> Command:
    """The IDs of containers with this label, one a line, running or not."""
    return _command(engine.program, "ps", "--all", "--quiet", "--filter", f"label={label}", why="Looking for containers")


def remove(engine: Engine, names: Sequence[str]) -> Command:
    return _command(engine.program, "rm", "--force", *names, why="Removing containers")


def logs(engine: Engine, name: str, *, lines: int = 20) -> Command:
    return _command(engine.program, "logs", "--tail", str(lines), name, why="Reading what the container wrote")


def run_detached(engine: Engine, container: Container) -> Command:
    """The container goes on when we end, and comes back with the engine."""
    options = ("--detach", "--restart", "unless-stopped" if engine.is_docker else "always")  # podman-restart.service knows this one alone
    return _command(engine.program, "run", *options, *_options(container), container.image, why=f"Starting {container.name}", timeout=600)


def is_running(engine: Engine, name: str) -> Command:
    """`true` or `false` on standard output."""
    return _command(engine.program, "inspect", "--format", "{{.State.Running}}", name, why="Looking at the container")


def stop(engine: Engine, name: str, *, seconds: int) -> Command:
    """Ask it to end, and wait so long for what it is answering."""
    return _command(engine.program, "stop", "--time", str(seconds), name, why=f"Draining {name}", timeout=seconds + 60)


def remove_image(engine: Engine, image: str) -> Command:
    return _command(engine.program, "rmi", image, why="Removing an image that is not kept")


def save_stream(engine: Engine, image: str) -> Command:
    """The image as an archive on standard output, for a machine that reaches no registry."""
    return _command(engine.program, "save", image, why="Packing the image", timeout=TRANSFER_SECONDS)


def load_stream(engine: Engine) -> Command:
    """An archive from standard input becomes an image."""
    return _command(engine.program, "load", why="Unpacking the image", timeout=TRANSFER_SECONDS)
