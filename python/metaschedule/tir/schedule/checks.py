# SPDX-License-Identifier: Apache-2.0
"""Arguments of methods that are not primitives: their types and their ranges."""

_MAX_SEED = 2147483647
_DEBUG_MASKS = {"all": 3, "none": 0}
_ERROR_LEVELS = {"detail": 0, "fast": 1, "none": 2}


def check_type(method, name, value, types, expected):
    """TypeError, in the words of primitives, unless `value` is one of `types`."""
    if isinstance(value, bool) and bool not in types or not isinstance(value, types):
        raise TypeError(
            f'In "{method}", "{name}" has wrong type. Expected "{expected}", '
            f'but gets: "{type(value).__name__}".'
        )


def seed_number(method, seed) -> int:
    """A seed as the engine takes it; None is -1, a random one."""
    if seed is None:
        return -1
    check_type(method, "seed", seed, (int,), "int")
    if not 1 <= seed <= _MAX_SEED:
        raise ValueError(f"seed must be in the range [1, {_MAX_SEED}], but gets: {seed}")
    return seed


def debug_mask_number(method, mask) -> int:
    """The bits of a debug mask; -1 is all of them."""
    check_type(method, "debug_mask", mask, (str, int), "Union[str, int]")
    if isinstance(mask, str):
        if mask not in _DEBUG_MASKS:
            raise ValueError(
                f'Unrecognizable `debug_mask`: {mask}; expected "all", "none" or an int'
            )
        return _DEBUG_MASKS[mask]
    if mask < -1:
        raise ValueError(f"`debug_mask`: expected -1, 0 or a mask of bits, found {mask}")
    return mask


def error_level_number(level) -> int:
    if level not in _ERROR_LEVELS:
        raise ValueError(f'error_render_level can be "detail", "fast", or "none", but got: {level}')
    return _ERROR_LEVELS[level]
