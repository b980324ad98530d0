# SPDX-License-Identifier: Apache-2.0
"""Borders of images."""

from ..utils import pair


def get_pad_tuple(padding, kernel):
    """(top, left, bottom, right) of a padding: one number for all, two for rows and columns, all
    four, "VALID" for none, or "SAME" for what keeps the size, with the odd pixel first. `kernel` is
    the size of the kernel, one number or two."""
    if isinstance(padding, (tuple, list)):
        if len(padding) == 4:
            return tuple(padding)
        if len(padding) != 2:
            raise ValueError(f"padding: expected 2 or 4 numbers, found {len(padding)}")
        rows, columns = padding[0] * 2, padding[1] * 2
    elif isinstance(padding, int):
        rows = columns = padding * 2
    elif padding == "VALID":
        rows = columns = 0
    elif padding == "SAME":
        rows, columns = (size - 1 for size in pair(kernel))
    else:
        raise ValueError(f'padding: expected numbers, "VALID" or "SAME", found {padding!r}')
    top, left = (rows + 1) // 2, (columns + 1) // 2
    return top, left, rows - top, columns - left
