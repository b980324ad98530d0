# SPDX-License-Identifier: Apache-2.0
"""Layout transforms on a GPU: a tile goes to shared memory in the order of the source, and out of
it in the order of the destination, so that both times threads side by side access global memory
side by side."""

import re
from typing import List, NamedTuple, Optional

from ...schedule_rule import AutoInline
from ...target import Target
from ...tir import IndexMap, IntImm, Schedule, const
from ...tir.analysis import undefined_vars

RULE = "meta_schedule.cuda.layout_transform"
_DEFAULT_WARP = 32


def cuda_layout_transform(
    sch: Schedule, block, testing_tile_sizes: Optional[List[int]] = None
) -> List[Schedule]:
    """Schedules of a block that copies a tensor to another layout: the one given, untouched, and
    one for each tile size from 2 to the warp of the current target (32 threads without one). With
    `testing_tile_sizes` only those for these sizes. A tile of size s has s x s elements, and s
    threads copy it.

    The block reads the tensor and has an axis for each dimension of the destination, in its order;
    its annotations are `src_layout` and `dst_layout`, such as "NCHW" and "NCHW4c", and
    `input_shape`, the extents of the source in elements. ValueError when one is missing or they
    contradict the block. What consumes the block is inlined into it where that is possible.

    Not tiled are programs with symbolic sizes, layouts that have different parts of one dimension
    (NCHW4c and NCHW8c), and the removal of parts that are not all of them full."""
    transform = _Transform.of(sch, block)
    results = [] if testing_tile_sizes is not None else [sch]
    sizes = range(2, _warp() + 1) if testing_tile_sizes is None else testing_tile_sizes
    for size in sizes:
        if size < 1:
            raise ValueError(f"{RULE}: expected positive tile sizes, found {size}")
    if not transform.is_tiled:
        return results
    staged = sch.copy()
    stages = _stage(staged, block, transform)
    for size in sizes:
        tiled = staged.copy()
        _tile(tiled, *stages, transform, size)
        results.append(tiled)
    return results


def _warp():
    target = Target.current()
    return int(target.attrs.get("thread_warp_size", _DEFAULT_WARP)) if target else _DEFAULT_WARP


class _Axis(NamedTuple):
    """A dimension of a layout. `factor`: that of a part such as the 4c of NCHW4c, or None."""

    name: str
    factor: Optional[int]


def _axes(annotation, layout):
    if not re.fullmatch(r"([A-Z]|[1-9]\d*[a-z])+", layout):
        raise ValueError(
            f'{RULE}: {annotation}: expected a layout such as "NCHW" or "NCHW4c", found {layout!r}'
        )
    axes = [
        _Axis(name, int(factor) if factor else None)
        for factor, name in re.findall(r"(\d*)([A-Za-z])", layout)
    ]
    if len({axis.name for axis in axes}) < len(axes):
        raise ValueError(f"{RULE}: {annotation}: {layout} has a dimension twice")
    return axes


def _parts(axes, others):
    """Factors of the parts that only `axes` have, by the names of the whole dimensions."""
    names = {axis.name for axis in others}
    return {
        axis.name.upper(): axis.factor
        for axis in axes
        if axis.factor is not None and axis.name not in names
    }


def _split_names(axes, parts):
    names = []
    for axis in axes:
        names += [axis.name, axis.name.lower()] if axis.name in parts else [axis.name]
    return names


class _Transform(NamedTuple):
    """What the annotations of a block say. `source` and `destination` are the dimensions of both
    layouts, in their order, after those that have parts in the other layout only are split, as C
    into C and c: then both have the same. `added` and `removed` are the factors of the parts that
    the destination has and the source has not, and the other way, by the names of the whole
    dimensions; `whole` are the dimensions of the destination itself."""

    source: List[str]
    destination: List[str]
    added: dict
    removed: dict
    whole: List[str]
    is_padded: bool  # the last of the added parts is not full
    is_tiled: bool

    @staticmethod
    def of(sch, block):
        """Reads the annotations, and checks them against the block."""
        node = sch.get(block)
        source = _axes("src_layout", _annotation(node, "src_layout"))
        destination = _axes("dst_layout", _annotation(node, "dst_layout"))
        shape = list(_annotation(node, "input_shape"))
        extents = [iter_var.dom.extent for iter_var in node.iter_vars]
        if len(source) != len(shape):
            raise ValueError(
                f"{RULE}: expected as many extents in input_shape as src_layout has dimensions, "
                f"{len(source)}, found {len(shape)}"
            )
        if len(destination) != len(extents):
            raise ValueError(
                f"{RULE}: expected as many axes of the block {node.name_hint} as dst_layout has "
                f"dimensions, {len(destination)}, found {len(extents)}"
            )
        if not node.reads:
            raise ValueError(f"{RULE}: the block {node.name_hint} reads nothing")
        added, removed = _parts(destination, source), _parts(source, destination)
        names = [_split_names(source, added), _split_names(destination, removed)]
        is_static = all(isinstance(size, (int, IntImm)) for size in [*shape, *extents])
        common = {axis for axis in source if axis.factor} | {a for a in destination if a.factor}
        is_tiled = (
            is_static
            and set(names[0]) == set(names[1])
            and len({axis.name for axis in common}) == len(common)
            and _divides(destination, extents, removed)
        )
        is_padded = is_tiled and not _divides(source, shape, added)
        return _Transform(
            *names,
            added,
            removed,
            [axis.name for axis in destination],
            is_padded,
            is_tiled and not (is_padded and removed),
        )


def _divides(axes, extents, parts):
    return all(int(n) % parts[a.name] == 0 for a, n in zip(axes, extents) if a.name in parts)


def _annotation(node, name):
    found = node.annotations.get(name)
    if found is None:
        raise ValueError(f"{RULE}: the block {node.name_hint} has no annotation {name}")
    return found if name == "input_shape" else str(getattr(found, "value", found))


def _inline_consumers(sch, block):
    """Inlines all that follows a block into it, where that is possible."""
    rule = AutoInline(
        into_producer=True,
        into_consumer=False,
        inline_const_tensor=True,
        disallow_if_then_else=False,
        require_injective=False,
        require_ordered=False,
        disallow_op=[],
    )
    consumers, seen = [], set()
    queue = list(sch.get_consumers(block))
    for consumer in queue:  # which grows
        name = sch.get(consumer).name_hint
        if name not in seen:
            seen.add(name)
            consumers.append(consumer)
            queue.extend(sch.get_consumers(consumer))
    for consumer in consumers:
        rule.apply(sch, consumer)


def _stage(sch, block, transform):
    """The block in two, with shared memory in between: one that reads the source, the names of its
    loops, which follow the `source`, and one that writes the destination."""
    source = sch.get(block).reads[0].buffer
    _inline_consumers(sch, block)
    if transform.is_padded:
        # The last part is read beyond the end of the source if not for the condition in the block.
        write = sch.cache_write(block, 0, "shared")
        return block, _order(sch, block, transform, transform.destination), write
    if transform.removed:
        _split_axes(sch, block, transform)
    index = next(i for i, r in enumerate(sch.get(block).reads) if r.buffer.same_as(source))
    if not transform.added and not transform.removed:
        return sch.cache_read(block, index, "shared"), transform.source, block
    # Axes of one step need not occur in what the block reads; then the copy has no loop for them.
    node = sch.get(block)
    names = {axis.var: name for axis, name in zip(node.iter_vars, transform.destination)}
    used = [names[v] for r in node.reads[index].region for v in undefined_vars(r.min)]
    used = [name for name in transform.destination if name in used]

    def place(*axes):
        at = dict(zip(transform.destination, axes))
        return [at[name] if name in used else const(0, axes[0].dtype) for name in transform.source]

    dtype = node.iter_vars[0].var.dtype
    index_map = IndexMap.from_func(place, ndim=len(transform.destination), index_dtype=dtype)
    read = sch.reindex_cache_read(block, index, "shared", index_map)
    return read, _order(sch, read, transform, used), block


def _split_axes(sch, block, transform):
    """Gives the block an axis for each part that it removes, so that a tile is a box of axes."""

    def split(*axes):
        mapped = []
        for name, axis in zip(transform.whole, axes):
            factor = transform.removed.get(name)
            mapped += [axis // factor, axis % factor] if factor else [axis]
        return mapped

    dtype = sch.get(block).iter_vars[0].var.dtype
    index_map = IndexMap.from_func(split, ndim=len(transform.whole), index_dtype=dtype)
    sch.transform_block_layout(block, index_map)


def _order(sch, block, transform, names):
    """Brings the loops of a block, which are those of `names`, into the order of the source; their
    names then."""
    loops = dict(zip(names, sch.get_loops(block)))
    names = [name for name in transform.source if name in loops]
    if len(names) > 1:
        sch.reorder(*(loops[name] for name in names))
    return names


def _take(sch, loops, names, size):
    """Splits loops off the dimensions `names`, of `size` steps together: from the last dimension
    on, each as far as it goes; the first one is padded if all together do not have that many.
    `loops` keeps what is left of each. The loops are returned in the order of `names`."""
    long = [name for name in names if int(sch.get(loops[name]).extent) > 1] or names[-1:]
    taken = []
    for name in reversed(long):
        extent = int(sch.get(loops[name]).extent)
        part = size
        if extent < size and name != long[0]:
            part = next(n for n in range(extent, size + 1) if size % n == 0)
        loops[name], inner = sch.split(loops[name], [None, part])
        taken.insert(0, inner)
        size //= part
        if size == 1:
            break
    return taken


def _tile(sch, read, names, write, transform, size):
    loops = dict(zip(names, sch.get_loops(read)))
    if not loops:  # one element
        names = transform.source[:1]
        loops = {names[0]: sch.add_unit_loop(read)}
    destination = [name for name in transform.destination if name in loops]
    # The first becomes the threads that read, the second what each of them reads.
    tiles = [_take(sch, loops, order, size) for order in (names, destination)]
    last = destination[-1]
    outer = [loops[name] for name in names if name != last] + [loops[last]]
    sch.reorder(*outer, *tiles[0], *tiles[1])
    thread, _ = (sch.fuse(*tile) for tile in tiles)
    outer = sch.fuse(*outer)
    sch.reverse_compute_at(write, outer)
    inner = sch.get_loops(write)[1:]
    _, writer = sch.split(sch.fuse(*inner) if inner else sch.add_unit_loop(write), [None, size])
    sch.bind(outer, "blockIdx.x")
    sch.bind(writer, "threadIdx.x")
    sch.bind(thread, "threadIdx.x")
