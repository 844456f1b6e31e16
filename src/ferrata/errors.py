"""Every error Ferrata raises on purpose.

FerrataError                 cannot go on; says what, where and what to do next
├── UsageError               wrong options or arguments                              exit 2
├── NotebookError            the notebook can't be read or isn't Python              exit 1
│   ├── NotANotebook         the file is no notebook
│   ├── OtherLanguage        its kernel is not Python
│   └── CodeError            a cell is not valid Python 3 (cell and line given)
├── EnvironmentFailed        no environment could be made                            exit 1
├── NotebookDoesNotRun       it fails in every environment tried                     exit 1
├── NothingToAdopt           it has nothing a pipeline could compute                 exit 1
├── ReleaseRefused           it was not shipped; what served before serves on        exit 1
├── ProjectError             the target folder is in the way or inconsistent         exit 2
└── OutsideError             a program, the network or the disk failed               exit 3
    ├── ProgramMissing       git, uv … is not installed
    └── StageFailed          a command of a stage ended with an error
"""

from __future__ import annotations


class FerrataError(Exception):
    """`what` happened, `where` (file, cell and line), `todo`: the sentence or command that helps."""

    status = 1

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.todo = what, where, todo


class UsageError(FerrataError):
    status = 2


class NotebookError(FerrataError):
    pass


class NotANotebook(NotebookError):
    pass


class OtherLanguage(NotebookError):
    pass


class CodeError(NotebookError):
    """`cell` is the number of the code cell, `line` the line in it; `is_python2` when the text is Python 2."""

    def __init__(self, what: str, *, cell: int, line: int, where: str = "", todo: str = "", is_python2: bool = False) -> None:
        super().__init__(what, where=where, todo=todo)
        self.cell, self.line, self.is_python2 = cell, line, is_python2


class EnvironmentFailed(FerrataError):
    pass


class NotebookDoesNotRun(FerrataError):
    pass


class NothingToAdopt(FerrataError):
    pass


class ReleaseRefused(FerrataError):
    pass


class ProjectError(FerrataError):
    status = 2


class OutsideError(FerrataError):
    status = 3


class ProgramMissing(OutsideError):
    pass


class StageFailed(OutsideError):
    """`ended` says which command it was and what it wrote last (a `records.run.Ended`)."""

    def __init__(self, what: str, *, where: str = "", todo: str = "", ended: object = None) -> None:
        super().__init__(what, where=where, todo=todo)
        self.ended = ended
