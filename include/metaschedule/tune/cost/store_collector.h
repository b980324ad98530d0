// SPDX-License-Identifier: Apache-2.0
// The state of one extraction of store features: the stack of loops, what was touched under each,
// and the rows so far.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "metaschedule/tune/cost/index_range.h"
#include "metaschedule/tune/cost/store_features.h"

namespace metaschedule::detail {

/// What was touched of one buffer under a loop, by all stores so far.
struct Touched {
  const Buffer* buffer;
  std::vector<int64_t> numels;
  int64_t sum() const {
    int64_t total = 0;
    for (int64_t n : numels) total += n;
    return total;
  }
};

struct FeatureLoop {
  const For* loop;
  IntRange range;
  int64_t extent;  // 1 when it is not constant
  std::vector<Touched> touched;
  int64_t touched_bytes = 0;  // by the current store

  Touched& of(const Buffer* buffer) {
    for (Touched& t : touched)
      if (t.buffer == buffer) return t;
    return touched.emplace_back(Touched{buffer, {}});
  }
  int64_t total_bytes() const {
    int64_t total = 0;
    for (const Touched& t : touched)
      total += t.sum() * t.buffer->dtype.bytes() * t.buffer->dtype.lanes;
    return total;
  }
};

enum class Access { Read, Write, ReadWrite };
enum class Reuse { LoopMultipleRead, SerialMultipleReadWrite, None };

/// One buffer of one store.
struct BufferAccess {
  BufferAccess(const Buffer* b, Access a, const Exprs* indices)
      : buffer(b), access(a), index_lists{indices} {}
  const Buffer* buffer;
  Access access;
  std::vector<const Exprs*> index_lists;
  std::vector<std::vector<IndexProgram>> programs;  // one list for each of index_lists
  uint64_t loops = 0;                               // that occur in an index
  std::vector<int64_t> shape;                       // accessed over the whole nest
  int64_t numel = 1;

  double bytes = 0, unique_bytes = 1, lines = 1, unique_lines = 1, stride = 0;
  Reuse reuse = Reuse::None;
  double reuse_dis_iter = 0, reuse_dis_bytes = 0, reuse_ct = 0;

  int64_t element_bytes() const { return buffer->dtype.bytes() * buffer->dtype.lanes; }
};

/// Features of one written buffer; groups 1, 2, 3 and 5 are those of its last store.
struct StoreRow {
  const Buffer* buffer;
  std::array<double, 57> head{};
  std::vector<double> buffers, curve;
  double alloc_size = 0, alloc_prod = 0, alloc_outer_prod = 1;
  double outer_prod = 1, num_loops = 0, auto_unroll = 0;
};

class StoreFeatureCollector {
 public:
  explicit StoreFeatureCollector(const StoreFeatureOptions& options) : options_(options) {}

  void add_function(const PrimFunc& func) {
    visit(*func.body);
    for (const auto& [var, buffer] : func.buffer_map) allocate(cast_to<Buffer>(*buffer));
  }
  FeatureMatrix matrix() const;

 private:
  void visit(const Node& node);
  void visit_loop(const For& loop);
  void visit_store(const BufferStore& store);
  void allocate(const Buffer& buffer);

  void write_head(StoreRow& row, const double* counters) const;
  std::vector<BufferAccess> accesses_of(const BufferStore& store);
  void measure_regions(std::vector<BufferAccess>& accesses);
  void measure_access(BufferAccess& access, int64_t sum_element_bytes);
  void measure_reuse(BufferAccess& access, int64_t sum_element_bytes);
  void write_buffers(StoreRow& row, std::vector<BufferAccess>& accesses) const;
  void write_curve(StoreRow& row, const double* counters) const;
  StoreRow& row_of(const Buffer* buffer);
  int loop_number(const Var* var) const {
    for (size_t i = loops_.size(); i-- > 0;)
      if (loops_[i].loop->loop_var.get() == var) return static_cast<int>(i);
    return -1;
  }
  static bool occurs(const BufferAccess& access, size_t loop) {
    return (access.loops >> std::min<size_t>(loop, 63)) & 1;
  }

  StoreFeatureOptions options_;
  std::vector<FeatureLoop> loops_;
  std::vector<int64_t> auto_unroll_;
  double prod_ = 1;
  std::vector<StoreRow> rows_;
  std::vector<IntRange> ranges_, stack_;
};

}  // namespace metaschedule::detail
