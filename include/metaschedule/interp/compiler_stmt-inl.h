// SPDX-License-Identifier: Apache-2.0
// Inside the interpreter: statements, blocks and parameters.
#pragma once

#include "metaschedule/interp/scalar_ops.h"

namespace metaschedule::interp::detail {

/// What reads of unwritten memory see when they are not refused: NaN in every IEEE format.
inline constexpr uint8_t kPoison = 0xFF;

METASCHEDULE_INLINE RunFn Compiler::loop(const For& s) {
  Code min = expr(s.min), extent = expr(s.extent);
  const int at = new_slot(s.loop_var.get());
  const bool parallel = s.kind == ForKind::Parallel;
  const int before = thread_slot_;
  if (s.thread_binding && s.thread_binding->thread_tag == "threadIdx.x") thread_slot_ = at;
  RunFn body = stmt(s.body);
  thread_slot_ = before;
  return [=, min = std::move(min), extent = std::move(extent), body = std::move(body)](Frame& f) {
    const int64_t first = min.integer(f), count = extent.integer(f);
    const int64_t most = parallel ? f.options.max_parallel_iterations : count;
    for (int64_t i = 0; i < count; ++i) {
      if (i == most / 2 && count > most) i = std::max(i, count - (most - most / 2));
      f.step();
      f.vars[at] = of_int(first + i);
      body(f);
    }
  };
}

METASCHEDULE_INLINE RunFn Compiler::store(const BufferStore& s) {
  const Buffer& buffer = *s.buffer;
  std::vector<Code> indices;
  for (const Expr& i : s.indices) indices.push_back(expr(i));
  auto at = address(buffer, std::move(indices));
  const Buffer* root = &buffer;
  while (views_.count(root)) root = views_.at(root).source;
  const int storage = storage_of(root->data.get());
  const DType element = buffer.dtype.element();
  const int width = element.bytes(), per_index = std::max<int>(1, buffer.dtype.lanes);
  const int lanes = std::max<int>(1, fixed(s.value->dtype).lanes);
  EvalFn value = lane_of(expr(s.value));
  EvalFn mask = s.predicate ? lane_of(expr(s.predicate)) : nullptr;
  return [=, write = storer(element)](Frame& f) {
    f.step(lanes);
    auto put = [&](int64_t byte, Value v) {
      Storage& memory = f.storage[storage];
      write(memory.data + byte, v);
      memory.mark_written(byte, width);
    };
    if (lanes == 1) {
      if (mask && !mask(f, 0).i) return;
      const Value v = value(f, 0);
      put(at(f, 0), v);
      return;
    }
    // All lanes are read before one is written.
    std::vector<std::pair<int64_t, Value>> pending;
    pending.reserve(lanes);
    for (int k = 0; k < lanes; ++k) {
      if (mask && !mask(f, k).i) continue;
      pending.emplace_back(at(f, k / per_index) + k % per_index * width, value(f, k));
    }
    for (auto& [byte, v] : pending) put(byte, v);
  };
}

METASCHEDULE_INLINE RunFn Compiler::allocate(const VarRef& data, DType dtype, const Exprs& extents,
                                             RunFn body) {
  std::vector<Code> sizes;
  for (const Expr& e : extents) sizes.push_back(expr(e));
  const int at = storage_of(data.get());
  const int width = dtype.bytes() * std::max<int>(1, dtype.lanes);
  return [=, name = data->name, sizes = std::move(sizes), body = std::move(body)](Frame& f) {
    int64_t bytes = width;
    for (const Code& c : sizes) {
      const int64_t n = std::max<int64_t>(0, c.integer(f));
      if (n > 0 && bytes > (int64_t{1} << 32) / n)
        fail<RunError>("interpreter: {} would take more than 4 GiB", name);
      bytes *= n;
    }
    f.step(1 + bytes / 64);
    Storage& memory = f.storage[at];
    memory.own.assign(bytes, kPoison);
    memory.written.assign(bytes, 0);
    memory.data = memory.own.data();
    memory.bytes = bytes;
    body(f);
  };
}

METASCHEDULE_INLINE RunFn Compiler::bind_view(const MatchBufferRegion& match) {
  const Buffer& view = *match.buffer;
  const Buffer& source = *match.source->buffer;
  check<VerifyError>(view.ndim() <= source.ndim(),
                     "interpreter: {} has more dimensions than {}, which it matches", view.name,
                     source.name);
  View entry{&source, {}};
  std::vector<std::pair<int, Code>> binds;
  for (const Ref<Range>& r : match.source->region) {
    Code corner = expr(r->min);
    const int at = new_slot(nullptr);
    entry.corner.push_back(at);
    binds.emplace_back(at, std::move(corner));
  }
  const Buffer* root = &source;
  while (views_.count(root)) root = views_.at(root).source;
  storage_[view.data.get()] = storage_of(root->data.get());
  // Symbols of the view take the values of the source.
  const size_t lead = source.ndim() - view.ndim();
  for (size_t d = 0; d < view.ndim(); ++d) {
    if (const Var* size = as<Var>(view.shape[d]); size && !slots_.count(size)) {
      Code extent = expr(match.source->region[lead + d]->extent);
      binds.emplace_back(new_slot(size), std::move(extent));
    }
  }
  std::vector<Code> strides = strides_of(source);
  for (size_t d = 0; d < view.strides.size(); ++d) {
    if (const Var* stride = as<Var>(view.strides[d]); stride && !slots_.count(stride))
      binds.emplace_back(new_slot(stride), strides[lead + d]);
  }
  if (const Var* offset = as<Var>(view.elem_offset); offset && !slots_.count(offset)) {
    Code base = source.elem_offset ? expr(source.elem_offset)
                                   : Code{[](Frame&, int) { return of_int(0); }, kInt64};
    binds.emplace_back(new_slot(offset),
                       Code{[=, corner = entry.corner, strides = std::move(strides),
                             base = std::move(base)](Frame& f, int) {
                              int64_t v = base.integer(f);
                              for (size_t d = 0; d < corner.size(); ++d)
                                v += f.vars[corner[d]].i * strides[d].integer(f);
                              return of_int(v);
                            },
                            kInt64});
  }
  views_[&view] = entry;
  declare(view.data.get(), view.dtype, view.shape);
  return [binds = std::move(binds)](Frame& f) {
    for (const auto& [at, code] : binds) f.vars[at] = code.eval(f, 0);
  };
}

METASCHEDULE_INLINE RunFn Compiler::block(const BlockRealize& s) {
  const Block& b = *s.block;
  Code predicate = expr(s.predicate);
  std::vector<Code> values;
  for (const Expr& v : s.iter_values) values.push_back(expr(v));
  std::vector<int> slots;
  std::vector<std::pair<int, Code>> minima;  // of reduction axes
  for (const Ref<IterVar>& iter : b.iter_vars) {
    slots.push_back(new_slot(iter->var.get()));
    if (iter->iter_type == IterType::CommReduce)
      minima.emplace_back(slots.back(), expr(iter->dom->min));
  }
  for (const BufferRef& buffer : b.alloc_buffers) {
    new_storage(buffer->data.get());
    declare(buffer->data.get(), buffer->dtype, buffer->shape);
  }
  std::vector<RunFn> matches;
  for (const Ref<MatchBufferRegion>& m : b.match_buffers) matches.push_back(bind_view(*m));
  RunFn init = b.init ? stmt(b.init) : nullptr;
  RunFn body = [=, matches = std::move(matches), init = std::move(init), minima = std::move(minima),
                body = stmt(b.body)](Frame& f) {
    for (const RunFn& m : matches) m(f);
    if (init) {
      bool first = true;
      for (const auto& [at, min] : minima) first = first && f.vars[at].i == min.integer(f);
      if (first) init(f);
    }
    body(f);
  };
  for (size_t i = b.alloc_buffers.size(); i-- > 0;) {
    const Buffer& buffer = *b.alloc_buffers[i];
    Exprs extents = buffer.shape;
    if (buffer.has_strides()) extents = {buffer.shape[0] * buffer.strides[0]};
    body = allocate(buffer.data, buffer.dtype, extents, std::move(body));
  }
  return [=, predicate = std::move(predicate), values = std::move(values), slots = std::move(slots),
          body = std::move(body)](Frame& f) {
    if (!predicate.integer(f)) return;
    f.step();
    for (size_t i = 0; i < slots.size(); ++i) f.vars[slots[i]] = values[i].eval(f, 0);
    body(f);
  };
}

/// A remark, except that a thread axis and a virtual thread are loops.
METASCHEDULE_INLINE RunFn Compiler::attribute(const AttrStmt& s) {
  if (s.attr_key != "thread_extent" && s.attr_key != "virtual_thread") return stmt(s.body);
  Code extent = expr(s.value);
  const IterVar* axis = as<IterVar>(s.node);
  check<VerifyError>(axis != nullptr, "interpreter: {} without an axis", s.attr_key);
  const int at = new_slot(axis->var.get());
  const int before = thread_slot_;
  if (axis->thread_tag == "threadIdx.x") thread_slot_ = at;
  RunFn body = stmt(s.body);
  thread_slot_ = before;
  return [=, extent = std::move(extent), body = std::move(body)](Frame& f) {
    const int64_t count = extent.integer(f);
    for (int64_t i = 0; i < count; ++i) {
      f.step();
      f.vars[at] = of_int(i);
      body(f);
    }
  };
}

METASCHEDULE_INLINE RunFn Compiler::stmt(const Stmt& s) {
  switch (s->kind) {
    case Kind::BufferStore:
      return store(cast_to<BufferStore>(*s));
    case Kind::For:
      return loop(cast_to<For>(*s));
    case Kind::BlockRealize:
      return block(cast_to<BlockRealize>(*s));
    case Kind::AttrStmt:
      return attribute(cast_to<AttrStmt>(*s));
    case Kind::DeclBuffer:
      return stmt(cast_to<DeclBuffer>(*s).body);
    case Kind::SeqStmt: {
      std::vector<RunFn> parts;
      for (const Stmt& part : cast_to<SeqStmt>(*s).seq) parts.push_back(stmt(part));
      return [parts = std::move(parts)](Frame& f) {
        for (const RunFn& part : parts) part(f);
      };
    }
    case Kind::IfThenElse: {
      const IfThenElse& i = cast_to<IfThenElse>(*s);
      Code condition = expr(i.condition);
      RunFn then = stmt(i.then_case), other = i.else_case ? stmt(i.else_case) : nullptr;
      return [condition = std::move(condition), then, other](Frame& f) {
        if (condition.integer(f))
          then(f);
        else if (other)
          other(f);
      };
    }
    case Kind::LetStmt: {
      const LetStmt& let = cast_to<LetStmt>(*s);
      if (let.value->dtype.is_handle()) {
        const Var* alias = as<Var>(let.value);
        if (!alias)
          fail<TypeError>("interpreter: {} is bound to a computed address", let.var->name);
        storage_[let.var.get()] = storage_of(alias);
        return stmt(let.body);
      }
      Code value = expr(let.value);
      const int lanes = std::max<int>(1, value.dtype.lanes);
      const int at = new_slot(let.var.get(), lanes);
      return [=, value = std::move(value.eval), body = stmt(let.body)](Frame& f) {
        for (int k = 0; k < lanes; ++k) f.vars[at + k] = value(f, k);
        body(f);
      };
    }
    case Kind::Allocate: {
      const Allocate& a = cast_to<Allocate>(*s);
      new_storage(a.buffer_var.get());
      declare(a.buffer_var.get(), a.dtype, a.extents);
      return allocate(a.buffer_var, a.dtype, a.extents, stmt(a.body));
    }
    case Kind::AllocateConst: {
      const AllocateConst& a = cast_to<AllocateConst>(*s);
      if (!a.data) fail<TypeError>("interpreter: the constant {} has no data", a.buffer_var->name);
      const int at = new_storage(a.buffer_var.get());
      return [=, data = a.data, body = stmt(a.body)](Frame& f) {
        Storage& memory = f.storage[at];
        memory.own = data->data;
        memory.written.clear();
        memory.data = memory.own.data();
        memory.bytes = static_cast<int64_t>(memory.own.size());
        body(f);
      };
    }
    case Kind::While: {
      const While& w = cast_to<While>(*s);
      return [condition = expr(w.condition), body = stmt(w.body)](Frame& f) {
        while (condition.integer(f)) {
          f.step();
          body(f);
        }
      };
    }
    case Kind::AssertStmt: {
      const AssertStmt& a = cast_to<AssertStmt>(*s);
      const StringImm* text = as<StringImm>(a.message);
      return [condition = expr(a.condition), body = stmt(a.body),
              message = text ? text->value : std::string()](Frame& f) {
        if (!condition.integer(f)) fail<RunError>("assertion failed: {}", message);
        body(f);
      };
    }
    case Kind::Evaluate: {
      Code value = expr(cast_to<Evaluate>(*s).value);
      return [eval = std::move(value.eval)](Frame& f) { eval(f, 0); };
    }
    default:
      break;
  }
  fail<TypeError>("interpreter: no meaning for a statement of kind {}", kind_name(s->kind));
}

METASCHEDULE_INLINE void Compiler::parameter(const VarRef& param, const BufferRef& buffer) {
  if (!buffer) {
    const DType dtype = param->dtype;
    if (dtype.is_handle()) {
      const int at = new_storage(param.get());
      out_.parameters.push_back([at](Frame& f, const NDArrayView& arg) {
        int64_t bytes = arg.dtype.bytes();
        for (int64_t n : arg.shape) bytes *= n;
        f.storage[at] = {static_cast<uint8_t*>(arg.data), bytes, {}, {}};
      });
      return;
    }
    const int at = new_slot(param.get());
    out_.parameters.push_back([=, name = param->name](Frame& f, const NDArrayView& arg) {
      check<ValueError>(arg.shape.empty() && arg.dtype == dtype,
                        "interpreter: argument {} is to be one {}", name, to_string(dtype));
      f.vars[at] = loader(dtype)(static_cast<const uint8_t*>(arg.data));
    });
    return;
  }
  const int at = storage_.count(buffer->data.get()) ? storage_of(buffer->data.get())
                                                    : new_storage(buffer->data.get());
  // Symbols first met in the shape, the strides or the offset are defined by the argument.
  struct Define {
    int slot;
    size_t dim;
    bool stride;
  };
  std::vector<Define> defines;
  for (size_t d = 0; d < buffer->ndim(); ++d) {
    if (const Var* size = as<Var>(buffer->shape[d]); size && !slots_.count(size))
      defines.push_back({new_slot(size), d, false});
  }
  for (size_t d = 0; d < buffer->strides.size(); ++d) {
    if (const Var* stride = as<Var>(buffer->strides[d]); stride && !slots_.count(stride))
      defines.push_back({new_slot(stride), d, true});
  }
  int offset = -1;
  if (const Var* v = as<Var>(buffer->elem_offset); v && !slots_.count(v)) offset = new_slot(v);
  std::vector<Code> shape;
  for (const Expr& s : buffer->shape) shape.push_back(expr(s));
  std::vector<Code> strides = strides_of(*buffer);
  declare(buffer->data.get(), buffer->dtype, buffer->shape);
  out_.parameters.push_back([=, buffer = buffer.get()](Frame& f, const NDArrayView& arg) {
    check<ValueError>(arg.dtype == buffer->dtype && arg.shape.size() == buffer->ndim(),
                      "interpreter: argument {} is to have dtype {} and {} dimensions, found {} "
                      "and {}",
                      buffer->name, to_string(buffer->dtype), buffer->ndim(), to_string(arg.dtype),
                      arg.shape.size());
    std::vector<int64_t> found = arg.strides;
    if (found.empty()) {
      found.assign(arg.shape.size(), 1);
      for (size_t d = found.size(); d-- > 1;) found[d - 1] = found[d] * arg.shape[d];
    }
    check<ValueError>(found.size() == arg.shape.size(),
                      "interpreter: argument {} is to have {} strides, found {}", buffer->name,
                      arg.shape.size(), found.size());
    int64_t elements = 1;
    for (size_t d = 0; d < found.size(); ++d) {
      if (arg.shape[d] == 0) {
        elements = 0;
        break;
      }
      elements += (arg.shape[d] - 1) * found[d];
    }
    const int64_t bytes = arg.dtype.bytes() * std::max<int>(1, arg.dtype.lanes) * elements;
    f.storage[at] = {static_cast<uint8_t*>(arg.data), bytes, {}, {}};
    for (const Define& d : defines) {
      f.vars[d.slot] = of_int(d.stride ? found[d.dim] : arg.shape[d.dim]);
    }
    if (offset >= 0) f.vars[offset] = of_int(0);
    for (size_t d = 0; d < shape.size(); ++d) {
      const int64_t expected = shape[d].integer(f);
      check<ValueError>(expected == arg.shape[d],
                        "interpreter: dimension {} of argument {} is to be {}, found {}", d,
                        buffer->name, expected, arg.shape[d]);
    }
    for (size_t d = 0; d < strides.size(); ++d) {
      const int64_t expected = strides[d].integer(f);
      check<ValueError>(arg.shape[d] <= 1 || elements == 0 || expected == found[d],
                        "interpreter: stride {} of argument {} is to be {}, found {}", d,
                        buffer->name, expected, found[d]);
    }
  });
}

METASCHEDULE_INLINE void Compiler::function(const PrimFunc& func) {
  out_.func = PrimFuncRef(&func);
  for (const VarRef& p : func.params) parameter(p, func.buffer_of(p));
  out_.body = stmt(func.body);
}

}  // namespace metaschedule::interp::detail
