// SPDX-License-Identifier: Apache-2.0
// Databases of a million records: append, open, top-k, and the memory that an open one takes.
//
//   bench_databases [json|sqlite|all = all] [records = 1000000] [folder = below the temporary one]
//
// Records are those of tuning: 64 candidates each of 100 matmuls for `llvm`, about 3 kB of JSON,
// with made-up times. Each step runs in a process of its own; time is that of the wall, a mean over
// all calls beside the 99th percentile. The folder needs 3.5 GB for each kind.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "metaschedule/ir/target.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/support/random.h"
#include "metaschedule/te/workload.h"
#include "metaschedule/tune/record/json_database.h"
#include "metaschedule/tune/record/sqlite_database.h"
#include "metaschedule/tune/search_strategy.h"
#include "metaschedule/tune/space/generators.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {
namespace {

constexpr int kPrograms = 100, kCandidates = 64;

double seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  size_t all = 0, resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

ModuleRef program(int i) {
  return normalize_mod(
      te::create_prim_func(te::matmul(128 + 32 * (i / 10), 128, 64 * (1 + i % 10))));
}

TargetRef target() { return make_target("llvm -num-cores=4"); }

std::vector<MeasureCandidate> candidates(const ModuleRef& mod) {
  TuneContext::Options options;
  options.mod = mod;
  options.target = target();
  options.space_generator = std::make_shared<PostOrderApply>();
  options.search_strategy = SearchStrategy::create("replay-trace");
  options.num_threads = 1;
  options.rand_state = 1;
  const TuneContextPtr context = TuneContext::create(options);
  context->search_strategy->pre_tuning(kCandidates, kCandidates, context->generate_design_space(),
                                       nullptr, nullptr);
  return *context->search_strategy->generate_measure_candidates();
}

DatabasePtr open(const std::string& kind, const std::string& folder) {
  if (kind == "json") return JSONDatabase::open(folder);
  return SqliteDatabase::open(folder);
}

class Laps {
 public:
  void add(double lap) { laps_.push_back(lap); }
  void print(const char* what) {
    double sum = 0;
    for (double lap : laps_) sum += lap;
    std::sort(laps_.begin(), laps_.end());
    std::printf("  %-24s mean %7.1f us, 99th percentile %7.1f us\n", what,
                sum / static_cast<double>(laps_.size()) * 1e6,
                laps_[laps_.size() * 99 / 100] * 1e6);
  }

 private:
  std::vector<double> laps_;
};

void append(const std::string& kind, const std::string& folder, int64_t records) {
  const DatabasePtr database = open(kind, folder);
  std::vector<WorkloadPtr> workloads;
  std::vector<std::vector<MeasureCandidate>> made;
  for (int i = 0; i < kPrograms; ++i) {
    workloads.push_back(database->commit_workload(program(i)));
    made.push_back(candidates(workloads.back()->mod));
  }
  Rand rand(1);
  Laps laps;
  for (int64_t n = 0; n < records; ++n) {
    const size_t i = static_cast<size_t>(rand.sample_int(0, kPrograms));
    const MeasureCandidate& candidate =
        made[i][static_cast<size_t>(rand.sample_int(0, static_cast<int64_t>(made[i].size())))];
    const auto record = std::make_shared<TuningRecord>(
        candidate.sch->trace(), workloads[i], std::vector<double>{1e-3 * (1 + rand.uniform())},
        target(), candidate.args_info);
    const double start = seconds();
    database->commit_tuning_record(record);
    laps.add(seconds() - start);
  }
  laps.print("append");
}

void read(const std::string& kind, const std::string& folder) {
  const double before = resident_mb(), start = seconds();
  const DatabasePtr database = open(kind, folder);
  const double opened = seconds() - start;
  std::printf("  %-24s %.2f s, then %.0f MB more resident memory\n", "open", opened,
              resident_mb() - before);
  std::vector<WorkloadPtr> workloads;
  for (int i = 0; i < kPrograms; ++i) workloads.push_back(database->commit_workload(program(i)));
  for (int k : {1, 10}) {
    Laps laps;
    for (int round = 0; round < 10; ++round) {
      for (const WorkloadPtr& workload : workloads) {
        const double begin = seconds();
        const auto best = database->get_top_k(workload, k);
        laps.add(seconds() - begin);
        if (best.size() != static_cast<size_t>(k)) std::abort();
      }
    }
    laps.print(fmt::format("top {}", k).c_str());
  }
  Laps laps;
  for (const WorkloadPtr& workload : workloads) {
    const auto best = database->get_top_k(workload, 2);
    const double begin = seconds();
    if (best[1]->trace().empty()) std::abort();
    laps.add(seconds() - begin);
  }
  laps.print("the trace of a record");
  std::printf("  %lld records, %.2f GB in files\n", static_cast<long long>(database->size()), [&] {
    double bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      bytes += static_cast<double>(entry.file_size());
    return bytes / 1e9;
  }());
}

void in_process(const std::function<void()>& step) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    step();
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) std::exit(1);
}

void measure(const std::string& kind, int64_t records, const std::string& base) {
  std::printf("%s\n", kind.c_str());
  const std::string folder = base + "/" + kind;
  std::filesystem::create_directories(folder);
  in_process([&] { append(kind, folder, records); });
  in_process([&] { read(kind, folder); });
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace metaschedule

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "all";
  const int64_t records = argc > 2 ? std::atoll(argv[2]) : 1000000;
  std::string folder;
  if (argc > 3) {
    folder = argv[3];
  } else {
    folder = (std::filesystem::temp_directory_path() / "bench-databases-XXXXXX").string();
    if (!mkdtemp(folder.data())) return 1;
  }
  for (const char* each : {"json", "sqlite"})
    if (kind == "all" || kind == each) metaschedule::measure(each, records, folder);
  if (argc <= 3) std::filesystem::remove(folder);
}
