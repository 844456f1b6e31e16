"""Spans of source text, and the names of metrics."""

from __future__ import annotations

from ferrata.records.observation import Call, Number, Site, Trace

_SUFFIXES = ("_score", "_")


def segment(source: str, site: Site) -> str:
    """The text of a site (columns count UTF-8 bytes, as in `ast`)."""
    lines = source.encode().split(b"\n")[site.line - 1 : site.end_line]
    if not lines:
        return ""
    lines[-1] = lines[-1][: site.end_column]
    lines[0] = lines[0][site.column :]
    return b"\n".join(lines).decode(errors="replace")


def holder(trace: Trace, item: Call | Number) -> int:
    """The statement whose text holds the site."""
    return item.statement if item.statement >= 0 else trace.index


def contains(outer: Site, inner: Site) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def metric_name(function: str) -> str:
    """`sklearn.metrics._classification.accuracy_score` → `accuracy`; methods keep theirs (`score`, `evaluate`)."""
    last = function.rsplit(".", 1)[-1]
    for suffix in _SUFFIXES:
        if last.endswith(suffix) and len(last) > len(suffix) and not last.startswith("cross_val"):
            return last[: -len(suffix)]
    return last
