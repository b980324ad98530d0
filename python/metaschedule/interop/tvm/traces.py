# SPDX-License-Identifier: Apache-2.0
"""Traces, both ways, through their JSON form: kinds of instructions, keys of annotations and index
maps are what differs."""

import json

import tvm
from tvm import s_tir

from ... import _core, ir, tir
from . import dialect, intrinsics
from .errors import InteropError
from .reading import Reader
from .writing import Writer

_KINDS = {"GetBlock": "GetSBlock"}
_KINDS_BACK = {theirs: ours for ours, theirs in _KINDS.items()}


def _index_map_to_tvm(text):
    index_map = ir.load_json(text)
    if not isinstance(index_map, tir.IndexMap):
        raise InteropError(f"an input of a trace: expected an IndexMap, found {index_map}")
    return tvm.ir.save_json(Writer().index_map(index_map))


def _index_map_from_tvm(value):
    index_map = tvm.ir.load_json(value) if isinstance(value, str) else value
    return ir.save_json(Reader().index_map(index_map))


def _converted(trace, kinds, key, index_map):
    def value(item):
        if isinstance(item, (list, tuple)):
            return [value(x) for x in item]
        if isinstance(item, str) and item.startswith("{") and item.endswith("}"):
            return index_map(item)
        return item

    instructions = []
    for kind, inputs, attrs, outputs in trace[0]:
        if kind in ("Annotate", "Unannotate"):
            attrs = [key(attrs[0]), *attrs[1:]]
        instructions.append(
            [kinds.get(kind, kind), [value(item) for item in inputs], list(attrs), list(outputs)]
        )
    return [instructions, [list(decision) for decision in trace[1]]]


def trace_to_json(trace, remove_postproc=False):
    """A trace of ours in the JSON form that TVM reads."""
    if not isinstance(trace, _core.Trace):
        raise TypeError(f"expected a Trace of metaschedule, found {type(trace).__name__}")
    return _converted(trace.as_json(remove_postproc), _KINDS, dialect.key_to_tvm, _index_map_to_tvm)


def apply(trace, schedule, remove_postproc=False):
    """Replays a trace of ours on a schedule of TVM, after registering the tensor intrinsics that it
    names. What TVM refuses it raises as its own ScheduleError."""
    replay(trace_to_json(trace, remove_postproc), schedule)


def replay(trace_json, schedule):
    """Replays a trace in TVM's JSON form on a schedule of TVM."""
    intrinsics.register(intrinsics.named_in(trace_json))
    s_tir.schedule.Trace.apply_json_to_schedule(trace_json, schedule)


def _plain(value):
    """JSON of TVM as values of Python."""
    if isinstance(value, (list, tuple, tvm.ir.Array)):
        return [_plain(item) for item in value]
    if isinstance(value, (dict, tvm.ir.Map)):
        return {str(k): _plain(v) for k, v in value.items()}
    kind = type(value).__name__
    if kind == "IndexMap":
        return tvm.ir.save_json(value)
    if kind in ("IntImm", "FloatImm"):
        is_bool = kind == "IntImm" and dialect.dtype_of(value) == "bool"
        return bool(value.value) if is_bool else value.value
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise InteropError(f"a trace holds a {kind}, which has no counterpart here: {value}")


def trace_from_tvm(trace):
    """A trace of TVM, or its JSON form, as ours. Kinds of instructions that are not known here load
    and print, and are refused, by name, when they are replayed."""
    obj = trace.as_json() if hasattr(trace, "as_json") else trace
    converted = _converted(_plain(obj), _KINDS_BACK, dialect.key_from_tvm, _index_map_from_tvm)
    return _core.trace_from_json(json.dumps(converted))
