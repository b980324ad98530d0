// SPDX-License-Identifier: Apache-2.0
// Postprocs finish a schedule after its decisions are made, or refuse it.
#pragma once

#include <string>

#include "metaschedule/tune/fwd.h"

namespace metaschedule {

class Postproc {
 public:
  virtual ~Postproc() = default;
  virtual void initialize_with_tune_context(const TuneContextPtr& context) = 0;
  /// Edits `sch`; false refuses it. May be called from several threads at once.
  virtual bool apply(const SchedulePtr& sch) = 0;
  /// A copy that is to be initialized again.
  virtual PostprocPtr clone() const = 0;
  virtual std::string name() const { return "Postproc"; }
};

}  // namespace metaschedule
