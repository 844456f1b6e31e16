"""From imports, declared files and install lines to one list of requirements."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement as Line

from ferrata.records.environment import Requirement, UnknownModule
from ferrata.records.notebook import Notebook
from ferrata.steps.settle.declared import Declared, parse_line
from ferrata.steps.settle.distributions import canonical, known
from ferrata.steps.settle.imports import Import, Needs

# skops' first release that reads and writes what it does today.
SKOPS_SINCE = "2022-12-01"


@dataclass(frozen=True)
class Terms:
    """How a candidate is made: `date` (ISO, "" for today), whether the author's version bounds hold, whether this machine has a graphics card."""

    date: str = ""
    with_versions: bool = True
    has_gpu: bool = False


@dataclass
class _List:
    terms: Terms
    entries: dict[str, list[Requirement]] = field(default_factory=dict)

    def has(self, names: frozenset[str]) -> bool:
        return bool(names & self.entries.keys())

    def add(self, distribution: str, requirement: Requirement, specifier: str = "", extras: str = "", marker: str = "") -> None:
        """One distribution as its PEP 508 lines; the first to name it wins."""
        if canonical(distribution) in self.entries:
            return
        lines = known().lines(distribution, self.terms.date, has_gpu=self.terms.has_gpu)
        self.entries[canonical(distribution)] = [replace(requirement, specifier=_line(line, specifier, extras, marker)) for line in lines]


def requirements(notebook: Notebook, wanted: Needs, declared: Declared, terms: Terms) -> tuple[Requirement, ...]:
    """Declared ones first, then install lines, imports, what calls need, and what Ferrata's file formats need."""
    entries = _List(terms)
    _add_declared(entries, wanted, declared)
    for text in notebook.requirements:
        line = parse_line(text)
        if line is not None:
            _add_line(entries, line, "install")
    for imported in wanted.modules:
        _add_import(entries, imported)
    _add_implied(entries, wanted)
    _add_own(entries)
    return tuple(requirement for lines in entries.entries.values() for requirement in lines)


def unknown_modules(wanted: Needs, found: tuple[Requirement, ...]) -> tuple[UnknownModule, ...]:
    """Imported modules that none of the requirements is known to bring."""
    return tuple(_unknown(imported) for imported in wanted.modules if not known().providers(imported.module) and not _brought(imported, found))


def relevant(declared: Declared, wanted: Needs) -> bool:
    """Whether a file beside the notebook speaks of this notebook at all: it names something that the notebook imports."""
    names = {canonical(Line(text).name) for text in declared.requirements}
    modules = [imported.module for imported in wanted.modules]
    return not modules or any(known().providers(module) & names or canonical(module.partition(".")[0]) in names for module in modules)


def _add_declared(entries: _List, wanted: Needs, declared: Declared) -> None:
    imported = {
        name for one in wanted.modules for name in (*known().providers(one.module, entries.terms.date), canonical(one.module.partition(".")[0]))
    }
    for text in declared.requirements:
        line = Line(text)
        if not declared.is_dump or canonical(line.name) in imported:
            _add_line(entries, line, "file", with_versions=not declared.is_dump)


def _add_line(entries: _List, line: Line, origin: str, *, with_versions: bool = True) -> None:
    specifier = str(line.specifier) if entries.terms.with_versions and with_versions else ""
    if line.url:
        entries.entries.setdefault(canonical(line.name), [Requirement(str(line), origin=origin)])
        return
    extras = f"[{','.join(sorted(line.extras))}]" if line.extras else ""
    entries.add(line.name, Requirement("", origin=origin), specifier, extras, str(line.marker or ""))


def _add_import(entries: _List, imported: Import) -> None:
    distribution = known().find(imported.module, entries.terms.date)
    if distribution and not entries.has(known().providers(imported.module, entries.terms.date)):
        entries.add(distribution, Requirement("", module=imported.module.partition(".")[0], cell=imported.cell))


def _add_implied(entries: _List, wanted: Needs) -> None:
    table = known()
    needed = [name for call in sorted(wanted.calls) for name in table.calls.get(call, [])]
    needed += [name for suffix in sorted(wanted.suffixes) for name in table.suffixes.get(suffix, []) if _reads_tables(wanted)]
    needed += [name for distribution in list(entries.entries) for name in table.companions.get(distribution, [])]
    for name in needed:
        if not entries.has(frozenset(map(canonical, [name, *table.alternatives.get(name, [])]))):
            entries.add(name, Requirement("", origin="import"))


def _reads_tables(wanted: Needs) -> bool:
    return any(call.startswith("read_") or call == "ExcelFile" for call in wanted.calls)


def _add_own(entries: _List) -> None:
    """Parameters are YAML, predictions a Parquet file; both are written by the project's own packages."""
    own = Requirement("", origin="ferrata")
    for name in ("pandas", "pyarrow", "pyyaml"):
        entries.add(name, own)
    if entries.has(frozenset({"scikit-learn"})):
        entries.add("joblib", own)
        if not entries.terms.date or entries.terms.date >= SKOPS_SINCE:
            entries.add("skops", own)


def _line(line: str, specifier: str, extras: str, marker: str) -> str:
    name, _, own_marker = line.partition(" ; ")
    both = " and ".join(f"({part})" if " or " in part and own_marker and marker else part for part in (own_marker, marker) if part)
    return f"{name}{extras}{specifier}" + (f" ; {both}" if both else "")


def _brought(imported: Import, found: tuple[Requirement, ...]) -> bool:
    top = canonical(imported.module.partition(".")[0])
    return any(canonical(Line(one.specifier).name) == top for one in found)


def _unknown(imported: Import) -> UnknownModule:
    top = imported.module.partition(".")[0]
    reason = known().reason_gone(imported.module)
    todo = reason or (
        f"No package is known to bring `{top}`: name it in a requirements.txt beside the notebook or in a `!pip install` line; "
        f"if it is your own module, put {top}.py beside the notebook"
    )
    return UnknownModule(".".join(imported.module.split(".")[:2]) if reason else top, imported.cell, imported.line, todo + ".", imported.optional)
