# SPDX-License-Identifier: Apache-2.0
"""The helpers for tests that the package brings."""

import platform

import metaschedule as ms
import pytest
from metaschedule.script import tir as T
from metaschedule.testing import (
    CompareBeforeAfter,
    assert_allclose,
    enabled_targets,
    parameter,
    parametrize_targets,
    requires_gpu,
    requires_llvm,
    requires_package,
    requires_x86,
    space_generation,
    te_workload,
)
from metaschedule.testing.dummy_object import DummyBuilder, DummyMutator, DummyRunner


def test_assert_allclose_has_an_absolute_tolerance_and_wants_equal_shapes():
    assert_allclose([0.0, 1.0], [5e-8, 1.0])
    with pytest.raises(AssertionError):
        assert_allclose([0.0], [1e-3])
    with pytest.raises(AssertionError, match="shape"):
        assert_allclose([0.0, 0.0], [0.0])


number = parameter(1, 2)
named = parameter(by_dict={"one": 1, "two": 2})


def test_parameters_are_fixtures(number, named):
    assert number in (1, 2) and named in (1, 2)


@requires_llvm
def test_what_requires_llvm_runs_where_programs_compile():
    pass


@requires_gpu
def test_what_requires_a_gpu_is_skipped():
    raise AssertionError("there is no GPU to run on")


@requires_package("metaschedule", "numpy")
def test_packages_that_are_there_are_enough():
    pass


@requires_package("metaschedule_of_another_world")
def test_packages_that_are_missing_skip_a_test():
    raise AssertionError("it should have been skipped")


@requires_x86
def test_the_processor_is_asked_for():
    assert platform.machine() == "x86_64"


@parametrize_targets("llvm", "cuda -arch=sm_80")
def test_targets_are_parameters(target, dev):
    assert target == "llvm" and str(dev) == "cpu(0)"


@parametrize_targets
def test_all_targets_are_those_that_run_here(target, dev):
    assert (target, dev) in enabled_targets()


class TestDoubled(CompareBeforeAfter):
    def transform(self, mod):
        sch = ms.tir.Schedule(mod)
        sch.vectorize(sch.get_loops(sch.get_block("B"))[0])
        return sch.mod

    def before(A: T.Buffer((4,)), B: T.Buffer((4,))):
        for i in range(4):
            with T.block("B"):
                v = T.axis.spatial(4, i)
                B[v] = A[v]

    def expected(A: T.Buffer((4,)), B: T.Buffer((4,))):
        for i in T.vectorized(4):
            with T.block("B"):
                v = T.axis.spatial(4, i)
                B[v] = A[v]


def test_workloads_by_name_are_those_of_the_functions():
    by_name = te_workload.create_te_workload("GMM", 0)
    by_hand = ms.te.create_prim_func(te_workload.batch_matmul_nkkm(1, 128, 128, 128))
    assert ms.ir.structural_equal(by_name, by_hand)
    assert te_workload.list_te_workloads()["SFM"] == 4
    with pytest.raises(ValueError, match="GMM"):
        te_workload.create_te_workload("nonsense", 0)
    with pytest.raises(ValueError, match="4 configurations"):
        te_workload.create_te_workload("GMM", 4)


def test_sketches_are_compared_after_their_decisions_are_replaced():
    mod = ms.ir.IRModule({"main": te_workload.create_te_workload("GMM", 0)})
    types = (ms.schedule_rule.MultiLevelTiling,)
    sketches = space_generation.generate_design_space("llvm", mod, "llvm -num-cores=2", types)

    def parts(sketch):
        return sketch.mod, [(i.kind.name, d) for i, d in sketch.trace.decisions.items()]

    programs, decisions = zip(*map(parts, sketches))
    space_generation.check_sketches(mod, sketches, programs[::-1], decisions[::-1])
    with pytest.raises(AssertionError, match="no sketch becomes expected program 0"):
        other = te_workload.create_te_workload("SFM", 0)
        space_generation.check_sketches(mod, sketches, [other] * len(sketches), decisions)
    with pytest.raises(AssertionError, match="found"):
        space_generation.check_sketches(mod, sketches, programs[1:], decisions[1:])


def test_dummies_answer_to_anything():
    assert DummyBuilder().build([None])[0].artifact_path == "test_path"
    future = DummyRunner().run([None])[0]
    assert future.done() and all(5 <= s <= 30 for s in future.result().run_secs)


def test_the_dummy_mutator_leaves_everything_to_be_decided():
    mod = ms.ir.IRModule({"main": te_workload.create_te_workload("GMM", 0)})
    (sketch, *_) = space_generation.generate_design_space("llvm", mod, "llvm -num-cores=2", None)
    assert sketch.trace.decisions
    mutated = DummyMutator().apply(sketch.trace, 1)
    assert not mutated.decisions and mutated.insts == sketch.trace.insts
