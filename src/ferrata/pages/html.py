"""A page as one HTML file that needs nothing else: readable offline, light and dark."""

from __future__ import annotations

from html import escape
from typing import Any

from ferrata.pages.columns import aligned_table
from ferrata.records.finding import Finding
from ferrata.records.page import Code, Figure, Page, Section, Table, Text

_CSS = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #59636e; --line: #d1d9e0;
        --good: #116329; --bad: #b3261e; --warn: #7d4e00; --code: #f3f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9198a1; --line: #3d444d;
          --good: #4cc266; --bad: #ff8a80; --warn: #e3b341; --code: #161b22; } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 60rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; }
.number { text-align: right; white-space: pre; font-family: ui-monospace, monospace; font-variant-numeric: tabular-nums; }
pre { background: var(--code); padding: .8rem 1rem; border-radius: 6px; overflow-x: auto; }
figure { margin: 1rem 0; overflow-x: auto; } figure svg { max-width: 100%; height: auto; } figcaption { color: var(--faint); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.faint { color: var(--faint); } .strong { font-weight: 600; }
.finding { border-left: 3px solid var(--warn); padding-left: .8rem; margin: 1rem 0; } .finding p { margin: .2rem 0; }
"""


def to_html(page: Page) -> str:
    body = [f"<h1>{escape(page.title)}</h1>", *(_block(block, 2) for block in page.blocks)]
    if page.next_command:
        body.append(f"<p>Next:</p>\n<pre><code>{escape(page.next_command)}</code></pre>")
    head = (
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.title)}</title>\n<style>{_CSS}</style>"
    )
    content = "\n".join(body)
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n'


def _block(block: Any, depth: int) -> str:
    if isinstance(block, Section):
        heading = f"h{min(depth, 6)}"
        inner = "\n".join(_block(item, depth + 1) for item in block.blocks)
        return f"<section>\n<{heading}>{escape(block.title)}</{heading}>\n{inner}\n</section>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Finding):
        return _finding(block)
    if isinstance(block, Code):
        return f"<pre><code>{escape(block.text)}</code></pre>"
    if isinstance(block, Figure):
        return f"<figure>\n{block.svg}\n<figcaption>{escape(block.caption)}</figcaption>\n</figure>"
    if isinstance(block, Text):
        return f"<p{_class(block.style)}>{escape(block.text)}</p>"
    raise TypeError(f"a page cannot show {type(block).__name__}")


def _table(table: Table) -> str:
    numeric, rows = aligned_table(table)
    kinds = ["number" if is_number else "" for is_number in numeric]
    caption = f"<caption>{escape(table.title)}</caption>" if table.title else ""
    head = "".join(f'<th scope="col"{_class(kind)}>{escape(name)}</th>' for name, kind in zip(table.columns, kinds, strict=True))
    header = f"<thead><tr>{head}</tr></thead>" if any(table.columns) else ""
    styles = table.styles or ("",) * len(rows)
    body = "\n".join(_row(row, kinds, style) for row, style in zip(rows, styles, strict=True))
    return f"<table>{caption}{header}<tbody>\n{body}\n</tbody></table>"


def _row(row: tuple[str, ...], kinds: list[str], style: str) -> str:
    cells = "".join(f"<td{_class(kind)}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True))
    return f"<tr{_class(style)}>{cells}</tr>"


def _finding(finding: Finding) -> str:
    place = f"cell {finding.cell}, line {finding.line}" if finding.cell else "the whole notebook"
    likely = "" if finding.certain == "sure" else ", likely"
    title = f'<p><span class="warn strong">{escape(finding.code)} {escape(finding.name)}</span> {place}{likely}</p>'
    lines = "".join(f"<p>{escape(text)}</p>" for text in (finding.what, finding.why, finding.todo) if text)
    return f'<div class="finding">{title}{lines}</div>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
