// SPDX-License-Identifier: Apache-2.0
// The database for many processes and millions of records: one file of the system's SQLite, with a
// write-ahead log. Nothing but the programs is kept in memory, and what other processes commit is
// seen at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "metaschedule/tune/database.h"

namespace metaschedule {

/// A commit survives the death of the process, not a power cut. A workload's key is (version of the
/// hash, hash, kind of equality), confirmed by comparing the programs: a file holds what was
/// committed under each kind apart.
class SqliteDatabase : public Database {
 public:
  /// A missing file is created, or with `allow_missing` unset raises ValueError, as does a file
  /// that cannot be made. Raises DatabaseError, here and later, for one that is not such a database
  /// or is damaged, and for one of a later version; naming the file. In a build without SQLite
  /// raises ValueError with what to do about it.
  explicit SqliteDatabase(std::string path, bool allow_missing = true,
                          ModuleEquality equality = {});
  /// The file `database.sqlite` of a folder.
  static std::shared_ptr<SqliteDatabase> open(const std::string& work_dir,
                                              bool allow_missing = true,
                                              ModuleEquality equality = {});
  ~SqliteDatabase() override;

  bool has_workload(const ModuleRef& mod) override;
  WorkloadPtr commit_workload(const ModuleRef& mod) override;
  /// Raises DatabaseError for a record of a program that was not committed; nothing is kept then.
  void commit_tuning_record(const TuningRecordPtr& record) override;
  std::vector<TuningRecordPtr> get_top_k(const WorkloadPtr& workload, int top_k) override;
  /// By mean time; ties in the order in which they were committed.
  std::vector<TuningRecordPtr> get_all_tuning_records() override;
  int64_t size() override;

  const std::string path;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // records that are not read yet hold it too
};

}  // namespace metaschedule
