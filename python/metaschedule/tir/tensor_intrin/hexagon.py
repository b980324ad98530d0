# SPDX-License-Identifier: Apache-2.0
"""Hexagon: dot products over vectors of 1024 bits, copies into the tightly coupled memory."""

DMA_READ_128_i8 = "dma_read_128_i8"
DMA_READ_128_u8 = "dma_read_128_u8"
VDMPY_i16i16i32_INTRIN = "dot_product_32x2_i16i16i32_vdmpy"
VRMPY_u8i8i32_INTRIN = "dot_32x4_u8i8i32_vrmpy"
VRMPY_u8i8i32_VTCM_INTRIN = "dot_32x4_u8i8i32_vtcm_vrmpy"
VRMPY_u8u8i32_INTRIN = "dot_32x4_u8u8i32_vrmpy"
VRMPY_u8u8i32_VTCM_INTRIN = "dot_32x4_u8u8i32_vtcm_vrmpy"
