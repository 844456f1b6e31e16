"""Where an expression stands, and that one cannot be written for one row."""

from __future__ import annotations

import ast

from ferrata.records.observation import Site


class Stuck(Exception):
    """This expression cannot be written for one row."""


def site_of(node: ast.expr) -> Site:
    return Site(node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
