# SPDX-License-Identifier: Apache-2.0
"""Sequences of primitives that fit blocks to what they are to become."""

from ... import _core


def tile_with_tensor_intrin(sch, block, intrin_name, allow_padding=False):
    """Cuts the loops of a block to the size of a registered intrinsic and moves the inner parts
    innermost; pads the block first where that is allowed and needed. Returns the outermost inner
    loop, or None where the loops cannot be those of the intrinsic."""
    if isinstance(block, str):
        block = sch.get_block(block)
    return _core.tile_with_tensor_intrin(sch, block, intrin_name, allow_padding)


__all__ = ["tile_with_tensor_intrin"]
