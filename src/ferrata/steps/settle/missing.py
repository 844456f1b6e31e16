"""A package that only a run shows to be needed: a library imports it behind a call and does not declare it."""

from __future__ import annotations

import re
from dataclasses import replace

from packaging.requirements import Requirement as Line

from ferrata.records.environment import EnvironmentSpec, Requirement
from ferrata.steps.settle.distributions import canonical, has_gpu, known

_MISSING = re.compile(r"No module named '?([A-Za-z_][\w.]*)'?|[Mm]issing optional dependency '([\w.]+)'")


def with_missing_package(spec: EnvironmentSpec, message: str) -> EnvironmentSpec | None:
    """The environment with the package of the module that an error message misses; None when it is there already or nobody knows the module.

    A name that is not in the table is never tried on the index: whoever registered it there may not be who the author means.
    """
    found = next(reversed([match[1] or match[2] for match in _MISSING.finditer(message)]), "")
    distribution = known().find(found, spec.exclude_newer[:10]) if found else None
    if distribution is None or canonical(distribution) in {canonical(Line(one.specifier).name) for one in spec.requirements}:
        return None
    lines = known().lines(distribution, spec.exclude_newer[:10], has_gpu=has_gpu())
    note = f"{distribution} was added: a run ended because {found} was missing"
    return replace(spec, requirements=(*spec.requirements, *(Requirement(line, module=found) for line in lines)), notes=(*spec.notes, note))
