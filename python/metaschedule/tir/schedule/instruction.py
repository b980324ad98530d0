# SPDX-License-Identifier: Apache-2.0
"""Steps of traces: a kind with inputs, attributes and outputs."""

from ..._core import Instruction, InstructionKind

__all__ = ["Instruction", "InstructionKind"]
