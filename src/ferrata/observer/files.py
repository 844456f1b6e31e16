"""Which files, folders and addresses a statement used, seen by Python's audit hook; and the guard that keeps the author's files safe."""

import functools
import glob
import json
import os
import sys
import sysconfig
import tempfile
import threading

_CAP = 5000
# Functions that open files, or look for them, in C, by their module.
READERS = {
    "cv2": ("imread", "imreadmulti"),
    "torchvision.io.image": ("read_file",),
    "tensorflow.python.data.ops.dataset_ops": ("DatasetV2.list_files",),
    "tensorflow.python.lib.io.file_io": ("get_matching_files_v2", "list_directory_v2"),
}
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SYSTEM = ("/proc", "/dev", "/sys", "/etc", "/usr", "/lib", "/opt", "/var/lib", "/run")
_SHARED = tuple(os.path.realpath(folder) for folder in ("/tmp", "/var/tmp"))
_CHANGING = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.mkdir": (0,),
    "os.truncate": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.chmod": (0,),
    "shutil.rmtree": (0,),
}


class Files:
    """What the running statement opened. `root` may be written; paths inside `home` (its working folder) are told relative to it. `children`: a file in which
    processes that were forked from this one tell what they open (the workers of a loader)."""

    def __init__(self, root, home, writable=(), children=None):
        self._children, self._heard_of, self._process = children, 0, os.getpid()
        self.root, self.home = os.path.realpath(root), os.path.realpath(home)
        self.off, self._busy = 1, threading.local()  # `off` while the observer works; busy: this thread is in the hook
        self._writable = tuple(
            os.path.realpath(path)
            for path in (
                root,
                tempfile.gettempdir(),
                os.path.join(os.path.expanduser("~"), ".cache"),
                "/dev",
                "/proc",
                *writable,
            )
        )
        private = [os.path.expanduser("~"), os.environ.get("MPLCONFIGDIR"), os.environ.get("XDG_CACHE_HOME")]
        libraries = [
            sys.prefix,
            sys.base_prefix,
            sys.exec_prefix,
            *sysconfig.get_paths().values(),
            os.path.dirname(os.path.abspath(__file__)),
        ]
        self._boring = tuple(
            {os.path.realpath(path) for path in [*libraries, *_SYSTEM, *filter(None, private)] if path}
            - {self.root, self.home, "/"}
        )
        scratch = os.path.realpath(tempfile.gettempdir())
        private.append(None if _is_inside(self.root, (scratch,)) or scratch in _SHARED else scratch)
        self._private = tuple(os.path.realpath(path) for path in private[1:] if path)
        self._created = set()
        self.clear()

    def clear(self):
        self.read, self.written, self.network = {}, {}, {}

    def install(self):
        sys.addaudithook(self._hook)
        self.off = 0

    def _hook(self, event, arguments):
        if self.off or event not in _EVENTS or getattr(self._busy, "on", False):
            return
        self._busy.on = True
        try:
            _EVENTS[event](self, event, arguments)
        finally:
            self._busy.on = False

    def opened(self, event, arguments):
        path, mode, flags = arguments
        if isinstance(path, int):
            return
        writes = (
            any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool((flags or 0) & _WRITE_FLAGS)
        )
        if writes:
            self._guard(path)
        reads = not writes or isinstance(mode, str) and ("+" in mode or "a" in mode)
        if writes:
            self.note(path, self.written)
        if reads:
            self.note(path, self.read)

    def _guard(self, path):
        full = _full(path)
        if (
            full is None
            or _is_inside(full, self._writable)
            or "__pycache__" in full
            or _is_inside(full, (os.path.realpath(sys.prefix),))
        ):
            return
        if _is_inside(full, _SHARED) and (full in self._created or not os.path.lexists(full)):
            self._created.add(full)  # somebody's scratch file; what was there before stays as it is
            return
        raise PermissionError(
            f"Ferrata keeps the author's files safe: {full} is outside the copy that this run may write to"
        )

    def changed(self, event, arguments):
        for position in _CHANGING[event]:
            if position < len(arguments) and not isinstance(arguments[position], int):
                self._guard(arguments[position])
                if _is_inside(_full(arguments[position]) or "", (self.root,)):
                    self.note(arguments[position], self.written)

    def listed(self, event, arguments):
        caller = sys._getframe(2).f_code.co_filename
        if "importlib" in caller or "pkg_resources" in caller:
            return  # the import system looks for modules
        self.note(arguments[0] if arguments[0] is not None else ".", self.read, folder=True)

    def connected(self, event, arguments):
        address = arguments[1]
        if isinstance(address, tuple) and len(address) >= 2 and address[0] not in ("127.0.0.1", "::1", "localhost"):
            self.network["{}:{}".format(*address[:2])] = True

    def resolved(self, event, arguments):
        if arguments[0] and arguments[0] not in ("localhost", "127.0.0.1", "::1"):
            host = arguments[0].decode("utf-8", "replace") if isinstance(arguments[0], bytes) else arguments[0]
            self.network[str(host)] = True

    def requested(self, event, arguments):
        self.network[str(arguments[0])] = True

    def note(self, path, where, folder=False):
        full = _full(path)
        if full is None or self._is_boring(full):
            return
        if len(where) >= _CAP:  # of so many the folder is told
            full, folder = (full if folder else os.path.dirname(full)), True
        name = self.named(full) + ("/" if folder else "")
        if len(where) < 2 * _CAP and name not in where:
            where[name] = True
            if self._children and os.getpid() != self._process:
                self._tell(name, where)

    def _tell(self, name, where):
        """A forked process has no other way to say what it opened: one line in a file, written whole."""
        before, self._busy.on = getattr(self._busy, "on", False), True
        try:
            number = os.open(self._children, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(number, (json.dumps([where is self.written, name]) + "\n").encode())
            finally:
                os.close(number)
        except OSError:
            pass
        finally:
            self._busy.on = before

    def gather(self):
        """What forked processes told since the last time counts as opened by the running statement."""
        if not self._children or not os.path.exists(self._children):
            return
        with open(self._children, "rb") as file:
            file.seek(self._heard_of)
            told = file.read()
        whole = told[: told.rfind(b"\n") + 1]
        self._heard_of += len(whole)
        for line in whole.splitlines():
            is_written, name = json.loads(line)
            (self.written if is_written else self.read)[name] = True

    def listen(self, module, names):
        """Readers of a library that open files without Python's knowing of it: what they are given is noted."""
        for name in names:
            owner, _, last = name.rpartition(".")
            place = getattr(module, owner, None) if owner else module
            reader = getattr(place, last, None)
            if callable(reader):
                heard = self._heard(reader)
                setattr(place, last, staticmethod(heard) if isinstance(place, type) else heard)

    def _heard(self, reader):
        @functools.wraps(reader)
        def heard(*arguments, **options):
            for value in [*arguments[:1], *options.values()] if not self.off else []:
                for text in value[:_CAP] if isinstance(value, (list, tuple)) else [value]:
                    self._given(text)
            return reader(*arguments, **options)

        return heard

    def _given(self, text):
        """A reader was given this: a file, a folder, or a pattern, which stands for the files that it finds."""
        if not isinstance(text, (str, os.PathLike)):
            return
        if os.path.isfile(text) or os.path.isdir(text):
            self.note(text, self.read, folder=os.path.isdir(text))
        elif glob.has_magic(os.fspath(text)):
            for path in glob.glob(os.fspath(text)):
                self.note(path, self.read, folder=os.path.isdir(path))

    def _is_boring(self, full):
        if (
            full.endswith((".pyc", ".pth", ".so"))
            or "site-packages" in full
            or "__pycache__" in full
            or _is_inside(full, self._private)
        ):
            return True
        return not _is_inside(full, (self.home,)) and _is_inside(full, self._boring)

    def inside(self, full):
        """A path of the author's as it is told, "" for one that lies elsewhere, and for the working folder and those above it."""
        full = os.path.realpath(full)
        is_own = _is_inside(full, (self.root,)) and not _is_inside(self.home, (full,)) and not self._is_boring(full)
        return self.named(full) if is_own else ""

    def named(self, full):
        return os.path.relpath(full, self.home).replace(os.sep, "/") if _is_inside(full, (self.root,)) else full


_EVENTS = {
    "open": Files.opened,
    "os.listdir": Files.listed,
    "os.scandir": Files.listed,
    "socket.connect": Files.connected,
    "socket.getaddrinfo": Files.resolved,
    "urllib.Request": Files.requested,
    **dict.fromkeys(_CHANGING, Files.changed),
}


def _full(path):
    try:
        return os.path.realpath(os.fsdecode(path)) if path else None
    except (TypeError, ValueError, OSError):
        return None


def _is_inside(path, folders):
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)
