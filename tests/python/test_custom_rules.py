# SPDX-License-Identifier: Apache-2.0
"""The custom schedule rules that come with the package: the stages of Winograd convolutions."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule import te, tir

CPU, CUDA = "llvm -num-cores 2", "nvidia/geforce-rtx-3070"
TILE, SIDE = 4, 6  # of the output, and of the input that it needs
N, H, W, CI, CO = 1, 8, 8, 16, 32
ROWS = -(-H // TILE)
TILES = N * ROWS * ROWS
NONE = {"schedule_rule": "None"}


def table(rows, cols, name):
    """Small numbers that are no transform; the rules do not look at them."""

    def value(i, j):
        out = tir.const(0, "float32")
        for r in range(rows):
            for c in range(cols):
                here = tir.all(tir.floormod(i, rows) == r, tir.floormod(j, cols) == c)
                out = tir.Select(here, tir.const((2 * r + 5 * c) % 7 - 3, "float32"), out)
        return out

    return te.compute((rows, cols), value, name=name, attrs=NONE)


def winograd(layout):
    """The stages of a convolution, with their annotations: what topi makes."""
    nhwc = layout == "nhwc"

    def at(stage, a, b, tile, channel):  # the two layouts order tiles and channels differently
        return stage[(a, b, tile, channel) if nhwc else (a, b, channel, tile)]

    rule = {stage: {"schedule_rule": f"conv2d_{layout}_winograd_{stage}"} for stage in STAGES}
    ra, rb = te.reduce_axis((0, SIDE), name="r_a"), te.reduce_axis((0, SIDE), name="r_b")
    rc = te.reduce_axis((0, CI), name="ci")
    shape = (N, H, W, CI) if nhwc else (N, CI, H, W)
    data = te.placeholder(shape, name="data")
    weight = te.placeholder((SIDE, SIDE, CO, CI) if nhwc else (SIDE, SIDE, CI, CO), name="weight")
    padded = ROWS * TILE + SIDE - TILE

    def inside(n, y, x, c):
        there = data[n, y, x, c] if nhwc else data[n, c, y, x]
        return tir.if_then_else(tir.all(y < H, x < W), there, tir.const(0, "float32"))

    if nhwc:
        pad = te.compute((N, padded, padded, CI), inside, name="data_pad", attrs=NONE)
    else:
        pad = te.compute(
            (N, CI, padded, padded), lambda n, c, y, x: inside(n, y, x, c), name="data_pad"
        )

    def tile_at(tile, c, a, b):
        n, row = tile // (ROWS * ROWS), tile % (ROWS * ROWS) // ROWS
        y, x = row * TILE + a, tile % ROWS * TILE + b
        return pad[n, y, x, c] if nhwc else pad[n, c, y, x]

    if nhwc:
        tiles = te.compute(
            (SIDE, SIDE, TILES, CI),
            lambda a, b, tile, c: tile_at(tile, c, a, b),
            name="input_tile",
            attrs=NONE,
        )
    else:
        tiles = te.compute(
            (CI, TILES, SIDE, SIDE),
            lambda c, tile, a, b: tile_at(tile, c, a, b),
            name="input_tile",
            attrs=NONE,
        )
    b_table, a_table = table(SIDE, SIDE, "B"), table(SIDE, TILE, "A")
    pack = te.compute(
        (SIDE, SIDE, TILES, CI) if nhwc else (SIDE, SIDE, CI, TILES),
        lambda i, j, p, q: te.sum(
            (tiles[ra, rb, p, q] if nhwc else tiles[p, q, ra, rb])
            * b_table[ra, i]
            * b_table[rb, j],
            axis=[ra, rb],
        ),
        name="data_pack",
        attrs=rule["data_pack"],
    )
    gemm = te.compute(
        (SIDE, SIDE, TILES, CO) if nhwc else (SIDE, SIDE, CO, TILES),
        lambda a, b, p, q: te.sum(
            at(pack, a, b, p if nhwc else q, rc)
            * (weight[a, b, q, rc] if nhwc else weight[a, b, rc, p]),
            axis=[rc],
        ),
        name="bgemm",
    )
    rd, re = te.reduce_axis((0, SIDE), name="r_a"), te.reduce_axis((0, SIDE), name="r_b")
    if nhwc:
        inverse = te.compute(
            (TILE, TILE, TILES, CO),
            lambda y, x, p, c: te.sum(
                gemm[rd, re, p, c] * a_table[rd, y] * a_table[re, x], axis=[rd, re]
            ),
            name="inverse",
            attrs=rule["inverse"],
        )
    else:
        inverse = te.compute(
            (CO, TILES, TILE, TILE),
            lambda c, p, y, x: te.sum(
                gemm[rd, re, c, p] * a_table[rd, y] * a_table[re, x], axis=[rd, re]
            ),
            name="inverse",
            attrs=rule["inverse"],
        )

    def output(n, y, x, c):
        tile = n * ROWS * ROWS + y // TILE * ROWS + x // TILE
        inner = y % TILE, x % TILE
        return inverse[(*inner, tile, c) if nhwc else (c, tile, *inner)]

    if nhwc:
        out = te.compute((N, H, W, CO), output, name="conv2d_winograd")
    else:
        out = te.compute(
            (N, CO, H, W), lambda n, c, y, x: output(n, y, x, c), name="conv2d_winograd"
        )
    return te.create_prim_func([data, weight, out])


STAGES = ("data_pack", "inverse")
TILED = """get_loops sample_perfect_tile split sample_perfect_tile split
    unroll unroll unroll unroll reorder"""
TABLES = "get_block get_producers compute_inline"
LOCAL = "cache_write reverse_compute_at compute_at set_scope compute_inline"
BOUND = "fuse sample_categorical split bind bind"
EXPECTED = {
    ("cpu", "nhwc", "data_pack"): f"""{TABLES} get_producers {TILED}
        sample_compute_location compute_at sample_compute_location compute_at""",
    ("cpu", "nhwc", "inverse"): f"{TABLES} {TILED}",
    ("cpu", "nchw", "data_pack"): f"""{TABLES} get_producers {TILED}
        sample_compute_location compute_at sample_compute_location compute_at""",
    ("cpu", "nchw", "inverse"): f"{TABLES} {TILED}",
    ("cuda", "nhwc", "data_pack"): f"""{TABLES} get_producers {TILED} {LOCAL}
        get_loops {BOUND}""",
    ("cuda", "nhwc", "inverse"): f"{TABLES} {TILED} get_loops {BOUND}",
    ("cuda", "nchw", "data_pack"): f"""{TABLES} get_producers get_loops reorder
        unroll unroll unroll unroll {BOUND} {LOCAL}""",
    ("cuda", "nchw", "inverse"): f"""{TABLES} get_consumers get_loops split split reorder
        compute_at set_scope get_loops unroll unroll unroll unroll""",
}


def steps(trace):
    lines = [line for line in str(trace).splitlines() if "sch." in line]
    return [line.split("sch.")[1].split("(")[0] for line in lines]


def run(program):
    """What a scheduled program writes for small integers."""
    rng = np.random.default_rng(0)
    module = ms.runtime.build(program, ms.target.Target(CPU))
    func = program.mod["main"] if hasattr(program, "mod") else program["main"]
    arrays = [
        rng.integers(-2, 3, [int(n) for n in func.buffer_map[p].shape]).astype("float32")
        for p in func.params
    ]
    arrays = [ms.runtime.array(a) for a in arrays]
    module(*arrays)
    return arrays[-1].numpy()


@pytest.mark.parametrize("case", EXPECTED, ids="-".join)
def test_a_stage_of_winograd_is_scheduled(case):
    key, layout, stage = case
    name = f"meta_schedule.{key}.conv2d_{layout}_winograd_{stage}"
    sch = ms.tir.Schedule(winograd(layout), seed=7, debug_mask="all")
    (found,) = ms.runtime.get_global_func(name)(sch, sch.get_block(stage))
    assert steps(found.trace) == EXPECTED[case].split()
    if key == "cpu":
        plain = ms.tir.Schedule(winograd(layout))
        np.testing.assert_array_equal(run(found), run(plain))


@pytest.mark.parametrize("target", [CPU, CUDA])
@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
def test_the_rules_are_found_by_the_annotations(target, layout):
    context = ms.TuneContext(
        winograd(layout),
        target=ms.target.Target(target),
        space_generator="post-order-apply",
        rand_state=1,
    )
    spaces = context.generate_design_space()
    assert spaces
    rules = 2 if "llvm" in target else 1
    for space in spaces:
        text = str(space.trace)
        assert text.count("sample_perfect_tile") >= 2 * rules
        assert 'name="data_pack"' in text and 'name="inverse"' in text


def test_the_rules_are_registered_and_a_user_may_replace_one():
    name = "meta_schedule.cpu.conv2d_nhwc_winograd_inverse"
    assert name in ms.registry.list_global_func_names()
    called = []

    def mine(sch, block):
        called.append(sch.get(block).name_hint)
        return [sch]

    ms.registry.register_func(name, mine, override=True)
    try:
        rule = ms.schedule_rule.ApplyCustomRule()
        context = ms.TuneContext(winograd("nhwc"), target=ms.target.Target(CPU))
        rule._initialize_with_tune_context(context)
        sch = ms.tir.Schedule(winograd("nhwc"))
        assert rule.apply(sch, sch.get_block("inverse"))
        assert called == ["inverse"]
    finally:
        ms.registry.remove_global_func(name)
