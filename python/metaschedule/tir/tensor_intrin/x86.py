# SPDX-License-Identifier: Apache-2.0
"""x86: four unsigned bytes against sixteen rows of four signed ones (AVX-512), and tiles (AMX)."""

from ._programs import lazy_programs

AVX512_DOT_16x4_INTRIN = "dot_16x4_avx512"
VNNI_DOT_16x4_INTRIN = "dot_16x4_vnni"

# Not in TVM: C[16, 16] += A[16, K] * B[K / p, 16, p], p elements of 4 bytes together.
AMX_16x16x64_U8S8S32_INTRIN = "amx_16x16x64_u8s8s32"
AMX_16x16x64_S8S8S32_INTRIN = "amx_16x16x64_s8s8s32"
AMX_16x16x64_S8U8S32_INTRIN = "amx_16x16x64_s8u8s32"
AMX_16x16x64_U8U8S32_INTRIN = "amx_16x16x64_u8u8s32"
AMX_16x16x32_BF16BF16F32_INTRIN = "amx_16x16x32_bf16bf16f32"
AMX_FILL_16x16_S32_INTRIN = "amx_fill_16x16_s32"
AMX_FILL_16x16_F32_INTRIN = "amx_fill_16x16_f32"

__getattr__ = lazy_programs(
    __name__,
    {
        "dot_product_16x4_u8i8i32_desc": (VNNI_DOT_16x4_INTRIN, "desc"),
        "dot_product_16x4_u8i8i32_vnni": (VNNI_DOT_16x4_INTRIN, "impl"),
        "dot_product_16x4_u8i8i32_avx512": (AVX512_DOT_16x4_INTRIN, "impl"),
    },
)
