// SPDX-License-Identifier: Apache-2.0
// Databases keep what was learned and answer what is best for a program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/module_equality.h"
#include "metaschedule/tune/tuning_record.h"

namespace metaschedule {

class Database : public std::enable_shared_from_this<Database> {
 public:
  explicit Database(ModuleEquality equality = {}) : equality_(equality) {}
  virtual ~Database() = default;

  virtual bool has_workload(const ModuleRef& mod) = 0;
  /// The workload equal to `mod`, added when there is none.
  virtual WorkloadPtr commit_workload(const ModuleRef& mod) = 0;
  virtual void commit_tuning_record(const TuningRecordPtr& record) = 0;
  /// The best valid records of a workload, fastest first, at most `top_k`; ValueError below 0.
  virtual std::vector<TuningRecordPtr> get_top_k(const WorkloadPtr& workload, int top_k) = 0;
  virtual std::vector<TuningRecordPtr> get_all_tuning_records() = 0;
  /// The number of records.
  virtual int64_t size() = 0;

  /// The best record of an equal workload, or null. Target and name do not count here.
  virtual TuningRecordPtr query_tuning_record(const ModuleRef& mod, const TargetRef& target,
                                              const std::string& workload_name);
  /// That record's trace on its program, postproc part included; null without record.
  virtual SchedulePtr query_schedule(const ModuleRef& mod, const TargetRef& target,
                                     const std::string& workload_name);
  /// The program of that schedule; null without record.
  virtual ModuleRef query_ir_module(const ModuleRef& mod, const TargetRef& target,
                                    const std::string& workload_name);
  /// Commits the best valid record of each workload to another database, in the order in which the
  /// workloads first appear.
  void dump_pruned(Database& destination);

  ModuleEquality equality() const { return equality_; }

  /// The innermost database of `ScopedDatabase` on this thread; null when there is none.
  static DatabasePtr current();
  static void enter(DatabasePtr database);
  static void exit();

 private:
  ModuleEquality equality_;
};

/// Makes a database the current one of this thread while it lives.
class ScopedDatabase {
 public:
  explicit ScopedDatabase(DatabasePtr database) { Database::enter(std::move(database)); }
  ScopedDatabase(const ScopedDatabase&) = delete;
  ~ScopedDatabase() { Database::exit(); }
};

}  // namespace metaschedule
