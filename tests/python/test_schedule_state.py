# SPDX-License-Identifier: Apache-2.0
"""The state of a schedule: statements by StmtSRefs, dependencies, flags, replacing."""

import metaschedule as ms
import pytest
from metaschedule import tir
from metaschedule.script import from_source
from metaschedule.tir.schedule import DepKind, Schedule, ScheduleDebugMask, StmtSRef
from metaschedule.tir.schedule.state import CachedFlags
from programs import matmul, matmul_relu, softmax

# The second block reads one element before what the same iteration wrote, the third overwrites
# what the second reads.
STENCIL = """
@T.prim_func
def main(A: T.Buffer((17,)), C: T.Buffer((17,)), D: T.Buffer((17,))):
    B = T.alloc_buffer((17,))
    for i in range(16):
        with T.block("B"):
            v = T.axis.spatial(17, i)
            B[v] = A[v] * T.float32(2)
        with T.block("C"):
            v = T.axis.spatial(16, i)
            T.reads(B[v + 1])
            C[v] = B[v + 1]
    for i in range(17):
        with T.block("again"):
            v = T.axis.spatial(17, i)
            B[v] = T.float32(0)
    for i in range(8):
        with T.block("strided"):
            v = T.axis.spatial(16, i * 2)
            D[v] = T.float32(0)
"""


def loops_of(func):
    """The loops of the first nest of a function, outer first."""
    stmt, found = func.body.block.body, []
    stmt = stmt.seq[0] if isinstance(stmt, tir.SeqStmt) else stmt
    while isinstance(stmt, tir.For):
        found.append(stmt)
        stmt = stmt.body
    return found, stmt.block


def test_srefs_name_blocks_and_loops_through_edits():
    sch = Schedule(matmul(), debug_mask="all")
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    loop, leaf = sch.get_sref(i), sch.get_sref(block)
    assert loop.stmt.same_as(sch.get(i)) and leaf.stmt.same_as(sch.get(block))
    assert leaf.parent == sch.get_sref(k) and sch.get_sref(j).parent.same_as(loop)
    root = loop.parent
    assert root.stmt.name_hint == "root" and root.parent is None
    assert root == sch.get_sref(sch.get_block("root")) == sch.get_sref(sch.get(root))
    sch.parallel(i)
    assert loop.stmt.kind == tir.ForKind.PARALLEL  # it follows the program
    assert sch.get_sref(loop.stmt) == loop and sch.get(loop).same_as(sch.get(i))
    sch.split(i, [None, 8])
    assert loop.stmt is None and loop.parent is None
    with pytest.raises(ValueError, match="The loop no longer exists in the IRModule"):
        sch.get_sref(i)
    assert leaf.stmt is not None and len({loop, leaf, sch.get_sref(block)}) == 2


def test_srefs_of_copies_are_others():
    sch = Schedule(matmul())
    block = sch.get_block("C")
    other = sch.copy()
    assert other.get_sref(block) != sch.get_sref(block)
    other.parallel(other.get_loops(block)[0])
    assert sch.get_sref(block).parent.parent.parent.stmt.kind == tir.ForKind.SERIAL


def test_only_statements_of_the_program_have_srefs():
    sch = Schedule(matmul())
    other = matmul().body.block
    with pytest.raises(IndexError, match="The stmt doesn't exist in the IR"):
        sch.get_sref(other)
    assert sch.state.get_sref(other) is None
    init = sch.get(sch.get_block("C")).init
    with pytest.raises(TypeError, match='In "Schedule.get_sref", "rand_var_or_stmt"'):
        sch.get_sref(init)
    assert sch.state.get_sref(init) is None


def test_marks_stand_for_no_statement():
    sch = Schedule(softmax(), seed=1)
    root = sch.sample_compute_location("exp", decision=-1)
    inline = sch.sample_compute_location("exp", decision=-2)
    assert sch.get_sref(root) == StmtSRef.root_mark() != StmtSRef.inline_mark()
    assert sch.get_sref(inline).same_as(StmtSRef.inline_mark())
    assert StmtSRef.root_mark().stmt is None and StmtSRef.inline_mark().parent is None
    with pytest.raises(TypeError, match="mark"):
        sch.get(root)


def test_positions_in_sequences():
    sch = Schedule(matmul_relu())
    first, second = (sch.get_sref(sch.get_loops(name)[0]) for name in ("C", "relu"))
    assert (first.seq_index, second.seq_index) == (0, 1)
    assert sch.get_sref(sch.get_block("C")).seq_index == -1


def test_dependencies_of_a_scope():
    sch = Schedule(softmax())
    root = sch.get_sref(sch.get_block("root"))
    names = ["top", "exp", "total", "norm"]
    top, exp, total, norm = (sch.get_sref(sch.get_block(name)) for name in names)
    scope = sch.state.get_block_scope(root)
    assert [(d.src, d.dst, d.kind) for d in scope.get_deps_by_src(exp)] == [
        (exp, total, DepKind.RAW),
        (exp, norm, DepKind.RAW),
    ]
    assert [d.src for d in scope.get_deps_by_dst(norm)] == [exp, total]
    assert not scope.get_deps_by_dst(top)
    assert not sch.state.get_block_scope(norm).get_deps_by_src(norm)
    with pytest.raises(TypeError, match="expected a StmtSRef of a block, found tir.For"):
        sch.state.get_block_scope(sch.get_sref(sch.get_loops("top")[0]))


def test_all_kinds_of_dependencies():
    sch = Schedule(from_source(STENCIL))
    b, c, again = (sch.get_sref(sch.get_block(name)) for name in ("B", "C", "again"))
    scope = sch.state.get_block_scope(sch.get_sref(sch.get_block("root")))
    assert [(d.src, d.kind) for d in scope.get_deps_by_dst(again)] == [
        (b, DepKind.WAW),
        (c, DepKind.WAR),
    ]
    assert [(d.dst, d.kind) for d in scope.get_deps_by_src(b)] == [
        (c, DepKind.RAW),
        (again, DepKind.WAW),
    ]


def test_flags_are_those_of_the_program_as_it_is():
    sch = Schedule(from_source(STENCIL))

    def flags(name):
        return sch.state._get_cached_flags(sch.get_sref(sch.get_block(name)))

    assert flags("B") == CachedFlags(True, True, True)
    assert flags("C") == CachedFlags(True, False, True)
    assert flags("strided").affine_binding is False
    assert flags("root") == CachedFlags(True, True, False)
    sch = Schedule(matmul_relu())
    assert flags("root") == flags("relu") == CachedFlags(True, True, True)


def test_states_are_made_of_programs_too():
    state = tir.ScheduleState(matmul(), debug_mask="all")
    assert state.debug_mask == 3 and state.enable_check
    loops, block = loops_of(state.mod["main"])
    assert state.get_sref(block).parent == state.get_sref(loops[2])
    assert ms.ir.structural_equal(state.mod["main"], matmul())
    sch = Schedule(matmul(), debug_mask=ScheduleDebugMask.VERIFY_SREF_TREE)
    assert sch.state.debug_mask == 1 and sch.state == sch.state != state
    for bad, error in (("some", ValueError), (-2, ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="debug_mask"):
            tir.ScheduleState(matmul(), debug_mask=bad)
    with pytest.raises(TypeError, match='In "ScheduleState.__init__", "mod"'):
        tir.ScheduleState(3)


def test_a_loop_is_replaced_and_loops_over_its_variable_keep_their_srefs():
    sch = Schedule(matmul())
    block = sch.get_block("C")
    i, j, k = (sch.get_sref(loop) for loop in sch.get_loops(block))
    other = sch.copy()
    other.vectorize(other.get_loops(block)[1])
    target = other.get_sref(other.get_loops(block)[0]).stmt
    sch.state.replace(i, target)
    assert i.stmt.same_as(target) and j.stmt.kind == tir.ForKind.VECTORIZED
    assert len(sch.trace) == 2  # the copy has its own
    sch.state.replace(i, j.stmt)
    assert i.stmt is None and sch.get_sref(block).parent == k and k.parent == j


def test_a_block_realize_takes_the_place_of_loops():
    sch = Schedule(matmul())
    block = sch.get_block("C")
    inner = sch.blockize(sch.get_loops(block)[1])
    realize = sch.get(sch.get_loops(inner)[0]).body
    loop = sch.get_sref(sch.get_loops(inner)[0])
    sch.state.replace(loop, realize)
    assert loop.stmt is None and sch.get_sref(inner).parent.stmt.name_hint == "root"


def test_a_block_takes_the_identity_of_another_where_asked():
    for reuse in (False, True):
        state = tir.ScheduleState(matmul(), debug_mask="all")
        _, block = loops_of(state.mod["main"])
        sref = state.get_sref(block)
        _, target = loops_of(from_source(matmul().script().replace("C[v_i, v_j] + ", "")))
        state.replace(sref, target, {block: target} if reuse else None)
        _, now = loops_of(state.mod["main"])
        assert ms.ir.structural_equal(now.body, target.body, map_free_vars=True)
        assert (sref.stmt is None) == (not reuse) and (state.get_sref(now) == sref) == reuse


def test_a_program_that_nobody_holds_is_changed_in_place():
    state = tir.ScheduleState(matmul())
    other = Schedule(matmul())
    other.parallel(other.get_loops("C")[0])
    target = other.get(other.get_loops("C")[0])
    before = hash(state.mod["main"])
    state.replace(state.get_sref(state.mod["main"].body.block.body), target)
    assert hash(state.mod["main"]) == before and "T.parallel" in state.mod.script()
    held = state.mod["main"]
    state.replace(state.get_sref(target), loops_of(matmul())[0][0])
    assert hash(state.mod["main"]) != before and "T.parallel" in held.script()


def test_statements_of_the_wrong_kind_are_refused():
    state = tir.ScheduleState(matmul())
    loops, block = loops_of(state.mod["main"])
    with pytest.raises(
        TypeError, match=r"src_stmt has type: tir.For. tgt_stmt has type: tir.Block"
    ):
        state.replace(state.get_sref(loops[0]), block)
    with pytest.raises(TypeError, match='"tgt_stmt" has wrong type'):
        state.replace(state.get_sref(loops[0]), block.body)
    sref = state.get_sref(loops[0])
    state.replace(sref, loops_of(matmul(64, 64, 64))[0][0])
    with pytest.raises(ValueError, match="no longer exists"):
        state.replace(sref, loops[0])
    with pytest.raises(ValueError, match="another schedule"):
        tir.ScheduleState(matmul()).replace(state.get_sref(state.mod["main"].body.block), block)


def test_the_sref_tree_bit_finds_programs_that_are_not_well_formed():
    def replace_body(debug_mask):
        state = tir.ScheduleState(matmul(), debug_mask=debug_mask)
        loops, _ = loops_of(state.mod["main"])
        state.replace(state.get_sref(loops[0]), loops[1])  # loses what binds i

    replace_body("none")
    replace_body(ScheduleDebugMask.VERIFY_CACHED_FLAGS)
    for mask in ("all", ScheduleDebugMask.VERIFY_SREF_TREE, -1):
        with pytest.raises(ms.VerifyError, match="i"):
            replace_body(mask)


def test_a_function_that_is_there_twice_is_told_apart():
    func = matmul()
    sch = Schedule(ms.ir.IRModule({"a": func, "b": func}), debug_mask="all")
    assert sch.func_working_on is None
    with pytest.raises(ValueError, match="does not know which function to be working on"):
        sch.get_block("C")
    for name in ("a", "b"):
        sch.work_on(name)
        sch.parallel(sch.get_loops("C")[0])
        assert "T.parallel" in sch.mod[name].script()
        assert ("T.parallel" in sch.mod["b"].script()) == (name == "b")
