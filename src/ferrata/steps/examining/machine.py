"""Processor, memory, disk and accelerator."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ferrata.records.amount import memory as amount
from ferrata.records.health import Check
from ferrata.world.disk import cache_folder
from ferrata.world.machine import describe

_GIGA = 1 << 30
_LITTLE_DISK = 3 * _GIGA  # an environment of scikit-learn, pandas and matplotlib, twice, and room for data
_TOO_LITTLE_DISK = _GIGA // 2
_LITTLE_MEMORY = 2 * _GIGA
_MEASURED = ("x86_64", "AMD64", "arm64", "aarch64")


def machine_checks(folder: Path) -> Iterator[Check]:
    machine = describe(None)
    yield _processor(machine["architecture"], machine["cpu"], machine["usable_cores"])
    yield _memory(machine["memory"])
    yield from _disks(folder)
    yield _accelerator(machine["accelerators"])


def _processor(architecture: str, name: str, cores: int) -> Check:
    flags = _flags()
    found = f"{architecture}, {cores} {'core' if cores == 1 else 'cores'}{f', {name}' if name else ''}"
    if architecture not in _MEASURED:
        todo = "Many packages have no built wheels for it and are compiled on install, which needs a compiler."
        return Check("processor", found, "low", "installing packages", todo)
    if architecture in ("x86_64", "AMD64") and flags and "avx" not in flags:
        return Check("processor", f"{found}, without AVX", "low", "TensorFlow and others", "TensorFlow does not start without AVX; use a newer machine for it.")
    more = [name.upper() for name in ("avx", "avx2", "avx512f") if name in flags]
    return Check("processor", found + (f" ({', '.join(more)})" if more else ""), "ok", "everything")


def _flags() -> set[str]:
    try:
        found = re.search(r"^flags\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(errors="replace"), re.MULTILINE)
    except OSError:
        found = None
    return set(found.group(1).split()) if found else set()


def _memory(total: int) -> Check:
    limit = _memory_limit()
    usable = min(total, limit) if limit else total
    free = _free_memory()
    if not usable:
        return Check("memory", "the system does not say", "note", "training")
    here = f"{amount(usable)}{f', a limit of this container (the machine has {amount(total)})' if limit and limit < total else ''}"
    found = f"{here}; {amount(free)} free" if free else here
    if usable < _LITTLE_MEMORY or (free and free < _GIGA // 2):
        return Check("memory", found, "low", "training; adopt holds the notebook's data once", "Close other programs, or take a smaller part of the data.")
    return Check("memory", found, "ok", "training")


def _memory_limit() -> int:
    """Of the control group, 0 for none (cgroup v2, then v1)."""
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            said = Path(path).read_text().strip()
        except OSError:
            continue
        return int(said) if said.isdigit() and int(said) < 1 << 60 else 0
    return 0


def _free_memory() -> int:
    try:
        found = re.search(r"^MemAvailable:\s*(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return int(found.group(1)) * 1024 if found else 0


def _disks(folder: Path) -> Iterator[Check]:
    """One line for each disk: the folder's, that of work in progress, that of temporary files."""
    places = [(folder, "this folder"), (cache_folder(), "work in progress"), (Path(tempfile.gettempdir()), "temporary files")]
    by_disk: dict[int, list[tuple[Path, str]]] = {}
    for place, what in places:
        by_disk.setdefault(place.stat().st_dev, []).append((place, what))
    for found in by_disk.values():
        yield _disk(found[0][0], ", ".join(what for _, what in found))


def _disk(place: Path, what: str) -> Check:
    free = shutil.disk_usage(place).free
    name, needed = f"disk of {what}", "environments (0.5 GB to 6 GB each) and data"
    if not os.access(place, os.W_OK):
        return Check(name, f"{place} cannot be written to", "missing", needed, "Go to a folder that you may write to.", is_required=True)
    todo = f"Free some space: {place} is on it. XDG_CACHE_HOME and UV_CACHE_DIR put caches on another disk."
    if free < _TOO_LITTLE_DISK:
        return Check(name, f"{amount(free)} free", "missing", needed, todo, is_required=True)
    return Check(name, f"{amount(free)} free", "low" if free < _LITTLE_DISK else "ok", needed, todo if free < _LITTLE_DISK else "")


def _accelerator(found: list[str]) -> Check:
    needed = "faster training of neural networks"
    if found:
        return Check("accelerator", "; ".join(found), "ok", needed)
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return Check("accelerator", "Apple GPU (torch: device mps)", "ok", needed)
    if list(Path("/dev").glob("nvidia[0-9]*")) or Path("/proc/driver/nvidia").exists():
        return Check("accelerator", "an NVIDIA card, but nvidia-smi does not answer", "low", needed, "Install or repair the NVIDIA driver.")
    return Check("accelerator", "none; the CPU builds of torch and tensorflow are installed", "note", needed)
