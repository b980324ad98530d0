// SPDX-License-Identifier: Apache-2.0
// The database of two text files, one value a line, that the original reads and writes too.
//
// A line that we write ends in 32 spaces and tabs, the bits of its CRC-32: readers of JSON skip
// them, and we can tell damage. An append is one write of whole lines under a lock of the file, so
// several processes may share the files, and a process killed in it loses only the line it wrote.
//
// In memory is where each record lies and how it did, about a hundred bytes; the rest of a record
// is read from the file when it is asked for.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "metaschedule/support/logging.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/record/line_file.h"

namespace metaschedule {

class JSONDatabase : public Database {
 public:
  /// Reads both files. A missing one is created, or with `allow_missing` unset raises ValueError.
  /// A line that was cut short at the end of a file, or does not match its checksum, is left out
  /// with a warning; any other line that cannot be read raises DatabaseError naming file and line,
  /// for what is wrong in a trace when that is asked for.
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
  int64_t size() override { return static_cast<int64_t>(entries_.size()); }

  const std::string path_workload;
  const std::string path_tuning_record;

 private:
  /// A record: where it lies, and how it did.
  struct Entry {
    uint64_t offset;
    uint32_t length;
    uint32_t line;  // from 1; 0: written by this object
    double mean;
    std::weak_ptr<TuningRecord> record;  // while somebody holds it
    int32_t workload;
    bool is_valid;
  };
  /// What a line of the file of records says, where that is quickly seen.
  struct Summary {
    int64_t workload;
    double mean;
    bool is_valid;
  };
  /// Mean time and position: ties in the order in which they were committed.
  using Rank = std::pair<double, uint32_t>;

  void load_workloads();
  void load_records();
  void load_records(std::span<const detail::RawLine> lines);
  /// What is not quickly seen: the whole line is read.
  void load_record(const detail::RawLine& line);
  int64_t find(const ModuleRef& mod, uint64_t hash) const;  // -1: none
  int64_t find(const WorkloadPtr& workload) const;
  void index_workload(const WorkloadPtr& workload);
  void index_record(Entry entry);
  TuningRecordPtr record(uint32_t position);

  Logger logger_;
  std::vector<WorkloadPtr> workloads_;  // by line; null where a line could not be read
  std::vector<int64_t> first_equal_;    // by line: the first of an equal program
  std::unordered_multimap<uint64_t, int64_t> by_hash_;
  std::unordered_map<const Workload*, int64_t> by_object_;
  detail::LineCount workload_lines_;
  std::vector<Entry> entries_;
  std::unordered_map<int64_t, std::set<Rank>> ranks_;  // the valid ones, by workload
};

}  // namespace metaschedule
