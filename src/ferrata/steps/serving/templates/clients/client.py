"""A client of the model "churn", for Python 3.8 or later. It needs nothing else.

    from churn_client import EXAMPLE, Client

    client = Client("http://127.0.0.1:8000", key="…")
    answer = client.predict(EXAMPLE)
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any, Dict, List, Optional, TypedDict

# <types>
Input = TypedDict("Input", {"tenure": int})


class Answer(TypedDict, total=False):
    prediction: str
    probabilities: Dict[str, float]
    warnings: List[Dict[str, str]]


EXAMPLE: Input = {"tenure": 12}
# </types>


class ServiceError(Exception):
    """The service refused, or could not be reached. `errors` say which field, what was expected and what came; `status` is 0 without an answer."""

    def __init__(self, message: str, status: int = 0, errors: Optional[List[Dict[str, Any]]] = None):
        super().__init__(message)
        self.status, self.errors = status, errors or []


class Client:
    """`timeout` in seconds."""

    def __init__(self, url: str, *, key: str = "", timeout: float = 30.0):
        self.url, self.key, self.timeout = url.rstrip("/"), key, timeout

    # <rows>
    def predict(self, row: Input) -> Answer:
        return self.ask("/predict", json.dumps(row).encode(), "application/json")

    def predict_many(self, rows: List[Input]) -> List[Answer]:
        return self.ask("/predict", json.dumps(rows).encode(), "application/json")

    # </rows>
    # <image>
    def predict(self, image: bytes) -> Answer:
        """`image` is the content of a file: `Path("a.jpg").read_bytes()`."""
        return self.ask("/predict", image, "application/octet-stream")

    def predict_many(self, images: List[bytes]) -> List[Answer]:
        return [self.predict(image) for image in images]

    # </image>
    def signature(self) -> Dict[str, Any]:
        """What goes in and what comes out."""
        return self.ask("/signature")

    def ask(self, path: str, body: Optional[bytes] = None, kind: str = "") -> Any:
        headers = {name: value for name, value in (("Content-Type", kind), ("Authorization", f"Bearer {self.key}" if self.key else "")) if value}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=self.timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ServiceError(f"{self.url} cannot be used: {getattr(error, 'reason', error)}") from error


def _refusal(error: urllib.error.HTTPError) -> ServiceError:
    try:
        problem = json.load(error)
        return ServiceError(problem.get("detail") or problem["title"], error.code, problem.get("errors"))
    except (ValueError, KeyError, AttributeError):
        return ServiceError(f"status {error.code}", error.code)
