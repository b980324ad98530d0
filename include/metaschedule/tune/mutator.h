// SPDX-License-Identifier: Apache-2.0
// Mutators change a decision of a trace.
#pragma once

#include <optional>
#include <string>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/fwd.h"

namespace metaschedule {

class Mutator {
 public:
  virtual ~Mutator() = default;
  virtual void initialize_with_tune_context(const TuneContextPtr& context) = 0;
  /// A trace with another decision and without its postproc part; nothing when there is nothing to
  /// change. May be called from several threads at once.
  virtual std::optional<Trace> apply(const Trace& trace, Rand& rand) = 0;
  /// A copy that is to be initialized again.
  virtual MutatorPtr clone() const = 0;
  virtual std::string name() const { return "Mutator"; }
};

}  // namespace metaschedule
