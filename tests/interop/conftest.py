# SPDX-License-Identifier: Apache-2.0
"""Tests of the bridge to TVM. They run in an environment of their own that has TVM (`./dev test` makes
it); elsewhere they are not even collected."""

import importlib.util
import sys
from pathlib import Path

import pytest

if importlib.util.find_spec("tvm") is None:
    collect_ignore_glob = ["test_*.py"]

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))


@pytest.fixture(scope="session")
def llvm():
    import tvm

    return tvm.target.Target({"kind": "llvm", "num-cores": 2})


@pytest.fixture(scope="session")
def model_tasks(llvm):
    """The tasks of the models of examples/tune_relax_model.py, by name."""
    from tune_relax_model import MODELS, lowered
    from tvm.s_tir.meta_schedule.relax_integration import extract_tasks

    return {
        f"{name}/{task.task_name}": task
        for name in MODELS
        for task in extract_tasks(lowered(name, llvm), llvm)
    }
