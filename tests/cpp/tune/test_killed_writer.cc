// SPDX-License-Identifier: Apache-2.0
// Databases whose writer is killed: what it was told is kept is there afterwards.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "fakes.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/sqlite_database.h"
#include "temp_dir.h"

namespace metaschedule::testing {
namespace {

constexpr int kRounds = 200;

TuningRecordPtr record_of(const WorkloadPtr& workload, int64_t seed) {
  auto sch = std::make_shared<Schedule>(workload->mod, seed);
  tile_c(sch);
  return std::make_shared<TuningRecord>(sch->trace(), workload, std::vector<double>{0.1}, nullptr,
                                        ArgInfo::from_entry_func(*sch->mod()));
}

/// Commits until it is killed, and says so of each record on the pipe.
[[noreturn]] void write_for_ever(const std::function<DatabasePtr()>& open, int round, int pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    const DatabasePtr database = open();
    for (int i = 1;; ++i) {
      const WorkloadPtr workload =
          database->commit_workload(matmul(8, 8, 1 + (round * 31 + i) % 64));
      database->commit_tuning_record(record_of(workload, i));
      if (::write(pipe, "+", 1) != 1) break;
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "round %d: %s\n", round, e.what());
  }
  _exit(1);
}

/// How many records were acknowledged by writers that were killed in turn.
int64_t kill_writers(const std::function<DatabasePtr()>& open) {
  int64_t acknowledged = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    if (::pipe(ends) != 0) return -1;
    const pid_t child = fork();
    if (child == 0) write_for_ever(open, round, ends[1]);
    ::close(ends[1]);
    // Some while it opens the files, most some records later, and then anywhere in the next one.
    char buffer[4096];
    for (int wanted = round % 4; wanted > 0; --wanted)
      if (::read(ends[0], buffer, 1) == 1) ++acknowledged;
    ::usleep(static_cast<useconds_t>(round * 7919 % 1500));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer of round " << round << " ended by itself";
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) acknowledged += got;
    ::close(ends[0]);
  }
  return acknowledged;
}

void expect_all_there(Database& database, int64_t acknowledged) {
  EXPECT_GE(acknowledged, kRounds) << "the writers were killed too early to have written";
  const std::vector<TuningRecordPtr> records = database.get_all_tuning_records();
  EXPECT_GE(static_cast<int64_t>(records.size()), acknowledged);
  EXPECT_LE(static_cast<int64_t>(records.size()), acknowledged + kRounds);
  for (size_t i = 0; i < records.size(); i += 1 + records.size() / 500) {
    EXPECT_FALSE(records[i]->trace().empty());
    EXPECT_TRUE(database.has_workload(records[i]->workload()->mod));
    EXPECT_EQ(records[i]->args_info()->size(), 3u);
  }
  // And it goes on from there.
  const WorkloadPtr workload = database.commit_workload(matmul(4, 4, 4));
  database.commit_tuning_record(record_of(workload, 1));
  EXPECT_EQ(database.get_top_k(workload, 9).size(), 1u);
}

TEST(KilledWriter, of_json_files_loses_nothing_that_was_acknowledged) {
  TempDir dir;
  const auto open = [&]() -> DatabasePtr { return JSONDatabase::open(dir.str()); };
  const int64_t acknowledged = kill_writers(open);
  expect_all_there(*open(), acknowledged);
}

TEST(KilledWriter, of_sqlite_loses_nothing_that_was_acknowledged) {
  TempDir dir;
  const auto open = [&]() -> DatabasePtr { return SqliteDatabase::open(dir.str()); };
  try {
    open();
  } catch (const ValueError& e) {
    GTEST_SKIP() << e.what();
  }
  const int64_t acknowledged = kill_writers(open);
  expect_all_there(*open(), acknowledged);
}

}  // namespace
}  // namespace metaschedule::testing
