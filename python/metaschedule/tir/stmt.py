# SPDX-License-Identifier: Apache-2.0
"""Statements: node classes."""

from ..ir.base import Object, node_class


class Stmt(Object):
    """Base of statements."""

    __slots__ = ()


class ForKind:
    """What may happen to the iterations of a loop."""

    SERIAL, PARALLEL, VECTORIZED, UNROLLED, THREAD_BINDING = range(5)


def _statement(name, doc):
    return node_class(
        type(name, (Stmt,), {"__slots__": (), "__doc__": doc, "__module__": __name__})
    )


LetStmt = _statement("LetStmt", "`body` with `var` bound to `value`.")
AttrStmt = _statement("AttrStmt", "`body` with a remark about `node`.")
AssertStmt = _statement("AssertStmt", "Stops with `message` unless `condition`.")
BufferStore = _statement("BufferStore", "Writes `value` to an element of a buffer.")
BufferRealize = _statement("BufferRealize", "The part of a buffer that `body` needs.")
ProducerStore = _statement("ProducerStore", "Writes an element of a tensor expression.")
ProducerRealize = _statement("ProducerRealize", "The part of a tensor that `body` needs.")
Allocate = _statement("Allocate", "Memory for the time of `body`.")
AllocateConst = _statement("AllocateConst", "Constant memory.")
DeclBuffer = _statement("DeclBuffer", "A buffer over memory that exists.")
SeqStmt = _statement("SeqStmt", "Two or more statements in order.")
Evaluate = _statement("Evaluate", "Evaluates for the effects.")
IfThenElse = _statement("IfThenElse", "A conditional; `else_case` may be None.")
For = _statement("For", "A loop; `loop_var` is its identity.")
While = _statement("While", "A loop with a condition.")
Prefetch = _statement("Prefetch", "A hint to fetch a region.")
Block = _statement("Block", "The unit of scheduling.")
BlockRealize = _statement("BlockRealize", "One instance of a block.")
