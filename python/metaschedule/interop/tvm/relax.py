# SPDX-License-Identifier: Apache-2.0
"""`tune_relax`: models."""

import tvm
from tvm.s_tir import meta_schedule as tvm_ms

from .tuning import tune


def tune_relax(
    mod,
    target,
    work_dir,
    max_trials_global,
    *,
    params=None,
    op_names=None,
    module_equality="structural",
    **options,
):
    """Tunes the PrimFuncs that a relax module calls, each weighted by how often it does, and
    returns a database of TVM that `relax.transform.MetaScheduleApplyDatabase` applies.

    `mod` has operators lowered to PrimFuncs and fused, as `relax.get_pipeline("zero")` leaves it;
    ValueError when it calls none. `params` are bound to the parameters of `main` first. `op_names`
    keeps the tasks whose names contain one of these. `module_equality` says which PrimFuncs are one
    task: "structural", "ignore-tensor" or "anchor-block". The other options are those of `tune`."""
    if not isinstance(target, tvm.target.Target):
        target = tvm.target.Target(target)
    tasks = tvm_ms.relax_integration.extract_tasks(mod, target, params, module_equality)
    if not tasks:
        raise ValueError(
            "tune_relax: the module calls no PrimFuncs; lower its operators and fuse them first, "
            'for instance by relax.get_pipeline("zero")'
        )
    if op_names is not None:
        tasks = [t for t in tasks if any(name in str(t.task_name) for name in op_names)]
        if not tasks:
            raise ValueError(f"tune_relax: no task is named like one of {list(op_names)}")
    # A task that somebody scheduled already is finished.
    tasks = [t for t in tasks if not (t.mod.attrs or {}).get("tirx.is_scheduled", False)]
    return tune(tasks, None, work_dir, max_trials_global, **options)
