# SPDX-License-Identifier: Apache-2.0
"""Traces: replayed on schedules of TVM, and read from them."""

import json
import subprocess
import sys

import pytest
import tvm
from golden import GoldenRate, read_golden
from metaschedule import _core, ir, script, tir
from metaschedule.interop import tvm as bridge
from metaschedule.interop.tvm import intrinsics
from metaschedule.interop.tvm.traces import trace_to_json as bridge_json
from tvm import s_tir, te

# Of the other targets' traces, some name tensor intrinsics whose import takes half a minute.
TARGETS = ("llvm", "llvm_2", "avx512", "vnni", "neon", "hexagon")


@pytest.mark.golden
@pytest.mark.parametrize("target", TARGETS)
def test_golden_traces_replay_in_tvm_and_make_the_same_program(target):
    programs = read_golden("programs.json.gz")
    rate = GoldenRate("spaces.jsonl.gz", f"interop-{target}-{tvm.__version__}")
    for line in read_golden("spaces.jsonl.gz"):
        if line["target"] != target:
            continue
        mod = script.from_source(programs[line["program"]])
        theirs = bridge.to_tvm(mod)
        for space in line["spaces"]:
            if "post_mod" not in space:  # a postproc refused it
                continue
            trace = _core.trace_from_json(json.dumps(space["post_trace"]))
            schedule = s_tir.Schedule(theirs)
            bridge.apply(trace, schedule)
            # What an instruction is written as is up to each release.
            is_tensorized = bool(intrinsics.named_in(bridge_json(trace)))
            expected = script.from_source(space["post_mod"])
            back = bridge.trace_from_tvm(schedule.trace).as_json()
            rate.add(
                (is_tensorized or ir.structural_equal(bridge.from_tvm(schedule.mod), expected))
                and back[0] == trace.as_json()[0]
                and sorted(back[1]) == sorted(trace.as_json()[1])
            )
    assert rate.report() == 100


def scaled(factor):
    A = te.placeholder((64, 64), name="A")
    B = te.compute((64, 64), lambda i, j: A[i, j] * factor, name="B")
    return te.create_prim_func([A, B])


def test_index_maps_and_annotations_of_traces_cross():
    ours = tir.Schedule(bridge.from_tvm(scaled(2.0)))
    block = ours.get_block("B")
    ours.transform_layout(block, ("read", 0), lambda i, j: (j // 16, i, j % 16))
    i, j = ours.get_loops(block)
    ours.annotate(i, "tir.note", 3)
    ours.annotate(block, "values", {"a": [1, 0.5, "x"]})
    n, _ = ours.sample_perfect_tile(j, 2, 16, decision=[4, 16])
    ours.split(j, [n, None])
    theirs = s_tir.Schedule(scaled(2.0))
    bridge.apply(ours.trace, theirs)
    ir.assert_structural_equal(bridge.from_tvm(theirs.mod), ours.mod)
    again = tir.Schedule(bridge.from_tvm(scaled(2.0)))
    bridge.trace_from_tvm(theirs.trace).apply_to_schedule(again, False)
    ir.assert_structural_equal(again.mod, ours.mod)
    bridge.trace_from_tvm(theirs.trace.as_json()).apply_to_schedule(
        tir.Schedule(bridge.from_tvm(scaled(2.0))), False
    )


def test_what_tvm_refuses_is_its_error_and_leaves_ours_alone():
    ours = tir.Schedule(bridge.from_tvm(scaled(2.0)))
    ours.parallel(ours.get_loops(ours.get_block("B"))[0])
    other = te.placeholder((4,), name="A")
    wrong = te.create_prim_func([other, te.compute((4,), lambda i: other[i] + 1.0, name="C")])
    with pytest.raises(Exception, match="B"):
        bridge.apply(ours.trace, s_tir.Schedule(wrong))
    with pytest.raises(TypeError, match="a Trace of metaschedule"):
        bridge.apply([[], []], s_tir.Schedule(wrong))


def test_kinds_that_are_not_known_here_load_and_are_refused_by_name():
    trace = bridge.trace_from_tvm(
        [
            [
                ["GetSBlock", [], ["B", "main"], ["b0"]],
                ["FuseWithTomorrow", ["b0", "b0"], [], []],
            ],
            [],
        ]
    )
    assert "FuseWithTomorrow" in json.dumps(trace.as_json())
    with pytest.raises(Exception, match="FuseWithTomorrow"):
        trace.apply_to_schedule(tir.Schedule(bridge.from_tvm(scaled(2.0))), False)


def test_only_the_intrinsics_that_a_trace_names_are_imported():
    code = """
import sys
from metaschedule.interop.tvm import intrinsics
from metaschedule.interop.tvm.traces import trace_to_json as bridge_json
intrinsics.register(["dot_16x4_vnni"])
package = "tvm.s_tir.tensor_intrin"
assert package + ".x86" in sys.modules
assert package not in sys.modules and package + ".cuda" not in sys.modules
print("cheap")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "cheap\n", done.stderr
    with pytest.raises(bridge.InteropError, match="no tensor intrinsic named nonsense"):
        intrinsics.register(["nonsense"], ["x86"])
