// SPDX-License-Identifier: Apache-2.0
// Bodies of json_database.h.
#pragma once

#include <filesystem>

#include "metaschedule/support/config.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/line_file.h"

namespace metaschedule {
namespace detail {

inline bool is_whole_json(std::string_view text) {
  try {
    return parse_json(text).is_array();
  } catch (const ParseError&) {
    return false;
  }
}

/// Reads a file of JSON lines: `each(value, where, number)`, with null for a line that was left
/// out.
inline void read_json_lines(
    const std::string& path, const Logger& logger,
    const std::function<void(json value, const std::string& where, size_t number)>& each) {
  read_lines(path, [&](const CheckedLine& line, size_t number) {
    const std::string where = fmt::format("line {} of file {}", number, path);
    if (line.state == LineState::Damaged) {
      logger.warning("{} does not match its checksum; it is left out", where);
      return each(nullptr, where, number);
    }
    json value;
    try {
      value = parse_json(line.text);
    } catch (const ParseError& e) {
      if (line.state != LineState::CutShort)
        fail<DatabaseError>("Unable to parse {}: {}", where, e.what());
    }
    if (line.state == LineState::CutShort && !value.is_array()) {
      logger.warning("{} was cut short when it was written; it is left out", where);
      return each(nullptr, where, number);
    }
    check<DatabaseError>(value.is_array(), "Unable to parse {}: expected a list, found {:.40}",
                         where, line.text.empty() ? "a blank line" : line.text);
    each(std::move(value), where, number);
  });
}

}  // namespace detail

METASCHEDULE_INLINE JSONDatabase::JSONDatabase(std::string workload_file, std::string record_file,
                                               bool allow_missing, ModuleEquality equality,
                                               Logger logger)
    : Database(equality),
      path_workload(std::move(workload_file)),
      path_tuning_record(std::move(record_file)),
      logger_(std::move(logger)) {
  for (const std::string& path : {path_workload, path_tuning_record}) {
    if (std::filesystem::exists(path)) continue;
    check<ValueError>(allow_missing, "the database file {} does not exist", path);
    check<ValueError>(detail::create_file(path), "the database file {} cannot be created", path);
  }
  load_workloads();
  load_records();
}

METASCHEDULE_INLINE std::shared_ptr<JSONDatabase> JSONDatabase::open(const std::string& work_dir,
                                                                     bool allow_missing,
                                                                     ModuleEquality equality) {
  const std::filesystem::path folder(work_dir);
  if (allow_missing) {
    std::error_code ignored;  // the files cannot be created then, which is reported
    std::filesystem::create_directories(folder, ignored);
  }
  return std::make_shared<JSONDatabase>((folder / "database_workload.json").string(),
                                        (folder / "database_tuning_record.json").string(),
                                        allow_missing, equality);
}

METASCHEDULE_INLINE void JSONDatabase::load_workloads() {
  detail::read_json_lines(path_workload, logger_,
                          [&](json value, const std::string& where, size_t) {
                            if (value.is_null()) return workloads_.push_back(nullptr);
                            try {
                              ModuleRef mod = Workload::from_json(value)->mod;
                              const uint64_t hash = equality().hash(*mod);
                              index_workload(std::make_shared<Workload>(std::move(mod), hash));
                            } catch (const DatabaseError& e) {
                              fail<DatabaseError>("Unable to parse {}: {}", where, e.what());
                            }
                          });
}

METASCHEDULE_INLINE void JSONDatabase::load_records() {
  detail::read_json_lines(
      path_tuning_record, logger_, [&](json value, const std::string& where, size_t) {
        if (value.is_null()) return;
        check<DatabaseError>(value.size() == 2 && value[0].is_number_integer(),
                             "Unable to parse TuningRecord, on {}: expected [workload, record]",
                             where);
        const int64_t index = value[0].get<int64_t>();
        check<DatabaseError>(
            index >= 0 && static_cast<size_t>(index) < workloads_.size(),
            "Unable to parse TuningRecord, on {}: workload {} is not among the {} of {}", where,
            index, workloads_.size(), path_workload);
        if (!workloads_[index]) {
          return logger_.warning("{} is of a workload that could not be read; it is left out",
                                 where);
        }
        try {
          records_.insert(TuningRecord::from_json(std::move(value[1]), workloads_[index], where));
        } catch (const ValueError& e) {
          fail<DatabaseError>("Unable to parse TuningRecord, on {}: {}", where, e.what());
        }
      });
}

METASCHEDULE_INLINE void JSONDatabase::index_workload(const WorkloadPtr& workload) {
  by_hash_.emplace(workload->hash, static_cast<int64_t>(workloads_.size()));
  workloads_.push_back(workload);
}

METASCHEDULE_INLINE int64_t JSONDatabase::find(const ModuleRef& mod, uint64_t hash) const {
  int64_t found = -1;  // the smallest line, whatever the order of the table
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if ((found < 0 || it->second < found) && equality().equal(*workloads_[it->second]->mod, *mod))
      found = it->second;
  }
  return found;
}

METASCHEDULE_INLINE bool JSONDatabase::has_workload(const ModuleRef& mod) {
  return find(mod, equality().hash(*mod)) >= 0;
}

METASCHEDULE_INLINE WorkloadPtr JSONDatabase::commit_workload(const ModuleRef& mod) {
  const uint64_t hash = equality().hash(*mod);
  if (const int64_t known = find(mod, hash); known >= 0) return workloads_[known];
  auto workload = std::make_shared<Workload>(mod, hash);
  // The position is asked of the file: other processes may have added workloads of theirs.
  workloads_.resize(detail::append_numbered_line(path_workload, dump_json(workload->as_json()),
                                                 detail::is_whole_json));
  index_workload(workload);
  return workload;
}

METASCHEDULE_INLINE void JSONDatabase::commit_tuning_record(const TuningRecordPtr& record) {
  const WorkloadPtr& workload = record->workload();
  const int64_t index = find(workload->mod, equality().hash(*workload->mod));
  check<DatabaseError>(index >= 0,
                       "unordered_map: :at: the workload of the record is not in this database; "
                       "commit_workload adds it");
  json line = json::array({index, record->as_json()});
  detail::append_line(path_tuning_record, dump_json(line), detail::is_whole_json);
  records_.insert(record);
}

METASCHEDULE_INLINE std::vector<TuningRecordPtr> JSONDatabase::get_top_k(
    const WorkloadPtr& workload, int top_k) {
  check<ValueError>(top_k >= 0, "top_k must be at least 0, found {}", top_k);
  std::vector<TuningRecordPtr> out;
  for (const TuningRecordPtr& record : records_) {
    if (out.size() >= static_cast<size_t>(top_k)) break;
    const WorkloadPtr& other = record->workload();
    if (!record->is_valid()) continue;
    if (other == workload ||
        (other->hash == workload->hash && equality().equal(*other->mod, *workload->mod)))
      out.push_back(record);
  }
  return out;
}

METASCHEDULE_INLINE std::vector<TuningRecordPtr> JSONDatabase::get_all_tuning_records() {
  return {records_.begin(), records_.end()};
}

}  // namespace metaschedule
