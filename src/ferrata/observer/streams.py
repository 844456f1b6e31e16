"""What the author's code prints, kept instead of shown."""

import io
import sys


class Printed(io.TextIOBase):
    """Standard output, up to `limit` characters a statement. Has the underlying file number, for libraries that ask."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, limit=100000):
        super().__init__()
        self._limit, self._parts, self._size = limit, [], 0
        self._number = sys.__stdout__.fileno()
        self.buffer = _Bytes(self)

    def writable(self):
        return True

    def isatty(self):
        return False

    def fileno(self):
        return self._number

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not " + type(text).__name__)
        if self._size < self._limit:
            self._parts.append(text[: self._limit - self._size])
        self._size += len(text)
        return len(text)

    def take(self):
        """Everything printed since the last time."""
        text = "".join(self._parts)
        self._parts, self._size = [], 0
        return text


class _Bytes(io.RawIOBase):
    def __init__(self, owner):
        super().__init__()
        self._owner = owner

    def writable(self):
        return True

    def write(self, data):
        data = bytes(data)
        self._owner.write(data.decode("utf-8", "replace"))
        return len(data)
