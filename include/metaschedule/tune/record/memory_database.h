// SPDX-License-Identifier: Apache-2.0
// A database that ends with the process.
#pragma once

#include <mutex>
#include <vector>

#include "metaschedule/tune/database.h"

namespace metaschedule {

/// Records come back in the order in which they were committed.
class MemoryDatabase : public Database {
 public:
  using Database::Database;
  bool has_workload(const ModuleRef& mod) override;
  WorkloadPtr commit_workload(const ModuleRef& mod) override;
  void commit_tuning_record(const TuningRecordPtr& record) override;
  std::vector<TuningRecordPtr> get_top_k(const WorkloadPtr& workload, int top_k) override;
  std::vector<TuningRecordPtr> get_all_tuning_records() override { return records; }
  int64_t size() override { return static_cast<int64_t>(records.size()); }

  std::vector<TuningRecordPtr> records;
  std::vector<WorkloadPtr> workloads;

 private:
  WorkloadPtr find(const ModuleRef& mod, uint64_t hash) const;
};

namespace detail {
/// The valid records of a workload, by mean time; ties stay in order. `records` may be unsorted.
std::vector<TuningRecordPtr> top_records(const std::vector<TuningRecordPtr>& records,
                                         const WorkloadPtr& workload, int top_k,
                                         ModuleEquality equality);
}  // namespace detail

}  // namespace metaschedule
