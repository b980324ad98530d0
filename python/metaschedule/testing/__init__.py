# SPDX-License-Identifier: Apache-2.0
"""Ready-made workloads and helpers for tests. Importing this needs neither numpy nor pytest; the
helpers that use them import them."""

from .helpers import (
    CompareBeforeAfter,
    assert_allclose,
    fixture,
    main,
    parameter,
    parameters,
    requires_llvm,
)

__all__ = [
    "CompareBeforeAfter",
    "assert_allclose",
    "fixture",
    "main",
    "parameter",
    "parameters",
    "requires_llvm",
]
