# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in a session: candidates that crash the compiler, crash, hang and eat memory cost
their own trials; what the caller got wrong is one clear error."""

import metaschedule as ms
import pytest
from metaschedule.script import from_source
from programs import matmul

TARGET = "llvm -mcpu=x86-64 -num-cores 2"
CRASHES_THE_COMPILER = """
@T.prim_func
def main(A: T.Buffer((16,), "int32"), B: T.Buffer((16,), "int32")):
    B[T.Ramp(0, 1, 16)] = T.call_llvm_pure_intrin("int32x16", "llvm.x86.avx512.vpdpbusd.512", B[T.Ramp(0, 1, 16)], A[T.Ramp(0, 1, 16)], A[T.Ramp(0, 1, 16)])
"""  # noqa: E501
CRASHES = """
@T.prim_func
def main(A: T.Buffer((16,), "float32")):
    for i in range(16777216):
        A[i] = T.float32(1)
"""
HANGS = """
@T.prim_func
def main(A: T.Buffer((1,), "float32")):
    while A[0] >= T.float32(0):
        A[0] = A[0] + T.float32(1)
"""
EATS_MEMORY = """
@T.prim_func
def main(A: T.Buffer((1,), "float32")):
    big = T.allocate([T.int64(8589934592)], "float32", "global")
    big_1 = T.Buffer((T.int64(8589934592),), data=big)
    big_1[T.int64(5)] = A[0]
    A[0] = big_1[T.int64(5)]
"""


class Planting(ms.Builder):
    """Hands another program to the real builder in place of some of the candidates."""

    def __init__(self, plants):
        super().__init__()
        self.plants, self.count = plants, 0
        self.builder = ms.builder.LocalBuilder(max_workers=2)

    def build(self, build_inputs):
        planted = []
        for one in build_inputs:
            if self.count in self.plants:
                mod = ms.ir.IRModule.from_expr(from_source(self.plants[self.count]))
                one = ms.builder.BuilderInput(mod, one.target)
            planted.append(one)
            self.count += 1
        return self.builder.build(planted)


def test_a_session_survives_hostile_candidates(tmp_path):
    plants = {0: CRASHES_THE_COMPILER, 2: CRASHES, 3: HANGS, 5: EATS_MEMORY, 9: CRASHES}
    scheduler = ms.TaskScheduler.create("round-robin")
    database = ms.tune_tir(
        matmul(),
        TARGET,
        str(tmp_path),
        16,
        builder=Planting(plants),
        runner=ms.runner.LocalRunner(
            2.0, ms.runner.EvaluatorConfig(number=1, repeat=1, min_repeat_ms=0)
        ),
        strategy=ms.search_strategy.EvolutionarySearch(population_size=32, init_min_unmeasured=8),
        num_trials_per_iter=8,
        task_scheduler=scheduler,
        seed=1,
    )
    (task,) = scheduler.tasks_
    assert dict(task.failures) == {
        "build: crash": 1,
        "run: crash": 2,
        "run: timeout": 1,
        "run: out of memory": 1,
    }
    assert task.build_error_count == 1 and task.run_error_count == 4
    assert len(database) == 16 and task.best_latency_ms < 1000
    assert ms.tir_integration.compile_tir(database, matmul(), TARGET) is not None


def tune(work_dir, mod, target=TARGET, **options):
    return ms.tune_tir(mod, target, str(work_dir), 4, strategy="replay-trace", seed=1, **options)


def test_a_program_that_does_not_parse_is_named_with_its_place():
    with pytest.raises(ms.ParseError) as error:
        from_source("@T.prim_func\ndef main(A: T.Buffer((4,), 'float32')):\n    A[0] = B[0]\n")
    assert error.value.line == 3 and "B" in str(error.value)


def test_a_program_that_is_malformed_is_named():
    text = """
@T.prim_func
def main(A: T.Buffer((4,), "float32")):
    for i in range(4):
        with T.block("b"):
            v = T.axis.spatial(4, i)
            A[i] = T.float32(1)
"""
    with pytest.raises((ms.VerifyError, ms.ParseError), match="b|i"):
        ms.tir.Schedule(from_source(text))


def test_a_program_that_cannot_be_lowered_is_a_failure_that_says_why():
    bound = ms.tir.Schedule(matmul())
    bound.bind(bound.get_loops(bound.get_block("C"))[0], "threadIdx.x")
    one = ms.builder.BuilderInput(bound.mod, ms.target.Target(TARGET))
    (result,) = ms.builder.LocalBuilder(max_workers=1).build([one])
    assert result.failure == "exception" and "threadIdx.x" in result.error_msg
    with pytest.raises(ms.BuildError, match="threadIdx.x"):
        ms.runtime.build(bound)


@pytest.mark.parametrize("target", ["quantum -num-cores 2", "llvm -warp-speed 9"])
def test_an_unknown_target_is_named(tmp_path, target):
    with pytest.raises(ValueError, match=target.split()[0] if "q" in target else "warp-speed"):
        tune(tmp_path, matmul(), target)


def test_a_work_dir_that_is_a_file_is_named(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ValueError, match="taken"):
        tune(tmp_path / "taken", matmul())


@pytest.mark.parametrize("file", ["database_workload.json", "database_tuning_record.json"])
def test_a_corrupt_line_of_a_database_is_named_by_its_place(tmp_path, file):
    class Runner(ms.Runner):
        def run(self, runner_inputs):
            done = ms.runner.RunnerResult([0.001], None)
            return [ms.runner.make_runner_future(lambda: True, lambda: done) for _ in runner_inputs]

    tune(tmp_path, matmul(), runner=Runner(), cost_model="random", num_trials_per_iter=2)
    path = tmp_path / file
    lines = path.read_text().splitlines(keepends=True)
    lines[0] = lines[0][: len(lines[0]) // 2] + "\n"
    path.write_text("".join(lines))
    with pytest.raises(ms.DatabaseError, match="line 1 ") as error:
        ms.Database.create("json", work_dir=str(tmp_path))
    assert file in str(error.value)


def test_a_space_without_a_valid_candidate_is_one_error(tmp_path):
    class Refuse(ms.postproc.PyPostproc):
        def _initialize_with_tune_context(self, context):
            pass

        def apply(self, sch):
            return False

        def clone(self):
            return Refuse()

    space = ms.space_generator.PostOrderApply(postprocs=[Refuse()], sch_rules=[], mutator_probs={})
    with pytest.raises(ms.TVMError, match="no valid candidate"):
        ms.tune_tir(matmul(), TARGET, str(tmp_path), 8, space=space, seed=1)
