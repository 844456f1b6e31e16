"""Whether an object is the author's: of a class, or a function, that was written in the notebook or in a module beside it."""


def is_own(value):
    """It, or the class of it, comes from no library."""
    import os
    import sys
    import sysconfig

    owner = value if isinstance(value, type(is_own)) else type(value)
    if owner.__module__ == "__main__":
        return True
    file = getattr(sys.modules.get(owner.__module__), "__file__", None)
    if not file or "site-packages" in file or "dist-packages" in file:
        return False
    return not os.path.realpath(file).startswith(os.path.realpath(sysconfig.get_paths()["stdlib"]))
