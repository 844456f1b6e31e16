"""What the author says the notebook needs: a lock or requirements file beside it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from ferrata.steps.settle.distributions import canonical, known

# A hand-written list names what is needed; a frozen environment names everything that happened to be there.
DUMP_LINES = 60
# What a notebook is edited in, and what belongs to one operating system: never needed to run its code.
_TOOLS = frozenset(
    "jupyter jupyterlab notebook ipykernel jupyter-client jupyter-core jupyter-console nbconvert nbclient qtconsole pip setuptools wheel conda python pywin32 "
    "pywinpty "
    "pypiwin32 appnope pywin32-ctypes win-inet-pton "
    "winpty vs2015-runtime vc mkl mkl-service mkl-fft mkl-random intel-openmp nb-conda-kernels jupyterthemes".split()
)


@dataclass(frozen=True)
class Declared:
    """`requirements` are PEP 508 lines, `pins` canonical name to exact version, `python` a specifier ("" when it says nothing).

    `is_dump`: a frozen environment rather than a list of what is needed. `skipped`: lines that mean nothing here.
    """

    file: Path | None = None
    requirements: tuple[str, ...] = ()
    pins: dict[str, str] = field(default_factory=dict)
    python: str = ""
    is_dump: bool = False
    skipped: tuple[str, ...] = ()


def find(notebook: Path) -> Declared:
    """The first file, from the notebook's folder up to two folders above within its Git repository, that lists packages."""
    for folder in _folders(notebook.resolve().parent):
        for file, read in _files(folder):
            declared = _guarded(file, read)
            if declared.requirements:
                return declared
    return Declared()


def python_wish(notebook: Path) -> tuple[str, str]:
    """A Python version or specifier set down beside the notebook, and the file that says so; ("", "") when none does."""
    for folder in _folders(notebook.resolve().parent):
        for name in (".python-version", "runtime.txt"):
            if (folder / name).is_file():
                found = re.search(r"(\d+\.\d+)", _text(folder / name))
                if found:
                    return found[1], name
        wish = _toml(folder / "pyproject.toml").get("project", {}).get("requires-python", "") if (folder / "pyproject.toml").is_file() else ""
        if wish:
            return str(wish), "pyproject.toml"
    return "", ""


def _folders(start: Path) -> list[Path]:
    root = next((folder for folder in [start, *start.parents] if (folder / ".git").exists()), start)
    return [folder for folder in [start, *start.parents][:3] if folder == root or root in folder.parents]


def _files(folder: Path) -> Iterator[tuple[Path, Callable[[Path], Declared]]]:
    if (folder / "pyproject.toml").is_file():
        yield folder / "pyproject.toml", _pyproject
    texts = [file for file in folder.glob("*requirements*.txt") if "dev" not in file.stem and "test" not in file.stem and "doc" not in file.stem]
    for file in sorted(texts, key=lambda file: (file.name != "requirements.txt", len(file.name), file.name)):
        yield file, requirements_file
    for name in ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml"):
        if (folder / name).is_file():
            yield folder / name, _conda
    if (folder / "Pipfile").is_file():
        yield folder / "Pipfile", _pipfile


def _guarded(file: Path, read: Callable[[Path], Declared]) -> Declared:
    """A broken file beside the notebook must not stop us: it is as if it were not there."""
    try:
        return read(file)
    except Exception:  # every parser fails in its own way
        return Declared()


def requirements_file(file: Path) -> Declared:
    """A pip requirements file, `-r` followed; `pip freeze` and `conda list --export` output too."""
    lines = list(_lines(file, depth=0))
    return _collect(file, lines, is_dump=_looks_frozen(lines))


def _lines(file: Path, depth: int) -> Iterator[str]:
    for raw in re.sub(r"\\\r?\n", " ", _text(file)).splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        line = re.sub(r"\s--hash[= ]\S+", "", line)
        include = re.match(r"(?:-r|--requirement)[= ]\s*(\S+)", line)
        if include and depth < 3 and (file.parent / include[1]).is_file():
            yield from _lines(file.parent / include[1], depth + 1)
        elif line:
            yield line


def _looks_frozen(lines: list[str]) -> bool:
    pinned = sum("==" in line or "@" in line or line.count("=") == 2 for line in lines)
    from_disk = any("@ file:" in line or re.fullmatch(r"[\w.-]+=[\w.]+=\w+", line) for line in lines)
    return from_disk or (len(lines) > DUMP_LINES and pinned > 0.8 * len(lines))


def _collect(file: Path, lines: list[str], *, python: str = "", is_dump: bool = False, pins: dict[str, str] | None = None) -> Declared:
    requirements: dict[str, str] = {}
    found = dict(pins or {})
    skipped = []
    for line in lines:
        requirement = parse_line(line)
        if requirement is None:
            skipped.append(line)
        elif canonical(requirement.name) not in _TOOLS:
            requirements.setdefault(canonical(requirement.name), str(requirement))
            found |= {canonical(requirement.name): pin for pin in _exact(requirement.specifier)}
    return Declared(file, tuple(requirements.values()), found, python, is_dump, tuple(skipped))


def parse_line(line: str) -> Requirement | None:
    """One requirement in any of the spellings seen in the wild, None for what is none (options, paths, conda builds of other things)."""
    line = re.sub(r"^(['\"])(.*)\1$", r"\2", line.strip())
    exported = re.fullmatch(r"([\w.-]+)=([\w.!+]+)(?:=\w+)?", line)
    if exported:
        line = f"{exported[1]}=={exported[2]}"
    line = re.sub(r"\s*@\s*file:\S+", "", line)
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return None
    requirement.name = known().meant(requirement.name)
    return requirement


def _exact(specifier: SpecifierSet) -> list[str]:
    return [part.version for part in specifier if part.operator in ("==", "===") and not part.version.endswith("*")]


def _pyproject(file: Path) -> Declared:
    data = _toml(file)
    project = data.get("project", {})
    poetry = data.get("tool", {}).get("poetry", {})
    if project.get("dependencies"):
        return _collect(
            file, list(project["dependencies"]), python=str(project.get("requires-python", "")), pins=_locked(file.parent / "uv.lock", "package")
        )
    table = dict(poetry.get("dependencies", {}))
    python = str(table.pop("python", ""))
    lines = [
        f"{name}{_caret(value if isinstance(value, str) else value.get('version', ''))}"
        for name, value in table.items()
        if not isinstance(value, list)
    ]
    return _collect(file, lines, python=_caret(python), pins=_locked(file.parent / "poetry.lock", "package"))


def _locked(file: Path, key: str) -> dict[str, str]:
    """Versions in a TOML lock (uv.lock and poetry.lock name packages alike)."""
    packages: list[dict[str, Any]] = _toml(file).get(key, []) if file.is_file() else []
    return {canonical(package["name"]): package["version"] for package in packages if "version" in package}


def _caret(version: str) -> str:
    """Poetry's and Pipfile's version language as PEP 440: `^1.2` and `~1.2` are lower bounds with a ceiling, a bare number is exact."""
    version = version.strip()
    if version in ("", "*"):
        return ""
    if version[0] in "^~" and not version.startswith("~="):
        parts = version[1:].strip().split(".")
        fixed = 1 if version[0] == "^" and parts[0] != "0" else 2
        ceiling = [*map(int, parts[: fixed - 1]), int(parts[fixed - 1]) + 1] if len(parts) >= fixed else [int(parts[0]) + 1]
        return f">={'.'.join(parts)},<{'.'.join(map(str, ceiling))}"
    return version if version[0] in "<>=!~" else f"=={version}"


def _pipfile(file: Path) -> Declared:
    data = _toml(file)
    lines = [f"{name}{_caret(value if isinstance(value, str) else value.get('version', ''))}" for name, value in data.get("packages", {}).items()]
    python = str(data.get("requires", {}).get("python_version", ""))
    return _collect(file, lines, python=f"=={python}.*" if python else "")


def _conda(file: Path) -> Declared:
    """`environment.yml`: conda's names and single `=` become pip's; what conda alone has falls away as a tool."""
    import yaml

    items = (yaml.safe_load(_text(file)) or {}).get("dependencies", [])
    plain = [item.partition("::")[2] or item for item in items if isinstance(item, str)]
    pip = [line for item in items if isinstance(item, dict) for line in item.get("pip", [])]
    python = next((found[1] for item in plain if (found := re.match(r"python\s*[=~>]+\s*(\d+\.\d+)", item))), "")
    is_dump = sum(item.count("=") == 2 and "==" not in item for item in plain) > 10
    return _collect(file, [*map(_conda_line, plain), *pip], python=f"=={python}.*" if python else "", is_dump=is_dump)


def _conda_line(item: str) -> str:
    found = re.fullmatch(r"([\w.-]+)\s*=\s*([\w.]+)(?:=\w+)?", item)
    if not found:
        return item
    # conda's `numpy=1.19` means any 1.19; its full versions are exact.
    return f"{found[1]}=={found[2]}" if found[2].count(".") >= 2 else f"{found[1]}=={found[2]}.*"


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError:
        return {}


def _text(file: Path) -> str:
    """The file's text; PowerShell's `pip freeze >` writes UTF-16."""
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    return data.decode("utf-8-sig", errors="replace")
