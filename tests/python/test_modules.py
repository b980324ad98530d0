# SPDX-License-Identifier: Apache-2.0
"""Modules that change, functions of known sizes, buffers, checks and options of the printer."""

import metaschedule as ms
import pytest
from metaschedule import ir, tir
from metaschedule.script import ir as I
from metaschedule.script import tir as T
from metaschedule.tir.schedule.testing import assert_structural_equal_ignore_global_symbol
from programs import copy


def test_a_module_object_takes_changes():
    mod = ir.IRModule({"f": copy})
    other = mod.clone()
    mod["g"] = copy.with_attr("global_symbol", "g")
    assert [v.name_hint for v in mod.get_global_vars()] == ["f", "g"]
    assert [v.name_hint for v in other.get_global_vars()] == ["f"]
    del mod["f"]
    assert "f" not in mod
    with pytest.raises(ValueError, match="Cannot find global var"):
        del mod["f"]
    mod.update(other)
    mod.update({"h": copy})
    mod.update_func(mod.get_global_var("h"), copy)
    assert {v.name_hint for v in mod.functions} == {"f", "g", "h"}
    assert mod.get_attr("missing") is None
    assert mod.with_attrs({"a": 1, "b": 2}).get_attr("b") == 2


def test_functions_get_other_names_and_calls_follow():
    @I.ir_module
    class Module:
        @T.prim_func(private=True)
        def helper(x: T.float32) -> T.float32:
            return x + T.float32(1)

        @T.prim_func
        def main(A: T.Buffer((4,))):
            A[0] = Module.helper(A[1])

    renamed = Module.replace_global_vars({"helper": "plus_one"})
    assert "Module.plus_one(A[1])" in renamed.script()
    with pytest.raises(ValueError, match="two functions"):
        Module.replace_global_vars({"helper": "main"})


def test_specialize_for_numbers_and_buffers():
    a, b, n = copy.params
    known = copy.specialize({a: tir.decl_buffer((16, 8)), n: 8})
    assert [p.name for p in known.params] == ["a", "b"]
    assert "A: T.Buffer((16, 8)" in known.script()
    assert "T.grid(16, 8)" in known.script()
    symbolic = copy.specialize({n: tir.Var("k", "int32") * 2})
    assert "k * 2" in symbolic.script()


def test_specialize_says_what_does_not_fit():
    a, _, n = copy.params
    with pytest.raises(ValueError, match="Specialize expects param"):
        copy.specialize({tir.Var("other", "int32"): 3})
    with pytest.raises(ValueError, match="2 dimensions"):
        copy.specialize({a: tir.decl_buffer((16,))})
    with pytest.raises(ValueError, match="two different values"):
        copy.specialize({a: tir.decl_buffer((16, 8)), n: 4})
    with pytest.raises(ValueError, match="expected a buffer"):
        copy.specialize({a: 3})


def test_buffer_methods():
    buffer = tir.decl_buffer((4, 16), "float32", "A")
    assert buffer.vload([1, 0], "float32x4").dtype == "float32x4"
    assert buffer.vload([1, 0]).dtype == "float32"
    mask = tir.Broadcast(tir.const(True), 4)
    load = buffer.vload([1, tir.Ramp(0, 1, 4)], predicate=mask)
    assert load.predicate.same_as(mask)
    store = buffer.vstore([1, 0], tir.Broadcast(tir.const(1.0), 4))
    assert store.indices[1].lanes == 4
    assert [int(i) for i in buffer.offset_of([2, 3])] == [35]
    apart = tir.decl_buffer((4, 2, 8), axis_separators=[1])
    assert [int(i) for i in apart.offset_of([3, 1, 2])] == [3, 10]
    pointer = buffer.access_ptr("rw", offset=4)
    assert [int(pointer.args[i]) for i in (2, 3, 4)] == [4, 60, 3]
    with pytest.raises(ValueError, match="access_mask"):
        buffer.access_ptr("x")
    assert isinstance(buffer[0, 0:8:2], tir.BufferLoad)
    assert buffer[0, 0:8:2].dtype == "float32x4"
    assert isinstance(buffer[0, 0:8], tir.BufferRegion)
    with pytest.raises(ValueError, match="2-dimensional"):
        assert buffer[0:4]
    with pytest.raises(ValueError, match="constant extent"):
        assert buffer[0, 0 : tir.Var("n", "int32") : 2]


def test_intrinsics_have_functions():
    x = tir.Var("x", "int32")
    assert tir.call_packed("f", tir.decl_buffer((4,)), x).args[1].op.name.endswith("make_array")
    assert tir.vscale().dtype == "int32"
    assert tir.clz(tir.Var("y", "int64")).dtype == "int32"
    assert tir.q_multiply_shift(x, x, 31, 1).dtype == "int32"
    assert tir.reinterpret("float32", x).dtype == "float32"
    assert tir.vectorlow("float32x4", tir.Var("v", "float32x8")).dtype == "float32x4"
    assert int(tir.shift_left(3, 2)) == 12 and int(tir.bitwise_and(6, 3)) == 2
    assert tir.isfinite(tir.Var("f", "float32")).dtype == "bool"
    assert [int(v) for v in tir.convert([1, 2])] == [1, 2]
    with pytest.raises(TypeError, match="operands"):
        tir.clz(x, x)


def test_out_of_bounds_accesses_are_found():
    @T.prim_func
    def good(A: T.Buffer((16,)), n: T.int32):
        for i in range(16):
            if i > 0:
                A[i] = A[i - 1] + A[n]
            A[i] = T.if_then_else(i < 15, A[i + 1], T.float32(0))

    @T.prim_func
    def bad(A: T.Buffer((16,))):
        for i in range(17):
            A[i] = A[0]
        for i in T.vectorized(4):
            A[i] = A[15 - i * 6]

    check = tir.analysis.OOBChecker()
    assert check(ir.IRModule({"main": good}))["main"].same_as(good)
    with pytest.raises(ms.tir.ScheduleError) as error:
        check(ir.IRModule({"main": bad}))
    assert "a store of buffer A in dimension 0: the index goes from 0 to 16" in str(error.value)
    assert "the index goes from -3 to 15, the size is 16" in str(error.value)


def test_host_accesses_of_kernels_are_found():
    @T.prim_func
    def kernel(A: T.Buffer((16,))):
        for i in T.thread_binding(16, thread="threadIdx.x"):
            A[i] = T.float32(0)

    @T.prim_func
    def host(A: T.Buffer((16,))):
        A[0] = T.float32(0)

    gpu, cpu = ms.target.Target("cuda"), ms.target.Target("llvm")
    assert tir.analysis.verify_memory(kernel.with_attr("target", gpu))
    assert not tir.analysis.verify_memory(host.with_attr("target", gpu))
    assert tir.analysis.verify_memory(host.with_attr("target", cpu))
    with pytest.raises(ValueError, match="target"):
        tir.analysis.verify_memory(host)


def test_printer_options(capsys, monkeypatch):
    with pytest.raises(TypeError, match="no option 'nonsense'"):
        copy.script(nonsense=1)
    addressed = copy.script(show_object_address=True)
    assert "i_0x" in addressed
    i = copy.body.block.body.loop_var
    loop = tir.For(tir.Var("own", "int32"), 0, 4, 0, tir.Evaluate(i))
    assert "own_1" in loop.script(module_alias="own")
    copy.show()
    assert capsys.readouterr().out == copy.script() + "\n"
    pytest.importorskip("pygments")
    monkeypatch.setenv("TVM_PYGMENTIZE_STYLE", "ansi")
    copy.show()
    assert "\x1b[" in capsys.readouterr().out


def test_frames_of_conditions_and_dictionaries_of_arguments():
    @T.prim_func
    def written(A: T.Buffer((16,)), n: T.int32):
        with T.If(n < 3):
            with T.Then():
                A[0] = T.float32(1)
            with T.Else():
                for i in T.serial(4, **{"annotations": {"k": 1}}):
                    A[i] = T.float32(2)

    @T.prim_func
    def wanted(A: T.Buffer((16,)), n: T.int32):
        if n < 3:
            A[0] = T.float32(1)
        else:
            for i in T.serial(4, annotations={"k": 1}):
                A[i] = T.float32(2)

    assert_structural_equal_ignore_global_symbol(written, wanted)
