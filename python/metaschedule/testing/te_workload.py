# SPDX-License-Identifier: Apache-2.0
"""Workloads as tensor expressions: each function returns its inputs and outputs, ready for
`te.create_prim_func`. Shapes are in elements; images are NHWC."""

from .. import _core, te, tir


def create_te_workload(name, idx):
    """The function of configuration `idx` of a workload by its name (`list_te_workloads`);
    ValueError names those that exist."""
    return _core.te_create_workload(name, idx)


def list_te_workloads():
    """The names that `create_te_workload` takes, each with its number of configurations."""
    return dict(_core.te_workloads())


def matmul(n, m, k, in_dtype="float32", out_dtype="float32"):
    """C[n, m] = A[n, k] B[k, m]."""
    a = te.placeholder((n, k), name="A", dtype=in_dtype)
    b = te.placeholder((k, m), name="B", dtype=in_dtype)
    r = te.reduce_axis((0, k), name="k")
    c = te.compute(
        (n, m),
        lambda i, j: te.sum(a[i, r].astype(out_dtype) * b[r, j].astype(out_dtype), axis=[r]),
        name="C",
    )
    return a, b, c


def matmul_relu(n, m, k, in_dtype="float32", out_dtype="float32"):
    """max(A B, 0)."""
    a, b, c = matmul(n, m, k, in_dtype, out_dtype)
    return a, b, relu(c)


def relu(x):
    """max(x, 0), element by element."""
    return te.compute(x.shape, lambda *i: tir.max(x(*i), tir.const(0, x.dtype)), name="compute")


def batch_matmul_nkkm(B, N, M, K, in_dtype="float32", out_dtype="float32"):
    """Z[b] = X[b] Y[b], (N, K) by (K, M) each."""
    x = te.placeholder((B, N, K), name="X", dtype=in_dtype)
    y = te.placeholder((B, K, M), name="Y", dtype=in_dtype)
    r = te.reduce_axis((0, K), name="k")
    z = te.compute(
        (B, N, M),
        lambda b, i, j: te.sum(
            x[b, i, r].astype(out_dtype) * y[b, r, j].astype(out_dtype), axis=[r]
        ),
        name="Z",
    )
    return x, y, z


def pad(data, before, after, name="PadInput"):
    """Zeros around `data`: `before` and `after` elements in each dimension."""
    shape = [n + b + a for n, b, a in zip(data.shape, before, after)]

    def value(*indices):
        source, inside = [], []
        for i, n, b, a in zip(indices, data.shape, before, after):
            source.append(i - b if b else i)
            if b or a:
                inside += [i >= b, i < n + b]
        if not inside:
            return data(*source)
        return tir.if_then_else(tir.all(*inside), data(*source), tir.const(0, data.dtype))

    return te.compute(shape, value, name=name)


def conv2d_nhwc(
    N,
    H,
    W,
    CI,
    CO,
    kernel_size,
    stride=1,
    padding=0,
    dilation=1,
    groups=1,
    in_dtype="float32",
    out_dtype="float32",
):
    """A convolution of N images of H by W pixels and CI channels into CO channels."""
    data = te.placeholder((N, H, W, CI), name="inputs", dtype=in_dtype)
    weight = te.placeholder(
        (kernel_size, kernel_size, CI // groups, CO), name="weight", dtype=in_dtype
    )
    out_h = (H + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1
    out_w = (W + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1
    rh = te.reduce_axis((0, kernel_size), name="rh")
    rw = te.reduce_axis((0, kernel_size), name="rw")
    rc = te.reduce_axis((0, CI // groups), name="rc")
    padded = pad(data, [0, padding, padding, 0], [0, padding, padding, 0])
    output = te.compute(
        (N, out_h, out_w, CO),
        lambda n, h, w, co: te.sum(
            padded[
                n,
                h * stride + rh * dilation,
                w * stride + rw * dilation,
                co // (CO // groups) * (CI // groups) + rc,
            ].astype(out_dtype)
            * weight[rh, rw, rc, co].astype(out_dtype),
            axis=[rh, rw, rc],
        ),
        name="conv2d_nhwc",
    )
    return data, weight, output


def conv2d_nhwc_bias_relu(n, h, w, ci, co, kernel_size, stride=1, padding=0, dtype="float32"):
    """max(convolution + bias, 0)."""
    data, weight, conv = conv2d_nhwc(
        n, h, w, ci, co, kernel_size, stride, padding, in_dtype=dtype, out_dtype=dtype
    )
    bias = te.placeholder((co,), name="bias", dtype=dtype)
    biased = te.compute(conv.shape, lambda i, j, k, c: conv[i, j, k, c] + bias[c], name="bias_add")
    return data, weight, bias, relu(biased)


def softmax_mn(m, n, dtype="float32"):
    """Softmax over the rows of an m by n matrix."""
    a = te.placeholder((m, n), name="A", dtype=dtype)
    k1 = te.reduce_axis((0, n), name="k")
    k2 = te.reduce_axis((0, n), name="k")
    largest = te.compute((m,), lambda i0: te.max(a[i0, k1], axis=k1), name="T_softmax_maxelem")
    exp = te.compute((m, n), lambda i0, i1: te.exp(a[i0, i1] - largest[i0]), name="T_softmax_exp")
    total = te.compute((m,), lambda i0: te.sum(exp[i0, k2], axis=k2), name="T_softmax_expsum")
    norm = te.compute(
        (m, n),
        lambda i0, i1: te.div(exp[i0, i1], total[i0]),
        name="T_softmax_norm",
        attrs={"axis": 1},
    )
    return a, norm


def norm_bmn(B, M, N):
    """The Frobenius norm of each of B matrices of M by N."""
    a = te.placeholder((B, M, N), name="A")
    i = te.reduce_axis((0, M), name="i")
    j = te.reduce_axis((0, N), name="j")
    c = te.compute((B,), lambda b: te.sum(a[b, i, j] * a[b, i, j], axis=[i, j]), name="C")
    d = te.compute((B,), lambda b: te.sqrt(c[b]), name="D")
    return a, d
