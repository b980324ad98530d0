# SPDX-License-Identifier: Apache-2.0
"""The native design spaces: where they are the default, and that packed operands change nothing."""

import metaschedule as ms
import numpy as np
import pytest
from metaschedule import te
from metaschedule.testing import requires_llvm

TARGET = "llvm -mcpu=x86-64-v3 -num-cores=2"


def product(m, n, k):
    a, b = te.placeholder((m, k), name="A"), te.placeholder((k, n), name="B")
    r = te.reduce_axis((0, k), name="k")
    c = te.compute((m, n), lambda i, j: te.sum(a[i, r] * b[r, j], axis=[r]), name="C")
    return te.create_prim_func([a, b, c])


def convolution():
    data = te.placeholder((1, 10, 10, 16), name="data")
    weight = te.placeholder((3, 3, 16, 64), name="weight")
    rh, rw = te.reduce_axis((0, 3), name="rh"), te.reduce_axis((0, 3), name="rw")
    rc = te.reduce_axis((0, 16), name="rc")

    def sums(n, h, w, co):
        return te.sum(data[n, h + rh, w + rw, rc] * weight[rh, rw, rc, co], axis=[rh, rw, rc])

    return te.create_prim_func([data, weight, te.compute((1, 8, 8, 64), sums, name="conv")])


def centred(m=24, n=96, transposed=False):
    """Rows, or columns, less their mean, over their sum of squares."""
    a = te.placeholder((n, m) if transposed else (m, n), name="A")
    k1, k2 = te.reduce_axis((0, n), name="k"), te.reduce_axis((0, n), name="k")
    at = (lambda i, j: a[j, i]) if transposed else (lambda i, j: a[i, j])
    total = te.compute((m,), lambda i: te.sum(at(i, k1), axis=k1), name="total")
    squares = te.compute((m,), lambda i: te.sum(at(i, k2) * at(i, k2), axis=k2), name="squares")
    normed = te.compute(
        a.shape,
        lambda *i: (a[i] - total[i[transposed]] / float(n)) / squares[i[transposed]],
        name="normed",
    )
    return te.create_prim_func([a, normed])


def candidates(func, space, count=12):
    context = ms.TuneContext(
        func,
        target=TARGET,
        space_generator=space,
        search_strategy="replay-trace",
        num_threads=1,
        rand_state=1,
    )
    context.pre_tuning(max_trials=count, num_trials_per_iter=count)
    return [candidate.sch for candidate in context.generate_measure_candidates()]


def is_packed(sch):
    return any(inst.kind.name == "CacheRead" for inst in sch.trace.insts)


def is_native(sch):
    """Of a space that only the native rules make."""
    moves = [inst for inst in sch.trace.insts if inst.kind.name == "ComputeAt"]
    sampled = [inst for inst in sch.trace.insts if inst.kind.name == "SampleComputeLocation"]
    return is_packed(sch) or len(moves) > len(sampled)


def loops_above(sch, name):
    return [sch.get(loop).loop_var.name for loop in sch.get_loops(sch.get_block(name))]


def spaces(func, space):
    context = ms.TuneContext(func, target=TARGET, space_generator=space, rand_state=1)
    return context.generate_design_space()


def test_reductions_stand_where_their_rows_are_used():
    found = [
        sch
        for sch in spaces(centred(), "native")
        if not any("rfactor" in inst.kind.name.lower() for inst in sch.trace.insts)
    ]
    # Those where the rule places both reductions, and none is left to a sampled place.
    shared = [
        sch
        for sch in found
        if not any(inst.kind.name == "SampleComputeLocation" for inst in sch.trace.insts)
        and loops_above(sch, "total")[0]
        == loops_above(sch, "squares")[0]
        == loops_above(sch, "normed")[0]
    ]
    assert shared and len(shared) < len(found)
    for sch in shared:
        # a loop over rows, a unit loop of what was moved, and a loop along the row
        assert [len(loops_above(sch, name)) for name in ("total", "squares", "normed")] == [3, 3, 2]
    # What walks along columns outside has no row to stand in.
    assert len(spaces(centred(transposed=True), "native")) == len(
        spaces(centred(transposed=True), "parity")
    )


@requires_llvm
@pytest.mark.parametrize(
    "func",
    [product(16, 256, 48), convolution(), centred()],
    ids=["product", "conv", "centred"],
)
def test_native_spaces_change_no_result(func):
    rng = np.random.default_rng(0)
    shapes = [[int(n) for n in func.buffer_map[p].shape] for p in func.params]
    *given, out = (rng.standard_normal(shape).astype("float32") for shape in shapes)
    expected = np.empty_like(out)
    ms.runtime.build(func, "llvm")(*given, expected)
    only_native = [sch for sch in candidates(func, "native", 24) if is_native(sch)]
    assert only_native
    for sch in only_native:
        ms.runtime.build(sch.mod, "llvm")(*given, out)
        np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)


def test_tvm_s_spaces_are_there_by_name():
    func = product(16, 256, 48)
    assert any(map(is_packed, candidates(func, "native")))
    for space in ("parity", "post-order-apply", "llvm"):
        assert not any(map(is_packed, candidates(func, space)))


def test_the_rule_is_in_the_native_rules_only():
    def has_rule(rules):
        names = [type(rule).__name__ for rule in rules]
        assert ("MultiLevelTilingPacked" in names) == ("RowReduction" in names)
        return "RowReduction" in names

    assert has_rule(ms.schedule_rule.create("native"))
    assert not has_rule(ms.schedule_rule.create("llvm"))
    with pytest.raises(ValueError, match="an R below an S"):
        ms.schedule_rule.MultiLevelTilingPacked("SS")


def test_a_generator_in_python_takes_native_rules_too():
    class Nothing(ms.space_generator.PySpaceGenerator):
        def generate_design_space(self, mod):
            return []

    generator = Nothing()
    assert not generator.native
    for rules in ("native", "from-target", "native", []):
        generator.sch_rules = rules
        assert generator.native == (rules == "native")


@requires_llvm
def test_tuning_takes_the_native_space_unless_told_otherwise(tmp_path):
    func = product(16, 256, 48)
    for space, found in ((None, True), ("parity", False)):
        chosen = {} if space is None else {"space": space}
        database = ms.tune_tir(
            func, TARGET, str(tmp_path / str(space)), 16, cost_model="random", seed=1, **chosen
        )
        traces = [record.trace for record in database.get_all_tuning_records()]
        kinds = {inst.kind.name for trace in traces for inst in trace.insts}
        assert ("CacheRead" in kinds) == found
