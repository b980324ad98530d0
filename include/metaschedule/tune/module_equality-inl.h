// SPDX-License-Identifier: Apache-2.0
// Bodies of module_equality.h.
#pragma once

#include "metaschedule/ir/structural.h"
#include "metaschedule/schedule/analysis_module.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/module_equality.h"

namespace metaschedule {

METASCHEDULE_INLINE ModuleEquality::ModuleEquality(std::string_view name) {
  if (name == "structural") {
    kind_ = Kind::Structural;
  } else if (name == "ignore-ndarray") {
    kind_ = Kind::IgnoreNDArray;
  } else if (name == "anchor-block") {
    kind_ = Kind::AnchorBlock;
  } else {
    fail<ValueError>(
        "unknown module equality `{}`: expected structural, ignore-ndarray or anchor-block", name);
  }
}

METASCHEDULE_INLINE std::string_view ModuleEquality::name() const {
  switch (kind_) {
    case Kind::Structural:
      return "structural";
    case Kind::IgnoreNDArray:
      return "ignore-ndarray";
    case Kind::AnchorBlock:
      return "anchor-block";
  }
  return "structural";
}

METASCHEDULE_INLINE uint64_t ModuleEquality::hash(const IRModule& mod) const {
  if (kind_ == Kind::Structural) return structural_hash(&mod);
  const StructuralOptions options{.ignore_ndarray_data = true};
  if (kind_ == Kind::AnchorBlock) {
    // Its free variables have no stable hash unless they may be mapped; equality is decided below.
    if (const Block* anchor = find_anchor_block(mod))
      return structural_hash(anchor, {.map_free_vars = true, .ignore_ndarray_data = true});
  }
  return structural_hash(&mod, options);
}

METASCHEDULE_INLINE bool ModuleEquality::equal(const IRModule& a, const IRModule& b) const {
  if (&a == &b) return true;
  const StructuralOptions options{.ignore_ndarray_data = kind_ != Kind::Structural};
  if (kind_ == Kind::AnchorBlock) {
    const Block *anchor_a = find_anchor_block(a), *anchor_b = find_anchor_block(b);
    if (anchor_a && anchor_b) return structural_equal(anchor_a, anchor_b, options);
  }
  return structural_equal(&a, &b, options);
}

}  // namespace metaschedule
