// SPDX-License-Identifier: Apache-2.0
// What a database keeps: workloads, and for each the traces that were measured with their times.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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
  /// The same of text that `read` gives when more is asked for than is given here. What `read`
  /// raises, and what is wrong with the text, is raised then.
  static TuningRecordPtr from_text(std::function<std::string()> read, WorkloadPtr workload,
                                   double mean_seconds, bool is_valid, std::string where);
  ~TuningRecord();

  /// Raises DatabaseError when the stored trace cannot be read.
  const Trace& trace() const;
  const WorkloadPtr& workload() const { return workload_; }
  const std::optional<std::vector<double>>& run_secs() const;
  const TargetRef& target() const;
  const std::optional<std::vector<ArgInfoPtr>>& args_info() const;

  /// The mean of the times; kFailedSeconds without any.
  double mean_seconds() const { return mean_; }
  /// Has instructions before the postproc part, and a time that is not the mark of failure.
  bool is_valid() const { return is_valid_; }
  /// The scheduled program: the whole trace replayed on the workload.
  MeasureCandidate as_measure_candidate() const;
  json as_json() const;

 private:
  struct Body;
  TuningRecord(std::unique_ptr<Body> body, WorkloadPtr workload, double mean, bool is_valid);
  const Body& body() const;  // read where it was not
  std::unique_ptr<Body> body_;
  WorkloadPtr workload_;
  double mean_;
  bool is_valid_;
};

}  // namespace metaschedule
