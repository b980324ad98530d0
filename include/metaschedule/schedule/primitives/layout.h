// SPDX-License-Identifier: Apache-2.0
// Primitives that change how a buffer is laid out.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct TransformLayout {
  static constexpr const char* kKind = "TransformLayout";
  static constexpr const char* kMethod = "transform_layout";
  static constexpr const char* kDisplay = "transform_layout";
  static constexpr const char* kDoc =
      "rewrite: X[i, j, …]  →  X[index_map(i, j, …)] everywhere, X having the shape that the map "
      "gives.\n"
      "needs: X is not a match_buffer; the map has an input for each dimension and, unless "
      "assume_injective_transform, uses every element of the new shape.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockRV block;
  BufferArg buffer;
  Ref<IndexMap> index_map;
  Ref<IndexMap> pad_value = {};
  bool assume_injective_transform = false;
  static auto args() {
    return std::tuple{input("block", &TransformLayout::block),
                      attr("buffer", &TransformLayout::buffer),
                      input("index_map", &TransformLayout::index_map),
                      attr("pad_value", &TransformLayout::pad_value, kOptional),
                      attr("assume_injective_transform",
                           &TransformLayout::assume_injective_transform, kOptional)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct LayoutMethods {
  void transform_layout(BlockRV block, BufferArg buffer, Ref<IndexMap> index_map,
                        Ref<IndexMap> pad_value = nullptr, bool assume_injective_transform = false);
};

}  // namespace metaschedule
