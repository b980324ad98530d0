# SPDX-License-Identifier: Apache-2.0
"""Questions about schedules that no primitive asks."""

from ... import _core
from ..._core import schedule_has_block as has_block
from ..._core import schedule_is_output_block as is_output_block
from ..expr import IntImm
from .state import ScheduleState


def suggest_index_map(buffer, indices, loops, predicate):
    """The layout of `buffer` in which the access at `indices` under `loops` (outer first) goes
    through memory in order: an IndexMap with its inverse, or None where the access is no affine
    map of the loops."""
    return _core.suggest_index_map(buffer, list(indices), list(loops), predicate)


class TensorizeInfo:
    """Which loop of a block plays which loop of a description of an instruction."""

    def __init__(self, loop_map, desc_loop_indexer, block_iter_paddings):
        #: Loops of the description by the StmtSRef of the block's loop.
        self.loop_map = loop_map
        #: The position of each loop of the description, outer first.
        self.desc_loop_indexer = desc_loop_indexer
        #: A multiple for each axis of the block, 1 for none; None where no axis needs padding.
        self.block_iter_paddings = block_iter_paddings


def get_tensorize_loop_mapping(sch, block, desc_func, allow_padding=False):
    """A TensorizeInfo, or None where the loops of the block cannot be those of the description."""
    found = _core.tensorize_loop_mapping(sch, block, desc_func, allow_padding)
    if found is None:
        return None
    pairs, desc_loops, paddings = found
    state = ScheduleState._of(sch)
    iters = sch.get(block).iter_vars
    if paddings is not None:
        paddings = [IntImm(axis.var.dtype, n) for axis, n in zip(iters, paddings)]
    return TensorizeInfo(
        {state.get_sref(loop): desc for loop, desc in pairs},
        {loop: IntImm("int32", i) for i, loop in enumerate(desc_loops)},
        paddings,
    )


class AutoTensorizeMappingInfo:
    """How the computation of a block is that of a description on other indices."""

    def __init__(self, mappings, lhs_buffer_map, rhs_buffer_indices, lhs_iters, rhs_iters):
        #: Maps from the axes of the block to (axes of its own, axes of the description).
        self.mappings = mappings
        #: Buffers of the description by those of the block.
        self.lhs_buffer_map = lhs_buffer_map
        #: The indices of each buffer of the description.
        self.rhs_buffer_indices = rhs_buffer_indices
        self.lhs_iters = lhs_iters
        self.rhs_iters = rhs_iters


def get_auto_tensorize_mapping_info(sch, block, desc_func):
    """An AutoTensorizeMappingInfo, or None where the block computes something else."""
    found = _core.auto_tensorize_mapping(sch, block, desc_func)
    if found is None:
        return None
    mapping, *rest = found
    return AutoTensorizeMappingInfo([mapping], *rest)


__all__ = [
    "AutoTensorizeMappingInfo",
    "TensorizeInfo",
    "get_auto_tensorize_mapping_info",
    "get_tensorize_loop_mapping",
    "has_block",
    "is_output_block",
    "suggest_index_map",
]
