# SPDX-License-Identifier: Apache-2.0
"""Space generators: design spaces of a program."""

from typing import Any, Callable, Literal, Mapping, Optional, Sequence, Union

from . import _core, mutator, postproc, schedule_rule
from ._core import SpaceGenerator
from .utils import python_base


def _parts(value, create):
    """Rules, postprocs or mutators as a caller gives them: a kind, a list, "from-target", or
    "native" (those of the target; `_set_rules` does the rest)."""
    if value is None:
        raise ValueError('expected a list, a kind such as "llvm", or "from-target", found None')
    if isinstance(value, str):
        return None if value in ("from-target", "native") else create(value)
    return value


def _set_rules(generator, value):
    """Sets the rules of a generator, also where its class has a property of that name."""
    generator.native = isinstance(value, str) and value == "native"
    SpaceGenerator.sch_rules.__set__(generator, _parts(value, schedule_rule.create))


def _items(probabilities):
    return None if probabilities is None else list(probabilities.items())


SpaceGenerator.mutator_probs = property(
    lambda self: None if self._mutator_probs is None else dict(self._mutator_probs),
    lambda self, value: setattr(self, "_mutator_probs", _items(value)),
    doc="Mutators with their weights; None until initialised from the target.",
)


def _configure(generator, sch_rules, postprocs, mutator_probs):
    _set_rules(generator, sch_rules)
    generator.postprocs = _parts(postprocs, postproc.create)
    generator.mutator_probs = _parts(mutator_probs, mutator.create)


class PostOrderApply(_core.PostOrderApply):
    """Applies every rule to every block, later blocks first. `sch_rules="native"` adds to the rules
    of the target those that go beyond TVM's design spaces: for processors, packed operands."""

    def __init__(
        self,
        f_block_filter: Optional[Callable] = None,
        sch_rules: Union[str, Sequence[schedule_rule.ScheduleRule]] = "from-target",
        postprocs: Union[str, Sequence[postproc.Postproc]] = "from-target",
        mutator_probs: Union[str, Mapping[mutator.Mutator, float]] = "from-target",
    ):
        super().__init__(f_block_filter)
        _configure(self, sch_rules, postprocs, mutator_probs)


class ScheduleFn(_core.ScheduleFn):
    """A design space given by a function of a schedule: it returns None, a schedule or several."""

    def __init__(
        self,
        sch_fn: Callable,
        sch_rules: Union[str, Sequence[schedule_rule.ScheduleRule]] = "from-target",
        postprocs: Union[str, Sequence[postproc.Postproc]] = "from-target",
        mutator_probs: Union[str, Mapping[mutator.Mutator, float]] = "from-target",
    ):
        super().__init__(sch_fn)
        _configure(self, sch_rules, postprocs, mutator_probs)


class SpaceGeneratorUnion(_core.SpaceGeneratorUnion):
    """The spaces of several generators, one after the other."""

    def __init__(
        self,
        space_generators: Sequence[SpaceGenerator],
        sch_rules: Union[str, Sequence[schedule_rule.ScheduleRule]] = "from-target",
        postprocs: Union[str, Sequence[postproc.Postproc]] = "from-target",
        mutator_probs: Union[str, Mapping[mutator.Mutator, float]] = "from-target",
    ):
        super().__init__(list(space_generators))
        _configure(self, sch_rules, postprocs, mutator_probs)


@python_base
class PySpaceGenerator(SpaceGenerator):
    """Base of SpaceGenerator classes written in Python; its three lists may be kinds."""

    @property
    def sch_rules(self) -> Any:
        """The schedule rules; None until initialised from the target."""
        return SpaceGenerator.sch_rules.__get__(self)

    @sch_rules.setter
    def sch_rules(self, value: Any) -> None:
        _set_rules(self, value)

    @property
    def postprocs(self) -> Any:
        """The postprocs; None until initialised from the target."""
        return SpaceGenerator.postprocs.__get__(self)

    @postprocs.setter
    def postprocs(self, value: Any) -> None:
        SpaceGenerator.postprocs.__set__(self, _parts(value, postproc.create))

    @property
    def mutator_probs(self) -> Any:
        """The mutators with their weights; None until initialised from the target."""
        return SpaceGenerator.mutator_probs.__get__(self)

    @mutator_probs.setter
    def mutator_probs(self, value: Any) -> None:
        SpaceGenerator.mutator_probs.__set__(self, _parts(value, mutator.create))


def create(kind="post-order-apply", *args, **kwargs) -> SpaceGenerator:
    """A generator by kind, from a schedule function, or with the rules of a kind of target.

    "native" is "post-order-apply" with the native rules of the target; "parity", like
    "post-order-apply", gives TVM's design spaces exactly.
    """
    if callable(kind):
        for name, empty in (("sch_rules", []), ("postprocs", []), ("mutator_probs", {})):
            kwargs.setdefault(name, empty)
        return ScheduleFn(kind, *args, **kwargs)
    if kind in ("post-order-apply", "parity"):
        return PostOrderApply(*args, **kwargs)
    if kind == "union":
        return SpaceGeneratorUnion(*args, **kwargs)
    if isinstance(kind, str):
        return PostOrderApply(sch_rules=kind, postprocs=kind, mutator_probs=kind)
    raise ValueError(f"Unknown SpaceGenerator: {kind}")


SpaceGenerator.create = staticmethod(create)

# What a schedule function is, and what the arguments of generators may be.
ScheduleFnType = SpaceGenerator.ScheduleFnType = Callable
_Kind = Literal["llvm", "native", "cuda", "cuda-tensorcore", "hexagon", "from-target"]
ScheduleRuleType = Union[Sequence[schedule_rule.ScheduleRule], _Kind]
PostprocType = Union[Sequence[postproc.Postproc], _Kind]
MutatorProbType = Union[Mapping[mutator.Mutator, float], _Kind]
SpaceGenerator.SpaceGeneratorType = Union[
    SpaceGenerator, ScheduleFnType, Literal["post-order-apply", "native", "parity", "union"]
]

__all__ = [
    "PostOrderApply",
    "PySpaceGenerator",
    "ScheduleFn",
    "SpaceGenerator",
    "SpaceGeneratorUnion",
    "create",
]
