// SPDX-License-Identifier: Apache-2.0
// How large a node is when it is written out: a part that is shared counts as often as it stands
// somewhere. A few lines of text or JSON can share so much that no walk over the tree would end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_map>

#include "metaschedule/ir/walk.h"

namespace metaschedule::script {

struct TreeSize {
  uint64_t nodes = 1;  // saturates
  uint32_t depth = 1;
};

/// Sizes of nodes, each computed once. What a node names but does not contain (a variable, a
/// buffer, a tensor) counts as one.
class TreeSizes {
 public:
  TreeSize of(const Node& node) {
    auto it = known_.find(&node);
    if (it != known_.end()) return it->second.size;
    TreeSize total;
    for (const FieldInfo& field : kind_info(node.kind).fields) {
      switch (field.type) {
        case FieldType::Node:
          add(total, field.read<RefBase>(node).node());
          break;
        case FieldType::List: {
          const ListBase& list = field.read<ListBase>(node);
          for (size_t i = 0; i < list.size(); ++i) add(total, list.at_raw(i).node());
          break;
        }
        case FieldType::Dict:
          for (const auto& [key, value] : field.read<Dict>(node)) add(total, value.get());
          break;
        case FieldType::Pairs:
          for (const auto& [key, value] : field.read<NodePairs>(node)) {
            add(total, key.get());
            add(total, value.get());
          }
          break;
        default:
          break;
      }
    }
    known_.emplace(&node, Entry{Ref<Node>(&node), total});
    return total;
  }

 private:
  /// It keeps the node, whose address is the key.
  struct Entry {
    Ref<Node> node;
    TreeSize size;
  };

  static bool is_named(Kind kind) {
    return is_leaf_kind(kind) || kind == Kind::Buffer || kind == Kind::Tensor || kind == Kind::Op ||
           kind == Kind::GlobalVar;
  }

  void add(TreeSize& total, const Node* child) {
    if (!child) return;
    TreeSize part;
    if (const NDArray* array = as<NDArray>(child)) {
      part.nodes += array->data.size();
    } else if (!is_named(child->kind)) {
      part = of(*child);
    }
    constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
    total.nodes = total.nodes > kMost - part.nodes ? kMost : total.nodes + part.nodes;
    total.depth = std::max(total.depth, part.depth + 1);
  }

  std::unordered_map<const Node*, Entry> known_;
};

}  // namespace metaschedule::script
