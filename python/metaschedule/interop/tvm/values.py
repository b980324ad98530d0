# SPDX-License-Identifier: Apache-2.0
"""What attributes and annotations hold. TVM keeps plain numbers where programs here keep constants:
its 3 is our IntImm("int32", 3) and back, its True our IntImm("bool", 1), its 0.5 our
FloatImm("float32", 0.5). Constants of other types stay what they are."""

import tvm

from ... import ir, target, tir
from . import dialect
from .errors import InteropError


def _int(value):
    return tir.IntImm("int32" if -(1 << 31) <= value < 1 << 31 else "int64", value)


def read(reader, value):
    """A value of TVM as one of ours."""
    if isinstance(value, bool):
        return tir.IntImm("bool", int(value))
    if isinstance(value, int):
        return _int(value)
    if isinstance(value, float):
        return tir.FloatImm("float32", value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple, tvm.ir.Array)):
        return [read(reader, item) for item in value]
    if isinstance(value, (dict, tvm.ir.Map)):
        return read_dict(reader, value)
    kind = type(value).__name__
    if kind == "IterVar":
        return reader.iter_var(value)
    if kind == "IndexMap":
        return reader.index_map(value)
    if kind == "Target":
        from .targets import target_from_tvm

        return target_from_tvm(value)
    if kind in ("VDevice", "DummyGlobalInfo"):
        return reader.global_info(value)
    if kind == "Buffer" or (
        kind == "Var" and type(getattr(value, "ty", 0)).__name__ == "BufferType"
    ):
        return reader.buffer(value)
    if kind in ("Range", "TensorRegion", "BufferRegion"):
        return reader.range(value) if kind == "Range" else reader.region(value)
    if isinstance(value, tvm.runtime.Object):
        return reader.expr(value)
    raise InteropError(f"a value of {type(value).__name__} has no counterpart here: {value!r}")


def read_dict(reader, items):
    """Attributes or annotations of TVM as ours."""
    out = {}
    for key, value in items.items():
        if not isinstance(key, str):
            raise InteropError(f"attributes have strings as keys here, found {key!r}")
        try:
            out[dialect.key_from_tvm(str(key))] = read(reader, value)
        except InteropError as error:
            raise InteropError(f"attribute {key}: {error}") from error
    return out


def write(writer, value):
    """A value of ours as one of TVM."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [write(writer, item) for item in value]
    if isinstance(value, dict):
        return write_dict(writer, value)
    if isinstance(value, tir.IntImm):
        if value.dtype == "bool":
            return bool(value.value)
        plain = value.dtype in ("int32", "int64") and _int(value.value).dtype == value.dtype
        return value.value if plain else writer.expr(value)
    if isinstance(value, tir.FloatImm):
        return value.value if value.dtype == "float32" else writer.expr(value)
    if isinstance(value, tir.PrimExpr):
        return writer.expr(value)
    if isinstance(value, target.Target):
        from .targets import target_to_tvm

        return target_to_tvm(value)
    for kind, convert in (
        (tir.Buffer, "buffer"),
        (tir.IterVar, "iter_var"),
        (tir.IndexMap, "index_map"),
        (tir.BufferRegion, "region"),
        (ir.Range, "range"),
        (ir.GlobalInfo, "global_info"),
    ):
        if isinstance(value, kind):
            return getattr(writer, convert)(value)
    raise InteropError(f"a value of {type(value).__name__} has no counterpart in TVM: {value!r}")


def write_dict(writer, items):
    """Attributes or annotations of ours as TVM's."""
    out = {}
    for key, value in items.items():
        try:
            out[dialect.key_to_tvm(key)] = write(writer, value)
        except InteropError as error:
            raise InteropError(f"attribute {key}: {error}") from error
    return out
