"""A registry with TLS and a password, a base image in it, and settings under which podman, buildah and docker run inside another container.

Debian's packages: podman buildah runc skopeo docker-registry mmdebstrap apache2-utils openssl. No image can be pulled from outside, so that the base is
Debian's own Python, put together from Debian's packages.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("podman", "buildah", "runc", "skopeo", "docker-registry", "mmdebstrap", "htpasswd", "openssl")
USER, PASSWORD = "bob", "correct-horse"

CONTAINERS = """[containers]
default_ulimits=["nofile=1024:1024","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
"""
STORAGE = """[storage]
driver = "overlay"
graphroot = "{folder}/store"
runroot = "{folder}/run"
"""
REGISTRY = """version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/registry}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}", secret: laboratory, tls: {{certificate: {folder}/tls.crt, key: {folder}/tls.key}}}}
auth: {{htpasswd: {{realm: laboratory, path: {folder}/htpasswd}}}}
"""
POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'


@dataclass(frozen=True)
class Lab:
    folder: Path
    port: int

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"{self.host}/library/python:{'.'.join(map(str, python_version()))}-slim"

    @property
    def variables(self) -> dict[str, str]:
        return {
            "CONTAINERS_CONF": str(self.folder / "containers.conf"), "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "REGISTRY_AUTH_FILE": str(self.folder / "auth.json"), "BUILDAH_ISOLATION": "chroot", "DOCKER_CONFIG": str(self.folder / "docker"),
            "DOCKER_HOST": f"unix://{self.folder}/docker.sock",
        }  # fmt: skip

    def call(self, *arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(arguments, env={**os.environ, **self.variables}, capture_output=True, text=True, **more)  # type: ignore[call-overload, no-any-return]


def python_version() -> tuple[int, int]:
    """Debian's own."""
    said = subprocess.run(["apt-cache", "depends", "python3-minimal"], capture_output=True, text=True).stdout
    found = next((line.rpartition("python")[2].partition("-")[0] for line in said.splitlines() if "Depends: python3." in line), "3.11")
    major, minor = found.split(".")
    return int(major), int(minor)


def lacking() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


def make_base(archive: Path) -> None:
    """The root of a file system, as a tar file. What pip needs to reach its index from here goes into it, as a company's own base would have it."""
    if archive.exists():
        return
    draft = archive.with_suffix(".draft.tar")
    bundle = Path(os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt")
    settings = archive.with_name("pip.conf")
    settings.write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")
    hooks = [f"--customize-hook=copy-in {settings} /etc", f"--customize-hook=upload {bundle} /etc/ssl/certs/ca-certificates.crt"]
    if archive.with_name("pip.conf").stat().st_size and index():
        settings.write_text(settings.read_text() + f"index-url = {index()}\n")
    command = ["mmdebstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates", *hooks, "bookworm", str(draft)]
    made = subprocess.run([*command, f"deb {mirror()} bookworm main"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr[-2000:]
    draft.rename(archive)


def mirror() -> str:
    """Debian's packages, as this machine gets them."""
    said = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], capture_output=True, text=True).stdout
    return next((line for line in said.split() if "debian" in line and "security" not in line), "http://deb.debian.org/debian").rstrip("/")


def index() -> str:
    """pip's index, where it is not the usual one."""
    said = subprocess.run(["pip", "config", "get", "global.index-url"], capture_output=True, text=True)
    return said.stdout.strip() if said.returncode == 0 else ""


def write_settings(folder: Path, port: int) -> Lab:
    for name in ("store", "run", "registry", "docker"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "containers.conf").write_text(CONTAINERS)
    (folder / "storage.conf").write_text(STORAGE.format(folder=folder))
    (folder / "registry.yml").write_text(REGISTRY.format(folder=folder, port=port))
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.crt"), *name]
    subprocess.run(key, check=True, capture_output=True)
    said = subprocess.run(["htpasswd", "-Bbn", USER, PASSWORD], check=True, capture_output=True, text=True).stdout
    (folder / "htpasswd").write_text(said)
    return Lab(folder, port)


@contextlib.contextmanager
def trusted(lab: Lab) -> Iterator[None]:
    """The registry's certificate, where podman, buildah and docker look for it, and a policy that lets images in where the system has none."""
    places = [Path("/etc/containers/certs.d") / lab.host, Path("/etc/docker/certs.d") / lab.host]
    policy = Path("/etc/containers/policy.json")
    is_ours = not policy.exists()
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(lab.folder / "tls.crt", place / "ca.crt")
    if is_ours:
        policy.write_text(POLICY)
    try:
        yield
    finally:
        for place in places:
            shutil.rmtree(place, ignore_errors=True)
        if is_ours:
            policy.unlink(missing_ok=True)


@contextlib.contextmanager
def registry(lab: Lab) -> Iterator[None]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}  # it would read these as settings of its own
    with (lab.folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", str(lab.folder / "registry.yml")], env=own, stdout=log, stderr=log)
        try:
            _wait_for(lambda: lab.call("curl", "-sk", "-o", "/dev/null", f"https://{lab.host}/v2/").returncode == 0)
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def docker(lab: Lab) -> Iterator[None]:
    """Docker's daemon without a bridge: containers use the host's network."""
    place = lab.folder / "dockerd"
    options = ["--data-root", f"{place}/data", "--exec-root", f"{place}/exec", "--pidfile", f"{place}/pid"]
    options += ["--iptables=false", "--ip6tables=false", "--bridge=none"]
    place.mkdir(exist_ok=True)
    with (lab.folder / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(["dockerd", "-H", lab.variables["DOCKER_HOST"], *options], stdout=log, stderr=log)
        try:
            _wait_for(lambda: lab.call("docker", "version").returncode == 0)
            yield
        finally:
            process.terminate()
            process.wait(60)


def push_base(lab: Lab, archive: Path) -> None:
    login(lab)
    script = "c=$(buildah from scratch); buildah add -q $c $0 /; buildah commit -q $c $1; buildah rm $c; buildah push -q $1"
    made = lab.call("sh", "-ec", script, str(archive), lab.base)
    assert made.returncode == 0, made.stderr
    lab.call("podman", "rmi", "--all", "--force")


def login(lab: Lab) -> None:
    for program in ("podman", "docker"):
        if shutil.which(program):
            lab.call(program, "login", "--username", USER, "--password-stdin", lab.host, input=PASSWORD)


def end(lab: Lab) -> None:
    lab.call("podman", "rm", "--all", "--force", "--time", "1")
    lab.call("podman", "umount", "--all", "--force")
    unmount(lab.folder)


def unmount(folder: Path) -> None:
    """All that engines have mounted below the folder and left there, the innermost first: it could not be removed."""
    mounted = [line.split(" ")[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in reversed([each for each in mounted if each.startswith(f"{folder}/")]):
        subprocess.run(["umount", "-l", place], capture_output=True)


def _wait_for(is_there: object, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not is_there():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not start"
        time.sleep(0.1)


SSHD = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile {folder}/sshd.pid
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
AllowTcpForwarding yes
SetEnv {variables}
"""


@dataclass(frozen=True)
class Server:
    """What another machine would be: an sshd of this one, whose sessions have engines with a store of their own. `options` are ssh's."""

    folder: Path
    port: int
    options: tuple[str, ...]

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["ssh", *self.options, "root@127.0.0.1", shlex.join(arguments)], capture_output=True, text=True, timeout=120)


@contextlib.contextmanager
def server(lab: Lab, folder: Path, port: int) -> Iterator[Server]:
    for name in ("store", "run"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("host_key", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "storage.conf").write_text(STORAGE.format(folder=folder))
    variables = {**lab.variables, "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf")}
    text = SSHD.format(port=port, folder=folder, variables=" ".join(f"{name}={value}" for name, value in variables.items()))
    (folder / "sshd_config").write_text(text)
    Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "sshd.log").open("wb") as log:
        process = subprocess.Popen([str(shutil.which("sshd")), "-D", "-e", "-f", str(folder / "sshd_config")], stdout=log, stderr=log)
        known = ("-o", f"UserKnownHostsFile={folder}/known", "-o", "StrictHostKeyChecking=accept-new", "-o", "LogLevel=ERROR")
        made = Server(folder, port, ("-p", str(port), "-i", str(folder / "key"), *known))
        try:
            _wait_for(lambda: made.call("true").returncode == 0)
            yield made
        finally:
            made.call("podman", "rm", "--all", "--force", "--time", "1")
            process.terminate()
            process.wait(20)
            unmount(folder)
