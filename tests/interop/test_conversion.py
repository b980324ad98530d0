# SPDX-License-Identifier: Apache-2.0
"""Programs, targets and constants: there and back, on both sides, and what cannot cross."""

import numpy as np
import pytest
import tvm
import tvm_ffi
from golden import read_golden
from metaschedule import ir, runtime, script, target, tir
from metaschedule.interop import tvm as bridge
from metaschedule.interop.tvm import dialect


def check_there_and_back(ours):
    theirs = bridge.to_tvm(ours)
    back = bridge.from_tvm(theirs)
    ir.assert_structural_equal(back, ours)
    again = bridge.to_tvm(back)
    assert tvm_ffi.structural_equal(again, theirs), tvm_ffi.get_first_structural_mismatch(
        again, theirs
    )
    return theirs


def check_back_and_there(theirs):
    ours = bridge.from_tvm(theirs)
    back = bridge.to_tvm(ours)
    assert tvm_ffi.structural_equal(back, theirs), tvm_ffi.get_first_structural_mismatch(
        back, theirs
    )
    ir.assert_structural_equal(bridge.from_tvm(back), ours)
    return ours


@pytest.mark.golden
def test_golden_programs_come_back_as_they_were():
    programs = read_golden("programs.json.gz")
    assert len(programs) >= 18
    for text in programs.values():
        theirs = check_there_and_back(script.from_source(text))
        tvm.s_tir.Schedule(theirs)  # which checks what it is given


@pytest.mark.golden
def test_scheduled_golden_programs_come_back_as_they_were():
    crossed = 0
    for line in read_golden("spaces.jsonl.gz"):
        if line["target"] not in ("llvm", "cuda", "hexagon"):
            continue
        for space in line["spaces"]:
            if "post_mod" not in space:  # a postproc refused it
                continue
            try:
                check_there_and_back(script.from_source(space["post_mod"]))
                crossed += 1
            except bridge.InteropError as error:
                assert "axis separators" in str(error)
    assert crossed >= 60


def test_tasks_of_models_come_back_as_they_were(model_tasks):
    assert len(model_tasks) >= 8
    for task in model_tasks.values():
        ours = check_back_and_there(task.dispatched[0])
        assert tir.analysis.verify_well_formed(ours)


def test_names_attributes_and_annotations_stay(model_tasks):
    task = model_tasks["perceptron/softmax"]
    func = bridge.from_tvm(task.dispatched[0])["main"]
    assert func.attrs["tir.noalias"].value == 1 and "s_tir" not in func.attrs
    theirs = task.dispatched[0]["main"]
    assert [b.name for b in func.buffer_map.values()] == [
        str(p.name) if dialect.TYPED else str(theirs.buffer_map[p].name) for p in theirs.params
    ]
    annotated = func.with_attr({"x": 3, "y": 0.5, "z": [1, "s", True], "op": "exp"})
    check_there_and_back(annotated)
    back = bridge.to_tvm(annotated).attrs
    assert back["x"] == 3 and back["y"] == 0.5 and back["op"] == "exp"
    assert list(back["z"]) == [1, "s", True]


def test_statements_of_many_kinds_come_back_as_they_were():
    x, y = tir.Var("x", "int32"), tir.Var("y", "float32")
    buffer = tir.decl_buffer([16], "float32", "A", elem_offset=tir.const(0), offset_factor=1)
    param = tir.Var("a", "handle")
    load = tir.BufferLoad(buffer, [tir.FloorMod(x, tir.const(16))])
    i = tir.Var("i", "int32")
    body = tir.SeqStmt(
        [
            tir.BufferStore(
                buffer, tir.Select(x > 3, load, tir.Cast("float32", x)), [tir.const(1)]
            ),
            tir.IfThenElse(
                tir.And(x > 1, tir.Not(x > 7)),
                tir.Evaluate(
                    tir.Call("int32", "tir.call_extern", [tir.StringImm("f"), x << 2, x & 1, ~x])
                ),
                tir.While(load < 4.0, tir.BufferStore(buffer, load + 1.0, [tir.const(2)])),
            ),
            tir.For(
                i, 0, 4, tir.ForKind.VECTORIZED, tir.Evaluate(tir.exp(load)), annotations={"k": 1}
            ),
            tir.BufferStore(
                buffer,
                tir.Broadcast(tir.FloatImm("float32", 1.5), 4),
                [tir.Ramp(tir.const(0), tir.const(1), 4)],
            ),
            tir.AttrStmt(x, "pragma", tir.const(1), tir.Evaluate(tir.Let(i, x * 2, i + 1))),
            tir.LetStmt(y, load * 2.0, tir.BufferStore(buffer, y, [tir.const(3)])),
        ]
    )
    func = tir.PrimFunc([param, x], body, None, {param: buffer})
    check_there_and_back(func)


def test_allocations_are_the_buffers_that_are_declared_over_them():
    buffer = tir.decl_buffer([4], "float32", "B", elem_offset=tir.const(0), offset_factor=1)
    store = tir.BufferStore(buffer, tir.FloatImm("float32", 1), [tir.const(0)])
    true = tir.const(True, "bool")
    declared = tir.DeclBuffer(buffer, store)
    func = tir.PrimFunc([], tir.Allocate(buffer.data, "float32", [tir.const(4)], true, declared))
    check_there_and_back(func)
    bare = tir.PrimFunc([], tir.Allocate(buffer.data, "float32", [tir.const(4)], true, store))
    with pytest.raises(bridge.InteropError, match="allocation.*no buffer.*B"):
        bridge.to_tvm(bare)


def test_a_converted_program_computes_the_same():
    mod = script.from_source(
        """
@T.prim_func
def main(A: T.Buffer((8, 4), "float32"), B: T.Buffer((8,), "float32")):
    for i, k in T.grid(8, 4):
        with T.block("B"):
            v, r = T.axis.remap("SR", [i, k])
            with T.init():
                B[v] = T.float32(0)
            B[v] = B[v] + T.max(A[v, r], T.float32(0)) * T.float32(2)
"""
    )
    values = np.arange(-16, 16, dtype="float32").reshape(8, 4)
    out = tvm.runtime.tensor(np.zeros(8, "float32"))
    mod = ir.IRModule.from_expr(mod) if isinstance(mod, tir.PrimFunc) else mod
    tvm.compile(bridge.to_tvm(mod), target="llvm")["main"](tvm.runtime.tensor(values), out)
    np.testing.assert_array_equal(out.numpy(), np.maximum(values, 0).sum(1) * 2)


def test_targets_and_constants_cross():
    theirs = tvm.target.Target(
        {"kind": "llvm", "mcpu": "znver4", "num-cores": 2, "mtriple": "x86_64-linux-gnu"}
    )
    ours = bridge.from_tvm(theirs)
    assert ours.mcpu == "znver4" and ours.attrs["num-cores"].value == 2
    assert str(bridge.to_tvm(ours)) == str(theirs)
    assert str(bridge.from_tvm(bridge.to_tvm(target.Target("cuda -arch=sm_80")))).startswith("cuda")
    values = np.arange(6, dtype="float16").reshape(2, 3)
    constant = bridge.from_tvm([tvm.runtime.tensor(values)])[0]
    assert isinstance(constant, runtime.NDArray)
    np.testing.assert_array_equal(constant.numpy(), values)
    np.testing.assert_array_equal(bridge.to_tvm({"w": constant})["w"].numpy(), values)


def test_global_infos_cross():
    mod = script.from_source(
        """
@I.ir_module
class Module:
    I.module_attrs({"version": 3})
    I.module_global_infos({"vdevice": [I.vdevice("c"), I.vdevice("cuda -arch=sm_80", 1, "shared")],
                           "dummy": [I.dummy_global_info()], "none": []})
    @T.prim_func
    def main(A: T.Buffer((8,), "float32")):
        T.func_attr({"home": I.lookup_vdevice("cuda", 0), "kept": I.dummy_global_info()})
        A[0] = T.float32(1)
"""
    )
    theirs = bridge.to_tvm(mod)
    assert [len(theirs.global_infos[name]) for name in ("vdevice", "dummy", "none")] == [2, 1, 0]
    device = theirs.global_infos["vdevice"][1]
    assert (device.target.kind.name, device.vdevice_id, device.memory_scope) == (
        "cuda",
        1,
        "shared",
    )
    assert theirs["main"].attrs["home"] == device
    check_there_and_back(mod)
    back = bridge.from_tvm(device)
    assert back == mod.global_infos["vdevice"][1] and isinstance(back, ir.VDevice)
    assert back == mod["main"].attrs["home"]
    assert bridge.to_tvm(back) == device


def test_index_maps_cross():
    ours = tir.IndexMap.from_func(lambda i, j: (j // 16, i, j % 16))
    theirs = bridge.to_tvm(ours)
    assert [int(i) for i in theirs.map_indices([3, 35])] == [2, 3, 3]
    assert bridge.from_tvm(theirs).is_equivalent_to(ours)


def test_what_cannot_cross_is_named():
    from tvm import relax

    block = relax.BlockBuilder()
    with block.function("f", []):
        block.emit_func_output(relax.const(1.0, "float32"))
    with pytest.raises(bridge.InteropError, match="function f.*Function, not a PrimFunc"):
        bridge.from_tvm(block.get())
    call = tvm.tirx.Evaluate(tvm.tirx.call_intrin("int32", "tirx.print_buffer", 1))
    with pytest.raises(bridge.InteropError, match="intrinsic tirx.print_buffer"):
        bridge.from_tvm(tvm.tirx.PrimFunc([], call))
    var = tvm.tirx.Var("i", "int32")
    loop = tvm.tirx.For(var, 0, 8, 0, tvm.tirx.Evaluate(0), step=tvm.tirx.const(2, "int32"))
    with pytest.raises(bridge.InteropError, match="loop i: a step of"):
        bridge.from_tvm(tvm.tirx.PrimFunc([], loop))
    with pytest.raises(TypeError, match="object of TVM, found int"):
        bridge.from_tvm(3)
    with pytest.raises(TypeError, match="object of metaschedule, found Var"):
        bridge.to_tvm(var)
    deep = tir.Var("x", "int32")
    for _ in range(5000):
        deep = tir.Add(deep, tir.Var("y", "int32"))
    with pytest.raises(bridge.InteropError, match="nested too deeply"):
        bridge.to_tvm(tir.PrimFunc([], tir.Evaluate(deep)))
