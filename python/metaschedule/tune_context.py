# SPDX-License-Identifier: Apache-2.0
"""The context of one task."""

from typing import List, Optional, Union

from . import _core
from ._core import CostModel, Database, MeasureCandidate, RunnerResult, TuneContext
from .ir import IRModule
from .logging import get_logger, sink_of
from .search_strategy import EvolutionarySearch, SearchStrategy
from .space_generator import SpaceGenerator
from .target import Target
from .tir import PrimFunc, Schedule
from .utils import resolve_num_threads


def _normalize_mod(mod):
    """A function, or a module of one, as the module `{"main": f}`."""
    return _core.normalize_mod(mod)


_init = TuneContext.__init__


def _make(
    self,
    mod: Optional[Union[IRModule, PrimFunc]] = None,
    *,
    target: Optional[Union[str, dict, Target]] = None,
    space_generator=None,
    search_strategy: Optional[Union[str, SearchStrategy]] = None,
    task_name: str = "main",
    rand_state: int = -1,
    num_threads: Union[str, int] = "physical",
    logger=None,
):
    """What one task is tuned with, initialised. `num_threads` is an int, "physical" or "logical";
    a `rand_state` of -1 takes a seed from the system."""
    if isinstance(mod, PrimFunc):
        mod = _normalize_mod(mod)
    if target is not None:
        target = Target(target)
    if space_generator is not None and not isinstance(space_generator, SpaceGenerator):
        space_generator = SpaceGenerator.create(space_generator)
    if search_strategy is not None and not isinstance(search_strategy, SearchStrategy):
        search_strategy = SearchStrategy.create(search_strategy)
    if rand_state < -1:
        raise ValueError(f"rand_state: expected -1 or a number from 0, found {rand_state}")
    _init(
        self,
        mod,
        target,
        space_generator,
        search_strategy,
        task_name,
        resolve_num_threads(num_threads),
        rand_state,
        *sink_of(logger if logger is not None else get_logger(__name__)),
    )


def _strategy(self):
    if self.search_strategy is None:
        raise ValueError("search_strategy is not provided; give it to TuneContext")
    return self.search_strategy


def _pre_tuning(
    self,
    max_trials: int,
    num_trials_per_iter: int = 64,
    design_spaces: Optional[List[Schedule]] = None,
    database: Optional[Database] = None,
    cost_model: Optional[CostModel] = None,
) -> None:
    """Begins a search; what is not given gets its default."""
    strategy = _strategy(self)
    if design_spaces is None:
        design_spaces = self.generate_design_space()
    if isinstance(strategy, EvolutionarySearch):
        database = database if database is not None else _core.MemoryDatabase("structural")
        cost_model = cost_model if cost_model is not None else _core.RandomModel()
    strategy.pre_tuning(max_trials, num_trials_per_iter, design_spaces, database, cost_model)


def _post_tuning(self) -> None:
    """Ends the search."""
    _strategy(self).post_tuning()


def _generate_measure_candidates(self) -> Optional[List[MeasureCandidate]]:
    """The next batch; None when the search is over."""
    return _strategy(self).generate_measure_candidates()


def _notify_runner_results(
    self, measure_candidates: List[MeasureCandidate], results: List[RunnerResult]
) -> None:
    """Tells the search what was measured of a batch."""
    _strategy(self).notify_runner_results(measure_candidates, results)


TuneContext.__init__ = _make
TuneContext.pre_tuning = _pre_tuning
TuneContext.post_tuning = _post_tuning
TuneContext.generate_measure_candidates = _generate_measure_candidates
TuneContext.notify_runner_results = _notify_runner_results
