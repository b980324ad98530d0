# SPDX-License-Identifier: Apache-2.0
"""Schedules from Python: methods made from descriptions of primitives, handles, traces, errors."""

import inspect

import metaschedule as ms
import pytest
from metaschedule.tir import Schedule
from programs import matmul


def test_methods_have_the_names_defaults_and_docs_of_the_primitives():
    signature = inspect.signature(Schedule.split)
    assert list(signature.parameters)[1:] == [
        "loop",
        "factors",
        "preserve_unit_iters",
        "disable_predication",
    ]
    assert signature.parameters["preserve_unit_iters"].default is True
    assert "rewrite" in Schedule.split.__doc__


def test_handles_name_loops_and_blocks():
    sch = Schedule(matmul(), seed=1)
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    assert sch.get(i).extent == 32 and sch.get(block).name_hint == "C"
    outer, inner = sch.split(i, [None, 8])
    assert (sch.get(outer).extent.value, sch.get(inner).extent.value) == (4, 8)
    with pytest.raises(ValueError, match="no longer exists"):
        sch.get(i)
    assert len({outer, inner, outer}) == 2


def test_copies_share_handles_and_go_their_own_way():
    sch = Schedule(matmul(), seed=1)
    i, j, k = sch.get_loops(sch.get_block("C"))
    other = sch.copy()
    other.parallel(i)
    assert sch.get(i).kind == 0 and other.get(i).kind == 1
    assert len(other.trace) == len(sch.trace) + 1


def test_a_refusal_names_the_primitive_and_changes_nothing():
    sch = Schedule(matmul())
    i, j, k = sch.get_loops(sch.get_block("C"))
    before, steps = sch.mod, len(sch.trace)
    with pytest.raises(ms.ScheduleError, match="vectorize|parallel"):
        sch.parallel(k)
    assert ms.ir.structural_equal(sch.mod, before) and len(sch.trace) == steps


def test_wrong_types_are_told_apart():
    sch = Schedule(matmul())
    with pytest.raises(TypeError, match='In "Schedule.split", "loop" has wrong type'):
        sch.split("i", [2, 16])
    with pytest.raises(ValueError, match="seed"):
        Schedule(matmul(), seed=0)


def test_sampling_is_recorded_and_replayed():
    sch = Schedule(matmul(), seed=42)
    i, _, _ = sch.get_loops(sch.get_block("C"))
    factors = sch.sample_perfect_tile(i, n=3, max_innermost_factor=16)
    values = [sch.get(f) for f in factors]
    assert values[0] * values[1] * values[2] == 32
    sch.split(i, factors)
    again = Schedule(matmul(), seed=1)
    sch.trace.apply_to_schedule(again, remove_postproc=False)
    assert ms.ir.structural_equal(again.mod, sch.mod)
    fixed = Schedule(matmul())
    i, _, _ = fixed.get_loops(fixed.get_block("C"))
    assert [fixed.get(f) for f in fixed.sample_perfect_tile(i, n=2, decision=[4, 8])] == [4, 8]


def test_traces_go_through_json_and_python():
    sch = Schedule(matmul(), seed=42)
    i, _, _ = sch.get_loops(sch.get_block("C"))
    sch.split(i, sch.sample_perfect_tile(i, n=2))
    again = Schedule(matmul())
    ms.tir.Trace.apply_json_to_schedule(sch.trace.as_json(), again)
    assert ms.ir.structural_equal(again.mod, sch.mod)
    lines = sch.trace.as_python()
    assert lines[0] == 'b0 = sch.get_block(name="C", func_name="main")'
    assert any("split" in line for line in lines)


def test_decisions_can_be_replaced():
    sch = Schedule(matmul(), seed=42)
    i, _, _ = sch.get_loops(sch.get_block("C"))
    sch.split(i, sch.sample_perfect_tile(i, n=2))
    step = next(s for s in sch.trace.insts if s.kind.name == "SamplePerfectTile")
    changed = sch.trace.with_decision(step, [2, 16], remove_postproc=True)
    again = Schedule(matmul())
    changed.apply_to_schedule(again, remove_postproc=True)
    loops = again.get_loops(again.get_block("C"))
    assert [again.get(loop).extent.value for loop in loops[:2]] == [2, 16]


def test_functions_are_index_maps():
    sch = Schedule(matmul(), seed=1)
    block = sch.get_block("C")
    sch.reindex_cache_read(block, 0, "shared", lambda i, j, k: (k, i))
    assert sch.get(block).reads[0].buffer.name == "A_shared"
    stage = sch.reindex_cache_write("C", "C", "local", lambda *i: (i[1], i[0]))
    assert sch.get(stage).name_hint == "C_local"
    sch.transform_block_layout(stage, lambda i, j: (i * 32 + j,))
    assert len(sch.get_loops(stage)) == 1
    sch.annotate_buffer_access(sch.get_block("C"), 0, "read", lambda i, j, k: [k, (i, i + 1)])
    again = Schedule(matmul(), seed=1)
    sch.trace.apply_to_schedule(again, remove_postproc=False)
    assert ms.ir.structural_equal(again.mod, sch.mod)


def test_layouts_fill_padding_with_numbers_and_functions():
    for value in (0.0, lambda *i: ms.tir.FloatImm("float32", 0.0)):
        sch = Schedule(matmul(30, 32, 32), seed=1)
        sch.transform_layout("C", ("write", 0), lambda i, j: (i // 4, j, i % 4), pad_value=value)
        assert "T.if_then_else" in sch.mod.script()
    assert "pad_value=lambda" in str(sch.trace)
    sch = Schedule(matmul(30, 32, 32), seed=1)
    with pytest.raises(ms.ScheduleError, match="padding"):
        sch.transform_layout("C", "C", lambda i, j: (i // 4, j, i % 4))
    with pytest.raises(ms.ScheduleError, match="Type mismatch"):
        sch.transform_layout("C", "C", lambda i, j: (i // 4, j, i % 4), pad_value=0)
    sch.transform_layout(
        "C", "C", lambda i, j: (i // 4, ms.tir.IndexMap.AXIS_SEPARATOR, j, i % 4), pad_value=0.0
    )
    assert [int(a) for a in sch.get(sch.get_block("C")).writes[0].buffer.axis_separators] == [1]


def test_padding_can_be_asked_for():
    sch = Schedule(matmul(30, 32, 32), seed=1)
    block = sch.get_block("C")
    steps = len(sch.trace)
    assert sch.can_decompose_padding(block, sch.get_loops(block)[0]) is False
    assert len(sch.trace) == steps + 1  # get_loops


def test_copies_at_loops_and_partitions():
    sch = Schedule(matmul(), seed=1)
    block = sch.get_block("C")
    i, j, k = sch.get_loops(block)
    shared = sch.read_at(i, block, 0, "shared")
    local = sch.write_at(j, block, 0, "local")
    assert [sch.get(b).name_hint for b in (shared, local)] == ["A_shared", "C_local"]
    sch = Schedule(matmul(), seed=1)
    i, j, k = sch.get_loops(sch.get_block("C"))
    first, second = sch.loop_partition(j, [8, None])
    assert (sch.get(first).extent, sch.get(second).extent) == (8, 24)
    with pytest.raises(ValueError, match="at least 2"):
        sch.merge(first)


def test_constructors_say_what_they_accept():
    for options, error, match in (
        ({"mod": 3}, TypeError, r'"mod" has wrong type. Expected "Union\[PrimFunc, IRModule\]"'),
        ({"seed": 1.5}, TypeError, 'In "Schedule.__init__", "seed" has wrong type'),
        ({"seed": 2**31}, ValueError, r"in the range \[1, 2147483647\], but gets: 2147483648"),
        ({"debug_mask": "some"}, ValueError, "Unrecognizable `debug_mask`: some"),
        ({"debug_mask": 0.5}, TypeError, r'"debug_mask" has wrong type. Expected "Union\[str, int'),
        ({"debug_mask": -2}, ValueError, "debug_mask"),
        ({"error_render_level": "loud"}, ValueError, '"detail", "fast", or "none", but got: loud'),
        ({"enable_check": 1}, TypeError, '"enable_check" has wrong type. Expected "bool"'),
    ):
        with pytest.raises(error, match=match):
            Schedule(**{"mod": matmul(), **options})


def test_schedules_without_a_trace():
    sch = Schedule._create_non_traced(matmul(), seed=1)
    assert isinstance(sch, Schedule) and sch.trace is None
    sch.parallel(sch.get_loops("C")[0])
    assert "T.parallel" in sch.mod.script()


def test_copies_fork_the_random_state():
    def draws(sch):
        i = sch.get_loops("C")[0]
        return [sch.get(sch.sample_perfect_tile(i, n=2)[0]) for _ in range(16)]

    sch = Schedule(matmul(), seed=5)
    other = sch.copy()
    assert type(other) is Schedule and draws(other) != draws(sch)
    sch.seed(7)
    forked = sch.fork_seed()
    other.seed(7)
    assert other.fork_seed() == forked and draws(other) == draws(sch)
    with pytest.raises(TypeError, match='In "Schedule.seed", "seed" has wrong type'):
        sch.seed("a")
    with pytest.raises(ValueError, match="non-negative"):
        sch.seed(-3)


def test_handles_of_others_and_removed_ones_are_not_known():
    sch, other = Schedule(matmul(), seed=1), Schedule(matmul(), seed=1)
    block = other.get_block("C")
    loop = other.get_loops(block)[0]
    factor = other.sample_perfect_tile(loop, n=2)[0]
    sch.get_loops("C")
    for rv, name in ((block, "BlockRV"), (loop, "LoopRV"), (factor, "ExprRV")):
        with pytest.raises(IndexError, match=f"Cannot find corresponding {name}: "):
            sch.get(rv)
    with pytest.raises(IndexError, match="Cannot find corresponding LoopRV"):
        sch.split(loop, [None, 4])
    assert other.get(factor * 2 + 1) == 2 * other.get(factor) + 1
    for rv in (block, loop, factor):
        other.remove_rv(rv)
        with pytest.raises(IndexError, match="Cannot find corresponding"):
            other.get(rv)
        with pytest.raises(IndexError, match="Cannot find the object in the symbol table: "):
            other.remove_rv(rv)
    for method in (sch.get, sch.get_sref, sch.remove_rv):
        with pytest.raises(TypeError, match=f'In "Schedule.{method.__name__.lstrip("_")}", "rand_'):
            method("C")


@pytest.mark.parametrize(
    "call, argument, expected, found",
    [
        (lambda s, b, i: s.split(i, "ab"), "factors", "list", "str"),
        (lambda s, b, i: s.split(i, [2.5]), "factors[0]", "Union[int, PrimExpr, None]", "float"),
        (lambda s, b, i: s.fuse(i, "j"), "loops[1]", "LoopRV", "str"),
        (lambda s, b, i: s.get_loops(3), "block", "Union[BlockRV, str]", "int"),
        (lambda s, b, i: s.sample_perfect_tile(i, "x"), "n", "int", "str"),
        (lambda s, b, i: s.sample_categorical([1], ["a"]), "probs[0]", "float", "str"),
        (
            lambda s, b, i: s.cache_read("C", 1.5, "local"),
            "read_buffer_index",
            "Union[int, str, Buffer]",
            "float",
        ),
        (lambda s, b, i: s.cache_read("C", 0, 3), "storage_scope", "str", "int"),
        (
            lambda s, b, i: s.cache_read(b, 0, "local", [3]),
            "consumer_blocks[0]",
            "Union[BlockRV, str]",
            "int",
        ),
        (lambda s, b, i: s.blockize(3), "target", "Union[LoopRV, List[BlockRV]]", "int"),
        (
            lambda s, b, i: s.transform_layout("C", ("read", 0), 3),
            "index_map",
            "Union[IndexMap, Callable]",
            "int",
        ),
    ],
)
def test_wrong_types_are_named_before_anything_happens(call, argument, expected, found):
    sch = Schedule(matmul(), seed=1)
    block = sch.get_block("C")
    i = sch.get_loops(block)[0]
    with pytest.raises(TypeError) as error:
        call(sch, block, i)
    wanted = f'"{argument}" has wrong type. Expected "{expected}", but gets: "{found}".'
    assert wanted in str(error.value)
    assert len(sch.trace) == 2


def test_functions_are_chosen_by_name():
    sch = Schedule(ms.ir.IRModule({"first": matmul(), "second": matmul(64, 64, 64)}))
    sch.work_on("second")
    assert sch.func_working_on.name_hint == "second"
    assert sch.get(sch.get_loops("C")[0]).extent == 64
    assert sch.get(sch.get_loops(sch.get_block("C", func_name="first"))[0]).extent == 32
    with pytest.raises(ValueError, match="third"):
        sch.work_on("third")


def test_errors_say_as_much_as_is_asked_for():
    texts = {}
    for level in ("detail", "fast", "none"):
        sch = Schedule(matmul(), error_render_level=level)
        with pytest.raises(ms.ScheduleError) as error:
            sch.parallel(sch.get_loops("C")[2])
        texts[level] = str(error.value)
    assert "An error occurred in the schedule primitive 'parallel'." in texts["detail"]
    assert "The IR with diagnostic is:" in texts["detail"] and "tir.Block#0" in texts["detail"]
    assert texts["fast"].startswith("ScheduleError: ") and "T.grid" not in texts["fast"]
    assert texts["none"] == "ScheduleError: (not rendered)"
