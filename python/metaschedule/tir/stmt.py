# SPDX-License-Identifier: Apache-2.0
"""Statements. Constructors take what the fields of the same names hold; `span` is ignored."""

from .. import _core
from ..ir.base import Object, node_class


class Stmt(Object):
    """Base of statements."""

    __slots__ = ()


class ForKind:
    """What may happen to the iterations of a loop."""

    SERIAL, PARALLEL, VECTORIZED, UNROLLED, THREAD_BINDING = range(5)


@node_class
class LetStmt(Stmt):
    """`body` with `var` bound to `value`."""

    __slots__ = ()

    def __new__(cls, var, value, body, span=None):
        return _core.make_let_stmt(var, value, body)


@node_class
class AttrStmt(Stmt):
    """`body` with a remark about `node`."""

    __slots__ = ()

    def __new__(cls, node, attr_key, value, body, span=None):
        return _core.make_attr_stmt(node, attr_key, value, body)


@node_class
class AssertStmt(Stmt):
    """Stops with `message` unless `condition`."""

    __slots__ = ()

    def __new__(cls, condition, message, body, span=None):
        return _core.make_assert_stmt(condition, message, body)


@node_class
class BufferStore(Stmt):
    """Writes `value` to an element of a buffer."""

    __slots__ = ()

    def __new__(cls, buffer, value, indices, predicate=None, span=None):
        return _core.make_buffer_store(buffer, value, indices, predicate)


@node_class
class Allocate(Stmt):
    """Memory for the time of `body`."""

    __slots__ = ()

    def __new__(cls, buffer_var, dtype, extents, condition, body, annotations=None, span=None):
        return _core.make_allocate(buffer_var, dtype, extents, condition, body, annotations or {})


@node_class
class DeclBuffer(Stmt):
    """A buffer over memory that exists."""

    __slots__ = ()

    def __new__(cls, buffer, body, span=None):
        return _core.make_decl_buffer(buffer, body)


@node_class
class SeqStmt(Stmt):
    """Two or more statements in order. The constructor splices sequences inside it; of one
    statement it gives that itself."""

    __slots__ = ()

    def __new__(cls, seq, span=None):
        return _core.make_seq_stmt(list(seq))

    def __getitem__(self, index):
        return self.seq[index]

    def __len__(self):
        return len(self.seq)


@node_class
class Evaluate(Stmt):
    """Evaluates for the effects."""

    __slots__ = ()

    def __new__(cls, value, span=None):
        return _core.make_evaluate(value)


@node_class
class IfThenElse(Stmt):
    """A conditional; `else_case` may be None."""

    __slots__ = ()

    def __new__(cls, condition, then_case, else_case=None, span=None):
        return _core.make_if_then_else(condition, then_case, else_case)


@node_class
class For(Stmt):
    """A loop; `loop_var` is its identity. `kind` is a ForKind."""

    __slots__ = ()

    def __new__(
        cls,
        loop_var,
        min,
        extent,
        kind,
        body,
        thread_binding=None,
        annotations=None,
        span=None,
    ):
        return _core.make_for(
            loop_var, min, extent, int(kind), body, thread_binding, annotations or {}
        )


@node_class
class While(Stmt):
    """A loop with a condition."""

    __slots__ = ()

    def __new__(cls, condition, body, span=None):
        return _core.make_while(condition, body)


@node_class
class Block(Stmt):
    """The unit of scheduling. Each one that is constructed is another block to a schedule."""

    __slots__ = ()

    def __new__(
        cls,
        iter_vars,
        reads,
        writes,
        name_hint,
        body,
        init=None,
        alloc_buffers=None,
        match_buffers=None,
        annotations=None,
        span=None,
    ):
        return _core.make_block(
            list(iter_vars),
            list(reads),
            list(writes),
            name_hint,
            body,
            init,
            list(alloc_buffers or []),
            list(match_buffers or []),
            annotations or {},
        )


@node_class
class BlockRealize(Stmt):
    """One instance of a block: values for its axes, run only where `predicate` holds."""

    __slots__ = ()

    def __new__(cls, iter_values, predicate, block, span=None):
        return _core.make_block_realize(list(iter_values), predicate, block)


def _statement(name, doc):
    return node_class(
        type(name, (Stmt,), {"__slots__": (), "__doc__": doc, "__module__": __name__})
    )


BufferRealize = _statement("BufferRealize", "The part of a buffer that `body` needs.")
ProducerStore = _statement("ProducerStore", "Writes an element of a tensor expression.")
ProducerRealize = _statement("ProducerRealize", "The part of a tensor that `body` needs.")
AllocateConst = _statement("AllocateConst", "Constant memory.")
Prefetch = _statement("Prefetch", "A hint to fetch a region.")


def stmt_list(stmt):
    """The statements of a sequence; one that is none in a list of its own."""
    return list(stmt.seq) if isinstance(stmt, SeqStmt) else [stmt]


def stmt_seq(*args):
    """Statements and expressions to evaluate, in order, as one statement."""
    return SeqStmt([arg if isinstance(arg, Stmt) else Evaluate(arg) for arg in args])
