# SPDX-License-Identifier: Apache-2.0
"""What tests of schedules take from `tvm.tir.schedule.testing`."""

from ... import ir, tir
from ..._core import Trace
from ...script import tir as T
from .schedule import Schedule


def assert_structural_equal_ignore_global_symbol(func1, func2, *args, **kwargs):
    """Structural equality of two functions or two modules, symbols of the functions aside."""
    ir.assert_structural_equal(_without_symbol(func1), _without_symbol(func2), *args, **kwargs)


def _without_symbol(program):
    if isinstance(program, ir.IRModule):
        return ir.IRModule({n.name_hint: _without_symbol(f) for n, f in program.functions.items()})
    return program.without_attr("global_symbol")


def verify_trace_roundtrip(sch, mod, *, debug_mask="all", text_format=("python", "json")):
    """Replays the trace of `sch` on `mod` from its Python text and from its JSON (`text_format`
    names either or both), and checks that programs and traces come out as they were. Returns the
    last replay. AssertionError or ValueError where something differs."""
    formats = [text_format] if isinstance(text_format, str) else list(text_format)
    replayed = None
    for form in formats:
        if form == "json":
            replayed = Schedule(mod, debug_mask=debug_mask)
            Trace.apply_json_to_schedule(sch.trace.as_json(), replayed)
        elif form == "python":
            replayed = Schedule(mod, debug_mask=debug_mask)
            names = {**vars(tir), "T": T, "tvm": _tvm(), "sch": replayed}
            exec("\n".join(sch.trace.as_python()), names)
        else:
            raise ValueError(f'text_format: expected "json" or "python", found {form!r}')
        assert_structural_equal_ignore_global_symbol(replayed.mod, sch.mod)
        found, wanted = (trace.as_python() for trace in (replayed.trace, sch.trace))
        if found != wanted:
            raise AssertionError(
                f"the trace that was replayed from {form} reads\n"
                + "\n".join(found)
                + "\nand not as it was:\n"
                + "\n".join(wanted)
            )
    if replayed is None:
        raise ValueError("text_format: expected at least one format, found none")
    return replayed


def _tvm():
    from ...compat import tvm

    return tvm


__all__ = ["assert_structural_equal_ignore_global_symbol", "verify_trace_roundtrip"]
