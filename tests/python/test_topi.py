# SPDX-License-Identifier: Apache-2.0
"""The operators of `topi` and the workloads made of them."""

import numpy as np
import pytest
from metaschedule import runtime, te, topi
from metaschedule.target import Target
from metaschedule.testing import requires_llvm, te_workload


def run(tensors, *inputs):
    """The value of the last tensor, for the values of the others."""
    func = te.create_prim_func(list(tensors))
    out = runtime.empty([int(n) for n in tensors[-1].shape], tensors[-1].dtype)
    runtime.build(func)(*map(runtime.array, inputs), out)
    return out.numpy()


def random(*shape):
    return np.random.default_rng(len(shape)).standard_normal(shape).astype("float32")


def convolution(image, kernel, padding=0):
    """(H, W, CI) by (k, k, CI, CO), with loops over the kernel."""
    image = np.pad(image, [(padding, padding), (padding, padding), (0, 0)])
    k = kernel.shape[0]
    rows, columns = image.shape[0] - k + 1, image.shape[1] - k + 1
    return sum(
        np.einsum("hwc,co->hwo", image[y : y + rows, x : x + columns], kernel[y, x])
        for y in range(k)
        for x in range(k)
    )


@pytest.mark.parametrize(
    ("padding", "kernel", "expected"),
    [
        (1, (3, 3), (1, 1, 1, 1)),
        ((1, 2), (3, 3), (1, 2, 1, 2)),
        ((1, 2, 3, 4), (3, 3), (1, 2, 3, 4)),
        ("VALID", (3, 3), (0, 0, 0, 0)),
        ("SAME", (4, 3), (2, 1, 1, 1)),
    ],
)
def test_pad_tuples(padding, kernel, expected):
    assert topi.nn.get_pad_tuple(padding, kernel) == expected


def test_wrong_paddings_are_refused():
    with pytest.raises(ValueError, match="VALID"):
        topi.nn.get_pad_tuple("OTHER", (3, 3))
    with pytest.raises(ValueError, match="2 or 4"):
        topi.nn.get_pad_tuple((1, 2, 3), (3, 3))


@requires_llvm
@pytest.mark.parametrize("tile", [2, 4, 6])
@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
def test_winograd_is_a_convolution(tile, layout):
    image, kernel = random(9, 7, 3), random(3, 3, 3, 5)
    if layout == "nhwc":
        data, weight = te.placeholder((1, 9, 7, 3)), te.placeholder((3, 3, 3, 5))
        impl, inputs = topi.nn.conv2d._conv2d_winograd_nhwc_impl, (image[None], kernel)
    else:
        data, weight = te.placeholder((1, 3, 9, 7)), te.placeholder((5, 3, 3, 3))
        impl = topi.nn.conv2d._conv2d_winograd_nchw_impl
        inputs = (image.transpose(2, 0, 1)[None], kernel.transpose(3, 2, 0, 1))
    found = run([data, weight, impl(data, weight, 1, 1, 1, "float32", tile)], *inputs)[0]
    if layout == "nchw":
        found = found.transpose(1, 2, 0)
    np.testing.assert_allclose(found, convolution(image, kernel, 1), rtol=1e-3, atol=1e-3)


def test_winograd_workloads_carry_the_rules_that_schedules_look_for():
    text = te_workload.create_te_workload("C2D_WIN_NHWC", 0).script()
    for rule in ("conv2d_nhwc_winograd_data_pack", "conv2d_nhwc_winograd_inverse", "None"):
        assert f'"schedule_rule": "{rule}"' in text
    assert '"meta_schedule.write_cache_level": [2]' in text
    assert '"layout_free_buffers": [1]' in text
    other = te_workload.create_te_workload("C2D_WIN_NCHW", 0).script()
    assert "write_cache_level" not in other
    assert '"schedule_rule": "conv2d_nchw_winograd_inverse"' in other
    with Target("cuda"):
        tensors = te_workload.conv2d_winograd_nhwc(1, 14, 14, 8, 8, 6)
    assert 'write_cache_level": [3]' in te.create_prim_func(list(tensors)).script()


def test_winograd_says_what_it_cannot():
    data, weight = te.placeholder((1, 9, 9, 3)), te.placeholder((3, 3, 3, 5))
    impl = topi.nn.conv2d._conv2d_winograd_nhwc_impl
    with pytest.raises(ValueError, match="strides"):
        impl(data, weight, 2, 0, 1, "float32", 4)
    with pytest.raises(ValueError, match="tile size of 2, 4 or 6"):
        impl(data, weight, 1, 0, 1, "float32", 5)
    with pytest.raises(ValueError, match="weights of 6 x 6"):
        impl(data, weight, 1, 0, 1, "float32", 4, pre_computed=True)


@requires_llvm
def test_pooling():
    x = random(1, 2, 6, 6)
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))[:, :, ::2, ::2]
    data = te.placeholder(x.shape)
    found = run([data, topi.nn.pool2d(data, 3, 2, 1, (1, 1, 1, 1), "max")], x)
    np.testing.assert_allclose(found, windows.max((4, 5)))
    inside = np.where(np.isinf(windows), 0, windows).sum((4, 5))
    found = run([data, topi.nn.pool2d(data, 3, 2, 1, (1, 1, 1, 1), "avg")], x)
    np.testing.assert_allclose(found, inside / 9, rtol=1e-5, atol=1e-6)
    counts = np.isfinite(windows).sum((4, 5))
    average = topi.nn.pool2d(data, 3, 2, 1, (1, 1, 1, 1), "avg", count_include_pad=False)
    np.testing.assert_allclose(run([data, average], x), inside / counts, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="pool_type"):
        topi.nn.pool2d(data, 3, 2, 1, (1, 1, 1, 1), "sum")


@requires_llvm
def test_softmax_along_any_axis():
    x = random(4, 5, 6)
    data = te.placeholder(x.shape)
    powers = np.exp(x - x.max(1, keepdims=True))
    found = run([data, topi.nn.softmax(data, axis=-2)], x)
    np.testing.assert_allclose(found, powers / powers.sum(1, keepdims=True), rtol=1e-5)
    with pytest.raises(ValueError, match="no axis 3"):
        topi.nn.softmax(data, axis=3)


@requires_llvm
def test_convolutions_with_the_channels_first():
    image, kernel = random(8, 8, 3), random(3, 3, 3, 4)
    tensors = te_workload.conv2d_nchw(1, 8, 8, 3, 4, 3, 3, 1, 1)
    found = run(tensors, image.transpose(2, 0, 1)[None], kernel.transpose(3, 2, 0, 1))
    wanted = convolution(image, kernel, 1).transpose(2, 0, 1)
    np.testing.assert_allclose(found[0], wanted, rtol=1e-4, atol=1e-4)


def test_every_workload_is_a_function():
    made = {
        "conv1d_nlc": (1, 16, 8, 8, 3, 1, 1),
        "conv2d_nhwc": (1, 8, 8, 4, 8, 3, 1, 1),
        "conv3d_ndhwc": (1, 4, 8, 8, 4, 8, 3, 1, 1),
        "depthwise_conv2d_nhwc": (1, 8, 8, 4, 3, 1, 1),
        "conv2d_transpose_nhwc": (1, 4, 4, 8, 4, 4, 2, 1),
        "conv2d_capsule_nhwijc": (1, 8, 8, 4, 4, 3, 1, 1),
        "conv2d_nhwc_bn_relu": (1, 8, 8, 4, 8, 3, 1, 1),
        "conv2d_nchw_bias_bn_relu": (1, 8, 8, 4, 8, 3, 3, 1, 1),
        "max_pool2d_nchw": (1, 8, 8, 4, 1),
        "batch_matmul_nkkm": (1, 8, 8, 8),
        "transpose_batch_matmul": (1, 8, 2, 4),
        "matmul_relu": (8, 8, 8),
        "norm_bmn": (1, 8, 8),
        "softmax_mn": (8, 8),
    }
    for name, sizes in made.items():
        func = te.create_prim_func(list(getattr(te_workload, name)(*sizes)))
        assert len(func.params) >= 2, name
    with pytest.raises(ValueError, match="factor 1"):
        te_workload.depthwise_conv2d_nhwc(1, 8, 8, 4, 3, factor=2)
