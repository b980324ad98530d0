# SPDX-License-Identifier: Apache-2.0
"""Which releases of TVM the bridge works with. Found out before TVM is loaded: some pairs of its
two packages import well and end in a segmentation fault at the first search."""

import importlib.util
import sys
import warnings
from importlib import metadata

# The pairs that are tested, by series of releases.
SUPPORTED = {
    "0.25": ("0.25.0", "0.1.12"),
    "0.26": ("0.26.0", "0.1.14.post1"),
    "0.27": ("0.27.0.post1", "0.1.14.post1"),
}
NEWEST = SUPPORTED["0.27"]
# Other releases of `apache-tvm-ffi` that were seen to work. With 0.1.15, which pip chooses by
# itself, 0.26 and 0.27 end in a segmentation fault; with any other 0.25 does not load.
_ALSO_WORKS = {"0.26": ("0.1.13.post3", "0.1.14.post0"), "0.27": ("0.1.14.post0",)}


def pip_line(tvm, ffi):
    """The command that installs a pair."""
    return f'pip install "apache-tvm=={tvm}" "apache-tvm-ffi=={ffi}"'


def _installed(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def problem(tvm, ffi):
    """What is wrong with a pair of versions, and the line that mends it; None where nothing is."""
    series = ".".join(tvm.split(".")[:2])
    if series not in SUPPORTED:
        return (
            f"apache-tvm {tvm} is outside the supported releases, {', '.join(SUPPORTED)}; "
            f"install one: {pip_line(*NEWEST)}"
        )
    tested = SUPPORTED[series][1]
    if ffi is not None and ffi not in (tested, *_ALSO_WORKS.get(series, ())):
        return (
            f"apache-tvm {tvm} with apache-tvm-ffi {ffi} ends in a segmentation fault or does not "
            f"load; it works with {tested}: {pip_line(tvm, tested)}"
        )
    return None


def check():
    """ImportError, with what to install, unless a supported TVM is there. A TVM that was built from
    source has no record of its versions: it is warned about and tried."""
    if any(getattr(finder, "prefix", None) == "tvm" for finder in sys.meta_path):
        raise ImportError(
            "the name tvm stands for metaschedule.compat.tvm in this process; the bridge needs TVM"
        )
    if importlib.util.find_spec("tvm") is None:
        raise ImportError(f"the bridge to TVM needs TVM: {pip_line(*NEWEST)}")
    tvm, ffi = _installed("apache-tvm"), _installed("apache-tvm-ffi")
    if tvm is None:
        warnings.warn(
            "the TVM that is imported was not installed by pip: whether the bridge works with it "
            f"is not known; tested are {', '.join(SUPPORTED)}",
            stacklevel=3,
        )
        return
    found = problem(tvm, ffi)
    if found is not None:
        raise ImportError(found)
