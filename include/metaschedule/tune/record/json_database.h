// SPDX-License-Identifier: Apache-2.0
// The database of two text files, one value a line, that the original reads and writes too.
//
// A line that we write ends in 32 spaces and tabs, the bits of its CRC-32: readers of JSON skip
// them, and we can tell damage. An append is one write of whole lines under a lock of the file, so
// several processes may share the files, and a process killed in it loses only the line it wrote.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "metaschedule/support/logging.h"
#include "metaschedule/tune/database.h"

namespace metaschedule {

class JSONDatabase : public Database {
 public:
  /// Reads both files. A missing one is created, or with `allow_missing` unset raises ValueError.
  /// A line that was cut short at the end of a file, or does not match its checksum, is left out
  /// with a warning; any other line that cannot be read raises DatabaseError naming file and line.
  JSONDatabase(std::string path_workload, std::string path_tuning_record, bool allow_missing = true,
               ModuleEquality equality = {}, Logger logger = Logger::to_stderr(LogLevel::Warning));
  /// The files `database_workload.json` and `database_tuning_record.json` of a folder.
  static std::shared_ptr<JSONDatabase> open(const std::string& work_dir, bool allow_missing = true,
                                            ModuleEquality equality = {});

  bool has_workload(const ModuleRef& mod) override;
  WorkloadPtr commit_workload(const ModuleRef& mod) override;
  /// Raises DatabaseError for a record of a program that was not committed; nothing is kept then.
  void commit_tuning_record(const TuningRecordPtr& record) override;
  std::vector<TuningRecordPtr> get_top_k(const WorkloadPtr& workload, int top_k) override;
  /// By mean time; ties in the order in which they were committed.
  std::vector<TuningRecordPtr> get_all_tuning_records() override;
  int64_t size() override { return static_cast<int64_t>(records_.size()); }

  const std::string path_workload;
  const std::string path_tuning_record;

 private:
  struct Faster {
    bool operator()(const TuningRecordPtr& a, const TuningRecordPtr& b) const {
      return a->mean_seconds() < b->mean_seconds();
    }
  };
  void load_workloads();
  void load_records();
  int64_t find(const ModuleRef& mod, uint64_t hash) const;  // -1: none
  void index_workload(const WorkloadPtr& workload);

  Logger logger_;
  std::vector<WorkloadPtr> workloads_;  // by line; null where a line could not be read
  std::unordered_multimap<uint64_t, int64_t> by_hash_;
  std::multiset<TuningRecordPtr, Faster> records_;
};

}  // namespace metaschedule
