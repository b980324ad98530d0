# SPDX-License-Identifier: Apache-2.0
"""Metal: 8 x 8 matrices of a SIMD group. Importing this module makes the intrinsics known."""

from typing import Dict

from ... import _core

_core.register_metal_intrins()

SIMDGROUP_FILLED_8x8x8_bf16_INTRIN = "simdgroup_fill_8x8x8_bf16"
SIMDGROUP_FILLED_8x8x8_f32_INTRIN = "simdgroup_fill_8x8x8_f32"
SIMDGROUP_LOAD_8x8x8_f16_SHARED_INTRIN = "simdgroup_load_8x8x8_f16_shared"
SIMDGROUP_LOAD_8x8x8_f16_SHARED_TRANS_INTRIN = "simdgroup_load_8x8x8_f16_shared_trans"
SIMDGROUP_MAKE_FILLED_8x8x8_f16_INTRIN = "simdgroup_make_filled_8x8x8_f16"
SIMDGROUP_MULTI_ACC_8x8x8_f16_INTRIN = "simdgroup_multiply_accumulate_8x8x8_f16"
SIMDGROUP_STORE_8x8x8_f16_GLOBAL_INTRIN = "simdgroup_store_8x8x8_f16_global"
SIMDGROUP_STORE_8x8x8_f16_SHARED_INTRIN = "simdgroup_store_8x8x8_f16_shared"


def get_simdgroup_intrin_group(
    load_scope: str, store_scope: str, dtype: str, trans_a: bool = False, trans_b: bool = False
) -> Dict[str, str]:
    """Names of the intrinsics of a product of matrices of `dtype` ("float16"), by role. Loads are
    from `load_scope` ("shared"), transposed where asked, the store is to `store_scope` ("global" or
    "shared"). ValueError for others."""
    if load_scope != "shared":
        raise ValueError(f'load_scope: expected "shared", found {load_scope!r}')
    if store_scope not in ("global", "shared"):
        raise ValueError(f'store_scope: expected "global" or "shared", found {store_scope!r}')
    short = {"float16": "f16", "bfloat16": "bf16", "float32": "f32"}.get(str(dtype))
    if short is None:
        raise ValueError(f"dtype: expected float16, bfloat16 or float32, found {dtype!r}")
    tile = f"8x8x8_{short}"

    def load(trans: bool) -> str:
        return f"simdgroup_load_{tile}_{load_scope}" + ("_trans" if trans else "")

    return {
        "init": f"simdgroup_make_filled_{tile}",
        "load_a": load(trans_a),
        "load_b": load(trans_b),
        "compute": f"simdgroup_multiply_accumulate_{tile}",
        "store": f"simdgroup_store_{tile}_{store_scope}",
    }
