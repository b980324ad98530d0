# SPDX-License-Identifier: Apache-2.0
"""Scripts written for TVM: one changed import, or none."""

import importlib
import subprocess
import sys
import textwrap

import metaschedule as ms
import metaschedule.compat.tvm as tvm
import pytest
from metaschedule.compat.tvm import te
from metaschedule.compat.tvm.script import tir as T


def test_names_of_tvm_are_the_modules_of_this_library():
    assert tvm.meta_schedule is ms
    assert te is ms.te
    assert tvm.tir.Schedule is ms.tir.Schedule
    assert tvm.error.TVMError is tvm._ffi.base.TVMError is tvm.TVMError is ms.TVMError
    assert tvm.driver.build is tvm.build
    import metaschedule.compat.tvm.meta_schedule.runner as runner

    assert runner is ms.runner


def test_measuring_elsewhere_goes_by_the_other_names():
    from metaschedule.compat.tvm.meta_schedule.testing.local_rpc import LocalRPC
    from metaschedule.compat.tvm.rpc import RPCSession, connect_tracker
    from metaschedule.compat.tvm.rpc.server import Server
    from metaschedule.compat.tvm.rpc.tracker import Tracker

    assert tvm.rpc.RPCSession is RPCSession and tvm.rpc.connect_tracker is connect_tracker
    assert tvm.rpc.server.Server is Server and tvm.rpc.tracker.Tracker is Tracker
    assert LocalRPC.__module__ == "metaschedule.testing.local_rpc"


def test_a_program_is_scheduled_through_the_other_names():
    @T.prim_func
    def double(A: T.Buffer((8,)), B: T.Buffer((8,))):
        for i in range(8):
            with T.block("B"):
                v = T.axis.spatial(8, i)
                B[v] = A[v] * T.float32(2)

    sch = tvm.tir.Schedule(tvm.IRModule.from_expr(double))
    sch.parallel(sch.get_loops(sch.get_block("B"))[0])
    assert "T.parallel(8)" in sch.mod.script()


@pytest.mark.parametrize(
    "module, names",
    [
        ("tir", "Schedule ScheduleError ScheduleState StmtSRef BlockRealize For ForKind.SERIAL"),
        (
            "tir.schedule",
            "BlockRV BlockScope DepKind.RAW DepKind.WAW DepKind.WAR Dependency ExprRV Instruction "
            "InstructionKind.get LoopRV Schedule ScheduleDebugMask ScheduleError ScheduleState "
            "StmtSRef Trace.apply_json_to_schedule",
        ),
        ("tir.schedule.schedule", "Schedule ScheduleError BlockRV"),
        ("tir.schedule.state", "CachedFlags ScheduleDebugMask.VERIFY_SREF_TREE ScheduleState"),
        ("tir.schedule.trace", "Trace"),
        ("tir.schedule.instruction", "Instruction InstructionKind"),
        (
            "tir.schedule.analysis",
            "TensorizeInfo AutoTensorizeMappingInfo get_auto_tensorize_mapping_info "
            "get_tensorize_loop_mapping has_block is_output_block suggest_index_map",
        ),
        ("tir.schedule.transform", "tile_with_tensor_intrin"),
        (
            "tir.schedule.testing",
            "verify_trace_roundtrip assert_structural_equal_ignore_global_symbol",
        ),
        ("tir.block_scope", "BlockScope DepKind StmtSRef"),
        ("tir.analysis", "estimate_tir_flops expr_deep_equal find_anchor_block"),
    ],
)
def test_everything_around_schedules_has_its_name(module, names):
    found = importlib.import_module(f"metaschedule.compat.tvm.{module}")
    for name in names.split():
        value = found
        for part in name.split("."):
            value = getattr(value, part)
        assert value is not None


@pytest.mark.parametrize("name", ["relay", "relay.nn", "nonsense"])
def test_what_is_not_there_says_where_to_read_on(name):
    with pytest.raises(ModuleNotFoundError, match=r"docs/migrating\.md"):
        __import__(f"metaschedule.compat.tvm.{name}")
    with pytest.raises(AttributeError, match=r"docs/migrating\.md"):
        getattr(tvm, name.split(".")[0])


def run(script):
    """The last line that a script prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_install_lets_an_untouched_script_import_tvm():
    script = """
        import metaschedule.compat.tvm
        metaschedule.compat.tvm.install()
        import tvm
        from tvm import meta_schedule, tir
        from tvm.meta_schedule.schedule_rule import AutoInline
        import metaschedule
        print(tvm is metaschedule.compat.tvm, meta_schedule is metaschedule, tir is metaschedule.tir)
    """
    assert run(script) == "True True True"


def test_install_refuses_where_another_tvm_is_imported():
    script = """
        import sys, types
        sys.modules["tvm"] = types.ModuleType("tvm")
        import metaschedule.compat.tvm
        try:
            metaschedule.compat.tvm.install()
        except ImportError as error:
            print(error)
    """
    assert "imported already" in run(script)


def test_a_module_is_decorated_by_the_name_in_script():
    @tvm.script.ir_module
    class Module:
        @T.prim_func
        def main(A: T.Buffer((8,)), B: T.Buffer((8,))):
            for i in range(8):
                with T.block("B"):
                    v = T.axis.spatial(8, i)
                    B[v] = A[v] * T.float32(2)

    assert isinstance(Module, ms.ir.IRModule) and te.AXIS_SEPARATOR == "axis_separator"


def test_an_intrinsic_of_llvm_is_known_by_its_name():
    name = "llvm.x86.avx512.vpdpbusd.512"
    assert tvm.target.codegen.llvm_lookup_intrinsic_id(name) == name
    text = """
    @T.prim_func
    def main(A: T.Buffer((16,), "int32")):
        A[T.Ramp(0, 1, 16)] = T.call_llvm_pure_intrin("int32x16", {}, T.uint32(1), A[T.Ramp(0, 1, 16)])
    """
    by_id, by_name = (
        tvm.script.from_source(textwrap.dedent(text.format(which)))
        for which in (f'T.llvm_lookup_intrinsic_id("{name}")', f'"{name}"')
    )
    assert ms.ir.structural_equal(by_id, by_name)
    with pytest.raises(ValueError, match="llvm"):
        tvm.target.codegen.llvm_lookup_intrinsic_id("sqrt")


def test_a_hexagon_target_is_made_from_its_version():
    target = tvm.target.hexagon("v68", num_cores=4, vtcm_capacity=1024)
    assert target.kind.name == "hexagon" and target.mcpu == "hexagonv68"
    assert target.attrs["vtcm-capacity"] == 1024 and target.attrs["num-cores"] == 4
    assert list(target.attrs["mattr"]) == [
        "+hvxv68",
        "+hvx-length128b",
        "+hvx-qfloat",
        "-hvx-ieee-fp",
    ]
    assert "mattr" not in tvm.target.hexagon("v66", hvx=0).attrs
    for wrong, message in (({"cores": 3}, "cores"), ({"hvx": 7}, "64 or 128")):
        with pytest.raises(ValueError, match=message):
            tvm.target.hexagon("v68", **wrong)
    with pytest.raises(ValueError, match="cpu_ver"):
        tvm.target.hexagon("68")
