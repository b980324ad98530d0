# SPDX-License-Identifier: Apache-2.0
"""Names that scripts for tvm.meta_schedule use besides the classes: registered functions, aliases of
types, loggers, helpers."""

import logging
import typing

import metaschedule as ms
import pytest
from metaschedule.cost_model.metric import max_curve
from metaschedule.logging import create_loggers
from metaschedule.transform import PassContext
from metaschedule.utils import _json_de_tvm
from programs import matmul


def test_functions_are_found_by_their_registered_names():
    find = ms.runtime.get_global_func
    names = ms.registry.list_global_func_names()
    for name in (
        "cpu_count",
        "remove_build_dir",
        "builder.default_build",
        "builder.default_export",
    ):
        assert callable(find(f"meta_schedule.{name}"))
        assert f"meta_schedule.{name}" in names
    assert find("meta_schedule.cpu_count")(True) == ms.utils.cpu_count(logical=True)
    assert isinstance(find("meta_schedule.builder.get_local_builder")(), ms.builder.LocalBuilder)
    assert isinstance(find("meta_schedule.runner.get_local_runner")(), ms.runner.LocalRunner)
    normalized = find("tvm.meta_schedule.normalize_mod")(matmul(8, 8, 8))
    assert [v.name_hint for v, _ in normalized.functions_items()] == ["main"]
    with pytest.raises(ValueError, match="meta_schedule.nothing"):
        find("meta_schedule.nothing")
    assert find("meta_schedule.nothing", allow_missing=True) is None


def test_tuning_as_a_pass_gives_the_module_back(tmp_path):
    mod = ms.tune_context._normalize_mod(matmul(16, 16, 16))
    tune = ms.runtime.get_global_func("tvm.meta_schedule.tune_tir")
    out = tune(mod, "llvm -num-cores 2", str(tmp_path), 2, strategy="replay-trace", seed=1)
    assert out is mod
    assert len(ms.database.JSONDatabase(work_dir=str(tmp_path))) == 2


@pytest.mark.parametrize(
    "alias, member",
    [
        (ms.Builder.BuilderType, ms.Builder),
        (ms.CostModel.CostModelType, ms.CostModel),
        (ms.Database.DatabaseType, ms.Database),
        (ms.FeatureExtractor.FeatureExtractorType, ms.FeatureExtractor),
        (ms.MeasureCallback.CallbackListType, ms.MeasureCallback),
        (ms.Runner.RunnerType, ms.Runner),
        (ms.SearchStrategy.SearchStrategyType, ms.SearchStrategy),
        (ms.SpaceGenerator.SpaceGeneratorType, ms.SpaceGenerator),
        (ms.TaskScheduler.TaskSchedulerType, ms.TaskScheduler),
    ],
)
def test_a_class_names_what_stands_for_it(alias, member):
    kinds = [
        kind
        for part in typing.get_args(alias)
        if typing.get_origin(part) is typing.Literal
        for kind in typing.get_args(part)
    ]
    assert member in typing.get_args(alias) and kinds


def test_a_space_has_aliases_of_its_parts():
    names = ("ScheduleFnType", "ScheduleRuleType", "PostprocType", "MutatorProbType")
    assert all(hasattr(ms.space_generator, name) for name in names)


def test_an_evaluator_config_is_filled_in_and_copied():
    normalized = ms.runner.EvaluatorConfig._normalized(None)
    assert (normalized.number, normalized.repeat, normalized.min_repeat_ms) == (3, 1, 100)
    given = ms.runner.EvaluatorConfig(number=1, repeat=2, min_repeat_ms=5)
    copied = ms.runner.EvaluatorConfig._normalized(given)
    assert copied is not given
    assert (copied.number, copied.repeat, copied.min_repeat_ms) == (1, 2, 5)


def test_the_pass_context_says_whether_tuned_schedules_are_wanted():
    assert ms.is_meta_schedule_enabled() is False
    with PassContext(config={"relay.backend.use_meta_schedule": True}):
        assert ms.is_meta_schedule_enabled() is True
    assert ms.is_meta_schedule_enabled() is False


def test_nodes_become_plain_values():
    node = ms.tir.IntImm("int32", 3)
    value = {"a": [node, 1.5, None, "text", True], "b": ms.tir.FloatImm("float32", 0.5)}
    assert _json_de_tvm(value) == {"a": [3, 1.5, None, "text", True], "b": 0.5}
    with pytest.raises(TypeError, match="object"):
        _json_de_tvm(object())


def test_the_running_maximum_of_scores():
    assert list(max_curve([1.0, 3.0, 2.0])) == [1.0, 3.0, 3.0]
    assert list(max_curve([-2e9])) == [-1e9]


@pytest.fixture
def loggers_as_they_were():
    names = ["metaschedule", "test_names.a", "test_names.b"]
    before = {n: (logging.getLogger(n).level, list(logging.getLogger(n).handlers)) for n in names}
    propagate = logging.getLogger("metaschedule").propagate
    yield
    for name, (level, handlers) in before.items():
        logger = logging.getLogger(name)
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.handlers[:] = handlers
        logger.setLevel(level)
    logging.getLogger("metaschedule").propagate = propagate


def test_loggers_are_made_from_a_configuration_that_is_filled_in(tmp_path, loggers_as_they_were):
    log_dir = tmp_path / "logs"
    config = {"loggers": {"{logger_name}": {"level": "INFO", "handlers": ["{logger_name}.file"]}}}
    params = [{"logger_name": "test_names.a"}, {"logger_name": "test_names.b"}]
    create_loggers(str(log_dir), params, config)
    assert config["loggers"].keys() == {"{logger_name}"}, "what is given stays as it is"
    a, b = (logging.getLogger(param["logger_name"]) for param in params)
    a.info("seen")
    a.debug("below the level")
    b.warning("other")
    logging.getLogger("metaschedule").info("of the session")
    assert [
        line.split("] ")[1] for line in (log_dir / "test_names.a.log").read_text().splitlines()
    ] == ["seen"]
    assert "other" in (log_dir / "test_names.b.log").read_text()
    session = (log_dir / "task_scheduler.log").read_text()
    assert "of the session" in session and str(log_dir) in session and "seen" not in session
