// SPDX-License-Identifier: Apache-2.0
// Bodies of database.h.
#pragma once

#include <unordered_map>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/database.h"

namespace metaschedule {

METASCHEDULE_INLINE TuningRecordPtr Database::query_tuning_record(const ModuleRef& mod,
                                                                  const TargetRef&,
                                                                  const std::string&) {
  if (!has_workload(mod)) return nullptr;
  const std::vector<TuningRecordPtr> best = get_top_k(commit_workload(mod), 1);
  return best.empty() ? nullptr : best[0];
}

METASCHEDULE_INLINE SchedulePtr Database::query_schedule(const ModuleRef& mod,
                                                         const TargetRef& target,
                                                         const std::string& workload_name) {
  const TuningRecordPtr record = query_tuning_record(mod, target, workload_name);
  if (!record) return nullptr;
  auto sch = std::make_shared<Schedule>(record->workload()->mod);
  record->trace().apply_to_schedule(*sch, /*remove_postproc=*/false);
  return sch;
}

METASCHEDULE_INLINE ModuleRef Database::query_ir_module(const ModuleRef& mod,
                                                        const TargetRef& target,
                                                        const std::string& workload_name) {
  const SchedulePtr sch = query_schedule(mod, target, workload_name);
  return sch ? sch->mod() : nullptr;
}

METASCHEDULE_INLINE void Database::dump_pruned(Database& destination) {
  std::vector<TuningRecordPtr> best;
  std::unordered_map<const Workload*, size_t> index;
  for (const TuningRecordPtr& record : get_all_tuning_records()) {
    if (!record->is_valid()) continue;
    const auto [it, added] = index.try_emplace(record->workload().get(), best.size());
    if (added) {
      best.push_back(record);
    } else if (record->mean_seconds() < best[it->second]->mean_seconds()) {
      best[it->second] = record;
    }
  }
  for (const TuningRecordPtr& record : best) {
    destination.commit_tuning_record(std::make_shared<TuningRecord>(
        record->trace(), destination.commit_workload(record->workload()->mod), record->run_secs(),
        record->target(), record->args_info()));
  }
}

namespace detail {
inline std::vector<DatabasePtr>& database_stack() {
  thread_local std::vector<DatabasePtr> databases;
  return databases;
}
}  // namespace detail

METASCHEDULE_INLINE DatabasePtr Database::current() {
  return detail::database_stack().empty() ? nullptr : detail::database_stack().back();
}
METASCHEDULE_INLINE void Database::enter(DatabasePtr database) {
  detail::database_stack().push_back(std::move(database));
}
METASCHEDULE_INLINE void Database::exit() {
  check<ValueError>(!detail::database_stack().empty(), "there is no current database to leave");
  detail::database_stack().pop_back();
}

}  // namespace metaschedule
