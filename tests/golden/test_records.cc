// SPDX-License-Identifier: Apache-2.0
// A database of the original is read, replayed, and written again byte for byte.
#include <gtest/gtest.h>

#include <filesystem>

#include "golden.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/line_file.h"

namespace metaschedule::testing {
namespace {

TEST(GoldenRecords, load_and_are_written_byte_for_byte) {
  METASCHEDULE_GOLDEN_OR_SKIP("records");
  const std::string records = (golden_dir() / "records/database_tuning_record.json").string();
  JSONDatabase database((golden_dir() / "records/database_workload.json").string(), records,
                        /*allow_missing=*/false);
  EXPECT_EQ(database.size(), 18);
  std::multiset<std::string> expected, written;
  detail::read_lines(records, [&](const detail::CheckedLine& line, size_t) {
    expected.insert(std::string(line.text.substr(line.text.find(',') + 1)));
  });
  for (const TuningRecordPtr& record : database.get_all_tuning_records())
    written.insert(dump_json(record->as_json()) + "]");
  EXPECT_EQ(written, expected);
}

TEST(GoldenRecords, replay) {
  METASCHEDULE_GOLDEN_OR_SKIP("records");
  JSONDatabase database((golden_dir() / "records/database_workload.json").string(),
                        (golden_dir() / "records/database_tuning_record.json").string(),
                        /*allow_missing=*/false);
  GoldenRate rate("records");
  for (const TuningRecordPtr& record : database.get_all_tuning_records()) {
    try {
      const MeasureCandidate candidate = record->as_measure_candidate();
      const bool same =
          dump_json(candidate.sch->trace().as_json()) == dump_json(record->trace().as_json());
      rate.add(same && candidate.args_info->size() == record->args_info()->size());
    } catch (const Error& e) {
      rate.add(false);
      if (rate.total() - rate.passed() == 1) std::printf("first failure: %s\n", e.what());
    }
  }
  EXPECT_GE(rate.report(), 100.0);
}

}  // namespace
}  // namespace metaschedule::testing
