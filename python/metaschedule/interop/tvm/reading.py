# SPDX-License-Identifier: Apache-2.0
"""From TVM to us, node by node. A reader dispatches on the names of TVM's node classes, which are
the same in all supported releases; fields are read through TVM's reflection."""

from ... import _core, ir, tir
from . import dialect, values
from .errors import InteropError
from .targets import target_from_tvm

_BINARY = (
    "Add Sub Mul Div Mod FloorDiv FloorMod Min Max EQ NE LT LE GT GE And Or".split()  # both sides
)


def _kind(node):
    return type(node).__name__


def _handle(node):
    return node.__chandle__()


class Reader:
    """Reads the parts of one program: a variable or buffer of TVM is always the same one of
    ours."""

    def __init__(self):
        self._vars, self._buffers, self._globals = {}, {}, {}
        # Handles stay those of what was read only while that lives.
        self._alive = []

    # Types, variables, buffers

    def type(self, type_):
        kind = _kind(type_)
        if kind == "PrimType":
            return ir.PrimType(dialect.dtype_from_tvm(type_.dtype))
        if kind == "PointerType":
            return ir.PointerType(self.type(type_.element_type), str(type_.storage_scope))
        raise InteropError(f"type {kind}: {type_} has no counterpart here")

    def var(self, var):
        known = self._vars.get(_handle(var))
        if known is not None:
            return known
        if dialect.TYPED and _kind(var.ty) == "BufferType":
            raise InteropError(f"buffer {var.name} stands where a number is expected")
        type_ = var.ty if dialect.TYPED else var.type_annotation
        if _is_plain_handle(type_):
            made = tir.Var(str(var.name), "handle")
        elif _kind(var) == "SizeVar":
            made = tir.SizeVar(str(var.name), dialect.dtype_of(var))
        else:
            made = tir.Var(str(var.name), self.type(type_))
        return self._keep(self._vars, var, made)

    def _keep(self, table, node, made):
        self._alive.append(node)
        table[_handle(node)] = made
        return made

    def buffer(self, buffer, data=None):
        """A buffer; the first time it is met, `data` says what memory it views."""
        known = self._buffers.get(_handle(buffer))
        if known is not None:
            return known
        name = str(buffer.name)
        fields = buffer.ty if dialect.TYPED else buffer
        if fields.layout is not None and not dialect.is_plain_layout(fields.layout, fields.shape):
            raise InteropError(f"buffer {name}: a layout ({fields.layout}) has no counterpart here")
        if len(fields.allocated_addr):
            raise InteropError(f"buffer {name}: an allocated address has no counterpart here")
        separators, kind = [], "default"
        if not dialect.TYPED:
            data = self.var(buffer.data)
            separators = [self.expr(e) for e in buffer.axis_separators]
            kind = "auto_broadcast" if int(buffer.buffer_type) == 2 else "default"
        dtype = fields.dtype.dtype if dialect.TYPED else fields.dtype
        made = tir.decl_buffer(
            [self.expr(e) for e in fields.shape],
            dialect.dtype_from_tvm(dtype),
            name,
            data=data,
            strides=[self.expr(e) for e in fields.strides],
            elem_offset=self.expr(fields.elem_offset),
            scope=str(fields.storage_scope) if dialect.TYPED else str(buffer.scope()),
            data_alignment=int(fields.data_alignment),
            offset_factor=int(fields.offset_factor),
            buffer_type=kind,
            axis_separators=separators,
        )
        return self._keep(self._buffers, buffer, made)

    def range(self, range_):
        return ir.Range.from_min_extent(self.expr(range_.min), self.expr(range_.extent))

    def region(self, region):
        buffer = region.source if hasattr(region, "source") else region.buffer
        return tir.BufferRegion(self.buffer(buffer), [self.range(r) for r in region.region])

    def iter_var(self, axis):
        dom = None if axis.dom is None else self.range(axis.dom)
        return tir.IterVar(dom, self.var(axis.var), int(axis.iter_type), str(axis.thread_tag))

    def index_map(self, index_map):
        inverse = index_map.inverse_index_map
        return tir.IndexMap(
            [self.var(v) for v in index_map.initial_indices],
            [self.expr(e) for e in index_map.final_indices],
            None if inverse is None else self.index_map(inverse),
        )

    # Expressions

    def expr(self, expr):
        read = _EXPRESSIONS.get(_kind(expr))
        if read is None:
            raise InteropError(f"expression {_kind(expr)} has no counterpart here: {expr}")
        return read(self, expr)

    def _exprs(self, exprs):
        return [self.expr(e) for e in exprs]

    def _call(self, call):
        op = call.op
        if _kind(op) == "GlobalVar":
            callee = self.global_var(op)
        elif _kind(op) == "Op":
            if op.name == "tirx.buffer_data":
                return self.buffer(call.args[0]).data
            callee = ir.Op.get(dialect.op_from_tvm(str(op.name)))
        else:
            raise InteropError(f"a call of {_kind(op)} has no counterpart here: {call}")
        if getattr(call, "attrs", None) is not None:
            raise InteropError(f"a call with attributes has no counterpart here: {call}")
        return tir.Call(dialect.dtype_of(call), callee, self._exprs(call.args))

    def _load(self, load):
        buffer = load.source if hasattr(load, "source") else load.buffer
        if getattr(load, "predicate", None) is not None:
            raise InteropError(f"a load with a predicate has no counterpart here: {load}")
        return tir.BufferLoad(self.buffer(buffer), self._exprs(load.indices))

    def _bitwise(self, expr):
        name = f"tir.{dialect.BITWISE_BACK[_kind(expr)]}"
        args = [expr.a, expr.b] if hasattr(expr, "b") else [expr.a]
        return tir.Call(dialect.dtype_of(expr), ir.Op.get(name), self._exprs(args))

    def global_var(self, var):
        """The name of a function; one for each name, whatever node of TVM says it."""
        name = str(var.name_hint)
        return self._globals.setdefault(name, ir.GlobalVar(name))

    # Statements

    def stmt(self, stmt):
        return self.stmts([stmt])

    def stmts(self, items):
        """Statements in order, as one. Those that only define what comes after them in TVM hold it
        here."""
        done = []
        items = list(items)
        for at, stmt in enumerate(items):
            kind = _kind(stmt)
            if kind == "SeqStmt":
                done.append(self.stmts(stmt.seq))
            elif kind in _SCOPES:
                done.append(_SCOPES[kind](self, stmt, items[at + 1 :]))
                break
            elif kind in _STATEMENTS:
                done.append(_STATEMENTS[kind](self, stmt))
            else:
                raise InteropError(f"statement {kind} has no counterpart here: {stmt}")
        return tir.SeqStmt(done) if len(done) != 1 else done[0]

    def _rest(self, items):
        return self.stmts(items) if items else tir.Evaluate(0)

    def _bind(self, stmt, rest):
        value = self.expr(stmt.value)
        return tir.LetStmt(self.var(stmt.var), value, self._rest(rest))

    def _alloc(self, stmt, rest):
        buffer = self.buffer(stmt.buffer)
        annotations = values.read_dict(self, stmt.annotations)
        return tir.Allocate(
            buffer.data,
            buffer.dtype,
            list(buffer.shape),
            True,
            tir.DeclBuffer(buffer, self._rest(rest)),
            annotations,
        )

    def _decl(self, stmt, rest):
        data = None
        if dialect.TYPED:
            data = self.expr(stmt.data)
            if not isinstance(data, tir.Var):
                raise InteropError(f"buffer {stmt.buffer.name} views an expression: {stmt.data}")
        return tir.DeclBuffer(self.buffer(stmt.buffer, data), self._rest(rest))

    def _for(self, stmt):
        if stmt.step is not None and not (_kind(stmt.step) == "IntImm" and int(stmt.step) == 1):
            raise InteropError(f"loop {stmt.loop_var.name}: a step of {stmt.step}, not 1")
        thread = stmt.thread_binding
        return tir.For(
            self.var(stmt.loop_var),
            self.expr(stmt.min),
            self.expr(stmt.extent),
            int(stmt.kind),
            self.stmt(stmt.body),
            None if thread is None else self.iter_var(thread),
            values.read_dict(self, stmt.annotations),
        )

    def _block(self, block):
        # What a block defines is read before what uses it.
        allocated = [self.buffer(b) for b in block.alloc_buffers]
        matched = [
            tir.MatchBufferRegion(self.buffer(m.buffer), self.region(m.source))
            for m in block.match_buffers
        ]
        return tir.Block(
            [self.iter_var(axis) for axis in block.iter_vars],
            [self.region(r) for r in block.reads],
            [self.region(r) for r in block.writes],
            str(block.name_hint),
            self.stmt(block.body),
            None if block.init is None else self.stmt(block.init),
            allocated,
            matched,
            values.read_dict(self, block.annotations),
        )

    def _realize(self, stmt):
        return tir.BlockRealize(
            self._exprs(stmt.iter_values), self.expr(stmt.predicate), self._block(stmt.block)
        )

    def _store(self, stmt):
        if getattr(stmt, "predicate", None) is not None:
            raise InteropError(f"a store with a predicate has no counterpart here: {stmt}")
        return tir.BufferStore(
            self.buffer(stmt.buffer), self.expr(stmt.value), self._exprs(stmt.indices)
        )

    def _if(self, stmt):
        other = None if stmt.else_case is None else self.stmt(stmt.else_case)
        return tir.IfThenElse(self.expr(stmt.condition), self.stmt(stmt.then_case), other)

    def _assert(self, stmt, rest):
        message = "".join(str(part.value) for part in stmt.message_parts)
        if str(stmt.error_kind.value) != "RuntimeError" or len(stmt.message_parts) != 1:
            raise InteropError(
                f"an assertion has one message and the kind RuntimeError here, found "
                f"{stmt.error_kind}: {message}"
            )
        return tir.AssertStmt(self.expr(stmt.condition), message, self._rest(rest))

    def _attr(self, stmt):
        return tir.AttrStmt(
            values.read(self, stmt.node),
            dialect.key_from_tvm(str(stmt.attr_key)),
            self.expr(stmt.value),
            self.stmt(stmt.body),
        )

    # Functions and modules

    def func(self, func):
        params, buffers = [], {}
        for param in func.params:
            if dialect.TYPED and _kind(param.ty) == "BufferType":
                made = tir.Var(f"var_{param.name}", "handle")
                buffers[made] = self.buffer(param)
            else:
                made = self.var(param)
                if not dialect.TYPED and param in func.buffer_map:
                    buffers[made] = self.buffer(func.buffer_map[param])
            params.append(made)
        attrs = {} if func.attrs is None else values.read_dict(self, dict(func.attrs.items()))
        # All programs here are of the kind that TVM marks with this.
        if _is_true(attrs.get("s_tir")):
            del attrs["s_tir"]
        else:
            attrs.setdefault("s_tir", tir.const(False, "bool"))
        ret = func.ret_type
        is_void = _kind(ret) == "TupleType" and not ret.fields
        return tir.PrimFunc(
            params, self.stmt(func.body), None if is_void else self.type(ret), buffers, attrs
        )

    def module(self, mod):
        functions = {}
        for var, func in sorted(mod.functions.items(), key=lambda item: str(item[0].name_hint)):
            name = str(var.name_hint)
            if _kind(func) != "PrimFunc":
                raise InteropError(
                    f"function {name} of the module: a {_kind(func)}, not a PrimFunc"
                )
            try:
                functions[self.global_var(var)] = self.func(func)
            except InteropError as error:
                raise InteropError(f"function {name}: {error}") from error
        infos = {}
        for name, items in mod.global_infos.items():
            try:
                infos[str(name)] = [self.global_info(item) for item in items]
            except InteropError as error:
                raise InteropError(f"global infos {name}: {error}") from error
        attrs = {} if mod.attrs is None else values.read_dict(self, dict(mod.attrs.items()))
        return ir.IRModule(functions, attrs=attrs, global_infos=infos)

    def global_info(self, info):
        """A virtual device, or an info that says nothing."""
        if _kind(info) == "DummyGlobalInfo":
            return ir.DummyGlobalInfo()
        if _kind(info) != "VDevice":
            raise InteropError(f"a {_kind(info)} has no counterpart here")
        target = target_from_tvm(info.target)
        return ir.VDevice(target, int(info.vdevice_id), str(info.memory_scope))


def _is_plain_handle(type_):
    if _kind(type_) == "PrimType":
        return str(type_.dtype) == "handle"
    return (
        _kind(type_) == "PointerType"
        and _kind(type_.element_type) == "PrimType"
        and str(type_.element_type.dtype) in ("", "void")
        and type_.storage_scope in ("", "global")
    )


def _is_true(value):
    return isinstance(value, tir.IntImm) and value.value == 1


def _binary(kind):
    return lambda reader, e: _core.make_binary(kind, reader.expr(e.a), reader.expr(e.b))


_EXPRESSIONS = {kind: _binary(kind) for kind in _BINARY}
_EXPRESSIONS.update(
    {
        "Var": Reader.var,
        "SizeVar": Reader.var,
        "IntImm": lambda r, e: tir.IntImm(dialect.dtype_of(e), int(e.value)),
        "FloatImm": lambda r, e: tir.FloatImm(dialect.dtype_of(e), float(e.value)),
        "StringImm": lambda r, e: tir.StringImm(str(e.value)),
        "Not": lambda r, e: tir.Not(r.expr(e.a)),
        "Cast": lambda r, e: tir.Cast(dialect.dtype_of(e), r.expr(e.value)),
        "Select": lambda r, e: tir.Select(
            r.expr(e.condition), r.expr(e.true_value), r.expr(e.false_value)
        ),
        "Ramp": lambda r, e: tir.Ramp(r.expr(e.base), r.expr(e.stride), r.expr(e.lanes)),
        "Broadcast": lambda r, e: tir.Broadcast(r.expr(e.value), r.expr(e.lanes)),
        "Shuffle": lambda r, e: tir.Shuffle(r._exprs(e.vectors), r._exprs(e.indices)),
        "Let": lambda r, e: tir.Let(r.var(e.var), r.expr(e.value), r.expr(e.body)),
        "Call": Reader._call,
        "BufferLoad": Reader._load,
        "TensorLoad": Reader._load,
    }
)
_EXPRESSIONS.update({kind: Reader._bitwise for kind in dialect.BITWISE_BACK})

_STATEMENTS = {
    "For": Reader._for,
    "While": lambda r, s: tir.While(r.expr(s.condition), r.stmt(s.body)),
    "SBlockRealize": Reader._realize,
    "BufferStore": Reader._store,
    "Evaluate": lambda r, s: tir.Evaluate(r.expr(s.value)),
    "IfThenElse": Reader._if,
    "AttrStmt": Reader._attr,
}
_SCOPES = {
    "Bind": Reader._bind,
    "AllocBuffer": Reader._alloc,
    "DeclBuffer": Reader._decl,
    "AssertStmt": Reader._assert,
}
