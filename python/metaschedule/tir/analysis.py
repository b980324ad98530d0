# SPDX-License-Identifier: Apache-2.0
"""Questions about programs."""

from .. import _core
from .._core import estimate_tir_flops, find_anchor_block
from ..transform import Pass, PassInfo
from .expr import PrimExpr


def expr_deep_equal(lhs, rhs) -> bool:
    """Whether two expressions are the same tree over the same variables."""
    for side in (lhs, rhs):
        if not isinstance(side, PrimExpr):
            raise TypeError(f"expected expressions, found {type(side).__name__}")
    return _core.structural_equal(lhs, rhs, False)


def verify_well_formed(obj, assert_mode: bool = True) -> bool:
    """True when every variable is defined once and used in its scope, and no block with axes uses
    loop variables from outside. Otherwise raises ValueError, or returns False without
    `assert_mode`."""
    problem = _core.find_ill_formed(obj)
    if problem is None:
        return True
    if assert_mode:
        raise ValueError(problem)
    return False


def get_block_access_region(block, buffer_var_map) -> list:
    """What a block accesses: [reads, writes, opaque], lists of BufferRegions. `buffer_var_map` has
    the buffers defined outside of the block by their data variables."""
    return _core.get_block_access_region(block, dict(buffer_var_map))


def get_block_read_write_region(block, buffer_var_map) -> list:
    """[reads, writes] of a block; what is accessed by its data pointer counts as both."""
    reads, writes, opaque = get_block_access_region(block, buffer_var_map)
    return [reads + opaque, writes + opaque]


def undefined_vars(node, defs=()) -> list:
    """The variables that occur in a statement or expression, in order, and are defined neither in
    it nor in `defs`."""
    return _core.undefined_vars(node, list(defs))


def OOBChecker():
    """A pass that raises ScheduleError when an access of the module may leave its buffer, for
    values that loops, blocks and conditions allow; indices and sizes without known bounds pass."""

    def check(mod, _context):
        problems = []
        for var, func in mod.functions_items():
            found = _core.describe_out_of_bounds(func)
            problems += [f"{var.name_hint}: {line}" for line in found.splitlines()]
        if problems:
            raise _core.ScheduleError(
                "the program has out of bounds accesses:\n" + "\n".join(problems)
            )
        return mod

    return Pass(check, PassInfo("tir.analysis.OOBCheck"))


def verify_memory(func) -> bool:
    """Whether a function for a GPU (attribute `target`) accesses its parameters in threads only;
    for other targets True. ValueError without a target."""
    return _core.verify_memory(func)


__all__ = [
    "OOBChecker",
    "estimate_tir_flops",
    "expr_deep_equal",
    "find_anchor_block",
    "get_block_access_region",
    "get_block_read_write_region",
    "undefined_vars",
    "verify_memory",
    "verify_well_formed",
]
