# SPDX-License-Identifier: Apache-2.0
"""Tuning and compiling TensorIR programs."""

from .tune import compile_tir, tune_tir


def _tune_tir(mod, target, work_dir, max_trials_global, *, task_scheduler="round-robin", **options):
    """`tune_tir` as a pass of other compilers calls it: the module comes back as it was."""
    max_trials_global = int(getattr(max_trials_global, "value", max_trials_global))
    tune_tir(mod, target, work_dir, max_trials_global, task_scheduler=task_scheduler, **options)
    return mod


__all__ = ["compile_tir", "tune_tir"]
