"""`docs/findings.md`, written from the docstrings: `python -m ferrata.steps.analysing.findings.pages > docs/findings.md`."""

from __future__ import annotations

import sys
from types import ModuleType

from ferrata.steps.analysing.findings import RULES

_HEAD = """# Findings

What Ferrata tells you about a notebook, by code. Codes are stable. `sure` findings were observed; `likely` ones are worth a look.
This page is written from the source: `python -m ferrata.steps.analysing.findings.pages > docs/findings.md`.
"""


def page() -> str:
    """The whole page in Markdown, findings by code."""
    rules = sorted(RULES, key=lambda rule: rule.CODE)
    table = ["| code | finding | in a sentence |", "| --- | --- | --- |"]
    table += [f"| [{rule.CODE}](#{rule.CODE.lower()}-{rule.NAME}) | {rule.NAME} | {_documentation(rule).splitlines()[0]} |" for rule in rules]
    sections = [f"## {rule.CODE} {rule.NAME}\n\n{_documentation(rule)}" for rule in rules]
    return "\n".join([_HEAD, *table, ""]) + "\n" + "\n\n".join(sections) + "\n"


def _documentation(rule: ModuleType) -> str:
    return (rule.__doc__ or "").strip()


if __name__ == "__main__":
    sys.stdout.write(page())
