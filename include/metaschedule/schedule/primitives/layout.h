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
      "gives. Elements of the new shape that the map does not use are pad_value, a map from their "
      "indices: assumed where X is an input, stored by the nests that write X, or by a nest after "
      "them.\n"
      "needs: X is not a match_buffer; the map has an input for each dimension; without a "
      "pad_value, and unless assume_injective_transform, it uses every element of the new shape; "
      "the pad_value has the dtype of X and loads nothing.";
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
