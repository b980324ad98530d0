# SPDX-License-Identifier: Apache-2.0
"""The program of a schedule by its blocks and loops."""

import enum
from collections import namedtuple

from ... import _core
from ..._core import ScheduleState
from ..function import PrimFunc
from ..stmt import Block, BlockRealize, For
from .checks import check_type, debug_mask_number

CachedFlags = namedtuple("CachedFlags", ["affine_binding", "region_cover", "stage_pipeline"])
CachedFlags.__doc__ = """What primitives ask about a block: whether its values are an affine map of
its loops, whether all that it reads is produced before, whether the blocks in it are stages."""


class ScheduleDebugMask(enum.IntEnum):
    """Bits of `debug_mask`: what is checked after each primitive."""

    VERIFY_SREF_TREE = 1
    VERIFY_CACHED_FLAGS = 2


_construct = ScheduleState.__init__
_replace = ScheduleState.replace


def _init(self, mod, *, debug_mask="none", enable_check=True):
    """The state of a module, or of a function, which becomes `main` of one."""
    from ...ir import IRModule

    method = "ScheduleState.__init__"
    check_type(method, "mod", mod, (PrimFunc, IRModule), "Union[PrimFunc, IRModule]")
    check_type(method, "enable_check", enable_check, (bool,), "bool")
    _construct(self, mod, debug_mask_number(method, debug_mask), enable_check)


def _get_cached_flags(self, block_sref):
    """The flags of a block as the program is now."""
    return CachedFlags(*self._flags(block_sref))


def _checked_replace(self, src_sref, tgt_stmt, block_sref_reuse=None):
    """Puts a block in place of a block, or a loop or block realize in place of a loop; no trace
    records it. `block_sref_reuse` maps old blocks to new ones that their StmtSRefs name then;
    loops keep theirs by their variables."""
    check_type(
        "ScheduleState.replace",
        "tgt_stmt",
        tgt_stmt,
        (Block, BlockRealize, For),
        "Union[Block, BlockRealize, For]",
    )
    _replace(self, src_sref, tgt_stmt, block_sref_reuse)


ScheduleState.__init__ = _init
ScheduleState._of = staticmethod(_core.schedule_state)
ScheduleState._get_cached_flags = _get_cached_flags
ScheduleState.replace = _checked_replace

__all__ = ["CachedFlags", "ScheduleDebugMask", "ScheduleState"]
