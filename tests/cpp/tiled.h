// SPDX-License-Identifier: Apache-2.0
// A schedule for reductions over one axis of two or more.
#pragma once

#include "metaschedule/ir/op.h"
#include "metaschedule/schedule/schedule.h"

namespace metaschedule::testing {

/// Block C in tiles of `rows` by 16, tiles of rows in parallel and columns in vectors.
inline ModuleRef tiled(const ModuleRef& module, int rows) {
  Schedule sch(module, 1);
  BlockRV block = sch.get_block("C");
  auto loops = sch.get_loops(block);
  auto i = sch.split(loops[0], {nullptr, i32(rows)});
  auto j = sch.split(loops[1], {nullptr, i32(16)});
  sch.reorder({i[0], j[0], loops[2], i[1], j[1]});
  sch.parallel(i[0]);
  sch.vectorize(j[1]);
  sch.decompose_reduction(block, loops[2]);
  return sch.mod();
}

}  // namespace metaschedule::testing
