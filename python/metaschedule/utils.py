# SPDX-License-Identifier: Apache-2.0
"""Helpers of the tuning package: user-defined classes, seeds, counts of cores."""

import os
import shutil

from . import _core, registry


def python_base(interface, **namespace):
    """A base class for user-defined parts that may define `__init__` without calling ours: the C++
    half of the object is made with the object itself."""

    def __new__(cls, *_args, **_kwargs):
        self = interface.__new__(cls)
        interface.__init__(self)
        return self

    def __init__(self, *_args, **_kwargs):
        pass

    body = {"__new__": __new__, "__init__": __init__, "__module__": interface.__module__}
    doc = f"Base of {interface.__name__} classes written in Python."
    return type(f"Py{interface.__name__}", (interface,), {**body, "__doc__": doc, **namespace})


def derived_object(cls):
    """Marks a class written in Python as a part of tuning. The class itself is returned: it is one
    already; the decorator checks that it derives from one of the interfaces."""
    if not any(base.__module__.startswith("metaschedule") for base in cls.__mro__[1:]):
        raise TypeError(f"{cls.__name__} must derive from a Py* class of metaschedule")
    return cls


def cpu_count(logical: bool = True) -> int:
    """Cores that this process may use; physical ones when `logical` is False."""
    available = len(os.sched_getaffinity(0))
    if logical:
        return available
    return min(available, _core.physical_cores())


def resolve_num_threads(num_threads) -> int:
    """An int, "physical" or "logical" as a number of threads."""
    if num_threads == "physical":
        return cpu_count(logical=False)
    if num_threads == "logical":
        return cpu_count(logical=True)
    if isinstance(num_threads, int) and num_threads > 0:
        return num_threads
    raise ValueError(
        f'num_threads: expected a positive int, "physical" or "logical", found {num_threads!r}'
    )


def fork_seed(seed, n: int):
    """`n` seeds derived from one, or from the operating system when it is None."""
    import numpy as np

    return np.random.RandomState(seed).randint(1, 2**30, size=n).tolist()


def remove_build_dir(artifact_path: str) -> None:
    """Removes the folder that holds a built artifact."""
    shutil.rmtree(os.path.dirname(artifact_path))


def shash2hex(mod) -> str:
    """The structural hash as `0x` and 16 hexadecimal digits."""
    return f"0x{_core.structural_hash(mod, False) & (2**64 - 1):016x}"


def get_global_func_on_rpc_session(session, name, extra_error_msg=None):
    """What a server has registered under `name`; AttributeError, with `extra_error_msg` in it, when
    that is nothing."""
    try:
        return session.get_function(name)
    except AttributeError as error:
        extra = f"; {extra_error_msg}" if extra_error_msg else ""
        raise AttributeError(f"{error}{extra}") from error


def get_global_func_with_default_on_worker(name, default):
    """`name` itself when callable, what is registered under it, or `default` for None."""
    if name is None:
        return default
    if callable(name):
        return name
    function = registry.get_global_func(name, allow_missing=True)
    if function is None:
        raise ValueError(
            f"no function is registered as {name} in this process; register it in the initializer"
        )
    return function
