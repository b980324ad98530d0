# SPDX-License-Identifier: Apache-2.0
"""Schedules: programs, and the primitives that transform them step by step."""

from ... import _core
from ..._core import BlockRV, LoopRV, Schedule, ScheduleError
from ..block_scope import StmtSRef
from ..expr import IntImm, PrimExpr
from ..function import PrimFunc
from ..stmt import Block, For
from . import maps
from .checks import check_type, debug_mask_number, error_level_number, seed_number
from .state import ScheduleState
from .trace import Trace

ExprRV = PrimExpr

# Schedules that C++ hands to Python are of the same class as those that Python makes, so the class
# is the C++ one, with methods put on it here.
_construct = Schedule.__init__


def _arguments(method, mod, seed, debug_mask, error_render_level, enable_check):
    from ...ir import IRModule

    check_type(method, "mod", mod, (PrimFunc, IRModule), "Union[PrimFunc, IRModule]")
    check_type(method, "enable_check", enable_check, (bool,), "bool")
    return (
        mod,
        seed_number(method, seed),
        debug_mask_number(method, debug_mask),
        error_level_number(error_render_level),
        enable_check,
    )


def _init(
    self,
    mod,
    *,
    seed=None,
    debug_mask="none",
    error_render_level="detail",
    enable_check=True,
):
    """A schedule of a module, or of a function, which becomes `main` of one. Raises VerifyError
    when a function is not well formed."""
    method = "Schedule.__init__"
    options = _arguments(method, mod, seed, debug_mask, error_render_level, enable_check)
    _construct(self, *options, True)


def _create_non_traced(
    mod,
    *,
    seed=None,
    debug_mask="none",
    error_render_level="detail",
    enable_check=True,
):
    """A schedule that records no trace."""
    method = "Schedule._create_non_traced"
    sch = Schedule.__new__(Schedule)
    options = _arguments(method, mod, seed, debug_mask, error_render_level, enable_check)
    _construct(sch, *options, False)
    return sch


def _state(self):
    """The program by its blocks and loops: a view, which follows the schedule."""
    return ScheduleState._of(self)


def _get(self, rand_var_or_sref):
    """What a BlockRV, LoopRV or StmtSRef names now; an expression over sampled numbers with their
    values put in, an int where that is one. IndexError when it is of another schedule, ValueError
    when the block or loop is gone."""
    if isinstance(rand_var_or_sref, StmtSRef):
        return rand_var_or_sref.stmt
    check_type(
        "Schedule.get",
        "rand_var_or_sref",
        rand_var_or_sref,
        (PrimExpr, BlockRV, LoopRV),
        "Union[PrimExpr, BlockRV, LoopRV, StmtSRef]",
    )
    value = self._get(rand_var_or_sref)
    return value.value if isinstance(value, IntImm) else value


def _get_sref(self, rand_var_or_stmt):
    """The StmtSRef of what a handle names, or of a Block or For of the program. IndexError for a
    statement that is none of its own."""
    check_type(
        "Schedule.get_sref",
        "rand_var_or_stmt",
        rand_var_or_stmt,
        (BlockRV, LoopRV, Block, For),
        "Union[BlockRV, LoopRV, Block, For]",
    )
    return _core.schedule_sref(self, rand_var_or_stmt)


def _remove_rv(self, rand_var):
    """Forgets a handle. IndexError when it is not known."""
    check_type(
        "Schedule.remove_rv",
        "rand_var",
        rand_var,
        (PrimExpr, BlockRV, LoopRV),
        "Union[PrimExpr, BlockRV, LoopRV]",
    )
    self._remove_rv(rand_var)


def _seed(self, seed):
    """Starts the random numbers anew. ValueError when the seed is negative, but for -1: a random
    one."""
    check_type("Schedule.seed", "seed", seed, (int,), "int")
    self._seed(seed)


def _show(self, *args, **kwargs):
    """Prints the program, and the trace where there is one. Arguments are those of
    `IRModule.show`."""
    self.mod.show(*args, **kwargs)
    if self.trace is not None:
        print()
        self.trace.show()


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
    setattr(Schedule, _row[1], _method(*_row))

Schedule.__init__ = _init
Schedule.__doc__ = """A program and the handles into it. Each primitive is a method that replaces
the program and records a step of the trace; one that refuses raises ScheduleError and changes
nothing."""
Schedule._create_non_traced = staticmethod(_create_non_traced)
Schedule.state = property(_state)
Schedule.get = _get
Schedule.get_sref = _get_sref
Schedule.remove_rv = _remove_rv
Schedule.seed = _seed
Schedule.show = _show

maps.install(Schedule)

__all__ = ["BlockRV", "ExprRV", "LoopRV", "Schedule", "ScheduleError", "Trace"]
