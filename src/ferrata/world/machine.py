"""What a run ran on: system, processor, threads, linear algebra, accelerator."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SECONDS = 5
_OF_A_RESULT = (
    "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHASHSEED", "OPENBLAS_CORETYPE", "MKL_CBWR", "NPY_DISABLE_CPU_FEATURES", "CUDA_VISIBLE_DEVICES",
    "CUBLAS_WORKSPACE_CONFIG", "TF_DETERMINISTIC_OPS", "XLA_FLAGS",
)  # fmt: skip
_INSTRUCTION_SETS = frozenset("sse3 ssse3 sse4_1 sse4_2 avx f16c fma avx2 avx512f avx512cd avx512bw avx512dq avx512vl avx512_vnni asimd sve sve2".split())


def describe(environment: Path | None) -> dict[str, Any]:
    """`environment` is the folder of the virtual environment that stages run in; without one nothing is said of Python and linear algebra."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "cpu": _cpu(),
        "cpu_features": _features(),
        "libc": "-".join(platform.libc_ver()),
        "cores": os.cpu_count() or 0,
        "usable_cores": _usable_cores(),
        "memory": _memory(),
        "threads": {name: value for name, value in sorted(os.environ.items()) if name.endswith("_THREADS")},
        "python": _python(environment) if environment else "",
        "blas": _blas(environment) if environment else [],
        "accelerators": _accelerators(),
    }


def packages_in(environment: Path) -> dict[str, str]:
    """What is installed in a virtual environment, by the names of its metadata folders: normalised name to version."""
    found = (re.fullmatch(r"(.+)-([^-]+)\.dist-info", path.name) for path in environment.glob("lib/python3*/site-packages/*.dist-info"))
    return dict(sorted((re.sub(r"[-_.]+", "-", match[1]).lower(), match[2]) for match in found if match))


def variables_of(environ: Mapping[str, str]) -> dict[str, str | None]:
    """Those that change what the same code gives: language, time zone, hash order, threads, instruction sets, accelerator. None for one that is not set."""
    names = {*_OF_A_RESULT, *(name for name in environ if name.endswith("_THREADS"))}
    return {name: environ.get(name) for name in sorted(names)}


def listing_of(folder: Path) -> list[int]:
    """In which order the file system gives the names of a folder: of each its place among the sorted ones."""
    names = os.listdir(folder)
    places = {name: place for place, name in enumerate(sorted(names))}
    return [places[name] for name in names]


def _features() -> list[str]:
    """The instruction sets that linear algebra is chosen by (Linux)."""
    try:
        found = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(errors="replace"), re.MULTILINE)
    except OSError:
        return []
    return sorted(set(found.group(1).split()) & _INSTRUCTION_SETS) if found else []


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0


def _cpu() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(errors="replace"), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor()


def _memory() -> int:
    """In bytes; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def _python(environment: Path) -> str:
    try:
        found = re.search(r"^version(?:_info)?\s*=\s*(\S+)", (environment / "pyvenv.cfg").read_text(), re.MULTILINE)
    except OSError:
        return ""
    return found.group(1) if found else ""


def _blas(environment: Path) -> list[str]:
    """The libraries that NumPy and SciPy brought along."""
    places = environment.glob("lib/python3*/site-packages/*.libs/lib*blas*")
    mkl = environment.glob("lib/libmkl_rt*")
    return sorted({re.sub(r"-[0-9a-f]{8}|\.so.*$|\.dylib$", "", path.name) for path in (*places, *mkl)})


def _accelerators() -> list[str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = (program, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()] if done.returncode == 0 else []
