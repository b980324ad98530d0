# SPDX-License-Identifier: Apache-2.0
"""What the process of a session does: files in its folder, modules and arrays by number."""

import itertools
import os
import shutil
from typing import NamedTuple

from .. import registry, runtime

_numbers = itertools.count(1)
_objects = {}


class Handle(NamedTuple):
    """An object of the session's process."""

    number: int


def begin(folder):
    """Goes to the folder of the session, and registers what scripts ask a server for."""
    from ..runner.utils import random_array

    os.chdir(folder)

    def random_fill(array):
        array.copyfrom(random_array(array.dtype, array.shape))

    for name in ("random_fill", "random_fill_for_measure"):
        registry.register_func(f"tvm.contrib.random.{name}", random_fill, override=True)


def _keep(value):
    number = next(_numbers)
    _objects[number] = value
    return Handle(number)


def _raised(arguments):
    return [_objects[a.number] if isinstance(a, Handle) else a for a in arguments]


def _inside(path):
    if os.path.isabs(path) or ".." in path.split(os.sep):
        raise ValueError(f"expected a path inside the session's folder, found {path}")
    return path or "."


def drop(handles):
    """Forgets objects."""
    for handle in handles:
        _objects.pop(handle.number, None)


def write_file(path, data):
    """Writes a file; folders on the way are made."""
    folder = os.path.dirname(_inside(path))
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def read_file(path):
    """The contents of a file."""
    with open(_inside(path), "rb") as file:
        return file.read()


def remove_file(path):
    """Removes a file, or what is in a folder."""
    path = _inside(path)
    if os.path.isdir(path):
        for name in os.listdir(path):
            remove_file(os.path.join(path, name))
        if path != ".":
            shutil.rmtree(path, ignore_errors=True)
    elif os.path.exists(path):
        os.remove(path)


def list_files(path):
    """Names in a folder."""
    return sorted(os.listdir(_inside(path)))


def load_module(path):
    """Opens a compiled program; its handle, and the name of its entry."""
    module = runtime.load_module(_inside(path))
    return _keep(module), module.entry_name


def call_module(handle, name, arguments):
    """Calls a function of a module, the entry when `name` is empty."""
    module = _objects[handle.number]
    (module[name] if name else module)(*_raised(arguments))


def time_module(handle, options, arguments):
    """Seconds a call, for each repeat."""
    evaluator = _objects[handle.number].time_evaluator(**options)
    return list(evaluator(*_raised(arguments)).results)


def place(values):
    """Keeps a copy of a numpy array."""
    return _keep(runtime.array(values))


def place_random(tensors):
    """Keeps arrays of random values in [1, 10): handle, type and shape of each."""
    from ..runner.utils import random_array

    return [(place(random_array(dtype, shape)), dtype, shape) for dtype, shape in tensors]


def fetch(handle):
    """The values of an array."""
    return _objects[handle.number].numpy()


def assign(handle, values):
    """Copies values into an array."""
    _objects[handle.number].copyfrom(values)


def has_function(name):
    """Whether something is registered under a name."""
    return registry.get_global_func(name, allow_missing=True) is not None


def call_function(name, arguments):
    """Calls what is registered; plain values and numpy arrays come back, nothing else."""
    value = registry.get_global_func(name)(*_raised(arguments))
    return value.numpy() if isinstance(value, runtime.NDArray) else value
