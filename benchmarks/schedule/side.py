# SPDX-License-Identifier: Apache-2.0
"""A Python side of compare.py: answers its questions, lines of JSON, with what schedules cost in
one package, in processor time.

    python side.py PACKAGE          # metaschedule or tvm

The questions are those of side.cc, but for `last_step`: here it is `primitive`, and the trace that
it takes there comes from `primitive_trace`.
"""

import gc
import json
import sys
import time

from primitives import CASES, DESCRIBED, IMPLEMENTED, INTRIN, program
from timing import seconds_a_call
from traces import later_text, later_trace


class Package:
    """The names that differ between the two packages, under one interface."""

    def __init__(self, name):
        self.later = name == "tvm"
        if self.later:
            from tvm.s_tir import Schedule, TensorIntrin, Trace
            from tvm.script import from_source

            Schedule.get_block = Schedule.get_sblock
        else:
            from metaschedule.script import from_source
            from metaschedule.tir import Schedule, TensorIntrin
            from metaschedule.tir.schedule import Trace
        self.from_source, self.schedule_type, self.trace_type = from_source, Schedule, Trace
        self.intrinsic_type = TensorIntrin

    def parse(self, text):
        return self.from_source(later_text(text) if self.later else text)

    def schedule(self, mod):
        return self.schedule_type(mod, seed=1, debug_mask=0, error_render_level="none")

    def record(self, mod, trace):
        """The trace as an object, made by running it."""
        schedule = self.schedule(mod)
        self.trace_type.apply_json_to_schedule(
            later_trace(trace) if self.later else trace, schedule
        )
        return schedule.trace


class Measurements:
    """What compare.py can ask."""

    def __init__(self, package):
        self.package, self.loaded, self.chains = package, {}, {}

    def load(self, name, program, trace):
        mod = self.package.parse(program)
        self.loaded[name] = mod, self.package.record(mod, trace)
        self._replay(name)
        return {}

    def _replay(self, name):
        mod, trace = self.loaded[name]
        schedule = self.package.schedule(mod)
        trace.apply_to_schedule(schedule, remove_postproc=False)
        return schedule

    def replay(self, name, seconds):
        return {"seconds": seconds_a_call(seconds, lambda: self._replay(name))}

    def copy(self, name, seconds):
        return {"seconds": seconds_a_call(seconds, self._replay(name).copy)}

    def _chain(self, blocks):
        """The program of so many blocks. With the first comes the intrinsic of tensorize."""
        if not self.chains:
            sides = map(self.package.parse, (DESCRIBED, IMPLEMENTED))
            functions = [side["main"] if hasattr(side, "functions") else side for side in sides]
            self.package.intrinsic_type.register(INTRIN, *functions)
        if blocks not in self.chains:
            self.chains[blocks] = self.package.parse(program(blocks))
        return self.chains[blocks]

    def primitive_trace(self, primitive, blocks):
        """The program and a trace whose last step is the call."""
        schedule = self.package.schedule(self._chain(blocks))
        CASES[primitive](schedule)(schedule)
        return {"program": program(blocks), "trace": schedule.trace.as_json()}

    def primitive(self, primitive, blocks, schedules):
        """A call, on new schedules, each of which was changed once and so owns its root."""
        ready = []
        for i in range(schedules):
            schedule = self.package.schedule(self._chain(blocks))
            call = CASES[primitive](schedule)
            schedule.annotate(schedule.get_block("x0"), "touched", i)
            ready.append((call, schedule))
        start = time.process_time()
        for call, schedule in ready:
            call(schedule)
        return {"seconds": (time.process_time() - start) / schedules}


def main():
    out = sys.stdout
    sys.stdout = sys.stderr  # what the packages print is not an answer
    measurements = Measurements(Package(sys.argv[1]))
    gc.disable()
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = getattr(measurements, question.pop("do"))(**question)
        except Exception as error:  # of whatever package: it is an answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
