"""Files of images in a project's data, and which of them each row was that the model was asked about."""

import os
import time

from .asked import as_array, digests

_STARTS = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*", b"P5", b"P6")
_SECONDS = 420
_AT_ONCE = 64
_CLOSE = 1e-5
_EXPECTED = 30  # files that should have been found by now: if none was, with a chance of one in 10^13


def image_files(folder, places):
    """Paths from `folder` of the files that begin as images do, in `places` of it."""
    found = []
    for place in places:
        path = os.path.join(folder, place)
        names = [path] if os.path.isfile(path) else [os.path.join(at, name) for at, _, names in os.walk(path) for name in names]
        found += [os.path.relpath(name, folder).replace(os.sep, "/") for name in sorted(names) if _is_image(name)]
    return list(dict.fromkeys(found))


def _is_image(path):
    with open(path, "rb") as file:
        return file.read(4).startswith(_STARTS)


class Seen(Exception):
    """The model was reached; what it would have been given is `rows`."""

    def __init__(self, rows):
        super().__init__("seen")
        self.rows = rows


class Stop:
    """Stands in for the model: says what it is given, and goes no further."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments, **named):
        if not arguments and not named:  # model.eval()
            return self
        raise Seen(arguments[0] if arguments else next(iter(named.values())))


class Matching:
    """Finds for each digest the file of which the function makes that row. `rows` are the rows themselves, where they were kept."""

    def __init__(self, answers, state, model, folder, wanted, rows):
        fields = {name: getattr(state, name) for name in state.__dataclass_fields__}
        self.answers, self.state, self.folder = answers, type(state)(**dict(fields, **{model: Stop()})), folder
        self.wanted, self.rows = wanted, rows
        self.by_digest, self.features, self.fault, self.shape, self.tried = {}, {}, None, "", 0

    def files(self, paths, *, all_of_them=False):
        """One path (or None) for each digest. `all_of_them`: the others are looked at too, for `by_digest`."""
        started, missing = time.time(), set(self.wanted)
        turns = -(-len(paths) // _AT_ONCE)
        for start in range(turns):  # from all folders in every turn
            self._take(paths[start::turns])
            self.tried += len(paths[start::turns])
            missing -= self.by_digest.keys()
            if not (missing or all_of_them) or time.time() - started > _SECONDS or self._is_hopeless((start + 1) / turns):
                break
        found = [self.by_digest.get(digest) for digest in self.wanted]
        return self._close(found) if None in found and self.rows is not None else found

    def _is_hopeless(self, share):
        """Whether so many files would have been among those asked about that none of them is no accident."""
        if share * len(set(self.wanted)) < _EXPECTED or any(digest in self.by_digest for digest in self.wanted):
            return False
        return self.rows is None or not any(self._close([None] * len(self.wanted)))

    def _take(self, paths):
        rows = self._given(paths)
        if rows is not None and len(rows) == len(paths):
            self._keep(paths, rows)
        elif len(paths) > 1:
            for path in paths:
                self._take([path])

    def _given(self, paths):
        try:
            self.answers([os.path.join(self.folder, path) for path in paths], self.state)
        except Seen as seen:
            return as_array(seen.rows)
        except Exception as error:
            self.fault = error if self.fault is None or len(paths) == 1 else self.fault
        return None

    def _keep(self, paths, rows):
        self.shape = f"{rows.dtype} of shape {rows.shape[1:]}"
        for path, digest, row in zip(paths, digests(rows), rows):
            self.by_digest.setdefault(digest, path)
            if self.rows is not None:
                self.features[path] = row

    def _close(self, found):
        """Rows of real numbers that sums gave (a projection) differ in their last digits from one row to many."""
        import numpy

        paths = [path for path, row in self.features.items() if row.shape == self.rows.shape[1:]]
        if not paths or self.rows.dtype.kind != "f":
            return found
        table = numpy.stack([self.features[path] for path in paths]).reshape(len(paths), -1)
        return [path or _closest(paths, table, self.rows[number].reshape(-1)) for number, path in enumerate(found)]


def _closest(paths, table, row):
    import numpy

    gaps = numpy.abs(table - row).max(axis=1)
    place = int(gaps.argmin())
    return paths[place] if gaps[place] <= _CLOSE * max(1.0, float(numpy.abs(row).max())) else None
