"""Figures as SVG, drawn from numbers: readable on light and dark paper, without scripts, fonts or anything from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

Point = tuple[float, float]
FIRST, SECOND, GOOD, BAD, FAINT = "first", "second", "good", "bad", "faint"
_STYLE = """
.ferrata text { font: 12px system-ui, sans-serif; fill: #1b1f24; } .ferrata .axis { stroke: #8c959f; stroke-width: 1; }
.ferrata .grid { stroke: #8c959f; opacity: .3; }
.ferrata .first { stroke: #6e7781; fill: #6e7781; } .ferrata .second { stroke: #0969da; fill: #0969da; } .ferrata .good { stroke: #1a7f37; fill: #1a7f37; }
.ferrata .bad { stroke: #cf222e; fill: #cf222e; } .ferrata .faint { stroke: #8c959f; fill: #8c959f; } .ferrata .line { fill: none; stroke-width: 2; }
.ferrata text.small { font-size: 11px; } .ferrata text.note { fill: #59636e; }
@media (prefers-color-scheme: dark) { .ferrata text { fill: #e6edf3; } .ferrata text.note { fill: #9198a1; } .ferrata .first { stroke: #adbac7; fill: #adbac7; }
.ferrata .second { stroke: #58a6ff; fill: #58a6ff; } .ferrata .good { stroke: #3fb950; fill: #3fb950; } .ferrata .bad { stroke: #ff7b72; fill: #ff7b72; } }
"""


def svg(width: float, height: float, parts: Iterable[str], *, title: str) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="ferrata" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img">'
    return f"{head}\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</svg>"


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(words)}</text>'


def line(start: Point, end: Point, kind: str, *, width: float = 1.0) -> str:
    return f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" class="{kind}" stroke-width="{width:g}"/>'


def polyline(points: Sequence[Point], kind: str) -> str:
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" class="line {kind}"/>'


def dot(at: Point, kind: str, *, radius: float = 3.0, opacity: float = 1.0, title: str = "") -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    return f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}" class="{kind}" stroke="none" opacity="{opacity:g}">{told}</circle>'


def rectangle(at: Point, width: float, height: float, kind: str, *, opacity: float) -> str:
    return f'<rect x="{at[0]:.1f}" y="{at[1]:.1f}" width="{width:.1f}" height="{height:.1f}" class="{kind}" stroke="none" fill-opacity="{opacity:.3f}"/>'


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers between the two."""
    if not high > low:
        return [low]
    raw = (high - low) / count
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


class Frame:
    """A plot's area and the scale of its two axes."""

    def __init__(self, left: float, top: float, width: float, height: float, *, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.left, self.top, self.width, self.height, self.x, self.y = left, top, width, height, _wide(x), _wide(y)

    def at(self, x: float, y: float) -> Point:
        across, up = (x - self.x[0]) / (self.x[1] - self.x[0]), (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def axes(self, x_name: str, y_name: str) -> list[str]:
        bottom, right = self.top + self.height, self.left + self.width
        parts = []
        for value in ticks(*self.x):
            x, _ = self.at(value, self.y[0])
            parts += [line((x, self.top), (x, bottom), "grid"), text(x, bottom + 16, f"{value:.4g}", anchor="middle", kind="small note")]
        for value in ticks(*self.y):
            _, y = self.at(self.x[0], value)
            parts += [line((self.left, y), (right, y), "grid"), text(self.left - 6, y + 4, f"{value:.4g}", anchor="end", kind="small note")]
        parts += [line((self.left, bottom), (right, bottom), "axis"), line((self.left, self.top), (self.left, bottom), "axis")]
        return [*parts, text((self.left + right) / 2, bottom + 34, x_name, anchor="middle", kind="note"), text(self.left, self.top - 8, y_name, kind="note")]


def _wide(ends: tuple[float, float]) -> tuple[float, float]:
    return ends if ends[1] > ends[0] else (ends[0] - 0.5, ends[1] + 0.5)


def intervals(rows: Sequence[tuple[str, float, float, float, str]], *, title: str, note: str) -> str:
    """One row each: name, low, value, high, kind. The line at 0 is no difference; better is to the right."""
    known = [value for _, *values, _ in rows for value in values if math.isfinite(value)]
    low, high = min([*known, 0.0]), max([*known, 0.0])
    room = (high - low) * 0.06 or 1.0
    height = 26 * len(rows)
    frame = Frame(150, 12, 430, height, x=(low - room, high + room), y=(0, 1))
    bottom = frame.top + height
    parts = [part for value in ticks(*frame.x) for part in (
        line((frame.at(value, 0)[0], frame.top), (frame.at(value, 0)[0], bottom), "grid"),
        text(frame.at(value, 0)[0], bottom + 16, f"{value:+.3g}" if value else "0", anchor="middle", kind="small note"),
    )]  # fmt: skip
    zero = frame.at(0, 0)[0]
    parts.append(line((zero, frame.top - 4), (zero, bottom + 4), "axis", width=1.5))
    for number, (name, start, value, end, kind) in enumerate(rows):
        y = frame.top + 26 * number + 13
        parts.append(text(140, y + 4, name, anchor="end"))
        if math.isfinite(start) and math.isfinite(end):
            parts.append(line((frame.at(start, 0)[0], y), (frame.at(end, 0)[0], y), kind, width=3))
        parts.append(dot((frame.at(value, 0)[0], y), kind, radius=4.5))
    ends = (text(150, bottom + 36, "← worse", kind="note"), text(580, bottom + 36, "better →", anchor="end", kind="note"))
    return svg(600, bottom + 44, [*parts, *ends, text(365, bottom + 36, note, anchor="middle", kind="note")], title=title)


def matrices(first: Sequence[Sequence[int]], second: Sequence[Sequence[int]], labels: Sequence[str], names: tuple[str, str], *, title: str) -> str:
    """Two confusion matrices side by side: truth down, decision across, the share of each truth as the shade."""
    cell = 64 if len(labels) < 4 else 44 if len(labels) < 8 else 28
    side, left = cell * len(labels), 110
    parts = []
    for number, (table, name) in enumerate(zip((first, second), names, strict=True)):
        x0 = left + number * (side + 60)
        parts.append(text(x0, 14, name, kind="note"))
        for row, counts in enumerate(table):
            for column, count in enumerate(counts):
                share = count / (sum(counts) or 1)
                at = (x0 + column * cell, 40 + row * cell)
                parts.append(rectangle(at, cell - 2, cell - 2, SECOND if row == column else BAD, opacity=0.08 + 0.6 * share))
                if cell > 30:
                    parts.append(text(at[0] + cell / 2 - 1, at[1] + cell / 2 + 3, f"{count:,}", anchor="middle"))
        parts += [text(x0 + column * cell + cell / 2, 34, _short(name), anchor="middle", kind="small") for column, name in enumerate(labels)]
    parts += [text(left - 8, 40 + row * cell + cell / 2 + 4, _short(name), anchor="end", kind="small") for row, name in enumerate(labels)]
    return svg(left + 2 * side + 70, side + 70, [*parts, text(left, side + 60, "rows: truth, columns: decision", kind="small note")], title=title)


def contact_sheet(pictures: Sequence[tuple[str, str, str]], *, title: str) -> str:
    """Small PNGs (base64) in rows of five, each over two lines of words."""
    parts = []
    for number, (content, name, words) in enumerate(pictures):
        x, y = 10 + number % 5 * 124, 6 + number // 5 * 146
        parts.append(f'<image x="{x}" y="{y}" width="96" height="96" href="data:image/png;base64,{content}"/>')
        parts += [text(x, y + 112, name, kind="small note"), text(x, y + 127, words if len(words) <= 20 else f"{words[:19]}…", kind="small")]
    return svg(640, 6 + 146 * -(-len(pictures) // 5), parts, title=title)


def _short(name: str) -> str:
    return name if len(name) <= 12 else f"{name[:11]}…"


def reliability(first: Sequence[tuple[float, float, int]], second: Sequence[tuple[float, float, int]], names: tuple[str, str], *, title: str) -> str:
    frame = Frame(50, 24, 300, 300, x=(0, 1), y=(0, 1))
    parts = [*frame.axes("mean probability", "share that is so"), line(frame.at(0, 0), frame.at(1, 1), "axis")]
    for number, (bins, name, kind) in enumerate(((first, names[0], FIRST), (second, names[1], SECOND))):
        points = [frame.at(mean, share) for mean, share, _ in bins]
        parts += [polyline(points, kind), *(dot(at, kind, title=f"{count} rows") for at, (_, _, count) in zip(points, bins, strict=True))]
        parts += [dot((372, 40 + 20 * number), kind, radius=5), text(384, 44 + 20 * number, name)]
    return svg(560, 376, parts, title=title)


def scatters(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]], names: tuple[str, str], *, title: str) -> str:
    """Truth and prediction of the two versions side by side, on the same axes."""
    values = [value for points in (first, second) for point in points for value in point]
    ends = (min(values), max(values))
    parts = []
    for number, (points, name, kind) in enumerate(((first, names[0], FIRST), (second, names[1], SECOND))):
        frame = Frame(64 + number * 330, 40, 250, 250, x=ends, y=ends)
        parts += [text(frame.left, 16, name), *frame.axes("truth", "prediction"), line(frame.at(ends[0], ends[0]), frame.at(ends[1], ends[1]), "axis")]
        parts += [dot(frame.at(*point[:2]), kind, radius=2, opacity=0.45) for point in points]
    return svg(670, 340, parts, title=title)


def course(points: Sequence[tuple[str, float, float, float]], *, name: str, title: str) -> str:
    """A score over time: label, low, value, high of each point, evenly spaced; low and high are NaN where there is no interval."""
    known = [value for _, *values in points for value in values if math.isfinite(value)]
    low, high = min(known), max(known)
    room = (high - low) * 0.08 or abs(high) * 0.01 or 1.0
    width = max(420.0, min(900.0, 60.0 * len(points)))
    frame = Frame(64, 30, width, 220, x=(-0.5, len(points) - 0.5), y=(low - room, high + room))
    parts = _course_axes(frame, name)
    parts.append(polyline([frame.at(number, value) for number, (_, _, value, _) in enumerate(points)], SECOND))
    every = max(1, math.ceil(len(points) * 56 / width))
    for number, (label, start, value, end) in enumerate(points):
        x, bottom = frame.at(number, value)[0], frame.top + frame.height
        if math.isfinite(start) and math.isfinite(end):
            parts.append(line(frame.at(number, start), frame.at(number, end), FIRST, width=2))
        parts.append(dot(frame.at(number, value), SECOND, radius=4, title=f"{label}: {value:.6g}"))
        if number % every == 0:
            parts.append(text(x, bottom + 18, label, anchor="middle", kind="small note"))
    return svg(width + 84, 290, parts, title=title)


def _course_axes(frame: Frame, name: str) -> list[str]:
    bottom, right = frame.top + frame.height, frame.left + frame.width
    parts = [line((frame.left, bottom), (right, bottom), "axis"), text(frame.left, 16, name, kind="note")]
    for value in ticks(*frame.y):
        y = frame.at(0, value)[1]
        parts += [line((frame.left, y), (right, y), "grid"), text(frame.left - 6, y + 4, f"{value:.4g}", anchor="end", kind="small note")]
    return parts
