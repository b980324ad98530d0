# SPDX-License-Identifier: Apache-2.0
"""Schedules: programs, and the primitives that transform them step by step."""

import json

from .. import _core
from .._core import BlockRV, Instruction, LoopRV, ScheduleError, Trace
from . import schedule_maps
from .expr import IntImm, PrimExpr

ExprRV = PrimExpr

_DEBUG_MASKS = {"all": 3, "none": 0}
_ERROR_LEVELS = {"detail": 0, "fast": 1, "none": 2}
_MAX_SEED = 2147483647


def _seed(seed) -> int:
    if seed is None:
        return -1
    if not isinstance(seed, int):
        raise TypeError(f"seed: expected None or an int, found {type(seed).__name__}")
    if not 1 <= seed <= _MAX_SEED:
        raise ValueError(f"seed must be in the range [1, {_MAX_SEED}], but gets: {seed}")
    return seed


def _debug_mask(mask) -> int:
    if isinstance(mask, str):
        if mask not in _DEBUG_MASKS:
            raise ValueError(
                f'Unrecognizable `debug_mask`: {mask}; expected "all", "none" or an int'
            )
        return _DEBUG_MASKS[mask]
    if not isinstance(mask, int) or isinstance(mask, bool):
        raise TypeError(f"`debug_mask` should be an int or a str, but gets: {mask!r}")
    if mask < -1:
        raise ValueError(f"`debug_mask` should be at least -1, but gets: {mask}")
    return 3 if mask == -1 else mask


class Schedule(_core.Schedule):
    """A program and the handles into it. Each primitive is a method that replaces the program and
    records a step of the trace; one that refuses raises ScheduleError and changes nothing."""

    def __init__(
        self,
        mod,
        *,
        seed=None,
        debug_mask="none",
        error_render_level="detail",
        enable_check=True,
        _traced=True,
    ):
        if error_render_level not in _ERROR_LEVELS:
            raise ValueError(
                f"error_render_level: expected one of {sorted(_ERROR_LEVELS)}, "
                f"found {error_render_level!r}"
            )
        if not isinstance(enable_check, bool):
            raise TypeError(f"enable_check should be bool, but gets: {enable_check!r}")
        super().__init__(
            mod,
            _seed(seed),
            _debug_mask(debug_mask),
            _ERROR_LEVELS[error_render_level],
            enable_check,
            _traced,
        )


def _create_non_traced(mod, **options):
    """A schedule that records no trace."""
    return Schedule(mod, **options, _traced=False)


def _get(self, rv):
    """The block, loop or number that a handle names now."""
    if isinstance(rv, BlockRV):
        return self._get_block(rv)
    if isinstance(rv, LoopRV):
        return self._get_loop(rv)
    value = self._get_expr(rv)
    return int(value) if isinstance(value, IntImm) else value


def _show(self, *_args, **_options):
    """Prints the program and the trace."""
    print(self.mod.script())
    if self.trace is not None:
        print(self.trace)


def _method(opcode, name, doc, arguments, has_decision):
    """A method of Schedule from the description of a primitive."""
    parameters, values, after_spread = [], [], False
    for argument, spread, optional, _ in arguments:
        values.append(argument)
        if spread:
            parameters.append(f"*{argument}")
            after_spread = True
        else:
            parameters.append(f"{argument}=_defaults[{argument!r}]" if optional else argument)
    # The recorded order may have a required argument after an optional one.
    if not after_spread:
        parameters.sort(key=lambda parameter: "=" in parameter)
    if has_decision:
        parameters.append("decision=None")
    decision = "decision" if has_decision else "None"
    arguments_tuple = "".join(f"{value}, " for value in values)
    source = (
        f"def {name}(self, {', '.join(parameters)}):\n"
        f"    return _invoke(self, {opcode}, ({arguments_tuple}), {decision})\n"
    )
    scope = {
        "_invoke": _core.invoke,
        "_defaults": {argument: value for argument, _, optional, value in arguments if optional},
    }
    exec(source, scope)
    method = scope[name]
    method.__doc__ = doc
    method.__qualname__ = f"Schedule.{name}"
    return method


for _row in _core.primitive_table():
    # On the C++ class: schedules that C++ hands to Python have the same methods.
    setattr(_core.Schedule, _row[1], _method(*_row))

_core.Schedule.get = _get
_core.Schedule.show = _show
Schedule._create_non_traced = staticmethod(_create_non_traced)

schedule_maps.install(_core.Schedule)

Trace.as_json = lambda self, remove_postproc=False: json.loads(self._as_json(remove_postproc))
Trace.apply_json_to_schedule = staticmethod(
    lambda json_obj, sch: _core.apply_json_to_schedule(json.dumps(json_obj), sch)
)
Trace.show = lambda self, *_args, **_options: print(self)

__all__ = ["BlockRV", "ExprRV", "Instruction", "LoopRV", "Schedule", "ScheduleError", "Trace"]
