// SPDX-License-Identifier: Apache-2.0
// What a database keeps: workloads, and for each the traces that were measured with their times.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metaschedule/support/json.h"
#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/measure_candidate.h"

namespace metaschedule {

/// Time in seconds that stands for "could not be built or run"; exactly this value.
inline constexpr double kFailedSeconds = 1e10;

/// A program to tune. Databases hand out one object for each distinct program.
class Workload {
 public:
  /// With the structural hash.
  explicit Workload(ModuleRef mod);
  Workload(ModuleRef mod, uint64_t hash) : mod(std::move(mod)), hash(hash) {}

  const ModuleRef mod;
  const uint64_t hash;

  /// `[hash in decimal, base64 of (length as 8 bytes, JSON of the module)]`.
  json as_json() const;
  /// The hash is that of `hash_of` structure, not the stored one. Raises DatabaseError.
  static WorkloadPtr from_json(const json& value);
};

/// A measured trace. Immutable; a record read from a file parses its trace when it is asked for.
class TuningRecord {
 public:
  TuningRecord(Trace trace, WorkloadPtr workload, std::optional<std::vector<double>> run_secs = {},
               TargetRef target = nullptr, std::optional<std::vector<ArgInfoPtr>> args_info = {});
  /// From `[trace, run_secs, target, args_info]`; what surrounds the trace is checked now, the
  /// trace itself when asked for. `where` is named in errors. Raises DatabaseError.
  static TuningRecordPtr from_json(json value, WorkloadPtr workload, std::string where = "");
  ~TuningRecord();

  /// Raises DatabaseError when the stored trace cannot be read.
  const Trace& trace() const;
  const WorkloadPtr& workload() const { return workload_; }
  const std::optional<std::vector<double>>& run_secs() const { return run_secs_; }
  const TargetRef& target() const;
  const std::optional<std::vector<ArgInfoPtr>>& args_info() const { return args_info_; }

  /// The mean of the times; kFailedSeconds without any.
  double mean_seconds() const { return mean_; }
  /// Has instructions before the postproc part, and a time that is not the mark of failure.
  bool is_valid() const;
  /// The scheduled program: the whole trace replayed on the workload.
  MeasureCandidate as_measure_candidate() const;
  json as_json() const;

 private:
  struct Lazy;
  TuningRecord(std::unique_ptr<Lazy> lazy, WorkloadPtr workload,
               std::optional<std::vector<double>> run_secs,
               std::optional<std::vector<ArgInfoPtr>> args_info);
  std::unique_ptr<Lazy> lazy_;
  WorkloadPtr workload_;
  std::optional<std::vector<double>> run_secs_;
  std::optional<std::vector<ArgInfoPtr>> args_info_;
  double mean_;
};

}  // namespace metaschedule
