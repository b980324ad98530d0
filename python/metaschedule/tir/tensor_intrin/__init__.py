# SPDX-License-Identifier: Apache-2.0
"""Names of the tensor intrinsics that ship, and of groups of them. Metal's are known after an
import of the `metal` module only."""

from . import arm_cpu, cuda, dot_product_common, hexagon, riscv_cpu, rocm, x86  # noqa: F401
