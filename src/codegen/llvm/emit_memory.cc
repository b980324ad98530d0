// SPDX-License-Identifier: Apache-2.0
// Loads and stores: their addresses, alignment and alias scopes, and what a vector index comes to.
#include <numeric>

#include "emitter.h"

namespace metaschedule::codegen {

/// Where an access goes: base + (start + lane * stride) elements, or the lanes of `gather`.
struct Emitter::Access {
  const Buffer* buffer = nullptr;
  llvm::Value* base = nullptr;
  Linear start;
  int64_t stride = 0;
  int lanes = 1;
  llvm::Value* gather = nullptr;  // vector of i64 element offsets
  int64_t element_bytes = 1;
  /// Bytes that the first element is known to be aligned to.
  uint64_t alignment = 1;
};

llvm::Type* Emitter::memory_type(DType dtype) {
  if (dtype.is_bool()) return type(DType::int_(8, dtype.lanes));
  check<BuildError>(dtype.bits % 8 == 0, "function {}: elements of {} cannot be addressed",
                    function_name_, to_string(dtype));
  return type(dtype);
}

llvm::Value* Emitter::to_memory(DType dtype, llvm::Value* value) {
  if (!dtype.is_bool()) return value;
  return builder_.CreateZExt(value, type(DType::int_(8, dtype.lanes)));
}

llvm::Value* Emitter::from_memory(DType dtype, llvm::Value* value) {
  if (!dtype.is_bool()) return value;
  return builder_.CreateICmpNE(value, llvm::ConstantInt::get(value->getType(), 0));
}

llvm::MDNode* Emitter::scope_of(const Var* data) {
  llvm::MDBuilder metadata(context_);
  if (!alias_domain_) alias_domain_ = metadata.createAnonymousAliasScopeDomain(function_name_);
  llvm::MDNode*& scope = scopes_[data];
  if (!scope) scope = metadata.createAnonymousAliasScope(alias_domain_, data->name);
  return scope;
}

int Emitter::alignment_of(const Buffer& buffer) const {
  const Var* data = buffer.data.get();
  if (auto root = aliases_.find(data); root != aliases_.end()) data = root->second;
  auto param = alignments_.find(data);
  const int most = param == alignments_.end() ? 64 : param->second;
  return std::clamp(buffer.data_alignment, 1, most);
}

llvm::Instruction* Emitter::tag(llvm::Instruction* inst, const Access& a) {
  const Var* data = a.buffer->data.get();
  if (auto it = aliases_.find(data); it != aliases_.end()) data = it->second;
  inst->setMetadata(llvm::LLVMContext::MD_alias_scope,
                    llvm::MDNode::get(context_, {scope_of(data)}));
  tagged_.push_back({inst, data});
  return inst;
}

/// Each access is told of all buffers that it is not one of; they are known at the end only.
void Emitter::finish_alias_scopes() {
  std::unordered_map<const Var*, llvm::MDNode*> others;
  for (const auto& [data, scope] : scopes_) {
    std::vector<llvm::Metadata*> list;
    for (const auto& [other, other_scope] : scopes_)
      if (other != data) list.push_back(other_scope);
    others[data] = llvm::MDNode::get(context_, list);
  }
  for (const auto& [inst, data] : tagged_)
    if (others[data]->getNumOperands())
      inst->setMetadata(llvm::LLVMContext::MD_noalias, others[data]);
}

Emitter::Access Emitter::access(const Buffer& buffer, const Exprs& indices) {
  Access a;
  a.buffer = &buffer;
  a.base = binding(buffer.data.get()).value;
  DType element = storage_dtype(buffer.dtype);
  a.element_bytes = static_cast<int64_t>(element.bytes()) * element.lanes;
  if (buffer.elem_offset) linear(buffer.elem_offset, 1, a.start);
  // Row-major strides where none are given.
  std::vector<Expr> strides(buffer.strides.begin(), buffer.strides.end());
  if (strides.empty()) {
    strides.resize(indices.size());
    for (size_t i = indices.size(); i-- > 0;)
      strides[i] = i + 1 == indices.size()
                       ? int_imm(kInt64, 1)
                       : strides[i + 1] * metaschedule::cast(kInt64, buffer.shape[i + 1]);
  }
  for (size_t i = 0; i < indices.size(); ++i) {
    const Expr& index = indices[i];
    auto stride = as_const_int(strides[i]);
    if (index->dtype.is_scalar()) {
      if (stride)
        linear(index, *stride, a.start);
      else
        a.start.add(builder_.CreateMul(wide(index), wide(strides[i]), "", false, true), 1,
                    frame_->depth, 1);
      continue;
    }
    a.lanes = index->dtype.lanes;
    Linear saved = a.start;
    if (stride && linear_vector(index, *stride, a.start, a.stride)) continue;
    a.start = saved;
    llvm::Type* wide_type = type(DType::int_(64, a.lanes));
    llvm::Value* lanes = index->dtype.is_uint() ? builder_.CreateZExt(expr(index), wide_type)
                                                : builder_.CreateSExt(expr(index), wide_type);
    a.gather = builder_.CreateMul(lanes, splat(wide(strides[i]), a.lanes));
  }
  // A vector element type with a scalar index moves whole elements.
  if (element.lanes > 1) {
    check<BuildError>(a.lanes == 1, "function {}: buffer {} of vectors is indexed with a vector",
                      function_name_, buffer.name);
    a.lanes = element.lanes;
    a.stride = 1;
    a.element_bytes = element.bytes();
    for (Linear::Term& term : a.start.terms) term.coefficient *= element.lanes;
    a.start.constant *= element.lanes;
  }
  const uint64_t base_alignment = static_cast<uint64_t>(alignment_of(buffer));
  uint64_t element_alignment = a.element_bytes & -a.element_bytes;
  a.alignment = std::min<uint64_t>(
      base_alignment, static_cast<uint64_t>(a.start.known_multiple()) * element_alignment);
  a.alignment = std::max<uint64_t>(a.alignment, element_alignment);
  return a;
}

llvm::Value* Emitter::address(const Access& a, int64_t extra_elements) {
  Linear variable = a.start;
  int64_t constant = (variable.constant + extra_elements) * a.element_bytes;
  variable.constant = 0;
  for (Linear::Term& term : variable.terms) term.coefficient *= a.element_bytes;
  llvm::Value* place = a.base;
  // Outer loops first: what does not change in the inner ones is one pointer. Bytes, so that equal
  // sums are equal whatever the element.
  if (!variable.terms.empty())
    place = builder_.CreateInBoundsGEP(builder_.getInt8Ty(), place, materialize(variable));
  if (constant != 0)
    place = builder_.CreateInBoundsGEP(builder_.getInt8Ty(), place, builder_.getInt64(constant));
  return place;
}

llvm::Value* Emitter::address(const BufferLoad& element) {
  return address(access(*element.buffer, element.indices), 0);
}

/// Loads the lanes of a strided or gathered access one by one, or as the target's gather.
llvm::Value* Emitter::load_lanes(const Access& a, llvm::Type* element, llvm::Value* mask) {
  auto* vector = llvm::FixedVectorType::get(element, a.lanes);
  llvm::Value* offsets = a.gather;
  if (mask || a.gather) {
    if (!offsets) {
      std::vector<llvm::Constant*> steps;
      for (int i = 0; i < a.lanes; ++i)
        steps.push_back(llvm::ConstantInt::getSigned(builder_.getInt64Ty(), i * a.stride));
      offsets = llvm::ConstantVector::get(steps);
    }
  }
  uint64_t align = a.element_bytes & -a.element_bytes;
  if (mask) {
    llvm::Value* places = builder_.CreateGEP(element, address(a, 0), offsets);
    return tag(builder_.CreateMaskedGather(vector, places, llvm::Align(align), mask,
                                           llvm::Constant::getNullValue(vector)),
               a);
  }
  llvm::Value* out = llvm::PoisonValue::get(vector);
  llvm::Value* start = a.gather ? address(a, 0) : nullptr;
  for (int i = 0; i < a.lanes; ++i) {
    llvm::Value* place =
        a.gather ? builder_.CreateGEP(element, start,
                                      builder_.CreateExtractElement(offsets, uint64_t(i)))
                 : address(a, i * a.stride);
    llvm::Value* lane = tag(builder_.CreateAlignedLoad(element, place, llvm::Align(align)), a);
    out = builder_.CreateInsertElement(out, lane, uint64_t(i));
  }
  return out;
}

llvm::Value* Emitter::load(const Buffer& buffer, const Exprs& indices, const Expr& predicate) {
  count();
  Access a = access(buffer, indices);
  DType stored = storage_dtype(buffer.dtype).element();
  DType result = buffer.dtype.element().with_lanes(a.lanes);
  llvm::Type* element = memory_type(stored);
  llvm::Value* mask = mask_and(mask_, predicate ? expr(predicate) : nullptr);
  auto finish = [&](llvm::Value* value) { return from_memory(result, value); };
  auto reversed = [&](llvm::Value* value) {
    std::vector<int> order;
    for (int i = a.lanes; i-- > 0;) order.push_back(i);
    return builder_.CreateShuffleVector(value, order);
  };
  auto guarded = [&](llvm::Value* wanted, auto&& emit) {
    llvm::BasicBlock* before = builder_.GetInsertBlock();
    llvm::BasicBlock* inside =
        llvm::BasicBlock::Create(context_, "wanted", frame_->function, frame_->exit);
    llvm::BasicBlock* after =
        llvm::BasicBlock::Create(context_, "loaded", frame_->function, frame_->exit);
    builder_.CreateCondBr(wanted, inside, after);
    builder_.SetInsertPoint(inside);
    llvm::Value* value = emit();
    inside = builder_.GetInsertBlock();
    builder_.CreateBr(after);
    builder_.SetInsertPoint(after);
    llvm::PHINode* phi = builder_.CreatePHI(value->getType(), 2);
    phi->addIncoming(value, inside);
    phi->addIncoming(llvm::Constant::getNullValue(value->getType()), before);
    return static_cast<llvm::Value*>(phi);
  };
  auto scalar = [&] {
    return tag(builder_.CreateAlignedLoad(element, address(a, 0), llvm::Align(a.alignment)), a);
  };
  if (a.lanes == 1) {
    if (!mask) return finish(scalar());
    // One element for all lanes: read it when any lane wants it.
    if (mask->getType()->isVectorTy()) mask = builder_.CreateOrReduce(mask);
    return finish(guarded(mask, scalar));
  }
  llvm::Type* vector = llvm::FixedVectorType::get(element, a.lanes);
  if (mask && !mask->getType()->isVectorTy()) mask = splat(mask, a.lanes);
  if (a.gather || (a.stride != 1 && a.stride != -1 && a.stride != 0))
    return finish(load_lanes(a, element, mask));
  if (a.stride == 0) {
    if (!mask) return finish(splat(scalar(), a.lanes));
    return finish(splat(guarded(builder_.CreateOrReduce(mask), scalar), a.lanes));
  }
  bool backward = a.stride == -1;
  uint64_t align = backward ? a.element_bytes & -a.element_bytes : a.alignment;
  llvm::Value* place = address(a, backward ? 1 - a.lanes : 0);
  llvm::Value* value;
  if (mask) {
    value = tag(builder_.CreateMaskedLoad(vector, place, llvm::Align(align),
                                          backward ? reversed(mask) : mask,
                                          llvm::Constant::getNullValue(vector)),
                a);
  } else {
    value = tag(builder_.CreateAlignedLoad(vector, place, llvm::Align(align)), a);
  }
  return finish(backward ? reversed(value) : value);
}

void Emitter::store(const BufferStore& s) {
  count();
  const Buffer& buffer = *s.buffer;
  // C[i] = C[i] + x in a scalar loop is a sum whose order nobody asked for.
  const ExprNode* outer = reduction_;
  reduction_ = nullptr;
  if (s.value->dtype.is_scalar() && is_binary_kind(s.value->kind)) {
    const auto& op = static_cast<const BinaryExpr&>(*s.value);
    auto is_target = [&](const Expr& e) {
      const BufferLoad* l = as<BufferLoad>(e);
      if (!l || l->buffer != s.buffer || l->indices.size() != s.indices.size()) return false;
      for (size_t i = 0; i < l->indices.size(); ++i)
        if (!expr_equal(l->indices[i], s.indices[i])) return false;
      return true;
    };
    Kind k = s.value->kind;
    if ((k == Kind::Add || k == Kind::Mul || k == Kind::Min || k == Kind::Max) &&
        (is_target(op.a) || is_target(op.b)))
      reduction_ = s.value.get();
  }
  llvm::Value* value = expr(s.value);
  reduction_ = outer;
  Access a = access(buffer, s.indices);
  llvm::Type* element = memory_type(storage_dtype(buffer.dtype).element());
  value = splat(value, a.lanes);
  value = to_memory(buffer.dtype.element().with_lanes(a.lanes), value);
  llvm::Value* mask = mask_and(mask_, s.predicate ? expr(s.predicate) : nullptr);
  if (a.lanes == 1) {
    if (!mask) {
      tag(builder_.CreateAlignedStore(value, address(a, 0), llvm::Align(a.alignment)), a);
      return;
    }
    llvm::BasicBlock* inside =
        llvm::BasicBlock::Create(context_, "wanted", frame_->function, frame_->exit);
    llvm::BasicBlock* after =
        llvm::BasicBlock::Create(context_, "stored", frame_->function, frame_->exit);
    builder_.CreateCondBr(mask, inside, after);
    builder_.SetInsertPoint(inside);
    tag(builder_.CreateAlignedStore(value, address(a, 0), llvm::Align(a.alignment)), a);
    builder_.CreateBr(after);
    builder_.SetInsertPoint(after);
    return;
  }
  if (mask) mask = splat(mask, a.lanes);
  uint64_t element_align = a.element_bytes & -a.element_bytes;
  if (!a.gather && (a.stride == 1 || a.stride == -1)) {
    bool backward = a.stride == -1;
    std::vector<int> order;
    for (int i = a.lanes; i-- > 0;) order.push_back(i);
    if (backward) value = builder_.CreateShuffleVector(value, order);
    if (backward && mask) mask = builder_.CreateShuffleVector(mask, order);
    llvm::Value* place = address(a, backward ? 1 - a.lanes : 0);
    llvm::Align align(backward ? element_align : a.alignment);
    tag(mask
            ? static_cast<llvm::Instruction*>(builder_.CreateMaskedStore(value, place, align, mask))
            : builder_.CreateAlignedStore(value, place, align),
        a);
    return;
  }
  // Lanes in order, so that of two that meet the last one stays.
  llvm::Value* start = a.gather ? address(a, 0) : nullptr;
  if (mask) {
    llvm::Value* offsets = a.gather;
    if (!offsets) {
      std::vector<llvm::Constant*> steps;
      for (int i = 0; i < a.lanes; ++i)
        steps.push_back(llvm::ConstantInt::getSigned(builder_.getInt64Ty(), i * a.stride));
      offsets = llvm::ConstantVector::get(steps);
      start = address(a, 0);
    }
    tag(builder_.CreateMaskedScatter(value, builder_.CreateGEP(element, start, offsets),
                                     llvm::Align(element_align), mask),
        a);
    return;
  }
  for (int i = 0; i < a.lanes; ++i) {
    llvm::Value* place =
        a.gather ? builder_.CreateGEP(element, start,
                                      builder_.CreateExtractElement(a.gather, uint64_t(i)))
                 : address(a, i * a.stride);
    tag(builder_.CreateAlignedStore(builder_.CreateExtractElement(value, uint64_t(i)), place,
                                    llvm::Align(element_align)),
        a);
  }
}

}  // namespace metaschedule::codegen
