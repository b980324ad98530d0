// SPDX-License-Identifier: Apache-2.0
// Bodies of query_database.h.
#pragma once

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/record/query_database.h"

namespace metaschedule {

METASCHEDULE_INLINE TuningRecordPtr UnionDatabase::query_tuning_record(
    const ModuleRef& mod, const TargetRef& target, const std::string& workload_name) {
  TuningRecordPtr best;
  for (const DatabasePtr& database : databases) {
    TuningRecordPtr record = database->query_tuning_record(mod, target, workload_name);
    if (record && (!best || record->mean_seconds() < best->mean_seconds()))
      best = std::move(record);
  }
  return best;
}

METASCHEDULE_INLINE TuningRecordPtr OrderedUnionDatabase::query_tuning_record(
    const ModuleRef& mod, const TargetRef& target, const std::string& workload_name) {
  for (const DatabasePtr& database : databases) {
    if (TuningRecordPtr record = database->query_tuning_record(mod, target, workload_name))
      return record;
  }
  return nullptr;
}

METASCHEDULE_INLINE SchedulePtr ScheduleFnDatabase::query_schedule(
    const ModuleRef& mod, const TargetRef&, const std::string& workload_name) {
  auto named = mutate(*mod);
  named->attrs = mod->attrs.with("task_name", make<String>(workload_name));
  auto sch = std::make_shared<Schedule>(ModuleRef(named));
  return schedule_fn(sch) ? sch : nullptr;
}

METASCHEDULE_INLINE TuningRecordPtr ScheduleFnDatabase::query_tuning_record(
    const ModuleRef& mod, const TargetRef& target, const std::string& workload_name) {
  const SchedulePtr sch = query_schedule(mod, target, workload_name);
  if (!sch) return nullptr;
  return std::make_shared<TuningRecord>(sch->trace(), std::make_shared<Workload>(mod, 0),
                                        std::nullopt, target);
}

}  // namespace metaschedule
