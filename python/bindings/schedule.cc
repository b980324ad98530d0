// SPDX-License-Identifier: Apache-2.0
// Schedules, handles and traces. Primitives are called through their run-time description: a new
// one needs nothing here.
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/schedule/tensor_intrin.h"

#include "bindings.h"
#include "metaschedule/support/json.h"
#include "python_error.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

[[noreturn]] void wrong_argument(const char* method, const char* name, const char* expected,
                                 py::handle found) {
  fail<TypeError>("In \"Schedule.{}\", \"{}\" has wrong type. Expected \"{}\", but gets: \"{}\".",
                  method, name, expected,
                  std::string(py::str(py::type::handle_of(found).attr("__name__"))));
}

/// One call of a primitive: Python arguments become operands, in order.
class CallWriter {
 public:
  CallWriter(Schedule& sch, const PrimitiveInfo& info)
      : sch_(sch), info_(info), writer_(sch, operands_) {}

  void write(size_t position, py::handle value) {
    const auto& arg = info_.args[position];
    switch (arg.type) {
      case ArgType::Block:
        return writer_.write(block(arg.name, value));
      case ArgType::Loop:
        return writer_.write(loop(arg.name, value));
      case ArgType::BlockOrLoop:
        if (py::isinstance<LoopRV>(value)) return writer_.write(loop(arg.name, value));
        return writer_.write(block(arg.name, value));
      case ArgType::BlocksOrLoop:
        if (py::isinstance<LoopRV>(value)) return writer_.write(loop(arg.name, value));
        return writer_.write(
            list<BlockRV>(arg.name, value, [&](py::handle v) { return block(arg.name, v); }));
      case ArgType::Loops:
        return writer_.write(
            list<LoopRV>(arg.name, value, [&](py::handle v) { return loop(arg.name, v); }));
      case ArgType::Blocks:
        if (value.is_none()) return writer_.write(std::vector<BlockRV>());
        return writer_.write(
            list<BlockRV>(arg.name, value, [&](py::handle v) { return block(arg.name, v); }));
      case ArgType::Factors:
        return writer_.write(
            list<Factor>(arg.name, value, [&](py::handle v) { return factor(v); }));
      case ArgType::Int:
        return writer_.write(integer(arg.name, value));
      case ArgType::Bool:
        if (!PyBool_Check(value.ptr()) && !PyLong_Check(value.ptr()))
          wrong_argument(info_.method, arg.name, "bool", value);
        return writer_.write(static_cast<bool>(PyObject_IsTrue(value.ptr())));
      case ArgType::String:
        if (value.is_none() && arg.is(kOptional)) return writer_.push(Operand());
        if (!PyUnicode_Check(value.ptr())) wrong_argument(info_.method, arg.name, "str", value);
        return writer_.write(py::cast<std::string>(value));
      case ArgType::Ints:
        return writer_.write(
            list<int64_t>(arg.name, value, [&](py::handle v) { return integer(arg.name, v); }));
      case ArgType::Floats:
        return writer_.write(
            list<double>(arg.name, value, [&](py::handle v) { return number(arg.name, v); }));
      case ArgType::IndexMap:
      case ArgType::OptionalIndexMap: {
        Ref<IndexMap> map = as_ref<IndexMap>(Ref<Node>(node_of(value)));
        if (!map && !value.is_none()) wrong_argument(info_.method, arg.name, "IndexMap", value);
        return writer_.write(map);
      }
      case ArgType::Value:
        return writer_.write(AnnotationArg(to_node(value)));
      case ArgType::Buffer:
        return writer_.write(buffer(arg.name, value));
    }
  }
  const std::vector<Operand>& operands() const { return operands_; }

 private:
  BlockRV block(const char* name, py::handle value) {
    BlockRV rv;
    if (PyUnicode_Check(value.ptr()))
      rv = sch_.get_block(py::cast<std::string>(value));
    else if (py::isinstance<BlockRV>(value))
      rv = py::cast<BlockRV>(value);
    else
      wrong_argument(info_.method, name, "Union[BlockRV, str]", value);
    sch_.entry(rv, TableEntry::Kind::Block);  // raises for one of another schedule
    block_ = rv;
    return rv;
  }
  LoopRV loop(const char* name, py::handle value) {
    if (!py::isinstance<LoopRV>(value)) wrong_argument(info_.method, name, "LoopRV", value);
    auto rv = py::cast<LoopRV>(value);
    sch_.entry(rv, TableEntry::Kind::Loop);
    return rv;
  }
  template <class T, class F>
  std::vector<T> list(const char* name, py::handle value, F&& element) {
    if (!py::isinstance<py::sequence>(value) || PyUnicode_Check(value.ptr()))
      wrong_argument(info_.method, name, "list", value);
    std::vector<T> out;
    for (py::handle item : py::reinterpret_borrow<py::sequence>(value))
      out.push_back(element(item));
    return out;
  }
  static Factor factor(py::handle value) {
    if (value.is_none()) return {};
    if (PyLong_Check(value.ptr())) return Factor::number(py::cast<int64_t>(value));
    return Factor(to_expr(value));
  }
  int64_t integer(const char* name, py::handle value) {
    if (PyLong_Check(value.ptr())) return py::cast<int64_t>(value);
    if (const IntImm* imm = as<IntImm>(node_of(value))) return imm->value;
    bool names_buffer = PyUnicode_Check(value.ptr()) || as<Buffer>(node_of(value));
    if (names_buffer && block_) {
      std::string_view argument = name;
      return position_of(value, !argument.starts_with("read"));
    }
    wrong_argument(info_.method, name, "int", value);
  }
  double number(const char* name, py::handle value) {
    if (PyFloat_Check(value.ptr()) || PyLong_Check(value.ptr())) return py::cast<double>(value);
    if (const FloatImm* imm = as<FloatImm>(node_of(value))) return imm->value;
    wrong_argument(info_.method, name, "float", value);
  }
  [[noreturn]] static void assertion_failed(const std::string& text) {
    PyErr_SetString(PyExc_AssertionError, text.c_str());
    throw py::error_already_set();
  }
  /// A buffer given by name or itself, among what the block reads and writes. One of both kinds is
  /// what is written by its name, and what is read by itself, as in the original.
  BufferArg find_buffer(py::handle value, bool reads = true, bool writes = true) {
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
      std::string kind = py::cast<std::string>(pair[0]);
      if (kind != "read" && kind != "write")
        assertion_failed(
            fmt::format("{}: expected \"read\" or \"write\", found \"{}\"", name, kind));
      BufferArg out{integer(name, pair[1]), kind == "write"};
      if (!block_) return out;
      const Block* block = sch_.get(*block_);
      size_t count = out.is_write ? block->writes.size() : block->reads.size();
      if (out.index < 0 || static_cast<size_t>(out.index) >= count)
        assertion_failed(fmt::format("{}: block \"{}\" has {} {} regions, found index {}", name,
                                     block->name_hint, count, kind, out.index));
      return out;
    }
    bool names_buffer = PyUnicode_Check(value.ptr()) || as<Buffer>(node_of(value));
    if (!names_buffer || !block_)
      wrong_argument(info_.method, name, "Union[Tuple[str, int], Buffer, str]", value);
    return find_buffer(value);
  }

  Schedule& sch_;
  const PrimitiveInfo& info_;
  std::vector<Operand> operands_;
  OperandWriter writer_;
  std::optional<BlockRV> block_;
};

std::optional<Decision> decision_of(py::handle value) {
  if (value.is_none()) return std::nullopt;
  if (py::isinstance<py::sequence>(value)) {
    std::vector<int64_t> out;
    for (py::handle item : py::reinterpret_borrow<py::sequence>(value))
      out.push_back(cast_to<IntImm>(*to_expr(item)).value);
    return Decision(std::move(out));
  }
  const IntImm* imm = as<IntImm>(to_expr(value));
  check<TypeError>(imm, "decision: expected an int or a list of ints");
  return Decision(imm->value);
}
py::object to_python(const std::optional<Decision>& decision) {
  if (!decision) return py::none();
  return std::visit([](const auto& d) -> py::object { return py::cast(d); }, *decision);
}

template <class RV>
RV rv_at(const Schedule& sch, uint32_t index) {
  RV rv;
  static_cast<Handle&>(rv) = sch.handle(index);
  return rv;
}

py::object invoke(Schedule& sch, Opcode opcode, const py::tuple& args, py::object decision) {
  const PrimitiveInfo& info = primitives().at(opcode);
  CallWriter writer(sch, info);
  METASCHEDULE_CHECK(args.size() == info.args.size());
  for (size_t i = 0; i < args.size(); ++i) writer.write(i, args[i]);
  std::optional<Decision> chosen = decision_of(decision);
  Schedule::OutputRange out = sch.invoke(opcode, writer.operands(), chosen ? &*chosen : nullptr);
  auto output = [&](uint32_t i) -> py::object {
    switch (info.outputs) {
      case OutputType::Block:
      case OutputType::Blocks:
        return py::cast(rv_at<BlockRV>(sch, out.first + i));
      case OutputType::Loop:
      case OutputType::Loops:
        return py::cast(rv_at<LoopRV>(sch, out.first + i));
      default:
        return py::cast(sch.number(out.first + i));
    }
  };
  switch (info.outputs) {
    case OutputType::None:
      return py::none();
    case OutputType::Block:
    case OutputType::Loop:
    case OutputType::Number:
      return output(0);
    default: {
      py::list outputs;
      for (uint32_t i = 0; i < out.count; ++i) outputs.append(output(i));
      return outputs;
    }
  }
}

py::object default_of(const std::vector<Operand>& operands) {
  const Operand& first = operands[0];
  switch (first.tag) {
    case Operand::Tag::Int:
      return py::int_(first.integer);
    case Operand::Tag::Bool:
      return py::bool_(first.integer != 0);
    case Operand::Tag::Float:
      return py::float_(first.real);
    case Operand::Tag::String:
      return py::str(first.text());
    default:
      return py::none();  // an empty list is given as None
  }
}

/// The primitives for the Python class: (opcode, method, doc, arguments, has a decision). An
/// argument is (name, is spread, has a default, default).
py::list primitive_table() {
  py::list out;
  for (size_t i = 0; i < primitives().size(); ++i) {
    const PrimitiveInfo& info = primitives()[i];
    py::list args;
    for (const auto& arg : info.args) {
      bool spread = arg.is(kSpread) && arg.is(kPositional);
      bool optional = arg.is(kOptional);
      py::object value = py::none();
      if (optional && !arg.default_value.empty()) {
        value = default_of(arg.default_value);
        if (arg.type == ArgType::Bool) value = py::bool_(arg.default_value[0].integer != 0);
      }
      args.append(py::make_tuple(arg.name, spread, optional, value));
    }
    out.append(py::make_tuple(i, info.method, info.doc, args, info.has_decision));
  }
  return out;
}

/// Steps of a trace as Python sees them.
struct InstructionView {
  Trace trace;
  size_t step;
};

void bind_traces(py::module_& m) {
  py::class_<InstructionView>(m, "Instruction", "One step of a trace.")
      .def_property_readonly("kind_name",
                             [](const InstructionView& v) { return v.trace.kind(v.step); })
      .def_readonly("step", &InstructionView::step)
      .def_property_readonly(
          "decision", [](const InstructionView& v) { return to_python(v.trace.decision(v.step)); })
      .def("__repr__", [](const InstructionView& v) { return v.trace.as_python()[v.step]; });
  auto step_of = [](py::handle inst) {
    return py::isinstance<InstructionView>(inst) ? py::cast<const InstructionView&>(inst).step
                                                 : py::cast<size_t>(inst);
  };
  py::class_<Trace>(m, "Trace", "The steps that made a schedule, and what sampling chose.")
      .def(py::init<>())
      .def("__len__", &Trace::size)
      .def_property_readonly("insts",
                             [](const Trace& t) {
                               py::list out;
                               for (size_t i = 0; i < t.size(); ++i)
                                 out.append(InstructionView{t, i});
                               return out;
                             })
      .def(
          "get_decision",
          [step_of](const Trace& t, py::handle i) { return to_python(t.decision(step_of(i))); },
          "inst"_a)
      .def(
          "with_decision",
          [step_of](const Trace& t, py::handle inst, py::object decision, bool remove_postproc) {
            auto chosen = decision_of(decision);
            check<ValueError>(chosen.has_value(), "with_decision: expected a decision, found None");
            return t.with_decision(step_of(inst), *chosen, remove_postproc);
          },
          "inst"_a, "decision"_a, "remove_postproc"_a)
      .def("simplified", &Trace::simplified, "remove_postproc"_a)
      .def("without_postproc", &Trace::without_postproc)
      .def("pop", [](Trace& t) { return t.pop(); })
      .def("_as_json", [](const Trace& t, bool remove) { return dump_json(t.as_json(remove)); })
      .def("as_python", &Trace::as_python, "remove_postproc"_a = false,
           "The steps as lines of Python.")
      .def("__str__", &Trace::to_string)
      .def("__repr__", &Trace::to_string)
      .def(
          "apply_to_schedule",
          [](const Trace& t, Schedule& sch, bool remove_postproc, py::object provider) {
            Trace::DecisionProvider f;
            if (!provider.is_none()) {
              f = [&](size_t step, const std::optional<Decision>& d) {
                return decision_of(
                    provider(InstructionView{t, step}, py::none(), py::none(), to_python(d)));
              };
            }
            t.apply_to_schedule(sch, remove_postproc, f);
          },
          "sch"_a, "remove_postproc"_a, "decision_provider"_a = py::none());
  m.def("trace_from_json",
        [](const std::string& text) { return Trace::from_json(parse_json(text)); });
  m.def("apply_json_to_schedule", [](const std::string& text, Schedule& sch) {
    apply_json_to_schedule(parse_json(text), sch);
  });
}

template <class RV>
void bind_handle(py::module_& m, const char* name, const char* doc) {
  py::class_<RV>(m, name, doc)
      .def("__eq__",
           [](const RV& a, py::object b) { return py::isinstance<RV>(b) && a == py::cast<RV>(b); })
      .def("__hash__", [](const RV& rv) { return (uint64_t{rv.stamp} << 24) ^ rv.index; })
      .def("__repr__", [name](const RV& rv) { return fmt::format("{}({})", name, rv.index); });
}

}  // namespace

void bind_schedule(py::module_& m) {
  bind_handle<BlockRV>(m, "BlockRV", "Names a block of a schedule.");
  bind_handle<LoopRV>(m, "LoopRV", "Names a loop of a schedule.");
  bind_traces(m);
  py::class_<Schedule, py::smart_holder>(m, "Schedule", "A program and what was done to it.")
      .def(py::init([](const Ref<Node>& mod, int64_t seed, int debug_mask, int level, bool check,
                       bool traced) {
        ModuleRef module = as_ref<IRModule>(mod);
        if (const PrimFunc* func = as<PrimFunc>(mod))
          module = make<IRModule>(NodePairs{{make<GlobalVar>("main"), PrimFuncRef(func)}});
        metaschedule::check<TypeError>(static_cast<bool>(module),
                                       "Schedule: expected a PrimFunc or an IRModule");
        ScheduleOptions options{debug_mask, static_cast<ErrorLevel>(level), check, traced};
        return std::make_shared<Schedule>(module, seed, options);
      }))
      .def_property_readonly("mod", &Schedule::mod)
      .def_property_readonly("trace",
                             [](const Schedule& s) -> std::optional<Trace> {
                               if (!s.options.traced) return std::nullopt;
                               return s.trace();
                             })
      .def_property_readonly("func_working_on",
                             [](const Schedule& s) -> Ref<GlobalVar> {
                               if (s.func_working_on.empty()) return nullptr;
                               return s.mod()->global_var(s.func_working_on);
                             })
      .def("work_on", &Schedule::work_on, "func_name"_a)
      .def("copy", [](Schedule& s) { return std::make_shared<Schedule>(s.copy()); })
      .def("seed", &Schedule::seed, "seed"_a)
      .def("fork_seed", &Schedule::fork_seed)
      .def(
          "can_decompose_padding",
          [](const Schedule& s, BlockRV block, LoopRV loop) {
            return s.can_decompose_padding(block, loop);
          },
          "block"_a, "loop"_a, "Whether decompose_padding would not refuse. Records nothing.")
      .def("_get_block", [](const Schedule& s, BlockRV rv) { return BlockRef(s.get(rv)); })
      .def("_get_loop", [](const Schedule& s, LoopRV rv) { return Ref<For>(s.get(rv)); })
      .def("_get_expr", [](const Schedule& s, const Expr& e) { return s.get(e); })
      .def("remove_rv", [](Schedule& s, BlockRV rv) { s.remove_rv(rv); })
      .def("remove_rv", [](Schedule& s, LoopRV rv) { s.remove_rv(rv); })
      .def("remove_rv", [](Schedule& s, const Expr& e) { s.remove_rv(e); });
  m.def("invoke", &invoke);
  m.def("primitive_table", &primitive_table);
  m.def("make_tensor_intrin", &make_tensor_intrin);
  m.def("register_tensor_intrin", &register_tensor_intrin);
  m.def("find_tensor_intrin", &find_tensor_intrin);
  m.def("get_tensor_intrin", &get_tensor_intrin);
  m.def("tensor_intrin_names", &tensor_intrin_names);
  m.def("register_metal_intrins", &register_metal_intrins);
  m.def("rvv_intrins", &rvv_intrins);
  m.def("register_rvv_intrins", &register_rvv_intrins);
  m.def("sme_transpose_intrin", &sme_transpose_intrin);
  m.def("sme_gemm_intrin", &sme_gemm_intrin);
}

}  // namespace metaschedule::bindings
