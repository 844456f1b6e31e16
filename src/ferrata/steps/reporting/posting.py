"""Our comment found by a mark that nobody sees, written or changed; then the status of the commit."""

from __future__ import annotations

from typing import Any

from ferrata.errors import OutsideError
from ferrata.records.evidence import Posted
from ferrata.steps.reporting.forges import PAGE, Forge
from ferrata.world.rest import Answer, ask

_MOST = 60_000  # GitHub takes 65,536 characters
_PAGES = 40
_TRIED = 5
_CUT = "\n\n*The rest was cut off: a comment has an end. The whole page is among the artifacts of the run.*\n"


def post(forge: Forge, markdown: str, *, name: str, passes: bool, words: str) -> Posted:
    """OutsideError where the forge refuses the comment; a status that it refuses is told."""
    mark = f"<!-- ferrata report: {name} -->"
    body = {"body": f"{mark}\n{markdown if len(markdown) <= _MOST else markdown[:_MOST] + _CUT}"}
    answer = _changed(forge, _find(forge, mark), body)
    is_new = answer is None
    if answer is None:
        answer = ask("POST", forge.comments, headers=forge.headers, body=body)
    if answer.status not in (200, 201):
        raise _refused(forge, answer, "write a comment")
    content = answer.content if isinstance(answer.content, dict) else {}
    return Posted(forge.kind, forge.number, str(content.get("html_url") or ""), is_new, _status(forge, passes=passes, words=words))


def _find(forge: Forge, mark: str) -> list[int]:
    """The numbers of comments with our mark, the newest first."""
    found, seen = set(), -1
    for page in range(1, _PAGES + 1):
        answer = ask("GET", forge.page_of_comments(page), headers=forge.headers)
        if answer.status != 200 or not isinstance(answer.content, list):
            raise _refused(forge, answer, "read the comments")
        numbers = [int(each["id"]) for each in answer.content]
        found |= {int(each["id"]) for each in answer.content if str(each.get("body") or "").startswith(mark)}
        if len(numbers) < PAGE or max(numbers) == seen:
            break
        seen = max(numbers)
    return sorted(found, reverse=True)


def _changed(forge: Forge, numbers: list[int], body: dict[str, str]) -> Answer | None:
    """None where there is none that we may change: somebody else wrote it, or it has gone meanwhile."""
    for identity in numbers[:_TRIED]:
        method, address = forge.comment(identity)
        answer = ask(method, address, headers=forge.headers, body=body)
        if answer.status not in (403, 404):
            return answer
    return None


def _status(forge: Forge, *, passes: bool, words: str) -> str:
    """"" where it was set, else why not."""
    if not forge.commit:
        return "no commit is known"
    address, body = forge.status(passes=passes, words=words[:140])
    answer = ask("POST", address, headers=forge.headers, body=body)
    return "" if answer.status in (200, 201) else f"{forge.kind} answers {answer.status}{_why(answer.content)}"


def _refused(forge: Forge, answer: Answer, what: str) -> OutsideError:
    todo = {401: "The token is not valid (any more).", 403: "The token may not: give the job the permission to write to pull requests.",
            404: "Look at the repository and the number of the pull request; a token that may not read a private repository gets the same answer."}  # fmt: skip
    said = f"{forge.kind} answers {answer.status}{_why(answer.content)} to the wish to {what}"
    return OutsideError(said, where=forge.comments, todo=todo.get(answer.status, "Try again later."))


def _why(content: Any) -> str:
    message = content.get("message") or content.get("error") if isinstance(content, dict) else ""
    return f" ({str(message)[:200]})" if message else ""
