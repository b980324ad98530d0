# SPDX-License-Identifier: Apache-2.0
"""Design spaces: the same traces (decisions included, by seed), postproc outcomes and programs as the
original's, for every program of the golden data, target by target."""

import json

import metaschedule as ms
import pytest
from golden import GoldenRate, read_golden
from metaschedule import _core
from metaschedule.script import from_source

pytestmark = pytest.mark.golden

# The least rate that each target must have: of traces, programs, and what postprocs make of them.
TARGETS = {
    "llvm": 100,
    "llvm_2": 100,
    "avx512": 100,
    "vnni": 100,
    "neon": 100,
    "dotprod": 100,
    "cuda": 100,
    "a100": 100,
    "hexagon": 100,
}


def _generate(line, programs):
    mod = from_source(programs[line["program"]])
    kind = line["kind"]
    generator = "post-order-apply"
    if kind != "from-target":
        generator = ms.space_generator.PostOrderApply(
            sch_rules=kind, postprocs=kind, mutator_probs=kind
        )
    context = ms.TuneContext(
        mod,
        target=line["target_string"],
        space_generator=generator,
        rand_state=line["rand_state"],
        num_threads=1,
    )
    return context, context.generate_design_space()


def _postprocess(context, sch):
    """(name, outcome) of the postprocs in order, until one refuses."""
    outcomes = []
    for postproc in context.space_generator.postprocs:
        outcomes.append([postproc._name(), postproc.apply(sch)])
        if not outcomes[-1][1]:
            break
    return outcomes


def _same_trace(sch, expected):
    """Traces as JSON; what they hold of programs (index maps) is compared as we would write it."""
    found, wanted = sch.trace.as_json(), _core.trace_from_json(json.dumps(expected)).as_json()
    return found[0] == wanted[0] and sorted(found[1]) == sorted(wanted[1])


def _same_program(sch, text):
    return ms.ir.structural_equal(sch.mod, from_source(text))


def _check_space(context, sch, expected):
    """Whether trace, program and outcome of the postprocs are as expected; what was wrong."""
    problems = []
    trace = _same_trace(sch, expected["trace"])
    if not trace:
        problems.append("trace")
    program = _same_program(sch, expected["mod"]) if "mod" in expected else None
    if program is False:
        problems.append("program")
    outcomes = _postprocess(context, sch)
    post = outcomes == expected["postprocs"]
    if not post:
        problems.append(f"postprocs {outcomes[-1]}, expected {expected['postprocs'][-1]}")
    if "post_mod" in expected and not _same_program(sch, expected["post_mod"]):
        post = False
        problems.append("program after postprocs")
    if "post_trace" in expected and not _same_trace(sch, expected["post_trace"]):
        post = False
        problems.append("trace after postprocs")
    return trace, program, post, problems


@pytest.mark.parametrize("target", TARGETS)
def test_spaces_are_the_same(target):
    programs = read_golden("programs.json.gz")
    lines = [d for d in read_golden("spaces.jsonl.gz") if d["target"] == target]
    assert lines
    rates = [
        GoldenRate(
            f"spaces.jsonl.gz ({target} {what})", f"spaces_{target}_{what.replace(' ', '_')}"
        )
        for what in ("traces", "programs", "after postprocs")
    ]
    problems = []
    for line in lines:
        try:
            context, spaces = _generate(line, programs)
        except ms.TVMError as error:
            context, spaces = None, []
            problems.append((line["program"], str(error)[:200]))
        if len(spaces) != len(line["spaces"]):
            problems.append((line["program"], f"{len(spaces)} spaces"))
            spaces = [None] * len(line["spaces"])
        for i, (sch, expected) in enumerate(zip(spaces, line["spaces"])):
            found = (False, False, False, [])
            if sch is not None:
                try:
                    found = _check_space(context, sch, expected)
                except ms.TVMError as error:
                    problems.append((line["program"], f"space {i}: {str(error)[:200]}"))
            for rate, good in zip(rates, found):
                if good is not None:
                    rate.add(good)
            problems += [(line["program"], f"space {i}: {what}") for what in found[3]]
    measured = [rate.report() for rate in rates]
    print(json.dumps([rate.percent for rate in rates]), *problems, sep="\n")
    assert min(measured) >= TARGETS[target], (measured, problems[:20])
