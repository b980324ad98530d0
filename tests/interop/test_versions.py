# SPDX-License-Identifier: Apache-2.0
"""Which pairs of TVM's packages are taken, and what is said of others."""

import subprocess
import sys

import pytest
from metaschedule.interop.tvm import versions


@pytest.mark.parametrize("tvm, ffi", versions.SUPPORTED.values())
def test_supported_pairs_are_taken(tvm, ffi):
    assert versions.problem(tvm, ffi) is None


@pytest.mark.parametrize(
    "tvm, ffi, mend",
    [
        (
            "0.27.0.post1",
            "0.1.15.post2",
            '"apache-tvm==0.27.0.post1" "apache-tvm-ffi==0.1.14.post1"',
        ),
        ("0.25.0", "0.1.14.post1", '"apache-tvm==0.25.0" "apache-tvm-ffi==0.1.12"'),
        ("0.19.0", None, '"apache-tvm==0.27.0.post1" "apache-tvm-ffi==0.1.14.post1"'),
        ("0.31.0", "0.2.0", '"apache-tvm==0.27.0.post1" "apache-tvm-ffi==0.1.14.post1"'),
    ],
)
def test_other_pairs_are_refused_with_the_line_that_mends_them(tvm, ffi, mend):
    assert f"pip install {mend}" in versions.problem(tvm, ffi)


def test_a_pair_that_crashes_is_refused_before_tvm_is_loaded():
    code = """
import sys
from importlib import metadata
real = metadata.version
metadata.version = lambda name: "0.1.15.post2" if name == "apache-tvm-ffi" else real(name)
try:
    from metaschedule.interop import tvm
except ImportError as error:
    assert "pip install" in str(error), error
    assert "tvm" not in sys.modules, "TVM was loaded"
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "refused\n", done.stderr
