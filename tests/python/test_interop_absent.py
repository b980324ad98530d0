# SPDX-License-Identifier: Apache-2.0
"""The bridge to TVM where there is none: one error that says what to install. (tests/interop has the
rest, for an environment with TVM.)"""

import subprocess
import sys

import pytest

CODE = """
import importlib.util
import metaschedule
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "tvm" else real(name, *rest)
{before}
try:
    import metaschedule.interop.tvm
except ImportError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "before, expected",
    [
        ("", 'pip install "apache-tvm=='),
        ("import metaschedule.compat.tvm as t; t.install()", "stands for metaschedule.compat.tvm"),
    ],
)
def test_without_tvm_the_error_says_what_to_do(before, expected):
    code = CODE.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert expected in done.stdout, done.stderr
