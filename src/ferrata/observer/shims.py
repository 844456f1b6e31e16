"""What a notebook has that a plain Python process lacks: answers to input(), display, get_ipython, the inline backend's habits, no browser."""

import builtins
import sys
import warnings


class Answers:
    """input() and getpass: the answers that were given, in order."""

    def __init__(self, answers):
        self._answers = list(answers)

    def __call__(self, prompt="", *ignored):
        sys.stdout.write(str(prompt))
        if not self._answers:
            raise EOFError(f"the notebook asks {str(prompt)!r} with input(), and there is no answer left")
        answer = str(self._answers.pop(0))
        sys.stdout.write(answer + "\n")
        return answer

    def install(self):
        import getpass

        builtins.input = self
        getpass.getpass = self


class Shell:
    """Stands for IPython's shell: accepts what notebooks ask of it and does nothing."""

    def __init__(self, variables):
        self.user_ns = variables

    def run_line_magic(self, *arguments, **options):
        return None

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self.run_line_magic

    def __reduce__(self):
        return (eval, ("None",))


class Display:
    """Shows the trailing expression of a cell as IPython does, and binds `_`."""

    def __init__(self, variables, limit=20000):
        self._variables, self._limit, self._last = variables, limit, ["", "", ""]
        self.parts = []
        getter = _Getter(Shell(variables))
        variables.update({"_": "", "__": "", "___": "", "display": self.show, "get_ipython": getter})
        # pandas looks there to tell a notebook from a terminal; in a terminal it cuts wide tables otherwise.
        builtins.get_ipython = getter

    def result(self, value):
        if value is None:
            return
        self.show(value)
        names = ["_", "__", "___"]
        if all(self._variables.get(name) is last for name, last in zip(names, self._last)):
            self._last = [value] + self._last[:2]
            self._variables.update(zip(names, self._last))

    def show(self, *values, **options):
        for value in values:
            try:
                text = repr(value)
            except Exception as error:  # IPython prints it and goes on
                text = f"<{type(error).__name__} in repr: {error}>"
            self.parts.append(text[: self._limit])

    def take(self):
        text, self.parts = "\n".join(self.parts)[: self._limit], []
        return text


class _Getter:
    def __init__(self, shell):
        self._shell = shell

    def __call__(self):
        return self._shell

    def __reduce__(self):
        return (eval, ("lambda: None",))


def no_browser():
    import webbrowser

    webbrowser.open = webbrowser.open_new = webbrowser.open_new_tab = lambda *arguments, **options: True


def inline_pyplot(seen):
    """`plt.show()` as in a notebook: the figures are done and closed."""
    pyplot = sys.modules["matplotlib.pyplot"]

    def show(*arguments, **options):
        seen.shown = seen.shown or bool(pyplot.get_fignums())
        pyplot.close("all")

    show.__doc__ = pyplot.show.__doc__
    pyplot.show = show
    warnings.filterwarnings("ignore", message=".*non-interactive.*", category=UserWarning)


def quiet_plotly(seen):
    """`figure.show()` needs a notebook or a browser; neither is there."""
    module = sys.modules["plotly.io"]

    def show(figure, *arguments, **options):
        seen.shown = True

    module.show = show
