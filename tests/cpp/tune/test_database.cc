// SPDX-License-Identifier: Apache-2.0
// Databases: order, queries, files, damage.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <fstream>
#include <iterator>
#include <set>

#include "fakes.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/memory_database.h"
#include "metaschedule/tune/record/query_database.h"
#include "metaschedule/tune/record/sqlite_database.h"
#include "temp_dir.h"

namespace metaschedule::testing {
namespace {

using Secs = std::optional<std::vector<double>>;

/// A record of the tiled matmul; `seed` makes its decisions.
TuningRecordPtr record_of(const WorkloadPtr& workload, Secs secs, int64_t seed = 1) {
  auto sch = std::make_shared<Schedule>(workload->mod, seed);
  tile_c(sch);
  return std::make_shared<TuningRecord>(sch->trace(), workload, std::move(secs), nullptr,
                                        ArgInfo::from_entry_func(*sch->mod()));
}

std::vector<Secs> times(const std::vector<TuningRecordPtr>& records) {
  std::vector<Secs> out;
  for (const auto& record : records) out.push_back(record->run_secs());
  return out;
}

/// Null in a build without SQLite.
DatabasePtr sqlite_in(const std::string& folder) {
  try {
    return SqliteDatabase::open(folder);
  } catch (const ValueError& e) {
    if (std::string(e.what()).find("built without SQLite") != std::string::npos) return nullptr;
    throw;
  }
}
#define METASCHEDULE_NEEDS_SQLITE(folder) \
  if (!sqlite_in(folder)) GTEST_SKIP() << "this build has no SQLite"

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Databases, order_records_as_the_worked_examples_do) {
  TempDir dir;
  const ModuleRef mod = matmul(8, 8, 8);
  auto json_db = JSONDatabase::open(dir.str());
  auto memory_db = std::make_shared<MemoryDatabase>();
  const Secs a{{0.2}}, b{{0.2}}, c{{0.1}}, d{{1e10}};
  const DatabasePtr sqlite_db = sqlite_in(dir.str());
  for (const DatabasePtr& db : {DatabasePtr(json_db), DatabasePtr(memory_db), sqlite_db}) {
    if (!db) continue;  // a build without SQLite
    const WorkloadPtr workload = db->commit_workload(mod);
    EXPECT_EQ(db->commit_workload(matmul(8, 8, 8)), workload);
    for (const Secs& secs : {d, a, b, c}) db->commit_tuning_record(record_of(workload, secs));
    EXPECT_EQ(times(db->get_top_k(workload, 9)), (std::vector<Secs>{c, a, b}));
    EXPECT_EQ(times(db->get_top_k(workload, 1)), (std::vector<Secs>{c}));
    EXPECT_TRUE(db->get_top_k(workload, 0).empty());
    EXPECT_THROW(db->get_top_k(workload, -1), ValueError);
    EXPECT_EQ(db->size(), 4);
    EXPECT_TRUE(db->has_workload(mod));
    EXPECT_FALSE(db->has_workload(matmul(8, 8, 16)));
  }
  EXPECT_EQ(times(json_db->get_all_tuning_records()), (std::vector<Secs>{c, a, b, d}));
  EXPECT_EQ(times(memory_db->get_all_tuning_records()), (std::vector<Secs>{d, a, b, c}));
  if (sqlite_db)
    EXPECT_EQ(times(sqlite_db->get_all_tuning_records()), (std::vector<Secs>{c, a, b, d}));
}

TEST(JSONDatabase, ties_and_missing_times_keep_their_order) {
  TempDir dir;
  auto db = JSONDatabase::open(dir.str());
  const WorkloadPtr workload = db->commit_workload(matmul(8, 8, 8));
  const std::vector<Secs> committed = {Secs{{0.1, 0.3}}, Secs{{0.2}},  Secs{{1e10}},
                                       std::nullopt,     Secs{{0.05}}, Secs{std::vector<double>{}}};
  for (const Secs& secs : committed) db->commit_tuning_record(record_of(workload, secs));
  const std::vector<Secs> sorted = {committed[4], committed[0], committed[1],
                                    committed[2], committed[3], committed[5]};
  EXPECT_EQ(times(db->get_all_tuning_records()), sorted);
  EXPECT_EQ(times(db->get_top_k(workload, 9)),
            (std::vector<Secs>{sorted[0], sorted[1], sorted[2]}));
  // The same after reading the files again.
  EXPECT_EQ(times(JSONDatabase::open(dir.str())->get_all_tuning_records()), sorted);
}

TEST(JSONDatabase, comes_back_whole_and_answers_queries) {
  TempDir dir;
  const ModuleRef mod = matmul(16, 16, 16);
  ModuleRef best;
  {
    auto db = JSONDatabase::open(dir.str());
    const WorkloadPtr workload = db->commit_workload(mod);
    for (int seed = 1; seed < 6; ++seed)
      db->commit_tuning_record(record_of(workload, Secs{{0.1 / seed}}, seed));
    best = db->query_ir_module(mod, nullptr, "main");
  }
  auto db = JSONDatabase::open(dir.str(), /*allow_missing=*/false);
  EXPECT_EQ(db->size(), 5);
  const TuningRecordPtr record = db->query_tuning_record(matmul(16, 16, 16), nullptr, "main");
  ASSERT_NE(record, nullptr);
  EXPECT_DOUBLE_EQ(record->mean_seconds(), 0.1 / 5);
  ASSERT_TRUE(record->args_info().has_value());
  EXPECT_EQ((*record->args_info())[0]->str(), "TensorInfo(\"float32\", [16, 16])");
  EXPECT_TRUE(structural_equal(best, db->query_ir_module(mod, nullptr, "main")));
  EXPECT_TRUE(structural_equal(best, record->as_measure_candidate().sch->mod()));
  EXPECT_EQ(db->query_schedule(matmul(16, 16, 8), nullptr, "main"), nullptr);
  // What is read is written again byte for byte.
  EXPECT_EQ(dump_json(record->as_json()),
            dump_json(TuningRecord::from_json(record->as_json(), record->workload())->as_json()));
}

TEST(JSONDatabase, refuses_a_record_of_a_foreign_program_and_keeps_nothing_of_it) {
  TempDir dir;
  auto db = JSONDatabase::open(dir.str());
  auto foreign = std::make_shared<Workload>(matmul(4, 4, 4));
  EXPECT_THROW(db->commit_tuning_record(record_of(foreign, Secs{{0.1}})), DatabaseError);
  EXPECT_EQ(db->size(), 0);
}

TEST(JSONDatabase, reports_lines_that_it_cannot_read) {
  TempDir dir;
  const std::string workloads = dir / "database_workload.json";
  const std::string records = dir / "database_tuning_record.json";
  {
    auto db = JSONDatabase::open(dir.str());
    const WorkloadPtr workload = db->commit_workload(matmul(8, 8, 8));
    for (int i = 1; i <= 3; ++i) db->commit_tuning_record(record_of(workload, Secs{{0.1 * i}}));
  }
  const std::string good = slurp(records);
  std::vector<std::string> warnings;
  const auto open = [&] {
    warnings.clear();
    return std::make_shared<JSONDatabase>(
        workloads, records, true, ModuleEquality(),
        Logger([&](LogLevel, const char*, int, const std::string& l) { warnings.push_back(l); }));
  };
  // A checksum that does not match: left out, told with file and line, the others are there.
  std::string damaged = good;
  const size_t second = damaged.find('\n') + 1;
  damaged.replace(damaged.find("0.2", second), 3, "0.9");
  std::ofstream(records) << damaged;
  EXPECT_EQ(open()->size(), 2);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("line 2 of file " + records), std::string::npos) << warnings[0];
  // The last line cut short: the same.
  std::ofstream(records) << good.substr(0, good.size() - 60);
  EXPECT_EQ(open()->size(), 2);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("line 3 of file " + records), std::string::npos) << warnings[0];
  // What never was a record is refused.
  for (const char* bad : {"nonsense\n", "\n", "{}\n", "[0]\n", "[7,[[[],[]],null,null,null]]\n",
                          "[0,[[[],[]],[\"a\"],null,null]]\n", "[0,[[[],[]],null,null,[[1]]]]\n"}) {
    std::ofstream(records) << good << bad;
    try {
      open();
      FAIL() << bad;
    } catch (const DatabaseError& e) {
      EXPECT_NE(std::string(e.what()).find("line 4 of file " + records), std::string::npos)
          << e.what();
    }
  }
  std::ofstream(records) << good;
  std::ofstream(workloads) << "[\"1\",\"GAAAAAAAAAB7InJvb3\"]\n";
  EXPECT_THROW(open(), DatabaseError);
}

TEST(JSONDatabase, missing_files_are_made_or_refused) {
  TempDir dir;
  EXPECT_THROW(JSONDatabase::open(dir / "sub", /*allow_missing=*/false), ValueError);
  EXPECT_EQ(JSONDatabase::open(dir / "sub")->size(), 0);
  EXPECT_THROW(JSONDatabase::open("/proc/nowhere"), ValueError);
}

TEST(JSONDatabase, two_processes_may_add_to_the_same_files) {
  TempDir dir;
  auto a = JSONDatabase::open(dir.str()), b = JSONDatabase::open(dir.str());
  for (int i = 1; i <= 3; ++i) {
    const auto first = a->commit_workload(matmul(8 * i, 8, 8));
    const auto second = b->commit_workload(matmul(8, 8 * i, 16));
    a->commit_tuning_record(record_of(first, Secs{{0.1}}));
    b->commit_tuning_record(record_of(second, Secs{{0.2}}));
  }
  auto both = JSONDatabase::open(dir.str());
  EXPECT_EQ(both->size(), 6);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_DOUBLE_EQ(
        both->query_tuning_record(matmul(8 * i, 8, 8), nullptr, "main")->mean_seconds(), 0.1);
    EXPECT_DOUBLE_EQ(
        both->query_tuning_record(matmul(8, 8 * i, 16), nullptr, "main")->mean_seconds(), 0.2);
  }
}

TEST(SqliteDatabase, ties_and_missing_times_keep_their_order) {
  TempDir dir;
  METASCHEDULE_NEEDS_SQLITE(dir.str());
  const std::vector<Secs> committed = {Secs{{0.1, 0.3}}, Secs{{0.2}},  Secs{{1e10}},
                                       std::nullopt,     Secs{{0.05}}, Secs{std::vector<double>{}}};
  const std::vector<Secs> sorted = {committed[4], committed[0], committed[1],
                                    committed[2], committed[3], committed[5]};
  auto db = SqliteDatabase::open(dir.str());
  const WorkloadPtr workload = db->commit_workload(matmul(8, 8, 8));
  for (const Secs& secs : committed) db->commit_tuning_record(record_of(workload, secs));
  // The same from the same connection, from another, and after all are closed.
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(times(db->get_all_tuning_records()), sorted);
    EXPECT_EQ(times(db->get_top_k(db->commit_workload(matmul(8, 8, 8)), 9)),
              (std::vector<Secs>{sorted[0], sorted[1], sorted[2]}));
    if (round == 1) db.reset();
    db = SqliteDatabase::open(dir.str(), /*allow_missing=*/false);
  }
}

TEST(SqliteDatabase, comes_back_whole_and_answers_queries) {
  TempDir dir;
  METASCHEDULE_NEEDS_SQLITE(dir.str());
  const ModuleRef mod = matmul(16, 16, 16);
  ModuleRef best;
  std::string written;
  {
    auto db = SqliteDatabase::open(dir.str());
    const WorkloadPtr workload = db->commit_workload(mod);
    for (int seed = 1; seed < 6; ++seed)
      db->commit_tuning_record(record_of(workload, Secs{{0.1 / seed}}, seed));
    best = db->query_ir_module(mod, nullptr, "main");
    written = dump_json(record_of(workload, Secs{{0.1 / 5}}, 5)->as_json());
    auto foreign = std::make_shared<Workload>(matmul(4, 4, 4));
    EXPECT_THROW(db->commit_tuning_record(record_of(foreign, Secs{{0.1}})), DatabaseError);
  }
  auto db = SqliteDatabase::open(dir.str(), /*allow_missing=*/false);
  EXPECT_EQ(db->size(), 5);
  const TuningRecordPtr record = db->query_tuning_record(matmul(16, 16, 16), nullptr, "main");
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(dump_json(record->as_json()), written);
  EXPECT_TRUE(structural_equal(best, db->query_ir_module(mod, nullptr, "main")));
  EXPECT_EQ(record->workload(), db->commit_workload(mod)) << "one object for each program";
  EXPECT_EQ(db->query_schedule(matmul(16, 16, 8), nullptr, "main"), nullptr);
  // Another kind of equality is another key.
  SqliteDatabase other(db->path, false, ModuleEquality("ignore-ndarray"));
  EXPECT_FALSE(other.has_workload(mod));
  other.commit_workload(mod);
  EXPECT_TRUE(other.get_top_k(other.commit_workload(mod), 9).empty());
  EXPECT_EQ(other.size(), 5);
}

TEST(SqliteDatabase, many_processes_share_a_file_and_a_killed_one_harms_nobody) {
  TempDir dir;
  METASCHEDULE_NEEDS_SQLITE(dir / "other");
  constexpr int kWriters = 3, kRecords = 8;
  std::vector<pid_t> children;
  for (int writer = 0; writer <= kWriters; ++writer) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      // All commit the same programs at the same time; the last one goes on until it is killed.
      auto db = SqliteDatabase::open(dir.str());
      for (int i = 0; i < kRecords || writer == kWriters; ++i) {
        const WorkloadPtr workload = db->commit_workload(matmul(8, 8, 8 + i % 4));
        const double secs = writer == kWriters ? 1e10 : 0.1 * (1 + writer);
        db->commit_tuning_record(record_of(workload, Secs{{secs}}));
        usleep(200);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (int writer = 0; writer < kWriters; ++writer) {
    int status = -1;
    waitpid(children[static_cast<size_t>(writer)], &status, 0);
    EXPECT_EQ(status, 0);
  }
  kill(children.back(), SIGKILL);
  waitpid(children.back(), nullptr, 0);
  auto db = SqliteDatabase::open(dir.str(), /*allow_missing=*/false);
  std::set<WorkloadPtr> programs;
  int finished = 0;
  for (const TuningRecordPtr& record : db->get_all_tuning_records()) {
    EXPECT_FALSE(record->trace().empty());
    programs.insert(record->workload());
    finished += record->mean_seconds() < 1;
  }
  EXPECT_EQ(finished, kWriters * kRecords);
  EXPECT_EQ(programs.size(), 4u) << "a program has two rows";
  EXPECT_EQ(db->get_top_k(db->commit_workload(matmul(8, 8, 8)), 99).size(), 2u * kWriters);
}

TEST(SqliteDatabase, reports_what_it_cannot_read_or_make) {
  TempDir dir;
  METASCHEDULE_NEEDS_SQLITE(dir / "other");
  EXPECT_THROW(SqliteDatabase::open(dir / "sub", /*allow_missing=*/false), ValueError);
  EXPECT_THROW(SqliteDatabase::open("/proc/nowhere"), ValueError);
  const std::string path = dir / "database.sqlite";
  std::ofstream(path) << std::string(5000, 'x');
  try {
    SqliteDatabase::open(dir.str());
    FAIL();
  } catch (const DatabaseError& e) {
    EXPECT_NE(std::string(e.what()).find(path + ": file is not a database"), std::string::npos)
        << e.what();
  }
}

TEST(QueryDatabases, union_takes_the_best_and_ordered_union_the_first) {
  const ModuleRef mod = matmul(8, 8, 8);
  std::vector<DatabasePtr> children;
  for (double secs : {0.3, 0.1, 0.2}) {
    children.push_back(std::make_shared<MemoryDatabase>());
    children.back()->commit_tuning_record(
        record_of(children.back()->commit_workload(mod), Secs{{secs}}));
  }
  children.insert(children.begin(), std::make_shared<MemoryDatabase>());
  UnionDatabase best(children);
  OrderedUnionDatabase first(children);
  EXPECT_DOUBLE_EQ(best.query_tuning_record(mod, nullptr, "main")->mean_seconds(), 0.1);
  EXPECT_DOUBLE_EQ(first.query_tuning_record(mod, nullptr, "main")->mean_seconds(), 0.3);
  EXPECT_NE(best.query_ir_module(mod, nullptr, "main"), nullptr);
  EXPECT_EQ(best.query_schedule(matmul(4, 4, 4), nullptr, "main"), nullptr);
  EXPECT_THROW(best.size(), DatabaseError);
  EXPECT_THROW(first.commit_workload(mod), DatabaseError);
}

TEST(QueryDatabases, a_schedule_function_sees_the_task_name) {
  ScheduleFnDatabase db([](const SchedulePtr& sch) {
    const auto* name = as<String>(sch->mod()->attrs.find("task_name"));
    if (!name || name->value != "wanted") return false;
    tile_c(sch);
    return true;
  });
  const ModuleRef mod = matmul(8, 8, 8);
  EXPECT_EQ(db.query_schedule(mod, nullptr, "other"), nullptr);
  const SchedulePtr sch = db.query_schedule(mod, nullptr, "wanted");
  ASSERT_NE(sch, nullptr);
  const TuningRecordPtr record = db.query_tuning_record(mod, nullptr, "wanted");
  ASSERT_NE(record, nullptr);
  EXPECT_FALSE(record->run_secs().has_value());
  EXPECT_EQ(record->workload()->mod, mod);
  EXPECT_THROW(db.get_all_tuning_records(), DatabaseError);
}

TEST(Database, dump_pruned_keeps_the_best_of_each_program) {
  MemoryDatabase all, best;
  for (int64_t k : {8, 16}) {
    const WorkloadPtr workload = all.commit_workload(matmul(8, 8, k));
    for (double secs : {0.3, 0.1, 0.1, 1e10})
      all.commit_tuning_record(record_of(workload, Secs{{secs}}));
  }
  const WorkloadPtr hopeless = all.commit_workload(matmul(8, 8, 32));
  all.commit_tuning_record(record_of(hopeless, Secs{{1e10}}));
  all.dump_pruned(best);
  EXPECT_EQ(times(best.records), (std::vector<Secs>{Secs{{0.1}}, Secs{{0.1}}}));
  EXPECT_EQ(best.workloads.size(), 2u);
}

TEST(Database, the_current_one_is_by_thread_and_nests) {
  EXPECT_EQ(Database::current(), nullptr);
  auto outer = std::make_shared<MemoryDatabase>(), inner = std::make_shared<MemoryDatabase>();
  {
    ScopedDatabase a(outer);
    {
      ScopedDatabase b(inner);
      EXPECT_EQ(Database::current(), inner);
    }
    EXPECT_EQ(Database::current(), outer);
  }
  EXPECT_THROW(Database::exit(), ValueError);
}

TEST(ModuleEquality, knows_three_kinds) {
  for (const char* name : {"structural", "ignore-ndarray", "anchor-block"}) {
    const ModuleEquality equality(name);
    EXPECT_EQ(equality.name(), name);
    const ModuleRef a = matmul(8, 8, 8), b = matmul(8, 8, 8), c = matmul(8, 8, 16);
    EXPECT_EQ(equality.hash(*a), equality.hash(*b)) << name;
    EXPECT_FALSE(equality.equal(*a, *c)) << name;
  }
  EXPECT_THROW(ModuleEquality("alike"), ValueError);
  EXPECT_TRUE(ModuleEquality().equal(*matmul(8, 8, 8), *matmul(8, 8, 8)));
}

TEST(ArgInfo, is_read_and_written) {
  const ArgInfoPtr info = ArgInfo::from_json(json::parse(R"(["TENSOR","float32",[1,2]])"));
  EXPECT_EQ(info->str(), "TensorInfo(\"float32\", [1, 2])");
  EXPECT_EQ(dump_json(info->as_json()), R"(["TENSOR","float32",[1,2]])");
  for (const char* bad : {"[]", "[\"SCALAR\"]", "[\"TENSOR\",\"float32\"]", "3",
                          "[\"TENSOR\",\"float33x\",[1]]", "[\"TENSOR\",\"float32\",[1.5]]"})
    EXPECT_THROW(ArgInfo::from_json(json::parse(bad)), ValueError) << bad;
  EXPECT_EQ(ArgInfo::from_entry_func(*matmul(2, 3, 4)).size(), 3u);
}

}  // namespace
}  // namespace metaschedule::testing
