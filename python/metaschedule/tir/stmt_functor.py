# SPDX-License-Identifier: Apache-2.0
"""Visits and rewrites of programs by functions."""

from .. import _core
from .function import PrimFunc


def post_order_visit(stmt, fvisit):
    """Calls `fvisit` on every node below `stmt` and on itself, children before parents."""
    _core.post_order_visit(stmt, fvisit)


def pre_order_visit(stmt, fvisit):
    """Calls `fvisit` on `stmt` and every node below, parents first; where it returns False the
    children of the node are left out."""
    _core.pre_order_visit(stmt, fvisit)


def ir_transform(stmt, preorder, postorder, only_enable=None):
    """Rewrites: a node that `preorder` returns stands for the one it was given and all below it;
    else `postorder` is asked with what is below rewritten. None keeps a node. `only_enable` lists
    the type keys to ask about ("tir.For"); all when None."""
    return _core.ir_transform(stmt, preorder, postorder, list(only_enable or []))


def substitute(node, vmap):
    """`node` with variables replaced by expressions; nothing is folded."""
    return _core.substitute(node, vmap)


def renew_defs(func: PrimFunc) -> PrimFunc:
    """A copy of the function with new variables and buffers at all definitions."""
    return _core.renew_defs(func)


__all__ = ["ir_transform", "post_order_visit", "pre_order_visit", "renew_defs", "substitute"]
