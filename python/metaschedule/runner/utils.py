# SPDX-License-Identifier: Apache-2.0
"""What local and remote measurements share: making arguments and timing calls with them."""

from typing import Any, List, Tuple, Union

# What `ArgInfo.as_json` gives for one argument: ["TENSOR", dtype, shape].
T_ARG_INFO_JSON_OBJ = List[Any]
T_ARG_INFO_JSON_OBJ_LIST = List[T_ARG_INFO_JSON_OBJ]
T_ARGUMENT = Any
T_ARGUMENT_LIST = List[T_ARGUMENT]


def tensors(args_info: T_ARG_INFO_JSON_OBJ_LIST) -> List[Tuple[str, Tuple[int, ...]]]:
    """Types and shapes of arguments; TypeError for one that is not a tensor."""
    for kind, *_ in args_info:
        if kind != "TENSOR":
            raise TypeError(f"expected arguments of kind TENSOR, found {kind}")
    return [(dtype, tuple(int(extent) for extent in shape)) for _, dtype, shape in args_info]


def random_array(dtype: str, shape):
    """A numpy array with random values in [1, 10)."""
    import numpy as np

    return np.random.default_rng().uniform(1, 10, shape).astype(dtype)


def alloc_argument_common(f_random_fill, device, args_info, alloc_repeat) -> List[T_ARGUMENT_LIST]:
    """`alloc_repeat` lists of arrays on a device; `f_random_fill(array)` gives them values."""
    from .. import runtime

    lists = []
    for _ in range(alloc_repeat):
        lists.append([runtime.empty(shape, dtype, device) for dtype, shape in tensors(args_info)])
        for array in lists[-1]:
            f_random_fill(array)
    return lists


def run_evaluator_common(rt_mod, device, evaluator_config, repeated_args) -> List[float]:
    """Seconds a call: `repeat` numbers for each list of arguments."""
    evaluator = rt_mod.time_evaluator(
        rt_mod.entry_name,
        device,
        number=evaluator_config.number,
        repeat=evaluator_config.repeat,
        min_repeat_ms=evaluator_config.min_repeat_ms,
        enable_cpu_cache_flush=evaluator_config.enable_cpu_cache_flush,
    )
    costs: List[float] = []
    for args in repeated_args:
        device.sync()
        costs.extend(float(cost) for cost in evaluator(*args).results)
    return costs


def config_values(config) -> Tuple[Union[int, bool], ...]:
    """An EvaluatorConfig as what its constructor takes; it travels as that."""
    return (config.number, config.repeat, config.min_repeat_ms, config.enable_cpu_cache_flush)
