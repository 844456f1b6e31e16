"""Run the notebook: cell by cell, statement by statement, in a fresh `__main__`; write down what each did; stop at the first that fails."""

import asyncio
import inspect
import json
import os
import platform
import sys
import threading
import time
import types
import warnings

from . import crossing, failure, figures, process_state, randomness, shims
from .calls import Calls
from .files import READERS, Files
from .identity import Tokens
from .importing import AfterImport
from .named import Named
from .namespace import Namespace
from .predictions import Predictions
from .probes import Collected, Probes
from .statement import Compiler, remember_source
from .streams import Printed
from .trace import TraceFile


def main(path):
    """Run the job in the file at `path`. Gives the exit status."""
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    if job.get("task"):
        return _task(job)
    run = Run(job)
    status = run.cells()
    _leave_soon(status)
    return status


def _task(job):
    """Something else than running a notebook: `rehearse` or `replay` a prediction function; what it found goes to the file `found`."""
    from .rowwise import rehearse, rehearse_images, replay, replay_images

    os.chdir(job["folder"])
    tasks = {
        "rehearse": rehearse.rehearse,
        "replay": replay.replay,
        "rehearse_images": rehearse_images.rehearse_images,
        "replay_images": replay_images.replay_images,
    }
    found = tasks[job["task"]](job)
    rehearse.write(job["found"], found)
    return 0


def _leave_soon(status):
    """Threads that the author left running may not hold the process."""
    sys.stdout.flush()
    timer = threading.Timer(10, os._exit, (status,))
    timer.daemon = True
    timer.start()


class Run:
    def __init__(self, job):
        self.job, self.watch, self.seed = job, job.get("observe", True), job.get("seed")
        self.trace = TraceFile(job["trace"])
        self.space = self._fresh_main()
        os.chdir(job["cwd"])
        children = os.path.join(os.path.dirname(job["trace"]), "children.jsonl") if self.watch else None
        self.files = Files(job["root"], job["cwd"], job.get("writable", ()), children)
        self.paths = Named(self.files)
        self.figures, self.tokens, self.random = figures.Figures(), Tokens(), randomness.Randomness()
        self.display, self.printed, self.warned = shims.Display(self.space), Printed(), []
        self.sites, texts = [], {}
        self.names = Namespace(self.space, self.tokens, job.get("fingerprint_seconds", 0.25), texts)
        calls = Calls(self.space, self.tokens, Predictions(job["arrays"]), self.files, self.random)
        self.probes = Probes(self.sites, calls, self.random, self.display, self.files, self.space)
        self.compiler = Compiler(self.sites, texts, self.watch and self._uses_torch())
        self.rows = self._rows_watch(job.get("rows"))
        self._prepare()

    def _rows_watch(self, wanted):
        if not wanted:
            return None
        from .rowwise.watch import Watch

        return Watch(wanted, self.space)

    def _fresh_main(self):
        module = types.ModuleType("__main__")
        module.__dict__["__builtins__"] = sys.modules["builtins"]
        self.module = sys.modules["__main__"] = module
        return module.__dict__

    def _uses_torch(self):
        return any(
            "torch" in statement["source"] or "nn.Module" in statement["source"]
            for cell in self.job["cells"]
            for statement in cell["statements"]
        )

    def _prepare(self):
        sys.argv = ["ipykernel_launcher.py"]
        sys.path.insert(0, "")
        sys.stdout = self.printed
        shims.Answers(self.job.get("answers", ())).install()
        shims.no_browser()
        warnings.showwarning = self._warn
        self._imports()
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.seeded = randomness.Seeded(self.seed) if self.seed is not None else None
        self.files.install()

    def _imports(self):
        actions = {
            "matplotlib.pyplot": lambda: shims.inline_pyplot(self.figures),
            "plotly.io": lambda: shims.quiet_plotly(self.figures),
        }
        actions.update({name: self._listener(name) for name in READERS})
        if self.seed is not None:
            actions.update({name: self._seeder(name) for name in randomness.LIBRARIES})
        sys.meta_path.insert(0, AfterImport(actions))

    def _listener(self, name):
        return lambda: self.files.listen(sys.modules[name], READERS[name])

    def _seeder(self, name):
        def seed():
            self.seeded.after_import()
            self.random.quietly(lambda: randomness.seed_library(name, self.seed))

        return seed

    def _warn(self, message, category, filename, lineno, file=None, line=None):
        if len(self.warned) < 50:
            self.warned.append(f"{category.__name__}: {str(message)[:1000]}")

    def cells(self):
        self.trace.write(
            "begin",
            python_version=platform.python_version(),
            seed=self.seed,
            hash_seed=os.environ.get("PYTHONHASHSEED"),
        )
        started = time.perf_counter()
        status = 0
        for cell in self.job["cells"]:
            if not self._cell(cell):
                status = 1
                break
        self.files.off += 1
        if self.rows and status == 0:
            self.rows.write()
        self.trace.write("end", finished=status == 0, seconds=time.perf_counter() - started, peak_memory=_peak())
        return status

    def _cell(self, cell):
        filename = remember_source(cell)
        for position, statement in enumerate(cell["statements"]):
            last = statement.get("displayed", position == len(cell["statements"]) - 1)
            if not self._statement(statement, cell["number"], filename, last):
                return False
        figures.close_all()
        return True

    def _statement(self, statement, cell, filename, is_last):
        self.trace.write("started", index=statement["index"])
        if self.seeded:
            self.seeded.before_statement()
        event, error = (self._observed if self.watch else self._plain)(statement, filename, is_last)
        self.files.off += 1
        self.trace.write("statement", **event)
        if error is not None:
            self.trace.write("error", **failure.describe(error, statement, cell))
        else:
            if self.rows:
                self.rows.after(statement["index"])
            crossing.try_values(
                self.job.get("crossings", ()), statement["index"], self.space, os.path.dirname(self.job["trace"]), self.trace.write
            )
        self.files.off -= 1
        return error is None

    def _plain(self, statement, filename, is_last):
        started, error = time.perf_counter(), None
        try:
            tree = self.compiler.parse(statement, filename)
            if self.rows:
                tree = self.rows.instrument(tree, statement["index"])
            self._execute(self.compiler.code(tree, statement, filename, is_last, False))
            if self.seeded and self.compiler.usage(tree).is_import:
                self.seeded.after_import()
        except BaseException as raised:
            error = raised
        return {
            "index": statement["index"],
            "seconds": time.perf_counter() - started,
            "complete": error is None,
            "printed": self.printed.take(),
            "displayed": self.display.take(),
        }, error

    def _execute(self, code):
        if code.co_flags & inspect.CO_COROUTINE:
            self.loop.run_until_complete(eval(code, self.space))
        else:
            exec(code, self.space)

    def _observed(self, statement, filename, is_last):
        """(event, error)"""
        try:
            tree = self.compiler.parse(statement, filename)
            usage = self.compiler.usage(tree)
            code = self.compiler.code(tree, statement, filename, is_last, True)
        except (SyntaxError, ValueError) as raised:
            return {"index": statement["index"], "complete": False}, raised
        self._before(statement["index"], usage)
        started, error = time.perf_counter(), None
        self.files.off -= 1
        try:
            self._execute(code)
        except BaseException as raised:
            error = raised
        seconds = time.perf_counter() - started
        self.files.off += 1
        if self.seeded and usage.is_import:
            self.seeded.after_import()
        return self._after(statement["index"], usage, error, seconds), error

    def _before(self, index, usage):
        self.files.off += 1
        self.files.clear()
        self.probes.collected, self.warned = Collected(index), []
        self._usage_before, self._state = self.names.before(usage), process_state.snapshot()
        self.figures.before()
        self.random.before()

    def _after(self, index, usage, error, seconds):
        consumes, seeds = self.random.after()
        state, drawn = process_state.changes(self._state, process_state.snapshot()), self.figures.drawn()
        collected = self.probes.collected
        event = {
            "index": index,
            "consumes": consumes,
            "seeds": seeds,
            "state": [name for name in state if not (usage.is_import and name in process_state.BY_IMPORTS)],
            "draws": drawn,
            "calls": collected.calls,
            "numbers": collected.numbers,
            "printed": self.printed.take(),
            "displayed": self.display.take(),
            "warnings": list(self.warned),
            "seconds": max(0.0, seconds - collected.seconds),
            "complete": error is None,
        }
        self.files.gather()
        event.update(
            files_read=sorted(self.files.read),
            files_written=sorted(self.files.written),
            network=sorted(self.files.network),
        )
        event.update(self._names(usage, error, drawn))
        event["files_named"], event["paths_named"] = self.paths.by(event["reads"])
        self.paths.bind([*event["binds"], *event.get("mutates", ())], self.space)
        self.files.off -= 1
        self.warned = []
        return event

    def _names(self, usage, error, drawn):
        """What happened to the names. A fault of ours may not end the author's run; it is written down instead."""
        try:
            return self.names.after(usage, self._usage_before, error is None, drawn)
        except Exception as fault:
            return {
                "fault": f"{type(fault).__name__}: {fault}",
                "binds": sorted(usage.stores),
                "reads": sorted(usage.reads),
            }


def _peak():
    """Largest memory of the process, in bytes."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
