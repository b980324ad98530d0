# SPDX-License-Identifier: Apache-2.0
"""Passes, visitors and analyses from Python."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule.compat import tvm
from metaschedule.tir import analysis, stmt_functor, transform
from metaschedule.transform import PassContext, Sequential, module_pass
from programs import matmul


def names(mod):
    """Kinds of statements of the function, as they come."""
    found = []
    stmt_functor.post_order_visit(mod["main"].body, lambda n: found.append(n.type_key))
    return found


def test_passes_run_one_by_one_and_in_sequence():
    mod = ms.ir.IRModule.from_expr(matmul())
    opaque = transform.LowerInitBlock()(mod)
    assert "tir.IfThenElse" in names(opaque) and "tir.IfThenElse" not in names(mod)
    steps = [
        transform.LowerInitBlock(),
        transform.PlanAndUpdateBufferAllocationLocation(),
        transform.ConvertBlocksToOpaque(),
        transform.CompactBufferAllocation(),
        transform.LowerMatchBuffer(),
        transform.LowerOpaqueBlock(),
        transform.FlattenBuffer(),
        transform.Simplify(),
    ]
    flat = Sequential(steps)(mod)
    assert "tir.Block" not in names(flat)
    with pytest.raises(AttributeError, match="migrating"):
        transform.InjectNonsense()
    with pytest.raises(TypeError, match="IRModule"):
        transform.Simplify()(matmul())


def test_a_context_disables_and_instruments_passes():
    seen = []

    class Instrument:
        def run_before_pass(self, _mod, info):
            seen.append(info.name)

    mod = ms.ir.IRModule.from_expr(matmul())
    steps = Sequential([transform.LowerInitBlock(), transform.Simplify()])
    with PassContext(disabled_pass=["tir.LowerInitBlock"], instruments=[Instrument()]) as context:
        assert PassContext.current() is context
        assert "tir.IfThenElse" not in names(steps(mod))
    assert seen == ["sequential", "tir.Simplify"]
    assert PassContext.current() is not context
    with pytest.raises(AttributeError, match="Invalid config option 'x' candidates are: "):
        PassContext(config={"x": 1})
    with pytest.raises(AttributeError, match=r"expect config tir\.disable_vectorize to have type"):
        PassContext(config={"tir.disable_vectorize": "yes"})


def test_passes_of_ones_own():
    @module_pass(opt_level=0, name="Tag")
    def tag(mod, _context):
        return mod.with_attr("tagged", 1)

    assert "tagged" in dict(tag(ms.ir.IRModule.from_expr(matmul())).attrs)

    @transform.prim_func_pass(opt_level=0)
    def rename(func, _mod, _context):
        return func.with_attr("seen", 1)

    assert "seen" in dict(rename(ms.ir.IRModule.from_expr(matmul()))["main"].attrs)


def test_lower_gives_plain_loops_that_compute_the_same():
    sch = ms.tir.Schedule(matmul())
    sch.vectorize(sch.get_loops("C")[1])
    lowered = tvm.lower(sch.mod)
    kinds = names(lowered)
    assert "tir.Block" not in kinds and "tir.Ramp" in kinds
    with PassContext(config={"tir.disable_vectorize": True}):
        assert "tir.Ramp" not in names(tvm.lower(sch.mod))
    assert [v.name_hint for v in tvm.lower(matmul(), name="f").functions] == ["f"]
    a = np.random.rand(*shape_of(0)).astype("float32")
    b = np.random.rand(*shape_of(1)).astype("float32")
    c = np.zeros(shape_of(2), "float32")
    ms.runtime.build(lowered)(a, b, c)
    np.testing.assert_allclose(c, a @ b, rtol=1e-5)


def shape_of(index):
    func = matmul()
    return tuple(int(x) for x in func.buffer_map[func.params[index]].shape)


def test_visits_and_rewrites():
    func = matmul()
    seen = []

    def stay_out_of_blocks(node):
        seen.append(node.type_key)
        return node.type_key != "tir.Block"

    stmt_functor.pre_order_visit(func.body, stay_out_of_blocks)
    assert seen[0] == "tir.BlockRealize" and "tir.BufferStore" not in seen

    def double(node):
        return ms.tir.FloatImm("float32", 2.0) if isinstance(node, ms.tir.FloatImm) else None

    changed = stmt_functor.ir_transform(func.body, None, double, ["FloatImm"])
    assert "T.float32(2" in str(func.with_body(changed).script())
    assert stmt_functor.ir_transform(func.body, lambda _: None, None).same_as(func.body)
    x, y = ms.tir.Var("x", "int32"), ms.tir.Var("y", "int32")
    assert analysis.expr_deep_equal(stmt_functor.substitute(x + 1, {x: y}), y + 1)
    assert not analysis.expr_deep_equal(x + 1, y + 1)


def test_analyses():
    func = matmul()
    mod = ms.ir.IRModule.from_expr(func)
    n, k = shape_of(0)
    assert analysis.estimate_tir_flops(mod) == 2.0 * n * k * shape_of(1)[1]
    assert analysis.verify_well_formed(func)
    assert analysis.find_anchor_block(mod).name_hint == "C"
    sch = ms.tir.Schedule(mod)
    block = sch.get(sch.get_block("C"))
    buffers = {b.data: b for b in func.buffer_map.values()}
    reads, writes = analysis.get_block_read_write_region(block, buffers)
    assert [r.buffer.name for r in reads] == ["A", "B"] and writes[0].buffer.name == "C"
    assert analysis.get_block_access_region(block, buffers)[2] == []
    loop = sch.get(sch.get_loops("C")[0])
    free = analysis.undefined_vars(loop.body)
    assert loop.loop_var in free or any(v.same_as(loop.loop_var) for v in free)
    broken = ms.tir.Evaluate(loop.loop_var)
    with pytest.raises(ValueError, match="undefined variable"):
        analysis.verify_well_formed(func.with_body(broken))
    assert not analysis.verify_well_formed(func.with_body(broken), assert_mode=False)
