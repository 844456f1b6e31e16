"""The streams of random numbers that a process has for everybody: which ones a statement drew from, which ones it put in a known state."""

import hashlib
import random
import sys


def _digest(data):
    return hashlib.blake2b(data, digest_size=16).digest()


def _python():
    return hash(random.getstate())


def _numpy():
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "random") or not hasattr(numpy.random, "get_state"):
        return None
    name, key, position, has_gauss, gauss = numpy.random.get_state()
    return (position, has_gauss, gauss, _digest(key.tobytes()))


def _torch():
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    state = _digest(torch.get_rng_state().numpy().tobytes())
    if hasattr(torch, "cuda") and torch.cuda.is_available() and torch.cuda.is_initialized():
        return (state, *[_digest(part.numpy().tobytes()) for part in torch.cuda.get_rng_state_all()])
    return state


def _tensorflow():
    context = sys.modules.get("tensorflow.python.eager.context")
    if context is None or not hasattr(context, "context"):
        return None
    eager = context.context()
    generator = getattr(eager, "_rng", None)
    return (getattr(eager, "_seed", None), hash(generator.getstate()) if generator is not None else None)


def _keras():
    module = sys.modules.get("keras.src.backend.common.global_state")
    if module is None or not hasattr(module, "get_global_attribute"):
        return None
    generator = module.get_global_attribute("global_seed_generator")
    if generator is None:
        return (module.get_global_attribute("global_random_seed"), None)
    state = generator.state
    return (
        module.get_global_attribute("global_random_seed"),
        (state.numpy() if hasattr(state, "numpy") else state.value.numpy()).tobytes(),
    )


STREAMS = {"random": _python, "numpy": _numpy, "torch": _torch, "tensorflow": _tensorflow, "keras": _keras}


def states():
    """State of each stream that is there; one that can't be read is left out."""
    found = {}
    for name, read in STREAMS.items():
        try:
            state = read()
        except Exception:
            continue
        if state is not None:
            found[name] = state
    return found


class Randomness:
    """Compares the streams before and after a statement, and knows which calls set a seed."""

    def __init__(self):
        self._before, self._consumed, self._seeded = {}, set(), set()

    def before(self):
        self._before, self._consumed, self._seeded = states(), set(), set()

    def around_seeding(self, call):
        """Run a seeding call. What it leaves different, or puts where it was before, does not depend on what came earlier."""
        start = states()
        self._note(start)
        result = call()
        end = states()
        self._seeded |= {name for name in end if end[name] != start.get(name)}
        self._before = end
        return result, sorted(name for name in end if end[name] != start.get(name))

    def consumed(self, name):
        """Something is known to draw from a stream although its state doesn't show it."""
        if name in self._before and name not in self._seeded:
            self._consumed.add(name)

    def seeded_again(self, names):
        """Seeding to the state that was there already leaves no trace but is seeding."""
        self._seeded |= set(names)

    def quietly(self, action):
        """Run an action of the observer's own: what it does to the streams is not the author's doing."""
        self._note(states())
        action()
        self._before = states()

    def _note(self, now):
        for name, state in now.items():
            if name in self._before and state != self._before[name] and name not in self._seeded:
                self._consumed.add(name)

    def after(self):
        """(consumes, seeds)"""
        self._note(states())
        return sorted(self._consumed), sorted(self._seeded)


class Seeded:
    """Python's generator as it was seeded on the author's behalf.

    A library that draws from it while it is imported (Keras does) would make the author's numbers depend on when that happens. In a project all imports
    come before the seeding; so as long as nobody else has drawn, the generator is put back after an import.
    """

    def __init__(self, seed):
        random.seed(seed)
        self._state, self._untouched = random.getstate(), True

    def before_statement(self):
        self._untouched = random.getstate() == self._state

    def after_import(self):
        if self._untouched:
            random.setstate(self._state)


def streams_of(function):
    """Which streams a library's seeding function sets, by where it comes from."""
    module = getattr(function, "__module__", None) or type(getattr(function, "__self__", None)).__module__ or ""
    owner = getattr(function, "__self__", None)
    if owner is not None and type(owner).__name__ in ("Random", "RandomState", "Generator"):
        numpy = sys.modules.get("numpy")
        if owner is getattr(random.seed, "__self__", None):
            return ["random"]
        return ["numpy"] if numpy is not None and owner is getattr(numpy.random.mtrand, "_rand", None) else []
    root = module.split(".")[0]
    if root in ("torch", "tensorflow", "numpy", "random") and root in STREAMS:
        return [root]
    if root in ("keras", "tf_keras") and getattr(function, "__name__", "") == "set_random_seed":
        return [
            name
            for name in ("keras", "numpy", "random", "tensorflow", "torch")
            if name in states() and (name != "torch" or "keras.src.backend.torch" in sys.modules)
        ]
    return []


class Kept:
    """`with Kept():` leaves every stream as it was, whatever happens inside."""

    def __enter__(self):
        numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
        self._random = random.getstate()
        self._numpy = numpy.random.get_state() if numpy is not None and hasattr(numpy, "random") else None
        self._torch = torch.get_rng_state() if torch is not None and hasattr(torch, "get_rng_state") else None
        eager = sys.modules.get("tensorflow.python.eager.context")
        generator = getattr(eager.context(), "_rng", None) if eager is not None and hasattr(eager, "context") else None
        self._tensorflow = (generator, generator.getstate()) if generator is not None else None
        return self

    def __exit__(self, *error):
        random.setstate(self._random)
        if self._numpy is not None:
            sys.modules["numpy"].random.set_state(self._numpy)
        if self._torch is not None:
            sys.modules["torch"].set_rng_state(self._torch)
        if self._tensorflow is not None:
            self._tensorflow[0].setstate(self._tensorflow[1])
        return False


def seed_library(name, seed):
    """Put one library's own stream in a known state, as its users would; `name` is the module that was just imported."""
    module = sys.modules.get(name)
    if name == "numpy":
        module.random.seed(seed)
        _seed_entropy(seed)
    elif name == "torch":
        module.manual_seed(seed)
    elif name == "tensorflow":
        module.random.set_seed(seed)
    elif name == "keras":
        state = sys.modules.get("keras.src.backend.common.global_state")
        if state is not None and hasattr(state, "set_global_attribute"):
            state.set_global_attribute("global_random_seed", seed)
            state.set_global_attribute("global_seed_generator", None)


def _seed_entropy(seed):
    """`default_rng()` without a seed asks the system for entropy; from here on it gets numbers that repeat."""
    source = random.Random(seed)
    module = sys.modules.get("numpy.random.bit_generator")
    if module is not None and hasattr(module, "randbits"):
        module.randbits = source.getrandbits


LIBRARIES = ("numpy", "torch", "tensorflow", "keras", "tf_keras")
