# SPDX-License-Identifier: Apache-2.0
"""None where a node, a program or a target belongs is an error, never the end of the process."""

import subprocess
import sys

import pytest
from metaschedule import _core, tir
from metaschedule.runtime import build

CALLS = """
import inspect, sys
from metaschedule import _core

for name in sorted(dir(_core)):
    function = getattr(_core, name)
    if name.startswith("__") or inspect.isclass(function) or not callable(function):
        continue
    for count in range(8):
        print(name, count, file=sys.stderr, flush=True)
        try:
            function(*[None] * count)
        except Exception:
            pass
print("all were called")
"""


def test_no_function_dies_of_none():
    process = subprocess.run(
        [sys.executable, "-c", CALLS], capture_output=True, text=True, timeout=120
    )
    assert "all were called" in process.stdout, process.stderr.splitlines()[-1]


def test_the_error_names_what_was_expected():
    with pytest.raises(TypeError, match="expected tir.PrimFunc, found None"):
        build(None, "llvm")
    with pytest.raises(TypeError, match="expected tir.PrimFunc, found None"):
        _core.module_from_func(None)
    with pytest.raises(TypeError, match="expected an expression, found None"):
        tir.Evaluate(None)
    assert tir.IfThenElse(tir.IntImm("bool", 1), tir.Evaluate(0), None).else_case is None
