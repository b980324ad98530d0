# SPDX-License-Identifier: Apache-2.0
"""Design spaces in tests: deriving them, and comparing them with what is expected."""

from .. import schedule_rule
from ..ir import IRModule, structural_equal
from ..space_generator import PostOrderApply
from ..target import Target
from ..tir import PrimFunc, Schedule
from ..tune_context import TuneContext


def get_rules(kind, types):
    """The default rules of a kind that are instances of one of `types`."""
    return [rule for rule in schedule_rule.create(kind) if isinstance(rule, types)]


def generate_design_space(kind, mod, target, types, sch_rules=None):
    """The design spaces of `mod` under the rules of `kind` that are of `types` (None: all), or
    under `sch_rules` instead, without postprocs and mutators."""
    if sch_rules is None:
        sch_rules = schedule_rule.create(kind) if types is None else get_rules(kind, types)
    elif types is not None:
        raise ValueError("expected either types or sch_rules, found both")
    context = TuneContext(
        mod=mod,
        target=Target(target),
        space_generator=PostOrderApply(sch_rules=sch_rules, postprocs=[], mutator_probs={}),
        task_name="test",
    )
    return context.generate_design_space()


def structural_equal_no_gs(mod1, mod2):
    """Structural equality of two modules, symbols of the functions aside."""
    return structural_equal(_without_symbols(mod1), _without_symbols(mod2))


def _without_symbols(mod):
    names = {name.name_hint: func for name, func in mod.functions.items()}
    return IRModule({name: func.without_attr("global_symbol") for name, func in names.items()})


def check_sketches(mod, sketches, expected_mods, expected_decisions, *, debug_mask="all"):
    """Each expected program, in any order, is one of the sketches once its decisions are replaced
    by the expected ones, lists of (name of the instruction's kind, decision). AssertionError
    otherwise, also when there are more sketches than programs."""
    if not len(expected_mods) == len(expected_decisions) == len(sketches):
        raise AssertionError(
            f"expected {len(expected_mods)} sketches with {len(expected_decisions)} lists of "
            f"decisions, found {len(sketches)}"
        )
    expected = [IRModule({"main": m}) if isinstance(m, PrimFunc) else m for m in expected_mods]
    left = list(enumerate(sketches))
    for number, (program, decisions) in enumerate(zip(expected, expected_decisions)):
        for at, (_, sketch) in enumerate(left):
            found = _with_decisions(mod, sketch, decisions, debug_mask)
            if found is not None and structural_equal_no_gs(found, program):
                del left[at]
                break
        else:
            raise AssertionError(
                f"no sketch becomes expected program {number}; those left:\n"
                + "\n".join(f"sketch {i}:\n{sketch.trace}" for i, sketch in left)
            )


def _sampled(trace):
    return list(trace.decisions.items())


def _with_decisions(mod, sketch, decisions, debug_mask):
    """The program of a sketch's trace under other decisions, or None where they do not fit."""
    trace = sketch.trace
    if [inst.kind.name for inst, _ in _sampled(trace)] != [kind for kind, _ in decisions]:
        return None
    for (inst, _), (_, decision) in zip(_sampled(trace), decisions):
        trace = trace.with_decision(inst, decision, remove_postproc=True)
    schedule = Schedule(mod, debug_mask=debug_mask)
    trace.apply_to_schedule(schedule, remove_postproc=False)
    return schedule.mod


def print_sketches(sketches):
    """Prints each sketch: its program, its trace, its decisions as `check_sketches` takes them."""
    for number, sketch in enumerate(sketches):
        print(f"# sketch {number}")
        sketch.mod.show()
        print(sketch.trace)
        print([(inst.kind.name, decision) for inst, decision in _sampled(sketch.trace)])
