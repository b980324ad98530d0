# SPDX-License-Identifier: Apache-2.0
"""Design spaces: the same traces (decisions included, by seed), postproc outcomes and programs as the
original's, for every program of the golden data on CPUs."""

import metaschedule as ms
import pytest
from golden import GoldenRate, read_golden
from metaschedule.script import from_source

pytestmark = pytest.mark.golden


def _generate(line, programs):
    mod = from_source(programs[line["program"]])
    context = ms.TuneContext(
        mod,
        target=line["target_string"],
        space_generator="post-order-apply",
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


def _trace(sch):
    return sch.trace.as_json()


def _same_trace(found, expected):
    return found[0] == expected[0] and sorted(found[1]) == sorted(expected[1])


def _same_program(sch, text):
    return ms.ir.structural_equal(sch.mod, from_source(text))


def _lines():
    return [d for d in read_golden("spaces.jsonl.gz") if d["target"].startswith("llvm")]


def test_llvm_spaces_are_the_same():
    programs = read_golden("programs.json.gz")
    traces = GoldenRate("spaces.jsonl.gz (llvm traces)", "spaces_traces")
    programs_rate = GoldenRate("spaces.jsonl.gz (llvm programs)", "spaces_programs")
    post = GoldenRate("spaces.jsonl.gz (llvm after postprocs)", "spaces_postprocs")
    problems = []
    for line in _lines():
        try:
            context, spaces = _generate(line, programs)
        except ms.TVMError as error:
            spaces = []
            problems.append((line["program"], str(error)[:200]))
        for i, expected in enumerate(line["spaces"]):
            if i >= len(spaces) or len(spaces) != len(line["spaces"]):
                problems.append((line["program"], f"{len(spaces)} spaces"))
                traces.add(False), programs_rate.add(False), post.add(False)
                continue
            sch = spaces[i]
            same = _same_trace(_trace(sch), expected["trace"])
            if not same:
                problems.append((line["program"], f"space {i}: trace"))
            traces.add(same)
            if "mod" in expected:
                programs_rate.add(_same_program(sch, expected["mod"]))
            try:
                good = _postprocess(context, sch) == expected["postprocs"]
                if "post_mod" in expected:
                    good = good and _same_program(sch, expected["post_mod"])
                if "post_trace" in expected:
                    good = good and _same_trace(_trace(sch), expected["post_trace"])
            except ms.TVMError as error:
                good = False
                problems.append((line["program"], f"space {i}: {str(error)[:200]}"))
            if not good:
                problems.append((line["program"], f"space {i}: after postprocs"))
            post.add(good)
    rates = [rate.report() for rate in (traces, programs_rate, post)]
    assert min(rates) >= 97, (rates, problems[:20])
