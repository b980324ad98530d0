// SPDX-License-Identifier: Apache-2.0
// One call of a primitive from Python: arguments become operands, in order.
#pragma once

#include <algorithm>

#include "schedule.h"

namespace metaschedule::bindings {

inline constexpr const char* kAnnotation =
    "Union[str, int, float, PrimExpr, List[Union[str, int, float, PrimExpr]], Dict[str, Union[str, "
    "int, float, PrimExpr, List[Union[str, int, float, PrimExpr]]]]]";

[[noreturn]] inline void wrong_argument(const char* method, const std::string& name,
                                        const char* expected, py::handle found) {
  fail<TypeError>("In \"Schedule.{}\", \"{}\" has wrong type. Expected \"{}\", but gets: \"{}\".",
                  method, name, expected,
                  std::string(py::str(py::type::handle_of(found).attr("__name__"))));
}

/// One call of a primitive: Python arguments become operands, in order.
class CallWriter {
 public:
  /// With `types_only` it looks at types and resolves nothing: the names of blocks become steps of
  /// the trace when they are looked up.
  CallWriter(Schedule& sch, const PrimitiveInfo& info, bool types_only = false)
      : sch_(sch), info_(info), types_only_(types_only), writer_(sch, operands_) {}

  void write(size_t position, py::handle value) {
    const auto& arg = info_.args[position];
    switch (arg.type) {
      case ArgType::Block:
        if (arg.is(kHandleOnly)) return writer_.write(block(arg.name, value, "BlockRV", false));
        return writer_.write(block(arg.name, value, "Union[BlockRV, str]"));
      case ArgType::Loop:
        return writer_.write(loop(arg.name, value));
      case ArgType::BlockOrLoop:
        if (py::isinstance<LoopRV>(value)) return writer_.write(loop(arg.name, value));
        return writer_.write(block(arg.name, value, "Union[BlockRV, LoopRV]", false));
      case ArgType::BlocksOrLoop:
        if (py::isinstance<LoopRV>(value)) return writer_.write(loop(arg.name, value));
        if (!is_list(value))
          wrong_argument(info_.method, arg.name, "Union[LoopRV, List[BlockRV]]", value);
        return writer_.write(blocks(arg.name, value, "BlockRV", false));
      case ArgType::Loops:
        return writer_.write(list<LoopRV>(
            arg.name, value, [&](const std::string& at, py::handle v) { return loop(at, v); }));
      case ArgType::Blocks:
        if (value.is_none()) return writer_.write(std::vector<BlockRV>());
        return writer_.write(blocks(arg.name, value, "Union[BlockRV, str]", true));
      case ArgType::Factors:
        return writer_.write(list<Factor>(
            arg.name, value, [&](const std::string& at, py::handle v) { return factor(at, v); }));
      case ArgType::Int:
        return writer_.write(integer(arg.name, value));
      case ArgType::Bool:
        if (!PyBool_Check(value.ptr())) wrong_argument(info_.method, arg.name, "bool", value);
        return writer_.write(value.ptr() == Py_True);
      case ArgType::String:
        if (value.is_none() && arg.is(kOptional)) {
          // The trace says which function it was.
          if (std::string_view(arg.name) == "func_name" && !sch_.func_working_on.empty())
            return writer_.write(sch_.func_working_on);
          return writer_.push(Operand());
        }
        if (!PyUnicode_Check(value.ptr())) wrong_argument(info_.method, arg.name, "str", value);
        return writer_.write(py::cast<std::string>(value));
      case ArgType::Ints:
        return writer_.write(list<int64_t>(
            arg.name, value, [&](const std::string& at, py::handle v) { return integer(at, v); }));
      case ArgType::Floats:
        return writer_.write(list<double>(
            arg.name, value, [&](const std::string& at, py::handle v) { return number(at, v); }));
      case ArgType::IndexMap:
      case ArgType::OptionalIndexMap: {
        Ref<IndexMap> map = as_ref<IndexMap>(Ref<Node>(node_of(value)));
        if (!map && !value.is_none())
          wrong_argument(info_.method, arg.name, "Union[IndexMap, Callable]", value);
        return writer_.write(map);
      }
      case ArgType::Value:
        return writer_.write(AnnotationArg(annotation(arg.name, value)));
      case ArgType::Buffer:
        return writer_.write(buffer(arg.name, value));
    }
  }
  const std::vector<Operand>& operands() const { return operands_; }

 private:
  static bool is_list(py::handle value) {
    return py::isinstance<py::sequence>(value) && !PyUnicode_Check(value.ptr());
  }
  BlockRV block(const std::string& name, py::handle value, const char* expected,
                bool by_name = true) {
    BlockRV rv;
    bool is_name = by_name && PyUnicode_Check(value.ptr());
    if (!is_name && !py::isinstance<BlockRV>(value))
      wrong_argument(info_.method, name, expected, value);
    if (types_only_) return rv;
    rv = is_name ? sch_.get_block(py::cast<std::string>(value))
                 : local_handle(sch_, py::cast<BlockRV>(value));
    block_ = rv;
    return rv;
  }
  std::vector<BlockRV> blocks(const char* name, py::handle value, const char* expected,
                              bool by_name) {
    return list<BlockRV>(name, value, [&](const std::string& at, py::handle v) {
      return block(at, v, expected, by_name);
    });
  }
  LoopRV loop(const std::string& name, py::handle value) {
    if (!py::isinstance<LoopRV>(value)) wrong_argument(info_.method, name, "LoopRV", value);
    return types_only_ ? LoopRV() : local_handle(sch_, py::cast<LoopRV>(value));
  }
  template <class T, class F>
  std::vector<T> list(const char* name, py::handle value, F&& element) {
    if (!is_list(value)) wrong_argument(info_.method, name, "list", value);
    std::vector<T> out;
    for (py::handle item : py::reinterpret_borrow<py::sequence>(value))
      out.push_back(element(fmt::format("{}[{}]", name, out.size()), item));
    return out;
  }
  Factor factor(const std::string& name, py::handle value) {
    if (value.is_none()) return {};
    if (PyLong_Check(value.ptr())) return Factor::number(py::cast<int64_t>(value));
    if (!as<ExprNode>(node_of(value)))
      wrong_argument(info_.method, name, "Union[int, PrimExpr, None]", value);
    return Factor(to_expr(value));
  }
  int64_t integer(const std::string& name, py::handle value) {
    if (PyLong_Check(value.ptr())) return py::cast<int64_t>(value);
    if (const IntImm* imm = as<IntImm>(node_of(value))) return imm->value;
    bool names_buffer = PyUnicode_Check(value.ptr()) || as<Buffer>(node_of(value));
    bool is_position = name.ends_with("buffer_index");
    if (!is_position || !names_buffer)
      wrong_argument(info_.method, name, is_position ? "Union[int, str, Buffer]" : "int", value);
    return types_only_ ? 0 : position_of(value, !name.starts_with("read"));
  }
  double number(const std::string& name, py::handle value) {
    if (PyFloat_Check(value.ptr()) || PyLong_Check(value.ptr())) return py::cast<double>(value);
    if (const FloatImm* imm = as<FloatImm>(node_of(value))) return imm->value;
    wrong_argument(info_.method, name, "float", value);
  }
  Ref<Node> annotation(const char* name, py::handle value) {
    try {
      return to_node(value);
    } catch (const TypeError&) {
      wrong_argument(info_.method, name, kAnnotation, value);
    }
  }
  [[noreturn]] static void assertion_failed(const std::string& text) {
    PyErr_SetString(PyExc_AssertionError, text.c_str());
    throw py::error_already_set();
  }
  /// A buffer given by name or itself, among what the block reads and writes. One of both kinds is
  /// what is written by its name, and what is read by itself, as in the original.
  BufferArg find_buffer(py::handle value, bool reads = true, bool writes = true) {
    METASCHEDULE_CHECK(block_.has_value());  // every primitive names its block first
    const Block* block = sch_.get(*block_);
    const Buffer* wanted = as<Buffer>(node_of(value));
    const std::string name = wanted ? wanted->name : py::cast<std::string>(value);
    const Buffer* found = nullptr;
    BufferArg out;
    for (bool write : {false, true}) {
      if (!(write ? writes : reads)) continue;
      const BufferRegions& regions = write ? block->writes : block->reads;
      for (size_t i = 0; i < regions.size(); ++i) {
        const Buffer* buffer = regions[i]->buffer.get();
        if (wanted ? buffer != wanted || found : buffer->name != name) continue;
        if (found && found != buffer)
          assertion_failed(
              fmt::format("Buffer \"{}\" is ambiguous in block \"{}\": several buffers "
                          "have this name; give the position",
                          name, block->name_hint));
        found = buffer;
        out = {static_cast<int64_t>(i), write};
      }
    }
    if (!found)
      assertion_failed(fmt::format("Buffer \"{}\" is not {} by block \"{}\"", name,
                                   !reads    ? "written"
                                   : !writes ? "read"
                                             : "read or written",
                                   block->name_hint));
    return out;
  }
  /// The position of a buffer among what the block reads, or writes.
  int64_t position_of(py::handle value, bool write) {
    return find_buffer(value, !write, write).index;
  }
  BufferArg buffer(const char* name, py::handle value) {
    if (py::isinstance<py::tuple>(value) && py::len(value) == 2) {
      auto pair = py::reinterpret_borrow<py::tuple>(value);
      if (!PyUnicode_Check(pair[0].ptr()) || !PyLong_Check(pair[1].ptr()))
        wrong_argument(info_.method, name, "Union[Tuple[str, int], str, Buffer]", value);
      std::string kind = py::cast<std::string>(pair[0]);
      if (kind != "read" && kind != "write")
        assertion_failed(
            fmt::format("{}: expected \"read\" or \"write\", found \"{}\"", name, kind));
      BufferArg out{py::cast<int64_t>(pair[1]), kind == "write"};
      if (!block_) return out;
      const Block* block = sch_.get(*block_);
      size_t count = out.is_write ? block->writes.size() : block->reads.size();
      if (out.index < 0 || static_cast<size_t>(out.index) >= count)
        assertion_failed(fmt::format("{}: block \"{}\" has {} {} regions, found index {}", name,
                                     block->name_hint, count, kind, out.index));
      return out;
    }
    bool names_buffer = PyUnicode_Check(value.ptr()) || as<Buffer>(node_of(value));
    if (!names_buffer)
      wrong_argument(info_.method, name, "Union[Tuple[str, int], str, Buffer]", value);
    return types_only_ ? BufferArg() : find_buffer(value);
  }

  Schedule& sch_;
  const PrimitiveInfo& info_;
  bool types_only_;
  std::vector<Operand> operands_;
  OperandWriter writer_;
  std::optional<BlockRV> block_;
};

}  // namespace metaschedule::bindings
