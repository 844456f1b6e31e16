"""Whether an object is of a class that the author wrote: in the notebook, or in a module beside it."""


def is_own(value):
    """Its class comes from no library; it is no type itself."""
    import os
    import sys
    import sysconfig

    owner = type(value)
    if owner.__module__ == "__main__":
        return True
    file = getattr(sys.modules.get(owner.__module__), "__file__", None)
    if not file or "site-packages" in file or "dist-packages" in file:
        return False
    return not os.path.realpath(file).startswith(os.path.realpath(sysconfig.get_paths()["stdlib"]))
