"""Why a remote did not answer, in one sentence and with what to do, whichever library said it."""

from __future__ import annotations

import errno
import socket

from ferrata.errors import FerrataError, OutsideError

_REFUSED = (
    "accessdenied", "access denied", "forbidden", "invalidaccesskeyid", "signaturedoesnotmatch", "expiredtoken", "authenticationfailed",
    "permission denied", "unauthorized", "invalidtoken", "auth failed", "permissiondenied",
)  # fmt: skip
_UNKNOWN = ("nocredentials", "unable to locate credentials", "partialcredentials", "defaultcredentialserror", "must provide either a connection_string")
_NO_PLACE = ("nosuchbucket", "bucket does not exist", "containernotfound")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_OF_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENAMETOOLONG})
_LOST = (
    "endpointconnection", "connecttimeout", "readtimeout", "connectionerror", "connectionclosed", "clientoserror", "serverdisconnected",
    "connection lost", "connection reset", "timed out", "timeout", "slowdown", "serviceunavailable", "internalerror",
    "requestlimitexceeded", "incompletebody", "payloaderror", "incompleteread", "connect call failed", "could not connect", "network",
)  # fmt: skip


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed in a moment: the connection was lost, or the other side is busy."""
    if isinstance(error, (FerrataError, PermissionError)) or _has(error, _REFUSED) or _has(error, _UNKNOWN):
        return False
    if isinstance(error, OSError) and error.errno in _OF_DISK:
        return False
    return isinstance(error, (ConnectionError, TimeoutError, socket.gaierror)) or _has(error, _LOST)


def is_no_place(error: BaseException) -> bool:
    """Whether the bucket itself is missing, and not an object in it."""
    return _has(error, _NO_PLACE)


def explained(error: BaseException, url: str) -> FerrataError:
    if isinstance(error, FerrataError):
        return error
    if isinstance(error, OSError) and error.errno in _FULL:
        return OutsideError("There is no space left on the disk", where=str(error.filename or "the cache"), todo="Free some space and run the command again.")
    if _has(error, _UNKNOWN):
        return OutsideError("There are no credentials for the remote", where=url, todo=_CREDENTIALS)
    if isinstance(error, PermissionError) or _has(error, _REFUSED):
        return OutsideError(f"The remote refused the credentials, or they do not allow this: {_text(error)}", where=url, todo=_CREDENTIALS)
    if isinstance(error, FileNotFoundError) or is_no_place(error):
        return OutsideError("The remote's bucket or folder is not there", where=url, todo="Make it, or correct the address: ferrata remote add URL.")
    if is_passing(error):
        todo = "See whether the network and the address are right, and run the command again: it goes on where it stopped."
        return OutsideError(f"The connection to the remote was lost, or none could be made: {_text(error)}", where=url, todo=todo)
    return OutsideError(f"The remote failed: {_text(error)}", where=url, todo="Run the command again; it goes on where it stopped.")


_CREDENTIALS = (
    "Set them in the environment, in the provider's own files, or in .dvc/config.local (which Git ignores); docs/share.md says how for each kind."
)


def _has(error: BaseException, words: tuple[str, ...]) -> bool:
    """In the names of its classes or its text, or in those of what it was made from."""
    seen: BaseException | None = error
    for _ in range(4):
        if seen is None:
            return False
        text = " ".join((*(kind.__name__ for kind in type(seen).__mro__[:3]), str(seen))).lower()
        if any(word in text for word in words):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _text(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) < 300 else text[:297] + "…"
