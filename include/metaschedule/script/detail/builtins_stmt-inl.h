// SPDX-License-Identifier: Apache-2.0
// Builtins that make statements: loops, blocks, buffers, threads, attributes.
#pragma once

#include "metaschedule/script/detail/convert-inl.h"

namespace metaschedule::script::detail {

inline Value make_frame(std::vector<Ref<StmtNode>> stmts, std::vector<Value> vars = {},
                        Frame::Kind kind = Frame::Kind::Other) {
  Value out = Value::sequence({});
  out.type = ValueType::Frame;
  out.aux->frame.kind = kind;
  out.aux->frame.stmts = std::move(stmts);
  out.aux->frame.vars = std::move(vars);
  return out;
}

// ---- loops

inline DType wider(DType a, DType b) { return a.bits >= b.bits ? a : b; }

inline Value make_loop(Parser& p, const Args& args, ForKind kind) {
  check<TypeError>(args.size() <= (kind == ForKind::ThreadBinding ? 3u : 2u),
                   "a loop takes a start and a stop; steps are not supported");
  const Value* stop_arg = args.get(1, "stop");
  const Value* thread_arg = args.keyword("thread");
  if (kind == ForKind::ThreadBinding && !thread_arg) {
    if (stop_arg && stop_arg->str()) {
      thread_arg = std::exchange(stop_arg, nullptr);
    } else {
      thread_arg = &args.need(2, "thread");
    }
  }
  Expr start = p.to_expr(args.need(0, "start")), extent;
  if (stop_arg) {
    Expr stop = p.to_expr(*stop_arg);
    DType dtype = wider(start->dtype, stop->dtype);
    if (as<IntImm>(start)) start = cast(dtype, start);
    if (as<IntImm>(stop)) stop = cast(dtype, stop);
    extent = difference(stop, start);
  } else {
    extent = start;
    check<TypeError>(extent->dtype.is_integral(), "a loop needs an integer extent, found {}",
                     to_string(extent->dtype));
    start = int_imm(extent->dtype, 0);
  }
  DType dtype = wider(start->dtype, extent->dtype);
  Ref<IterVar> thread;
  if (kind == ForKind::ThreadBinding) {
    thread = make<IterVar>(nullptr, make<Var>("iter", dtype), IterType::ThreadIndex,
                           p.to_string(*thread_arg));
  }
  const Value* annotations = args.keyword("annotations");
  VarRef var = make<Var>("", dtype);
  Stmt loop = make<For>(var, start, extent, kind, nullptr, thread,
                        annotations ? p.to_dict(*annotations) : Dict());
  return make_frame({loop}, {var}, Frame::Kind::For);
}
template <ForKind kind>
Value loop(Parser& p, const Builtin&, Args& args) {
  return make_loop(p, args, kind);
}

inline Value grid(Parser& p, const Builtin&, Args& args) {
  std::vector<Ref<StmtNode>> loops;
  std::vector<Value> vars;
  for (const Value& value : args.positional) {
    Expr extent = p.to_expr(value);
    VarRef var = make<Var>("", extent->dtype);
    vars.emplace_back(var);
    loops.push_back(make<For>(var, int_imm(extent->dtype, 0), extent, ForKind::Serial, nullptr));
  }
  check<ValueError>(!loops.empty(), "T.grid needs an extent");
  return make_frame(std::move(loops), std::move(vars), Frame::Kind::For);
}

// ---- blocks

inline Value block(Parser& p, const Builtin&, Args& args) {
  Value out = make_frame({}, {}, Frame::Kind::Block);
  if (const Value* name = args.get(0, "name")) out.aux->frame.block_name = p.to_string(*name);
  const Value* bare = args.get(1, "no_realize");
  out.aux->frame.no_realize = bare && p.to_bool(*bare);
  return out;
}
inline Value init(Parser&, const Builtin&, Args&) { return make_frame({}, {}, Frame::Kind::Init); }

inline Value where(Parser& p, const Builtin&, Args& args) {
  BlockState& block = p.current_block("T.where");
  check<ValueError>(!block.predicate, "Duplicate block predicate declaration");
  block.predicate = cast(kBool, p.to_expr(args.need(0, "predicate")));
  return {};
}

inline BufferRegions regions_of(Parser& p, const Args& args) {
  const std::vector<Value>* items = &args.positional;
  if (items->size() == 1 && (*items)[0].is(ValueType::Sequence)) items = &(*items)[0].items();
  std::vector<Ref<BufferRegion>> regions;
  for (const Value& item : *items) regions.push_back(p.to_region(item));
  return regions;
}
inline Value reads(Parser& p, const Builtin&, Args& args) {
  BlockState& block = p.current_block("T.reads");
  check<ValueError>(!block.reads, "Duplicate read region declaration");
  block.reads = regions_of(p, args);
  return {};
}
inline Value writes(Parser& p, const Builtin&, Args& args) {
  BlockState& block = p.current_block("T.writes");
  check<ValueError>(!block.writes, "Duplicate write region declaration");
  block.writes = regions_of(p, args);
  return {};
}
inline Value block_attr(Parser& p, const Builtin&, Args& args) {
  BlockState& block = p.current_block("T.block_attr");
  check<ValueError>(!block.annotations, "Duplicate block annotations");
  block.annotations = p.to_dict(args.need(0, "attrs"));
  return {};
}

template <IterType type>
Value axis(Parser& p, const Builtin& self, Args& args) {
  BlockState& block = p.current_block(self.name);
  Ref<Range> dom = p.to_range(args.need(0, "dom"));
  VarRef var = make<Var>("", dom->extent->dtype);
  block.iter_vars.push_back(make<IterVar>(dom, var, type));
  if (const Value* binding = args.get(1, "binding")) {
    block.iter_values.push_back(p.to_expr(*binding));
  } else {
    check<TypeError>(block.no_realize, "argument 'binding' is missing");
  }
  return var;
}

inline Value remap(Parser& p, const Builtin&, Args& args) {
  BlockState& block = p.current_block("T.axis.remap");
  std::string kinds = p.to_string(args.need(0, "kinds"));
  Exprs bindings = p.to_exprs(args.need(1, "bindings"));
  check<ValueError>(kinds.size() == bindings.size(), "T.axis.remap: {} kinds for {} bindings",
                    kinds.size(), bindings.size());
  std::vector<Value> vars;
  for (size_t i = 0; i < kinds.size(); ++i) {
    check<ValueError>(kinds[i] == 'S' || kinds[i] == 'R', "Unknown axis kind: {}", kinds[i]);
    const Var* binding = as<Var>(bindings[i]);
    check<TypeError>(binding, "Only Var is supported in T.axis.remap");
    const For* loop = p.loop_of(binding);
    check<TypeError>(loop, "Variable is not in the loop: {}", binding->name);
    VarRef var = make<Var>("", loop->extent->dtype);
    IterType type = kinds[i] == 'S' ? IterType::DataPar : IterType::CommReduce;
    block.iter_vars.push_back(make<IterVar>(make<Range>(loop->min, loop->extent), var, type));
    block.iter_values.push_back(bindings[i]);
    vars.emplace_back(var);
  }
  if (vars.size() == 1) return vars[0];
  return Value::sequence(std::move(vars));
}

// ---- buffers

/// A buffer from the arguments (shape, dtype, data, strides, elem_offset, scope, align,
/// offset_factor, buffer_type, axis_separators), the first of them at position `first`.
inline BufferRef buffer_of(Parser& p, const Args& args, size_t first, Exprs shape, DType dtype) {
  const Value* scope = args.get(first + 5, "scope");
  auto buffer = mutate(*decl_buffer(std::move(shape), dtype, "", scope ? p.to_string(*scope) : ""));
  if (const Value* data = args.get(first + 2, "data")) {
    VarRef var = as_ref<Var>(p.to_expr(*data));
    check<TypeError>(var != nullptr, "data must be a pointer variable");
    buffer->data = var;
  }
  DType index = buffer->shape.empty() ? kInt32 : buffer->shape[0]->dtype;
  if (const Value* strides = args.get(first + 3, "strides")) {
    std::vector<Expr> out;
    check<TypeError>(strides->is(ValueType::Sequence), "strides must be a sequence");
    for (const Value& item : strides->items()) {
      if (item.str()) {
        out.push_back(make<Var>(item.str()->value, index));
      } else {
        out.push_back(p.to_expr(item));
      }
    }
    buffer->strides = out;
  }
  const Value* factor = args.get(first + 7, "offset_factor");
  int64_t offset_factor = factor ? p.to_int(*factor) : 0;
  if (const Value* offset = args.get(first + 4, "elem_offset")) {
    buffer->elem_offset =
        offset->str() ? Expr(make<Var>(offset->str()->value, index)) : p.to_expr(*offset);
  } else if (offset_factor != 0) {
    buffer->elem_offset = make<Var>("", index);
  }
  buffer->offset_factor = offset_factor == 0 ? 1 : static_cast<int32_t>(offset_factor);
  if (const Value* align = args.get(first + 6, "align"); align && p.to_int(*align) > 0) {
    buffer->data_alignment = static_cast<int32_t>(p.to_int(*align));
  }
  if (const Value* type = args.get(first + 8, "buffer_type")) {
    std::string name = p.to_string(*type);
    bool known = name.empty() || name == "default" || name == "auto" || name == "auto_broadcast";
    check<ValueError>(known, "buffer_type must be \"default\" or \"auto\", found \"{}\"", name);
    if (name.starts_with("auto")) buffer->buffer_type = BufferType::AutoBroadcast;
  }
  if (const Value* separators = args.get(first + 9, "axis_separators")) {
    buffer->axis_separators = p.to_exprs(*separators);
  }
  return buffer;
}
inline BufferRef buffer_of(Parser& p, const Args& args, size_t first = 0) {
  const Value* dtype = args.get(first + 1, "dtype");
  return buffer_of(p, args, first, p.to_exprs(args.need(first, "shape")),
                   dtype ? p.to_dtype(*dtype) : kFloat32);
}

inline Value buffer(Parser& p, const Builtin&, Args& args) { return buffer_of(p, args); }

inline Value alloc_buffer(Parser& p, const Builtin&, Args& args) {
  BufferRef out = buffer_of(p, args);
  const Place place = p.place("T.alloc_buffer");
  if (place == Place::Block) {
    p.innermost_block()->alloc_buffers.push_back(out);
  } else {
    check<ValueError>(place == Place::Function,
                      "T.alloc_buffer must stand directly in a block or a function");
    p.function("T.alloc_buffer").alloc_buffers.push_back(out);
  }
  return out;
}

inline Value match_buffer(Parser& p, const Builtin&, Args& args) {
  const Value& source = args.need(0, "param");
  if (const Var* param = as<Var>(source.node)) {
    FunctionState& f = p.function("T.match_buffer");
    auto is_param = [&](const VarRef& var) { return var.get() == param; };
    check<ValueError>(std::any_of(f.params.begin(), f.params.end(), is_param),
                      "Can not bind non-input param to buffer.");
    auto is_bound = [&](const auto& pair) { return pair.first.node() == param; };
    check<ValueError>(std::none_of(f.buffer_map.begin(), f.buffer_map.end(), is_bound),
                      "parameter {} is bound to a buffer twice", param->name);
    BufferRef out = buffer_of(p, args, 1);
    f.buffer_map.emplace_back(VarRef(param), out);
    return out;
  }
  Ref<BufferRegion> region = p.to_region(source);
  BlockState& block = p.current_block("T.match_buffer of a region");
  Exprs shape;
  if (const Value* given = args.get(1, "shape")) {
    shape = p.to_exprs(*given);
  } else {
    std::vector<Expr> extents;
    for (const Ref<Range>& range : region->region) extents.push_back(range->extent);
    shape = extents;
  }
  const Value* dtype = args.get(2, "dtype");
  DType type =
      dtype ? p.to_dtype(*dtype) : (args.get(1, "shape") ? kFloat32 : region->buffer->dtype);
  BufferRef out = buffer_of(p, args, 1, shape, type);
  block.match_buffers.push_back(make<MatchBufferRegion>(out, region));
  return out;
}

inline Value decl_buffer_frame(Parser& p, const Builtin&, Args& args) {
  BufferRef out = buffer_of(p, args);
  Stmt decl = make<DeclBuffer>(out, nullptr);
  if (args.get(2, "data")) return make_frame({decl}, {out});
  Stmt allocate = make<Allocate>(out->data, out->dtype, out->shape, true_(), nullptr);
  return make_frame({allocate, decl}, {out});
}

inline Value allocate(Parser& p, const Builtin&, Args& args) {
  DType dtype = p.to_dtype(args.need(1, "dtype"));
  const Value* scope = args.get(2, "scope");
  const Value* condition = args.get(3, "condition");
  const Value* annotations = args.get(4, "annotations");
  VarRef var = make<Var>(
      "", Type(make<PointerType>(make<PrimType>(dtype), scope ? p.to_string(*scope) : "global")));
  Stmt stmt = make<Allocate>(var, dtype, p.to_exprs(args.need(0, "extents")),
                             condition ? p.to_expr(*condition) : true_(), nullptr,
                             annotations ? p.to_dict(*annotations) : Dict());
  return make_frame({stmt}, {var});
}

inline void append_number(std::vector<uint8_t>& out, DType dtype, const Value& value) {
  double number = value.type == ValueType::Float ? value.f : static_cast<double>(value.i);
  auto put = [&](const auto& x) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&x);
    out.insert(out.end(), bytes, bytes + sizeof x);
  };
  if (dtype.is_integral() && dtype.bits <= 64 && value.type != ValueType::Float) {
    for (int k = 0; k < dtype.bytes(); ++k)
      out.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value.i) >> (8 * k)));
  } else if (dtype == DType::float_(64)) {
    put(number);
  } else if (dtype == kFloat32) {
    put(static_cast<float>(number));
  } else {
    fail<TypeError>("T.allocate_const: cannot store {} as {}", describe(value), to_string(dtype));
  }
}
inline Value allocate_const(Parser& p, const Builtin&, Args& args) {
  auto node = mutate(*make<AllocateConst>());
  node->dtype = p.to_dtype(args.need(1, "dtype"));
  node->extents = p.to_exprs(args.need(2, "extents"));
  const Value& data = args.need(0, "data");
  if (auto array = as_ref<NDArray>(data.node)) {
    node->data = array;
  } else {
    check<TypeError>(data.is(ValueType::Sequence), "T.allocate_const: expected a list of numbers");
    auto array_node = mutate(*make<NDArray>());
    array_node->dtype = node->dtype;
    int64_t count = 1;
    for (const Expr& extent : node->extents) {
      array_node->shape.push_back(p.to_int(Value(extent)));
      count *= array_node->shape.back();
    }
    check<ValueError>(count == static_cast<int64_t>(data.items().size()),
                      "T.allocate_const: {} numbers for {} elements", data.items().size(), count);
    for (const Value& item : data.items()) append_number(array_node->data, node->dtype, item);
    node->data = array_node;
  }
  if (const Value* annotations = args.get(3, "annotations"))
    node->annotations = p.to_dict(*annotations);
  node->buffer_var = make<Var>("", Type(make<PointerType>(make<PrimType>(node->dtype))));
  return make_frame({Stmt(node)}, {node->buffer_var});
}

inline Value realize(Parser& p, const Builtin&, Args& args) {
  Ref<BufferRegion> region = p.to_region(args.need(0, "buffer_slice"));
  const Value* condition = args.get(2, "condition");
  auto node = mutate(*make<BufferRealize>());
  node->buffer = region->buffer;
  node->bounds = region->region;
  node->condition = condition ? p.to_expr(*condition) : true_();
  std::string scope = p.to_string(args.need(1, "storage_scope"));
  Stmt attr =
      make<AttrStmt>(region->buffer->data, "realize_scope", make<StringImm>(scope), nullptr);
  return make_frame({attr, Stmt(node)});
}

// ---- other statements

inline Value let_stmt(Parser& p, const Builtin&, Args& args) {
  Expr value = p.to_expr(args.need(0, "value"));
  VarRef var;
  if (const Value* given = args.keyword("var")) var = as_ref<Var>(given->node);
  if (!var) {
    const Value* type = args.get(1, "type_annotation");
    const Var* typed = type ? as<Var>(type->node) : nullptr;
    var = typed
              ? VarRef(typed)
              : make<Var>("", type && type->is(ValueType::DType) ? type->aux->dtype : value->dtype);
  }
  return make_frame({make<LetStmt>(var, value, nullptr)}, {var});
}

inline Value attr(Parser& p, const Builtin&, Args& args) {
  return make_frame(
      {make<AttrStmt>(p.to_attr(args.need(0, "node")), p.to_string(args.need(1, "attr_key")),
                      p.to_expr(args.need(2, "value")), nullptr)});
}

inline Value env_thread(Parser& p, const Builtin&, Args& args) {
  const Value* dtype = args.get(1, "dtype");
  VarRef var = make<Var>("", dtype ? p.to_dtype(*dtype) : kInt32);
  p.function("T.env_thread")
      .env_threads.push_back(make<IterVar>(nullptr, var, IterType::ThreadIndex,
                                           p.to_string(args.need(0, "thread_tag"))));
  return var;
}

inline Value launch_thread(Parser& p, const Builtin&, Args& args) {
  Expr extent = p.to_expr(args.need(1, "extent"));
  const Value& thread = args.need(0, "thread");
  VarRef var;
  std::string tag;
  if (thread.str()) {
    tag = thread.str()->value;
    var = make<Var>("", extent->dtype);
  } else {
    FunctionState& f = p.function("T.launch_thread");
    var = as_ref<Var>(p.to_expr(thread));
    for (const Ref<IterVar>& env : f.env_threads)
      if (env->var == var) tag = env->thread_tag;
    check<ValueError>(var && !tag.empty(), "T.launch_thread needs a tag or a T.env_thread");
    for (const auto& [known, old] : f.env_extents) {
      check<ValueError>(known != var.get() || expr_equal(old, extent),
                        "Inconsistent extents of environment thread {}", var->name);
    }
    f.env_extents.emplace_back(var.get(), extent);
  }
  Ref<IterVar> iter = make<IterVar>(make<Range>(int_imm(extent->dtype, 0), extent), var,
                                    IterType::ThreadIndex, tag);
  std::string key = tag == "vthread" ? "virtual_thread" : "thread_extent";
  return make_frame({make<AttrStmt>(iter, key, extent, nullptr)}, {var});
}

inline Value assert_frame(Parser& p, const Builtin&, Args& args) {
  return make_frame({make<AssertStmt>(p.to_expr(args.need(0, "condition")),
                                      p.to_expr(args.need(1, "message")), nullptr)});
}
inline Value while_frame(Parser& p, const Builtin&, Args& args) {
  return make_frame({make<While>(p.to_expr(args.need(0, "condition")), nullptr)});
}
inline Value if_frame(Parser& p, const Builtin&, Args& args) {
  Expr condition = p.to_expr(args.need(0, "condition"));
  return make_frame({make<IfThenElse>(condition, nullptr)}, {}, Frame::Kind::If);
}
inline Value then_frame(Parser&, const Builtin&, Args&) {
  return make_frame({}, {}, Frame::Kind::Then);
}
inline Value else_frame(Parser&, const Builtin&, Args&) {
  return make_frame({}, {}, Frame::Kind::Else);
}
inline Value evaluate(Parser& p, const Builtin&, Args& args) {
  return make<Evaluate>(p.to_expr(args.need(0, "value")));
}
inline Value buffer_store(Parser& p, const Builtin&, Args& args) {
  BufferRef buffer = p.to_buffer(args.need(0, "buffer"));
  Exprs indices = p.to_exprs(args.need(2, "indices"));
  Expr value = p.to_expr_as(args.need(1, "value"), buffer->dtype);
  value = cast(buffer->dtype.with_lanes(value->dtype.lanes), value);
  const Value* predicate = args.get(3, "predicate");
  return make<BufferStore>(buffer, value, indices, predicate ? p.to_expr(*predicate) : Expr());
}
inline Value prefetch(Parser& p, const Builtin&, Args& args) {
  auto node = mutate(*make<Prefetch>());
  node->buffer = p.to_buffer(args.need(0, "buffer"));
  std::vector<Ref<Range>> bounds;
  for (const Value& item : args.need(1, "bounds").items()) bounds.push_back(p.to_range(item));
  node->bounds = bounds;
  return Stmt(node);
}

inline Value func_attr(Parser& p, const Builtin&, Args& args) {
  FunctionState& f = p.function("T.func_attr");
  for (const auto& [key, value] : p.to_dict(args.need(0, "attrs"))) {
    check<ValueError>(!f.attrs.contains(key), "Duplicate prim func annotation for key = \"{}\"",
                      key);
    check<ValueError>(!(f.is_private && key == "global_symbol"),
                      "a private function has no global_symbol");
    f.attrs = f.attrs.with(key, value);
  }
  return {};
}
inline Value func_name(Parser& p, const Builtin&, Args& args) {
  p.function("T.func_name").name = p.to_string(args.need(0, "name"));
  return {};
}
inline Value func_ret(Parser& p, const Builtin&, Args& args) {
  p.function("T.func_ret").ret_type = p.to_type(args.need(0, "ret_type"));
  return {};
}

}  // namespace metaschedule::script::detail
