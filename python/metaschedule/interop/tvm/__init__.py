# SPDX-License-Identifier: Apache-2.0
"""A bridge to the TVM that is installed: its programs, targets and traces here and back, and tuning
with our search and its code generator.

    from metaschedule.interop import tvm as bridge

    database = bridge.tune_relax(mod, target, work_dir="logs", max_trials_global=512)
    with target, database, tvm.transform.PassContext(opt_level=3):
        mod = tvm.relax.transform.MetaScheduleApplyDatabase()(mod)

ImportError, with the line for pip that mends it, without a TVM that works
(`versions.SUPPORTED`)."""

from . import versions

versions.check()

from .convert import from_tvm, to_tvm  # noqa: E402
from .errors import InteropError  # noqa: E402
from .relax import tune_relax  # noqa: E402
from .traces import apply, trace_from_tvm  # noqa: E402
from .tuning import tune  # noqa: E402

__all__ = [
    "InteropError",
    "apply",
    "from_tvm",
    "to_tvm",
    "trace_from_tvm",
    "tune",
    "tune_relax",
]
