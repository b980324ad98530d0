# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured, written once over the tensor expressions of either package."""


def matmul(te, _tir, m, n, k):
    """(m, k) by (k, n)."""
    a = te.placeholder((m, k), name="A")
    b = te.placeholder((k, n), name="B")
    r = te.reduce_axis((0, k), name="k")
    c = te.compute((m, n), lambda i, j: te.sum(a[i, r] * b[r, j], axis=[r]), name="C")
    return [a, b, c]


def dense(te, tir, m, n, k):
    """A matrix product with bias and ReLU."""
    a, b, c = matmul(te, tir, m, n, k)
    bias = te.placeholder((n,), name="bias")
    added = te.compute((m, n), lambda i, j: c[i, j] + bias[j], name="bias_add")
    out = te.compute(
        (m, n), lambda i, j: tir.max(added[i, j], tir.const(0, "float32")), name="relu"
    )
    return [a, b, bias, out]


def with_border(te, tir, data, width=1):
    """Square NHWC data with some rows and columns of zeros on each side."""
    _, size, _, channels = (int(extent) for extent in data.shape)

    def padded(n, h, w, c):
        first, end = width, size + width
        inside = tir.all(h >= first, h < end, w >= first, w < end)
        zero = tir.const(0, "float32")
        return tir.if_then_else(inside, data[n, h - width, w - width, c], zero)

    return te.compute((1, size + 2 * width, size + 2 * width, channels), padded, name="PadInput")


def conv(te, tir, size, channels, filters, kernel, stride=1, epilogue=False):
    """A convolution of NHWC data that keeps its size, or divides it by the stride; `epilogue` adds
    a bias and ReLU."""
    data = te.placeholder((1, size, size, channels), name="inputs")
    weight = te.placeholder((kernel, kernel, channels, filters), name="weight")
    pad = with_border(te, tir, data, kernel // 2) if kernel > 1 else data
    rh = te.reduce_axis((0, kernel), name="rh")
    rw = te.reduce_axis((0, kernel), name="rw")
    rc = te.reduce_axis((0, channels), name="rc")
    out = te.compute(
        (1, size // stride, size // stride, filters),
        lambda n, h, w, co: te.sum(
            pad[n, h * stride + rh, w * stride + rw, rc] * weight[rh, rw, rc, co],
            axis=[rh, rw, rc],
        ),
        name="conv2d_nhwc",
    )
    if not epilogue:
        return [data, weight, out]
    bias = te.placeholder((filters,), name="bias")
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

    pad = with_border(te, tir, data)
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


def layer_norm(te, tir, m=256, n=1024):
    """Of the rows, with scale and shift; mean and mean square in one pass."""
    a = te.placeholder((m, n), name="A")
    scale, shift = (te.placeholder((n,), name=name) for name in ("scale", "shift"))
    k1 = te.reduce_axis((0, n), name="k")
    k2 = te.reduce_axis((0, n), name="k")
    total = te.compute((m,), lambda i: te.sum(a[i, k1], axis=k1), name="total")
    squares = te.compute((m,), lambda i: te.sum(a[i, k2] * a[i, k2], axis=k2), name="squares")

    def normed(i, j):
        mean = total[i] / float(n)
        variance = squares[i] / float(n) - mean * mean
        return (a[i, j] - mean) * tir.rsqrt(variance + tir.const(1e-5, "float32"))

    norm = te.compute((m, n), lambda i, j: normed(i, j) * scale[j] + shift[j], name="norm")
    return [a, scale, shift, norm]


def bias_gelu(te, tir, m=128, n=3072):
    """GELU, by the error function, of a matrix and a bias."""
    a = te.placeholder((m, n), name="A")
    bias = te.placeholder((n,), name="bias")

    def gelu(x):
        half, root = tir.const(0.5, "float32"), tir.const(0.5**0.5, "float32")
        return x * half * (tir.const(1, "float32") + tir.erf(x * root))

    added = te.compute((m, n), lambda i, j: a[i, j] + bias[j], name="bias_add")
    out = te.compute((m, n), lambda i, j: gelu(added[i, j]), name="gelu")
    return [a, bias, out]


def product(m, n, k):
    return lambda te, tir: matmul(te, tir, m, n, k)


PROGRAMS = {
    "matmul128": product(128, 128, 128),
    "matmul512": product(512, 512, 512),
    "matmul1024": product(1024, 1024, 1024),
    "dense": lambda te, tir: dense(te, tir, 128, 3072, 768),
    "16x1024x1024": product(16, 1024, 1024),
    "1x1024x1024": product(1, 1024, 1024),
    "1024x16x1024": product(1024, 16, 1024),
    "24x64x512": product(24, 64, 512),
    "conv": lambda te, tir: conv(te, tir, 56, 64, 64, 3, epilogue=True),
    "conv14": lambda te, tir: conv(te, tir, 14, 256, 256, 3),
    "conv1x1": lambda te, tir: conv(te, tir, 56, 64, 64, 1),
    "conv7x7": lambda te, tir: conv(te, tir, 224, 3, 64, 7, stride=2),
    "depthwise": depthwise,
    "softmax": softmax,
    "layer_norm": layer_norm,
    "bias_gelu": bias_gelu,
}
