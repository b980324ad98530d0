# SPDX-License-Identifier: Apache-2.0
"""The custom schedule rule of layout transforms on GPUs. There is none here: loops over blocks and
threads run one step after another, which is what a schedule without races computes."""

import re

import metaschedule as ms
import numpy as np
import pytest
from metaschedule import te, tir
from metaschedule.schedule.cuda.layout_transform import cuda_layout_transform
from metaschedule.tir import stmt_functor

NAME = "meta_schedule.cuda.layout_transform"
CUDA = "nvidia/geforce-rtx-3070"


def axes_of(layout):
    return [(name, int(factor or 1)) for factor, name in re.findall(r"(\d*)([A-Za-z])", layout)]


def transformed(source, src, dst):
    """A tensor in another layout, with zeros where a part goes beyond the end of the source."""
    here, there = axes_of(src), axes_of(dst)
    parts, others = dict(here), dict(there)
    total = {
        name: int(n) * parts.get(name.lower(), 1)
        for (name, _), n in zip(here, source.shape)
        if name.isupper()
    }
    shape = [
        -(-total[name] // others.get(name.lower(), 1)) if name.isupper() else factor
        for name, factor in there
    ]

    def value(*indices):
        at = dict(zip(others, indices))
        whole = {n: at[n] * others.get(n.lower(), 1) + at.get(n.lower(), 0) for n in total}
        inside = [whole[n] < total[n] for n in total if total[n] % others.get(n.lower(), 1)]
        place = []
        for name, factor in here:
            index = whole[name.upper()]
            if name.islower():
                index = index % factor
            elif name.lower() in parts:
                index = index // parts[name.lower()]
            place.append(index)
        if not inside:
            return source[tuple(place)]
        return tir.if_then_else(tir.all(*inside), source[tuple(place)], tir.const(0, "float32"))

    annotations = {
        "src_layout": src,
        "dst_layout": dst,
        "input_shape": [int(n) for n in source.shape],
        "schedule_rule": "layout_transform",
    }
    return te.compute(tuple(shape), value, name="moved", attrs=annotations)


def program(shape, src, dst):
    source = te.placeholder(shape, name="A")
    return te.create_prim_func([source, transformed(source, src, dst)])


def run(func):
    """What a program writes; a step of a GPU's loop follows another. An element that is written
    twice counts twice: each is to be written by one thread, which finds the right value."""
    *inputs, output = (func.buffer_map[param] for param in func.params)

    def changed(stmt):
        if isinstance(stmt, tir.For) and stmt.kind == tir.ForKind.THREAD_BINDING:
            return tir.For(stmt.loop_var, stmt.min, stmt.extent, tir.ForKind.SERIAL, stmt.body)
        if isinstance(stmt, tir.BufferStore) and stmt.buffer.same_as(output):
            sum_ = stmt.value + tir.BufferLoad(output, stmt.indices)
            return tir.BufferStore(output, sum_, stmt.indices)
        return None

    body = stmt_functor.ir_transform(func.body, None, changed, ["tir.For", "tir.BufferStore"])
    rng = np.random.default_rng(0)
    shapes = [[int(n) for n in buffer.shape] for buffer in inputs]
    arrays = [rng.integers(1, 1000, shape).astype("float32") for shape in shapes]
    arrays.append(np.zeros([int(n) for n in output.shape], "float32"))
    arrays = [ms.runtime.array(array) for array in arrays]
    ms.runtime.build(func.with_body(body))(*arrays)
    return arrays[-1].numpy()


def scheduled(func, sizes=None):
    sch = ms.tir.Schedule(func, debug_mask="all")
    return sch, cuda_layout_transform(sch, sch.get_block("moved"), sizes)


def bound(sch):
    """The extents of the loops over threads, by their tags."""
    found = {}

    def visit(stmt):
        if isinstance(stmt, tir.For) and stmt.thread_binding is not None:
            found.setdefault(stmt.thread_binding.thread_tag, []).append(int(stmt.extent))

    stmt_functor.post_order_visit(sch.mod["main"].body, visit)
    return found


@pytest.mark.parametrize(
    "src, dst, shape",
    [
        ("NCHW", "NHWC", (1, 32, 8, 8)),
        ("NCHW", "NHWC", (2, 6, 7, 5)),
        ("NHWC", "NCHW", (1, 3, 9, 3)),
        ("NCHW", "NHWC", (1, 64, 1, 1)),
        ("NCHW", "NCHW4c", (1, 8, 6, 6)),
        ("NCHW", "NCHW4c", (2, 6, 7, 5)),
        ("NCHW", "NCHW8c", (1, 3, 2, 5)),
        ("NHWC", "NCHW4c", (1, 5, 5, 9)),
        ("NCHW4c", "NCHW", (2, 2, 3, 5, 4)),
        ("NCHW4c", "NHWC", (2, 3, 2, 2, 4)),
        ("NCHW4c", "NCHW", (1, 2, 3, 5, 4)),
        ("NCHW1c", "NCHW", (1, 1, 1, 1, 1)),
        ("NCHW", "NCHW4c", (1, 4, 1, 1)),
        ("OIHW", "OIHW4i8o", (16, 8, 3, 3)),
        ("OIHW", "OIHW4i8o", (9, 6, 3, 3)),
        ("NC", "CN", (40, 70)),
        ("NCHW", "NHCW", (2, 3, 4, 5)),
        ("NCHW", "NCHW", (1, 1, 1, 1)),
    ],
)
def test_each_element_is_moved_once_whatever_the_tiles(src, dst, shape):
    func = program(shape, src, dst)
    expected = run(func)
    sizes = [1, 2, 3, 4, 6, 7, 16, 32]
    sch, found = scheduled(func, sizes)
    assert len(found) == len(sizes) and not sch.trace.as_json()[0][1:]
    for size, tiled in zip(sizes, found):
        ms.tir.analysis.verify_well_formed(tiled.mod["main"])
        np.testing.assert_array_equal(run(tiled.mod["main"]), expected, f"tile size {size}")
        extents = bound(tiled)
        assert len(extents["blockIdx.x"]) == 1 and extents["threadIdx.x"] == [size, size]
        assert 'scope="shared"' in tiled.mod.script()
        again = ms.tir.Schedule(func)
        tiled.trace.apply_to_schedule(again, remove_postproc=False)
        assert ms.ir.structural_equal(again.mod, tiled.mod)


def test_numpy_agrees_about_the_layout():
    _, (tiled,) = scheduled(program((2, 6, 7, 5), "NCHW", "NHWC"), [4])
    source = np.random.default_rng(0).integers(1, 1000, (2, 6, 7, 5))
    np.testing.assert_array_equal(run(tiled.mod["main"]), source.transpose(0, 2, 3, 1))


def test_the_untouched_schedule_comes_first_then_a_size_each_up_to_the_warp():
    func = program((1, 8, 8, 8), "NCHW", "NHWC")
    sch, found = scheduled(func)
    assert found[0] is sch and ms.ir.structural_equal(sch.mod["main"], func)
    assert [bound(tiled)["threadIdx.x"][0] for tiled in found[1:]] == list(range(2, 33))
    with ms.target.Target("rocm -thread_warp_size=64"):
        assert len(scheduled(func)[1]) == 64


def test_consumers_are_inlined_in_whatever_order_they_read():
    source = te.placeholder((1, 6, 5, 5), name="A")
    bias = te.placeholder((6,), name="bias")
    moved = transformed(source, "NCHW", "NHWC")
    added = te.compute(moved.shape, lambda n, h, w, c: bias[c] + moved[n, h, w, c], name="added")
    three = tir.const(3, "float32")
    relu = te.compute(moved.shape, lambda *i: tir.max(added[i], three), name="relu")
    func = te.create_prim_func([source, bias, relu])
    _, (tiled,) = scheduled(func, [4])
    blocks = tiled.get_child_blocks(tiled.get_block("root"))
    assert len(blocks) == 2
    assert "A_shared" in tiled.mod.script() and "bias_shared" not in tiled.mod.script()
    np.testing.assert_array_equal(run(tiled.mod["main"]), run(func))


@pytest.mark.parametrize(
    "src, dst, shape",
    [
        ("NCHW", "NHWC", (1, 6, 5, 5)),
        ("NCHW", "NCHW4c", (1, 6, 5, 5)),
        ("NCHW", "NCHW4c", (1, 8, 5, 5)),
        ("NCHW4c", "NCHW", (1, 2, 5, 5, 4)),
    ],
)
def test_producers_and_consumers_that_cannot_be_inlined_stay(src, dst, shape):
    source = te.placeholder(shape, name="A")
    one = te.compute(shape, lambda *i: source[i] + tir.const(1, "float32"), name="one")
    moved = transformed(one, src, dst)
    k = te.reduce_axis((0, moved.shape[-1]), name="k")
    total = te.compute(moved.shape[:-1], lambda *i: te.sum(moved[(*i, k)], axis=[k]), name="total")
    scaled = te.compute(moved.shape, lambda *i: moved[i] * total[i[:-1]], name="scaled")
    func = te.create_prim_func([source, scaled])
    expected = run(func)
    for tiled in scheduled(func, [2, 3, 4, 8, 32])[1]:
        ms.tir.analysis.verify_well_formed(tiled.mod["main"])
        assert tiled.get_block("total") and tiled.get_block("one")
        np.testing.assert_array_equal(run(tiled.mod["main"]), expected)


@pytest.mark.parametrize(
    "src, dst, shape", [("NCHW8c", "NCHW4c", (1, 2, 3, 3, 8)), ("NCHW4c", "NCHW", (1, 2, 3, 3, 4))]
)
def test_what_is_no_box_of_axes_is_not_tiled(src, dst, shape):
    func = program(shape, src, dst)
    if dst == "NCHW":  # without the last two channels
        source = te.placeholder(shape, name="A")
        moved = te.compute(
            (1, 6, 3, 3),
            lambda n, c, h, w: source[n, c // 4, h, w, c % 4],
            name="moved",
            attrs={"src_layout": src, "dst_layout": dst, "input_shape": list(shape)},
        )
        func = te.create_prim_func([source, moved])
    sch, found = scheduled(func)
    assert found == [sch]
    assert scheduled(func, [4])[1] == []


@pytest.mark.parametrize(
    "change, message",
    [
        ({"src_layout": None}, "the block moved has no annotation src_layout"),
        ({"dst_layout": "N4HWC"}, "dst_layout: expected a layout .* found 'N4HWC'"),
        ({"dst_layout": "NHWN"}, "dst_layout: NHWN has a dimension twice"),
        ({"input_shape": [1, 2, 3]}, "as src_layout has dimensions, 4, found 3"),
        ({"dst_layout": "NCHW4c"}, "as dst_layout has dimensions, 5, found 4"),
    ],
)
def test_annotations_that_are_missing_or_wrong_are_refused(change, message):
    sch = ms.tir.Schedule(program((1, 4, 4, 4), "NCHW", "NHWC"))
    block = sch.get_block("moved")
    for name, value in change.items():
        sch.unannotate(block, name)
        if value is not None:
            sch.annotate(block, name, value)
    with pytest.raises(ValueError, match=message):
        cuda_layout_transform(sch, block)
    sch = ms.tir.Schedule(program((1, 4, 4, 4), "NCHW", "NHWC"))
    with pytest.raises(ValueError, match="expected positive tile sizes, found 0"):
        cuda_layout_transform(sch, sch.get_block("moved"), [0])


def spaces():
    context = ms.TuneContext(
        program((1, 8, 8, 8), "NCHW", "NHWC"),
        target=ms.target.Target(CUDA),
        space_generator="post-order-apply",
        rand_state=1,
    )
    return context.generate_design_space()


def test_the_rule_is_found_by_its_name_and_may_be_replaced():
    import metaschedule.compat.tvm.meta_schedule.schedule.cuda.layout_transform as theirs

    assert theirs.cuda_layout_transform is cuda_layout_transform
    assert ms.runtime.get_global_func(NAME) is cuda_layout_transform
    assert NAME in ms.registry.list_global_func_names()
    assert sum("blockIdx.x" in bound(space) for space in spaces()) == 31
    ms.registry.register_func(NAME, lambda sch, block: [sch])
    try:
        assert len(spaces()) == 1
    finally:
        ms.registry.remove_global_func(NAME)
    assert len(spaces()) == 32
