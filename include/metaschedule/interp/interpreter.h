// SPDX-License-Identifier: Apache-2.0
// The reference interpreter: defines what a program means, scheduled or lowered. Loops of every
// kind run in order; a block runs its `init` when all its reduction axes are at their minimum.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "metaschedule/ir/function.h"

namespace metaschedule::interp {

/// Memory of the caller: of the dtype, shape and strides of the parameter. A scalar
/// parameter is passed as a view without dimensions.
struct NDArrayView {
  void* data = nullptr;
  DType dtype;
  std::vector<int64_t> shape;
  /// In elements, at least 0; empty: compact, row-major.
  std::vector<int64_t> strides = {};
};

struct RunOptions {
  /// Loop iterations, loads and stores together; RunError beyond it.
  int64_t max_steps = 200'000'000;
  /// Raise RunError when a program reads allocated memory it has not written. Otherwise such
  /// memory holds a pattern that reads as NaN or as a large number.
  bool check_uninitialised = true;
  /// Evaluate both sides of a Select, as compiled code does. Programs as users write them rely on
  /// the side not chosen being left alone, which lowering sees to.
  bool eager_select = false;
  /// Run only so many iterations of each parallel loop, half of them its first, half its last. For
  /// comparing programs too large to run, whose parallel loops are alike.
  int64_t max_parallel_iterations = INT64_MAX;
  /// How many units of `vscale` a scalable vector has; for `run` of a function, not of a Program.
  int vscale = 1;
};

namespace detail {
struct Compiled;
}

/// A function made ready to run many times. Not for use by two threads at once.
class Program {
 public:
  /// Raises TypeError for what the interpreter has no meaning for (external calls, tensor
  /// expressions, instructions that are not in its table).
  explicit Program(const PrimFunc& func, int vscale = 1);
  ~Program();
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;

  /// One argument for each parameter. Raises ValueError for arguments that do not fit, RunError
  /// for what goes wrong inside: an access out of bounds, division by zero, a failed assertion.
  void run(const std::vector<NDArrayView>& args, const RunOptions& options = {});

 private:
  std::unique_ptr<detail::Compiled> compiled_;
};

void run(const PrimFunc& func, const std::vector<NDArrayView>& args,
         const RunOptions& options = {});

}  // namespace metaschedule::interp
