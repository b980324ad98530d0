# SPDX-License-Identifier: Apache-2.0
# Made by python/bindings/stubs.py with Python 3.11; not to be edited.
"""
metaschedule in C++; use the package `metaschedule`, not this module.
"""
from __future__ import annotations
from metaschedule.ir.module import IRModule
from metaschedule.target import Target
from metaschedule.tir.expr import PrimExpr
from metaschedule.tir.function import IndexMap
from metaschedule.tir.stmt import Block, For
import collections.abc
import metaschedule.ir.module
import metaschedule.target
import metaschedule.tir.function
import numpy
import numpy.typing
import typing
class TVMError(RuntimeError):
    """
    Base of all errors of this library.
    """
    ...
class ParseError(TVMError):
    """
    The text is not TVMScript or JSON.
    """
    ...
    line: int
    column: int
class VerifyError(TVMError, ValueError):
    """
    The program is malformed.
    """
    ...
class ScheduleError(TVMError):
    """
    A primitive may not do this here.
    """
    ...
class BuildError(TVMError):
    """
    A program could not be compiled.
    """
    ...
class RunError(TVMError):
    """
    A compiled program could not be run.
    """
    ...
class DatabaseError(TVMError):
    """
    A database cannot be read or written.
    """
    ...
class InternalError(TVMError):
    """
    A defect of metaschedule.
    """
    ...
class TVMValueError(TVMError, ValueError):
    """
    A value outside what is accepted.
    """
    ...
class TVMTypeError(TVMError, TypeError):
    """
    A value of the wrong type.
    """
    ...
class TVMIndexError(TVMError, IndexError):
    """
    An index that names nothing.
    """
    ...
class TVMKeyError(TVMError, KeyError):
    """
    A key that is absent.
    """
    ...
class Object:
    """
    An immutable node of a program.
    """
    def __eq__(self, value):
        """
        Return self==value.
        """
    def __ge__(self, value):
        """
        Return self>=value.
        """
    def __gt__(self, value):
        """
        Return self>value.
        """
    def __hash__(self):
        """
        Return hash(self).
        """
    def __le__(self, value):
        """
        Return self<=value.
        """
    def __lt__(self, value):
        """
        Return self<value.
        """
    def __ne__(self, value):
        """
        Return self!=value.
        """
class IntSet:
    """
    A closed interval of integers, or the empty set.
    """
    @staticmethod
    def everything() -> IntSet:
        ...
    @staticmethod
    def interval(min_value: Object | None, max_value: Object | None) -> IntSet:
        ...
    @staticmethod
    def nothing() -> IntSet:
        ...
    @staticmethod
    def single_point(point: Object) -> IntSet:
        ...
    @staticmethod
    def vector(vec):
        ...
    def __repr__(self):
        ...
    def is_everything(self) -> bool:
        ...
    def is_nothing(self) -> bool:
        ...
    def is_single_point(self) -> bool:
        ...
    def point_value(self) -> Object:
        ...
    @property
    def _max(self) -> Object:
        ...
    @property
    def _min(self) -> Object:
        ...
    @property
    def max_value(self):
        ...
    @property
    def min_value(self):
        ...
class ConstraintScope:
    """
    A condition that holds inside a `with`.
    """
    def __enter__(self) -> None:
        ...
    def __exit__(self, *args) -> None:
        ...
class Analyzer:
    """
    What is known about integers at one point of a program.
    """
    def __init__(self) -> None:
        ...
    def _can_prove(self, arg0: Object, arg1: int) -> bool:
        ...
    def _const_int_bound(self, arg0: Object) -> tuple[int, int]:
        ...
    def _modular_set(self, arg0: Object) -> tuple[int, int]:
        ...
    def _update_bound(self, arg0: Object, arg1: int, arg2: int, arg3: bool) -> None:
        ...
    def _update_modular(self, arg0: Object, arg1: int, arg2: int, arg3: bool) -> None:
        ...
    def _update_set(self, arg0: Object, arg1: IntSet, arg2: bool) -> None:
        ...
    def bind(self, var: Object, expr: Object, allow_override: bool = False) -> None:
        ...
    def can_prove(self, expr, strength = ...):
        """
        True when the condition holds wherever bindings and constraints do; False when unknown.
        """
    def can_prove_equal(self, lhs: Object, rhs: Object) -> bool:
        ...
    def can_prove_greater_equal(self, expr: Object, lower_bound: int) -> bool:
        ...
    def can_prove_less(self, expr: Object, upper_bound: int) -> bool:
        ...
    def can_prove_less_equal_than_symbolic_shape_value(self, lhs: Object, shape: Object) -> bool:
        ...
    def canonical_simplify(self, expr: Object) -> Object:
        ...
    def const_int_bound(self, expr):
        ...
    def const_int_bound_is_bound(self, var: Object) -> bool:
        ...
    def constraint_scope(self, constraint: Object) -> ConstraintScope:
        ...
    def int_set(self, expr: Object, dom_map: dict | None = None) -> IntSet:
        ...
    def mark_global_non_neg_value(self, value: Object) -> None:
        ...
    def modular_set(self, expr):
        ...
    def rewrite_simplify(self, expr: Object) -> Object:
        ...
    def simplify(self, expr: Object, steps: int = 2) -> Object:
        ...
    def update(self, var, info, override = False):
        """
        Sets what is known of a variable: a ConstIntBound, a ModularSet or an IntSet.
        """
class IterMark:
    """
    An iterator: a variable, or a sum of iterators.
    """
    def __eq__(self, arg0: IterMark) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, source: typing.Any, extent: Object) -> None:
        ...
    @property
    def extent(self) -> Object:
        ...
    @property
    def source(self) -> typing.Any:
        ...
class IterSplitExpr:
    """
    `source // lower_factor % extent * scale` of an iterator.
    """
    def __init__(self, source: IterMark, lower_factor: Object, extent: Object, scale: Object) -> None:
        ...
    @property
    def extent(self) -> Object:
        ...
    @property
    def lower_factor(self) -> Object:
        ...
    @property
    def scale(self) -> Object:
        ...
    @property
    def source(self) -> IterMark:
        ...
class IterSumExpr:
    """
    A sum of parts of iterators and a base.
    """
    def __init__(self, args: collections.abc.Sequence[IterSplitExpr], base: Object) -> None:
        ...
    @property
    def args(self) -> list[IterSplitExpr]:
        ...
    @property
    def base(self) -> Object:
        ...
class BlockRV:
    """
    Names a block of a schedule.
    """
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self) -> None:
        """
        One that names nothing yet, for instructions of traces made by hand.
        """
    def __repr__(self) -> str:
        ...
    def same_as(self, arg0: typing.Any) -> bool:
        ...
class LoopRV:
    """
    Names a loop of a schedule.
    """
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self) -> None:
        """
        One that names nothing yet, for instructions of traces made by hand.
        """
    def __repr__(self) -> str:
        ...
    def same_as(self, arg0: typing.Any) -> bool:
        ...
class InstructionKind:
    """
    What a step of a trace does.
    """
    @staticmethod
    def get(name: str) -> InstructionKind:
        """
        The kind of this name. InternalError when there is none.
        """
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def same_as(self, arg0: InstructionKind) -> bool:
        ...
    @property
    def is_pure(self) -> bool:
        """
        Whether it leaves the program as it is.
        """
    @property
    def name(self) -> str:
        ...
class Instruction:
    """
    One step of a trace. Two are equal when they are the same step; traces made from each other share steps.
    """
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, kind: InstructionKind, inputs: typing.Any, attrs: typing.Any, outputs: typing.Any) -> None:
        ...
    def __repr__(self) -> str:
        ...
    def same_as(self, arg0: typing.Any) -> bool:
        ...
    @property
    def attrs(self) -> typing.Any:
        ...
    @property
    def inputs(self) -> typing.Any:
        ...
    @property
    def kind(self) -> InstructionKind:
        ...
    @property
    def outputs(self) -> typing.Any:
        ...
class Trace:
    """
    The steps that made a schedule, and what sampling chose.
    """
    @staticmethod
    def apply_json_to_schedule(json_obj, sch):
        """
        Runs the steps that `as_json` gave on a schedule. ValueError when it is no trace.
        """
    def __init__(self, insts: typing.Any = None, decisions: typing.Any = None) -> None:
        ...
    def __len__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def __str__(self) -> str:
        ...
    def _as_json(self, arg0: bool, arg1: bool) -> str:
        ...
    def append(self, inst: Instruction, decision: typing.Any = None) -> None:
        """
        Adds a step.
        """
    def apply_to_schedule(self, sch: Schedule, remove_postproc: bool, decision_provider: typing.Any = None) -> None:
        """
        Runs the steps on a schedule. `decision_provider(inst, inputs, attrs, decision)` may give each another decision; inputs are those on `sch`.
        """
    def as_json(self, remove_postproc = False, dialect = 'block'):
        """
        `[instructions, decisions]` as lists, strings and numbers. `dialect="sblock"` writes what
            later versions of TVM read (`GetSBlock`, and their form of index maps), "block" what TVM 0.13 to
            0.21 reads; `apply_json_to_schedule` takes both. ValueError for another dialect, and for an
            index map that the later form has no words for.
        """
    def as_python(self, remove_postproc: bool = False) -> list[str]:
        """
        The steps as lines of Python.
        """
    def cpp_function(self, name: str = 'apply_schedule') -> str:
        """
        The same as C++: `void name(metaschedule::Schedule& sch)`.
        """
    def get_decision(self, inst: Instruction) -> typing.Any:
        """
        What the step chose; None where nothing is recorded.
        """
    def pop(self) -> typing.Any:
        """
        Removes the last step and returns it; None when there is none.
        """
    def python_function(self, name: str = 'apply_schedule') -> str:
        """
        The text of a Python module with a function `name(sch)` that takes these steps, with the decisions written down. Raises ValueError for steps of unknown kinds.
        """
    def show(self, style = None, black_format = False):
        """
        Prints the trace. There are no colours and there is no reformatting: the arguments are for
            scripts that give them.
        """
    def simplified(self, remove_postproc: bool) -> Trace:
        """
        Without pure steps whose outputs no later step uses.
        """
    def with_decision(self, inst: Instruction, decision: typing.Any, remove_postproc: bool) -> Trace:
        """
        The same steps with one decision replaced, without the postprocessing if asked.
        """
    def without_decisions(self) -> Trace:
        """
        The same steps with everything still to be decided.
        """
    def without_postproc(self) -> Trace:
        """
        The steps before the postprocessing.
        """
    @property
    def decisions(self) -> dict:
        """
        What the steps that sample chose, by step.
        """
    @property
    def insts(self) -> typing.Any:
        ...
class Schedule:
    """
    A program and the handles into it. Each primitive is a method that replaces
    the program and records a step of the trace; one that refuses raises ScheduleError and changes
    nothing.
    """
    @staticmethod
    def _create_non_traced(mod, *, seed = None, debug_mask = 'none', error_render_level = 'detail', enable_check = True):
        """
        A schedule that records no trace.
        """
    def __init__(self, mod, *, seed = None, debug_mask = 'none', error_render_level = 'detail', enable_check = True):
        """
        A schedule of a module, or of a function, which becomes `main` of one. Raises VerifyError
            when a function is not well formed.
        """
    @typing.overload
    def _get(self, arg0: BlockRV) -> Object:
        ...
    @typing.overload
    def _get(self, arg0: LoopRV) -> Object:
        ...
    @typing.overload
    def _get(self, arg0: Object) -> Object:
        ...
    @typing.overload
    def _remove_rv(self, arg0: BlockRV) -> None:
        ...
    @typing.overload
    def _remove_rv(self, arg0: LoopRV) -> None:
        ...
    @typing.overload
    def _remove_rv(self, arg0: Object) -> None:
        ...
    def _seed(self, seed: int) -> None:
        ...
    def add_unit_loop(self, block_or_loop: BlockRV | LoopRV) -> LoopRV:
        """
        rewrite: s  →  for u in range(1): s.
        needs: the block is not the root.
        """
    def annotate(self, block_or_loop: BlockRV | LoopRV, ann_key: str, ann_val: typing.Any) -> None:
        """
        rewrite: s  →  s with the annotation `ann_key`: `ann_val`; where the key is there already, nothing changes.
        needs: the value is a string, a number, an expression over sampled numbers, or a list or dictionary of such.
        """
    def annotate_buffer_access(self, block: BlockRV, buffer_index: int, buf_type: typing.Any, gen_new_ranges: typing.Any) -> None:
        """
        rewrite: a region of the block becomes that given: index_map gives begin and end of each dimension in terms of the axes. An annotation keeps later analyses from deriving it anew.
        needs: a valid position; a begin and an end for each dimension of the buffer.
        """
    def bind(self, loop: LoopRV, thread_axis: str) -> None:
        """
        rewrite: for i: s  →  for i in the threads of `thread_axis`: s.
        needs: as parallel, but reductions may be bound to threadIdx; the axis is blockIdx.{x,y,z}, threadIdx.{x,y,z}, vthread, vthread.{x,y,z} or cthread.
        """
    def blockize(self, target: LoopRV | collections.abc.Sequence[BlockRV], preserve_unit_iters: bool = True) -> BlockRV:
        """
        rewrite: for i: b(i)  →  with block b_o: for i: b(i). The axes of b are divided: b_o has what the loops outside give, b what the loop and those below it give; an init moves to b_o. A list of blocks: one block outer_b1_b2_ around their nests, which keep their inits. Returns the new block.
        needs: a loop with one child block, or blocks each alone in its nest, the nests neighbours; bindings that can be divided, for a list all alike outside.
        """
    def cache_index(self, block: BlockRV | str, storage_scope: str, cse_thresh: int = 0) -> list[BlockRV]:
        """
        rewrite: b: … A[e(i)] … B[e(i)] …  →  a block computes index_var_0[v0] = e(v0); b: … A[index_var_0[i]] … B[index_var_0[i]] …, for each expression of axes that occurs at least `cse_thresh` times in a value that b stores. Returns the computing blocks.
        needs: there is such an expression.
        """
    def cache_inplace(self, block: BlockRV | str, read_buffer_index: int, storage_scope: str) -> list[BlockRV]:
        """
        rewrite: b: X[…] = f(X[…])  →  a block copies what b reads of X to X_<scope>; b: X_<scope>[…] = f(X_<scope>[…]); a block copies what b wrote back. Returns both copying blocks.
        needs: a valid storage scope and index; b reads and writes X; what blocks of the scope read of X is covered by its producers.
        """
    def cache_read(self, block: BlockRV | str, read_buffer_index: int, storage_scope: str, consumer_blocks: collections.abc.Sequence[BlockRV | str] | None = None) -> BlockRV:
        """
        rewrite: a block copies what is read of a buffer X into X_<scope> before the first consumer; consumers (by default all) read the copy. Returns the copying block.
        needs: a valid storage scope and index; at most one block of the scope writes X; every block that reads X is covered by its producers.
        """
    def cache_write(self, block: BlockRV | str, write_buffer_index: int, storage_scope: str, consumer_blocks: collections.abc.Sequence[BlockRV | str] | None = None) -> BlockRV:
        """
        rewrite: the block (and the consumers given) use X_<scope> in place of a buffer X that it writes; another block copies it to X before the other readers. Returns the copying block.
        needs: a valid storage scope and index; no other block of the scope writes X.
        """
    def can_decompose_padding(self, block: BlockRV, loop: LoopRV) -> bool:
        """
        Whether decompose_padding would not refuse. Records nothing.
        """
    def compute_at(self, block: BlockRV | str, loop: LoopRV, preserve_unit_loops: bool = False, index: int = -1) -> None:
        """
        rewrite: b is computed at the start of each step of `loop`, as much of it as the consumers under the loop need; its own loops are replaced by loops over that.
        needs: the scope is a pipeline of stages; b is a complete or reduction block, not an output, not the only block, not under the loop; all its consumers are under the loop, and behind its producers there. `index` is the position among the statements of the loop: -1 the last possible, -2 the first. A loop from sample_compute_location may also stand for inlining or for no move.
        """
    def compute_inline(self, block: BlockRV | str) -> None:
        """
        rewrite: b: B[f(v)] = g(v); … B[x] …  ->  … g(f^-1(x)) …, and b and B are gone.
        needs: b has no init, is complete, not an output, not the only block of its scope, which is a pipeline of stages; its body is one store whose indices are a bijective affine map of its axes; B is accessed by loads only.
        """
    def copy(self) -> Schedule:
        ...
    def decompose_padding(self, block: BlockRV | str, loop: LoopRV) -> BlockRV:
        """
        rewrite: for loop: … b: X[v] = if_then_else(inside(v), e, c)  →  for …: b_pad_const: X[v] = c; for loop: … b: X[v + low] = e, over the part where inside(v) holds. Returns b_pad_const.
        needs: b is complete; loop is around b; b stores a choice between something without side effects and a constant; where the condition holds is a box that is not everything.
        """
    def decompose_reduction(self, block: BlockRV | str, loop: LoopRV) -> BlockRV:
        """
        rewrite: for loop: … b: init: s0; s  ->  for (axes of b that are not reduced): b_init: s0; for loop: … b_update: s. Gives b_init; b is b_update.
        needs: loop is around b; b is a reduction block; no loop above `loop` takes part in a reduction axis of b.
        """
    def enter_postproc(self) -> None:
        """
        rewrite: nothing; what follows in the trace is postprocessing, not part of the search.
        needs: nothing.
        """
    def fork_seed(self) -> int:
        ...
    def fuse(self, *loops: LoopRV, preserve_unit_iters: bool = True) -> LoopRV:
        """
        rewrite: for i in range(n): for j in range(m): s  →  for f in range(n * m): s[i := f // m, j := f % m].
        needs: each loop is the only statement of the one before it, starts at 0, has no annotation and no thread; no extent depends on another of the loops.
        """
    def fuse_reduction_epilogue(self, reduction_block: BlockRV | str, epilogue_block: BlockRV | str) -> None:
        """
        rewrite: r: init: C[i] = c; C[i] = C[i] + e; b: D[g(v)] = C[f(v)] + a(v)  ->  r: init: D[g(f^-1(i))] = c + a(f^-1(i)); D[g(f^-1(i))] = D[g(f^-1(i))] + e, and b is gone; C stays allocated. From later versions of TVM.
        needs: r is a reduction block that starts its nest, not an output, and b all that reads C; C is all that b reads of what the scope, a pipeline of stages, computes; b has no init and no predicate and is complete; f is affine and reaches all of b. Whatever is not a sum, before or after, is refused.
        """
    @typing.overload
    def get(self, rand_var_or_sref: BlockRV) -> Block: ...
    @typing.overload
    def get(self, rand_var_or_sref: LoopRV) -> For: ...
    @typing.overload
    def get(self, rand_var_or_sref: PrimExpr | StmtSRef) -> typing.Any:
        """
        What a BlockRV, LoopRV or StmtSRef names now; an expression over sampled numbers with their
            values put in, an int where that is one. IndexError when it is of another schedule, ValueError
            when the block or loop is gone.
        """
    def get_block(self, name: str, func_name: str | None = None) -> BlockRV:
        """
        rewrite: nothing. Gives the block of this name.
        needs: exactly one block of the function (by default the one that is worked on) has it.
        """
    def get_child_blocks(self, block_or_loop: BlockRV | LoopRV) -> list[BlockRV]:
        """
        rewrite: nothing. Gives the blocks directly inside a block or loop, in program order; not those inside them.
        needs: nothing.
        """
    def get_consumers(self, block: BlockRV | str) -> list[BlockRV]:
        """
        rewrite: nothing. Gives the blocks of the same scope that read or overwrite what a block writes.
        needs: the block is not the root.
        """
    def get_loops(self, block: BlockRV | str) -> list[LoopRV]:
        """
        rewrite: nothing. Gives the loops between a block and the block around it, outermost first.
        needs: nothing.
        """
    def get_output_blocks(self, scope_block: BlockRV | str) -> list[BlockRV]:
        """
        rewrite: nothing. Gives the blocks inside a block, nested ones too, that write a buffer which the block around them does not allocate.
        needs: nothing.
        """
    def get_producers(self, block: BlockRV | str) -> list[BlockRV]:
        """
        rewrite: nothing. Gives the blocks of the same scope that write what a block reads or writes.
        needs: the block is not the root.
        """
    def get_sref(self, rand_var_or_stmt):
        """
        The StmtSRef of what a handle names, or of a Block or For of the program. IndexError for a
            statement that is none of its own.
        """
    def loop_partition(self, loop: LoopRV, factors: collections.abc.Sequence[int | PrimExpr | None], preserve_unit_iters: bool = True) -> list[LoopRV]:
        """
        rewrite: for i in range(n): s  →  for i0 in range(f0): s0; for i1 in range(f0, f0 + f1): s1; …, each in a block of its own, all in one block. What is left after the last factor is a further range. Returns the loops.
        needs: the range is constant; the loop has no annotation and no thread and holds one statement; at most one factor is None (it is inferred); the others are positive; their sum is less than n.
        """
    def merge(self, *loops: LoopRV) -> LoopRV:
        """
        rewrite: for i: s; for j: t  →  for i_m: s[i := i_m]; t[j := i_m], in place of the last of the nests. A nest is what leads from the lowest statement around all the loops to one of them. Returns the innermost loop.
        needs: two loops or more, in one block; each starts at 0, has no annotation and no thread; the nests have the same depth and extents and hold nothing else; what one nest reads of another is there by then.
        """
    def pad_einsum(self, block: BlockRV | str, padding: collections.abc.Sequence[int]) -> None:
        """
        rewrite: b: C[i] = C[i] + A[i, k]  →  a block fills A_pad from A and with zeros; b over axes whose extents are multiples of `padding`: C_pad[i] = C_pad[i] + A_pad[i, k]; a block copies C_pad to C.
        needs: a positive number for each axis; the scope is a pipeline of stages; each region of b is a point at axes and constants, all of different buffers.
        """
    def parallel(self, loop: LoopRV) -> None:
        """
        rewrite: for i: s  →  for i in parallel: s.
        needs: every block below is complete or a reduction of its own; axes bound to the loop are data parallel.
        """
    def read_at(self, loop: LoopRV, block: BlockRV, read_buffer_index: int, storage_scope: str) -> BlockRV:
        """
        rewrite: for i: … X[…] …  →  for i: one block copies to X_<scope> what this step reads of X, before the first statement that reads it; … X_<scope>[…] …. The block, which it returns, is annotated with auto_copy.
        needs: a valid index; the scope is a pipeline of stages; the loop does not write X after it first reads it.
        """
    def reindex(self, block: BlockRV | str, buffer: typing.Any) -> BlockRV:
        """
        rewrite: b: … X[f(i, j)] …  →  a block copies X[f(v0, v1)] to X_reindex[v0, v1] before b (or from it after b, for a buffer that b writes); b: … X_reindex[i, j] …. The axes are those that occur in f. Returns the copying block.
        needs: the scope is a pipeline of stages; b has no blocks inside, its loops hold nothing else, and all its accesses of X have the same indices.
        """
    def reindex_cache_read(self, block: BlockRV | str, read_buffer_index: int, storage_scope: str, index_map: IndexMap | collections.abc.Callable[..., typing.Any]) -> BlockRV:
        """
        rewrite: b: … X[f(i, j)] …  →  a block copies X[f(i, j)] to X_<scope>[index_map(i, j)]; b: … X_<scope>[index_map(i, j)] …. Returns the copying block.
        needs: a valid storage scope and index; the scope is a pipeline of stages; at most one block of it writes X; b reads one point of X; the map uses the axes that f uses, and keeps apart what f keeps apart.
        """
    def reindex_cache_write(self, block: BlockRV | str, write_buffer_index: int, storage_scope: str, index_map: IndexMap | collections.abc.Callable[..., typing.Any]) -> BlockRV:
        """
        rewrite: b: X[f(i, j)] = …  →  b: X_<scope>[index_map(i, j)] = …; a block copies that to X[f(i, j)]. Returns the copying block.
        needs: as reindex_cache_read; b is the only block of the scope that writes X and does not read it otherwise.
        """
    def remove_rv(self, rand_var):
        """
        Forgets a handle. IndexError when it is not known.
        """
    def reorder(self, *ordered_loops: LoopRV) -> None:
        """
        rewrite: for i: for j: s  →  for j: for i: s. The listed loops take the places that they had together, in the order given; loops between them stay.
        needs: the loops are distinct and on one chain in which each is the only statement of the one around it; all blocks below have data parallel and reduction axes only, with affine bindings; no bound of a loop depends on a loop that moves inside it.
        """
    def reorder_block_iter_var(self, block: BlockRV, new_order: collections.abc.Sequence[int]) -> None:
        """
        rewrite: axis `p` of the block is what was axis `new_order[p]`.
        needs: a permutation of the positions of the axes.
        """
    def reverse_compute_at(self, block: BlockRV | str, loop: LoopRV, preserve_unit_loops: bool = False, index: int = -1) -> None:
        """
        rewrite: b is computed in each step of `loop`, as much of it as the producers under the loop have given; its own loops are replaced by loops over that.
        needs: as compute_at, with producers for consumers; b may be an output.
        """
    def reverse_compute_inline(self, block: BlockRV | str) -> None:
        """
        rewrite: p: B[i] = e; b: C[g(v)] = h(B[f(v)], v)  ->  p: C[g(f^-1(i))] = h(e, f^-1(i)) where the axes of b are inside their domains, and b and B are gone.
        needs: b has no init, no predicate, is complete, not the only block of its scope, which is a pipeline of stages; B is all that it reads of what the scope computes, at one place; f is affine and reaches all of b from p, the only producer, which is complete and not an output.
        """
    def rfactor(self, loop: LoopRV, factor_axis: int) -> BlockRV:
        """
        rewrite: b: C[i] = C[i] + e over loops with k  ->  b_rf: C_rf[k, i] = C_rf[k, i] + e; over the same loops without the other reduction loops: b: C[i] = C[i] + C_rf[k, i]. Gives b_rf. `factor_axis` is the place of k among the dimensions of C_rf; -1 is the last.
        needs: `loop` is serial, has one block below, a reduction block that starts its nest, and belongs to reduction axes only; no loop is shared between both kinds of axes; the scope is a pipeline of stages; the update matches a known commutative reducer.
        """
    def rolling_buffer(self, block: BlockRV | str, write_buffer_index: int) -> None:
        """
        rewrite: for i: b writes X[i : i + n] (again, what the step before wrote too); c reads it  →  X holds n rows, row r at r % n; b writes only what is new in this step.
        needs: a valid index; b is no output block and has read-after-write dependencies only; b and all its consumers are under one loop; what b writes in a step of it starts at a multiple of a loop, and overlaps that of the next step.
        """
    def sample_categorical(self, candidates: collections.abc.Sequence[int], probs: collections.abc.Sequence[float], decision: int | collections.abc.Sequence[int] | None = None) -> PrimExpr:
        """
        rewrite: nothing. Gives one of some integers, with the given probabilities. The decision is its position.
        needs: as many probabilities as candidates; a decision within their number (ValueError).
        """
    def sample_compute_location(self, block: BlockRV | str, decision: int | collections.abc.Sequence[int] | None = None) -> LoopRV:
        """
        rewrite: nothing. Gives a loop under which a block may be computed. The decision is its position among the loops of the first consumer, -1 for staying where it is, -2 for inlining; one that is not among the choices becomes the nearest below it.
        needs: the block is not the root.
        """
    def sample_partitioned_tile(self, loop: LoopRV, n: int, partition_pos: int = 0, innerpart_factor: int = 1, decision: int | collections.abc.Sequence[int] | None = None) -> list[PrimExpr]:
        """
        rewrite: nothing. Gives `n` factors whose product is the extent of a loop, where the product of those from partition_pos on is a multiple of innerpart_factor.
        needs: n is at least 2 unless nothing is asked of the inner part (ValueError).
        """
    def sample_perfect_tile(self, loop: LoopRV, n: int, max_innermost_factor: int = 16, decision: int | collections.abc.Sequence[int] | None = None) -> list[PrimExpr]:
        """
        rewrite: nothing. Gives `n` factors whose product is the extent of a loop, the last at most max_innermost_factor (-1: any). A loop whose extent is not constant gives None and ones.
        needs: n is at least 2, or max_innermost_factor is -1 (ValueError).
        """
    def seed(self, seed):
        """
        Starts the random numbers anew. ValueError when the seed is negative, but for -1: a random
            one.
        """
    def set_axis_separator(self, block: BlockRV | str, buffer: typing.Any, axis_separators: collections.abc.Sequence[int]) -> None:
        """
        rewrite: the dimensions of a buffer are grouped at the given positions when it is flattened.
        needs: the buffer is not a match_buffer.
        """
    def set_scope(self, block: BlockRV | str, buffer_index: int, storage_scope: str) -> None:
        """
        rewrite: the buffer X that a block writes becomes X_<scope>, in that storage scope, everywhere.
        needs: a valid index and storage scope; a block allocates X.
        """
    def show(self, *args, **kwargs):
        """
        Prints the program, and the trace where there is one. Arguments are those of
            `IRModule.show`.
        """
    def split(self, loop: LoopRV, factors: collections.abc.Sequence[int | PrimExpr | None], preserve_unit_iters: bool = True, disable_predication: bool = False) -> list[LoopRV]:
        """
        rewrite: for i in range(n): s  →  for i_0 in range(f0): … for i_k in range(fk): s[i := (i_0 * f1 + i_1) * f2 + …], where each block below also requires that value to be less than n, unless that is known.
        needs: the loop starts at 0, has no annotation and no thread; at most one factor is None (it is inferred); the others are positive; their product is at least n.
        """
    def storage_align(self, block: BlockRV | str, buffer_index: int, axis: int, factor: int, offset: int) -> None:
        """
        rewrite: b writes X  →  b with the annotation `buffer_dim_align`: strides of that dimension of X are `offset` more than a multiple of `factor` elements.
        needs: a valid index and axis (negative ones count from the last); a positive factor; a block allocates the buffer.
        """
    def tensorize(self, block_or_loop: BlockRV | LoopRV, tensor_intrin: str, preserve_unit_iters: bool = True) -> None:
        """
        rewrite: with block b: desc(A, B, …)  →  with block b: impl(match_buffer(A[…]), …). A loop is blockized first.
        needs: the intrinsic is registered (ValueError); the block does just what its description says: loops, order of regions, storage scopes and indices relative to the block's regions.
        """
    def transform_block_layout(self, block: BlockRV | str, index_map: IndexMap | collections.abc.Callable[..., typing.Any]) -> None:
        """
        rewrite: for i, …: b(i, …)  ->  for ax in the image of index_map: b(ax), the old axes being index_map^-1(ax).
        needs: all loops around the block start at 0 and are its axes, one by one; it is the only block there; the map is affine and bijective on the axes and mixes no kinds of axes.
        """
    def transform_layout(self, block: BlockRV | str, buffer: typing.Any, index_map: IndexMap | collections.abc.Callable[..., typing.Any], pad_value: IndexMap | PrimExpr | collections.abc.Callable[..., typing.Any] | float | None = None, *, assume_injective_transform: bool = False) -> None:
        """
        rewrite: X[i, j, …]  →  X[index_map(i, j, …)] everywhere, X having the shape that the map gives. Elements of the new shape that the map does not use are pad_value, a map from their indices: assumed where X is an input, stored by the nests that write X, or by a nest after them.
        needs: X is not a match_buffer; the map has an input for each dimension; without a pad_value, and unless assume_injective_transform, it uses every element of the new shape; the pad_value has the dtype of X and loads nothing.
        """
    def unannotate(self, block_or_loop: BlockRV | LoopRV, ann_key: str) -> None:
        """
        rewrite: s with the annotation `ann_key`  →  s without it.
        needs: the key is there (KeyError).
        """
    def unroll(self, loop: LoopRV) -> None:
        """
        rewrite: for i: s  →  for i in unrolled: s.
        needs: nothing.
        """
    def unsafe_hide_buffer_access(self, block: BlockRV, buf_type: str, buf_index_array: collections.abc.Sequence[int]) -> None:
        """
        rewrite: the block no longer declares some of its "read" or "write" regions; its body is as it was. Dependencies through them are no longer seen.
        needs: valid positions of regions.
        """
    def unsafe_set_dtype(self, block: BlockRV | str, buffer_index: int, dtype: str) -> None:
        """
        rewrite: the buffer X that a block writes holds `dtype`: what is stored is cast to it, what is loaded back to the old type. Values may change.
        needs: a valid index; a block allocates X.
        """
    def vectorize(self, loop: LoopRV) -> None:
        """
        rewrite: for i: s  →  for i in vectorized: s.
        needs: as parallel.
        """
    def work_on(self, func_name: str) -> None:
        ...
    def write_at(self, loop: LoopRV, block: BlockRV, write_buffer_index: int, storage_scope: str) -> BlockRV:
        """
        rewrite: for i: X[…] = …  →  for i: X_<scope>[…] = …; one block copies to X what this step writes, after the last statement that writes it. The block, which it returns, is annotated with auto_copy.
        needs: a valid index; the scope is a pipeline of stages; the loop does not read X after it last writes it.
        """
    @property
    def _debug_mask(self) -> int:
        ...
    @property
    def func_working_on(self) -> Object:
        ...
    @property
    def mod(self) -> IRModule:
        ...
    @property
    def state(self):
        """
        The program by its blocks and loops: a view, which follows the schedule.
        """
    @property
    def trace(self) -> Trace | None:
        ...
class StmtSRef:
    """
    A block or a loop of a schedule that it names through all edits.
    """
    @staticmethod
    def inline_mark() -> StmtSRef:
        ...
    @staticmethod
    def root_mark() -> StmtSRef:
        ...
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def same_as(self, arg0: typing.Any) -> bool:
        ...
    @property
    def parent(self) -> StmtSRef | None:
        """
        The nearest block or loop around it; None for a root block and once it is gone.
        """
    @property
    def seq_index(self) -> int:
        """
        Its position where it stands in a sequence; -1 elsewhere.
        """
    @property
    def stmt(self) -> Object:
        """
        The Block or For as it is now; None once it is gone.
        """
class Dependency:
    """
    `dst` must come after `src`.
    """
    @property
    def dst(self) -> StmtSRef:
        ...
    @property
    def kind(self) -> int:
        ...
    @property
    def src(self) -> StmtSRef:
        ...
class BlockScope:
    """
    The dependencies between the child blocks of a block.
    """
    def get_deps_by_dst(self, block: StmtSRef) -> list[Dependency]:
        ...
    def get_deps_by_src(self, block: StmtSRef) -> list[Dependency]:
        ...
class ScheduleState:
    """
    The program of a schedule, by its blocks and loops.
    """
    @staticmethod
    def _of(*args, **kwargs):
        """
        schedule_state(arg0: metaschedule._core.Schedule) -> metaschedule._core.ScheduleState
        """
    def __eq__(self, arg0: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, mod, *, debug_mask = 'none', enable_check = True):
        """
        The state of a module, or of a function, which becomes `main` of one.
        """
    def _flags(self, block_sref: StmtSRef) -> tuple:
        ...
    def _get_cached_flags(self, block_sref):
        """
        The flags of a block as the program is now.
        """
    def get_block_scope(self, block_sref: StmtSRef) -> BlockScope:
        """
        What the blocks inside a block do to each other.
        """
    def get_sref(self, stmt: Object) -> StmtSRef | None:
        """
        The StmtSRef of a Block or For of the program; None for any other.
        """
    def replace(self, src_sref, tgt_stmt, block_sref_reuse = None):
        """
        Puts a block in place of a block, or a loop or block realize in place of a loop; no trace
            records it. `block_sref_reuse` maps old blocks to new ones that their StmtSRefs name then;
            loops keep theirs by their variables.
        """
    def same_as(self, arg0: ScheduleState) -> bool:
        ...
    @property
    def debug_mask(self) -> int:
        ...
    @property
    def enable_check(self) -> bool:
        ...
    @property
    def mod(self) -> IRModule:
        ...
class Artifact:
    """
    A compiled program.
    """
    def describe(self) -> str:
        ...
    def export_to(self, arg0: str, arg1: Object | None) -> None:
        ...
    @property
    def functions(self) -> list[str]:
        ...
    @property
    def is_native(self) -> bool:
        """
        Whether it is for processors of the kind at hand.
        """
    @property
    def object(self) -> bytes:
        ...
    @property
    def target(self) -> str:
        """
        The processor that it is for, as LLVM names it.
        """
    @property
    def triple(self) -> str:
        """
        The machine and system that it is for.
        """
class CompiledModule:
    """
    A compiled program in this process.
    """
    @staticmethod
    def from_object(arg0: bytes) -> CompiledModule:
        ...
    @staticmethod
    def load(arg0: str) -> CompiledModule:
        ...
    def call(self, arg0: str, *args) -> None:
        ...
    def time(self, arg0: str, arg1: int, arg2: int, arg3: float, arg4: bool, *args) -> list[float]:
        ...
    @property
    def entry_name(self) -> str:
        ...
    @property
    def functions(self) -> list[str]:
        ...
class ArgInfo:
    """
    What a function takes as one argument.
    """
    @staticmethod
    def from_entry_func(mod: metaschedule.ir.module.IRModule, remove_preproc: bool = True) -> list[ArgInfo]:
        """
        The same for the entry function of a module, without the blocks that lay out weights.
        """
    @staticmethod
    def from_json(json_obj: typing.Any) -> ArgInfo:
        """
        What `as_json` wrote; ValueError for anything else.
        """
    @staticmethod
    def from_prim_func(func: metaschedule.tir.function.PrimFunc) -> list[ArgInfo]:
        """
        What each parameter of a function takes.
        """
    def __repr__(self) -> str:
        ...
    def __str__(self) -> str:
        ...
    def as_json(self) -> typing.Any:
        """
        The value of JSON that `from_json` reads: `["TENSOR", dtype, shape]`.
        """
class TensorInfo(ArgInfo):
    """
    A tensor argument: its dtype and shape.
    """
    def __init__(self, dtype: str, shape: collections.abc.Sequence[int]) -> None:
        ...
    @property
    def dtype(self) -> str:
        ...
    @property
    def shape(self) -> tuple:
        ...
class BuilderInput:
    """
    A program to build for a target.
    """
    def __init__(self, mod: IRModule, target: Target, params: dict[str, Object] = {}) -> None:
        ...
    @property
    def mod(self) -> IRModule:
        ...
    @property
    def params(self) -> dict[str, Object]:
        ...
    @property
    def target(self) -> Target:
        ...
    @property
    def trace(self) -> Trace | None:
        """
        The steps that made `mod` from `workload`; None when unknown.
        """
    @property
    def workload(self) -> Object:
        """
        The program before scheduling; None when unknown.
        """
class BuilderResult:
    """
    The path of what was built, or why it was not.
    """
    def __init__(self, artifact_path: str | None, error_msg: str | None, failure: str = '') -> None:
        ...
    @property
    def artifact_path(self) -> str | None:
        ...
    @property
    def error_msg(self) -> str | None:
        ...
    @property
    def failure(self) -> str:
        ...
class RunnerInput:
    """
    What was built, and how to call it.
    """
    def __init__(self, artifact_path: str, device_type: str, args_info: collections.abc.Sequence[ArgInfo], best_secs: float | None = None) -> None:
        ...
    def _competed(self, seconds: float) -> None:
        """
        Tells those that compete with this one how fast it was.
        """
    @property
    def args_info(self) -> list[ArgInfo]:
        ...
    @property
    def artifact_path(self) -> str:
        ...
    @property
    def best_secs(self) -> float | None:
        """
        Seconds a call of the fastest of those that this one competes with, if any is known.
        """
    @property
    def device_type(self) -> str:
        ...
class RunnerResult:
    """
    Seconds a call, one for each repeat, or an error.
    """
    def __init__(self, run_secs: collections.abc.Sequence[float] | None, error_msg: str | None, failure: str = '') -> None:
        ...
    @property
    def error_msg(self) -> str | None:
        ...
    @property
    def failure(self) -> str:
        ...
    @property
    def run_secs(self) -> list[float] | None:
        ...
class MeasureCandidate:
    """
    A schedule to be measured.
    """
    def __init__(self, sch: Schedule, args_info: collections.abc.Sequence[ArgInfo] | None) -> None:
        ...
    @property
    def args_info(self) -> list[ArgInfo] | None:
        ...
    @property
    def sch(self) -> Schedule:
        ...
class Builder:
    """
    Builds candidates.
    """
    BuilderType: typing.ClassVar[typing.Any]
    @staticmethod
    def create(kind = 'local', *args, **kwargs) -> Builder:
        """
        The builder of a kind: "local" builds in worker processes of this machine, "rpc" on the
            servers of a tracker.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def build(self, build_inputs: collections.abc.Sequence[BuilderInput]) -> list[BuilderResult]:
        """
        One BuilderResult for each BuilderInput, in order.
        """
class RunnerFuture:
    """
    A result that may not be there yet.
    """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def done(self) -> bool:
        ...
    def result(self) -> RunnerResult:
        """
        Waits for the RunnerResult.
        """
class Runner:
    """
    Measures what was built.
    """
    RunnerType: typing.ClassVar[typing.Any]
    @staticmethod
    def create(kind = 'local', *args, **kwargs) -> Runner:
        """
        The runner of a kind: "local" measures in a worker process of this machine, "rpc" on the
            servers of a tracker.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def run(self, runner_inputs: collections.abc.Sequence[RunnerInput]) -> list[RunnerFuture]:
        """
        One RunnerFuture for each RunnerInput, in order.
        """
class CostModel:
    """
    Ranks candidates.
    """
    CostModelType: typing.ClassVar[typing.Any]
    @staticmethod
    def create(kind: str = 'xgb', *args, **kwargs) -> CostModel | None:
        """
        The cost model of a kind: "xgb", "mlp", "random", or "none" for no model at all.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def load(self, path: str) -> None:
        ...
    def predict(self, context: TuneContext, candidates: collections.abc.Sequence[MeasureCandidate]) -> numpy.typing.NDArray[numpy.float64]:
        """
        Scores as float64[n]; larger is better.
        """
    def save(self, path: str) -> None:
        ...
    def update(self, context: TuneContext, candidates: collections.abc.Sequence[MeasureCandidate], results: collections.abc.Sequence[RunnerResult]) -> None:
        ...
class FeatureExtractor:
    """
    Turns candidates into matrices of features.
    """
    FeatureExtractorType: typing.ClassVar[typing.Any]
    @staticmethod
    def create(kind: str = 'per-store-feature', *args, **kwargs) -> FeatureExtractor:
        """
        The feature extractor of a kind: "per-store-feature" or "random".
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def extract_from(self, context: TuneContext, candidates: collections.abc.Sequence[MeasureCandidate]) -> list:
        """
        One matrix (float64, rows by features) for each candidate.
        """
class ScheduleRule:
    """
    Grows design spaces, block by block.
    """
    @staticmethod
    def create(kind: str = 'llvm') -> list[ScheduleRule]:
        """
        The rules of a kind of target, in order.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _initialize_with_tune_context(self, context: TuneContext) -> None:
        ...
    def _name(self) -> str:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def apply(self, sch: Schedule, block: BlockRV) -> list[Schedule]:
        ...
    def clone(self) -> ScheduleRule:
        """
        A copy that is to be initialized again.
        """
class Postproc:
    """
    Finishes or refuses a sampled schedule.
    """
    @staticmethod
    def create(kind: str = 'llvm') -> list[Postproc]:
        """
        The postprocs of a kind of target, in order.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _initialize_with_tune_context(self, context: TuneContext) -> None:
        ...
    def _name(self) -> str:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def apply(self, sch: Schedule) -> bool:
        ...
    def clone(self) -> Postproc:
        """
        A copy that is to be initialized again.
        """
class Mutator:
    """
    Changes one decision of a trace.
    """
    @staticmethod
    def create(kind: str = 'llvm') -> dict[Mutator, float]:
        """
        The mutators of a kind of target with their weights, as a dict.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _initialize_with_tune_context(self, context: TuneContext) -> None:
        ...
    def _name(self) -> str:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def apply(self, trace: Trace, seed: int | None = None) -> Trace | None:
        ...
    def clone(self) -> Mutator:
        """
        A copy that is to be initialized again.
        """
class SpaceGenerator:
    """
    Makes design spaces.
    """
    ScheduleFnType: typing.ClassVar[typing._CallableType]
    SpaceGeneratorType: typing.ClassVar[typing.Any]
    native: bool
    @staticmethod
    def create(kind = 'post-order-apply', *args, **kwargs) -> SpaceGenerator:
        """
        A generator by kind, from a schedule function, or with the rules of a kind of target.
        
            "native" is "post-order-apply" with the native rules of the target; "parity", like
            "post-order-apply", gives TVM's design spaces exactly.
            
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _initialize_with_tune_context(self, context: TuneContext) -> None:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def clone(self) -> SpaceGenerator:
        """
        A copy that is to be initialized again.
        """
    def generate_design_space(self, mod: IRModule) -> list[Schedule]:
        ...
    @property
    def _mutator_probs(self) -> list[tuple[Mutator, float]] | None:
        ...
    @_mutator_probs.setter
    def _mutator_probs(self, arg0: collections.abc.Sequence[tuple[Mutator, float]] | None) -> None:
        ...
    @property
    def mutator_probs(self):
        """
        Mutators with their weights; None until initialised from the target.
        """
    @mutator_probs.setter
    def mutator_probs(self, value):
        ...
    @property
    def postprocs(self) -> list[Postproc] | None:
        ...
    @postprocs.setter
    def postprocs(self, arg0: collections.abc.Sequence[Postproc] | None) -> None:
        ...
    @property
    def sch_rules(self) -> list[ScheduleRule] | None:
        ...
    @sch_rules.setter
    def sch_rules(self, arg0: collections.abc.Sequence[ScheduleRule] | None) -> None:
        ...
class SearchStrategy:
    """
    Picks what to measure next.
    """
    SearchStrategyType: typing.ClassVar[typing.Any]
    @staticmethod
    def create(kind: str = 'evolutionary', *args, **kwargs) -> SearchStrategy:
        """
        The strategy of a kind: "evolutionary", "replay-trace" or "replay-func".
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _initialize_with_tune_context(self, context: TuneContext) -> None:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def clone(self) -> SearchStrategy:
        """
        A copy that is to be initialized again.
        """
    def generate_measure_candidates(self) -> list[MeasureCandidate] | None:
        ...
    def notify_runner_results(self, measure_candidates: collections.abc.Sequence[MeasureCandidate], results: collections.abc.Sequence[RunnerResult]) -> None:
        ...
    def post_tuning(self) -> None:
        ...
    def pre_tuning(self, max_trials: int, num_trials_per_iter: int, design_spaces: collections.abc.Sequence[Schedule], database: Database | None = None, cost_model: CostModel | None = None) -> None:
        ...
class TuneContext:
    """
    What one task is tuned with.
    """
    def __init__(self, mod: metaschedule.ir.module.IRModule | metaschedule.tir.function.PrimFunc | None = None, *, target: str | dict | metaschedule.target.Target | None = None, space_generator = None, search_strategy: str | SearchStrategy | None = None, task_name: str = 'main', rand_state: int = -1, num_threads: str | int = 'physical', logger = None):
        """
        What one task is tuned with, initialised. `num_threads` is an int, "physical" or "logical";
            a `rand_state` of -1 takes a seed from the system.
        """
    def _initialize(self) -> None:
        ...
    def clone(self) -> TuneContext:
        """
        A copy with cloned parts and a forked seed.
        """
    def generate_design_space(self) -> list[Schedule]:
        ...
    def generate_measure_candidates(self) -> list[MeasureCandidate] | None:
        """
        The next batch; None when the search is over.
        """
    def notify_runner_results(self, measure_candidates: list[MeasureCandidate], results: list[RunnerResult]) -> None:
        """
        Tells the search what was measured of a batch.
        """
    def post_tuning(self) -> None:
        """
        Ends the search.
        """
    def pre_tuning(self, max_trials: int, num_trials_per_iter: int = 64, design_spaces: list[Schedule] | None = None, database: Database | None = None, cost_model: CostModel | None = None) -> None:
        """
        Begins a search; what is not given gets its default.
        """
    @property
    def mod(self) -> IRModule:
        ...
    @property
    def num_threads(self) -> int:
        ...
    @property
    def rand_state(self) -> int:
        ...
    @property
    def search_strategy(self) -> SearchStrategy:
        ...
    @property
    def space_generator(self) -> SpaceGenerator:
        ...
    @property
    def target(self) -> Target:
        ...
    @property
    def task_name(self) -> str:
        ...
class MeasureCallback:
    """
    Is told about every measured batch.
    """
    CallbackListType: typing.ClassVar[typing.Any]
    @staticmethod
    def _defaults() -> list[MeasureCallback]:
        ...
    @staticmethod
    def create(kind: str = 'default') -> list[MeasureCallback]:
        """
        The callbacks of a kind; "default" commits records, removes artifacts, updates the model.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __str__(self) -> typing.Any:
        ...
    def _name(self) -> str:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def apply(self, task_scheduler: TaskScheduler, task_id: int, measure_candidates: collections.abc.Sequence[MeasureCandidate], builder_results: collections.abc.Sequence[BuilderResult], runner_results: collections.abc.Sequence[RunnerResult]) -> None:
        ...
class TaskRecord:
    """
    The state of one task of a session.
    """
    @property
    def best_latency_ms(self) -> float:
        ...
    @property
    def build_error_count(self) -> int:
        ...
    @property
    def builder_results(self) -> list[BuilderResult] | None:
        ...
    @property
    def ctx(self) -> TuneContext:
        ...
    @property
    def failures(self) -> dict[str, int]:
        ...
    @property
    def flop(self) -> float:
        ...
    @property
    def is_terminated(self) -> bool:
        ...
    @property
    def latency_ms(self) -> list[float]:
        ...
    @property
    def measure_candidates(self) -> list[MeasureCandidate] | None:
        ...
    @property
    def run_error_count(self) -> int:
        ...
    @property
    def runner_futures(self) -> list[RunnerFuture] | None:
        ...
    @property
    def task_weight(self) -> float:
        ...
class TuneProgress:
    """
    How far a session is.
    """
    @property
    def best_gflops(self) -> float:
        ...
    @property
    def best_latency_ms(self) -> float:
        ...
    @property
    def seconds_elapsed(self) -> float:
        ...
    @property
    def seconds_left(self) -> float:
        ...
    @property
    def task_id(self) -> int:
        ...
    @property
    def trials_done(self) -> int:
        ...
    @property
    def trials_total(self) -> int:
        ...
class TaskScheduler:
    """
    Shares trials among tasks.
    """
    TaskSchedulerType: typing.ClassVar[typing.Any]
    @staticmethod
    def create(kind: str = 'gradient', *args, **kwargs) -> TaskScheduler:
        """
        The scheduler of a kind: "gradient" or "round-robin".
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def _set_logger(self, arg0: typing.Any, arg1: int) -> None:
        ...
    def _set_on_progress(self, arg0: typing.Any) -> None:
        ...
    def check_outcome(self) -> None:
        ...
    def join_running_task(self, task_id: int) -> list[RunnerResult]:
        """
        Waits for the batch of a task; its RunnerResults.
        """
    def next_task_id(self) -> int:
        ...
    def print_tuning_statistics(self) -> None:
        ...
    def terminate_task(self, task_id: int) -> None:
        ...
    def touch_task(self, task_id: int) -> None:
        """
        Joins the task if its batch is done.
        """
    def tune(self, tasks: collections.abc.Sequence[TuneContext], task_weights: collections.abc.Sequence[float], max_trials_global: int, max_trials_per_task: int, num_trials_per_iter: int, builder: Builder, runner: Runner, measure_callbacks: MeasureCallback | collections.abc.Sequence[MeasureCallback], database: Database, cost_model: CostModel) -> None:
        """
        Tunes until the trials are used up or every task has ended.
        """
    def tuning_statistics(self) -> str:
        ...
    @property
    def cost_model_(self) -> CostModel:
        ...
    @property
    def database_(self) -> typing.Any:
        ...
    @property
    def measure_callbacks_(self) -> list[MeasureCallback]:
        ...
    @property
    def remaining_tasks_(self) -> int:
        ...
    @property
    def tasks_(self) -> list[TaskRecord]:
        ...
class LocalBuilder(Builder):
    """
    Compiles in worker processes of this machine.
    """
    def __init__(self, *, max_workers: int | None = None, timeout_sec: float = 30.0) -> None:
        ...
    @property
    def max_workers(self) -> int:
        ...
    @property
    def timeout_sec(self) -> float:
        ...
class EvaluatorConfig:
    """
    How a candidate is timed.
    """
    @staticmethod
    def _normalized(config: EvaluatorConfig | None) -> EvaluatorConfig:
        """
        A configuration of one's own: the default one for None.
        """
    def __init__(self, number: int = 3, repeat: int = 1, min_repeat_ms: float = 100.0, enable_cpu_cache_flush: bool = False) -> None:
        ...
    @property
    def enable_cpu_cache_flush(self) -> bool:
        ...
    @property
    def min_repeat_ms(self) -> float:
        ...
    @property
    def number(self) -> int:
        ...
    @property
    def repeat(self) -> int:
        ...
class LocalRunner(Runner):
    """
    Measures in a worker process of this machine.
    """
    def __init__(self, timeout_sec: float = 30.0, evaluator_config: EvaluatorConfig | None = None, alloc_repeat: int = 1, race_factor: float | None = None, adaptive: bool = False) -> None:
        ...
    @property
    def timeout_sec(self) -> float:
        ...
class ApplyCustomRule(ScheduleRule):
    """
    Calls the function named by a block's annotation.
    """
    def __init__(self) -> None:
        ...
class InlineConstantScalars(ScheduleRule):
    """
    Inlines scalar constants.
    """
    def __init__(self) -> None:
        ...
class RandomComputeLocation(ScheduleRule):
    """
    Samples where to compute a block.
    """
    def __init__(self) -> None:
        ...
class RowReduction(ScheduleRule):
    """
    Computes reductions of rows where the rows are used.
    """
    def __init__(self) -> None:
        ...
class AutoInline(ScheduleRule):
    """
    Inlines blocks where that loses nothing.
    """
    def __init__(self, arg0: bool, arg1: bool, arg2: bool, arg3: bool, arg4: bool, arg5: bool, arg6: collections.abc.Sequence[str]) -> None:
        ...
    @property
    def disallow_if_then_else(self) -> bool:
        ...
    @property
    def disallow_op(self) -> list[str]:
        ...
    @property
    def inline_const_tensor(self) -> bool:
        ...
    @property
    def into_consumer(self) -> bool:
        ...
    @property
    def into_producer(self) -> bool:
        ...
    @property
    def require_injective(self) -> bool:
        ...
    @property
    def require_ordered(self) -> bool:
        ...
class AddRFactor(ScheduleRule):
    """
    Factors reductions that have little space.
    """
    def __init__(self, max_jobs_per_core: int = 16, max_innermost_factor: int | None = None) -> None:
        ...
    @property
    def max_innermost_factor(self) -> int:
        ...
    @property
    def max_jobs_per_core(self) -> int:
        ...
class ParallelizeVectorizeUnroll(ScheduleRule):
    """
    Says how far to parallelize, vectorize and unroll.
    """
    def __init__(self, max_jobs_per_core: int = 16, max_vectorize_extent: int = 16, unroll_max_steps: collections.abc.Sequence[int] | None = None, unroll_explicit: bool = True) -> None:
        ...
    @property
    def max_jobs_per_core(self) -> int:
        ...
    @property
    def max_vectorize_extent(self) -> int:
        ...
    @property
    def unroll_explicit(self) -> bool:
        ...
    @property
    def unroll_max_steps(self) -> list[int]:
        ...
class MultiLevelTiling(ScheduleRule):
    """
    Tiles all loops and adds caches.
    """
    def __init__(self, arg0: str, arg1: collections.abc.Sequence[str], arg2: int, arg3: collections.abc.Sequence[int], arg4: tuple[str, collections.abc.Sequence[int], str], arg5: tuple[str, collections.abc.Sequence[int], str], arg6: collections.abc.Callable[[Schedule, BlockRV], bool] | None) -> None:
        ...
    @property
    def max_innermost_factor(self) -> int:
        ...
    @property
    def structure(self) -> str:
        ...
    @property
    def tile_binds(self) -> list[str]:
        ...
class MultiLevelTilingPacked(MultiLevelTiling):
    """
    Tiles all loops around a packed operand.
    """
    def __init__(self, arg0: str, arg1: int, arg2: tuple[str, collections.abc.Sequence[int], str]) -> None:
        ...
class MultiLevelTilingWithIntrin(MultiLevelTiling):
    """
    Tiles around a tensor intrinsic.
    """
    def __init__(self, arg0: str, arg1: str, arg2: collections.abc.Sequence[str], arg3: int, arg4: collections.abc.Sequence[int], arg5: tuple[str, collections.abc.Sequence[int], str], arg6: tuple[str, collections.abc.Sequence[int], str]) -> None:
        ...
    @property
    def intrin_name(self) -> str:
        ...
class MultiLevelTilingWideVector(MultiLevelTiling):
    """
    Tiles with whole vectors innermost.
    """
    def __init__(self, arg0: str, arg1: int, arg2: int, arg3: tuple[str, collections.abc.Sequence[int], str], arg4: tuple[str, collections.abc.Sequence[int], str]) -> None:
        ...
    @property
    def vector_length_in_bits(self) -> int:
        ...
class MultiLevelTilingTensorCore(MultiLevelTiling):
    """
    Tiles onto tensor cores.
    """
    def __init__(self, arg0: collections.abc.Sequence[collections.abc.Mapping[str, str]], arg1: str, arg2: collections.abc.Sequence[str], arg3: int, arg4: collections.abc.Sequence[int], arg5: tuple[str, collections.abc.Sequence[int], str], arg6: tuple[str, collections.abc.Sequence[int], str], arg7: bool) -> None:
        ...
    @property
    def use_software_pipeline(self) -> bool:
        ...
class CrossThreadReduction(ScheduleRule):
    """
    Lets threads share a reduction.
    """
    def __init__(self, thread_extents: collections.abc.Sequence[int]) -> None:
        ...
    @property
    def thread_extents(self) -> list[int]:
        ...
class AutoBind(ScheduleRule):
    """
    Binds loops to blocks and threads.
    """
    def __init__(self, max_threadblocks: int = 256, thread_extents: collections.abc.Sequence[int] = [32, 64, 128, 256, 512, 1024], max_threads_per_block: int = -1) -> None:
        ...
    @property
    def max_threadblocks(self) -> int:
        ...
    @property
    def thread_extents(self) -> list[int]:
        ...
class DisallowDynamicLoop(Postproc):
    """
    Refuses loops without a constant extent.
    """
    def __init__(self) -> None:
        ...
class RewriteParallelVectorizeUnroll(Postproc):
    """
    Carries out the annotations of its rule.
    """
    def __init__(self) -> None:
        ...
class RewriteReductionBlock(Postproc):
    """
    Takes out the inits of reductions.
    """
    def __init__(self) -> None:
        ...
class RewriteLayout(Postproc):
    """
    Lays out free buffers as they are read.
    """
    def __init__(self) -> None:
        ...
class RewriteCooperativeFetch(Postproc):
    """
    Lets all threads fetch, in vectors.
    """
    def __init__(self) -> None:
        ...
class RewriteUnboundBlock(Postproc):
    """
    Binds loops no thread runs yet.
    """
    def __init__(self, max_threadblocks: int = 256) -> None:
        ...
    @property
    def max_threadblocks(self) -> int:
        ...
class RewriteTensorize(Postproc):
    """
    Puts in tensor instructions.
    """
    def __init__(self, vectorize_init_loop: bool = False) -> None:
        ...
    @property
    def vectorize_init_loop(self) -> bool:
        ...
class VerifyGPUCode(Postproc):
    """
    Refuses kernels beyond the device's limits.
    """
    def __init__(self) -> None:
        ...
class DisallowAsyncStridedMemCopy(Postproc):
    """
    Refuses asynchronous stages of pipelines that copy elements with holes between them.
    """
    def __init__(self) -> None:
        ...
class VerifyVTCMLimit(Postproc):
    """
    Refuses programs that hold too much in VTCM.
    """
    def __init__(self) -> None:
        ...
class MutateTileSize(Mutator):
    """
    Moves factors between tile levels.
    """
    def __init__(self) -> None:
        ...
class MutateUnroll(Mutator):
    """
    Changes the limit of unrolling.
    """
    def __init__(self) -> None:
        ...
class MutateComputeLocation(Mutator):
    """
    Moves a block.
    """
    def __init__(self) -> None:
        ...
class MutateThreadBinding(Mutator):
    """
    Changes how many threads a loop has.
    """
    def __init__(self) -> None:
        ...
class MutateParallel(Mutator):
    """
    Changes how many loops run in parallel.
    """
    def __init__(self, max_jobs_per_core: int) -> None:
        ...
    @property
    def max_jobs_per_core(self) -> int:
        ...
class PostOrderApply(SpaceGenerator):
    """
    Applies every rule to every block.
    """
    def __init__(self, arg0: collections.abc.Callable[[Object], bool] | None) -> None:
        ...
class ScheduleFn(SpaceGenerator):
    """
    A space given by a function.
    """
    def __init__(self, arg0: collections.abc.Callable) -> None:
        ...
class SpaceGeneratorUnion(SpaceGenerator):
    """
    Several generators as one.
    """
    def __init__(self, arg0: collections.abc.Sequence[SpaceGenerator]) -> None:
        ...
    @property
    def space_generators(self) -> list[SpaceGenerator]:
        ...
class ReplayTrace(SearchStrategy):
    """
    Random decisions on the design spaces.
    """
    def __init__(self, max_fail_count: int = 100) -> None:
        ...
    @property
    def max_fail_count(self) -> int:
        ...
class ReplayFunc(SearchStrategy):
    """
    Generates the space anew for each candidate.
    """
    def __init__(self) -> None:
        ...
class EvolutionarySearch(SearchStrategy):
    """
    Mutates traces and keeps what the cost model likes.
    """
    def __init__(self, *, population_size: int = 512, init_measured_ratio: float = 0.2, init_min_unmeasured: int = 50, max_fail_count: int = 5, genetic_num_iters: int = 4, genetic_mutate_prob: float = 0.85, genetic_max_fail_count: int = 10, eps_greedy: float = 0.05) -> None:
        ...
    def _evolve_with_cost_model(self, population: collections.abc.Sequence[Schedule], num: int) -> list[Schedule]:
        ...
    def _sample_init_population(self, num: int) -> list[Schedule]:
        ...
    @property
    def eps_greedy(self) -> float:
        ...
    @property
    def genetic_max_fail_count(self) -> int:
        ...
    @property
    def genetic_mutate_prob(self) -> float:
        ...
    @property
    def genetic_num_iters(self) -> int:
        ...
    @property
    def init_measured_ratio(self) -> float:
        ...
    @property
    def init_min_unmeasured(self) -> int:
        ...
    @property
    def max_fail_count(self) -> int:
        ...
    @property
    def num_empty_iters_before_early_stop(self) -> int:
        ...
    @property
    def population_size(self) -> int:
        ...
class RoundRobin(TaskScheduler):
    """
    Every task in turn.
    """
    def __init__(self) -> None:
        ...
    @property
    def task_id(self) -> int:
        ...
class GradientBased(TaskScheduler):
    """
    The task that promises the most.
    """
    def __init__(self, *, alpha: float = 0.2, window_size: int = 3, seed: int = -1) -> None:
        ...
    @property
    def alpha(self) -> float:
        ...
    @property
    def window_size(self) -> int:
        ...
class AddToDatabase(MeasureCallback):
    """
    Commits what was measured.
    """
    def __init__(self) -> None:
        ...
class RemoveBuildArtifact(MeasureCallback):
    """
    Removes what was built.
    """
    def __init__(self) -> None:
        ...
class UpdateCostModel(MeasureCallback):
    """
    Teaches the cost model.
    """
    def __init__(self) -> None:
        ...
class Workload:
    """
    A program, with its structural hash.
    """
    @staticmethod
    def from_json(json_obj: typing.Any) -> Workload:
        """
        The workload that `as_json` wrote.
        """
    def __init__(self, mod: IRModule) -> None:
        ...
    def _as_json(self) -> str:
        ...
    def as_json(self) -> typing.Any:
        """
        The value of JSON that `from_json` reads.
        """
    @property
    def mod(self) -> IRModule:
        ...
class TuningRecord:
    """
    A trace and how fast it was.
    """
    @staticmethod
    def from_json(json_obj: typing.Any, workload: Workload) -> TuningRecord:
        """
        The record of a workload that `as_json` wrote.
        """
    def __init__(self, trace: Trace, workload: Workload, run_secs: collections.abc.Sequence[float] | None = None, target: Target | None = None, args_info: collections.abc.Sequence[ArgInfo] | None = None) -> None:
        ...
    def _as_json(self) -> str:
        ...
    def as_json(self) -> typing.Any:
        """
        The value of JSON that `from_json` reads.
        """
    def as_measure_candidate(self) -> MeasureCandidate:
        ...
    def is_valid(self) -> bool:
        ...
    @property
    def args_info(self) -> list[ArgInfo] | None:
        ...
    @property
    def run_secs(self) -> list[float] | None:
        ...
    @property
    def target(self) -> Target:
        ...
    @property
    def trace(self) -> Trace:
        ...
    @property
    def workload(self) -> Workload:
        ...
class Database:
    """
    What tuning has learned.
    """
    DatabaseType: typing.ClassVar[typing.Any]
    @staticmethod
    def create(kind = 'json', *args, **kwargs) -> Database:
        """
        The database of a kind: "json", "memory", "sqlite", "union", "ordered_union", or from a
            function of a schedule.
        """
    @staticmethod
    def current() -> Database | None:
        """
        The innermost database of a `with` statement of this thread, or None.
        """
    @classmethod
    def __init_subclass__(cls, **kwargs):
        ...
    def __enter__(self):
        ...
    def __exit__(self, *_exception) -> None:
        ...
    def __init__(self) -> None:
        ...
    def __init_handle_by_constructor__(self, *_args):
        ...
    def __len__(self) -> int:
        ...
    def _outer(self):
        """
        The object itself: there is no second one around it.
        """
    def commit_tuning_record(self, record: TuningRecord) -> None:
        ...
    def commit_workload(self, mod: IRModule) -> Workload:
        ...
    def dump_pruned(self, destination: Database) -> None:
        ...
    def get_all_tuning_records(self) -> list[TuningRecord]:
        ...
    def get_top_k(self, workload: Workload, top_k: int) -> list[TuningRecord]:
        ...
    def has_workload(self, mod: IRModule) -> bool:
        ...
    def query(self, mod, target, *, workload_name: str = 'main', kind: str = 'schedule') -> typing.Any:
        """
        The best there is for a module: a "schedule", a "record" or an "ir_module"; None without.
        """
    def query_ir_module(self, mod: IRModule, target: Target | None, workload_name: str | None = 'main') -> Object:
        """
        The program of the best record's schedule, or None.
        """
    def query_schedule(self, mod: IRModule, target: Target | None, workload_name: str | None = 'main') -> Schedule:
        """
        The schedule of the best record, or None.
        """
    def query_tuning_record(self, mod: IRModule, target: Target | None, workload_name: str | None = 'main') -> TuningRecord:
        """
        The best record of an equal workload, or None.
        """
class MemoryDatabase(Database):
    """
    Ends with the process.
    """
    def __init__(self, module_equality: str = 'structural') -> None:
        ...
    @property
    def records(self) -> list[TuningRecord]:
        ...
    @property
    def workloads(self) -> list[Workload]:
        ...
class JSONDatabase(Database):
    """
    Two files of JSON lines.
    """
    def __init__(self, arg0: str, arg1: str, arg2: bool, arg3: str) -> None:
        ...
    @property
    def path_tuning_record(self) -> str:
        ...
    @property
    def path_workload(self) -> str:
        ...
class SqliteDatabase(Database):
    """
    A file of SQLite, for many processes.
    """
    def __init__(self, arg0: str, arg1: bool, arg2: str) -> None:
        ...
    @property
    def path(self) -> str:
        ...
class UnionDatabase(Database):
    """
    The best of several.
    """
    def __init__(self, *args) -> None:
        ...
    @property
    def databases(self) -> list[Database]:
        ...
class OrderedUnionDatabase(Database):
    """
    The first of several that has a record.
    """
    def __init__(self, *args) -> None:
        ...
    @property
    def databases(self) -> list[Database]:
        ...
class ScheduleFnDatabase(Database):
    """
    A function that schedules by hand.
    """
    def __init__(self, schedule_fn: collections.abc.Callable[[Schedule], bool], module_equality: str = 'structural') -> None:
        ...
class RandomModel(CostModel):
    """
    Random scores.
    """
    def __init__(self, *, seed: int | None = None, path: str | None = None, max_range: float = 100.0) -> None:
        ...
class XGBModel(CostModel):
    """
    Boosted trees.
    """
    def __init__(self, *, extractor = 'per-store-feature', config = None, num_warmup_samples: int = 100, early_stopping_rounds: int = 50, verbose_eval: int = 25, average_peak_n: int = 32, adaptive_training: bool = True, num_tuning_cores: int | None = None, tree_method: str | None = None, path: str | None = None) -> None:
        """
        Gradient-boosted trees over per-store features. `config` is an XGBConfig or a dict of its
            fields.
        """
    @property
    def _config(self) -> tuple[int, float, float, float, int, int, str]:
        ...
    @property
    def adaptive_training(self) -> bool:
        ...
    @property
    def average_peak_n(self) -> int:
        ...
    @property
    def config(self):
        ...
    @property
    def data_size(self) -> int:
        ...
    @property
    def early_stopping_rounds(self) -> int:
        ...
    @property
    def extractor(self) -> FeatureExtractor:
        ...
    @property
    def num_warmup_samples(self) -> int:
        ...
    @property
    def verbose_eval(self) -> int:
        ...
class MLPModel(CostModel):
    """
    A neural network.
    """
    def __init__(self, arg0: FeatureExtractor, arg1: dict, arg2: dict, arg3: int) -> None:
        ...
    @property
    def data_size(self) -> int:
        ...
class PerStoreFeature(FeatureExtractor):
    """
    One row of features for each written buffer.
    """
    def __init__(self, buffers_per_store: int = 5, arith_intensity_curve_num_samples: int = 10, cache_line_bytes: int = 64, extract_workload: bool = False) -> None:
        ...
    @property
    def arith_intensity_curve_num_samples(self) -> int:
        ...
    @property
    def buffers_per_store(self) -> int:
        ...
    @property
    def cache_line_bytes(self) -> int:
        ...
    @property
    def feature_vector_length(self) -> int:
        ...
class Profiler:
    """
    Seconds by name.
    """
    @staticmethod
    def current() -> Profiler:
        ...
    @staticmethod
    def timeit(arg0: str) -> _Timer:
        ...
    def __enter__(self) -> Profiler:
        ...
    def __exit__(self, *args) -> None:
        ...
    def __init__(self) -> None:
        ...
    def get(self) -> dict[str, float]:
        ...
    def table(self) -> str:
        ...
class _Timer:
    def __enter__(self) -> None:
        ...
    def __exit__(self, *args) -> None:
        ...
def abs(arg0: Object) -> Object:
    ...
def aligned_empty(dtype: str, shape: collections.abc.Sequence[int]) -> numpy.ndarray:
    ...
def apply_custom_rule(name: str, sch: Schedule, block: BlockRV) -> list[Schedule]:
    ...
def apply_json_to_schedule(arg0: str, arg1: typing.Any) -> None:
    ...
def arg_info_from_entry_func(arg0: Object, arg1: bool) -> list[ArgInfo]:
    ...
def arg_info_from_json(arg0: str) -> ArgInfo:
    ...
def arg_info_from_prim_func(arg0: Object) -> list[ArgInfo]:
    ...
def arith_deduce_bound(arg0: Object, arg1: Object, arg2: dict, arg3: dict) -> IntSet:
    ...
def arith_detect_clip_bound(arg0: Object, arg1: list[Object]) -> list[Object]:
    ...
def arith_detect_iter_map(arg0: collections.abc.Sequence[Object], arg1: dict, arg2: Object, arg3: int, arg4: bool) -> tuple[list[IterSumExpr], list[str], Object]:
    ...
def arith_detect_linear_equation(arg0: Object, arg1: list[Object]) -> list[Object]:
    ...
def arith_eval_set(arg0: Object, arg1: dict) -> IntSet:
    ...
def arith_intersect(arg0: collections.abc.Sequence[IntSet]) -> IntSet:
    ...
def arith_inverse_affine_iter_map(arg0: collections.abc.Sequence[IterSumExpr], arg1: collections.abc.Sequence[Object]) -> dict:
    ...
def arith_iter_map_simplify(arg0: collections.abc.Sequence[Object], arg1: dict, arg2: Object, arg3: int, arg4: bool) -> list[Object]:
    ...
@typing.overload
def arith_normalize_iter_map_to_expr(arg0: IterSumExpr) -> Object:
    ...
@typing.overload
def arith_normalize_iter_map_to_expr(arg0: IterSplitExpr) -> Object:
    ...
def arith_normalize_to_iter_sum(arg0: Object, arg1: dict) -> IterSumExpr:
    ...
def arith_region(arg0: str, arg1: list[Object], arg2: dict, arg3: Object) -> list[IntSet] | None:
    ...
def arith_solve_linear_equations(arg0: collections.abc.Sequence[Object], arg1: list[Object], arg2: dict) -> tuple[list[Object], dict, list[Object], dict, dict]:
    ...
def arith_subspace_divide(arg0: collections.abc.Sequence[Object], arg1: dict, arg2: list[Object], arg3: Object, arg4: int, arg5: bool) -> typing.Any:
    ...
def arith_union(arg0: collections.abc.Sequence[IntSet]) -> IntSet:
    ...
def arith_union_lower_bound(arg0: collections.abc.Sequence[IntSet]) -> IntSet:
    ...
def auto_tensorize_mapping(arg0: Schedule, arg1: BlockRV, arg2: Object) -> typing.Any:
    ...
def available_cores() -> int:
    ...
def binary(arg0: str, arg1: Object, arg2: Object) -> Object:
    ...
def bitwise(arg0: str, arg1: Object, arg2: Object) -> Object:
    ...
def bitwise_not(arg0: Object) -> Object:
    ...
def buffer_access_ptr(arg0: Object, arg1: typing.Any, arg2: Object | None, arg3: Object | None) -> Object:
    ...
def buffer_offset_of(arg0: Object, arg1: list[Object]) -> list[Object]:
    ...
def buffer_vload(arg0: Object, arg1: list[Object], arg2: typing.Any, arg3: Object | None) -> Object:
    ...
def buffer_vstore(arg0: Object, arg1: list[Object], arg2: Object, arg3: Object | None) -> Object:
    ...
def call_intrinsic(arg0: str, *args) -> Object:
    ...
def call_math(arg0: str, arg1: Object) -> Object:
    ...
def cast(arg0: str, arg1: Object) -> Object:
    ...
def ceildiv(arg0: Object, arg1: Object) -> Object:
    ...
def check_interrupt() -> None:
    ...
def check_well_formed(arg0: Object) -> None:
    ...
def compile(arg0: Object, arg1: str, arg2: float, arg3: int) -> Artifact:
    ...
def compile_text(arg0: Object, arg1: str, arg2: float, arg3: int) -> tuple[str, str]:
    ...
def const(value: typing.Any, dtype: typing.Any = None) -> Object:
    ...
def custom_rule_names() -> list[str]:
    ...
def database_current() -> Database:
    ...
def database_enter(arg0: Database) -> None:
    ...
def database_exit() -> None:
    ...
def default_mutators(arg0: str) -> list[tuple[Mutator, float]]:
    ...
def default_postprocs(arg0: str) -> list[Postproc]:
    ...
def default_schedule_rules(arg0: str) -> list[ScheduleRule]:
    ...
def describe_out_of_bounds(arg0: Object) -> str:
    ...
def estimate_tir_flops(arg0: Object) -> float:
    ...
def field_names(arg0: str) -> tuple:
    """
    The names of the fields of a node kind, in order.
    """
def field_types(kind: str) -> list:
    """
    The fields of a node kind with their types.
    """
def find_anchor_block(arg0: Object) -> Object:
    ...
def find_ill_formed(arg0: Object) -> str | None:
    ...
def find_tensor_intrin(arg0: str) -> Object:
    ...
def first_mismatch(lhs: Object, rhs: Object, map_free_vars: bool = False) -> tuple[str, str] | None:
    ...
def func_specialize(arg0: Object, arg1: dict) -> Object:
    ...
def func_with_attrs(arg0: Object, arg1: dict[str, Object]) -> Object:
    ...
def func_with_body(arg0: Object, arg1: Object) -> Object:
    ...
def func_without_attr(arg0: Object, arg1: str) -> Object:
    ...
def get_block_access_region(block: Object, buffer_var_map: dict) -> list:
    ...
def get_tensor_intrin(arg0: str) -> Object:
    ...
def has_if_then_else(arg0: Object) -> bool:
    ...
def if_then_else(arg0: Object, arg1: Object, arg2: Object) -> Object:
    ...
def index_map_indices(arg0: Object, arg1: list[Object]) -> list[Object]:
    ...
def index_map_inverse(arg0: Object, arg1: collections.abc.Sequence) -> Object:
    ...
def index_map_non_surjective_inverse(arg0: Object, arg1: collections.abc.Sequence) -> tuple[Object, Object]:
    ...
def index_map_shape(arg0: Object, arg1: list[Object]) -> list[Object]:
    ...
def index_maps_equivalent(arg0: Object, arg1: Object) -> bool:
    ...
def infinity(arg0: str) -> Object:
    ...
def invoke(arg0: Schedule, arg1: int, arg2: tuple, arg3: typing.Any) -> typing.Any:
    ...
def ir_transform(node: Object, preorder: typing.Any, postorder: typing.Any, only_enable: collections.abc.Sequence[str]) -> Object:
    ...
def is_spatial_prim_func(arg0: Object) -> bool:
    ...
def kind_of(arg0: typing.Any) -> str:
    ...
def likely(arg0: Object) -> Object:
    ...
def load_json(arg0: str) -> Object:
    ...
def logical_not(arg0: Object) -> Object:
    ...
def lower(mod: IRModule, vectorize: bool = True) -> Object:
    ...
def make_allocate(arg0: Object, arg1: str, arg2: list[Object], arg3: Object, arg4: Object, arg5: dict[str, Object]) -> Object:
    ...
def make_assert_stmt(arg0: Object, arg1: Object, arg2: Object) -> Object:
    ...
def make_attr_stmt(arg0: Object, arg1: str, arg2: Object, arg3: Object) -> Object:
    ...
def make_binary(arg0: str, arg1: Object, arg2: Object) -> Object:
    ...
def make_block(arg0: list[Object], arg1: list[Object], arg2: list[Object], arg3: str, arg4: Object, arg5: Object | None, arg6: list[Object], arg7: list[Object], arg8: dict[str, Object]) -> Object:
    ...
def make_block_realize(arg0: list[Object], arg1: Object, arg2: Object) -> Object:
    ...
def make_broadcast(arg0: Object, arg1: Object) -> Object:
    ...
def make_buffer(arg0: list[Object], arg1: str, arg2: str, arg3: Object | None, arg4: list[Object], arg5: Object | None, arg6: str, arg7: int, arg8: int, arg9: str, arg10: list[Object]) -> Object:
    ...
def make_buffer_load(buffer: Object, indices: list[Object], predicate: Object | None = None) -> Object:
    ...
def make_buffer_region(arg0: Object, arg1: list[Object]) -> Object:
    ...
def make_buffer_store(arg0: Object, arg1: Object, arg2: list[Object], arg3: Object | None) -> Object:
    ...
def make_call(arg0: str, arg1: typing.Any, arg2: list[Object]) -> Object:
    ...
def make_cast(arg0: str, arg1: Object) -> Object:
    ...
def make_comm_reducer(arg0: list[Object], arg1: list[Object], arg2: list[Object], arg3: list[Object]) -> Object:
    ...
def make_decl_buffer(arg0: Object, arg1: Object) -> Object:
    ...
def make_dummy_global_info() -> Object:
    ...
def make_evaluate(arg0: Object) -> Object:
    ...
def make_float_imm(arg0: str, arg1: float) -> Object:
    ...
def make_for(arg0: Object, arg1: Object, arg2: Object, arg3: int, arg4: Object, arg5: Object | None, arg6: dict[str, Object]) -> Object:
    ...
def make_global_var(arg0: str) -> Object:
    ...
def make_if_then_else(arg0: Object, arg1: Object, arg2: Object | None) -> Object:
    ...
def make_index_map(initial_indices: list[Object], final_indices: list[Object], inverse_index_map: Object | None = None) -> Object:
    ...
def make_int_imm(arg0: str, arg1: int) -> Object:
    ...
def make_iter_var(arg0: Object | None, arg1: Object, arg2: int, arg3: str) -> Object:
    ...
def make_let(arg0: Object, arg1: Object, arg2: Object) -> Object:
    ...
def make_let_stmt(arg0: Object, arg1: Object, arg2: Object) -> Object:
    ...
def make_match_buffer_region(arg0: Object, arg1: Object) -> Object:
    ...
def make_module(functions: dict, attrs: dict[str, Object] = {}, global_infos: dict[str, Object] = {}) -> Object:
    ...
def make_not(arg0: Object) -> Object:
    ...
def make_pointer_type(arg0: Object, arg1: str) -> Object:
    ...
def make_prim_func(arg0: list[Object], arg1: Object, arg2: Object | None, arg3: dict, arg4: dict[str, Object]) -> Object:
    ...
def make_prim_type(arg0: str) -> Object:
    ...
def make_producer_load(arg0: Object, arg1: list[Object]) -> Object:
    ...
def make_ramp(arg0: Object, arg1: Object, arg2: Object) -> Object:
    ...
def make_range(begin: Object, end: Object | None = None) -> Object:
    ...
def make_range_min_extent(arg0: Object, arg1: Object) -> Object:
    ...
def make_reduce(arg0: Object, arg1: list[Object], arg2: list[Object], arg3: Object, arg4: int, arg5: list[Object]) -> Object:
    ...
def make_runner_future(arg0: collections.abc.Callable[[], bool], arg1: collections.abc.Callable[[], RunnerResult]) -> RunnerFuture:
    ...
def make_select(arg0: Object, arg1: Object, arg2: Object) -> Object:
    ...
def make_seq_stmt(arg0: list[Object]) -> Object:
    ...
@typing.overload
def make_shuffle(arg0: list[Object], arg1: list[Object]) -> Object:
    ...
@typing.overload
def make_shuffle(arg0: list[Object], arg1: list[Object]) -> Object:
    ...
def make_string_imm(arg0: str) -> Object:
    ...
def make_tensor_intrin(arg0: Object, arg1: Object) -> Object:
    ...
def make_var(arg0: str, arg1: typing.Any, arg2: bool) -> Object:
    ...
def make_vdevice(arg0: Object, arg1: int, arg2: str) -> Object:
    ...
def make_while(arg0: Object, arg1: Object) -> Object:
    ...
def match_types(arg0: Object, arg1: Object) -> tuple[Object, Object]:
    ...
def max_value(arg0: str) -> Object:
    ...
def min_value(arg0: str) -> Object:
    ...
def module_from_func(arg0: Object) -> Object:
    ...
def module_global_var(arg0: Object, arg1: str) -> Object:
    ...
def module_lookup(arg0: Object, arg1: str) -> Object:
    ...
def module_rename(arg0: Object, arg1: collections.abc.Mapping[str, str]) -> Object:
    ...
def module_with_attrs(arg0: Object, arg1: dict[str, Object]) -> Object:
    ...
def module_with_function(arg0: Object, arg1: str, arg2: Object) -> Object:
    ...
def module_with_global_info(arg0: Object, arg1: str, arg2: Object) -> Object:
    ...
def module_without_attr(arg0: Object, arg1: str) -> Object:
    ...
def neg(arg0: Object) -> Object:
    ...
def normalize_mod(arg0: Object) -> Object:
    ...
def normalize_prim_func(arg0: Schedule) -> typing.Any:
    ...
def op_get(arg0: str) -> Object:
    ...
def op_names() -> list[str]:
    ...
def op_rows() -> list[tuple[str, int, int]]:
    ...
def parse_script(text: str, file: str, first_line: int, tir_names: collections.abc.Sequence[str], ir_names: collections.abc.Sequence[str], lookup: typing.Any, macro: typing.Any) -> Object:
    ...
def parse_target(text: str, host: Object | None = None) -> Object:
    ...
def pass_table() -> list:
    ...
def physical_cores() -> int:
    ...
def post_order_visit(arg0: Object, arg1: collections.abc.Callable) -> None:
    ...
def pre_order_visit(arg0: Object, arg1: collections.abc.Callable) -> None:
    ...
def primitive_table() -> list:
    ...
def primitive_types() -> list:
    """
    The primitives with the types of their arguments.
    """
def rebind(arg0: typing.Any, arg1: Object) -> None:
    ...
def register_class(arg0: str, arg1: type) -> None:
    ...
def register_containers(arg0: typing.Any, arg1: typing.Any) -> None:
    ...
def register_custom_rule(arg0: str, arg1: collections.abc.Callable) -> None:
    ...
def register_metal_intrins() -> None:
    ...
def register_reducer(arg0: int, arg1: collections.abc.Callable, arg2: collections.abc.Callable) -> None:
    ...
def register_rvv_intrins(arg0: int) -> None:
    ...
def register_target_tag(arg0: str, arg1: dict[str, Object], arg2: bool) -> None:
    ...
def register_tensor_intrin(arg0: str, arg1: Object, arg2: bool) -> None:
    ...
def remove_custom_rule(arg0: str) -> None:
    ...
def remove_weight_layout_rewrite_block(arg0: Object) -> Object:
    ...
def renew_defs(arg0: Object) -> Object:
    ...
def rule_kind(arg0: Object) -> str:
    ...
def run_pass(mod: IRModule, name: str) -> Object:
    ...
def rvv_intrins(arg0: int) -> list[tuple[str, int]]:
    ...
def save_json(arg0: Object) -> str:
    ...
def schedule_block_realize(arg0: Schedule, arg1: BlockRV) -> Object:
    ...
def schedule_has_block(arg0: Schedule, arg1: str) -> bool:
    ...
def schedule_is_output_block(arg0: Schedule, arg1: BlockRV) -> bool:
    ...
def schedule_is_reduction_block(arg0: Schedule, arg1: BlockRV, arg2: BlockRV) -> bool:
    ...
def schedule_is_trivial_binding(arg0: Schedule, arg1: BlockRV) -> bool:
    ...
def schedule_loop_iter_type(arg0: Schedule, arg1: LoopRV) -> str:
    ...
def schedule_sref(arg0: Schedule, arg1: typing.Any) -> StmtSRef:
    ...
def schedule_state(arg0: Schedule) -> ScheduleState:
    ...
def schedule_using_anchor_trace(sch: Schedule, anchor_trace: Trace, target: Target) -> None:
    ...
def select(arg0: Object, arg1: Object, arg2: Object) -> Object:
    ...
def sme_gemm_intrin(arg0: int, arg1: int, arg2: str) -> Object:
    ...
def sme_transpose_intrin(arg0: int, arg1: int) -> Object:
    ...
def structural_equal(lhs: Object, rhs: Object, map_free_vars: bool = False) -> bool:
    ...
def structural_hash(node: Object, map_free_vars: bool = False) -> int:
    ...
def substitute(arg0: Object, arg1: dict) -> Object:
    ...
def suggest_index_map(arg0: Object, arg1: list[Object], arg2: list[Object], arg3: Object) -> Object:
    ...
def target_device_type(arg0: Object) -> int:
    ...
def target_export(arg0: Object) -> dict[str, Object]:
    ...
def target_from_dict(config: dict[str, Object], host: Object | None = None) -> Object:
    ...
def target_kind(arg0: Object) -> str:
    ...
def target_kinds() -> list[str]:
    ...
def target_str(arg0: Object) -> str:
    ...
def target_tags() -> list[str]:
    ...
def target_with_host(arg0: Object, arg1: Object | None) -> Object:
    ...
def te_compute(arg0: str, arg1: str, arg2: dict[str, Object], arg3: list[Object], arg4: list[Object]) -> list[Object]:
    ...
def te_create_prim_func(arg0: collections.abc.Sequence[Object], arg1: str | None) -> Object:
    ...
def te_create_workload(arg0: str, arg1: int) -> Object:
    ...
def te_extern(arg0: str, arg1: str, arg2: dict[str, Object], arg3: collections.abc.Sequence[Object], arg4: collections.abc.Sequence[Object], arg5: collections.abc.Sequence[Object], arg6: Object) -> list[Object]:
    ...
def te_inputs(arg0: Object) -> list[Object]:
    ...
def te_output(arg0: Object, arg1: int) -> Object:
    ...
def te_placeholder(arg0: list[Object], arg1: str, arg2: str) -> Object:
    ...
def te_same_tensor(arg0: Object, arg1: Object) -> bool:
    ...
def te_workload(name: str, sizes: collections.abc.Sequence[int], kernel: int = 1, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1, in_dtype: str = 'float32', out_dtype: str = 'float32', extra: int = 0) -> list[Object]:
    ...
def te_workloads() -> list[tuple[str, int]]:
    ...
def tensor_intrin_names() -> list[str]:
    ...
def tensorize_loop_mapping(arg0: Schedule, arg1: BlockRV, arg2: Object, arg3: bool) -> typing.Any:
    ...
def tile_with_tensor_intrin(arg0: Schedule, arg1: BlockRV, arg2: str, arg3: bool) -> LoopRV | None:
    ...
def timeit(arg0: str) -> _Timer:
    ...
def to_expression(arg0: Object) -> Object:
    ...
def to_script(node: Object, **kwargs) -> str:
    ...
def topi_conv2d_nchw(arg0: Object, arg1: Object, arg2: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"], arg3: typing.Annotated[collections.abc.Sequence[int], "FixedSize(4)"], arg4: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"], arg5: str) -> Object:
    ...
def topi_pad(arg0: Object, arg1: list[Object], arg2: list[Object], arg3: Object, arg4: str, arg5: dict[str, Object]) -> Object:
    ...
def topi_pool2d(arg0: Object, arg1: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"], arg2: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"], arg3: typing.Annotated[collections.abc.Sequence[int], "FixedSize(2)"], arg4: typing.Annotated[collections.abc.Sequence[int], "FixedSize(4)"], arg5: bool, arg6: bool, arg7: str, arg8: bool) -> Object:
    ...
def topi_relu(arg0: Object) -> Object:
    ...
def topi_softmax(arg0: Object, arg1: int) -> Object:
    ...
def topi_winograd(arg0: Object, arg1: Object, arg2: bool, arg3: typing.Annotated[collections.abc.Sequence[int], "FixedSize(4)"], arg4: int, arg5: bool, arg6: str, arg7: int) -> Object:
    ...
def trace_from_json(arg0: str) -> Trace:
    ...
def tuning_record_from_json(arg0: str, arg1: Workload) -> TuningRecord:
    ...
def type_key_of(arg0: typing.Any) -> str:
    ...
def undefined_vars(node: Object, defs: collections.abc.Sequence[Object]) -> list[Object]:
    ...
def vectorize_loop(mod: IRModule, enable: bool) -> Object:
    ...
def verify_memory(arg0: Object) -> bool:
    ...
def workload_from_json(arg0: str) -> Workload:
    ...
__version__: str = '0.1.0'
