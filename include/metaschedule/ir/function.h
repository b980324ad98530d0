// SPDX-License-Identifier: Apache-2.0
// Functions, modules and what they know besides functions, tensor intrinsics, targets and the
// producers of tensor expressions.
#pragma once

#include "metaschedule/ir/stmt.h"

namespace metaschedule {

/// A function. Handle parameters are bound to buffers by `buffer_map`.
struct PrimFunc : Node {
  METASCHEDULE_NODE(PrimFunc, Node)
  PrimFunc(Vars p, Stmt b, NodePairs map = {}, Dict a = {}, Type ret = nullptr);
  Vars params;
  Stmt body;
  Type ret_type;         // null is void
  NodePairs buffer_map;  // (Var, Buffer) in the order of the parameters
  Dict attrs;
  static FieldList fields() {
    return {field("params", &PrimFunc::params, kDef | kNoWalk), field("body", &PrimFunc::body),
            field("ret_type", &PrimFunc::ret_type, kNoWalk),
            field("buffer_map", &PrimFunc::buffer_map, kDef | kNoWalk),
            field("attrs", &PrimFunc::attrs)};
  }
  static constexpr int compare_order[] = {0, 3, 2, 1, 4};
  /// The buffer bound to a parameter; null for a scalar.
  BufferRef buffer_of(const VarRef& param) const;
};
using PrimFuncRef = Ref<PrimFunc>;

struct GlobalInfo;

/// Functions by name, with attributes and global infos.
struct IRModule : Node {
  METASCHEDULE_NODE(IRModule, Node)
  /// Raises TypeError when a value of `infos` is no list of global infos.
  explicit IRModule(NodePairs f, Dict a = {}, Dict infos = {});
  NodePairs functions;  // (GlobalVar, PrimFunc)
  Dict attrs;
  Dict global_infos;  // Arrays of GlobalInfo by name: "vdevice" names the devices
  static FieldList fields() {
    return {field("functions", &IRModule::functions), field("attrs", &IRModule::attrs),
            field("global_infos", &IRModule::global_infos)};
  }
  /// Null when there is none of this name.
  const PrimFunc* find(std::string_view name) const;
  Ref<GlobalVar> global_var(std::string_view name) const;
  /// The function; raises ValueError naming those that exist.
  PrimFuncRef lookup(std::string_view name) const;
  /// A copy with one function set.
  Ref<IRModule> with_function(std::string_view name, PrimFuncRef func) const;
  /// A copy with the global infos of one name set.
  Ref<IRModule> with_global_info(std::string_view name, const List<GlobalInfo>& infos) const;
  /// A module of one function under its `global_symbol`, or "main".
  static Ref<IRModule> from_func(PrimFuncRef func);
};
using ModuleRef = Ref<IRModule>;

/// What a tensor instruction computes (`desc`) and how it is written (`impl`).
struct TensorIntrin : Node {
  METASCHEDULE_NODE(TensorIntrin, Node)
  PrimFuncRef desc, impl;
  static FieldList fields() {
    return {field("desc", &TensorIntrin::desc), field("impl", &TensorIntrin::impl)};
  }
};

/// A compilation target; ir/target.h reads and writes it.
struct Target : Node {
  METASCHEDULE_NODE(Target, Node)
  std::string target_kind;
  std::string tag;
  List<String> keys;
  Dict attrs;
  Ref<Target> host;  // may be null
  static FieldList fields() {
    return {field("kind", &Target::target_kind), field("tag", &Target::tag),
            field("keys", &Target::keys), field("attrs", &Target::attrs),
            field("host", &Target::host, kNoWalk)};
  }
};
using TargetRef = Ref<Target>;

/// What a module as a whole refers to: a VDevice or a DummyGlobalInfo.
struct GlobalInfo : Node {
  using Node::Node;
  static constexpr bool is_kind(Kind k) { return is_global_info_kind(k); }
};
using GlobalInfoRef = Ref<GlobalInfo>;

/// A virtual device: memory `memory_scope` of device number `vdevice_id` of the kind that a target
/// stands for. Says where something may live, not that there is such a device.
struct VDevice : GlobalInfo {
  METASCHEDULE_NODE(VDevice, GlobalInfo)
  /// Raises ValueError when there is no target.
  explicit VDevice(TargetRef t, int32_t id = 0, std::string scope = "global");
  TargetRef target;
  int32_t vdevice_id = 0;
  std::string memory_scope;
  static FieldList fields() {
    return {field("target", &VDevice::target, kNoWalk), field("vdevice_id", &VDevice::vdevice_id),
            field("memory_scope", &VDevice::memory_scope)};
  }
};
using VDeviceRef = Ref<VDevice>;

/// A global info that says nothing; any two are equal.
struct DummyGlobalInfo : GlobalInfo {
  METASCHEDULE_NODE(DummyGlobalInfo, GlobalInfo)
  static FieldList fields() { return {}; }
};

/// Raises TypeError when a value is no Array of global infos.
void check_global_infos(const Dict& infos);

/// Output `value_index` of an operation of a tensor expression.
struct Tensor : Node {
  METASCHEDULE_NODE(Tensor, Node)
  Exprs shape;
  DType dtype;
  Ref<Node> op;
  int32_t value_index = 0;
  static FieldList fields() {
    return {field("shape", &Tensor::shape), field("dtype", &Tensor::dtype),
            field("op", &Tensor::op, kNoWalk), field("value_index", &Tensor::value_index)};
  }
};
using TensorRef = Ref<Tensor>;

/// An input of a tensor expression.
struct PlaceholderOp : Node {
  METASCHEDULE_NODE(PlaceholderOp, Node)
  std::string name;
  Exprs shape;
  DType dtype;
  static FieldList fields() {
    return {field("name", &PlaceholderOp::name), field("shape", &PlaceholderOp::shape),
            field("dtype", &PlaceholderOp::dtype)};
  }
};

/// Tensors given point by point; several bodies are the members of one tuple reduction.
struct ComputeOp : Node {
  METASCHEDULE_NODE(ComputeOp, Node)
  std::string name, tag;
  Dict attrs;
  List<IterVar> axis, reduce_axis;
  Exprs body;
  static FieldList fields() {
    return {field("name", &ComputeOp::name),
            field("tag", &ComputeOp::tag),
            field("attrs", &ComputeOp::attrs),
            field("axis", &ComputeOp::axis, kDef),
            field("reduce_axis", &ComputeOp::reduce_axis, kDef),
            field("body", &ComputeOp::body)};
  }
};

/// Tensors given by a statement over buffers.
struct ExternOp : Node {
  METASCHEDULE_NODE(ExternOp, Node)
  std::string name, tag;
  Dict attrs;
  List<Tensor> inputs;
  List<Buffer> input_placeholders, output_placeholders;
  Stmt body;
  static FieldList fields() {
    return {field("name", &ExternOp::name),
            field("tag", &ExternOp::tag),
            field("attrs", &ExternOp::attrs),
            field("inputs", &ExternOp::inputs, kNoWalk),
            field("input_placeholders", &ExternOp::input_placeholders, kDef | kNoWalk),
            field("output_placeholders", &ExternOp::output_placeholders, kDef | kNoWalk),
            field("body", &ExternOp::body)};
  }
};

}  // namespace metaschedule

// Here and not in fields.h: its bodies need every node type.
