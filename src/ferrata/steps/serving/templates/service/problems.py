"""Every refusal as a problem document (RFC 9457): what is wrong, where, what was expected and what came."""

from __future__ import annotations

import json

from starlette.responses import Response

TITLES = {
    "not-json": (400, "The body is not JSON"),
    "no-key": (401, "An API key is needed"),
    "wrong-host": (403, "This host name is not served"),
    "not-found": (404, "There is nothing at this address"),
    "wrong-method": (405, "The address does not take this method"),
    "too-slow": (408, "The request took too long to arrive"),
    "too-large": (413, "The request is too large"),
    "wrong-type": (415, "The body is of a type that is not taken here"),
    "invalid-input": (422, "The input does not fit the signature"),
    "rejected": (422, "The model's own code cannot take this input"),
    "too-many": (429, "Too many requests"),
    "failed": (500, "The service failed"),
    "busy": (503, "The service is busy"),
    "not-ready": (503, "The service is not ready"),
    "no-answer-in-time": (504, "The model took too long"),
}


class Problem(Exception):
    """`name` is a key of TITLES; `more` goes into the document."""

    def __init__(self, name: str, detail: str = "", *, headers=None, **more):
        super().__init__(name)
        self.name, self.detail, self.headers, self.more = name, detail, headers or {}, more

    @property
    def status(self) -> int:
        return TITLES[self.name][0]


def invalid(errors: list) -> Problem:
    first = errors[0]
    place = f"row {first['row']}, " if any(error.get("row") for error in errors) else ""
    field = first["field"] if first["field"] is not None else "the input"
    return Problem("invalid-input", f"{place}{field}: expected {first['expected']}, received {first['received']}", errors=errors)


def response(problem: Problem) -> Response:
    status, title = TITLES[problem.name]
    document = {"type": f"/docs#{problem.name}", "title": title, "status": status}
    if problem.detail:
        document["detail"] = problem.detail
    # The Open Inference Protocol asks for `error`. All other characters are escaped: half a surrogate cannot be sent otherwise.
    document.update(problem.more, error=problem.detail or title)
    return Response(json.dumps(document), status, problem.headers, "application/problem+json")
