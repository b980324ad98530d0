# SPDX-License-Identifier: Apache-2.0
"""Traces and their instructions: made by schedules and by hand, changed, written and replayed."""

import json
import re

import metaschedule as ms
import pytest
from metaschedule.tir.schedule import (
    BlockRV,
    Instruction,
    InstructionKind,
    LoopRV,
    Schedule,
    Trace,
)
from metaschedule.tir.schedule.testing import verify_trace_roundtrip
from programs import matmul, matmul_relu

HEAD = "# from tvm import tir\ndef apply_trace(sch: tir.Schedule) -> None:"


def step(kind, inputs=(), attrs=(), outputs=()):
    return Instruction(InstructionKind.get(kind), list(inputs), list(attrs), list(outputs))


def lines(*texts):
    return "\n  ".join([HEAD, *texts])


@pytest.fixture
def tiled():
    sch = Schedule(matmul(), seed=1, debug_mask="all")
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    factors = sch.sample_perfect_tile(i, n=2, max_innermost_factor=16, decision=[4, 8])
    sch.split(i, factors)
    sch.get_consumers(block)
    sch.enter_postproc()
    sch.vectorize(j)
    return sch, block, factors


def test_kinds_are_found_by_name():
    kind = InstructionKind.get("Split")
    assert kind.name == "Split" and not kind.is_pure
    assert InstructionKind.get("GetBlock").is_pure
    assert kind == InstructionKind.get("Split") and kind.same_as(InstructionKind.get("Split"))
    assert len({kind, InstructionKind.get("Split"), InstructionKind.get("Fuse")}) == 2
    with pytest.raises(ms.InternalError, match="Instruction kind Nonsense is not registered"):
        InstructionKind.get("Nonsense")


def test_an_instruction_holds_what_it_is_given_and_reads_as_a_line_without_names():
    block, loops = BlockRV(), [LoopRV(), LoopRV()]
    inst = step("GetLoops", [block], [], loops)
    assert inst.kind.name == "GetLoops" and inst.inputs[0].same_as(block)
    assert list(inst.outputs) == loops and len(inst.attrs) == 0
    assert str(inst) == "_, _ = sch.get_loops(block=_)"
    assert str(step("GetBlock", [], ["C", "main"], [block])) == (
        "_ = sch.get_block(name=C, func_name=main)"
    )
    assert str(step("Annotate", [block, "SSR"], ["key"])) == (
        'sch.annotate(block_or_loop=_, ann_key=key, ann_val="SSR")'
    )
    split = step("Split", [LoopRV(), None, 4], [1, 0], loops)
    assert "factors=[None, 4], preserve_unit_iters=True" in str(split)


def test_random_variables_are_told_apart():
    a, b = BlockRV(), BlockRV()
    assert a == a and a != b and a != LoopRV() and len({a, b, a}) == 2
    assert a.same_as(a) and not a.same_as(b)


def test_instructions_of_a_schedule_hold_its_own_random_variables(tiled):
    sch, block, factors = tiled
    insts = sch.trace.insts
    assert insts[0].outputs[0] == block and insts[1].inputs[0] == block
    assert list(insts[1].outputs) == list(sch.trace.insts[1].outputs)
    sample = insts[2]
    assert sample.attrs == [2, 16] and sample.outputs[0].same_as(factors[0])
    assert insts[3].inputs[1].same_as(factors[0]) and insts[3].attrs == [True, False]
    assert sch.get(insts[1].outputs[1]).loop_var.name == "j"
    assert sch.trace.decisions == {sample: [4, 8]}
    assert sch.trace.get_decision(sample) == [4, 8] and sch.trace.get_decision(insts[0]) is None
    again = sch.trace.insts
    assert [a.same_as(b) for a, b in zip(insts, again)] == [True] * len(insts)


def test_simplified_traces_keep_instructions_and_handles(tiled):
    sch, block, _ = tiled
    short = sch.trace.simplified(remove_postproc=True)
    assert [inst.kind.name for inst in short.insts] == [
        "GetBlock",
        "GetLoops",
        "SamplePerfectTile",
        "Split",
    ]
    assert short.insts[2].same_as(sch.trace.insts[2])
    # The handles of the shorter trace are still good on the schedule.
    assert sch.get(short.insts[3].outputs[1]).extent == 8


def test_simplified_loses_what_only_a_list_names():
    sch = Schedule(matmul_relu(), seed=1)
    relu = sch.get_block("relu")
    sch.cache_read("C", 0, "local", consumer_blocks=["C"])
    sch.cache_write("C", 0, "local", consumer_blocks=[relu])
    short = sch.trace.simplified(remove_postproc=False)
    named = [inst.attrs[0] for inst in short.insts if inst.kind.name == "GetBlock"]
    assert "relu" not in named
    assert short.insts[-1].inputs[1] == [relu]  # it still says which block it was
    with pytest.raises(IndexError, match="Random variable is not defined"):
        short.as_python()


def test_decisions_are_replaced_in_traces_that_share_steps(tiled):
    sch, _, _ = tiled
    sample = sch.trace.insts[2]
    changed = sch.trace.with_decision(sample, [2, 16], remove_postproc=True)
    assert len(changed) == 5 and len(sch.trace) == 7
    assert changed.decisions[sample] == [2, 16] and sch.trace.decisions[sample] == [4, 8]
    assert changed.without_decisions().decisions == {}
    with pytest.raises(ValueError, match="no step of this trace"):
        changed.with_decision(step("EnterPostproc"), 1, remove_postproc=True)


def test_traces_are_made_by_hand():
    block, loops = BlockRV(), [LoopRV(), LoopRV(), LoopRV()]
    trace = Trace([step("GetBlock", [], ["C", "main"], [block])], {})
    trace.append(step("GetLoops", [block], [], loops))
    assert str(trace) == lines(
        'b0 = sch.get_block(name="C", func_name="main")', "l1, l2, l3 = sch.get_loops(block=b0)"
    )
    v = [ms.tir.Var("a", "int32"), ms.tir.Var("b", "int32")]
    trace.append(step("SamplePerfectTile", [loops[0]], [2, 16], v), [4, 8])
    trace.append(step("Split", [loops[0], *v], [1, 0], [LoopRV(), LoopRV()]))
    assert trace.decisions == {trace.insts[2]: [4, 8]} and len(trace.insts) == 4
    sch = Schedule(matmul(), debug_mask="all")
    trace.apply_to_schedule(sch, remove_postproc=False)
    assert [sch.get(l).extent.value for l in sch.get_loops(sch.get_block("C"))] == [4, 8, 32, 32]
    last = trace.insts[-1]
    assert trace.pop().same_as(last) and len(trace) == 3
    assert trace.as_json()[1] == [[2, [4, 8]]]
    copy = Trace(trace.insts, trace.decisions)
    assert str(copy) == str(trace) and copy.insts == trace.insts


def test_an_empty_trace_is_a_function_that_does_nothing():
    trace = Trace([], {})
    assert str(trace) == lines("pass")
    assert trace.pop() is None and len(trace.insts) == 0


def test_malformed_traces_by_hand_are_refused():
    block = BlockRV()
    find = step("GetBlock", [], ["C", "main"], [block])
    with pytest.raises(ValueError, match="Incorrect kNumInputs for instruction: GetLoops"):
        Trace([step("GetLoops")], {})
    with pytest.raises(ValueError, match="Incorrect kNumAttrs for instruction: GetBlock"):
        Trace([step("GetBlock", [], ["C"], [block])], {})
    with pytest.raises(ValueError, match="produced once"):
        Trace([find, step("GetBlock", [], ["C", "main"], [block])], {})
    with pytest.raises(ValueError, match="GetBlock has no decision"):
        Trace([find], {find: 3})
    unknown = Trace([step("GetLoops", [block], [], [])], {})
    with pytest.raises(IndexError, match="Random variable doesn't exist"):
        unknown.apply_to_schedule(Schedule(matmul()), remove_postproc=False)
    with pytest.raises(IndexError, match="Random variable is not defined"):
        unknown.as_json()


def test_a_decision_provider_sees_inputs_of_the_schedule_it_replays_on(tiled):
    sch, _, _ = tiled
    seen = []

    def provide(inst, inputs, attrs, decision):
        seen.append((inst, inst.kind.name, list(attrs), decision))
        if inst.kind.name == "SamplePerfectTile":
            assert again.get(inputs[0]).extent == 32
            return [16, 2]
        if inst.kind.name == "Split":
            assert [again.get(factor) for factor in inputs[1:]] == [16, 2]
        return decision

    again = Schedule(matmul(), seed=1)
    sch.trace.apply_to_schedule(again, remove_postproc=True, decision_provider=provide)
    assert [name for _, name, _, _ in seen] == [
        "GetBlock",
        "GetLoops",
        "SamplePerfectTile",
        "Split",
        "GetConsumers",
    ]
    assert seen[2][2:] == ([2, 16], [4, 8]) and seen[2][0] == sch.trace.insts[2]
    assert again.trace.decisions[again.trace.insts[2]] == [16, 2]


def test_a_decision_provider_may_leave_a_choice_open_or_fail(tiled):
    sch, _, _ = tiled
    again = Schedule(matmul(), seed=3)
    sch.trace.apply_to_schedule(again, True, lambda inst, inputs, attrs, decision: None)
    a, b = again.trace.decisions[again.trace.insts[2]]
    assert a * b == 32

    def fail(*_):
        raise LookupError("not today")

    with pytest.raises(LookupError, match="not today"):
        sch.trace.apply_to_schedule(Schedule(matmul()), True, fail)


@pytest.mark.parametrize(
    "value",
    ["text", 7, 2.5, True, [1, 2, 3], ["a", "b"], {"key": 1, "other": [1, 2]}],
    ids=lambda value: type(value).__name__,
)
def test_annotations_go_through_traces(value):
    sch = Schedule(matmul(), debug_mask="all")
    sch.annotate(sch.get_block("C"), "note", value)
    assert sch.trace.insts[1].inputs[1] == value
    again = verify_trace_roundtrip(sch, matmul(), text_format="json")
    rebuilt = Trace(sch.trace.insts, sch.trace.decisions)
    rebuilt.apply_to_schedule(again := Schedule(matmul()), remove_postproc=False)
    assert ms.ir.structural_equal(again.mod, sch.mod)


def test_traces_read_from_files_have_variables_for_their_numbers(tiled):
    sch, _, _ = tiled
    read = ms._core.trace_from_json(json.dumps(sch.trace.as_json()))
    sample, split = read.insts[2], read.insts[3]
    assert split.inputs[1].same_as(sample.outputs[0]) and read.insts[2] == sample
    assert str(Trace(read.insts, read.decisions)) == str(sch.trace)


def test_traces_are_written_and_read_in_the_later_spelling(tiled):
    sch, _, _ = tiled
    sch.transform_layout("C", ("write", 0), lambda i, j: (j // 4, i, j % 4))
    later = sch.trace.as_json(dialect="sblock")
    now = sch.trace.as_json()
    assert later[0][0] == ["GetSBlock", [], ["C", "main"], ["b0"]] and later[1] == now[1]
    assert [step[0] for step in later[0][1:-2]] == [step[0] for step in now[0][1:-2]]
    graph = json.loads(later[0][-1][1][1])
    assert graph["nodes"][graph["root_index"]]["type"] == "tirx.IndexMap"
    assert "prim.FloorMod" in {node["type"] for node in graph["nodes"]}
    again = Schedule(matmul(), seed=1)
    Trace.apply_json_to_schedule(later, again)
    assert ms.ir.structural_equal(again.mod, sch.mod) and again.trace.as_json() == now
    assert sch.trace.as_json(True, dialect="sblock")[0] == later[0][:5]
    with pytest.raises(ValueError, match='"block" or "sblock", found \'tirx\''):
        sch.trace.as_json(dialect="tirx")


def test_index_maps_survive_the_later_spelling():
    from metaschedule.tir import IndexMap, if_then_else

    def everything(i, j):
        inside = ms.tir.all(i < 3, ms.tir.any(j >= 2, ms.tir.Not(i == j)))
        return [
            if_then_else(inside, ms.tir.min(i, j), ms.tir.max(i, 3)),
            ms.tir.Select(i != 2, i << 2, j >> 1),
            ms.tir.truncdiv(i, 3) + ms.tir.truncmod(j, 3) - (i & 7 | j ^ 1),
            ms.tir.Cast("int64", ~j),
            ms.tir.FloatImm("float32", float("-inf")),
            ms.tir.FloatImm("float32", 2.0),
            ms.tir.exp(ms.tir.FloatImm("float32", 0.1)),
        ]

    sch = Schedule(matmul(), seed=1)
    index_map = IndexMap.from_func(everything, index_dtype="int32")
    kind = InstructionKind.get("TransformLayout")
    block = BlockRV()
    trace = Trace([step("GetBlock", [], ["C", "main"], [block])], {})
    trace.append(Instruction(kind, [block, index_map], [0, 1, None, 0], []))
    text = trace.as_json(dialect="sblock")[0][1][1][1]
    back = ms.ir.load_json(text)
    assert ms.ir.structural_equal(back, index_map, map_free_vars=True)
    assert "-Infinity" in text and '"LShift' not in text and "prim.LShift" in text
    for broken in (
        text.replace("prim.LShift", "prim.Nonsense"),
        text.replace('"a":', '"c":'),
        text.replace('"ty":1,', '"ty":1000,'),
        text.replace("tirx.IndexMap", "tirx.PrimFunc"),
        '{"root_index":0}',
        '{"root_index":5,"nodes":[{"type":"None"}]}',
        '{"root_index":1,"nodes":[{"type":"None"},{"data":3}]}',
    ):
        with pytest.raises(ms.ParseError):
            ms.ir.load_json(broken)
    loads = IndexMap.from_func(lambda i: [ms.tir.BufferLoad(ms.tir.decl_buffer((4,)), [i])])
    trace.append(Instruction(kind, [block, loads], [0, 1, None, 0], []))
    with pytest.raises(ValueError, match="the later JSON form has no BufferLoad"):
        trace.as_json(dialect="sblock")
    assert sch.trace.as_json(dialect="sblock") == [[], []]


def test_programs_are_written_in_the_later_spelling():
    text = matmul().script(dialect="sblock")
    assert "@T.prim_func(s_tir=True)" in text and 'with T.sblock("C"):' in text
    assert ms.ir.structural_equal(ms.script.from_source(text), matmul())
    with pytest.raises(ValueError, match='"block" or "sblock", found "tirx"'):
        matmul().script(dialect="tirx")


def test_every_kind_of_argument_survives_being_taken_apart():
    sch = Schedule(matmul_relu(), seed=1)
    block = sch.get_block("C")
    sch.transform_layout(block, ("write", 0), lambda i, j: (j, i))
    sch.transform_block_layout("relu", lambda i, j: (i * 32 + j,))
    sch.cache_read(block, 0, "shared", consumer_blocks=[block])
    sch.reindex(block, ("read", 1))
    sch.set_axis_separator(block, ("write", 0), [1])
    sch.storage_align(block, 0, axis=0, factor=8, offset=4)
    i, j, k = sch.get_loops(block)
    sch.sample_categorical([1, 2, 4], [0.25, 0.25, 0.5], decision=2)
    sch.fuse(i, j, preserve_unit_iters=False)
    sch.unsafe_hide_buffer_access(block, "read", [0])
    rebuilt = Trace(sch.trace.insts, sch.trace.decisions)
    assert rebuilt.as_json() == sch.trace.as_json() and str(rebuilt) == str(sch.trace)


def test_trace_roundtrips_are_checked(tiled):
    sch, _, _ = tiled
    again = verify_trace_roundtrip(sch, matmul())
    assert again.trace.as_python() == sch.trace.as_python()
    with pytest.raises(ValueError):
        verify_trace_roundtrip(sch, matmul(64, 64, 64))
    with pytest.raises(ValueError, match="yaml"):
        verify_trace_roundtrip(sch, matmul(), text_format="yaml")


def test_show_prints_the_program_and_the_trace(tiled, capsys):
    tiled[0].show(style="light", black_format=False)
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert "T.vectorized" in out and "sch.sample_perfect_tile" in out
