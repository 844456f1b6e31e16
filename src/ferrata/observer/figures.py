"""What the open figures show, told cheaply: counts of what was drawn, titles and labels."""

import sys

TOUCH = "figures"  # in the touches of whatever holds axes or figures: any drawing may change them


def signature_of(value):
    """Of a figure: its axes; of axes: how many artists they have, and their texts."""
    axes = getattr(value, "axes", None)
    if isinstance(axes, list):
        return tuple(_axes(part) for part in axes)
    return _axes(value)


def _axes(axes):
    try:
        children = getattr(axes, "_children", None)
        count = len(children) if children is not None else len(axes.get_children())
        return (
            count,
            axes.get_title(),
            axes.get_xlabel(),
            axes.get_ylabel(),
            axes.legend_ is not None,
            axes.axison,
            len(axes.containers),
        )
    except Exception:
        return (type(axes).__name__,)


class Figures:
    """The open figures, before and after a statement. `shown` is set by whoever sees one being shown or written."""

    def __init__(self):
        self.shown, self._open = False, ()

    def before(self):
        self.shown, self._open = False, self._signature()
        for manager in _managers().values():
            manager.canvas.figure.stale = False

    def drawn(self):
        """Has anything been drawn, closed or shown since `before`?"""
        return (
            self.shown
            or self._signature() != self._open
            or any(manager.canvas.figure.stale for manager in _managers().values())
        )

    def _signature(self):
        try:
            return tuple(
                (number, signature_of(manager.canvas.figure)) for number, manager in sorted(_managers().items())
            )
        except Exception:
            return ()


def _managers():
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return dict(helpers.Gcf.figs) if helpers is not None else {}


def current():
    """Number of the current figure, 0 if none."""
    managers = _managers()
    return list(managers)[-1] if managers else 0


def close_all():
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and hasattr(pyplot, "close"):
        pyplot.close("all")
