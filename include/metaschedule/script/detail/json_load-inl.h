// SPDX-License-Identifier: Apache-2.0
// Reads a graph of nodes from JSON. Nodes may stand in any order; what they refer to is checked
// against what their fields may hold.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <unordered_set>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/script/detail/blob.h"
#include "metaschedule/script/detail/tree_size.h"
#include "metaschedule/support/json.h"

namespace metaschedule::script {

namespace detail {

using Acceptor = bool (*)(Kind);

/// What a field may hold, by its name; those of expressions are the rest.
inline Acceptor acceptor(Kind kind, std::string_view field) {
  auto among = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), field) != names.end();
  };
  constexpr Acceptor anything = [](Kind) { return true; };
  if (is_type_kind(kind) || field == "type_annotation") return TypeNode::is_kind;
  if (among({"then_case", "else_case", "seq"})) return StmtNode::is_kind;
  if (field == "body") {
    bool stmt = is_stmt_kind(kind) || kind == Kind::ExternOp;
    return stmt ? StmtNode::is_kind : ExprNode::is_kind;
  }
  if (field == "init") return kind == Kind::Block ? StmtNode::is_kind : ExprNode::is_kind;
  if (among({"var", "loop_var", "buffer_var", "lhs", "rhs", "initial_indices"}))
    return Var::is_kind;
  if (field == "data") return kind == Kind::AllocateConst ? NDArray::is_kind : Var::is_kind;
  if (among({"buffer", "alloc_buffers", "input_placeholders", "output_placeholders"})) {
    return Buffer::is_kind;
  }
  if (among({"iter_vars", "axis", "reduce_axis", "thread_binding"})) return IterVar::is_kind;
  if (among({"reads", "writes"})) return BufferRegion::is_kind;
  if (field == "source") {
    return kind == Kind::MatchBufferRegion ? BufferRegion::is_kind : ExprNode::is_kind;
  }
  if (field == "match_buffers") return MatchBufferRegion::is_kind;
  if (among({"region", "bounds", "dom"})) return Range::is_kind;
  if (field == "block") return Block::is_kind;
  if (field == "combiner") return CommReducer::is_kind;
  if (field == "inverse_index_map") return IndexMap::is_kind;
  if (among({"desc", "impl"})) return PrimFunc::is_kind;
  if (field == "inputs") return Tensor::is_kind;
  if (field == "target") return Target::is_kind;
  if (among({"node", "op", "producer"})) return anything;
  return ExprNode::is_kind;
}

/// Fields that may be null.
inline bool may_be_null(Kind kind, std::string_view field) {
  switch (kind) {
    case Kind::BufferLoad:
    case Kind::BufferStore:
      return field == "predicate";
    case Kind::IfThenElse:
      return field == "else_case";
    case Kind::Block:
      return field == "init";
    case Kind::For:
      return field == "thread_binding";
    case Kind::IterVar:
      return field == "dom";
    case Kind::IndexMap:
      return field == "inverse_index_map";
    case Kind::AllocateConst:
      return field == "data" || field == "irmod_storage_idx";
    case Kind::AttrStmt:
      return field == "node";
    case Kind::Var:
    case Kind::SizeVar:
      return field == "type_annotation";
    default:
      return false;
  }
}

}  // namespace detail

class JsonReader {
 public:
  Ref<Node> run(json graph) {
    check<ParseError>(graph.is_object() && graph.contains("nodes") && graph["nodes"].is_array() &&
                          graph.contains("root") && graph["root"].is_number_integer(),
                      "expected a JSON object with \"root\" and \"nodes\"");
    nodes_ = &graph["nodes"];
    states_.assign(nodes_->size(), State::New);
    done_.resize(nodes_->size());
    try {
      return get(index_of(graph["root"].get<int64_t>()));
    } catch (const json::exception& e) {
      fail<ParseError>("unexpected JSON: {}", e.what());
    } catch (const ValueError& e) {
      fail<ParseError>("{}", e.message());
    } catch (const TypeError& e) {
      fail<ParseError>("{}", e.message());
    }
  }

 private:
  enum class State : uint8_t { New, Open, Done };

  size_t index_of(int64_t value) const {
    check<ParseError>(value >= 0 && value < static_cast<int64_t>(nodes_->size()),
                      "node {} does not exist: there are {}", value, nodes_->size());
    return static_cast<size_t>(value);
  }
  template <class T>
  static T integer(const std::string& text) {
    T value{};
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    check<ParseError>(failed == std::errc() && end == text.data() + text.size(),
                      "expected an integer, found \"{}\"", text);
    return value;
  }
  const std::string& type_key_at(size_t index) const {
    const json& entry = (*nodes_)[index];
    check<ParseError>(
        entry.is_object() && entry.contains("type_key") && entry["type_key"].is_string(),
        "node {} has no type key", index);
    return entry["type_key"].get_ref<const std::string&>();
  }
  const std::string& attr(size_t index, const std::string& name) const {
    const json& entry = (*nodes_)[index];
    check<ParseError>(entry.contains("attrs") && entry["attrs"].is_object() &&
                          entry["attrs"].contains(name) && entry["attrs"][name].is_string(),
                      "cannot find field {} of node {} ({})", name, index, type_key_at(index));
    return entry["attrs"][name].get_ref<const std::string&>();
  }
  size_t child(size_t index, const std::string& name) const {
    return index_of(integer<int64_t>(attr(index, name)));
  }
  std::vector<size_t> data(size_t index) const {
    std::vector<size_t> out;
    const json& entry = (*nodes_)[index];
    if (!entry.contains("data")) return out;
    for (const json& item : entry["data"]) out.push_back(index_of(item.get<int64_t>()));
    return out;
  }

  std::string text(size_t index) const {
    if (type_key_at(index) == "tir.StringImm") return text(child(index, "value"));
    check<ParseError>(type_key_at(index) == "runtime.String", "expected a string, found a {}",
                      type_key_at(index));
    const json& entry = (*nodes_)[index];
    if (entry.contains("repr_b64")) {
      std::string blob = detail::blob_of(entry["repr_b64"].get<std::string>());
      std::string_view rest = blob;
      auto size = detail::take<uint64_t>(rest);
      check<ParseError>(size <= rest.size(), "a string ends too early");
      return std::string(rest.substr(0, size));
    }
    return entry.contains("repr_str") ? entry["repr_str"].get<std::string>() : "";
  }

  ListBase list(size_t index, detail::Acceptor accepts, bool nullable = false) {
    check<ParseError>(type_key_at(index) == "Array", "expected an Array, found a {}",
                      type_key_at(index));
    std::vector<RefBase> items;
    for (size_t item : data(index)) {
      Ref<Node> node = get(item);
      bool fits = node ? accepts(node->kind) : nullable;
      check<ParseError>(fits, "a list holds a {} where it may not",
                        node ? kind_name(node->kind) : "null");
      items.push_back(node);
    }
    return ListBase(std::move(items));
  }
  Dict dict(size_t index) {
    if (index == 0) return {};
    if (type_key_at(index) == "DictAttrs") index = child(index, "__dict__");
    if (index == 0) return {};
    check<ParseError>(type_key_at(index) == "Map", "expected a Map, found a {}",
                      type_key_at(index));
    const json& entry = (*nodes_)[index];
    std::vector<size_t> values = data(index);
    if (values.empty()) return {};
    check<ParseError>(entry.contains("keys") && entry["keys"].size() == values.size(),
                      "a map has {} values for another number of keys", values.size());
    std::vector<Dict::Item> items;
    for (size_t i = 0; i < values.size(); ++i)
      items.emplace_back(entry["keys"][i].get<std::string>(), get(values[i]));
    return Dict(std::move(items));
  }
  NodePairs pairs(size_t index, bool (*key)(Kind), bool (*value)(Kind)) {
    check<ParseError>(type_key_at(index) == "Map", "expected a Map, found a {}",
                      type_key_at(index));
    std::vector<size_t> items = data(index);
    check<ParseError>(items.size() % 2 == 0, "a map has an odd number of keys and values");
    NodePairs out;
    std::unordered_set<const Node*> keys;
    for (size_t i = 0; i < items.size(); i += 2) {
      Ref<Node> first = get(items[i]), second = get(items[i + 1]);
      check<ParseError>(first && second && key(first->kind) && value(second->kind),
                        "a map holds what it may not");
      check<ParseError>(keys.insert(first.node()).second, "a map has one key twice");
      out.emplace_back(std::move(first), std::move(second));
    }
    return out;
  }

  Ref<Node> get(size_t index) {
    if (index == 0) return nullptr;
    if (states_[index] == State::Done) return done_[index];
    check<ParseError>(states_[index] == State::New, "node {} refers to itself", index);
    // Each level is several calls; with the frames of sanitizers too they fit a stack of 8 MB.
    constexpr int kMaxDepth = 3500;
    check<ParseError>(++depth_ < kMaxDepth, "the graph is nested too deeply");
    states_[index] = State::Open;
    done_[index] = build(index);
    // Parts may be shared, but not so that the whole could never be walked.
    constexpr uint64_t kMaxSize = uint64_t{1} << 26;
    check<ParseError>(!done_[index] || sizes_.of(*done_[index]).nodes <= kMaxSize,
                      "what node {} stands for is too large", index);
    states_[index] = State::Done;
    --depth_;
    return done_[index];
  }

  std::string repr(size_t index) const {
    const json& entry = (*nodes_)[index];
    check<ParseError>(entry.contains("repr_str"), "node {} ({}) has no repr_str", index,
                      type_key_at(index));
    return entry["repr_str"].get<std::string>();
  }

  Ref<Node> build(size_t index) {
    const std::string& key = type_key_at(index);
    if (key == "DictAttrs") return make<Map>(dict(index));
    if (key == "TargetKind") return make<String>(repr(index));
    const KindInfo* info = find_kind(key);
    check<ParseError>(info != nullptr && info->type_key == key, "Cannot find type {}", key);
    switch (info->kind) {
      case Kind::String:
        return make<String>(text(index));
      case Kind::BoxInt:
        return make<BoxInt>(integer<int64_t>(repr(index)));
      case Kind::BoxBool:
        return make<BoxBool>(repr(index) == "true");
      case Kind::BoxFloat:
        return make<BoxFloat>(number(repr(index)));
      case Kind::Op:
        return Ref<Node>(&Op::get(repr(index)));
      case Kind::NDArray:
        return tensor(repr(index));
      case Kind::Array:
        return make<Array>(List<Node>(list(index, [](Kind) { return true; }, true)));
      case Kind::Map:
        return make<Map>(dict(index));
      case Kind::IRModule: {
        auto m = mutate(*make<IRModule>());
        m->functions = pairs(child(index, "functions"), GlobalVar::is_kind, PrimFunc::is_kind);
        m->attrs = dict(child(index, "attrs"));
        m->global_infos = dict(child(index, "global_infos"));
        check_global_infos(m->global_infos);
        return ModuleRef(m);
      }
      case Kind::PrimFunc:
        return function(index);
      case Kind::GlobalVar:
        return make<GlobalVar>(text(child(index, "name_hint")));
      case Kind::Target: {
        auto t = mutate(*make<Target>());
        t->target_kind = repr(child(index, "kind"));
        t->tag = text(child(index, "tag"));
        t->keys = List<String>(list(child(index, "keys"), String::is_kind));
        t->attrs = dict(child(index, "attrs"));
        Ref<Node> host = get(child(index, "host"));
        check<ParseError>(!host || as<Target>(host), "the host of a target is no target");
        t->host = as_ref<Target>(host);
        return TargetRef(t);
      }
      default:
        return fields(index, *info);
    }
  }

  Ref<Node> function(size_t index) {
    auto f = mutate(*make<PrimFunc>());
    f->params = Vars(list(child(index, "params"), Var::is_kind));
    f->body = cast_stmt(get(child(index, "body")));
    Ref<Node> ret = get(child(index, "ret_type"));
    check<ParseError>(!ret || is_type_kind(ret->kind), "the return type is no type");
    const TupleType* tuple = as<TupleType>(ret);
    if (!(tuple && tuple->types.empty())) f->ret_type = as_ref<TypeNode>(ret);
    f->buffer_map = pairs(child(index, "buffer_map"), Var::is_kind, Buffer::is_kind);
    // The order of a map is nobody's; that of the parameters is ours.
    NodePairs ordered;
    for (const VarRef& param : f->params) {
      for (const auto& pair : f->buffer_map)
        if (pair.first.node() == param.get()) ordered.push_back(pair);
    }
    check<ParseError>(ordered.size() == f->buffer_map.size(),
                      "a buffer is bound to something that is no parameter");
    f->buffer_map = std::move(ordered);
    f->attrs = dict(child(index, "attrs"));
    return PrimFuncRef(f);
  }
  static Stmt cast_stmt(const Ref<Node>& node) {
    check<ParseError>(node && is_stmt_kind(node->kind), "the body of a function is no statement");
    return cast_to<StmtNode>(node);
  }

  static double number(const std::string& text) {
    char* end = nullptr;
    double value = std::strtod(text.c_str(), &end);
    check<ParseError>(!text.empty() && end == text.c_str() + text.size(),
                      "expected a number, found \"{}\"", text);
    return value;
  }

  Ref<Node> fields(size_t index, const KindInfo& info) {
    Node* node = info.create();
    Ref<Node> owner(node);
    for (size_t i = 0; i < info.fields.size(); ++i) {
      const FieldInfo& field = info.fields[i];
      switch (field.type) {
        case FieldType::Node: {
          Ref<Node> value = get(child(index, field.name));
          check<ParseError>(value || detail::may_be_null(info.kind, field.name),
                            "field {} of a {} is null", field.name, info.type_key);
          check<ParseError>(!value || detail::acceptor(info.kind, field.name)(value->kind),
                            "field {} of a {} may not be a {}", field.name, info.type_key,
                            value ? kind_name(value->kind) : "");
          field.write<RefBase>(*node) = std::move(value);
          break;
        }
        case FieldType::List:
          field.write<ListBase>(*node) =
              list(child(index, field.name), detail::acceptor(info.kind, field.name));
          break;
        case FieldType::Dict:
          field.write<Dict>(*node) = dict(child(index, field.name));
          break;
        case FieldType::String:
          field.write<std::string>(*node) = text(child(index, field.name));
          break;
        case FieldType::Int:
          field.write<int64_t>(*node) = integer<int64_t>(attr(index, field.name));
          break;
        case FieldType::Int32:
          field.write<int32_t>(*node) = integer<int32_t>(attr(index, field.name));
          break;
        case FieldType::Float:
          field.write<double>(*node) = number(attr(index, field.name));
          break;
        case FieldType::Bool:
          field.write<bool>(*node) = integer<int>(attr(index, field.name)) != 0;
          break;
        case FieldType::DataType: {
          const std::string& dtype = attr(index, field.name);
          field.write<DType>(*node) = dtype.empty() ? DType::void_() : DType::parse(dtype);
          break;
        }
        default:
          fail<ParseError>("a {} has no JSON form", info.type_key);
      }
    }
    return checked(std::move(owner), node);
  }

  /// What the constructors would have refused, and what is stored in another way.
  static Ref<Node> checked(Ref<Node> owner, Node* node) {
    if (auto* var = as<Var>(node)) {
      if (as<PrimType>(var->type_annotation)) const_cast<Var*>(var)->type_annotation = nullptr;
    } else if (is_binary_kind(node->kind)) {
      const auto& e = *static_cast<BinaryExpr*>(node);
      check<ParseError>(e.a->dtype == e.b->dtype, "{}: mismatched types. {} vs. {}",
                        type_key(node->kind), to_string(e.a->dtype), to_string(e.b->dtype));
    } else if (const auto* load = as<BufferLoad>(node)) {
      check<ParseError>(load->indices.size() == load->buffer->ndim(),
                        "buffer {} is read with {} indices", load->buffer->name,
                        load->indices.size());
    } else if (const auto* store = as<BufferStore>(node)) {
      check<ParseError>(store->indices.size() == store->buffer->ndim(),
                        "buffer {} is written with {} indices", store->buffer->name,
                        store->indices.size());
    } else if (const auto* region = as<BufferRegion>(node)) {
      check<ParseError>(region->region.size() == region->buffer->ndim(),
                        "a region of buffer {} has {} dimensions", region->buffer->name,
                        region->region.size());
    } else if (const auto* realize = as<BlockRealize>(node)) {
      check<ParseError>(realize->iter_values.size() == realize->block->iter_vars.size(),
                        "block {} has {} values for its axes", realize->block->name_hint,
                        realize->iter_values.size());
    } else if (auto* block = as<Block>(node)) {
      const_cast<Block*>(block)->id = fresh_block_id();
    } else if (const auto* loop = as<For>(node)) {
      check<ParseError>(loop->kind >= ForKind::Serial && loop->kind <= ForKind::ThreadBinding,
                        "unknown kind of loop {}", static_cast<int>(loop->kind));
    } else if (const auto* iter = as<IterVar>(node)) {
      check<ParseError>(
          iter->iter_type >= IterType::DataPar && iter->iter_type <= IterType::Tensorized,
          "unknown kind of axis {}", static_cast<int>(iter->iter_type));
    } else if (const auto* c = as<Call>(node)) {
      const Op* op = as<Op>(c->op);
      check<ParseError>(op || as<GlobalVar>(c->op), "a call of a {}", kind_name(c->op->kind));
      check<ParseError>(
          !op || op->num_inputs < 0 || c->args.size() == static_cast<size_t>(op->num_inputs),
          "{} is called with {} operands", op ? op->name : "", c->args.size());
    } else if (const auto* seq = as<SeqStmt>(node)) {
      check<ParseError>(seq->seq.size() >= 2, "a sequence of {} statements", seq->seq.size());
      for (const Stmt& stmt : seq->seq)
        check<ParseError>(stmt->kind != Kind::SeqStmt, "a sequence of statements is nested");
    }
    return owner;
  }

  static Ref<Node> tensor(const std::string& text) {
    std::string blob = detail::blob_of(text);
    std::string_view rest = blob;
    check<ParseError>(detail::take<uint64_t>(rest) == detail::kTensorMagic,
                      "a constant tensor starts in an unknown way");
    detail::take<uint64_t>(rest);
    detail::take<int32_t>(rest);
    detail::take<int32_t>(rest);
    auto ndim = detail::take<int32_t>(rest);
    check<ParseError>(ndim >= 0 && ndim <= 64, "a constant tensor of {} dimensions", ndim);
    auto array = mutate(*make<NDArray>());
    array->dtype.code = static_cast<TypeCode>(detail::take<uint8_t>(rest));
    array->dtype.bits = detail::take<uint8_t>(rest);
    array->dtype.lanes = detail::take<int16_t>(rest);
    const DType& dtype = array->dtype;
    const bool known = dtype.is_integral() || dtype.is_floating() || dtype.is_handle();
    check<ParseError>(known && dtype.bits >= 1 && dtype.bits <= 64 && dtype.lanes >= 1,
                      "a constant tensor has elements of an unknown type");
    int64_t bytes = array->dtype.bytes() * std::max<int64_t>(array->dtype.lanes, 1);
    for (int32_t i = 0; i < ndim; ++i) {
      array->shape.push_back(detail::take<int64_t>(rest));
      bool fits = array->shape.back() >= 0 && array->shape.back() <= (int64_t{1} << 40) &&
                  !__builtin_mul_overflow(bytes, array->shape.back(), &bytes);
      check<ParseError>(fits, "a constant tensor has an impossible shape");
    }
    auto size = detail::take<int64_t>(rest);
    check<ParseError>(size == bytes && static_cast<uint64_t>(size) == rest.size(),
                      "a constant tensor has {} bytes, its shape needs {}", rest.size(), bytes);
    array->data.assign(rest.begin(), rest.end());
    return Ref<NDArray>(array);
  }

  const json* nodes_ = nullptr;
  std::vector<State> states_;
  std::vector<Ref<Node>> done_;
  TreeSizes sizes_;
  int depth_ = 0;
};

}  // namespace metaschedule::script
