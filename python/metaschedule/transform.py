# SPDX-License-Identifier: Apache-2.0
"""Passes: functions from modules to modules, in sequences, under a context of options."""

import functools
import threading

from .ir.module import IRModule

# What lowering here listens to, and names that scripts set for passes this library has not: those
# are taken and change nothing.
_CONFIGS = {
    "tir.disable_vectorize": bool,
    "tir.noalias": bool,
    "tir.disable_assert": bool,
    "tir.disable_cse_tir": bool,
    "tir.disable_storage_rewrite": bool,
    "tir.enable_buffer_level_predication": bool,
    "tir.enable_debug": bool,
    "tir.enable_equiv_terms_in_cse_tir": bool,
    "tir.is_entry_func": bool,
    "tir.debug_keep_trivial_loop": bool,
    "tir.use_async_copy": bool,
    "tir.merge_static_smem": bool,
    "tir.detect_global_barrier": bool,
    "tir.instrument_bound_checkers": bool,
    "tir.instrument_lwp": bool,
    "tir.ptx_ldg32": bool,
    "tir.vtcm_capacity": int,
    "tir.experimental_dma_bypass_cache": bool,
    "tir.UnrollLoop": dict,
    "tir.Simplify": dict,
    "tir.RemoveNoOp": dict,
    "tir.HoistExpression": dict,
    "tir.HoistIfThenElse": dict,
    "tir.InjectDoubleBuffer": dict,
    "tir.LoopPartition": dict,
    "tir.ReduceBranchingThroughOvercompute": dict,
    "tir.add_lower_pass": list,
    "relay.backend.use_meta_schedule": bool,
}


class PassContext:
    """Options for the passes that run inside `with PassContext(...):`. `config` is by name;
    AttributeError for a name that is not known and for a value of another type."""

    _stack = threading.local()

    def __init__(
        self,
        opt_level=2,
        required_pass=None,
        disabled_pass=None,
        instruments=None,
        config=None,
    ):
        self.opt_level = opt_level
        self.required_pass = list(required_pass or [])
        self.disabled_pass = list(disabled_pass or [])
        self.instruments = list(instruments or [])
        self.config = dict(config or {})
        for name, value in self.config.items():
            if name not in _CONFIGS:
                raise AttributeError(
                    f"Invalid config option '{name}' candidates are: {', '.join(sorted(_CONFIGS))}"
                )
            expected = _CONFIGS[name]
            accepted = (bool, int) if expected is bool else expected
            if not isinstance(value, accepted):
                raise AttributeError(
                    f"expect config {name} to have type {expected.__name__}, but received "
                    f"{type(value).__name__}"
                )

    def __enter__(self):
        stack = PassContext._stack.__dict__.setdefault("contexts", [])
        stack.append(self)
        for instrument in self.instruments:
            getattr(instrument, "enter_pass_ctx", lambda: None)()
        return self

    def __exit__(self, *_exception):
        for instrument in self.instruments:
            getattr(instrument, "exit_pass_ctx", lambda: None)()
        PassContext._stack.contexts.pop()

    @staticmethod
    def current():
        """The innermost context of this thread; one of defaults where there is none."""
        stack = PassContext._stack.__dict__.get("contexts")
        return stack[-1] if stack else PassContext()

    @staticmethod
    def list_configs():
        """The names of options, each with its type."""
        return {name: {"type": kind.__name__} for name, kind in _CONFIGS.items()}


class PassInfo:
    """The name of a pass and the least opt_level at which a Sequential runs it."""

    def __init__(self, name, opt_level=0, required=()):
        self.name, self.opt_level, self.required = name, opt_level, list(required)


class Pass:
    """Called with a module, returns the module that it makes of it."""

    def __init__(self, run, info):
        self._run, self.info = run, info
        self.__doc__ = getattr(run, "__doc__", None)

    def __call__(self, mod):
        if not isinstance(mod, IRModule):
            raise TypeError(f"{self.info.name}: expected an IRModule, found {type(mod).__name__}")
        context = PassContext.current()
        for instrument in context.instruments:
            if getattr(instrument, "should_run", lambda *_: True)(mod, self.info) is False:
                return mod
        for instrument in context.instruments:
            getattr(instrument, "run_before_pass", lambda *_: None)(mod, self.info)
        out = self._run(mod, context)
        for instrument in context.instruments:
            getattr(instrument, "run_after_pass", lambda *_: None)(out, self.info)
        return out

    def __repr__(self):
        return f"Pass({self.info.name})"


class Sequential(Pass):
    """Passes one after another. Those above the opt_level of the context do not run unless it
    requires them; those that it disables never do."""

    def __init__(self, passes=None, opt_level=0, name="sequential", required=None, traceable=None):
        del traceable
        self.passes = list(passes or [])
        super().__init__(self._run_all, PassInfo(name, opt_level, required or ()))

    def _run_all(self, mod, context):
        for step in self.passes:
            name = step.info.name
            wanted = step.info.opt_level <= context.opt_level or name in context.required_pass
            if wanted and name not in context.disabled_pass:
                mod = step(mod)
        return mod


def _decorated(kind, wrap, pass_func, opt_level, name, required):
    def decorate(function):
        if isinstance(function, type):

            @functools.wraps(function, updated=())
            def make(*args, **kwargs):
                instance = function(*args, **kwargs)
                method = getattr(instance, f"transform_{kind}")
                return Pass(wrap(method), PassInfo(name or function.__name__, opt_level, required))

            return make
        return Pass(wrap(function), PassInfo(name or function.__name__, opt_level, required))

    return decorate if pass_func is None else decorate(pass_func)


def module_pass(pass_func=None, opt_level=0, name=None, required=(), traceable=False):
    """Makes a pass of `f(mod, context)`, or of a class with `transform_module(mod, context)`."""
    del traceable
    return _decorated("module", lambda f: f, pass_func, opt_level, name, required)


def prim_func_pass(pass_func=None, opt_level=0, name=None, required=(), traceable=False):
    """Makes a pass of `f(func, mod, context)`, or of a class with
    `transform_function(func, mod, context)`, called for each function of the module."""
    del traceable

    def wrap(function):
        def run(mod, context):
            out = mod
            for var, func in mod.functions.items():
                out = out.with_function(var.name_hint, function(func, mod, context))
            return out

        return run

    return _decorated("function", wrap, pass_func, opt_level, name, required)


__all__ = ["Pass", "PassContext", "PassInfo", "Sequential", "module_pass", "prim_func_pass"]
