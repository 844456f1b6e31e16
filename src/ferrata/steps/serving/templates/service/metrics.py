"""Counters in Prometheus' text format."""

from __future__ import annotations

import collections

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024)


class Histogram:
    def __init__(self, bounds):
        self.bounds, self.counts, self.total, self.count = bounds, [0] * len(bounds), 0.0, 0

    def add(self, value: float) -> None:
        self.total += value
        self.count += 1
        for place, bound in enumerate(self.bounds):
            if value <= bound:
                self.counts[place] += 1
                return

    def lines(self, name: str, labels: str = ""):
        below = 0
        for bound, count in zip(self.bounds, self.counts):
            below += count
            yield f'{name}_bucket{{{labels}{"," if labels else ""}le="{bound}"}} {below}'
        yield f'{name}_bucket{{{labels}{"," if labels else ""}le="+Inf"}} {self.count}'
        shown = f"{{{labels}}}" if labels else ""
        yield f"{name}_sum{shown} {self.total:.6f}"
        yield f"{name}_count{shown} {self.count}"


class Metrics:
    def __init__(self):
        self.running = 0
        self.requests: collections.Counter = collections.Counter()
        self.seconds: dict = {}
        self.labels: collections.Counter = collections.Counter()
        self.groups = Histogram(SIZES)

    def count(self, route: str, status: int, seconds: float) -> None:
        self.requests[route, status] += 1
        if route not in self.seconds:
            self.seconds[route] = Histogram(BOUNDS)
        self.seconds[route].add(seconds)

    def text(self, is_ready: bool, name: str) -> str:
        lines = ["# HELP model_ready Whether the model answers its own example.", "# TYPE model_ready gauge", f'model_ready{{model="{name}"}} {int(is_ready)}']
        lines += ["# HELP http_requests_running Requests being answered.", "# TYPE http_requests_running gauge", f"http_requests_running {self.running}"]
        lines += ["# HELP http_requests_total Requests answered.", "# TYPE http_requests_total counter"]
        lines += [f'http_requests_total{{route="{route}",status="{status}"}} {count}' for (route, status), count in sorted(self.requests.items())]
        lines += ["# HELP http_request_seconds Time from the first byte to the last.", "# TYPE http_request_seconds histogram"]
        for route, histogram in sorted(self.seconds.items()):
            lines += histogram.lines("http_request_seconds", f'route="{route}"')
        lines += ["# HELP predict_rows Rows in one call of the model.", "# TYPE predict_rows histogram", *self.groups.lines("predict_rows")]
        lines += ["# HELP predictions_total Answers given, by label.", "# TYPE predictions_total counter"]
        lines += [f'predictions_total{{label="{_escaped(label)}"}} {count}' for label, count in sorted(self.labels.items())]
        return "\n".join(lines) + "\n"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
