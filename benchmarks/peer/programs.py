# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured, written once over the tensor expressions of either package."""


def matmul(te, _tir, size):
    a = te.placeholder((size, size), name="A")
    b = te.placeholder((size, size), name="B")
    k = te.reduce_axis((0, size), name="k")
    c = te.compute((size, size), lambda i, j: te.sum(a[i, k] * b[k, j], axis=[k]), name="C")
    return [a, b, c]


def with_border(te, tir, data, size, channels):
    """Square NHWC data with a row and a column of zeros on each side."""

    def padded(n, h, w, c):
        inside = tir.all(h >= 1, h < size + 1, w >= 1, w < size + 1)
        return tir.if_then_else(inside, data[n, h - 1, w - 1, c], tir.const(0, "float32"))

    return te.compute((1, size + 2, size + 2, channels), padded, name="PadInput")


def conv(te, tir):
    """NHWC 56x56x64, 3x3, bias, ReLU."""
    data = te.placeholder((1, 56, 56, 64), name="inputs")
    weight = te.placeholder((3, 3, 64, 64), name="weight")
    bias = te.placeholder((64,), name="bias")

    pad = with_border(te, tir, data, 56, 64)
    rh = te.reduce_axis((0, 3), name="rh")
    rw = te.reduce_axis((0, 3), name="rw")
    rc = te.reduce_axis((0, 64), name="rc")
    out = te.compute(
        (1, 56, 56, 64),
        lambda n, h, w, co: te.sum(
            pad[n, h + rh, w + rw, rc] * weight[rh, rw, rc, co], axis=[rh, rw, rc]
        ),
        name="conv2d_nhwc",
    )
    biased = te.compute(out.shape, lambda n, h, w, c: out[n, h, w, c] + bias[c], name="bias_add")
    relu = te.compute(
        out.shape,
        lambda *i: tir.max(biased(*i), tir.const(0, "float32")),
        name="compute",
    )
    return [data, weight, bias, relu]


def depthwise(te, tir):
    """NHWC 112x112x32, 3x3."""
    data = te.placeholder((1, 112, 112, 32), name="inputs")
    weight = te.placeholder((3, 3, 32), name="weight")

    pad = with_border(te, tir, data, 112, 32)
    rh = te.reduce_axis((0, 3), name="rh")
    rw = te.reduce_axis((0, 3), name="rw")
    out = te.compute(
        (1, 112, 112, 32),
        lambda n, h, w, c: te.sum(pad[n, h + rh, w + rw, c] * weight[rh, rw, c], axis=[rh, rw]),
        name="depth_conv2d_nhwc",
    )
    return [data, weight, out]


def softmax(te, _tir, m=256, n=1024):
    a = te.placeholder((m, n), name="A")
    k1 = te.reduce_axis((0, n), name="k")
    k2 = te.reduce_axis((0, n), name="k")
    top = te.compute((m,), lambda i: te.max(a[i, k1], axis=k1), name="T_softmax_maxelem")
    exp = te.compute((m, n), lambda i, j: te.exp(a[i, j] - top[i]), name="T_softmax_exp")
    total = te.compute((m,), lambda i: te.sum(exp[i, k2], axis=k2), name="T_softmax_expsum")
    norm = te.compute((m, n), lambda i, j: exp[i, j] / total[i], name="T_softmax_norm")
    return [a, norm]


PROGRAMS = {
    "matmul128": lambda te, tir: matmul(te, tir, 128),
    "matmul512": lambda te, tir: matmul(te, tir, 512),
    "conv": conv,
    "depthwise": depthwise,
    "softmax": softmax,
}

SHAPES = {
    "matmul128": [(128, 128)] * 3,
    "matmul512": [(512, 512)] * 3,
    "conv": [(1, 56, 56, 64), (3, 3, 64, 64), (64,), (1, 56, 56, 64)],
    "depthwise": [(1, 112, 112, 32), (3, 3, 32), (1, 112, 112, 32)],
    "softmax": [(256, 1024)] * 2,
}
