# SPDX-License-Identifier: Apache-2.0
"""metaschedule tunes tensor programs."""

from . import (
    _core,
    arg_info,
    arith,
    builder,
    cost_model,
    database,
    extracted_task,
    feature_extractor,
    ir,
    measure_callback,
    mutator,
    postproc,
    profiler,
    runner,
    runtime,
    schedule,
    schedule_rule,
    search_strategy,
    space_generator,
    target,
    task_scheduler,
    te,
    tir,
    tir_integration,
    trace_apply,
    tune,
    tune_context,
    utils,
)
from ._core import (
    BuildError,
    DatabaseError,
    InternalError,
    ParseError,
    RunError,
    ScheduleError,
    TVMError,
    VerifyError,
    __version__,
)
from .builder import Builder
from .cost_model import CostModel
from .database import Database
from .extracted_task import ExtractedTask
from .feature_extractor import FeatureExtractor
from .measure_callback import MeasureCallback
from .mutator import Mutator
from .postproc import Postproc
from .profiler import Profiler
from .runner import Runner
from .schedule_rule import ScheduleRule
from .search_strategy import MeasureCandidate, SearchStrategy
from .space_generator import SpaceGenerator
from .task_scheduler import TaskScheduler
from .tune import tune_tasks, tune_tir
from .tune_context import TuneContext
from .utils import derived_object, is_meta_schedule_enabled
