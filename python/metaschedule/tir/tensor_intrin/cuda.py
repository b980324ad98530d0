# SPDX-License-Identifier: Apache-2.0
"""CUDA tensor cores: warp matrices (wmma), and mma with ldmatrix on the registers of a warp."""

from typing import Dict, List, Optional, Tuple

from ...registry import register_func

HALF_WARP = 16
LDMATRIX_f16_A_DYN_INTRIN = "mma_ldmatrix_f16_a_dyn"
LDMATRIX_f16_A_INTRIN = "mma_ldmatrix_f16_a"
LDMATRIX_f16_A_TRANS_DYN_INTRIN = "mma_ldmatrix_f16_a_trans_dyn"
LDMATRIX_f16_A_TRANS_INTRIN = "mma_ldmatrix_f16_a_trans"
LDMATRIX_f16_B_DYN_INTRIN = "mma_ldmatrix_f16_b_dyn"
LDMATRIX_f16_B_INTRIN = "mma_ldmatrix_f16_b"
LDMATRIX_f16_B_TRANS_DYN_INTRIN = "mma_ldmatrix_f16_b_trans_dyn"
LDMATRIX_f16_B_TRANS_INTRIN = "mma_ldmatrix_f16_b_trans"
LDMATRIX_i8_A_INTRIN = "mma_ldmatrix_i8_a"
LDMATRIX_i8_B_INTRIN = "mma_ldmatrix_i8_b"
LDMATRIX_i8_B_TRANS_INTRIN = "mma_ldmatrix_i8_b_trans"
MMA_f16f16f16_INTRIN = "mma_f16f16f16"
MMA_f16f16f16_TRANS_A_INTRIN = "mma_f16f16f16_trans_a"
MMA_f16f16f16_TRANS_A_TRANS_B_INTRIN = "mma_f16f16f16_trans_a_trans_b"
MMA_f16f16f16_TRANS_B_INTRIN = "mma_f16f16f16_trans_b"
MMA_f16f16f32_INTRIN = "mma_f16f16f32"
MMA_f16f16f32_TRANS_A_INTRIN = "mma_f16f16f32_trans_a"
MMA_f16f16f32_TRANS_A_TRANS_B_INTRIN = "mma_f16f16f32_trans_a_trans_b"
MMA_f16f16f32_TRANS_B_INTRIN = "mma_f16f16f32_trans_b"
MMA_fill_16x16_f16_INTRIN = "mma_fill_16x16_f16"
MMA_fill_16x16_f32_INTRIN = "mma_fill_16x16_f32"
MMA_fill_16x16_i32_INTRIN = "mma_fill_16x16_i32"
MMA_i8i8i32_INTRIN = "mma_i8i8i32"
MMA_i8i8i32_TRANS_B_INTRIN = "mma_i8i8i32_trans_b"
MMA_store_16x16_f16_global_INTRIN = "mma_store_16x16_f16_global_"
MMA_store_16x16_f16_shared_dyn_INTRIN_SIMPLE = "mma_store_16x16_f16_shared_dyn_simple_"
MMA_store_16x16_f32_global_INTRIN = "mma_store_16x16_f32_global_"
MMA_store_16x16_f32_shared_dyn_INTRIN = "mma_store_16x16_f32_shared_dyn_"
MMA_store_16x16_f32_shared_dyn_INTRIN_SIMPLE = "mma_store_16x16_f32_shared_dyn_simple_"
MMA_store_16x16_i32_global_INTRIN = "mma_store_16x16_i32_global_"
M_DIM = 16
N_DIM = 16
WARP_SIZE = 32
WMMA_FILL_16x16x16_F16_INTRIN = "wmma_fill_16x16x16_f16"
WMMA_FILL_16x16x16_F32_INTRIN = "wmma_fill_16x16x16_f32"
WMMA_FILL_16x16x16_S32_INTRIN = "wmma_fill_16x16x16_s32"
WMMA_FILL_8x8x32_S32_INTRIN = "wmma_fill_8x8x32_s32"
WMMA_LOAD_16x16x16_F16_A_DYN_INTRIN = "wmma_load_16x16x16_f16_a_shared_dyn"
WMMA_LOAD_16x16x16_F16_A_INTRIN = "wmma_load_16x16x16_f16_a_shared"
WMMA_LOAD_16x16x16_F16_A_TRANS_DYN_INTRIN = "wmma_load_16x16x16_f16_a_trans_shared_dyn"
WMMA_LOAD_16x16x16_F16_A_TRANS_INTRIN = "wmma_load_16x16x16_f16_a_trans_shared"
WMMA_LOAD_16x16x16_F16_B_DYN_INTRIN = "wmma_load_16x16x16_f16_b_shared_dyn"
WMMA_LOAD_16x16x16_F16_B_INTRIN = "wmma_load_16x16x16_f16_b_shared"
WMMA_LOAD_16x16x16_F16_B_TRANS_DYN_INTRIN = "wmma_load_16x16x16_f16_b_trans_shared_dyn"
WMMA_LOAD_16x16x16_F16_B_TRANS_INTRIN = "wmma_load_16x16x16_f16_b_trans_shared"
WMMA_LOAD_16x16x16_S8_A_DYN_INTRIN = "wmma_load_16x16x16_s8_a_shared_dyn"
WMMA_LOAD_16x16x16_S8_A_INTRIN = "wmma_load_16x16x16_s8_a_shared"
WMMA_LOAD_16x16x16_S8_A_TRANS_DYN_INTRIN = "wmma_load_16x16x16_s8_a_trans_shared_dyn"
WMMA_LOAD_16x16x16_S8_A_TRANS_INTRIN = "wmma_load_16x16x16_s8_a_trans_shared"
WMMA_LOAD_16x16x16_S8_B_DYN_INTRIN = "wmma_load_16x16x16_s8_b_shared_dyn"
WMMA_LOAD_16x16x16_S8_B_INTRIN = "wmma_load_16x16x16_s8_b_shared"
WMMA_LOAD_16x16x16_S8_B_TRANS_DYN_INTRIN = "wmma_load_16x16x16_s8_b_trans_shared_dyn"
WMMA_LOAD_16x16x16_S8_B_TRANS_INTRIN = "wmma_load_16x16x16_s8_b_trans_shared"
WMMA_LOAD_8x8x32_S4_A_DYN_INTRIN = "wmma_load_8x8x32_s4_a_shared_dyn"
WMMA_LOAD_8x8x32_S4_A_INTRIN = "wmma_load_8x8x32_s4_a_shared"
WMMA_LOAD_8x8x32_S4_B_TRANS_DYN_INTRIN = "wmma_load_8x8x32_s4_b_trans_shared_dyn"
WMMA_LOAD_8x8x32_S4_B_TRANS_INTRIN = "wmma_load_8x8x32_s4_b_trans_shared"
WMMA_STORE_16x16x16_F16_GLOBAL_INTRIN = "wmma_store_16x16x16_f16_global"
WMMA_STORE_16x16x16_F16_SHARED_DYN_INTRIN = "wmma_store_16x16x16_f16_shared_dyn"
WMMA_STORE_16x16x16_F16_SHARED_INTRIN = "wmma_store_16x16x16_f16_shared"
WMMA_STORE_16x16x16_F32_GLOBAL_INTRIN = "wmma_store_16x16x16_f32_global"
WMMA_STORE_16x16x16_F32_SHARED_DYN_INTRIN = "wmma_store_16x16x16_f32_shared_dyn"
WMMA_STORE_16x16x16_F32_SHARED_INTRIN = "wmma_store_16x16x16_f32_shared"
WMMA_STORE_16x16x16_S32_GLOBAL_INTRIN = "wmma_store_16x16x16_s32_global"
WMMA_STORE_16x16x16_S32_SHARED_DYN_INTRIN = "wmma_store_16x16x16_s32_shared_dyn"
WMMA_STORE_16x16x16_S32_SHARED_INTRIN = "wmma_store_16x16x16_s32_shared"
WMMA_STORE_8x8x32_S32_GLOBAL_INTRIN = "wmma_store_8x8x32_s32_global"
WMMA_STORE_8x8x32_S32_SHARED_DYN_INTRIN = "wmma_store_8x8x32_s32_shared_dyn"
WMMA_STORE_8x8x32_S32_SHARED_INTRIN = "wmma_store_8x8x32_s32_shared"
WMMA_SYNC_16x16x16_f16f16f16_INTRIN = "wmma_sync_16x16x16_f16f16f16"
WMMA_SYNC_16x16x16_f16f16f16_TRANS_INTRIN = "wmma_sync_16x16x16_f16f16f16_trans"
WMMA_SYNC_16x16x16_f16f16f32_INTRIN = "wmma_sync_16x16x16_f16f16f32"
WMMA_SYNC_16x16x16_f16f16f32_TRANS_INTRIN = "wmma_sync_16x16x16_f16f16f32_trans"
WMMA_SYNC_16x16x16_s8s8s32_INTRIN = "wmma_sync_16x16x16_s8s8s32"
WMMA_SYNC_16x16x16_s8s8s32_TRANS_INTRIN = "wmma_sync_16x16x16_s8s8s32_trans"
WMMA_SYNC_8x8x32_s4s4s32_TRANS_INTRIN = "wmma_sync_8x8x32_s4s4s32_trans"

_IN_NAMES = {"float16": "f16", "int8": "s8"}
_MMA_IN_NAMES = {"float16": "f16", "int8": "i8"}
_OUT_NAMES = {"float16": "f16", "float32": "f32", "int32": "s32"}
_MMA_OUT_NAMES = {"float16": "f16", "float32": "f32", "int32": "i32"}
_LOAD_SCOPES = ("shared", "shared.dyn")
_STORE_SCOPES = ("global", "shared", "shared.dyn")


def _pick(what: str, value, choices) -> str:
    if str(value) not in choices:
        expected = ", ".join(choices)
        raise ValueError(f"{what}: expected one of {expected}, found {value!r}")
    return choices[str(value)] if isinstance(choices, dict) else str(value).replace(".", "_")


def get_wmma_intrin_group(
    load_scope: str, store_scope: str, in_dtype: str, out_dtype: str, trans_b: bool
) -> Dict[str, str]:
    """Names of the 16 x 16 x 16 warp matrix intrinsics of a product, by role: init, load_a,
    load_b, compute, store. Operands come from `load_scope` ("shared", "shared.dyn") as `in_dtype`
    ("float16", "int8"), the second transposed if `trans_b`; results of `out_dtype` ("float16",
    "float32", "int32") go to `store_scope` (these, and "global"). ValueError for others."""
    source, to = (
        _pick("load_scope", load_scope, _LOAD_SCOPES),
        _pick("store_scope", store_scope, _STORE_SCOPES),
    )
    x, out = _pick("in_dtype", in_dtype, _IN_NAMES), _pick("out_dtype", out_dtype, _OUT_NAMES)
    trans = "_trans" if trans_b else ""
    tile = "16x16x16"
    return {
        "init": f"wmma_fill_{tile}_{out}",
        "load_a": f"wmma_load_{tile}_{x}_a_{source}",
        "load_b": f"wmma_load_{tile}_{x}_b{trans}_{source}",
        "compute": f"wmma_sync_{tile}_{x}{x}{out}{trans}",
        "store": f"wmma_store_{tile}_{out}_{to}",
    }


def get_mma_intrin_group(
    load_scope: str,
    store_scope: str,
    in_dtype: str,
    out_dtype: str,
    trans_a: bool,
    trans_b: bool,
    not_use_mma_store_intrinic: bool = True,
    store_to_smem_dtype: Optional[str] = None,
) -> Dict[str, str]:
    """The same for mma on registers, 16 x 16 results: a fill, two ldmatrix, mma, a store. The store
    is by plain statements unless `not_use_mma_store_intrinic` is False, of `store_to_smem_dtype`
    where that is given. A name of this form need not be registered: there is no simple store to
    "global"."""
    dyn = "_dyn" if _pick("load_scope", load_scope, _LOAD_SCOPES) == "shared_dyn" else ""
    to = _pick("store_scope", store_scope, _STORE_SCOPES)
    x = _pick("in_dtype", in_dtype, _MMA_IN_NAMES)
    out = _pick("out_dtype", out_dtype, _MMA_OUT_NAMES)
    stored = _pick("store_to_smem_dtype", store_to_smem_dtype or out_dtype, _MMA_OUT_NAMES)
    a, b = "_trans" if trans_a else "", "_trans" if trans_b else ""
    return {
        "init": f"mma_fill_16x16_{out}",
        "load_a": f"mma_ldmatrix_{x}_a{a}{dyn}",
        "load_b": f"mma_ldmatrix_{x}_b{b}{dyn}",
        "compute": f"mma_{x}{x}{out}{a and '_trans_a'}{b and '_trans_b'}",
        "store": f"mma_store_16x16_{stored}_{to}_"
        + ("simple_" if not_use_mma_store_intrinic else ""),
    }


# ---- where the elements of a tile are: (thread of the warp, number of its register)


def shared_16x16_to_ldmatrix_32x8_layout(i, j) -> Tuple:
    return 4 * (i % 8) + (j % 8) // 2, 4 * (j // 8) + (i // 8) * 2 + (j % 2)


def ldmatrix_32x8_to_shared_16x16_layout(thread_id, local_id) -> Tuple:
    row = 8 * (local_id % 4 // 2) + (thread_id // 4)
    col = 8 * (local_id // 4) + (thread_id % 4) * 2 + (local_id % 2)
    return row, col


def shared_16x32_to_ldmatrix_32x16_layout(i, j) -> Tuple:
    return 4 * (i % 8) + (j % 16) // 4, 8 * (j // 16) + (i // 8) * 4 + j % 4


def shared_32x16_to_ldmatrix_32x16_layout(i, j) -> Tuple:
    return (i % 16) // 4 + 4 * (j % 8), 8 * (j // 8) + (i // 16) * 4 + i % 4


@register_func("tir.index_map.shared_16x16_to_ldmatrix_32x8_layout", override=True)
def index_map_shared_16x16_to_ldmatrix_32x8_layout(ind) -> List:
    return list(shared_16x16_to_ldmatrix_32x8_layout(ind[0], ind[1]))


@register_func("tir.index_map_m16n8k8.matrixC", override=True)
def index_map_m16n8k8_matrixC(ind) -> List:  # noqa: N802
    i, j = ind[0], ind[1]
    return [i // 8 // 2, j // 8, i // 8 % 2, j % 8 % 2]
