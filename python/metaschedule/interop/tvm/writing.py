# SPDX-License-Identifier: Apache-2.0
"""From us to TVM, node by node."""

import tvm

from ... import ir, tir
from . import dialect, values
from .errors import InteropError
from .targets import target_to_tvm

_new = dialect.node


class Writer:
    """Writes the parts of one program: a variable or buffer of ours is always the same one
    there."""

    def __init__(self):
        self._vars, self._buffers, self._globals = {}, {}, {}
        # Buffers by their data variables: since 0.26 that variable is a function of the buffer.
        self._by_data = {}

    # Types, variables, buffers

    def type(self, type_):
        if isinstance(type_, ir.PrimType):
            return tvm.ir.PrimType(dialect.dtype_to_tvm(type_.dtype))
        if isinstance(type_, ir.PointerType):
            return tvm.ir.PointerType(self.type(type_.element_type), type_.storage_scope)
        raise InteropError(f"type {type(type_).__name__} has no counterpart in TVM: {type_}")

    def var(self, var):
        if var in self._vars:
            return self._vars[var]
        if var in self._by_data:
            return tvm.tirx.buffer_data(self._by_data[var])
        type_ = var.type_annotation
        if isinstance(type_, ir.PrimType) and type_.dtype == "handle" and dialect.TYPED:
            type_ = tvm.ir.PointerType(tvm.ir.PrimType("void"))
        elif isinstance(type_, ir.PrimType):
            type_ = dialect.dtype_to_tvm(type_.dtype)
        else:
            type_ = self.type(type_)
        # Since 0.26 there is no variable that is known not to be negative; this one is a fact less.
        is_size = isinstance(var, tir.SizeVar) and not dialect.TYPED
        made = _new("SizeVar" if is_size else "Var")(var.name, type_)
        self._vars[var] = made
        return made

    def buffer(self, buffer):
        known = self._buffers.get(buffer)
        if known is not None:
            return known
        options = {}
        if dialect.TYPED:
            if buffer.axis_separators:
                raise InteropError(f"buffer {buffer.name}: axis separators are gone in this TVM")
            if buffer.buffer_type != 1:
                raise InteropError(f"buffer {buffer.name}: automatic broadcast is gone in this TVM")
            options["scope"] = buffer.scope()
            if buffer.data in self._vars:
                options.pop("scope")
                options["data"] = self._vars[buffer.data]
        else:
            options["data"] = self.var(buffer.data)
            options["buffer_type"] = "auto_broadcast" if buffer.buffer_type == 2 else "default"
            options["axis_separators"] = [self.expr(e) for e in buffer.axis_separators]
        made = tvm.tirx.decl_buffer(
            [self.expr(e) for e in buffer.shape],
            dialect.dtype_to_tvm(buffer.dtype),
            buffer.name,
            strides=[self.expr(e) for e in buffer.strides],
            elem_offset=self.expr(buffer.elem_offset),
            data_alignment=buffer.data_alignment,
            offset_factor=buffer.offset_factor,
            layout=None,
            **options,
        )
        self._buffers[buffer] = made
        if dialect.TYPED:
            self._by_data.setdefault(buffer.data, made)
        return made

    def range(self, range_):
        return tvm.ir.Range.from_min_extent(self.expr(range_.min), self.expr(range_.extent))

    def region(self, region):
        return _new("BufferRegion")(
            self.buffer(region.buffer), [self.range(r) for r in region.region]
        )

    def iter_var(self, axis):
        dom = None if axis.dom is None else self.range(axis.dom)
        return _new("IterVar")(dom, self.var(axis.var), axis.iter_type, axis.thread_tag)

    def index_map(self, index_map):
        inverse = index_map.inverse_index_map
        return _new("IndexMap")(
            [self.var(v) for v in index_map.initial_indices],
            self._exprs(index_map.final_indices),
            None if inverse is None else self.index_map(inverse),
        )

    # Expressions

    def expr(self, expr):
        write = _EXPRESSIONS.get(type(expr))
        if write is None:
            raise InteropError(
                f"expression {type(expr).__name__} has no counterpart in TVM: {expr}"
            )
        return write(self, expr)

    def _exprs(self, exprs):
        return [self.expr(e) for e in exprs]

    def _call(self, call):
        args = self._exprs(call.args)
        if isinstance(call.op, ir.GlobalVar):
            op = self.global_var(call.op)
        else:
            short = call.op.name[len("tir.") :]
            if dialect.BITWISE_ARE_NODES and short in dialect.BITWISE:
                return _new(dialect.BITWISE[short])(*args)
            op = tvm.ir.Op.get(dialect.op_to_tvm(call.op.name))
        dtype = dialect.dtype_to_tvm(call.dtype)
        if dialect.TYPED:
            return tvm.ir.Call(op, args, ret_ty=dtype)
        return tvm.tirx.Call(dtype, op, args)

    def _load(self, load):
        if load.predicate is not None:
            raise InteropError(f"a load with a predicate has no counterpart in TVM: {load}")
        return _new("BufferLoad")(self.buffer(load.buffer), self._exprs(load.indices))

    def global_var(self, var):
        """The name of a function; one for each name."""
        name = var.name_hint
        if name not in self._globals:
            self._globals[name] = tvm.ir.GlobalVar(name)
        return self._globals[name]

    # Statements

    def stmt(self, stmt):
        items = self._flat(stmt)
        return items[0] if len(items) == 1 else _new("SeqStmt")(items)

    def _flat(self, stmt):
        """The statements that say it in TVM, where a definition stands before what it is for."""
        if isinstance(stmt, tir.SeqStmt):
            return [item for part in stmt.seq for item in self._flat(part)]
        write = _STATEMENTS.get(type(stmt))
        if write is None:
            raise InteropError(f"statement {type(stmt).__name__} has no counterpart in TVM: {stmt}")
        written = write(self, stmt)
        return written if isinstance(written, list) else [written]

    def _let(self, stmt):
        value = self.expr(stmt.value)
        return [_new("Bind")(self.var(stmt.var), value), *self._flat(stmt.body)]

    def _allocate(self, stmt):
        body = stmt.body
        is_declared = (
            isinstance(body, tir.DeclBuffer)
            and body.buffer.data.same_as(stmt.buffer_var)
            and body.buffer.dtype == stmt.dtype
            and len(body.buffer.shape) == len(stmt.extents)
            and all(map(ir.structural_equal, body.buffer.shape, stmt.extents))
            and ir.structural_equal(stmt.condition, tir.const(True, "bool"))
        )
        if not is_declared:
            raise InteropError(
                f"an allocation that no buffer of the same shape is declared over has no "
                f"counterpart in TVM: {stmt.buffer_var.name}"
            )
        buffer = self.buffer(body.buffer)
        annotations = values.write_dict(self, stmt.annotations)
        return [_new("AllocBuffer")(buffer, annotations), *self._flat(body.body)]

    def _decl(self, stmt):
        rest = []
        if dialect.TYPED:
            data = self.var(stmt.buffer.data)
            rest = [_new("DeclBuffer")(self.buffer(stmt.buffer), data=data)]
        else:
            rest = [_new("DeclBuffer")(self.buffer(stmt.buffer))]
        return rest + self._flat(stmt.body)

    def _assert(self, stmt):
        if not isinstance(stmt.message, tir.StringImm):
            raise InteropError(f"an assertion has a string as its message: {stmt.message}")
        text = _new("StringImm")
        made = _new("AssertStmt")(
            text("RuntimeError"), self.expr(stmt.condition), [text(stmt.message.value)]
        )
        return [made, *self._flat(stmt.body)]

    def _for(self, stmt):
        thread = stmt.thread_binding
        return _new("For")(
            self.var(stmt.loop_var),
            self.expr(stmt.min),
            self.expr(stmt.extent),
            stmt.kind,
            self.stmt(stmt.body),
            None if thread is None else self.iter_var(thread),
            values.write_dict(self, stmt.annotations),
        )

    def _realize(self, stmt):
        block = stmt.block
        # What a block defines is written before what uses it.
        allocated = [self.buffer(b) for b in block.alloc_buffers]
        matched = [
            _new("MatchBufferRegion")(self.buffer(m.buffer), self.region(m.source))
            for m in block.match_buffers
        ]
        made = _new("SBlock")(
            [self.iter_var(axis) for axis in block.iter_vars],
            [self.region(r) for r in block.reads],
            [self.region(r) for r in block.writes],
            block.name_hint,
            self.stmt(block.body),
            None if block.init is None else self.stmt(block.init),
            allocated,
            matched,
            values.write_dict(self, block.annotations),
        )
        return _new("SBlockRealize")(self._exprs(stmt.iter_values), self.expr(stmt.predicate), made)

    def _store(self, stmt):
        if stmt.predicate is not None:
            raise InteropError(f"a store with a predicate has no counterpart in TVM: {stmt}")
        return _new("BufferStore")(
            self.buffer(stmt.buffer), self.expr(stmt.value), self._exprs(stmt.indices)
        )

    def _if(self, stmt):
        other = None if stmt.else_case is None else self.stmt(stmt.else_case)
        return _new("IfThenElse")(self.expr(stmt.condition), self.stmt(stmt.then_case), other)

    def _attr(self, stmt):
        node = stmt.node
        return _new("AttrStmt")(
            values.write(self, node) if node is not None else None,
            dialect.key_to_tvm(stmt.attr_key),
            self.expr(stmt.value),
            self.stmt(stmt.body),
        )

    # Functions and modules

    def func(self, func):
        params, buffers = [], {}
        for param in func.params:
            buffer = func.buffer_map.get(param)
            if buffer is None:
                params.append(self.var(param))
            elif dialect.TYPED:
                params.append(self.buffer(buffer))
            else:
                params.append(self.var(param))
                buffers[params[-1]] = self.buffer(buffer)
        attrs = values.write_dict(self, func.attrs)
        # Programs over blocks are marked as such there.
        if attrs.setdefault("s_tir", True) is False:
            del attrs["s_tir"]
        ret = tvm.ir.TupleType([]) if func.ret_type is None else self.type(func.ret_type)
        options = {} if dialect.TYPED else {"buffer_map": buffers}
        body = self.stmt(func.body)
        made = _new("PrimFunc")(
            params, body, ret, attrs=tvm.ir.make_node("ir.DictAttrs", **attrs), **options
        )
        return made

    def module(self, mod):
        functions = {}
        for var, func in mod.functions_items():
            try:
                functions[self.global_var(var)] = self.func(func)
            except InteropError as error:
                raise InteropError(f"function {var.name_hint}: {error}") from error
        attrs = values.write_dict(self, mod.attrs) or None
        infos = {
            name: [self.global_info(item) for item in items]
            for name, items in mod.global_infos.items()
        }
        return tvm.IRModule(functions, attrs=attrs, global_infos=infos)

    def global_info(self, info):
        """A virtual device, or an info that says nothing."""
        if isinstance(info, ir.DummyGlobalInfo):
            return dialect.global_info("DummyGlobalInfo")()
        target = target_to_tvm(info.target)
        return dialect.global_info("VDevice")(target, info.vdevice_id, info.memory_scope)


def _binary(cls):
    make = _new(cls.__name__)
    return lambda writer, e: make(writer.expr(e.a), writer.expr(e.b))


_EXPRESSIONS = {
    cls: _binary(cls)
    for cls in (
        *(tir.Add, tir.Sub, tir.Mul, tir.Div, tir.Mod, tir.FloorDiv, tir.FloorMod),
        *(tir.Min, tir.Max, tir.EQ, tir.NE, tir.LT, tir.LE, tir.GT, tir.GE, tir.And, tir.Or),
    )
}
_EXPRESSIONS.update(
    {
        tir.Var: Writer.var,
        tir.SizeVar: Writer.var,
        tir.IntImm: lambda w, e: _new("IntImm")(dialect.dtype_to_tvm(e.dtype), e.value),
        tir.FloatImm: lambda w, e: _new("FloatImm")(dialect.dtype_to_tvm(e.dtype), e.value),
        tir.StringImm: lambda w, e: _new("StringImm")(e.value),
        tir.Not: lambda w, e: _new("Not")(w.expr(e.a)),
        tir.Cast: lambda w, e: _new("Cast")(dialect.dtype_to_tvm(e.dtype), w.expr(e.value)),
        tir.Select: lambda w, e: _new("Select")(
            w.expr(e.condition), w.expr(e.true_value), w.expr(e.false_value)
        ),
        tir.Ramp: lambda w, e: _new("Ramp")(w.expr(e.base), w.expr(e.stride), w.expr(e.lanes)),
        tir.Broadcast: lambda w, e: _new("Broadcast")(w.expr(e.value), w.expr(e.lanes)),
        tir.Shuffle: lambda w, e: _new("Shuffle")(w._exprs(e.vectors), w._exprs(e.indices)),
        tir.Let: lambda w, e: _new("Let")(w.var(e.var), w.expr(e.value), w.expr(e.body)),
        tir.Call: Writer._call,
        tir.BufferLoad: Writer._load,
    }
)

_STATEMENTS = {
    tir.LetStmt: Writer._let,
    tir.Allocate: Writer._allocate,
    tir.DeclBuffer: Writer._decl,
    tir.AssertStmt: Writer._assert,
    tir.For: Writer._for,
    tir.While: lambda w, s: _new("While")(w.expr(s.condition), w.stmt(s.body)),
    tir.BlockRealize: Writer._realize,
    tir.BufferStore: Writer._store,
    tir.Evaluate: lambda w, s: _new("Evaluate")(w.expr(s.value)),
    tir.IfThenElse: Writer._if,
    tir.AttrStmt: Writer._attr,
}
