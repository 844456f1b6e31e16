"""Do something right after a library has been imported for the first time."""

import importlib.abc
import importlib.util
import sys


class AfterImport(importlib.abc.MetaPathFinder):
    """Finds nothing by itself: asks the other finders and hooks their loader. `actions` maps module names to functions without arguments."""

    def __init__(self, actions):
        self._actions = dict(actions)

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self._actions:
            return None
        action = self._actions.pop(fullname)
        spec = self._ask(fullname, path, target)
        if spec is not None and spec.loader is not None:
            _hook(spec.loader, action)
        return spec

    def _ask(self, fullname, path, target):
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(fullname, path, target)
                if spec is not None:
                    return spec
        return None


def _hook(loader, action):
    execute = loader.exec_module

    def exec_module(module):
        execute(module)
        action()

    try:
        loader.exec_module = exec_module
    except AttributeError:  # a loader without room for it: the check after the statement does it
        return
