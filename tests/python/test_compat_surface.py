# SPDX-License-Identifier: Apache-2.0
"""Every name that programs written for TVM use resolves, but those that are out on purpose."""

import importlib
import inspect
import re

import metaschedule.compat.tvm as tvm
import pytest
from golden import golden_dir

SURFACE = golden_dir().parent / "reference" / "compat_surface.md"
# Prefixes of names that are left out, with the reason.
OUT = {
    "relay": "a graph compiler, of which only the programs that reach the tuner matter here",
    "contrib": "tools of the graph compiler's deployment",
    "runtime.vm": "the virtual machine of the graph compiler",
    "tir.__dict__": "a name that Python has, not this library",
}
# Names that some builds do not have yet; a name here that resolves is no fault.
ABSENT = {}


def names_used():
    """Dotted names below `tvm`: the keywords that are given to them, and whether the surface marks
    them as out."""
    row = re.compile(r"\| `tvm\.([\w.*]+)` \|[^|]*\|([^|]*)\|([^|]*)\|\s*$")
    found = {}
    for line in SURFACE.read_text().splitlines():
        match = row.match(line)
        if match:
            name = match[1].removesuffix(".*")
            keywords, _ = found.get(name, (set(), False))
            found[name] = keywords | set(match[2].split()), "OUT" in match[3].split()
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


def is_taken(keyword, value):
    """Whether a call of a class or function takes a keyword."""
    if isinstance(value, type):
        value = vars(value).get("__init__") or vars(value).get("__new__") or value
    value = getattr(value, "__func__", value)
    try:
        parameters = inspect.signature(value).parameters
    except (TypeError, ValueError):  # of the extension module: its docstring says
        return re.search(rf"\b{keyword}\b", value.__doc__ or "") is not None
    return keyword in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


@pytest.fixture
def names():
    if not SURFACE.exists():
        pytest.skip(f"no {SURFACE.name} beside the checkout")
    return names_used()


def test_every_keyword_that_is_given_is_taken(names):
    missed = []
    for name, (keywords, _) in sorted(names.items()):
        # What stands in a script is read by the parser.
        if is_in(name, OUT) or is_in(name, ABSENT) or is_in(name, {"script.tir"}):
            continue
        try:
            value = resolve(name)
        except (ImportError, AttributeError):
            continue  # the test of names tells
        missed += [f"{name}({keyword}=)" for keyword in keywords if not is_taken(keyword, value)]
    assert not missed, "\n".join(missed)


def test_every_name_that_is_not_out_resolves(names):
    assert len(names) > 300
    missing = {}
    for name, (_, marked_out) in sorted(names.items()):
        if is_in(name, OUT):
            continue
        if marked_out and not is_in(name, {"topi"}):
            raise AssertionError(f"{name} is marked as out; give the reason in OUT")
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
