"""Start: `python <this folder> job.json`. Loads the folder as a package under a name that no author uses, and takes it off sys.path."""

import importlib.util
import os
import sys

PACKAGE = "_ferrata_observer"


def _load(folder):
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    _load(folder)
    run = importlib.import_module(PACKAGE + ".run")
    sys.exit(run.main(sys.argv[1]))


if __name__ == "__main__":
    main()
