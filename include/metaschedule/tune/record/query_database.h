// SPDX-License-Identifier: Apache-2.0
// Databases that only answer queries: the best of several, the first of several, and a function
// that schedules by hand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "metaschedule/tune/database.h"

namespace metaschedule {

/// Everything but queries raises DatabaseError naming the class and the method.
class QueryDatabase : public Database {
 public:
  QueryDatabase(const char* class_name, ModuleEquality equality)
      : Database(equality), class_name_(class_name) {}
  bool has_workload(const ModuleRef&) override { refuse("HasWorkload"); }
  WorkloadPtr commit_workload(const ModuleRef&) override { refuse("CommitWorkload"); }
  void commit_tuning_record(const TuningRecordPtr&) override { refuse("CommitTuningRecord"); }
  std::vector<TuningRecordPtr> get_top_k(const WorkloadPtr&, int) override { refuse("GetTopK"); }
  std::vector<TuningRecordPtr> get_all_tuning_records() override { refuse("GetAllTuningRecords"); }
  int64_t size() override { refuse("size"); }

 private:
  [[noreturn]] void refuse(const char* method) const {
    fail<DatabaseError>("NotImplementedError: {}.{}: this database answers queries only",
                        class_name_, method);
  }
  const char* class_name_;
};

/// The fastest record of all; ties go to the earlier database.
class UnionDatabase : public QueryDatabase {
 public:
  explicit UnionDatabase(std::vector<DatabasePtr> databases)
      : QueryDatabase("UnionDatabase", {}), databases(std::move(databases)) {}
  TuningRecordPtr query_tuning_record(const ModuleRef& mod, const TargetRef& target,
                                      const std::string& workload_name) override;
  std::vector<DatabasePtr> databases;
};

/// The record of the first database that has one.
class OrderedUnionDatabase : public QueryDatabase {
 public:
  explicit OrderedUnionDatabase(std::vector<DatabasePtr> databases)
      : QueryDatabase("OrderedUnionDatabase", {}), databases(std::move(databases)) {}
  TuningRecordPtr query_tuning_record(const ModuleRef& mod, const TargetRef& target,
                                      const std::string& workload_name) override;
  std::vector<DatabasePtr> databases;
};

/// A function that edits a schedule of the queried program and returns whether it did; it may know
/// the workload by the module attribute `task_name`.
class ScheduleFnDatabase : public QueryDatabase {
 public:
  using ScheduleFn = std::function<bool(const SchedulePtr&)>;
  explicit ScheduleFnDatabase(ScheduleFn schedule_fn, ModuleEquality equality = {})
      : QueryDatabase("ScheduleFnDatabase", equality), schedule_fn(std::move(schedule_fn)) {}
  TuningRecordPtr query_tuning_record(const ModuleRef& mod, const TargetRef& target,
                                      const std::string& workload_name) override;
  SchedulePtr query_schedule(const ModuleRef& mod, const TargetRef& target,
                             const std::string& workload_name) override;
  ScheduleFn schedule_fn;
};

}  // namespace metaschedule
