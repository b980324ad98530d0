// SPDX-License-Identifier: Apache-2.0
// The interpreter's entry points.
#pragma once

#include "metaschedule/interp/compiler.h"
#include "metaschedule/interp/interpreter.h"

namespace metaschedule::interp {

METASCHEDULE_INLINE Program::Program(const PrimFunc& func, int vscale)
    : compiled_(std::make_unique<detail::Compiled>()) {
  check<ValueError>(vscale >= 1, "interpreter: expected a vscale of 1 or more, found {}", vscale);
  detail::Compiler(*compiled_, vscale).function(func);
}
METASCHEDULE_INLINE Program::~Program() = default;
METASCHEDULE_INLINE Program::Program(Program&&) noexcept = default;
METASCHEDULE_INLINE Program& Program::operator=(Program&&) noexcept = default;

METASCHEDULE_INLINE void Program::run(const std::vector<NDArrayView>& args,
                                      const RunOptions& options) {
  check<ValueError>(args.size() == compiled_->parameters.size(),
                    "interpreter: expected {} arguments, found {}", compiled_->parameters.size(),
                    args.size());
  detail::Frame frame;
  frame.vars.resize(compiled_->num_vars);
  frame.storage.resize(compiled_->num_storage);
  frame.steps_left = options.max_steps;
  frame.options = options;
  for (size_t i = 0; i < args.size(); ++i) compiled_->parameters[i](frame, args[i]);
  compiled_->body(frame);
}

METASCHEDULE_INLINE void run(const PrimFunc& func, const std::vector<NDArrayView>& args,
                             const RunOptions& options) {
  Program(func, options.vscale).run(args, options);
}

}  // namespace metaschedule::interp
