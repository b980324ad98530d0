# SPDX-License-Identifier: Apache-2.0
"""Tuning from Python with parts written in Python: every interface can be subclassed, plainly or
with the decorator, and mixes with the parts that ship."""

import gc
import random

import metaschedule as ms
import numpy as np
import pytest
from programs import matmul

TARGET = "llvm -num-cores 2"


@ms.derived_object
class FakeBuilder(ms.builder.PyBuilder):
    """Builds nothing; every fifth candidate fails."""

    def __init__(self):
        self.seen = 0

    def build(self, build_inputs):
        results = []
        for _ in build_inputs:
            self.seen += 1
            if self.seen % 5 == 0:
                results.append(ms.builder.BuilderResult(None, "planted"))
            else:
                results.append(ms.builder.BuilderResult("artifact", None))
        return results


class FakeFuture(ms.runner.PyRunnerFuture):
    def __init__(self, seconds):
        self.seconds = seconds

    def done(self):
        return True

    def result(self):
        return ms.runner.RunnerResult([self.seconds], None)


class FakeRunner(ms.Runner):
    """Measures nothing: times are random, seeded."""

    def __init__(self):
        super().__init__()
        self.random = random.Random(1)

    def run(self, runner_inputs):
        assert all(i.device_type == "llvm" for i in runner_inputs)
        return [FakeFuture(self.random.uniform(0.001, 0.002)) for _ in runner_inputs]


class NoCallback(ms.measure_callback.PyMeasureCallback):
    def __init__(self):
        self.batches = []

    def apply(self, task_scheduler, task_id, measure_candidates, builder_results, runner_results):
        assert task_scheduler.tasks_[task_id].ctx.task_name == "main"
        self.batches.append(len(measure_candidates))
        for candidate, built in zip(measure_candidates, builder_results):
            assert candidate.args_info[0].dtype == "float32"
            assert (built.error_msg is None) != (built.artifact_path is None)
        assert len(runner_results) == len(measure_candidates)


def tune(work_dir, trials=16, **options):
    settings = {
        "builder": FakeBuilder(),
        "runner": FakeRunner(),
        "cost_model": "random",
        "strategy": ms.search_strategy.EvolutionarySearch(population_size=32),
        "num_trials_per_iter": 8,
        "measure_callbacks": [ms.measure_callback.AddToDatabase()],
        "seed": 1,
        **options,
    }
    return ms.tune_tir(matmul(), TARGET, str(work_dir), trials, **settings)


def test_tune_tir_commits_every_trial_and_finds_the_best(tmp_path):
    callback = NoCallback()
    callbacks = [ms.measure_callback.AddToDatabase(), callback]
    database = tune(tmp_path, measure_callbacks=callbacks)
    assert len(database) == sum(callback.batches) == 16
    schedule = ms.tir_integration.compile_tir(database, matmul(), TARGET)
    assert schedule is not None
    bare = matmul().without_attr("tir.noalias").with_attr("global_symbol", "main")
    module = ms.ir.IRModule({"main": bare})
    assert ms.tir_integration.compile_tir(database, module, TARGET) is not None
    records = database.get_all_tuning_records()
    best = min(np.mean(r.run_secs) for r in records)
    top = database.query(ms.tune_context._normalize_mod(matmul()), None, kind="record")
    assert np.mean(top.run_secs) == best
    # Failed builds are kept too, with a time that marks them.
    assert sum(r.run_secs[0] > 1e9 for r in records) == 3


def test_a_second_session_goes_on_from_the_records_of_the_first(tmp_path):
    tune(tmp_path)
    database = tune(tmp_path, seed=2)
    assert len(database) > 16
    reopened = ms.Database.create("json", work_dir=str(tmp_path))
    assert len(reopened) == len(database)


def test_records_can_be_kept_in_sqlite(tmp_path):
    database = tune(tmp_path, database="sqlite")
    assert isinstance(database, ms.database.SqliteDatabase) and len(database) == 16
    tune(tmp_path, database="sqlite", seed=2)
    assert len(database) == 32, "another connection's records are seen at once"
    reopened = ms.Database.create("sqlite", work_dir=str(tmp_path), allow_missing=False)
    assert ms.tir_integration.compile_tir(reopened, matmul(), TARGET) is not None
    with pytest.raises(ValueError, match="missing.sqlite"):
        ms.database.SqliteDatabase(str(tmp_path / "missing.sqlite"), allow_missing=False)


@pytest.mark.parametrize("strategy", ["replay-trace", "replay-func"])
def test_replaying_strategies_tune(tmp_path, strategy):
    assert len(tune(tmp_path, trials=8, strategy=strategy)) == 8


def test_equal_seeds_give_equal_searches(tmp_path):
    class FixedRunner(FakeRunner):
        def run(self, runner_inputs):
            return [FakeFuture(0.001) for _ in runner_inputs]

    def traces(folder):
        model = ms.cost_model.RandomModel(seed=7)
        database = tune(tmp_path / folder, runner=FixedRunner(), cost_model=model)
        return [str(r.trace) for r in database.get_all_tuning_records()]

    assert traces("a") == traces("b")


def test_cost_models_and_features_in_python(tmp_path):
    class Model(ms.cost_model.PyCostModel):
        def __init__(self):
            self.updated, self.asked = 0, 0

        def load(self, path):
            pass

        def save(self, path):
            pass

        def update(self, context, candidates, results):
            assert len(candidates) == len(results)
            self.updated += len(candidates)

        def predict(self, context, candidates):
            features = ms.feature_extractor.PerStoreFeature().extract_from(context, candidates)
            assert all(f.shape[1] == 164 for f in features)
            self.asked += len(candidates)
            return np.array([-f.numpy().sum() for f in features])

    model = Model()
    callbacks = [ms.measure_callback.AddToDatabase(), ms.measure_callback.UpdateCostModel()]
    tune(tmp_path, cost_model=model, measure_callbacks=callbacks)
    assert model.updated > 0 and model.asked >= 32


def test_schedule_functions_give_spaces(tmp_path):
    def space(sch):
        block = sch.get_block("C")
        i, j, k = sch.get_loops(block)
        factors = sch.sample_perfect_tile(i, n=2)
        outer, inner = sch.split(i, factors)
        sch.reorder(outer, j, k, inner)

    database = tune(tmp_path, trials=4, space=space)
    text = str(database.get_all_tuning_records()[0].trace)
    assert "sample_perfect_tile" in text and "split" in text


def test_rules_postprocs_and_mutators_in_python():
    seen = []

    @ms.derived_object
    class Rule(ms.schedule_rule.PyScheduleRule):
        def _initialize_with_tune_context(self, context):
            seen.append("init")

        def apply(self, sch, block):
            if sch.get(block).name_hint != "C":
                return [sch]
            other = sch.copy()
            other.annotate(block, "marked", 1)
            return [sch, other]

        def clone(self):
            return Rule()

    @ms.derived_object
    class Refuse(ms.postproc.PyPostproc):
        def _initialize_with_tune_context(self, context):
            pass

        def apply(self, sch):
            seen.append("postproc")
            return False

        def clone(self):
            return Refuse()

    generator = ms.space_generator.PostOrderApply(
        sch_rules=[Rule()], postprocs=[Refuse()], mutator_probs={}
    )
    context = ms.TuneContext(matmul(), target=TARGET, space_generator=generator)
    del generator
    gc.collect()
    spaces = context.generate_design_space()
    marked = ["marked" in s.get(s.get_block("C")).annotations for s in spaces]
    assert sorted(marked) == [False, True] and "init" in seen
    assert context.space_generator.postprocs[0].apply(spaces[0]) is False


def test_an_exception_in_python_keeps_its_class(tmp_path):
    class Broken(FakeRunner):
        def run(self, runner_inputs):
            raise ZeroDivisionError("planted")

    with pytest.raises(ZeroDivisionError, match="planted"):
        tune(tmp_path, runner=Broken())


def test_a_missing_method_is_named(tmp_path):
    class Nothing(ms.builder.PyBuilder):
        pass

    with pytest.raises(TypeError, match="Builder.build must be overridden"):
        tune(tmp_path, builder=Nothing())


@pytest.mark.parametrize(
    "options, message",
    [
        ({"builder": "remote"}, "Unknown Builder: remote"),
        ({"runner": "remote"}, "Unknown Runner: remote"),
        ({"database": "paper"}, "Unknown Database: paper"),
        ({"cost_model": "oracle"}, "Unknown CostModel: oracle"),
        ({"strategy": "luck"}, "Unknown SearchStrategy: luck"),
        ({"task_scheduler": "fair"}, "Unknown TaskScheduler: fair"),
        ({"space": "outer"}, "outer"),
        ({"num_tuning_cores": "all"}, "num_threads"),
    ],
)
def test_unknown_kinds_are_refused_by_name(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        tune(tmp_path, **options)


def test_a_target_without_cores_says_how_to_give_them(tmp_path):
    with pytest.raises(ValueError, match="num-cores"):
        ms.TuneContext(
            matmul(),
            target={"kind": "llvm", "keys": ["cpu"]},
            space_generator=ms.space_generator.PostOrderApply(
                sch_rules=[ms.schedule_rule.ParallelizeVectorizeUnroll(16)],
                postprocs=[],
                mutator_probs={},
            ),
        )


def test_a_work_dir_that_cannot_be_written_is_named():
    with pytest.raises(ValueError, match="/proc/nowhere"):
        tune("/proc/nowhere")


def test_user_database_serves_queries():
    class Recording(ms.database.PyDatabase):
        def __init__(self):
            self.workloads, self.records = [], []

        def has_workload(self, mod):
            return any(ms.ir.structural_equal(w.mod, mod) for w in self.workloads)

        def commit_workload(self, mod):
            workload = ms.database.Workload(mod)
            self.workloads.append(workload)
            return workload

        def commit_tuning_record(self, record):
            self.records.append(record)

        def get_top_k(self, workload, top_k):
            valid = [r for r in self.records if r.run_secs]
            return sorted(valid, key=lambda r: r.run_secs[0])[:top_k]

        def get_all_tuning_records(self):
            return self.records

        def __len__(self):
            return len(self.records)

    mod = ms.tune_context._normalize_mod(matmul())
    database = Recording()
    workload = database.commit_workload(mod)
    sch = ms.tir.Schedule(mod)
    i, _, _ = sch.get_loops(sch.get_block("C"))
    sch.parallel(i)
    for seconds in (2.0, 1.0):
        record = ms.database.TuningRecord(sch.trace, workload, [seconds], ms.target.Target(TARGET))
        database.commit_tuning_record(record)
    with database:
        assert ms.Database.current() is database
        found = ms.Database.current().query_schedule(mod, ms.target.Target(TARGET), "main")
    assert ms.Database.current() is None
    assert ms.ir.structural_equal(found.mod, sch.mod)


def test_contexts_models_and_features_are_classes(tmp_path):
    context = ms.TuneContext(matmul(), target=TARGET, space_generator="post-order-apply")
    assert isinstance(context, ms.TuneContext) and isinstance(context.clone(), ms.TuneContext)
    assert context.task_name == "main" and context.search_strategy is None
    with pytest.raises(ValueError, match="rand_state"):
        ms.TuneContext(rand_state=-2)

    config = ms.cost_model.XGBConfig(max_depth=4)
    model = ms.cost_model.XGBModel(config=config, num_warmup_samples=10)
    assert isinstance(model, ms.cost_model.XGBModel) and isinstance(model, ms.CostModel)
    assert isinstance(ms.CostModel.create("xgb", num_tuning_cores=2), ms.cost_model.XGBModel)
    assert model.config.max_depth == 4 and model.num_warmup_samples == 10
    assert model.early_stopping_rounds == 50 and model.adaptive_training and model.data_size == 0
    assert isinstance(model.extractor, ms.feature_extractor.PerStoreFeature)
    with pytest.raises(ValueError, match="depth"):
        ms.cost_model.XGBModel(config={"depth": 3})
    assert ms.CostModel.create("none") is None


def test_a_model_learns_from_an_extractor_written_in_python(tmp_path):
    extractor = ms.FeatureExtractor.create("random", feature_size=7, max_block_num=3)
    assert isinstance(extractor, ms.feature_extractor.RandomFeatureExtractor)
    model = ms.cost_model.XGBModel(extractor=extractor, num_warmup_samples=8)
    callbacks = [ms.measure_callback.AddToDatabase(), ms.measure_callback.UpdateCostModel()]
    tune(tmp_path, cost_model=model, measure_callbacks=callbacks)
    assert model.data_size > 8
    with pytest.raises(ValueError, match="max_block_num"):
        ms.feature_extractor.RandomFeatureExtractor(max_block_num=0)
