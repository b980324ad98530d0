# SPDX-License-Identifier: Apache-2.0
"""Every name that programs written for TVM use resolves, but those that are out on purpose."""

import importlib
import re

import metaschedule.compat.tvm as tvm
import pytest
from golden import golden_dir

SURFACE = golden_dir().parent / "reference" / "compat_surface.md"
# Prefixes of names that are left out, with the reason.
OUT = {
    "relay": "a graph compiler, of which only the programs that reach the tuner matter here",
    "topi": "operators are written with te; testing.te_workload has those that tests use",
    "contrib": "tools of the graph compiler's deployment",
    "runtime.vm": "the virtual machine of the graph compiler",
    "tir.__dict__": "a name that Python has, not this library",
}
# Names that some builds do not have yet; a name here that resolves is no fault.
ABSENT = {
    "ir.transform": "passes and their context are C++ only",
    "meta_schedule.postproc.DisallowAsyncStridedMemCopy": "in docs/differences.md",
    "tir.stmt_functor": "C++ only",
    "tir.transform": "C++ only",
    "transform": "C++ only",
}


def names_used():
    """Dotted names below `tvm`, and whether the surface marks them as out."""
    row = re.compile(r"\| `tvm\.([\w.*]+)` \|.*\|([^|]*)\|\s*$")
    found = {}
    for line in SURFACE.read_text().splitlines():
        match = row.match(line)
        if match:
            found[match[1].removesuffix(".*")] = "OUT" in match[2].split()
    return found


def resolve(name):
    value, path = tvm, tvm.__name__
    for part in name.split("."):
        path += f".{part}"
        try:
            value = getattr(value, part)
        except AttributeError:
            value = importlib.import_module(path)
    return value


def is_in(name, prefixes):
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def test_every_name_that_is_not_out_resolves():
    if not SURFACE.exists():
        pytest.skip(f"no {SURFACE.name} beside the checkout")
    names = names_used()
    assert len(names) > 300
    missing = {}
    for name, marked_out in sorted(names.items()):
        if is_in(name, OUT):
            continue
        assert not marked_out, f"{name} is marked as out; give the reason in OUT"
        try:
            resolve(name)
        except (ImportError, AttributeError) as error:
            if not is_in(name, ABSENT):
                missing[name] = str(error)
    assert not missing, "\n".join(f"{name}: {error}" for name, error in missing.items())


def test_the_names_that_are_out_are_not_there_by_accident():
    """A name that resolves after all must leave the list."""
    for prefix in OUT:
        if prefix == "tir.__dict__":
            continue
        with pytest.raises((ImportError, AttributeError)):
            resolve(prefix)
