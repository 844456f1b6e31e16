"""Settle the environment: from a notebook to packages that can run it.

`candidates` says which environments are worth trying; `settle` makes one with uv; `with_missing_package` adds what a run showed to be needed;
`clone` brings its manifest and lock to a project.
"""

from __future__ import annotations

from ferrata.steps.settle.candidate_specs import candidates
from ferrata.steps.settle.making import clone, export_requirements, settle
from ferrata.steps.settle.missing import with_missing_package

__all__ = ["candidates", "clone", "export_requirements", "settle", "with_missing_package"]
