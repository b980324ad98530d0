# SPDX-License-Identifier: Apache-2.0
"""What the worker processes of the bridge do: build candidates with TVM's own code generator, time
and check them. A worker imports TVM once; what it built it keeps until it is run, so that nothing
is linked or written to files."""

import json
import math
import os

import numpy as np
import tvm
import tvm_ffi
from tvm import s_tir

from . import dialect, traces

_tasks = {}
_built = {}
# Seconds that a batch of calls takes at least, and how many batches are made of a contender.
_BATCH_SECONDS = 0.01
_BATCHES = 10


def initialize():
    """The first call in a worker: nothing is left to load but this module, and that is done."""


class _Task:
    """The program before scheduling, its target, and inputs and outputs to check candidates by."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "task.json")) as file:
            text = json.load(file)
        self.mod = tvm.ir.load_json(text["mod"])
        self.target = tvm.target.Target(text["target"])
        self.arguments = [(dtype, tuple(shape)) for dtype, shape in text["arguments"]]
        self.indices = set(text["indices"])
        self.operations = text["operations"]
        self._shapes = self._tensors = self._reference = None

    def inputs(self, shapes=None):
        """Small integers, the same in each worker; zeros where they are used as indices. Of
        `shapes` where a candidate takes its weights in others than the program does."""
        rand = np.random.default_rng(1)
        out = []
        for at, (dtype, shape) in enumerate(self.arguments):
            shape = shape if shapes is None else shapes[at]
            least = 0 if dtype.startswith("uint") or dtype == "bool" else -3
            most = 2 if dtype == "bool" else 4
            values = rand.integers(least, most, shape)
            out.append((values * 0 if at in self.indices else values).astype(_numpy(dtype)))
        return out

    def tensors(self, shapes):
        """Arguments to time calls with: as for checks, the last ones kept."""
        if self._shapes != shapes:
            self._tensors = [tvm.runtime.tensor(values) for values in self.inputs(shapes)]
            self._shapes = shapes
        return self._tensors

    def reference(self):
        """What the program writes before scheduling."""
        if self._reference is None:
            with np.load(os.path.join(self.folder, "reference.npz")) as file:
                self._reference = [file[f"arr_{i}"] for i in range(len(self.arguments))]
        return self._reference


def _numpy(dtype):
    try:
        return np.dtype(dtype)
    except TypeError:
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, dtype))


def _task(folder):
    if folder not in _tasks:
        _tasks[folder] = _Task(folder)
    return _tasks[folder]


def _compile(mod, target):
    executable = tvm.compile(mod, target=target)
    executable["main"]  # machine code is made when a function is asked for
    return executable


def _scheduled(task, trace_json):
    schedule = s_tir.Schedule(task.mod)
    traces.replay(trace_json, schedule)
    return schedule.mod


def _without_layout_blocks(mod):
    """As TVM's builder does: constant weights are laid out ahead, not in each call."""
    return s_tir.transform.RemoveWeightLayoutRewriteBlock(skip_tensor_rewrite=True)(mod)


def _shapes(mod):
    func = mod["main"]
    buffers = func.params if dialect.TYPED else [func.buffer_map[param] for param in func.params]
    return [tuple(int(extent) for extent in buffer.shape) for buffer in buffers]


def _build(task, trace_json):
    """What is compiled of a candidate, and the shapes of its arguments."""
    mod = _without_layout_blocks(_scheduled(task, trace_json))
    return _compile(mod, task.target), _shapes(mod)


def build(folder, trace_json, key):
    """Builds a candidate and keeps it under `key`."""
    _built[key] = _build(_task(folder), trace_json)


def make_reference(folder):
    """Runs the program before scheduling and writes what it made beside it."""
    task = _task(folder)
    outputs = _outputs(_compile(task.mod, task.target), task)
    path = os.path.join(folder, "reference.npz")
    np.savez(path, *[_storable(values) for values in outputs])


def _storable(values):
    # NumPy's files know only its own types.
    return values if values.dtype.isbuiltin == 1 else values.astype("float32")


def _outputs(executable, task):
    tensors = [tvm.runtime.tensor(values) for values in task.inputs()]
    executable["main"](*tensors)
    return [tensor.numpy() for tensor in tensors]


def measure(folder, trace_json, key, best_seconds, min_repeat_ms):
    """Seconds a call of a candidate, one number for each batch of calls, and what is wrong with its
    results: None for one that is right or too slow to be the best so far. It is built anew when
    this worker has not got it."""
    task = _task(folder)
    executable, shapes = _built.pop(key, None) or _build(task, trace_json)
    seconds = _time(executable, task.tensors(shapes), best_seconds, min_repeat_ms)
    fault = None
    if float(np.median(seconds)) < best_seconds:
        fault = _fault(executable, task, trace_json)
    return seconds, fault


def _time(executable, tensors, best_seconds, min_repeat_ms):
    """Times batches of calls; one that cannot be the best so far ends after two."""

    def calls(number, repeat):
        evaluator = executable.jit().time_evaluator("main", tvm.cpu(), number=number, repeat=repeat)
        return [float(seconds) for seconds in evaluator(*tensors).results]

    first = min(calls(1, 2))
    if first > 3 * best_seconds:
        return calls(max(1, min(3, int(_BATCH_SECONDS / first))), 1) if first < 0.1 else [first]
    batch = max(min_repeat_ms / 1000 / _BATCHES, 1e-3)
    number = max(1, math.ceil(batch / max(first, 1e-9)))
    seconds = calls(number, 2)
    if min(seconds) > 1.2 * best_seconds:
        return seconds
    left = min_repeat_ms / 1000 / (number * first)
    return seconds + calls(number, max(1, min(_BATCHES, int(left)) - 2))


def _fault(executable, task, trace_json):
    """What is wrong with what a candidate computes. One whose weights are laid out ahead is built
    once more with the blocks that lay them out."""
    scheduled = _scheduled(task, trace_json)
    if not tvm_ffi.structural_equal(scheduled, _without_layout_blocks(scheduled)):
        executable = _compile(scheduled, task.target)
    found = _outputs(executable, task)
    for at, (expected, values) in enumerate(zip(task.reference(), found)):
        difference = _difference(expected, values, task.arguments[at][0], task.operations)
        if difference is not None:
            return f"argument {at}: {difference}"
    return None


def _epsilon(dtype):
    if dtype.startswith("float8"):
        return 2.0**-2
    known = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
    return known.get(dtype, 0.0)


def _difference(expected, found, dtype, operations):
    """Sums of small integers are equal bit for bit; what rounds may differ by 8 eps sqrt(K) of the
    largest, K the operations for one element."""
    if expected.tobytes() == found.tobytes():
        return None
    a, b = expected.astype("float64"), found.astype("float64")
    finite = np.abs(a[np.isfinite(a)])
    largest = float(finite.max()) if finite.size else 0.0
    bound = 8 * _epsilon(dtype) * math.sqrt(max(operations, 1.0)) * largest
    with np.errstate(invalid="ignore"):
        agree = (a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= bound)
    if agree.all():
        return None
    at = tuple(int(i) for i in np.argwhere(~agree)[0])
    return f"element {at} is {b[at]}, expected {a[at]} within {bound:.3g}"


def resident_bytes():
    """Memory that this worker uses."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
