"""Findings: what to tell the author about the notebook. One file each; the list below is their order of importance.

A finding's module has `CODE` (stable), `NAME`, a docstring that is its documentation page, and `find(context)`. A wrong
finding costs more trust than a missing one: in doubt it says nothing. To add one: write its file, put it into the list,
run `python -m ferrata.steps.analysing.findings.pages`.
"""

from __future__ import annotations

from typing import Any

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings import (
    absolute_path,
    accuracy_on_imbalanced,
    broken_cell,
    dead_code,
    deprecated_call,
    duplicate_rows,
    encoded_before_split,
    failing_cell,
    fitted_before_split,
    hidden_state,
    index_as_feature,
    network,
    not_repeatable,
    out_of_order,
    resampled_before_split,
    saved_output_differs,
    secrets,
    shell_step,
    statistics_before_split,
    target_in_features,
    test_rows_in_fit,
    tuned_on_test,
    unseeded_randomness,
    used_before_definition,
)
from ferrata.steps.analysing.findings.context import FindingContext

# Modules; a test holds each to CODE, NAME, docstring and find.
RULES: tuple[Any, ...] = (
    secrets,
    failing_cell,
    hidden_state,
    used_before_definition,
    broken_cell,
    target_in_features,
    resampled_before_split,
    test_rows_in_fit,
    fitted_before_split,
    tuned_on_test,
    duplicate_rows,
    statistics_before_split,
    not_repeatable,
    unseeded_randomness,
    saved_output_differs,
    index_as_feature,
    accuracy_on_imbalanced,
    encoded_before_split,
    absolute_path,
    network,
    shell_step,
    out_of_order,
    deprecated_call,
    dead_code,
)


def find_all(context: FindingContext) -> tuple[Finding, ...]:
    """Every finding, kinds by importance as listed above, then by cell and line."""
    found = [(rank, finding) for rank, rule in enumerate(RULES) for finding in rule.find(context)]
    unique = dict.fromkeys(sorted(found, key=lambda pair: (pair[0], pair[1].cell, pair[1].line)))
    return tuple(finding for _, finding in unique)
