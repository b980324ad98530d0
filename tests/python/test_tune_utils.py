# SPDX-License-Identifier: Apache-2.0
"""Random inputs of programs, and timing or running a compiled program on them."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule.testing.tune_utils import (
    create_calculator,
    create_time_per_layer,
    create_timer,
    generate_input_data,
)
from programs import matmul


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_are_uniform_from_zero_to_one(dtype):
    values = generate_input_data((100, 100), dtype)
    assert values.dtype == dtype and values.shape == (100, 100)
    assert 0 <= values.min() < 0.01 and 0.99 < values.max() < 1
    assert abs(values.mean(dtype="float64") - 0.5) < 0.05


@pytest.mark.parametrize(
    "dtype, low, high",
    [
        ("uint8", 0, 255),
        ("int8", -128, 127),
        ("int32", 0, 10000),
        ("int64", 0, 10000),
        ("uint32", 0, 10000),
    ],
)
def test_integers_have_a_range_by_their_type(dtype, low, high):
    values = generate_input_data([300, 300], dtype)
    assert values.dtype == dtype
    assert low <= values.min() < values.max() <= high
    assert int(values.max()) - int(values.min()) > 0.98 * (high - low)


def test_bounds_may_be_given():
    assert set(generate_input_data((200,), "int32", low=3, high=5)) == {3, 4}
    assert set(generate_input_data((200,), "int16", low=-1, high=1)) == {-1, 0}
    assert set(generate_input_data((200,), "bool", low=0, high=1)) == {False}
    values = generate_input_data((200,), "float32", low=2, high=3)
    assert 2 <= values.min() and values.max() < 3
    assert generate_input_data((), "float32").shape == ()


@pytest.mark.parametrize(
    "dtype, bounds, message",
    [
        ("nonsense", {}, "expected float16, .*found 'nonsense'"),
        ("complex64", {}, "found 'complex64'"),
        ("int16", {}, "int16 has no range of its own: give low and high"),
        ("int16", {"low": 1}, "give low and high"),
        ("int8", {"high": 300}, "within int8, found -128 and 300"),
        ("int32", {"low": 5, "high": 5}, "low < high within int32, found 5 and 5"),
        ("float32", {"low": 2}, "low < high within float32, found 2 and 1.0"),
    ],
)
def test_what_no_data_can_be_made_for_is_refused(dtype, bounds, message):
    with pytest.raises(ValueError, match=message):
        generate_input_data((2,), dtype, **bounds)


def test_a_program_is_timed_and_run_by_continuations(capsys):
    module, device = ms.runtime.build(matmul(16, 16, 16)), ms.runtime.cpu()
    ones = [np.ones((16, 16), "float32") for _ in range(3)]
    arrays = [ms.runtime.array(a, device) for a in ones]
    assert 0 < create_timer("graph")(module, device, arrays).mean < 1
    assert " ms" in capsys.readouterr().out
    *_, found = create_calculator("graph")(module, device, dict(zip("ABC", arrays)))
    assert (found == 16).all()
    by_position = {2: arrays[2], 0: arrays[0], 1: arrays[1]}
    *_, found = create_calculator("graph")(module, device, by_position)
    assert (found == 16).all()


def test_what_needs_an_executor_of_graphs_is_refused():
    for create in (create_timer, create_calculator):
        with pytest.raises(ValueError, match="expected 'graph', found 'vm'"):
            create("vm")
    with pytest.raises(ModuleNotFoundError, match="migrating"):
        create_time_per_layer("{}")
