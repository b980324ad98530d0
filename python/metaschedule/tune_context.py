# SPDX-License-Identifier: Apache-2.0
"""The context of one task."""

from . import _core
from ._core import TuneContext
from .logging import get_logger, sink_of
from .search_strategy import EvolutionarySearch, SearchStrategy
from .space_generator import SpaceGenerator
from .target import Target
from .tir import PrimFunc
from .utils import resolve_num_threads


def _normalize_mod(mod):
    """A function, or a module of one, as the module `{"main": f}`."""
    return _core.normalize_mod(mod)


_init = TuneContext.__init__


def _make(
    self,
    mod=None,
    *,
    target=None,
    space_generator=None,
    search_strategy=None,
    task_name="main",
    rand_state=-1,
    num_threads="physical",
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
    max_trials,
    num_trials_per_iter=64,
    design_spaces=None,
    database=None,
    cost_model=None,
):
    """Begins a search; what is not given gets its default."""
    strategy = _strategy(self)
    if design_spaces is None:
        design_spaces = self.generate_design_space()
    if isinstance(strategy, EvolutionarySearch):
        database = database if database is not None else _core.MemoryDatabase("structural")
        cost_model = cost_model if cost_model is not None else _core.RandomModel()
    strategy.pre_tuning(max_trials, num_trials_per_iter, design_spaces, database, cost_model)


TuneContext.__init__ = _make
TuneContext.pre_tuning = _pre_tuning
TuneContext.post_tuning = lambda self: _strategy(self).post_tuning()
TuneContext.generate_measure_candidates = lambda self: _strategy(self).generate_measure_candidates()
TuneContext.notify_runner_results = lambda self, candidates, results: _strategy(
    self
).notify_runner_results(candidates, results)
