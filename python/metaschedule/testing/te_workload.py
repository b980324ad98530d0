# SPDX-License-Identifier: Apache-2.0
"""Workloads as tensor expressions: each function returns its inputs and outputs, ready for
`te.create_prim_func`. Shapes are in elements."""

from .. import _core, te, topi
from ..target import Target


def create_te_workload(name, idx):
    """The function of configuration `idx` of a workload by its name (`list_te_workloads`);
    ValueError names those that exist."""
    return _core.te_create_workload(name, idx)


def list_te_workloads():
    """The names that `create_te_workload` takes, each with its number of configurations."""
    return dict(_core.te_workloads())


def _workload(name, sizes, **options):
    return tuple(_core.te_workload(name, sizes, **options))


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
    return a, b, topi.nn.relu(c)


def batch_matmul_nkkm(B, N, M, K, in_dtype="float32", out_dtype="float32"):
    """Z[b] = X[b] Y[b], (N, K) by (K, M) each."""
    return _workload("batch_matmul_nkkm", [B, N, M, K], in_dtype=in_dtype, out_dtype=out_dtype)


def transpose_batch_matmul(batch, seq_len, n_head, n_dim, in_dtype="float32", out_dtype="float32"):
    """Scores of attention: (batch, seq_len, n_head, n_dim) twice to (batch, n_head, seq_len,
    seq_len)."""
    return _workload(
        "transpose_batch_matmul",
        [batch, seq_len, n_head, n_dim],
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def conv1d_nlc(
    N,
    L,
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
    """A convolution of N signals of length L and CI channels into CO channels."""
    return _workload(
        "conv1d_nlc",
        [N, L, CI, CO],
        kernel=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


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
    return _workload(
        "conv2d_nhwc",
        [N, H, W, CI, CO],
        kernel=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def conv3d_ndhwc(
    N,
    D,
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
    """The same for N volumes of D by H by W."""
    return _workload(
        "conv3d_ndhwc",
        [N, D, H, W, CI, CO],
        kernel=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def depthwise_conv2d_nhwc(
    N,
    H,
    W,
    C,
    kernel_size,
    stride=1,
    padding=0,
    dilation=1,
    factor=1,
    in_dtype="float32",
    out_dtype="float32",
):
    """A convolution of each channel by itself; `factor` can only be 1."""
    if factor != 1:
        raise ValueError(f"depthwise_conv2d_nhwc: expected factor 1, found {factor}")
    return _workload(
        "depthwise_conv2d_nhwc",
        [N, H, W, C],
        kernel=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def conv2d_transpose_nhwc(
    N,
    H,
    W,
    CI,
    CO,
    kernel_size,
    stride=1,
    padding=0,
    in_dtype="float32",
    out_dtype="float32",
):
    """The transpose of a convolution: H pixels become (H - 1) stride - 2 padding + kernel_size."""
    return _workload(
        "conv2d_transpose_nhwc",
        [N, H, W, CI, CO],
        kernel=kernel_size,
        stride=stride,
        padding=padding,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def conv2d_capsule_nhwijc(
    N,
    H,
    W,
    CI,
    CO,
    kernel_size,
    stride=1,
    padding=0,
    capsule_size=4,
    in_dtype="float32",
    out_dtype="float32",
):
    """A convolution whose pixels are matrices of `capsule_size`."""
    return _workload(
        "conv2d_capsule_nhwijc",
        [N, H, W, CI, CO],
        kernel=kernel_size,
        stride=stride,
        padding=padding,
        extra=capsule_size,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def conv2d_nhwc_bn_relu(
    N,
    H,
    W,
    CI,
    CO,
    kernel_size,
    strides,
    padding,
    dilation=1,
    in_dtype="float32",
    out_dtype="float32",
):
    """conv2d_nhwc, bias, batch normalisation and relu."""
    return _workload(
        "conv2d_nhwc_bn_relu",
        [N, H, W, CI, CO],
        kernel=kernel_size,
        stride=strides,
        padding=padding,
        dilation=dilation,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def conv2d_nhwc_bias_relu(n, h, w, ci, co, kernel_size, stride=1, padding=0, dtype="float32"):
    """max(convolution + bias, 0)."""
    data, weight, conv = conv2d_nhwc(
        n, h, w, ci, co, kernel_size, stride, padding, in_dtype=dtype, out_dtype=dtype
    )
    bias = te.placeholder((co,), name="bias", dtype=dtype)
    biased = te.compute(conv.shape, lambda i, j, k, c: conv[i, j, k, c] + bias[c], name="bias_add")
    return data, weight, bias, topi.nn.relu(biased)


def conv2d_nchw(
    n,
    h,
    w,
    ci,
    co,
    kh,
    kw,
    stride,
    padding,
    dilation=1,
    in_dtype="float32",
    out_dtype="float32",
):
    """A convolution with the channels before the pixels, by a kernel of kh by kw."""
    return _workload(
        "conv2d_nchw",
        [n, h, w, ci, co, kh, kw],
        stride=stride,
        padding=padding,
        dilation=dilation,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def conv2d_nchw_bias_bn_relu(
    n,
    h,
    w,
    ci,
    co,
    kh,
    kw,
    stride,
    padding,
    dilation=1,
    in_dtype="float32",
    out_dtype="float32",
):
    """conv2d_nchw, bias, batch normalisation and relu."""
    return _workload(
        "conv2d_nchw_bias_bn_relu",
        [n, h, w, ci, co, kh, kw],
        stride=stride,
        padding=padding,
        dilation=dilation,
        in_dtype=in_dtype,
        out_dtype=out_dtype,
    )


def max_pool2d_nchw(n, h, w, ci, padding):
    """The largest of 2 by 2 pixels at each place."""
    return _workload("max_pool2d_nchw", [n, h, w, ci], padding=padding)


def conv2d_winograd_nhwc(
    N, H, W, CI, CO, kernel_size, stride=1, padding=0, dilation=1, tile_size=4
):
    """conv2d_nhwc by 3 x 3 kernels, by Winograd's minimal filtering. `kernel_size` is the side of
    the transformed weights, tile_size + 2. The product is annotated for one cache level more when
    the current target is of kind cuda."""
    target = Target.current()
    data = te.placeholder((N, H, W, CI), name="inputs")
    weight = te.placeholder((kernel_size, kernel_size, CO, CI), name="weight")
    conv = topi.nn.conv2d._conv2d_winograd_nhwc_impl(
        data,
        weight,
        stride,
        padding,
        dilation,
        "float32",
        tile_size,
        pre_computed=True,
        write_cache_level=3 if target is not None and target.kind.name == "cuda" else 2,
    )
    return data, weight, conv


def conv2d_winograd_nchw(N, H, W, CI, CO, kernel_size, stride=1, padding=1, dilation=1):
    """The same with the channels before the pixels; tiles of 4 where H divides by 8, else of 2."""
    return _workload(
        "conv2d_winograd_nchw",
        [N, H, W, CI, CO],
        kernel=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
    )


def softmax_mn(m, n, dtype="float32"):
    """Softmax over the rows of an m by n matrix."""
    a = te.placeholder((m, n), name="A", dtype=dtype)
    return a, topi.nn.softmax(a, axis=1)


def norm_bmn(B, M, N):
    """The Frobenius norm of each of B matrices of M by N."""
    a = te.placeholder((B, M, N), name="A")
    i = te.reduce_axis((0, M), name="i")
    j = te.reduce_axis((0, N), name="j")
    c = te.compute((B,), lambda b: te.sum(a[b, i, j] * a[b, i, j], axis=[i, j]), name="C")
    d = te.compute((B,), lambda b: te.sqrt(c[b]), name="D")
    return a, d
