# SPDX-License-Identifier: Apache-2.0
"""The builder that compiles on this machine."""

import os
import tempfile

from .. import _core
from .._core import BuilderResult
from ..utils import cpu_count, get_global_func_with_default_on_worker
from .builder import PyBuilder


def default_build(mod, target, _params=None):
    """The runtime module of a program, without the blocks that lay out constant weights."""
    from .. import runtime

    for var, func in mod.functions_items():
        mod = mod.with_function(var.name_hint, _core.remove_weight_layout_rewrite_block(func))
    return runtime.build(mod, target, alignment=64)


def new_artifact_path() -> str:
    """A path in a new folder."""
    return os.path.join(tempfile.mkdtemp(prefix="metaschedule-"), "kernel.o")


def default_export(mod) -> str:
    """Writes a runtime module to a file in a folder of its own; its path."""
    path = new_artifact_path()
    mod.export_library(path)
    return path


def get_local_builder() -> "LocalBuilder":
    """A LocalBuilder with all defaults."""
    return LocalBuilder()


def _resolve(f_build, f_export):
    return (
        get_global_func_with_default_on_worker(f_build, default_build),
        get_global_func_with_default_on_worker(f_export, default_export),
    )


def _check(f_build, f_export):
    _resolve(f_build, f_export)


def _build(mod, target, params, f_build, f_export):
    f_build, f_export = _resolve(f_build, f_export)
    return f_export(f_build(mod, target, params))


class LocalBuilder(PyBuilder):
    """Compiles in worker processes of this machine: native ones, or, with `f_build(mod, target,
    params)` or `f_export(rt_mod)`, processes of Python. These two are callables, sent with
    cloudpickle, or names registered in the worker, by `initializer()` for instance, which a worker
    calls first. Raises ValueError for a name that is not registered there."""

    def __init__(
        self, *, max_workers=None, timeout_sec=30.0, f_build=None, f_export=None, initializer=None
    ):
        self.max_workers = cpu_count(logical=True) if max_workers is None else max_workers
        self.timeout_sec = timeout_sec
        self.f_build, self.f_export, self.initializer = f_build, f_export, initializer
        if f_build is None and f_export is None:
            self._native = _core.LocalBuilder(max_workers=self.max_workers, timeout_sec=timeout_sec)
            return
        from ..python_worker import PythonWorkerPool

        if timeout_sec <= 0 or self.max_workers < 1:
            raise ValueError(
                "LocalBuilder: timeout_sec and max_workers must be positive, found "
                f"{timeout_sec} and {self.max_workers}"
            )
        self._native = None
        self._pool = PythonWorkerPool(self.max_workers, initializer)
        self._pool.check(_check, (f_build, f_export))

    def build(self, build_inputs):
        if self._native is not None:
            return self._native.build(build_inputs)
        hooks = (self.f_build, self.f_export)
        calls = [(i.mod, i.target, dict(i.params) or None, *hooks) for i in build_inputs]
        return [self._result(o) for o in self._pool.map(_build, calls, self.timeout_sec)]

    def _result(self, outcome):
        if outcome.failure is None:
            return BuilderResult(str(outcome.value), None)
        text = f"LocalBuilder: An exception occurred\n{outcome.value}"
        if outcome.failure == "timeout":
            text = f"LocalBuilder: Timeout, killed after {self.timeout_sec} seconds"
        return BuilderResult(None, text, outcome.failure)
