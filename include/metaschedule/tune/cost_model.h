// SPDX-License-Identifier: Apache-2.0
// Cost models rank candidates before they are measured.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/tune/fwd.h"
#include "metaschedule/tune/measure_candidate.h"
#include "metaschedule/tune/runner.h"

namespace metaschedule {

class CostModel {
 public:
  virtual ~CostModel() = default;
  virtual void load(const std::string& path) = 0;
  virtual void save(const std::string& path) = 0;
  /// Learns from measured candidates. Never called while another call is under way.
  virtual void update(const TuneContextPtr& context,
                      const std::vector<MeasureCandidate>& candidates,
                      const std::vector<RunnerResult>& results) = 0;
  /// True to be given, when a search begins, what the database holds of its program already.
  virtual bool wants_records(const TuneContextPtr&) { return false; }
  /// A score for each candidate, larger for faster. May be called from several threads at once.
  virtual std::vector<double> predict(const TuneContextPtr& context,
                                      const std::vector<MeasureCandidate>& candidates) = 0;

  /// "xgb", "mlp", "random" or "none" (null). Raises ValueError for another name, and for "xgb" in
  /// a build without XGBoost.
  static CostModelPtr create(std::string_view kind);
};

}  // namespace metaschedule
