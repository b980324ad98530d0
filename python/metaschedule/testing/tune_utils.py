# SPDX-License-Identifier: Apache-2.0
"""Input data for programs, and what to do with a program and data once they are on a device:
continuations for `custom_builder_runner.run_module_via_rpc`."""

_FLOATS = ("float16", "float32", "float64")
# From, and up to but not including: small enough that sums of many stay in range.
_RANGES = {
    "uint8": (0, 256),
    "int8": (-128, 128),
    "uint32": (0, 10001),
    "int32": (0, 10001),
    "uint64": (0, 10001),
    "int64": (0, 10001),
}


def generate_input_data(shape, dtype, *, low=None, high=None):
    """A numpy array of random values, by numpy's global generator (`numpy.random.seed`).

    Floats are uniform in [low, high), by default [0, 1). Integers are uniform in [low, high), by
    default all of uint8 and int8, and 0 to 10000 with 32 or 64 bits; other integers and bool need
    both bounds. ValueError for another type, bounds outside of the type, or none in between."""
    import numpy as np

    name, shape = str(dtype), tuple(int(extent) for extent in shape)
    if name in _FLOATS:
        low, high = 0.0 if low is None else low, 1.0 if high is None else high
        _check_bounds(low, high, np.finfo(name).min, np.finfo(name).max, name)
        values = np.random.uniform(low, high, shape).astype(name)
        # Narrow types round up to the bound, which does not belong to the range.
        return np.minimum(values, np.nextafter(np.array(high, name), np.array(low, name)))
    low, high = _integer_range(name, low, high)
    return np.random.randint(low, high, shape, "bool" if name == "bool" else name)


def _integer_range(name, low, high):
    import numpy as np

    try:
        kind = np.dtype(name).kind
    except TypeError:
        kind = ""
    if kind not in ("i", "u", "b"):
        raise ValueError(
            "generate_input_data: dtype: expected "
            f"{', '.join((*_FLOATS, *_RANGES))} or, with low and high, another integer type, "
            f"found {name!r}"
        )
    if name not in _RANGES and (low is None or high is None):
        raise ValueError(
            f"generate_input_data: dtype {name} has no range of its own: give low and high"
        )
    default = _RANGES.get(name, (low, high))
    low, high = default[0] if low is None else low, default[1] if high is None else high
    least, most = (0, 1) if kind == "b" else (np.iinfo(name).min, np.iinfo(name).max)
    _check_bounds(low, high, least, int(most) + 1, name)
    return low, high


def _check_bounds(low, high, least, most, name):
    if not least <= low < high <= most:
        raise ValueError(
            f"generate_input_data: expected low < high within {name}, found {low} and {high}"
        )


def create_timer(backend="graph"):
    """A continuation `(module, device, arrays)` that times a compiled module on its arrays (a
    sequence, or a dict by position or in order), prints milliseconds a call and returns the
    BenchmarkResult, in seconds. `backend` is "graph"; ValueError for another."""
    _check_backend("create_timer", backend)

    def timer(module, device, arrays):
        result = module.time_evaluator(
            module.entry_name, device, number=10, repeat=3, min_repeat_ms=50
        )(*_in_order(arrays))
        print(
            f"run time: mean {result.mean * 1e3:.4g} ms, median {result.median * 1e3:.4g} ms, "
            f"min {result.min * 1e3:.4g} ms, max {result.max * 1e3:.4g} ms"
        )
        return result

    return timer


def create_calculator(backend="graph"):
    """A continuation `(module, device, arrays)` that runs a compiled module once and returns the
    values of all arrays after it, as numpy arrays in order: a program writes its outputs to the
    last ones. `backend` is "graph"; ValueError for another."""
    _check_backend("create_calculator", backend)

    def calculator(module, device, arrays):
        del device
        arrays = _in_order(arrays)
        module(*arrays)
        return [array.numpy() for array in arrays]

    return calculator


def create_time_per_layer(graph):
    """Refused with ModuleNotFoundError: it times the operators of a graph that relay compiled, one
    by one. `create_timer` times a program, of which each task has one."""
    del graph
    raise ModuleNotFoundError(
        "create_time_per_layer: metaschedule has no such part of TVM (the graph executors of "
        "relay are not there); docs/migrating.md lists what it has",
        name="tvm.relay",
    )


def _check_backend(where, backend):
    if backend != "graph":
        raise ValueError(f"{where}: backend: expected 'graph', found {backend!r}")


def _in_order(arrays):
    if not hasattr(arrays, "items"):
        return list(arrays)
    if all(isinstance(key, int) for key in arrays):
        return [arrays[key] for key in sorted(arrays)]
    return list(arrays.values())
