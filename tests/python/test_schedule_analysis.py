# SPDX-License-Identifier: Apache-2.0
"""Analyses of schedules, tiling around intrinsics, and functions known by registered names."""

import metaschedule as ms
import pytest
from metaschedule import tir
from metaschedule.compat import tvm
from metaschedule.script import from_source
from metaschedule.tir.schedule import Schedule, analysis
from metaschedule.tir.schedule.transform import tile_with_tensor_intrin
from programs import matmul, matmul_relu, softmax

DESC = """
@T.prim_func
def main(A: T.Buffer((16, 16)), B: T.Buffer((16, 16)), C: T.Buffer((16, 16))):
    with T.block("root"):
        T.reads(C[0:16, 0:16], A[0:16, 0:16], B[0:16, 0:16])
        T.writes(C[0:16, 0:16])
        for i, j, k in T.grid(16, 16, 16):
            with T.block(""):
                v_i, v_j, v_k = T.axis.remap("SSR", [i, j, k])
                C[v_i, v_j] = C[v_i, v_j] + A[v_i, v_k] * B[v_k, v_j]
"""

UNIT = """
@T.prim_func
def main(A: T.Buffer((1, 8, 1)), B: T.Buffer((1,)), C: T.Buffer((1, 8))):
    for i, j, k in T.grid(1, 8, 1):
        with T.block("copy"):
            v_i, v_j, v_k = T.axis.remap("SSS", [i, j, k])
            C[v_i, v_j] = A[v_i, v_j, v_k]
    for i, k in T.grid(1, 8):
        with T.block("sum"):
            v_i, v_k = T.axis.remap("SR", [i, k])
            with T.init():
                B[v_i] = T.float32(0)
            B[v_i] = B[v_i] + C[v_i, v_k]
"""


@pytest.fixture(scope="module")
def intrinsic():
    name = "test_schedule_analysis_matmul_16x16x16"
    if tir.TensorIntrin.get(name, allow_missing=True) is None:
        desc = from_source(DESC)
        tir.TensorIntrin.register(name, desc, desc)
    return name


def function(name):
    return tvm.get_global_func("tir.schedule." + name)


def test_index_maps_follow_the_loops():
    buffer = tir.decl_buffer((128, 128), name="A")
    sch = Schedule(matmul(128, 128, 128))
    i, j, _ = sch.get_loops("C")
    i0, i1 = sch.split(i, [None, 16])
    j0, j1 = sch.split(j, [None, 16])
    sch.reorder(i0, j0, i1, j1)
    loops = [sch.get(loop) for loop in (i0, j0, i1, j1)]
    a, b, c, d = (loop.loop_var for loop in loops)
    found = analysis.suggest_index_map(buffer, [a * 16 + c, b * 16 + d], loops, True)
    wanted = tir.IndexMap.from_func(lambda x, y: (x // 16, y // 16, x % 16, y % 16))
    assert found.is_equivalent_to(wanted)
    assert found.inverse_index_map is not None
    crossed = analysis.suggest_index_map(buffer, [b * 16 + d, a * 16 + c], loops, True)
    wanted = tir.IndexMap.from_func(lambda x, y: (y // 16, x // 16, y % 16, x % 16))
    assert crossed.is_equivalent_to(wanted)
    assert analysis.suggest_index_map(buffer, [a * a, b], loops, True) is None


def test_loops_are_matched_with_those_of_a_description():
    desc = from_source(DESC)
    sch = Schedule(matmul(128, 256, 64))
    block = sch.get_block("C")
    loops = sch.get_loops(block)
    info = analysis.get_tensorize_loop_mapping(sch, block, desc)
    assert isinstance(info, analysis.TensorizeInfo) and info.block_iter_paddings is None
    order = info.desc_loop_indexer
    assert [order[info.loop_map[sch.get_sref(loop)]].value for loop in loops] == [0, 1, 2]
    sch = Schedule(matmul(127, 256, 65))
    block = sch.get_block("C")
    assert analysis.get_tensorize_loop_mapping(sch, block, desc) is None
    info = analysis.get_tensorize_loop_mapping(sch, block, desc, allow_padding=True)
    assert [int(n) for n in info.block_iter_paddings] == [16, 1, 16]


def test_computations_are_matched_with_descriptions():
    sch = Schedule(matmul(64, 64, 64))
    block = sch.get_block("C")
    desc = from_source(DESC)
    info = analysis.get_auto_tensorize_mapping_info(sch, block, desc)
    identity = tir.IndexMap.from_func(lambda i, j, k: (i, j, k))
    assert len(info.mappings) == 1 and info.mappings[0].is_equivalent_to(identity)
    names = {lhs.name: rhs.name for lhs, rhs in info.lhs_buffer_map.items()}
    assert names == {"A": "A", "B": "B", "C": "C"}
    assert len(info.lhs_iters) == len(info.rhs_iters) == 3
    assert {len(indices) for indices in info.rhs_buffer_indices.values()} == {2}
    other = Schedule(softmax())
    found = analysis.get_auto_tensorize_mapping_info(other, other.get_block("exp"), desc)
    assert found is None


def test_blocks_and_outputs():
    sch = Schedule(matmul_relu())
    assert analysis.has_block(sch, "relu") and not analysis.has_block(sch, "D")
    assert analysis.is_output_block(sch, sch.get_block("relu"))
    assert not analysis.is_output_block(sch, sch.get_block("C"))


def test_tiles_of_the_size_of_an_intrinsic(intrinsic):
    sch = Schedule(matmul(128, 64, 32), debug_mask="all")
    block = sch.get_block("C")
    first = tile_with_tensor_intrin(sch, block, intrinsic)
    extents = [sch.get(loop).extent.value for loop in sch.get_loops(block)]
    assert extents == [8, 4, 2, 16, 16, 16]
    assert sch.get(first).same_as(sch.get(sch.get_loops(block)[3]))
    sch = Schedule(matmul(127, 64, 32))
    before = str(sch.trace)
    assert tile_with_tensor_intrin(sch, sch.get_block("C"), intrinsic) is None
    assert str(sch.trace) != before and "split" not in str(sch.trace)


def test_blocks_are_padded_to_the_size_of_an_intrinsic(intrinsic):
    sch = Schedule(matmul_relu(127, 64, 33), debug_mask="all")
    block = sch.get_block("C")
    assert tile_with_tensor_intrin(sch, block, intrinsic, allow_padding=True) is not None
    extents = [sch.get(loop).extent.value for loop in sch.get_loops(block)]
    assert extents == [8, 4, 3, 16, 16, 16]
    names = [sch.get(b).name_hint for b in sch.get_child_blocks(sch.get_block("root"))]
    # What reads C takes the block that cuts the padding off into itself.
    assert names == ["A_pad", "B_pad", "C", "relu"]
    replayed = Schedule(matmul_relu(127, 64, 33))
    sch.trace.apply_to_schedule(replayed, remove_postproc=False)
    assert ms.ir.structural_equal(replayed.mod, sch.mod)


def test_functions_are_normalized():
    sch = Schedule(from_source(UNIT), debug_mask="all")
    blocks, loops, iters, reductions = function("NormalizePrimFunc")(sch)
    assert [sch.get(block).name_hint for block in blocks] == ["copy", "sum"]
    assert [[sch.get(l).extent.value for l in nest] for nest in loops] == [[8], [1, 8]]
    assert [len(axes) for axes in iters] == [1, 2]
    assert [bool(flag) for flag in reductions] == [False, True]
    split = Schedule(matmul())
    split.split(split.get_loops("C")[0], [None, 8])
    assert function("NormalizePrimFunc")(split) is None


def test_functions_by_their_registered_names():
    sch = Schedule(matmul_relu())
    block, relu, root = (sch.get_block(name) for name in ("C", "relu", "root"))
    i, _, k = sch.get_loops(block)
    assert function("IsTrivialBinding")(sch, block)
    assert function("IsReductionBlock")(sch, block, root)
    assert not function("IsReductionBlock")(sch, relu, root)
    assert function("GetLoopIterType")(sch, i) == "S" and function("GetLoopIterType")(sch, k) == "R"
    assert function("GetBlockRealize")(sch, block).block.same_as(sch.get(block))
    assert function("HasBlock")(sch, "relu") and function("IsOutputBlock")(sch, relu)
    assert not function("IsSpatialPrimFunc")(sch.mod["main"])
    assert function("CanDecomposePadding")(sch, block, i) is False
    assert not function("HasIfThenElse")(sch.get(block))
    sch.split(i, [None, 8])
    assert not function("IsTrivialBinding")(sch, block)
    with pytest.raises(ValueError, match="Cannot find global function"):
        function("Nonsense")
    assert "tir.schedule.NormalizePrimFunc" in ms.registry.list_global_func_names()


def test_reducers_can_be_added():
    xor = """
@T.prim_func
def main(A: T.Buffer((8, 8), "int32"), B: T.Buffer((8,), "int32")):
    for i, k in T.grid(8, 8):
        with T.block("B"):
            v_i, v_k = T.axis.remap("SR", [i, k])
            with T.init():
                B[v_i] = 0
            B[v_i] = T.bitwise_xor(B[v_i], A[v_i, v_k])
"""
    sch = Schedule(from_source(xor))
    with pytest.raises(ms.ScheduleError):
        sch.rfactor(sch.get_loops("B")[1], 0)
    function("RegisterReducer")(
        1, lambda x, y: [x[0] ^ y[0]], lambda values: [tir.const(0, values[0].dtype)]
    )
    sch.rfactor(sch.get_loops("B")[1], 0)
    assert "B_rf" in sch.mod.script()


def test_programs_are_counted_and_their_main_block_found():
    mod = ms.ir.IRModule({"main": matmul_relu(128, 128, 128)})
    flops = tvm.tir.analysis.estimate_tir_flops(mod)
    assert flops == 2 * 128**3 + 128**2
    assert tvm.tir.analysis.find_anchor_block(mod).name_hint == "C"
    x, y = tir.Var("x", "int32"), tir.Var("x", "int32")
    assert tvm.tir.analysis.expr_deep_equal(x + 1, x + 1)
    assert not tvm.tir.analysis.expr_deep_equal(x + 1, y + 1)
