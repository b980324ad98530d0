# SPDX-License-Identifier: Apache-2.0
"""Classes written in Python, at the seams: what they raise, what they leave out, who keeps them
alive, and calls from several threads; and the classes of C++ called from Python."""

import gc
import threading
import traceback
import weakref

import metaschedule as ms
import metaschedule.compat.ffi
import numpy as np
import pytest
from metaschedule.interfaces import OVERRIDES
from programs import matmul
from test_subclass import MODULES, TARGET, make_class, session


def planted_fault():
    raise ZeroDivisionError("planted")


# The methods whose exception ends a session; one candidate's fault does not.
FATAL = [
    ("Builder", "build"),
    ("Runner", "run"),
    ("RunnerFuture", "result"),
    ("Database", "commit_workload"),
    ("Database", "commit_tuning_record"),
    ("CostModel", "update"),
    ("CostModel", "predict"),
    ("FeatureExtractor", "extract_from"),
    ("SearchStrategy", "_initialize_with_tune_context"),
    ("SearchStrategy", "generate_measure_candidates"),
    ("SpaceGenerator", "generate_design_space"),
    ("ScheduleRule", "apply"),
    ("MeasureCallback", "apply"),
    ("TaskScheduler", "next_task_id"),
]


@pytest.mark.parametrize("name, method", FATAL)
def test_an_exception_comes_out_as_it_was_raised_with_its_traceback(name, method, tmp_path):
    cls = make_class(name, "derived")
    broken = type(f"Broken{name}", (cls,), {method: lambda self, *args: planted_fault()})
    with pytest.raises(ZeroDivisionError, match="planted") as caught:
        session(tmp_path, broken(), name)
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "planted_fault", "the place where it was raised is the innermost frame"


@pytest.mark.parametrize("name", ["Postproc", "Mutator"])
def test_an_exception_about_one_candidate_costs_that_candidate(name, tmp_path):
    cls = make_class(name, "derived")
    calls = []

    def sometimes(self, *args):
        calls.append(1)
        return planted_fault() if len(calls) % 2 else super(broken, self).apply(*args)

    broken = type(f"Broken{name}", (cls,), {"apply": sometimes})
    assert len(session(tmp_path, broken(), name)) >= 1 and len(calls) > 1


def call_through_cpp(part, name, method):
    """C++ calls a method of the part, which is not there."""
    mod = ms.tune_context._normalize_mod(matmul())
    sch = ms.tir.Schedule(mod)
    workload = ms.database.Workload(mod)
    args = {
        "build": [[]],
        "run": [[]],
        "has_workload": [mod],
        "commit_workload": [mod],
        "commit_tuning_record": [ms.database.TuningRecord(sch.trace, workload)],
        "get_top_k": [workload, 1],
        "load": [""],
        "save": [""],
        "update": [ms.TuneContext(), [], []],
        "predict": [ms.TuneContext(), []],
        "extract_from": [ms.TuneContext(), []],
        "_initialize_with_tune_context": [ms.TuneContext()],
        "pre_tuning": [1, 1, []],
        "notify_runner_results": [[], []],
        "generate_design_space": [mod],
    }.get(method, [])
    if method == "apply":
        args = {
            "ScheduleRule": [sch, sch.get_block("C")],
            "Postproc": [sch],
            "Mutator": [sch.trace],
            "MeasureCallback": [ms.task_scheduler.RoundRobin(), 0, [], [], []],
        }[name]
    return getattr(part, method)(*args)


@pytest.mark.parametrize(
    "name, method", [(name, method) for name, (must, _) in OVERRIDES.items() for method in must]
)
def test_a_method_that_is_missing_is_named(name, method):
    part = type("Nothing", (getattr(MODULES[name], f"Py{name}"),), {})()
    with pytest.raises(TypeError, match=f"{name}.{method} must be overridden"):
        call_through_cpp(part, name, method)


@pytest.mark.parametrize("name", MODULES)
def test_a_result_of_another_type_is_an_error_about_types(name):
    method = {"SearchStrategy": "generate_measure_candidates"}.get(name, OVERRIDES[name][0][-1])
    if name in ("CostModel", "ScheduleRule", "MeasureCallback", "SpaceGenerator"):
        method = {"CostModel": "predict", "SpaceGenerator": "generate_design_space"}.get(
            name, "apply"
        )
    if name in ("Postproc", "Mutator"):
        method = "clone"
    part = type("Wrong", (make_class(name, "derived"),), {method: lambda self, *args: "text"})()
    interface = getattr(ms.runner, name, None) or getattr(ms, name)
    bound = type(
        "Bound", (), {method: lambda _self, *args: getattr(interface, method)(part, *args)}
    )
    if name == "MeasureCallback":  # what it returns is not looked at
        assert call_through_cpp(bound(), name, method) is None
        return
    with pytest.raises(TypeError):
        call_through_cpp(bound(), name, method)


def test_overriding_what_cpp_would_never_call_is_refused():
    with pytest.raises(TypeError, match="MyInline.apply would never be called.*PyScheduleRule"):

        class MyInline(ms.schedule_rule.MultiLevelTiling):
            def apply(self, sch, block):
                return [sch]

    class Named(ms.schedule_rule.MultiLevelTiling):
        """Only other arguments: that works."""

        def __init__(self):
            super().__init__("SSRSRS")

    assert Named().structure == "SSRSRS"


def test_derived_object_checks_the_base_and_gives_the_class_back():
    with pytest.raises(TypeError, match="must derive from a Py"):

        @ms.derived_object
        class Nothing:
            pass

    @ms.derived_object
    class First(ms.builder.PyBuilder):
        def build(self, build_inputs):
            return []

    @ms.derived_object
    class Second(First._cls):
        pass

    assert First.__name__ == "First" and First._cls is First and Second().build([]) == []


def test_the_oldest_way_of_making_a_part_says_what_to_write():
    @ms.compat.ffi.register_object("meta_schedule.PyBuilder")
    class Old(ms.Builder):
        def __init__(self):
            super().__init__()
            self.__init_handle_by_constructor__(None, self.build)

    with pytest.raises(TypeError, match=r"class Old\(metaschedule.builder.PyBuilder\): def build"):
        Old()


@pytest.mark.parametrize(
    "name", ["CostModel", "FeatureExtractor", "ScheduleRule", "MeasureCallback"]
)
def test_a_part_without_str_prints_as_in_the_original(name):
    import re

    cls = make_class(name, "derived")
    plain = type("NotSoFancy", (getattr(MODULES[name], f"Py{name}"),), {})()
    assert re.fullmatch(r"meta_schedule.NotSoFancy\(0x[0-9a-f]+\)", str(plain))
    assert str(cls()) == "Mine" and getattr(plain, "_name", lambda: "NotSoFancy")() == "NotSoFancy"


def test_cpp_keeps_the_python_half_alive_and_lets_it_go():
    class Rule(make_class("ScheduleRule", "plain")):
        def __init__(self, mark):
            super().__init__()
            self.mark = mark

        def apply(self, sch, block):
            sch.annotate(block, self.mark, 1)
            return [sch]

        def clone(self):
            return Rule(self.mark)

    def make():
        rule = Rule("marked")
        space = ms.space_generator.PostOrderApply(sch_rules=[rule], postprocs=[], mutator_probs={})
        context = ms.TuneContext(matmul(), target=TARGET, space_generator=space)
        return context, weakref.ref(rule)

    context, rule = make()
    gc.collect()
    copy = context.clone()
    for one in (context, copy):
        (space,) = one.generate_design_space()
        assert "marked" in space.get(space.get_block("C")).annotations
    del context, copy, one, space
    gc.collect()
    assert rule() is None, "nothing in C++ holds it any longer"


def test_search_threads_call_one_object_at_once(tmp_path):
    threads, busy, met = set(), [], threading.Event()

    class Postproc(make_class("Postproc", "derived")):
        def apply(self, sch):
            threads.add(threading.get_ident())
            busy.append(1)
            if len(busy) > 1:
                met.set()
            met.wait(0.02)  # lets go of the interpreter: another thread can come in
            busy.pop()
            return True

        def clone(self):
            return self

    ms.tune_tir(
        matmul(),
        TARGET,
        str(tmp_path),
        4,
        builder=make_class("Builder", "plain")(),
        runner=make_class("Runner", "plain")(),
        cost_model="random",
        database="memory",
        strategy=ms.search_strategy.EvolutionarySearch(population_size=16, init_min_unmeasured=1),
        space=ms.space_generator.PostOrderApply(postprocs=[Postproc()]),
        num_tuning_cores=4,
        seed=1,
    )
    assert len(threads) > 1 and met.is_set()


def classes_of_cpp():
    """By interface: an object of C++ and what Python asks of it."""
    mod = ms.tune_context._normalize_mod(matmul())
    sch = ms.tir.Schedule(mod)
    context = ms.TuneContext(
        mod, target=TARGET, space_generator="post-order-apply", search_strategy="replay-trace"
    )
    candidate = ms.MeasureCandidate(sch, ms.arg_info.ArgInfo.from_prim_func(mod["main"]))
    spaces = context.generate_design_space()

    def measured(callback):
        database = ms.database.MemoryDatabase()
        scheduler = ms.task_scheduler.RoundRobin()
        scheduler.tune(
            [context],
            [1.0],
            2,
            2,
            2,
            make_class("Builder", "plain")(),
            make_class("Runner", "plain")(),
            [callback],
            database,
            None,
        )
        return len(database), scheduler.next_task_id()

    def searched(strategy):
        strategy._initialize_with_tune_context(context)
        strategy.pre_tuning(2, 2, spaces)
        (first, *_) = batch = strategy.generate_measure_candidates()
        strategy.notify_runner_results(batch, [ms.runner.RunnerResult([1.0], None)] * len(batch))
        strategy.post_tuning()
        return len(batch), isinstance(first, ms.MeasureCandidate)

    def ready(part):
        part._initialize_with_tune_context(context)
        return part

    done = ms.runner.make_runner_future(lambda: True, lambda: ms.runner.RunnerResult([1.0], None))
    features = ms.feature_extractor.PerStoreFeature()
    future = ms.runner.RunnerFuture
    return {
        "Builder": lambda: ms._core.LocalBuilder(max_workers=1).build([]) == [],
        "Runner": lambda: ms._core.LocalRunner().run([]) == [],
        "RunnerFuture": lambda: isinstance(done, future) and done.result().run_secs == [1.0],
        "Database": lambda: not ms.database.MemoryDatabase().has_workload(mod),
        "CostModel": lambda: (
            ms.cost_model.RandomModel().predict(context, [candidate]).shape == (1,)
        ),
        "FeatureExtractor": lambda: (
            features.extract_from(context, [candidate])[0].shape == (1, 164)
        ),
        "SearchStrategy": lambda: searched(ms.search_strategy.ReplayTrace()) == (2, True),
        "SpaceGenerator": lambda: len(spaces) == 3,
        "ScheduleRule": lambda: (
            len(ready(ms.schedule_rule.InlineConstantScalars()).apply(sch, sch.get_block("C"))) == 1
        ),
        "Postproc": lambda: ready(ms.postproc.DisallowDynamicLoop()).apply(sch),
        "Mutator": lambda: ready(ms.mutator.MutateTileSize()).apply(spaces[0].trace, 1) is not None,
        "MeasureCallback": lambda: measured(ms.measure_callback.AddToDatabase()) == (2, -1),
        "TaskScheduler": lambda: measured(ms.measure_callback.AddToDatabase())[1] == -1,
    }


@pytest.mark.parametrize("name", MODULES)
def test_python_calls_the_class_of_cpp(name):
    assert classes_of_cpp()[name]()


def test_a_prediction_of_the_wrong_length_is_named():
    model = type(
        "Short", (make_class("CostModel", "derived"),), {"predict": lambda *_: np.ones(3)}
    )()
    with pytest.raises(ValueError, match="expected 0 scores, found 3"):
        ms.CostModel.predict(model, ms.TuneContext(), [])


@pytest.mark.parametrize(
    "pick, message",
    [
        (lambda self: 7, "expected a task that has not ended, or -1, found 7"),
        (lambda self: 0, "task 0 has a batch under way; join it first"),
        (lambda self: self.terminate_task(0) or 0, None),
    ],
)
def test_a_scheduler_that_picks_a_wrong_task_is_told(pick, message, tmp_path):
    scheduler = type("Picks", (ms.task_scheduler.PyTaskScheduler,), {"next_task_id": pick})()
    with pytest.raises(ms.TVMError if message is None else ValueError, match=message):
        session(tmp_path, scheduler, "TaskScheduler")


def test_a_callback_may_end_the_task_whose_batch_is_joined(tmp_path):
    class Stop(ms.MeasureCallback):
        def apply(self, task_scheduler, task_id, *_):
            task_scheduler.terminate_task(task_id)

    class NeverDone(make_class("RunnerFuture", "plain")):
        def done(self):  # so that the batch is joined only when the task is picked again
            return False

    class Runner(ms.Runner):
        def run(self, runner_inputs):
            return [NeverDone() for _ in runner_inputs]

    database = ms.tune_tir(
        matmul(),
        TARGET,
        str(tmp_path),
        12,
        builder=make_class("Builder", "plain")(),
        runner=Runner(),
        cost_model="random",
        database="memory",
        num_trials_per_iter=4,
        measure_callbacks=[ms.measure_callback.AddToDatabase(), Stop()],
        task_scheduler="round-robin",
        strategy="replay-trace",
        seed=1,
    )
    assert len(database) == 4
