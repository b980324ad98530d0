# SPDX-License-Identifier: Apache-2.0
"""Functions that scripts reach by their registered names only, as
`get_global_func("meta_schedule.…")` and `get_global_func("tvm.meta_schedule.…")`."""

from functools import partial

from . import _core, utils
from .builder.local_builder import default_build, default_export, get_local_builder
from .runner.local_runner import get_local_runner
from .schedule.cuda.layout_transform import cuda_layout_transform
from .tir_integration import _tune_tir
from .tune_context import _normalize_mod

#: What is registered, by its name without `meta_schedule.`.
FUNCTIONS = {
    "builder.default_build": default_build,
    "builder.default_export": default_export,
    "builder.get_local_builder": get_local_builder,
    "cpu_count": utils.cpu_count,
    "cuda.layout_transform": cuda_layout_transform,
    "remove_build_dir": utils.remove_build_dir,
    "runner.get_local_runner": get_local_runner,
    **{
        name.removeprefix("meta_schedule."): partial(_core.apply_custom_rule, name)
        for name in _core.custom_rule_names()
    },
}

#: The same of `tvm.meta_schedule.`.
SESSION_FUNCTIONS = {"normalize_mod": _normalize_mod, "tune_tir": _tune_tir}
