// SPDX-License-Identifier: Apache-2.0
// How the loops and axes of a block could be those of a tensor intrinsic.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "metaschedule/schedule/path.h"

namespace metaschedule {

/// The computation of a description: the block under its loops, null when there is none.
struct DescNest {
  std::vector<const For*> loops;  // outer first
  const BlockRealize* realize = nullptr;
};
DescNest desc_nest(const PrimFunc& desc);

/// Which loop of a block plays which loop of a description.
struct TensorizeInfo {
  /// (loop of the block, loop of the description), the last axis of the description first.
  std::vector<std::pair<const For*, const For*>> loop_map;
  std::vector<const For*> desc_loops;  // outer first
  /// A multiple that each axis of the block must be padded to, 1 for none; empty when no axis needs
  /// padding.
  std::vector<int64_t> paddings;
};
/// Axes are matched by their types from the last one up, loops by the values of the axes; extents
/// must be constants that the extents of the description divide, but for `allow_padding`. Nothing
/// where that cannot be. `block` is the way to the block realize.
std::optional<TensorizeInfo> tensorize_loop_mapping(const Path& block, const PrimFunc& desc,
                                                    bool allow_padding = false);

/// Whether and how the computation of a block is that of a description on other indices.
struct TensorizeCorrespondence {
  /// (buffer of the block, of the description), in order of first appearance.
  std::vector<std::pair<BufferRef, BufferRef>> buffers;
  /// The indices with which each is accessed.
  std::vector<std::pair<Exprs, Exprs>> indices;
  std::vector<Ref<IterVar>> block_iters, desc_iters;
};
/// Compares bodies only: loops, shapes, scopes and the values of indices do not count.
std::optional<TensorizeCorrespondence> tensorize_correspondence(const Block& block,
                                                                const PrimFunc& desc);

/// A correspondence with a map from the axes of the block to (axes that the intrinsic does not
/// have, those of the intrinsic).
struct AutoTensorizeMapping : TensorizeCorrespondence {
  Ref<IndexMap> mapping;
};
/// Axes map by their type and the set of buffers that they index; several that map to one are fused
/// in their order. Nothing when one could map to two or an axis of the intrinsic stays without.
std::optional<AutoTensorizeMapping> auto_tensorize_mapping(const Block& block,
                                                           const PrimFunc& desc);

}  // namespace metaschedule
