# SPDX-License-Identifier: Apache-2.0
"""Errors of schedules that are Python's own, and how refusals are told at each level."""

import metaschedule as ms
import pytest
from metaschedule.script import from_source
from metaschedule.tir import Schedule, Trace
from programs import matmul

TWO = from_source(
    """
@T.prim_func
def main(A: T.Buffer((8, 16), "float32"), C: T.Buffer((8, 16), "float32")):
    B = T.alloc_buffer((8, 16))
    for i, j in T.grid(8, 16):
        with T.block("B"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] + T.float32(1)
    for i, j in T.grid(8, 16):
        with T.block("C"):
            vi, vj = T.axis.remap("SS", [i, j])
            C[vi, vj] = B[vi, vj] * T.float32(2)
"""
)


def two():
    sch = Schedule(TWO, seed=1)
    return sch, sch.get_loops("B"), sch.get_loops("C")


# ---- the three levels


def test_in_detail_the_place_is_marked_in_the_program():
    sch, _, (i, _) = two()
    with pytest.raises(ms.ScheduleError) as caught:
        sch.split(i, [3, 2])
    text = str(caught.value)
    assert (
        "An error occurred in the schedule primitive 'split'.\n\nThe IR with diagnostic is:\n"
        in text
    )
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip() == "# tir.For#0")
    assert lines[at + 1].strip() == "for i in range(8):"
    assert lines[at + 2].strip() == "^" * len("for i in range(8):")
    assert lines[at + 4].strip() == "^" * len("for j in range(16):")
    assert text.count("# tir.For#0") == 1 and 'with T.block("root"):' in text
    assert lines[-1].startswith(
        "Error message: The product of factors is not larger than or equal to the extent of loop "
        "tir.For#0"
    )


def test_the_fast_level_says_one_sentence_and_none_says_nothing():
    sch = Schedule(TWO, error_render_level="fast")
    with pytest.raises(ms.ScheduleError, match="^ScheduleError: The product.* loop i: it is 6"):
        sch.split(sch.get_loops("B")[0], [3, 2])
    sch = Schedule(TWO, error_render_level="none")
    with pytest.raises(ms.ScheduleError, match=r"^ScheduleError: \(not rendered\)$"):
        sch.split(sch.get_loops("B")[0], [3, 2])


@pytest.mark.parametrize(
    "call, primitive, fragments",
    [
        (lambda s, b, c: s.compute_at("C", b[0]), "compute-at", ["output block"]),
        (lambda s, b, c: s.compute_at("B", b[0]), "compute-at", ["same block scope", "ancestor of block"]),
        (lambda s, b, c: s.reverse_compute_at("C", c[0]), "reverse-compute-at", ["The IR with"]),
        (lambda s, b, c: s.reorder_block_iter_var(s.get_block("B"), [0]), "reorder_block_iter_var", ["tir.Block#0"]),
        (lambda s, b, c: s.get_block("D"), "get-block", ["Cannot find a block with the name: D"]),
        (lambda s, b, c: s.set_scope("C", 0, "local"), "set-scope", ["not allocated by a block"]),
        (lambda s, b, c: s.unsafe_set_dtype("C", 0, "int8"), "set-dtype", ["not allocated"]),
        (lambda s, b, c: s.cache_inplace("B", 0, "local"), "cache-buffer", ["tir.Block#0", "tir.Buffer#1"]),
        (lambda s, b, c: s.decompose_padding("B", b[0]), "decompose-padding", ["padding pattern"]),
        (lambda s, b, c: s.unsafe_hide_buffer_access(s.get_block("B"), "x", [0]), "hide-buffer-access", ["'read'"]),
        (lambda s, b, c: s.rfactor(b[0], 0), "rfactor", ["is not a reduction block"]),
    ],
)  # fmt: skip
def test_messages_keep_the_fragments_that_clients_look_for(call, primitive, fragments):
    sch, b, c = two()
    steps = len(sch.trace)
    with pytest.raises(ms.ScheduleError) as caught:
        call(sch, b, c)
    text = str(caught.value)
    assert f"An error occurred in the schedule primitive '{primitive}'." in text
    for fragment in fragments:
        assert fragment in text, text
    # Nothing but the lookup of a block by its name is recorded.
    assert len(sch.trace) <= steps + 1


def test_all_consumers_are_required():
    sch = Schedule(matmul(), seed=1)
    cached = sch.cache_read("C", 0, "shared")
    again = sch.cache_read("C", 1, "shared")
    with pytest.raises(ms.ScheduleError, match=r"requires all the consumer\(s\)"):
        sch.compute_at(cached, sch.get_loops(again)[0])
    with pytest.raises(ms.ScheduleError, match=r"requires all the producer\(s\)"):
        sch.reverse_compute_at("C", sch.get_loops(cached)[0])


# ---- errors that are Python's own, at every level


@pytest.mark.parametrize("level", ["detail", "none"])
def test_wrong_values_are_value_errors(level):
    sch = Schedule(TWO, seed=1, error_render_level=level)
    i, j = sch.get_loops("B")
    root = sch.get_block("root")
    for call, text in [
        (lambda: sch.fuse(), "'fuse' requires at least 1 loop"),
        (lambda: sch.merge(i), "'merge' requires at least 2 loop"),
        (lambda: sch.add_unit_loop(root), "Cannot add loops on top of the root block"),
        (lambda: sch.bind(i, "threadIdx.w"), "Unknown threadscope"),
        (lambda: sch.sample_categorical([1, 2], [0.5]), "as many probabilities as candidates"),
        (lambda: sch.sample_categorical([1, 2], [0.5, 0.5], decision=2), "n = 2, but decision is: 2"),
        (lambda: sch.sample_perfect_tile(i, n=1), "at least 2 factors"),
        (lambda: sch.sample_partitioned_tile(i, n=2, partition_pos=2), "partition_pos"),
        (lambda: sch.tensorize(i, "no_such_intrin"), "no_such_intrin"),
        (lambda: sch.annotate_buffer_access(root, 0, "both", lambda: []), "only support read and write"),
        (lambda: sch.work_on("other"), "other"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=text) as caught:
            call()
        assert not isinstance(caught.value, ms.ScheduleError)


def test_a_function_must_be_known():
    mod = ms.ir.IRModule({"f": TWO, "g": TWO})
    sch = Schedule(mod)
    with pytest.raises(ValueError, match="does not know which function to be working on"):
        sch.get_block("B")
    sch.work_on("g")
    sch.get_block("B")


def test_the_place_of_compute_at_is_in_range():
    sch, _, (i, _) = two()
    with pytest.raises(ms.TVMError, match=r"Valid index:\(-1, -2, \[0, 0\]\), current index=3"):
        sch.compute_at("B", i, index=3)


def test_seeds_masks_and_levels_are_checked():
    for seed in (0, -2, 2147483648):
        with pytest.raises(ValueError, match="seed"):
            Schedule(TWO, seed=seed)
    with pytest.raises(TypeError, match="seed"):
        Schedule(TWO, seed="1")
    with pytest.raises(ValueError, match="debug_mask"):
        Schedule(TWO, debug_mask="some")
    with pytest.raises(ValueError, match="debug_mask"):
        Schedule(TWO, debug_mask=-2)
    with pytest.raises(TypeError, match="debug_mask"):
        Schedule(TWO, debug_mask=1.5)
    with pytest.raises(TypeError, match="enable_check"):
        Schedule(TWO, enable_check=1)
    with pytest.raises(ValueError, match="error_render_level"):
        Schedule(TWO, error_render_level="loud")
    with pytest.raises(TypeError):
        Schedule("main")


@pytest.mark.parametrize(
    "call, argument, expected, found",
    [
        (lambda s: s.split("i", [2, 4]), "loop", "LoopRV", "str"),
        (lambda s: s.split(s.get_loops("B")[0], 4), "factors", "list", "int"),
        (lambda s: s.get_loops(3), "block", "BlockRV", "int"),
        (lambda s: s.parallel(s.get_block("B")), "loop", "LoopRV", "BlockRV"),
        (lambda s: s.annotate(2, "k", 1), "block_or_loop", "BlockRV", "int"),
        (lambda s: s.cache_read("B", 0, 1), "storage_scope", "str", "int"),
        (lambda s: s.cache_read("B", 1.5, "local"), "read_buffer_index", "int", "float"),
        (lambda s: s.sample_categorical([1.5], [1.0]), "candidates[0]", "int", "float"),
        (lambda s: s.sample_categorical([1], ["x"]), "probs[0]", "float", "str"),
        (lambda s: s.compute_at("B", "i"), "loop", "LoopRV", "str"),
        (lambda s: s.transform_layout("B", 3, lambda i, j: (j, i)), "buffer", "Buffer", "int"),
    ],
)
def test_wrong_types_name_the_argument(call, argument, expected, found):
    sch = Schedule(TWO)
    with pytest.raises(TypeError) as caught:
        call(sch)
    text = str(caught.value)
    assert f'"{argument}" has wrong type. Expected "' in text and f'but gets: "{found}"' in text
    assert expected in text.split("but gets")[0]


def test_lists_may_be_tuples():
    sch = Schedule(TWO)
    i, _ = sch.get_loops("B")
    assert len(sch.split(i, (2, None))) == 2


def test_buffers_are_selected_by_position_name_and_identity():
    sch = Schedule(TWO)
    block = sch.get(sch.get_block("B"))
    sch.set_axis_separator("B", block.writes[0].buffer, [1])
    sch.reindex("B", "A")
    sch.set_scope("B", "B", "local")
    for selector, text in [
        ("Z", "Z"),
        (("read", 4), "4"),
        (("both", 0), "both"),
        (TWO.buffer_map[TWO.params[1]], "C"),
    ]:
        with pytest.raises((AssertionError, ms.ScheduleError), match=text):
            sch.transform_layout("B", selector, lambda i, j: (j, i))


def test_handles_are_of_their_schedule_and_alive():
    sch, (i, j), _ = two()
    other = Schedule(matmul())
    foreign = other.get_block("C")
    with pytest.raises(IndexError, match="Cannot find corresponding BlockRV"):
        sch.get_loops(foreign)
    with pytest.raises(IndexError, match="Cannot find corresponding LoopRV"):
        sch.parallel(other.get_loops(foreign)[0])
    number = other.sample_categorical([4], [1.0])
    with pytest.raises(IndexError, match="ExprRV"):
        sch.split(i, [number, None])
    sch.split(i, [2, 4])
    with pytest.raises(ValueError, match="The loop no longer exists"):
        sch.parallel(i)
    block = sch.get_block("B")
    sch.compute_inline(block)
    with pytest.raises(ValueError, match="The block no longer exists"):
        sch.get_loops(block)


def test_annotations_have_keys_and_values_that_can_be_told():
    sch = Schedule(TWO)
    block = sch.get_block("B")
    with pytest.raises(KeyError, match="Cannot find annotation key: k"):
        sch.unannotate(block, "k")
    with pytest.raises(TypeError, match='"ann_val" has wrong type.*gets: "object"'):
        sch.annotate(block, "k", object())
    with pytest.raises(TypeError):
        sch.annotate(block, "k", None)
    with pytest.raises(TypeError):
        sch.annotate(block, "k", {1: 2})
    with pytest.raises(IndexError):
        sch.annotate(block, "k", ms.tir.Var("n", "int32"))


@pytest.mark.parametrize(
    "json",
    [
        [],
        [[], [], []],
        [["GetBlock"], []],
        [[["GetBlock", [], ["B"], ["b0"]]], []],
        [[["GetLoops", ["b7"], [], ["l0", "l1"]]], []],
        [[["NoSuchKind", [], [], []]], []],
        [[["GetBlock", [], ["B", "main"], ["b0", "b1"]]], []],
        [[["GetBlock", [], ["B", "main"], ["b0"]]], [[0]]],
    ],
)
def test_traces_that_are_not_traces_are_value_errors(json):
    with pytest.raises(ValueError):
        Trace.apply_json_to_schedule(json, Schedule(TWO))


def test_printed_programs_can_be_marked():
    block = TWO.body.block.body.seq[0].body.body.block
    text = TWO.script(
        obj_to_underline=[block.body.value],
        obj_to_annotate={block: "a block", block.body: "its store"},
        num_context_lines=0,
    )
    assert text.splitlines()[1:3] == [
        "            B[vi, vj] = A[vi, vj] + T.float32(1.0)  # its store",
        "                        " + "^" * len("A[vi, vj] + T.float32(1.0)"),
    ]
    assert text.startswith("(... ") and text.endswith("lines skipped ...)")
    assert "        # a block\n" in TWO.script(obj_to_annotate={block: "a block"})


def test_a_structural_difference_is_underlined_on_both_sides():
    other = from_source(TWO.script().replace("T.float32(2.0)", "T.float32(3.0)"))
    path = ms.ir.base.get_first_structural_mismatch(TWO, other)
    assert path[0] == path[1] and path[0].startswith("<root>.body.block.body.seq[1].body")
    assert ms.ir.base.get_first_structural_mismatch(TWO, TWO) is None
    with pytest.raises(
        ValueError, match="StructuralEqual check failed, caused by lhs at"
    ) as caught:
        ms.ir.assert_structural_equal(TWO, other)
    lines = str(caught.value).splitlines()
    for number in ("2.0", "3.0"):
        at = next(n for n, line in enumerate(lines) if f"* T.float32({number})" in line)
        below = lines[at + 1]
        assert lines[at][below.index("^") : len(below)] == f"T.float32({number})"
    # In modules too, and where what differs is not printed by itself.
    lhs, rhs = (ms.ir.IRModule({"main": f}) for f in (TWO, TWO.with_attr("k", 1)))
    with pytest.raises(ValueError, match="lhs at <root>.functions.I.GlobalVar") as caught:
        ms.ir.assert_structural_equal(lhs, rhs)
    assert "^^^" in str(caught.value)


def test_places_may_be_told_by_paths():
    path = "<root>.body.block.body.seq[0].body.body.block.body"
    text = TWO.script(
        path_to_underline=[path + ".value"], path_to_annotate={path: "here"}, num_context_lines=0
    )
    assert "+ T.float32(1.0)  # here\n" in text
    assert text.splitlines()[2].strip() == "^" * len("A[vi, vj] + T.float32(1.0)")
    with pytest.raises(ValueError, match="<root>"):
        TWO.script(path_to_underline="body")


# ---- types of arguments


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.annotate("B", "key", 1),
        lambda s: s.unannotate("B", "key"),
        lambda s: s.add_unit_loop("B"),
        lambda s: s.get_child_blocks("root"),
        lambda s: s.tensorize("B", "nothing"),
        lambda s: s.blockize(["B"]),
        lambda s: s.reorder_block_iter_var("B", [1, 0]),
        lambda s: s.read_at(s.get_loops("C")[0], "C", 0, "local"),
        lambda s: s.write_at(s.get_loops("C")[0], "C", 0, "local"),
        lambda s: s.unsafe_hide_buffer_access("B", "read", [0]),
        lambda s: s.annotate_buffer_access("B", 0, "read", lambda i, j: [i, j]),
    ],
)
def test_some_primitives_take_no_names_of_blocks(call):
    with pytest.raises(TypeError, match='has wrong type. Expected ".*BlockRV.*", but gets: "str"'):
        call(two()[0])


@pytest.mark.parametrize("value", [1, 0, "yes", None])
def test_a_truth_value_is_a_bool(value):
    sch, loops, _ = two()
    with pytest.raises(TypeError, match='"preserve_unit_iters" has wrong type. Expected "bool"'):
        sch.fuse(*loops, preserve_unit_iters=value)


@pytest.mark.parametrize(
    "dtype", ["float17", "int3", "uint128", "float16x4", "handle", "void", "nonsense", ""]
)
def test_a_buffer_holds_types_that_there_are(dtype):
    sch, _, _ = two()
    with pytest.raises(ValueError, match="expected"):
        sch.unsafe_set_dtype("B", 0, dtype)
    sch.unsafe_set_dtype("B", 0, "bfloat16")
    assert sch.get(sch.get_block("B")).writes[0].buffer.dtype == "bfloat16"
