// SPDX-License-Identifier: Apache-2.0
// Bodies of json_database.h.
#pragma once

#include <algorithm>
#include <filesystem>
#include <limits>
#include <numeric>
#include <utility>

#include "metaschedule/support/config.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/line_file.h"
#include "metaschedule/tune/record/record_text.h"

namespace metaschedule {
namespace detail {

inline bool is_whole_json(std::string_view text) {
  try {
    return parse_json(text).is_array();
  } catch (const ParseError&) {
    return false;
  }
}

/// The list that a line holds; null where the line is damaged and left out, with a warning.
inline json read_json_line(const RawLine& raw, const std::string& where, const Logger& logger) {
  const CheckedLine line = check_line(raw.bytes, raw.has_newline);
  if (line.state == LineState::Damaged) {
    logger.warning("{} does not match its checksum; it is left out", where);
    return nullptr;
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
    return nullptr;
  }
  check<DatabaseError>(value.is_array(), "Unable to parse {}: expected a list, found {:.40}", where,
                       line.text.empty() ? "a blank line" : line.text);
  return value;
}

inline std::string line_place(size_t number, const std::string& path) {
  return number == 0 ? "file " + path : fmt::format("line {} of file {}", number, path);
}

/// Whether these are arguments' shapes. Most records of a file have the same: `known` is the last
/// text that was.
inline bool is_args_info(std::string_view text, std::string& known) {
  if (text == "null" || text == known) return true;
  try {
    for (const json& arg : parse_json(text)) ArgInfo::from_json(arg);
  } catch (const Error&) {
    return false;
  }
  known = text;
  return text[0] == '[';
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
  detail::read_line_blocks(path_workload, [&](std::span<const detail::RawLine> lines) {
    for (const detail::RawLine& line : lines) {
      const std::string where = detail::line_place(line.number, path_workload);
      const json value = detail::read_json_line(line, where, logger_);
      if (value.is_null()) {
        index_workload(nullptr);
        continue;
      }
      try {
        ModuleRef mod = Workload::from_json(value)->mod;
        const uint64_t hash = equality().hash(*mod);
        index_workload(std::make_shared<Workload>(std::move(mod), hash));
      } catch (const DatabaseError& e) {
        fail<DatabaseError>("Unable to parse {}: {}", where, e.what());
      }
    }
  });
}

METASCHEDULE_INLINE void JSONDatabase::load_records() {
  detail::read_line_blocks(path_tuning_record,
                           [&](std::span<const detail::RawLine> lines) { load_records(lines); });
}

METASCHEDULE_INLINE void JSONDatabase::load_records(std::span<const detail::RawLine> lines) {
  constexpr size_t kLinesAtOnce = 256;
  std::vector<std::optional<Summary>> found(lines.size());
  const int threads = lines.size() > 4 * kLinesAtOnce ? cpu_count() : 1;
  std::vector<std::string> known_args(static_cast<size_t>(threads));
  const auto summarize = [&](const detail::RawLine& raw,
                             std::string& known) -> std::optional<Summary> {
    const detail::CheckedLine line = detail::check_line(raw.bytes, raw.has_newline);
    if (line.state != detail::LineState::Good && line.state != detail::LineState::Unchecked)
      return std::nullopt;
    const auto numbered = detail::split_record_line(line.text);
    const auto parts = numbered ? detail::split_record(numbered->record) : std::nullopt;
    const auto times = parts ? detail::times_of(parts->run_secs) : std::nullopt;
    if (!times || !(parts->target == "null" || parts->target[0] == '{') ||
        !detail::is_args_info(parts->args_info, known))
      return std::nullopt;
    return Summary{numbered->workload, times->mean, parts->has_instructions && times->is_good};
  };
  parallel_for((lines.size() + kLinesAtOnce - 1) / kLinesAtOnce, threads, [&](size_t i, int t) {
    const size_t end = std::min(lines.size(), (i + 1) * kLinesAtOnce);
    for (size_t at = i * kLinesAtOnce; at < end; ++at)
      found[at] = summarize(lines[at], known_args[static_cast<size_t>(t)]);
  });
  entries_.reserve(entries_.size() + lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto& one = found[i];
    const bool is_known = one && one->workload >= 0 &&
                          static_cast<size_t>(one->workload) < workloads_.size() &&
                          workloads_[static_cast<size_t>(one->workload)];
    if (!is_known) {
      load_record(lines[i]);
      continue;
    }
    index_record({lines[i].offset,
                  static_cast<uint32_t>(lines[i].bytes.size()),
                  static_cast<uint32_t>(lines[i].number),
                  one->mean,
                  {},
                  static_cast<int32_t>(one->workload),
                  one->is_valid});
  }
}

METASCHEDULE_INLINE void JSONDatabase::load_record(const detail::RawLine& line) {
  const std::string where = detail::line_place(line.number, path_tuning_record);
  json value = detail::read_json_line(line, where, logger_);
  if (value.is_null()) return;
  check<DatabaseError>(value.size() == 2 && value[0].is_number_integer(),
                       "Unable to parse TuningRecord, on {}: expected [workload, record]", where);
  const int64_t index = value[0].get<int64_t>();
  check<DatabaseError>(index >= 0 && static_cast<size_t>(index) < workloads_.size(),
                       "Unable to parse TuningRecord, on {}: workload {} is not among the {} of {}",
                       where, index, workloads_.size(), path_workload);
  if (!workloads_[index])
    return logger_.warning("{} is of a workload that could not be read; it is left out", where);
  try {
    const TuningRecordPtr record =
        TuningRecord::from_json(std::move(value[1]), workloads_[index], where);
    index_record({line.offset,
                  static_cast<uint32_t>(line.bytes.size()),
                  static_cast<uint32_t>(line.number),
                  record->mean_seconds(),
                  {},
                  static_cast<int32_t>(index),
                  record->is_valid()});
  } catch (const ValueError& e) {
    fail<DatabaseError>("Unable to parse TuningRecord, on {}: {}", where, e.what());
  }
}

METASCHEDULE_INLINE void JSONDatabase::index_workload(const WorkloadPtr& workload) {
  const auto index = static_cast<int64_t>(workloads_.size());
  const int64_t equal = workload ? find(workload->mod, workload->hash) : -1;
  workloads_.push_back(workload);
  first_equal_.push_back(equal < 0 ? index : equal);
  if (!workload) return;
  by_hash_.emplace(workload->hash, index);
  by_object_.emplace(workload.get(), index);
}

METASCHEDULE_INLINE void JSONDatabase::index_record(Entry entry) {
  const auto position = static_cast<uint32_t>(entries_.size());
  check<DatabaseError>(position < std::numeric_limits<uint32_t>::max(),
                       "{}: a database has at most 2^32 - 1 records", path_tuning_record);
  if (entry.is_valid) ranks_[first_equal_[entry.workload]].emplace(entry.mean, position);
  entries_.push_back(std::move(entry));
}

METASCHEDULE_INLINE TuningRecordPtr JSONDatabase::record(uint32_t position) {
  Entry& entry = entries_[position];
  if (TuningRecordPtr known = entry.record.lock()) return known;
  const std::string where = detail::line_place(entry.line, path_tuning_record);
  auto read = [path = path_tuning_record, where, offset = entry.offset, length = entry.length] {
    const std::string bytes = detail::read_bytes(path, offset, length);
    const detail::CheckedLine checked = detail::check_line(bytes, true);
    const auto line = detail::split_record_line(checked.text);
    check<DatabaseError>(checked.state != detail::LineState::Damaged && line.has_value(),
                         "{}: there was a record; another program has changed the file", where);
    return std::string(line->record);
  };
  TuningRecordPtr made = TuningRecord::from_text(
      std::move(read), workloads_[first_equal_[entry.workload]], entry.mean, entry.is_valid, where);
  entry.record = made;
  return made;
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

METASCHEDULE_INLINE int64_t JSONDatabase::find(const WorkloadPtr& workload) const {
  const auto own = by_object_.find(workload.get());
  if (own != by_object_.end()) return first_equal_[own->second];
  return find(workload->mod, equality().hash(*workload->mod));
}

METASCHEDULE_INLINE bool JSONDatabase::has_workload(const ModuleRef& mod) {
  return find(mod, equality().hash(*mod)) >= 0;
}

METASCHEDULE_INLINE WorkloadPtr JSONDatabase::commit_workload(const ModuleRef& mod) {
  const uint64_t hash = equality().hash(*mod);
  if (const int64_t known = find(mod, hash); known >= 0) return workloads_[known];
  auto workload = std::make_shared<Workload>(mod, hash);
  // The position is asked of the file: other processes may have added workloads of theirs.
  const size_t position = detail::append_numbered_line(
      path_workload, dump_json(workload->as_json()), detail::is_whole_json, workload_lines_);
  workloads_.resize(std::min(workloads_.size(), position));  // a line that was cut short is gone
  first_equal_.resize(workloads_.size());
  while (workloads_.size() < position) index_workload(nullptr);
  index_workload(workload);
  return workload;
}

METASCHEDULE_INLINE void JSONDatabase::commit_tuning_record(const TuningRecordPtr& record) {
  const int64_t index = find(record->workload());
  check<DatabaseError>(index >= 0,
                       "unordered_map: :at: the workload of the record is not in this database; "
                       "commit_workload adds it");
  const std::string line = fmt::format("[{},{}]", index, dump_json(record->as_json()));
  const uint64_t offset = detail::append_line(path_tuning_record, line, detail::is_whole_json);
  index_record({offset, static_cast<uint32_t>(line.size()), 0, record->mean_seconds(), record,
                static_cast<int32_t>(index), record->is_valid()});
}

METASCHEDULE_INLINE std::vector<TuningRecordPtr> JSONDatabase::get_top_k(
    const WorkloadPtr& workload, int top_k) {
  check<ValueError>(top_k >= 0, "top_k must be at least 0, found {}", top_k);
  std::vector<TuningRecordPtr> out;
  const auto ranked = ranks_.find(find(workload));
  if (ranked == ranks_.end()) return out;
  for (const Rank& rank : ranked->second) {
    if (out.size() >= static_cast<size_t>(top_k)) break;
    out.push_back(record(rank.second));
  }
  return out;
}

METASCHEDULE_INLINE std::vector<TuningRecordPtr> JSONDatabase::get_all_tuning_records() {
  std::vector<uint32_t> order(entries_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return entries_[a].mean < entries_[b].mean; });
  std::vector<TuningRecordPtr> out;
  out.reserve(order.size());
  for (const uint32_t position : order) out.push_back(record(position));
  return out;
}

}  // namespace metaschedule
