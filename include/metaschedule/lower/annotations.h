// SPDX-License-Identifier: Apache-2.0
// Reading annotation values: numbers and arrays of them, however they are boxed.
#pragma once

#include <optional>

#include "metaschedule/ir/op.h"

namespace metaschedule::lower::detail {

inline std::optional<int64_t> int_value(const Node* node) {
  if (!node) return std::nullopt;
  if (const IntImm* imm = as<IntImm>(node)) return imm->value;
  if (const BoxInt* box = as<BoxInt>(node)) return box->value;
  if (const BoxBool* box = as<BoxBool>(node)) return box->value;
  return std::nullopt;
}

/// `storage_align` rows of a block: (position in its writes, axis, factor, offset).
struct StorageAlign {
  int64_t buffer, axis, factor, offset;
};
inline std::vector<StorageAlign> storage_aligns(const Dict& annotations) {
  std::vector<StorageAlign> out;
  const Array* rows = as<Array>(annotations.find("buffer_dim_align"));
  if (!rows) return out;
  for (const Ref<Node>& item : rows->items) {
    const Array* row = as<Array>(item);
    check<BuildError>(row && row->items.size() == 4,
                      "lowering: expected four numbers in each row of buffer_dim_align");
    int64_t v[4];
    for (int k = 0; k < 4; ++k) {
      auto n = int_value(row->items[k].get());
      check<BuildError>(n.has_value(), "lowering: buffer_dim_align holds something not a number");
      v[k] = *n;
    }
    out.push_back({v[0], v[1], v[2], v[3]});
  }
  return out;
}

}  // namespace metaschedule::lower::detail
