# SPDX-License-Identifier: Apache-2.0
"""Linear forms of expressions."""

from .. import _core


def detect_linear_equation(expr, var_list):
    """The coefficients of the variables and the base, `[c0, …, base]`; empty where `expr` is not
    linear in them."""
    return _core.arith_detect_linear_equation(expr, list(var_list))


def detect_clip_bound(expr, var_list):
    """What a conjunction says about each variable, `[min0, max0, …]` with None where nothing; empty
    where it is not made of comparisons of one variable each."""
    return _core.arith_detect_clip_bound(expr, list(var_list))
