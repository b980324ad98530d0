# SPDX-License-Identifier: Apache-2.0
"""A builder, a runner and a mutator that do nothing, for tests of what is around them."""

import random

from ..builder import BuilderResult, PyBuilder
from ..mutator import PyMutator
from ..runner import PyRunner, PyRunnerFuture, RunnerResult
from ..utils import derived_object


@derived_object
class DummyRunnerFuture(PyRunnerFuture):
    """Is done, with one to ten times between 5 and 30 seconds."""

    def done(self):
        return True

    def result(self):
        return RunnerResult([random.uniform(5, 30) for _ in range(random.randint(1, 10))], None)


@derived_object
class DummyBuilder(PyBuilder):
    """Answers "test_path" to every program."""

    def build(self, build_inputs):
        return [BuilderResult("test_path", None) for _ in build_inputs]


@derived_object
class DummyRunner(PyRunner):
    """Answers a DummyRunnerFuture to every program."""

    def run(self, runner_inputs):
        return [DummyRunnerFuture() for _ in runner_inputs]


@derived_object
class DummyMutator(PyMutator):
    """Leaves everything still to be decided."""

    def _initialize_with_tune_context(self, context):
        pass

    def apply(self, trace, _):
        return trace.without_decisions()

    def clone(self):
        return DummyMutator()
