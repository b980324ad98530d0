// SPDX-License-Identifier: Apache-2.0
// Bodies of memory_database.h.
#pragma once

#include <algorithm>

#include "metaschedule/support/config.h"
#include "metaschedule/tune/record/memory_database.h"

namespace metaschedule {

METASCHEDULE_INLINE std::vector<TuningRecordPtr> detail::top_records(
    const std::vector<TuningRecordPtr>& records, const WorkloadPtr& workload, int top_k,
    ModuleEquality equality) {
  check<ValueError>(top_k >= 0, "top_k must be at least 0, found {}", top_k);
  std::vector<TuningRecordPtr> out;
  if (top_k == 0) return out;
  for (const TuningRecordPtr& record : records) {
    const WorkloadPtr& other = record->workload();
    if (!record->is_valid()) continue;
    if (other == workload ||
        (other->hash == workload->hash && equality.equal(*other->mod, *workload->mod)))
      out.push_back(record);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a->mean_seconds() < b->mean_seconds();
  });
  if (out.size() > static_cast<size_t>(top_k)) out.resize(top_k);
  return out;
}

METASCHEDULE_INLINE WorkloadPtr MemoryDatabase::find(const ModuleRef& mod, uint64_t hash) const {
  for (const WorkloadPtr& workload : workloads) {
    if (workload->hash == hash && equality().equal(*workload->mod, *mod)) return workload;
  }
  return nullptr;
}

METASCHEDULE_INLINE bool MemoryDatabase::has_workload(const ModuleRef& mod) {
  return find(mod, equality().hash(*mod)) != nullptr;
}

METASCHEDULE_INLINE WorkloadPtr MemoryDatabase::commit_workload(const ModuleRef& mod) {
  const uint64_t hash = equality().hash(*mod);
  if (WorkloadPtr known = find(mod, hash)) return known;
  workloads.push_back(std::make_shared<Workload>(mod, hash));
  return workloads.back();
}

METASCHEDULE_INLINE void MemoryDatabase::commit_tuning_record(const TuningRecordPtr& record) {
  records.push_back(record);
}

METASCHEDULE_INLINE std::vector<TuningRecordPtr> MemoryDatabase::get_top_k(
    const WorkloadPtr& workload, int top_k) {
  return detail::top_records(records, workload, top_k, equality());
}

}  // namespace metaschedule
