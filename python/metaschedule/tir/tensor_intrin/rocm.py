# SPDX-License-Identifier: Apache-2.0
"""AMD GPUs: the dot product of four bytes, and matrix cores (MFMA) of a wave of 64 threads."""

from typing import Tuple

from ._programs import lazy_programs

AMDGPU_SDOT4_INTRIN = "sdot4"
M_DIM = 16
N_DIM = 16
ROCM_MFMA_LOAD_16x16_A_SHARED_f16_INTRIN = "rocm_mfma_load_16x16_a_shared_f16"
ROCM_MFMA_LOAD_16x16_A_SHARED_s8_INTRIN = "rocm_mfma_load_16x16_a_shared_s8"
ROCM_MFMA_LOAD_16x16_B_SHARED_f16_INTRIN = "rocm_mfma_load_b_16x16_shared_f16"
ROCM_MFMA_LOAD_16x16_B_SHARED_s8_INTRIN = "rocm_mfma_load_b_16x16_shared_s8"
ROCM_MFMA_LOAD_16x4_A_SHARED_f32_INTRIN = "rocm_mfma_load_16x4_a_shared_f32"
ROCM_MFMA_LOAD_16x4_B_SHARED_f32_INTRIN = "rocm_mfma_load_b_16x4_shared_f32"
ROCM_MFMA_STORE_16x16_f32_INTRIN = "rocm_mfma_store_16x16_f32"
ROCM_MFMA_STORE_16x16_s32_INTRIN = "rocm_mfma_store_16x16_s32"
ROCM_MFMA_f16f16f32_INTRIN = "rocm_mfma_f16f16f32"
ROCM_MFMA_f32f32f32_INTRIN = "rocm_mfma_f32f32f32"
ROCM_MFMA_fill_16x16_f32_INTRIN = "ROCM_mfma_fill_16x16_f32"
ROCM_MFMA_fill_16x16_i32_INTRIN = "ROCM_mfma_fill_16x16_i32"
ROCM_MFMA_s8s8s32_INTRIN = "rocm_mfma_s8s8s32"
WARP_SIZE = 64

__getattr__ = lazy_programs(
    __name__,
    {"dp4a_desc": (AMDGPU_SDOT4_INTRIN, "desc"), "sdot4": (AMDGPU_SDOT4_INTRIN, "impl")},
)


def shared_16x4_to_local_64x1_layout_A(i, j) -> Tuple:  # noqa: N802
    return j * 16 + i, 0


def shared_4x16_to_local_64x1_layout_B(i, j) -> Tuple:  # noqa: N802
    return i * 16 + j, 0


def shared_16x16_to_local_64x4_layout_A(i, j) -> Tuple:  # noqa: N802
    return i + 16 * (j // 4), j % 4


def shared_16x16_to_local_64x4_layout_B(i, j) -> Tuple:  # noqa: N802
    return j + 16 * (i // 4), i % 4


shared_16x16_to_local_64x4_layout_C = shared_16x16_to_local_64x4_layout_B


def thread_id_shared_access_64x1_to_16x4_layout_A(thread_id, local_id) -> Tuple:  # noqa: N802
    return thread_id % 16, thread_id // 16 + local_id


def thread_id_shared_access_64x1_to_4x16_layout_B(thread_id, local_id) -> Tuple:  # noqa: N802
    return thread_id // 16, thread_id % 16 + local_id


def thread_id_shared_access_64x4_to_16x16_layout_A(thread_id, local_id) -> Tuple:  # noqa: N802
    return thread_id % 16, thread_id // 16 * 4 + local_id


def thread_id_shared_access_64x4_to_16x16_layout_B(thread_id, local_id) -> Tuple:  # noqa: N802
    return thread_id // 16 * 4 + local_id, thread_id % 16


thread_id_shared_access_64x4_to_16x16_layout_C = thread_id_shared_access_64x4_to_16x16_layout_B
