# SPDX-License-Identifier: Apache-2.0
"""A side of compare.py: answers its questions, lines of JSON, with what a program costs in one
package.

    python side.py PACKAGE          # metaschedule or tvm

  {"do": "load", "name", "text"}                 parses a program twice and keeps both
  {"do": "parse" | "print" | "equal" | "hash" | "save" | "load_json", "name", "seconds"}
                                                 seconds of processor time a call
"""

import gc
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "schedule"))

from timing import seconds_a_call  # noqa: E402
from traces import later_text  # noqa: E402


class Package:
    """What is measured, under the names of this file."""

    def __init__(self, name):
        self.later = name == "tvm"
        if self.later:
            import tvm_ffi
            from tvm import ir
            from tvm.script import from_source

            ir.structural_equal, ir.structural_hash = (
                tvm_ffi.structural_equal,
                tvm_ffi.structural_hash,
            )
        else:
            from metaschedule import ir
            from metaschedule.script import from_source
        self.from_source, self.ir = from_source, ir

    def text(self, text):
        return later_text(text) if self.later else text

    def calls(self, text):
        """One call of each measurement, on a program."""
        ir, from_source = self.ir, self.from_source
        one, other = from_source(text), from_source(text)
        if not ir.structural_equal(one, other):
            raise ValueError("a program is not equal to itself")
        saved = ir.save_json(one)
        return {
            "parse": lambda: from_source(text),
            "print": lambda: one.script(),
            "equal": lambda: ir.structural_equal(one, other),
            "hash": lambda: ir.structural_hash(one),
            "save": lambda: ir.save_json(one),
            "load_json": lambda: ir.load_json(saved),
        }


def main():
    package, programs = Package(sys.argv[1]), {}
    for question in map(json.loads, sys.stdin):
        try:
            name = question["name"]
            if question["do"] == "load":
                programs[name] = package.calls(package.text(question["text"]))
                answer = {}
            else:
                call = programs[name][question["do"]]
                call()
                gc.collect()
                answer = {"seconds": seconds_a_call(question["seconds"], call)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
