# SPDX-License-Identifier: Apache-2.0
"""What the bridge raises."""

from ... import _core


class InteropError(_core.TVMError, ValueError):
    """Something of a program, target or trace that the other side cannot say; the message names it
    and where it stands."""
