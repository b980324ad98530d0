// SPDX-License-Identifier: Apache-2.0
// Extraction of per-store features: one walk over the program with a stack of loops.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string>

#include "metaschedule/tune/cost/store_access-inl.h"
#include "metaschedule/tune/cost/store_features.h"

namespace metaschedule {

METASCHEDULE_INLINE double feature_log(double x) { return std::log2(std::fabs(x) + 1.0); }

namespace detail {

/// Counters of group 1, in the order of the row.
enum ArithCounter {
  kMad = 0,
  kAddSub = 1,
  kMul = 2,
  kDivMod = 3,
  kCompare = 4,
  kMathFunc = 5,
  kOtherFunc = 6,
  kIntOffset = 7,
  kBoolOp = 14,
  kSelectOp = 15,
  kNumCounters = 16,
};

inline void count_arithmetic(const Node& node, double times, double* counters) {
  for_each_child(node, [&](const Node& child) { count_arithmetic(child, times, counters); });
  if (!is_expr_kind(node.kind)) return;
  bool is_float = static_cast<const ExprNode&>(node).dtype.is_float();
  auto count = [&](int which) { counters[which + (is_float ? 0 : kIntOffset)] += times; };
  switch (node.kind) {
    case Kind::Add:
    case Kind::Sub:
      return count(kAddSub);
    case Kind::Mul:
      return count(kMul);
    case Kind::Div:
    case Kind::Mod:
    case Kind::FloorDiv:
    case Kind::FloorMod:
      return count(kDivMod);
    case Kind::Min:
    case Kind::Max:
    case Kind::EQ:
    case Kind::NE:
    case Kind::LT:
    case Kind::LE:
    case Kind::GT:
    case Kind::GE:
      return count(kCompare);
    case Kind::And:
    case Kind::Or:
    case Kind::Not:
      counters[kBoolOp] += times;
      return;
    case Kind::Select:
      counters[kSelectOp] += times;
      return;
    case Kind::Call: {
      const Op* op = as<Op>(static_cast<const Call&>(node).op);
      check<ValueError>(op, "features: a call of another function of the module cannot be counted");
      bool pure = op->effect == CallEffect::Pure || op->effect == CallEffect::ExprAnnotation;
      return count(pure ? kMathFunc : kOtherFunc);
    }
    default:
      return;
  }
}

inline void StoreFeatureCollector::visit(const Node& node) {
  switch (node.kind) {
    case Kind::For:
      return visit_loop(static_cast<const For&>(node));
    case Kind::BufferStore:
      return visit_store(static_cast<const BufferStore&>(node));
    case Kind::Block: {
      auto& block = static_cast<const Block&>(node);
      if (block.init) visit(*block.init);
      visit(*block.body);
      for (const BufferRef& buffer : block.alloc_buffers) allocate(*buffer);
      return;
    }
    default:
      for_each_child(node, [this](const Node& child) {
        if (is_stmt_kind(child.kind)) visit(child);
      });
  }
}

inline void StoreFeatureCollector::visit_loop(const For& loop) {
  const IntImm* unroll = as<IntImm>(loop.annotations.find("pragma_auto_unroll_max_step"));
  bool pushed = unroll && unroll->value > 0;
  if (pushed) auto_unroll_.push_back(unroll->value);
  const IntImm* extent = as<IntImm>(loop.extent);
  const IntImm* lower = as<IntImm>(loop.min);
  FeatureLoop entry{&loop, {}, extent ? extent->value : 1, {}, 0};
  entry.range = {lower ? lower->value : -kRangeInf,
                 lower && extent ? lower->value + extent->value - 1 : kRangeInf};
  double outer = prod_;
  prod_ *= static_cast<double>(entry.extent);
  loops_.push_back(std::move(entry));
  visit(*loop.body);
  loops_.pop_back();
  prod_ = outer;
  if (pushed) auto_unroll_.pop_back();
}

inline StoreRow& StoreFeatureCollector::row_of(const Buffer* buffer) {
  for (StoreRow& row : rows_)
    if (row.buffer == buffer) return row;
  rows_.push_back(StoreRow{buffer, {}, {}, {}});
  return rows_.back();
}

inline void StoreFeatureCollector::allocate(const Buffer& buffer) {
  for (StoreRow& row : rows_) {
    if (row.buffer != &buffer) continue;
    double numel = 1;
    for (const Expr& extent : buffer.shape)
      if (const IntImm* imm = as<IntImm>(extent)) numel *= static_cast<double>(imm->value);
    row.alloc_size = numel * buffer.dtype.bytes() * buffer.dtype.lanes;
    row.alloc_prod = numel * prod_;
    row.alloc_outer_prod = prod_;
  }
}

inline void StoreFeatureCollector::visit_store(const BufferStore& store) {
  if (store.value->kind == Kind::IntImm || store.value->kind == Kind::FloatImm) return;
  double counters[kNumCounters] = {};
  count_arithmetic(*store.value, prod_, counters);
  std::vector<BufferAccess> accesses = accesses_of(store);
  measure_regions(accesses);
  int64_t sum_element_bytes = 0;
  for (const BufferAccess& access : accesses) sum_element_bytes += access.element_bytes();
  for (BufferAccess& access : accesses) measure_access(access, sum_element_bytes);

  StoreRow& row = row_of(store.buffer.get());
  row.outer_prod = prod_;
  row.num_loops = static_cast<double>(loops_.size());
  row.auto_unroll = auto_unroll_.empty() ? 0 : static_cast<double>(auto_unroll_.back());
  write_head(row, counters);
  write_buffers(row, accesses);
  write_curve(row, counters);
}

inline void StoreFeatureCollector::write_head(StoreRow& row, const double* counters) const {
  row.head.fill(0);
  for (int i = 0; i < kNumCounters; ++i)
    row.head[static_cast<size_t>(i)] = feature_log(counters[i]);
  const ForKind kinds[] = {ForKind::Vectorized, ForKind::Unrolled, ForKind::Parallel};
  size_t at = kNumCounters;
  for (ForKind kind : kinds) {
    double count = 0, product = 1, length = 0;
    for (const FeatureLoop& loop : loops_) {
      if (loop.loop->kind != kind) continue;
      ++count;
      product *= static_cast<double>(loop.extent);
      length = static_cast<double>(loop.extent);
    }
    row.head[at] = feature_log(count);
    row.head[at + 1] = feature_log(count > 0 ? product : 0);
    row.head[at + 2] = feature_log(length);
    row.head[at + (count > 0 ? 10 : 3)] = 1;  // "mixed" or "none": no other position is told apart
    at += 11;
  }
  row.head[49] = options_.is_gpu ? 1 : 0;
  constexpr std::string_view tags[] = {"blockIdx.x",  "blockIdx.y",  "blockIdx.z", "threadIdx.x",
                                       "threadIdx.y", "threadIdx.z", "vthread"};
  for (size_t t = 0; t < 7; ++t) {
    double length = 1;
    for (size_t i = loops_.size(); options_.is_gpu && i-- > 0;) {
      const For& loop = *loops_[i].loop;
      if (loop.kind != ForKind::ThreadBinding || !loop.thread_binding) continue;
      if (loop.thread_binding->thread_tag.starts_with(tags[t]))
        length = static_cast<double>(loops_[i].extent);
    }
    row.head[50 + t] = feature_log(length);
  }
}

inline void StoreFeatureCollector::write_buffers(StoreRow& row,
                                                 std::vector<BufferAccess>& accesses) const {
  std::sort(accesses.begin(), accesses.end(), [](const BufferAccess& a, const BufferAccess& b) {
    if (a.lines != b.lines) return a.lines > b.lines;
    if (a.bytes != b.bytes) return a.bytes > b.bytes;
    return a.buffer->name < b.buffer->name;
  });
  auto slots = static_cast<size_t>(options_.buffers_per_store);
  row.buffers.assign(slots * 18, 0.0);
  for (size_t i = 0; i < std::min(slots, accesses.size()); ++i) {
    const BufferAccess& a = accesses[i];
    double* out = row.buffers.data() + i * 18;
    double count = a.reuse_ct > 0 ? a.reuse_ct : 0.5;
    out[static_cast<int>(a.access)] = 1;
    out[3] = feature_log(a.bytes);
    out[4] = feature_log(a.unique_bytes);
    out[5] = feature_log(a.lines);
    out[6] = feature_log(a.unique_lines);
    out[7 + static_cast<int>(a.reuse)] = 1;
    out[10] = feature_log(a.reuse_dis_iter);
    out[11] = feature_log(a.reuse_dis_bytes);
    out[12] = feature_log(a.reuse_ct);
    out[13] = feature_log(a.bytes / count);
    out[14] = feature_log(a.unique_bytes / count);
    out[15] = feature_log(a.lines / count);
    out[16] = feature_log(a.unique_lines / count);
    out[17] = feature_log(a.stride);
  }
}

inline void StoreFeatureCollector::write_curve(StoreRow& row, const double* counters) const {
  auto samples = static_cast<size_t>(options_.arith_intensity_curve_num_samples);
  row.curve.assign(samples, 0.0);
  double total = 0;
  for (int i = 0; i < kIntOffset; ++i) total += counters[i];
  total /= prod_;
  if (total <= 0 || loops_.empty()) return;
  std::vector<double> ops, intensity;
  for (size_t i = loops_.size(); i-- > 0;) {
    total *= static_cast<double>(loops_[i].extent);
    ops.push_back(total);
    intensity.push_back(total / static_cast<double>(loops_[i].touched_bytes));
  }
  size_t p = 0;
  for (size_t i = 0; i < samples; ++i) {
    double at = static_cast<double>(i + 1) / static_cast<double>(samples) * ops.back();
    while (p + 1 < ops.size() && ops[p] < at - 1e-4) ++p;
    double value = intensity[0];
    if (p > 0) {
      double slope = (intensity[p] - intensity[p - 1]) / (ops[p] - ops[p - 1]);
      value = intensity[p - 1] + slope * (at - ops[p - 1]);
    }
    row.curve[i] = feature_log(value);
  }
}

inline FeatureMatrix StoreFeatureCollector::matrix() const {
  FeatureMatrix out;
  out.rows = static_cast<int64_t>(rows_.size());
  out.cols = options_.vector_length();
  out.data.reserve(static_cast<size_t>(out.rows) * static_cast<size_t>(out.cols));
  auto append = [&](const auto& values) {
    out.data.insert(out.data.end(), values.begin(), values.end());
  };
  for (const StoreRow& row : rows_) {
    append(row.head);
    append(row.buffers);
    append(row.curve);
    append(std::array{feature_log(row.alloc_size), feature_log(row.alloc_prod),
                      feature_log(row.alloc_outer_prod),
                      feature_log(row.outer_prod / row.alloc_outer_prod)});
    append(std::array{feature_log(row.outer_prod), feature_log(row.num_loops),
                      feature_log(row.auto_unroll)});
  }
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE FeatureMatrix extract_store_features(const IRModule& lowered,
                                                         const StoreFeatureOptions& options) {
  detail::StoreFeatureCollector collector(options);
  for (const auto& [name, func] : lowered.functions) {
    if (const PrimFunc* prim = as<PrimFunc>(func)) collector.add_function(*prim);
  }
  return collector.matrix();
}

METASCHEDULE_INLINE std::vector<double> extract_workload_features(const IRModule& module) {
  constexpr std::string_view kinds[][2] = {
      {"softmax", ""},         {"max", "min"}, {"add", ""},
      {"batch_matmul", ""},    {"matmul", ""}, {"depthwiseconv2d", ""},
      {"conv2d_winograd", ""}, {"conv2d", ""},
  };
  std::vector<double> out(8, 0.0);
  post_order(module, [&](const Node& node) {
    const Block* block = as<Block>(&node);
    if (!block) return;
    std::string name = block->name_hint;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    for (size_t i = 0; i < 8; ++i) {
      bool matches = name.find(kinds[i][0]) != std::string::npos ||
                     (!kinds[i][1].empty() && name.find(kinds[i][1]) != std::string::npos);
      if (!matches) continue;
      out[i] = 1;
      return;
    }
  });
  return out;
}

}  // namespace metaschedule
