"""torch without a graphics card: the index's default Linux build brings gigabytes of CUDA that nothing would use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from ferrata.records.environment import EnvironmentSpec, Index, Requirement
from ferrata.steps.settle.distributions import LINUX, NOT_LINUX, canonical

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
FAMILY = ("torch", "torchvision", "torchaudio")


def without_cuda(spec: EnvironmentSpec, *, wheel_folders: Iterable[Path], answers: Callable[[str], bool]) -> EnvironmentSpec:
    """The spec with torch's CPU build: from PyTorch's own index, else from a local folder of wheels, else said that there was none."""
    used = [name for name in FAMILY if any(_name(one) == name for one in spec.requirements)]
    if not used or any("+" in one.specifier for one in spec.requirements if _name(one) == "torch"):
        return spec
    if answers(f"{CPU_INDEX}/torch/"):
        # Its pages carry no upload dates, so a date would hide all of it.
        undated = tuple(used) if spec.exclude_newer else ()
        return replace(spec, indexes=(*spec.indexes, Index("pytorch-cpu", CPU_INDEX, tuple(used))), undated=(*spec.undated, *undated))
    local = _local_versions(wheel_folders, spec.python_version)
    if set(used) <= local.keys() and not spec.exclude_newer:  # torchvision of the index does not load beside another build of torch
        pinned = tuple(part for one in spec.requirements for part in _pinned(one, local))
        return replace(spec, requirements=pinned, notes=(*spec.notes, f"torch {local['torch']} is the CPU build from the local folder of wheels"))
    return replace(spec, notes=(*spec.notes, "torch is the default build: PyTorch's index of CPU builds does not answer"))


def _local_versions(folders: Iterable[Path], python_version: str) -> dict[str, str]:
    """Newest `+cpu` version of each of the family that has a wheel for this Python; empty without torch itself."""
    tag = "cp" + "".join(python_version.split(".")[:2])
    found: dict[str, str] = {}
    for wheel in (file for folder in folders for file in sorted(folder.glob("torch*+cpu-*.whl"))):
        name, version, python = wheel.name.split("-")[:3]
        if name in FAMILY and python == tag and _order(version) >= _order(found.get(name, "0")):
            found[name] = version
    return found if "torch" in found else {}


def _pinned(requirement: Requirement, versions: dict[str, str]) -> list[Requirement]:
    version = versions.get(_name(requirement))
    if version is None:
        return [requirement]
    name, public = _name(requirement), version.partition("+")[0]
    return [replace(requirement, specifier=f"{name}=={version} ; {LINUX}"), replace(requirement, specifier=f"{name}=={public} ; {NOT_LINUX}")]


def _name(requirement: Requirement) -> str:
    return canonical(re.match(r"[\w.-]*", requirement.specifier)[0])  # type: ignore[index]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
