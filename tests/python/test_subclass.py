# SPDX-License-Identifier: Apache-2.0
"""The override matrix: every interface as a Python class, by each spelling, in a session that C++
drives; and as the C++ class that ships, called from Python."""

import re
from pathlib import Path

import metaschedule as ms
import metaschedule.compat.ffi
import numpy as np
import pytest
from metaschedule.interfaces import OVERRIDES
from programs import matmul

TARGET = ms.target.Target("llvm -num-cores 2")
MODULES = {
    "Builder": ms.builder,
    "Runner": ms.runner,
    "RunnerFuture": ms.runner,
    "Database": ms.database,
    "CostModel": ms.cost_model,
    "FeatureExtractor": ms.feature_extractor,
    "SearchStrategy": ms.search_strategy,
    "SpaceGenerator": ms.space_generator,
    "ScheduleRule": ms.schedule_rule,
    "Postproc": ms.postproc,
    "Mutator": ms.mutator,
    "MeasureCallback": ms.measure_callback,
    "TaskScheduler": ms.task_scheduler,
}


CALLS = set()


def noting(*methods):
    """A class decorator: each of these methods notes its call."""

    def decorate(body):
        for method in methods:
            inner = getattr(body, method)

            def noted(self, *args, _inner=inner, _method=method):
                CALLS.add(_method)
                return _inner(self, *args)

            setattr(body, method, noted)
        return body

    return decorate


class BuilderBody:
    def build(self, build_inputs):
        return [ms.builder.BuilderResult("artifact", None) for _ in build_inputs]


class RunnerFutureBody:
    def done(self):
        return True

    def result(self):
        return ms.runner.RunnerResult([0.001], None)


class RunnerBody:
    def run(self, runner_inputs):
        done = ms.runner.RunnerResult([0.001], None)
        return [ms.runner.make_runner_future(lambda: True, lambda: done) for _ in runner_inputs]


class DatabaseBody:
    """Forwards to a database of C++."""

    def __init__(self):
        super().__init__()
        self.inner = ms.database.MemoryDatabase()

    def has_workload(self, mod):
        return self.inner.has_workload(mod)

    def commit_workload(self, mod):
        return self.inner.commit_workload(mod)

    def commit_tuning_record(self, record):
        self.inner.commit_tuning_record(record)

    def get_top_k(self, workload, top_k):
        return self.inner.get_top_k(workload, top_k)

    def get_all_tuning_records(self):
        return self.inner.get_all_tuning_records()

    def __len__(self):
        return len(self.inner)

    # Inside a comprehension `super()` still means the built-in answer.
    def query_tuning_record(self, mod, target, workload_name=None):
        return [super(DatabaseBody, self).query_tuning_record(mod, target, n) for n in ["main"]][0]

    def query_schedule(self, mod, target, workload_name=None):
        return self._ask("query_schedule", mod, target)

    def query_ir_module(self, mod, target, workload_name=None):
        return self._ask("query_ir_module", mod, target)

    def _ask(self, query, mod, target):
        return getattr(super(), query)(mod, target, "main")


class CostModelBody:
    def load(self, path):
        self.loaded = path

    def save(self, path):
        self.saved = path

    def update(self, context, candidates, results):
        assert len(candidates) == len(results)

    def predict(self, context, candidates):
        return np.ones(len(candidates))

    def __str__(self):
        return "Mine"


class FeatureExtractorBody:
    def extract_from(self, context, candidates):
        return [ms.runtime.array(np.ones((2, 5))) for _ in candidates]

    def __str__(self):
        return "Mine"


class SearchStrategyBody:
    def _initialize_with_tune_context(self, context):
        self.inner = ms.search_strategy.ReplayTrace()
        self.inner._initialize_with_tune_context(context)

    def pre_tuning(self, max_trials, num_trials_per_iter, design_spaces, database, cost_model):
        self.inner.pre_tuning(max_trials, num_trials_per_iter, design_spaces, database, cost_model)

    def post_tuning(self):
        self.inner.post_tuning()

    def generate_measure_candidates(self):
        return self.inner.generate_measure_candidates()

    def notify_runner_results(self, measure_candidates, results):
        self.inner.notify_runner_results(measure_candidates, results)

    def clone(self):
        return type(self)()


class SpaceGeneratorBody:
    def __init__(self):
        super().__init__()
        self.sch_rules, self.postprocs, self.mutator_probs = [], [], {}

    def _initialize_with_tune_context(self, context):
        super()._initialize_with_tune_context(context)

    def generate_design_space(self, mod):
        return [marked(ms.tir.Schedule(mod))]

    def clone(self):
        return type(self)()


def marked(sch):
    """A trace without a step is no record."""
    sch.annotate(sch.get_block("C"), "marked", 1)
    return sch


class PartBody:
    """Of a rule, a postproc or a mutator."""

    def _initialize_with_tune_context(self, context):
        assert context.task_name == "main"

    def clone(self):
        return type(self)()

    def __str__(self):
        return "Mine"


class ScheduleRuleBody(PartBody):
    def apply(self, sch, block):
        return [marked(sch)]


class PostprocBody(PartBody):
    def apply(self, sch):
        return True


class MutatorBody(PartBody):
    def apply(self, trace, rand_state):
        assert isinstance(rand_state, int)
        return trace


class MeasureCallbackBody:
    def apply(self, task_scheduler, task_id, measure_candidates, builder_results, runner_results):
        assert len(measure_candidates) == len(builder_results) == len(runner_results)

    def __str__(self):
        return "Mine"


class TaskSchedulerBody:
    def next_task_id(self):
        running = [i for i, task in enumerate(self.tasks_) if not task.is_terminated]
        for i in running:
            self.touch_task(i)
        running = [i for i in running if not self.tasks_[i].is_terminated]
        if running and self.tasks_[running[0]].runner_futures is not None:
            self.join_running_task(running[0])
        return running[0] if running else -1

    def join_running_task(self, task_id):
        return super().join_running_task(task_id)

    def tune(self, *args):
        return super().tune(*args)


def make_class(name, spelling):
    """A subclass of the interface, written as a user would."""
    required, optional = OVERRIDES[name]
    body = noting(*required, *optional)(
        type("Noting", (globals()[f"{name}Body"],), {"__module__": __name__})
    )
    if spelling == "plain":
        return type(f"My{name}", (body, getattr(ms.runner, name, None) or getattr(ms, name)), {})
    base = getattr(MODULES[name], f"Py{name}")
    cls = type(f"My{name}", (body, base), {})
    if spelling == "older":
        return ms.compat.ffi.register_object("meta_schedule.test")(cls)
    return ms.derived_object(cls)


def session(tmp_path, part, name):
    """A session of C++ with one part of Python."""
    settings = {
        "builder": BuilderPart(),
        "runner": RunnerPart(),
        "cost_model": "random",
        "strategy": ms.search_strategy.EvolutionarySearch(population_size=8, init_min_unmeasured=1),
        "num_trials_per_iter": 4,
        "max_trials_global": 8,
        "space": ms.space_generator.PostOrderApply(),
        "task_scheduler": "round-robin",
        "measure_callbacks": [ms.measure_callback.AddToDatabase()],
        "database": "memory",
        "seed": 1,
    }
    key = {
        "Builder": "builder",
        "Runner": "runner",
        "Database": "database",
        "CostModel": "cost_model",
        "SearchStrategy": "strategy",
        "SpaceGenerator": "space",
        "TaskScheduler": "task_scheduler",
    }.get(name)
    apply_each = ms.space_generator.PostOrderApply
    if key:
        settings[key] = part
    elif name == "RunnerFuture":
        settings["runner"] = ms.derived_object(
            type("R", (ms.runner.PyRunner,), {"run": lambda self, inputs: [part for _ in inputs]})
        )()
    elif name == "FeatureExtractor":
        settings["cost_model"] = ms.cost_model.XGBModel(extractor=part, num_warmup_samples=1)
    elif name == "ScheduleRule":
        settings["space"] = apply_each(sch_rules=[part], postprocs=[], mutator_probs={})
    elif name == "Postproc":
        settings["space"] = apply_each(postprocs=[part])
    elif name == "Mutator":
        settings["space"] = apply_each(mutator_probs={part: 1.0})
    elif name == "MeasureCallback":
        settings["measure_callbacks"].append(part)
    if name in ("CostModel", "FeatureExtractor"):
        settings["measure_callbacks"].append(ms.measure_callback.UpdateCostModel())
    if name in ("ScheduleRule", "SpaceGenerator"):  # one program: evolution has nothing to do
        settings["strategy"] = "replay-trace"
    database = ms.tune_tir(matmul(), TARGET, str(tmp_path), **settings)
    mod = ms.tune_context._normalize_mod(matmul())
    assert database.query_schedule(mod, TARGET, "main") is not None
    return database


class BuilderPart(BuilderBody, ms.Builder):
    pass


class RunnerPart(RunnerBody, ms.Runner):
    pass


def ask_the_rest(part, name, path):
    """What a session has no call for: Python asks C++ for it, which asks Python."""
    mod = ms.tune_context._normalize_mod(matmul())
    if name == "CostModel":
        ms.CostModel.save(part, path)
        ms.CostModel.load(part, path)
        assert part.saved == part.loaded == path
    if name == "Database":
        assert part.query_ir_module(mod, TARGET) is not None
        assert ms.Database.has_workload(part, mod) and ms.Database.__len__(part) == 8
        destination = ms.database.MemoryDatabase()
        part.dump_pruned(destination)
        assert len(destination) == 1
    if name == "RunnerFuture":
        assert ms.runner.RunnerFuture.done(part)
    if "__str__" in OVERRIDES[name][1]:
        assert str(part) == "Mine"
        assert getattr(part, "_name", lambda: "Mine")() == "Mine"


@pytest.mark.parametrize("spelling", ["derived", "plain", "older"])
@pytest.mark.parametrize("name", MODULES)
def test_a_session_of_cpp_calls_every_method_of_a_python_class(name, spelling, tmp_path):
    CALLS.clear()
    part = make_class(name, spelling)()
    database = session(tmp_path, part, name)
    ask_the_rest(part, name, str(tmp_path / "model"))
    required, optional = OVERRIDES[name]
    assert CALLS == {*required, *optional}
    assert part._outer() is part and len(database) >= 1


def test_the_matrix_has_every_interface_of_the_extension_module():
    trampolines = Path(__file__).parents[2] / "python/bindings/trampolines.h"
    known = re.findall(r"^METASCHEDULE_TRAMPOLINE\((\w+)\)", trampolines.read_text(), re.M)
    assert sorted(known) == sorted(MODULES) == sorted(OVERRIDES)
    from metaschedule import _core

    bases = {
        name[2:]
        for module in MODULES.values()
        for name, value in vars(module).items()
        if name.startswith("Py") and isinstance(value, type) and hasattr(_core, name[2:])
    }
    assert bases == set(MODULES)
