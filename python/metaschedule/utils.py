# SPDX-License-Identifier: Apache-2.0
"""Helpers of the tuning package: user-defined classes, seeds, counts of cores."""

import os
import shutil

from . import _core, registry
from .interfaces import derived_object, python_base


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


def _get_default_str(obj) -> str:
    """What an object without a `__str__` of its own prints as."""
    return f"meta_schedule.{type(obj).__name__}({id(obj):#x})"


def _json_de_tvm(obj):
    """Nodes and containers of them as what `json.dumps` takes: numbers, strings, lists, dicts."""
    from .tir import FloatImm, IntImm

    if obj is None or isinstance(obj, (bool, int, float, str)):
        return obj
    if isinstance(obj, (IntImm, FloatImm)):
        return obj.value
    if hasattr(obj, "items"):
        return {_json_de_tvm(key): _json_de_tvm(value) for key, value in obj.items()}
    if hasattr(obj, "__iter__"):
        return [_json_de_tvm(item) for item in obj]
    raise TypeError(f"expected numbers, strings, lists or maps, found {type(obj).__name__}")


def remove_build_dir(artifact_path: str) -> None:
    """Removes the folder that holds a built artifact."""
    shutil.rmtree(os.path.dirname(artifact_path))


def is_meta_schedule_enabled() -> bool:
    """Whether the current PassContext asks graph compilers to use what was tuned."""
    from .transform import PassContext

    return bool(PassContext.current().config.get("relay.backend.use_meta_schedule", False))


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


__all__ = [
    "cpu_count",
    "derived_object",
    "fork_seed",
    "get_global_func_with_default_on_worker",
    "is_meta_schedule_enabled",
    "python_base",
    "remove_build_dir",
    "resolve_num_threads",
    "shash2hex",
]
