# SPDX-License-Identifier: Apache-2.0
"""x86: four unsigned bytes against sixteen rows of four signed ones."""

from ._programs import lazy_programs

AVX512_DOT_16x4_INTRIN = "dot_16x4_avx512"
VNNI_DOT_16x4_INTRIN = "dot_16x4_vnni"

__getattr__ = lazy_programs(
    __name__,
    {
        "dot_product_16x4_u8i8i32_desc": (VNNI_DOT_16x4_INTRIN, "desc"),
        "dot_product_16x4_u8i8i32_vnni": (VNNI_DOT_16x4_INTRIN, "impl"),
        "dot_product_16x4_u8i8i32_avx512": (AVX512_DOT_16x4_INTRIN, "impl"),
    },
)
