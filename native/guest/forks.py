"""What a Zygote does so that its children differ from one another, and work as after Python's own fork.

guest.so forks without running Python's fork hooks, which are slow. So a Zygote records the hooks of
packages, and finds everything that generates keys or random numbers, before the forks: a child copies each
page that it touches, and must not search.
"""

import ctypes
import gc
import os
from _frozen_importlib_external import PathFinder
from _functools import partial
from sys import meta_path
from sys import modules as loaded

MT19937_KEY_BYTES = 624 * 4
# Numpy draws this many random bits to seed a generator that got no seed. A seed that somebody chose is smaller.
LEAST_DRAWN_ENTROPY = 1 << 64
SCRATCH = "/scratch"
MOST_SCRATCH_BYTES = 1 << 20
MOST_SCRATCH_ACTS = 256
# Hooks of the standard library that no child needs: they protect against threads, which a Zygote does not have.
NEEDLESS = {"threading", "logging", "concurrent.futures.thread", "weakref", "_weakrefset"}

AFTER_FORK = ctypes.cast(ctypes.pythonapi.PyOS_AfterFork_Child, ctypes.c_void_p)

# 1 in a child that Python's own repair has run in, which includes all hooks.
is_repaired = ctypes.c_int(0)
befores = []
afters = []
generators = []
chosen_seeds = set()


def begin(library_path):
    """Loads the library that forks, and records from now on what packages ask for at a fork."""
    global guest_serve
    guest_serve = ctypes.PyDLL(library_path).guest_serve
    guest_serve.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p]
    guest_serve.restype = ctypes.c_int64
    record_hooks()


def prepare(without):
    """Returns the functions that each child calls first. The imports are done."""
    acts = []
    if "skipped-fork-hooks" in without:
        acts.append(ctypes.pythonapi.PyOS_AfterFork_Child)
    else:
        acts += [partial(run_after, hook) for hook in afters]
    acts += acts_of_generators()
    acts += acts_of_scratch()
    if "multiprocessing.process" in loaded:
        acts.append(renew_key)
    return acts


def found():
    """How many generators of random numbers, and fork hooks of packages, this Zygote has."""
    return {"generators": len(generators) + (numpy_global() is not None), "hooks": len(befores) + len(afters)}


def serve(fd):
    """Forks on request. Returns in a child, or with 0 to import more; see guest_serve in guest.c."""
    state = numpy_state()
    state_bytes = 0 if state is None else MT19937_KEY_BYTES
    return guest_serve(fd, state, state_bytes, AFTER_FORK, ctypes.addressof(is_repaired))


def acts_of_scratch():
    """
    Functions that make again what imports have left in the scratch folder, such as a temporary folder: each
    child has its own scratch folder. Caches are left out, since programs expect that they vanish.
    """
    acts = []
    room = MOST_SCRATCH_BYTES
    for folder, folders, files in os.walk(SCRATCH):
        folders[:] = [each for each in folders if each not in (".cache", "__pycache__")]
        if folder != SCRATCH:
            acts.append(partial(os.makedirs, folder, os.stat(folder).st_mode & 0o777, True))
        for path in (os.path.join(folder, each) for each in files):
            if os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) <= room:
                with open(path, "rb") as file:
                    content = file.read()
                room -= len(content)
                acts.append(partial(write_file, path, content, os.stat(path).st_mode & 0o777))
    return acts[:MOST_SCRATCH_ACTS]


def write_file(path, content, mode):
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)


def renew_key():
    """
    Gives this process its own key for connections of multiprocessing. Otherwise all functions below one
    Zygote would share a key.
    """
    loaded["multiprocessing.process"].current_process().authkey = os.urandom(32)


# ------------------------------------------------------------------------------------------- hooks


def record_hooks():
    register = os.register_at_fork

    def noting(*, before=None, after_in_child=None, after_in_parent=None):
        hooks = {"before": before, "after_in_child": after_in_child, "after_in_parent": after_in_parent}
        register(**{name: hook for name, hook in hooks.items() if hook is not None})
        if is_needless(after_in_child):
            return
        if before is not None:
            befores.append(before)
        if after_in_child is not None:
            afters.append(after_in_child)

    os.register_at_fork = noting


def is_needless(hook):
    """Whether children can do without a hook and its `before` half."""
    if getattr(hook, "__self__", hook) is global_generator():
        return True  # `acts_of_generators` does the same
    module = getattr(hook, "__module__", None)
    return module in NEEDLESS or (module is None and getattr(hook, "__name__", "") == "_at_fork_reinit")


def run_befores():
    """
    Runs what must precede a fork, the last hook first, as Python does. It precedes all forks of this Zygote:
    a lock that it takes stays locked here, and each child releases its own copy.
    """
    is_repaired.value = 0
    for hook in reversed(befores):
        attempt(hook)


def run_after(hook):
    if not is_repaired.value:
        attempt(hook)


def attempt(hook):
    """Python, too, goes on after a fork hook that fails."""
    try:
        hook()
    except BaseException:
        pass


# -------------------------------------------------------------------------------------- generators


def begin_imports():
    """
    Records which generators of `random` get a seed that somebody chose. They yield the same numbers in every
    Python process, so children must not change them.
    """
    if "random" in loaded:
        record_seeds(loaded["random"])
    else:
        meta_path.insert(0, RandomFinder)


def end_imports():
    if RandomFinder in meta_path:
        meta_path.remove(RandomFinder)
    random = loaded.get("random")
    if random is not None and hasattr(random.Random.seed, "plain"):
        random.Random.seed = random.Random.seed.plain


class RandomFinder:
    """Finds the module `random` as Python does, and records seeds from the moment at which it is loaded."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "random":
            return None
        meta_path.remove(RandomFinder)
        spec = PathFinder.find_spec(name)
        execute = spec.loader.exec_module

        def execute_and_record(module):
            execute(module)
            record_seeds(module)

        spec.loader.exec_module = execute_and_record
        return spec


def record_seeds(random):
    plain = random.Random.seed

    def seed(self, a=None, version=2):
        (chosen_seeds.discard if a is None else chosen_seeds.add)(id(self))
        return plain(self, a, version)

    seed.plain = plain
    random.Random.seed = seed


def acts_of_generators():
    """
    One function per generator of random numbers that got no seed: it draws another state. Numbers that a
    generator has made ahead are dropped here, because these functions would leave them to all children.
    """
    random = loaded.get("random")
    numpy = loaded.get("numpy.random")
    names = (random, "Random"), (numpy, "BitGenerator"), (numpy, "RandomState")
    kinds = tuple(getattr(module, name) for module, name in names if hasattr(module, name))
    if not kinds:
        return []
    # Objects that a parent Zygote has frozen are not listed again.
    known = {id(each) for each in generators}
    # Not isinstance, which asks objects for their __class__: Django's settings then want to be configured.
    found = (each for each in gc.get_objects() if issubclass(type(each), kinds))
    generators.extend(each for each in found if id(each) not in known)
    acts = []
    for each in generators:
        if isinstance(each, getattr(random, "Random", ())):
            add_python_act(acts, each, random)
        elif isinstance(each, numpy.RandomState):
            drop_gauss(each)
        elif has_drawn_seed(each) and each is not numpy_global():
            acts.append(partial(draw_state, each))
    return acts


def add_python_act(acts, generator, random):
    if id(generator) in chosen_seeds or isinstance(generator, random.SystemRandom):
        return
    import _random

    generator.seed()
    # The method of the C type, without the Python around it, takes random bytes from the kernel.
    acts.append(_random.Random.seed.__get__(generator))


def drop_gauss(state):
    """Drops the second of a pair of normal numbers, unless somebody chose the seed."""
    bit_generator = state._bit_generator
    if has_drawn_seed(bit_generator) or bit_generator is numpy_global():
        values = state.get_state(legacy=False)
        if isinstance(values, dict) and values.get("has_gauss"):
            state.set_state({**values, "has_gauss": 0})


def has_drawn_seed(bit_generator):
    """Whether numpy drew the seed itself. A seed of the old kind, as in `RandomState(5)`, leaves no sequence."""
    sequence = getattr(bit_generator, "seed_seq", None) or getattr(bit_generator, "_seed_seq", None)
    entropy = getattr(sequence, "entropy", None)
    return isinstance(entropy, int) and entropy >= LEAST_DRAWN_ENTROPY


def draw_state(bit_generator):
    bit_generator.state = type(bit_generator)().state


def global_generator():
    """The generator of the functions of `random`; a new object if `random` is not loaded."""
    return getattr(loaded.get("random"), "_inst", object())


def numpy_global():
    """Numpy's global generator; None if there is no such generator, or if it is of another kind."""
    try:
        generator = loaded["numpy.random"].mtrand._rand._bit_generator
        return generator if type(generator).__name__ == "MT19937" else None
    except (KeyError, AttributeError):
        return None


def numpy_state():
    """
    Address of the state of numpy's global generator (struct mt19937_state, which begins with its key), for
    guest.so to fill; None if there is no such generator. `numpy.random.seed()` and `numpy.random.seed(5)`
    leave the same traces, so this generator is filled even if a package chose its seed.
    """
    generator = numpy_global()
    return None if generator is None else generator.ctypes.state_address
