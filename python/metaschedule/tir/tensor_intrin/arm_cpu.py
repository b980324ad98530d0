# SPDX-License-Identifier: Apache-2.0
"""ARM: dot products of NEON, and the Scalable Matrix Extension (SME)."""

from typing import Tuple

from ... import _core
from ..function import PrimFunc, TensorIntrin
from ._programs import lazy_programs
from .dot_product_common import (  # noqa: F401
    DP4A_S8S8S32_INTRIN,
    DP4A_S8U8S32_INTRIN,
    DP4A_U8S8S32_INTRIN,
    DP4A_U8U8U32_INTRIN,
)

ARM_DOT_4x4_i8_NEON_INTRIN = "dot_4x4_i8i8s32_neon"
ARM_DOT_4x4_i8_SDOT_INTRIN = "dot_4x4_i8i8s32_sdot"
ARM_DOT_4x4_u8_HDOT_INTRIN = "dot_4x4_u8u8i32_hdot"
ARM_DOT_4x4_u8_UDOT_INTRIN = "dot_4x4_u8u8u32_udot"
ARM_SME_INIT = "sme_init"
ARM_SME_2SVLx2SVL_FP32_TRANSPOSE_INTERLEAVE = "sme_2svlx2svl_fp32_transpose_interleave"
ARM_SME_BLOCK2_2SVLx1SVL_FP16_TRANSPOSE_INTERLEAVE = (
    "sme_block2_2svlx1svl_fp16_transpose_interleave"
)
ARM_SME_2SVLx2SVL_GEMM_INTERLEAVED_MOPA = "sme_2svlx2svl_gemm_interleaved_mopa"

__getattr__ = lazy_programs(
    __name__,
    {
        "neon_4x4_i8i8i32_desc": (ARM_DOT_4x4_i8_NEON_INTRIN, "desc"),
        "neon_4x4_i8i8i32_impl": (ARM_DOT_4x4_i8_NEON_INTRIN, "impl"),
    },
)


def get_sme_transpose_interleave_2svlx2svl_fp32_intrin(
    cols: int, rows: int
) -> Tuple[PrimFunc, PrimFunc]:
    """(description, implementation) of the transposition of a tile of 2 x 2 vectors' lengths of
    float32. The tile is part of a matrix of `rows` by `cols`; what lies beyond counts as zero."""
    intrin = _core.sme_transpose_intrin(int(cols), int(rows))
    return intrin.desc, intrin.impl


def get_sme_transpose_interleave_block2_2svl_fp16_intrin() -> Tuple[PrimFunc, PrimFunc]:
    """The same for 2 x 1 vectors' lengths of float16, without an end."""
    intrin = TensorIntrin.get(ARM_SME_BLOCK2_2SVLx1SVL_FP16_TRANSPOSE_INTERLEAVE)
    return intrin.desc, intrin.impl


def get_transpose_interleave_intrin_name(
    in_dtype: str, out_dtype: str, extent_cols: int, extent_rows: int
) -> str:
    """The name of the transposition that suits a product of such operands and results; it is
    registered if need be. ValueError when there is none."""
    if str(in_dtype) == "float32" and str(out_dtype) == "float32":
        name = f"{ARM_SME_2SVLx2SVL_FP32_TRANSPOSE_INTERLEAVE}_{extent_cols}_{extent_rows}"
        TensorIntrin.register(
            name,
            *get_sme_transpose_interleave_2svlx2svl_fp32_intrin(extent_cols, extent_rows),
            override=True,
        )
        return name
    if str(in_dtype) == "float16" and str(out_dtype) == "float32":
        return ARM_SME_BLOCK2_2SVLx1SVL_FP16_TRANSPOSE_INTERLEAVE
    raise ValueError(
        "expected operands of float32 or float16 and results of float32, found "
        f"{in_dtype} and {out_dtype}"
    )


def get_sme_gemm_interleaved_mopa_2svlx2svl_intrin(
    M: int,  # noqa: N803
    K: int,  # noqa: N803
    in_dtype: str,
) -> Tuple[PrimFunc, PrimFunc]:
    """(description, implementation) of a product of depth K, by outer products, of a tile of 2 x 2
    vectors' lengths of float32. Operands are rows of k, of `in_dtype` ("float32", or "float16" with
    an even K); the first M rows of the result's matrix are stored. `sme_init` comes before it."""
    intrin = _core.sme_gemm_intrin(int(M), int(K), str(in_dtype))
    return intrin.desc, intrin.impl


def get_sme_init_intrin() -> Tuple[PrimFunc, PrimFunc]:
    """(description, implementation) of clearing the matrix array."""
    intrin = TensorIntrin.get(ARM_SME_INIT)
    return intrin.desc, intrin.impl
