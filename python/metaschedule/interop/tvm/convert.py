# SPDX-License-Identifier: Apache-2.0
"""Programs, targets, constants: `from_tvm` and `to_tvm`."""

import tvm

from ... import ir, runtime, target, tir
from .errors import InteropError
from .reading import Reader
from .targets import target_from_tvm, target_to_tvm
from .writing import Writer


def from_tvm(program):
    """What TVM made, as ours: a PrimFunc, an IRModule of PrimFuncs, an expression, statement,
    buffer or IndexMap, a global info, a Target, a Tensor (copied), or a list or dict of such.
    Names, attributes and annotations stay; `to_tvm` of the result is structurally equal to what
    was given.

    Raises InteropError, which names it, for what programs here cannot say: relax functions,
    predicated loads, buffers with a layout, intrinsics and dtypes of newer hardware."""
    return _guarded(_from_tvm, program)


def to_tvm(program):
    """The counterpart of `from_tvm`, for the TVM that is installed. `from_tvm` of the result is
    structurally equal to what was given, but for numbers in attributes that were not constants
    (they come back as such) and sizes known not to be negative (since 0.26 there are none).

    Raises InteropError, which names it, for what TVM cannot say any more: tensor expressions inside
    programs, constant allocations, and, since 0.26, axis separators of buffers."""
    return _guarded(_to_tvm, program)


def _guarded(convert, program):
    try:
        return convert(program)
    except RecursionError:
        raise InteropError(
            "the program is nested too deeply for Python's recursion limit"
        ) from None


def _from_tvm(program):
    if isinstance(program, (list, tuple, tvm.ir.Array)):
        return [_from_tvm(item) for item in program]
    if isinstance(program, (dict, tvm.ir.Map)):
        return {key: _from_tvm(item) for key, item in program.items()}
    if isinstance(program, tvm.target.Target):
        return target_from_tvm(program)
    if isinstance(program, tvm.runtime.Tensor):
        return runtime.array(program.numpy())
    reader = Reader()
    if isinstance(program, tvm.IRModule):
        return reader.module(program)
    if isinstance(program, tvm.tirx.PrimFunc):
        return reader.func(program)
    if isinstance(program, tvm.tirx.IndexMap):
        return reader.index_map(program)
    if isinstance(program, tvm.tirx.stmt.Stmt):
        return reader.stmt(program)
    if isinstance(program, tvm.runtime.Object):
        from . import values

        return values.read(reader, program)
    raise TypeError(f"from_tvm: expected an object of TVM, found {type(program).__name__}")


def _to_tvm(program):
    if isinstance(program, (list, tuple)):
        return [_to_tvm(item) for item in program]
    if isinstance(program, runtime.NDArray):
        return tvm.runtime.tensor(program.numpy())
    if isinstance(program, dict):
        return {key: _to_tvm(item) for key, item in program.items()}
    if isinstance(program, target.Target):
        return target_to_tvm(program)
    writer = Writer()
    if isinstance(program, ir.IRModule):
        return writer.module(program)
    if isinstance(program, tir.PrimFunc):
        return writer.func(program)
    if isinstance(program, tir.Stmt):
        return writer.stmt(program)
    if isinstance(program, ir.Object):
        from . import values

        return values.write(writer, program)
    raise TypeError(f"to_tvm: expected an object of metaschedule, found {type(program).__name__}")
