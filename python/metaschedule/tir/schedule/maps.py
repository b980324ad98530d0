# SPDX-License-Identifier: Apache-2.0
"""Methods of Schedule that take index maps as Python functions."""

import types

from ... import _core
from ..._core import BlockRV
from ..expr import FloatImm, IntImm, PrimExpr, Var
from ..function import IndexMap
from .checks import check_type

_plain = types.SimpleNamespace()  # the methods made from the table of primitives


def _block_of(sch, method, block, index_map):
    """The handle of the block, which may be given by name. Looks at types first: a name becomes a
    step of the trace when it is looked up."""
    if not isinstance(index_map, IndexMap) and not callable(index_map):
        check_type(f"Schedule.{method}", "index_map", index_map, (), "Union[IndexMap, Callable]")
    check_type(f"Schedule.{method}", "block", block, (BlockRV, str), "Union[BlockRV, str]")
    return sch.get_block(block) if isinstance(block, str) else block


def _index_dtype(node) -> str:
    """The dtype of a block's axes, else of its first region."""
    if node.iter_vars:
        return node.iter_vars[0].var.dtype
    for region in [*node.reads, *node.writes]:
        for dim in region.region:
            return dim.min.dtype
    return "int64"


def _index_map(sch, block, mapping, ndim=None):
    """An IndexMap, and where axis separators stood among the results of a function."""
    if isinstance(mapping, IndexMap) or not callable(mapping):
        return mapping, []
    dtype = _index_dtype(sch.get(block))
    return IndexMap.from_func_with_separators(mapping, ndim=ndim, index_dtype=dtype)


def _buffer_of(node, buffer):
    """The buffer that a selector of `transform_layout` names; None where there is none."""
    if isinstance(buffer, tuple):
        regions = node.reads if buffer[0] == "read" else node.writes
        return regions[buffer[1]].buffer if 0 <= buffer[1] < len(regions) else None
    for region in [*node.writes, *node.reads]:
        found = region.buffer
        if found.name == buffer if isinstance(buffer, str) else found.same_as(buffer):
            return found
    return None


def _pad_value(value, buffer, ndim, dtype):
    """The map from indices of the new buffer to what fills it."""
    if value is None or isinstance(value, IndexMap):
        return value
    if callable(value):
        return IndexMap.from_func(value, ndim=ndim, index_dtype=dtype)
    if isinstance(value, int) and "int" in buffer.dtype:
        value = IntImm(buffer.dtype, value)
    elif isinstance(value, float) and "float" in buffer.dtype:
        value = FloatImm(buffer.dtype, value)
    else:
        value = _core.to_expression(value)
    return IndexMap.from_func(lambda *indices: value, ndim=ndim, index_dtype=dtype)


def transform_layout(
    self, block, buffer, index_map, pad_value=None, *, assume_injective_transform=False
):
    block = _block_of(self, "transform_layout", block, index_map)
    node = self.get(block)
    target = _buffer_of(node, buffer)
    index_map, separators = _index_map(
        self, block, index_map, len(target.shape) if target is not None else None
    )
    if pad_value is not None and target is not None:
        ndim = len(index_map.final_indices)
        pad_value = _pad_value(pad_value, target, ndim, _index_dtype(node))
    _plain.transform_layout(self, block, buffer, index_map, pad_value, assume_injective_transform)
    if separators:
        self.set_axis_separator(block, buffer, separators)


def transform_block_layout(self, block, index_map):
    block = _block_of(self, "transform_block_layout", block, index_map)
    index_map, _ = _index_map(self, block, index_map)
    _plain.transform_block_layout(self, block, index_map)


def reindex_cache_read(self, block, read_buffer_index, storage_scope, index_map):
    block = _block_of(self, "reindex_cache_read", block, index_map)
    index_map, _ = _index_map(self, block, index_map, len(self.get(block).iter_vars))
    return _plain.reindex_cache_read(self, block, read_buffer_index, storage_scope, index_map)


def reindex_cache_write(self, block, write_buffer_index, storage_scope, index_map):
    block = _block_of(self, "reindex_cache_write", block, index_map)
    index_map, _ = _index_map(self, block, index_map, len(self.get(block).iter_vars))
    return _plain.reindex_cache_write(self, block, write_buffer_index, storage_scope, index_map)


def annotate_buffer_access(self, block, buffer_index, buf_type, gen_new_ranges):
    if buf_type not in ("read", "write"):
        raise ValueError(f"Unrecognized buffer type {buf_type!r}, only support read and write")
    index_map = gen_new_ranges
    if not isinstance(block, BlockRV):  # refused as all primitives refuse it
        index_map = IndexMap([], [])
    if not isinstance(index_map, IndexMap):
        node = self.get(block)
        variables = [Var(iter_var.var.name, iter_var.var.dtype) for iter_var in node.iter_vars]
        ends = []
        for item in gen_new_ranges(*variables):
            if isinstance(item, (tuple, list)):
                if len(item) != 2:
                    raise ValueError(
                        "Tuple must have exactly 2 elements to represent (begin, end)."
                    )
                ends.extend(item)
            elif isinstance(item, (PrimExpr, int)):
                ends.extend([item, item + 1])
            else:
                raise TypeError(f"Expected PrimExpr or tuple of PrimExpr, got {type(item)}")
        index_map = IndexMap(variables, ends)
    _plain.annotate_buffer_access(self, block, buffer_index, int(buf_type == "write"), index_map)


def install(cls):
    """Puts the methods in place of those made from the table of primitives, which they call."""
    for method in (
        transform_layout,
        transform_block_layout,
        reindex_cache_read,
        reindex_cache_write,
        annotate_buffer_access,
    ):
        name = method.__name__
        setattr(_plain, name, getattr(cls, name))
        method.__doc__ = getattr(cls, name).__doc__
        setattr(cls, name, method)
