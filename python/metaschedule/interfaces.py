# SPDX-License-Identifier: Apache-2.0
"""What makes a class written in Python a part of tuning: the base classes `Py*`, the decorator
`derived_object`, and the table of methods that C++ calls."""

from typing import TypeVar

from . import _core

# By interface: the methods that a class must define, and those that it may.
OVERRIDES = {
    "Builder": (("build",), ()),
    "Runner": (("run",), ()),
    "RunnerFuture": (("done", "result"), ()),
    "Database": (
        (
            "has_workload",
            "commit_workload",
            "commit_tuning_record",
            "get_top_k",
            "get_all_tuning_records",
            "__len__",
        ),
        ("query_tuning_record", "query_schedule", "query_ir_module"),
    ),
    "CostModel": (("load", "save", "update", "predict"), ("__str__",)),
    "FeatureExtractor": (("extract_from",), ("__str__",)),
    "SearchStrategy": (
        (
            "_initialize_with_tune_context",
            "pre_tuning",
            "post_tuning",
            "generate_measure_candidates",
            "notify_runner_results",
            "clone",
        ),
        (),
    ),
    "SpaceGenerator": (("generate_design_space", "clone"), ("_initialize_with_tune_context",)),
    "ScheduleRule": (("_initialize_with_tune_context", "apply", "clone"), ("__str__",)),
    "Postproc": (("_initialize_with_tune_context", "apply", "clone"), ("__str__",)),
    "Mutator": (("_initialize_with_tune_context", "apply", "clone"), ("__str__",)),
    "MeasureCallback": (("apply",), ("__str__",)),
    "TaskScheduler": (("next_task_id",), ("join_running_task", "tune")),
}
_bases = {}
Class = TypeVar("Class", bound=type)


def _refuse_idle_overrides(interface, cls):
    """A class that ships is C++ all through: what a subclass of it overrides is not called there,
    and must not look as if it were."""
    native = next(c for c in cls.__mro__ if c.__module__ == _core.__name__)
    if native is interface:
        return
    known = {name for names in OVERRIDES[interface.__name__] for name in names} - {"__str__"}
    below = cls.__mro__[: cls.__mro__.index(native)]
    idle = sorted(known & {name for c in below for name in vars(c)})
    if idle:
        raise TypeError(
            f"{cls.__name__}.{idle[0]} would never be called: {native.__name__} is C++ all through."
            f" Derive from Py{interface.__name__}, and let it call a {native.__name__} that it has"
        )


def _outer(self):
    """The object itself: there is no second one around it."""
    return self


def _old_constructor(self, *_args):
    interface = next(c for c in type(self).__mro__ if c in _bases)
    module = ".".join(_bases[interface].__module__.split(".")[:2])
    base, method = f"{module}.Py{interface.__name__}", OVERRIDES[interface.__name__][0][0]
    raise TypeError(
        f"{type(self).__name__}: there is no handle to make. Derive from the interface and define "
        f"its methods: `class {type(self).__name__}({base}): def {method}(self, ...): ...`"
    )


def python_base(cls: Class) -> Class:
    """A class decorator for `class PyX(X): ...`: subclasses may define `__init__` without calling
    that of X, the C++ half of the object is made with the object itself."""
    (interface,) = cls.__bases__

    def __new__(cls, *_args, **_kwargs):
        self = interface.__new__(cls)
        interface.__init__(self)
        return self

    def __init__(self, *_args, **_kwargs):
        pass

    def __init_subclass__(cls, **kwargs):
        super(interface, cls).__init_subclass__(**kwargs)
        _refuse_idle_overrides(interface, cls)

    cls.__new__, cls.__init__ = staticmethod(__new__), __init__
    # On the interface itself, for plain subclasses too.
    interface.__init_subclass__ = classmethod(__init_subclass__)
    interface.__init_handle_by_constructor__ = _old_constructor
    interface._outer = _outer
    _bases[interface] = cls
    return cls


def derived_object(cls: Class) -> Class:
    """Marks a class written in Python as a part of tuning. The class itself is returned: it is one
    already; the decorator checks that it derives from one of the interfaces. `cls._cls`, of which
    others derive in the original, is the class too."""
    if not any(base in _bases for base in cls.__mro__[1:]):
        raise TypeError(f"{cls.__name__} must derive from a Py* class of metaschedule")
    cls._cls = cls
    return cls


def register_object(type_key=None):
    """The older spelling of `derived_object`; the name is taken and not used."""
    return derived_object(type_key) if isinstance(type_key, type) else derived_object
