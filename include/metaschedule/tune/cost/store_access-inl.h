// SPDX-License-Identifier: Apache-2.0
// What one store touches: regions, strides and reuse of each buffer (group 2 of the features).
#pragma once

#include "metaschedule/tune/cost/store_collector.h"

namespace metaschedule::detail {

inline std::vector<BufferAccess> StoreFeatureCollector::accesses_of(const BufferStore& store) {
  std::vector<BufferAccess> out;
  auto find = [&](const Buffer* buffer) -> BufferAccess* {
    for (BufferAccess& access : out)
      if (access.buffer == buffer) return &access;
    return nullptr;
  };
  out.push_back(BufferAccess(store.buffer.get(), Access::Write, &store.indices));
  post_order(*store.value, [&](const Node& node) {
    const BufferLoad* load = as<BufferLoad>(&node);
    if (!load) return;
    BufferAccess* access = find(load->buffer.get());
    if (!access) {
      out.push_back(BufferAccess(load->buffer.get(), Access::Read, &load->indices));
    } else if (access->access == Access::Read) {
      access->index_lists.push_back(&load->indices);
    } else {
      // The indices of the store stand for both.
      access->access = Access::ReadWrite;
    }
  });
  for (BufferAccess& access : out) {
    for (const Exprs* indices : access.index_lists) {
      auto& programs = access.programs.emplace_back();
      for (const Expr& index : *indices) {
        programs.emplace_back(index, [this](const Var* var) { return loop_number(var); });
        access.loops |= programs.back().loops();
      }
    }
  }
  return out;
}

inline void StoreFeatureCollector::measure_regions(std::vector<BufferAccess>& accesses) {
  ranges_.clear();
  for (const FeatureLoop& loop : loops_) ranges_.push_back({loop.range.min, loop.range.min});
  for (BufferAccess& access : accesses) {
    access.shape.assign(access.buffer->shape.size(), 1);
    access.numel = 1;
  }
  for (size_t i = loops_.size(); i-- > 0;) {
    FeatureLoop& loop = loops_[i];
    ranges_[i] = loop.range;
    loop.touched_bytes = 0;
    for (BufferAccess& access : accesses) {
      // Only a loop that occurs in an index changes what is accessed.
      if (i + 1 == loops_.size() || occurs(access, i)) {
        access.numel = 1;
        for (size_t d = 0; d < access.shape.size(); ++d) {
          IntRange all{kRangeInf, -kRangeInf};
          for (const auto& programs : access.programs) {
            IntRange r = programs[d].evaluate(ranges_, stack_);
            all = {std::min(all.min, r.min), std::max(all.max, r.max)};
          }
          int64_t extent = range_add(range_add(all.max, -all.min), 1);
          access.shape[d] = extent;
          access.numel = range_mul(access.numel, extent);
        }
        access.numel = std::max<int64_t>(access.numel, 0);
      }
      loop.touched_bytes += access.numel * access.element_bytes();
      loop.of(access.buffer).numels.push_back(access.numel);
    }
  }
}

inline void StoreFeatureCollector::measure_access(BufferAccess& access, int64_t sum_element_bytes) {
  double element = static_cast<double>(access.element_bytes());
  access.bytes = element * prod_;
  if (loops_.empty()) return;

  size_t ndim = access.buffer->shape.size();
  std::vector<int64_t> extents(ndim), strides(ndim, 1);
  for (size_t d = 0; d < ndim; ++d) {
    const IntImm* imm = as<IntImm>(access.buffer->shape[d]);
    extents[d] = imm ? imm->value : 1;
  }
  for (size_t d = ndim; d-- > 1;) strides[d - 1] = strides[d] * extents[d];
  int64_t continuous = 1;
  for (size_t d = ndim; d-- > 0;) {
    if (access.shape[d] == extents[d]) {
      continuous = access.shape[d] * access.element_bytes();
      break;
    }
  }
  // The innermost loop that moves the access says how far each step goes.
  int64_t min_stride = 0, innermost_stride = 0;
  double non_strided_prod = 1;
  for (size_t i = loops_.size(); i-- > 0;) {
    int64_t var_stride = 0;
    if (occurs(access, i)) {
      const Var* var = loops_[i].loop->loop_var.get();
      int64_t least = kRangeInf;
      for (const Exprs* indices : access.index_lists) {
        for (size_t d = indices->size(); d-- > 0;) {
          int64_t step = index_stride((*indices)[d], var);
          if (step == 0) continue;
          least = std::min(least, std::abs(step) * strides[d]);
          break;
        }
      }
      if (least != kRangeInf) var_stride = least;
    }
    if (var_stride != 0) {
      min_stride = var_stride;
      if (i + 1 == loops_.size()) innermost_stride = var_stride;
      break;
    }
    non_strided_prod *= static_cast<double>(loops_[i].extent);
  }
  double line = static_cast<double>(options_.cache_line_bytes);
  access.stride = static_cast<double>(innermost_stride);
  access.unique_bytes = static_cast<double>(access.numel) * element;
  access.lines = std::max(1.0, prod_ / non_strided_prod *
                                   std::min(1.0, static_cast<double>(min_stride) * element / line));
  access.unique_lines =
      std::max(1.0, access.unique_bytes / std::min(line, static_cast<double>(continuous)));
  measure_reuse(access, sum_element_bytes);
}

inline void StoreFeatureCollector::measure_reuse(BufferAccess& access, int64_t sum_element_bytes) {
  double inner_prod = 1;
  for (size_t i = loops_.size(); i-- > 0;) {
    FeatureLoop& loop = loops_[i];
    double extent = static_cast<double>(loop.extent);
    if (!occurs(access, i)) {
      access.reuse = Reuse::LoopMultipleRead;
      access.reuse_ct = extent;
      access.reuse_dis_iter = inner_prod;
      access.reuse_dis_bytes = i + 1 == loops_.size()
                                   ? static_cast<double>(sum_element_bytes)
                                   : static_cast<double>(loops_[i + 1].total_bytes());
      return;
    }
    const std::vector<int64_t>& numels = loop.of(access.buffer).numels;
    if (numels.size() >= 2) {
      access.reuse = Reuse::SerialMultipleReadWrite;
      access.reuse_ct = static_cast<double>(numels.size() - 1);
      access.reuse_dis_iter =
          static_cast<double>(*std::min_element(numels.begin(), numels.end())) / extent;
      access.reuse_dis_bytes = static_cast<double>(loop.total_bytes()) / extent;
      return;
    }
    inner_prod *= extent;
  }
}

}  // namespace metaschedule::detail
