// SPDX-License-Identifier: Apache-2.0
// Traces and their instructions. An instruction is a value of its own, made from a step when asked
// for; its stamp says which step of which traces it is.
#include "metaschedule/schedule/trace_code.h"
#include "metaschedule/support/json.h"
#include "schedule.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

struct InstructionKind {
  Opcode opcode = kUnknownOpcode;
  std::string name;

  static InstructionKind get(const std::string& name) {
    Opcode opcode = find_primitive(name);
    check<InternalError>(opcode != kUnknownOpcode,
                         "AttributeError: Instruction kind {} is not registered", name);
    return {opcode, primitives()[opcode].kind};
  }
  bool is_pure() const { return opcode != kUnknownOpcode && primitives()[opcode].pure; }
  friend bool operator==(const InstructionKind&, const InstructionKind&) = default;
};

struct PyInstruction {
  InstructionKind kind;
  py::object inputs, attrs, outputs;  // Arrays
  uint32_t stamp;
};

/// Python values as operands of the next step of a trace.
class StepWriter {
 public:
  explicit StepWriter(const Trace& trace) : trace_(trace) {}
  std::vector<Operand> operands;

  void write_step(const PyInstruction& inst) {
    auto inputs = py::reinterpret_borrow<py::tuple>(inst.inputs);
    auto attrs = py::reinterpret_borrow<py::tuple>(inst.attrs);
    if (inst.kind.opcode == kUnknownOpcode) {
      operands.push_back(Operand::of_string(inst.kind.name));
      write(inputs);
      write(attrs);
      return;
    }
    size_t input = 0, attr = 0;
    auto next = [&](const py::tuple& list, size_t& at, const char* what) -> py::object {
      check<ValueError>(at < list.size(), "Incorrect {} for instruction: {}: found only {}", what,
                        inst.kind.name, list.size());
      return list[at++];
    };
    for (const PrimitiveArg& arg : primitives()[inst.kind.opcode].args) {
      if (arg.is(kSpread)) {
        operands.push_back(Operand::of_list(inputs.size() - input));
        while (input < inputs.size()) write(inputs[input++]);
        continue;
      }
      auto value = [&] {
        return arg.is(kInput) ? next(inputs, input, "kNumInputs") : next(attrs, attr, "kNumAttrs");
      };
      if (arg.type == ArgType::Bool) {
        operands.push_back(Operand::of_int(static_cast<bool>(PyObject_IsTrue(value().ptr()))));
      } else {
        write(value());
      }
      if (arg.type == ArgType::Buffer) write(value());
    }
    check<ValueError>(input == inputs.size(), "Incorrect kNumInputs for instruction: {}: found {}",
                      inst.kind.name, inputs.size());
    check<ValueError>(attr == attrs.size(), "Incorrect kNumAttrs for instruction: {}: found {}",
                      inst.kind.name, attrs.size());
  }

 private:
  void write(py::handle value) {
    if (py::isinstance<BlockRV>(value)) return rv(Operand::Tag::Block, py::cast<BlockRV>(value));
    if (py::isinstance<LoopRV>(value)) return rv(Operand::Tag::Loop, py::cast<LoopRV>(value));
    const bool is_list = py::isinstance<py::sequence>(value) && !PyUnicode_Check(value.ptr());
    if (is_list) {
      auto list = py::reinterpret_borrow<py::sequence>(value);
      operands.push_back(Operand::of_list(list.size()));
      for (py::handle item : list) write(item);
      return;
    }
    Ref<Node> node = to_node(value);
    if (const Var* var = as<Var>(node)) {
      if (auto number = number_of(var)) {
        operands.push_back(Operand::rv(Operand::Tag::Number, *number));
      } else {
        operands.push_back(Operand::undefined_rv(Operand::Tag::Number, 0, node));
      }
      return;
    }
    static const ScheduleState nothing{nullptr, 1, {}};
    if (node && is_expr_kind(node->kind) && !as<IntImm>(node) && !as<FloatImm>(node)) {
      operands.push_back(Operand::of_node(Operand::Tag::Node, std::move(node)));
      return;
    }
    OperandWriter(nothing, operands).write_value(node);
  }
  void rv(Operand::Tag tag, Handle handle) {
    const TraceSteps& steps = trace_.steps();
    for (size_t n = trace_.num_outputs(); n-- > 0;)
      if (steps.stamps[n] == handle.stamp) {
        operands.push_back(Operand::rv(tag, static_cast<int64_t>(n)));
        return;
      }
    operands.push_back(Operand::undefined_rv(tag, handle.stamp));
  }
  std::optional<int64_t> number_of(const Var* var) const {
    const auto& variables = trace_.steps().variables;
    for (size_t n = 0; n < std::min(variables.size(), trace_.num_outputs()); ++n)
      if (variables[n].get() == var) return static_cast<int64_t>(n);
    return std::nullopt;
  }
  const Trace& trace_;
};

void append(Trace& trace, const PyInstruction& inst, const py::object& decision) {
  StepWriter writer(trace);
  writer.write_step(inst);
  std::vector<Operand::Tag> tags;
  std::vector<uint32_t> stamps;
  std::vector<VarRef> variables;
  for (py::handle output : py::reinterpret_borrow<py::tuple>(inst.outputs)) {
    VarRef variable = as_ref<Var>(Ref<Node>(node_of(output)));
    uint32_t stamp = 0;
    if (py::isinstance<BlockRV>(output)) {
      tags.push_back(Operand::Tag::Block);
      stamp = py::cast<BlockRV>(output).stamp;
    } else if (py::isinstance<LoopRV>(output)) {
      tags.push_back(Operand::Tag::Loop);
      stamp = py::cast<LoopRV>(output).stamp;
    } else {
      check<TypeError>(variable || output.is_none(),
                       "{}: expected BlockRV, LoopRV, a variable or None as outputs, found {}",
                       inst.kind.name, std::string(py::str(py::type::handle_of(output))));
      tags.push_back(variable ? Operand::Tag::Number : Operand::Tag::None);
      stamp = detail::next_stamp();
    }
    const TraceSteps& steps = trace.steps();
    for (size_t n = 0; n < trace.num_outputs(); ++n) {
      bool same = stamp == steps.stamps[n] ||
                  (variable && n < steps.variables.size() && steps.variables[n].same_as(variable));
      check<ValueError>(!same, "{}: an output has been produced once already, by a step above",
                        inst.kind.name);
    }
    stamps.push_back(stamp);
    variables.push_back(variable);
  }
  std::optional<Decision> chosen = decision_of(decision);
  bool decides = inst.kind.opcode == kUnknownOpcode || primitives()[inst.kind.opcode].has_decision;
  check<ValueError>(!chosen || decides, "{} has no decision", inst.kind.name);
  trace.append(inst.kind.opcode, writer.operands, tags, chosen ? &*chosen : nullptr, variables,
               stamps, inst.stamp);
}

py::object output_at(const TraceSteps& steps, size_t n) {
  const Handle handle{static_cast<uint32_t>(n), steps.stamps[n]};
  switch (steps.outputs[n]) {
    case Operand::Tag::Block:
      return py::cast(BlockRV{handle});
    case Operand::Tag::Loop:
      return py::cast(LoopRV{handle});
    case Operand::Tag::Number:
      return py::cast(steps.variables[n]);
    default:
      return py::none();
  }
}
py::object undefined_rv(const Operand& operand) {
  const Handle handle{UINT32_MAX, operand.undefined_stamp()};
  if (operand.tag == Operand::Tag::Block) return py::cast(BlockRV{handle});
  if (operand.tag == Operand::Tag::Loop) return py::cast(LoopRV{handle});
  return to_python(operand.node);
}

/// Step `i` of a trace whose numbers have their variables.
PyInstruction step_at(const Trace& trace, size_t i) {
  const Instruction& inst = trace[i];
  const TraceSteps& steps = trace.steps();
  auto [inputs, attrs] =
      step_arguments(inst.opcode, steps.begin(inst), steps.end(inst), [&](const Operand& operand) {
        return operand.is_undefined() ? undefined_rv(operand)
                                      : output_at(steps, static_cast<size_t>(operand.integer));
      });
  py::tuple outputs(inst.num_outputs);
  for (size_t n = 0; n < inst.num_outputs; ++n)
    outputs[n] = output_at(steps, inst.first_output + n);
  return {{inst.opcode, trace.kind(i)}, inputs, attrs, to_array(outputs), inst.stamp};
}

std::optional<size_t> find_step(const Trace& trace, const PyInstruction& inst) {
  for (size_t i = 0; i < trace.size(); ++i)
    if (trace[i].stamp == inst.stamp) return i;
  return std::nullopt;
}

/// One line as in a trace, with nothing to tell random variables apart by. Strings among the
/// attributes stand without quotes, as in the original.
std::string text_of(const PyInstruction& inst) {
  Trace trace;
  StepWriter writer(trace);
  writer.write_step(inst);
  std::vector<Operand::Tag> nameless(writer.operands.size(), Operand::Tag::None);
  int64_t next = 0;
  for (Operand& operand : writer.operands)
    if (operand.is_rv()) operand = Operand::rv(operand.tag, next++);
  if (inst.kind.opcode != kUnknownOpcode) {
    const Operand* at = writer.operands.data();
    for (const PrimitiveArg& arg : primitives()[inst.kind.opcode].args) {
      bool is_attr = !arg.is(kInput) && at->tag == Operand::Tag::String;
      if (is_attr) const_cast<Operand*>(at)->tag = Operand::Tag::Node;
      at = next_operand(at);
      if (arg.type == ArgType::Buffer) ++at;
    }
  }
  trace.append(enter_postproc_opcode(), {}, nameless, nullptr);
  std::vector<Operand::Tag> outputs(py::len(inst.outputs), Operand::Tag::None);
  trace.append(inst.kind.opcode, writer.operands, outputs, nullptr);
  return trace.as_python()[1];
}

void bind_instructions(py::module_& m) {
  py::class_<InstructionKind>(m, "InstructionKind", "What a step of a trace does.")
      .def_static("get", &InstructionKind::get, "name"_a,
                  "The kind of this name. InternalError when there is none.")
      .def_readonly("name", &InstructionKind::name)
      .def_property_readonly("is_pure", &InstructionKind::is_pure,
                             "Whether it leaves the program as it is.")
      .def("same_as", [](const InstructionKind& a, const InstructionKind& b) { return a == b; })
      .def("__eq__",
           [](const InstructionKind& a, py::handle b) {
             return py::isinstance<InstructionKind>(b) && a == py::cast<const InstructionKind&>(b);
           })
      .def("__hash__",
           [](const InstructionKind& kind) { return std::hash<std::string>()(kind.name); })
      .def("__repr__", [](const InstructionKind& kind) {
        return fmt::format("InstructionKind({})", kind.name);
      });
  auto array = [](const py::object& items) {
    return to_array(items.is_none() ? py::tuple() : py::tuple(items));
  };
  py::class_<PyInstruction>(m, "Instruction",
                            "One step of a trace. Two are equal when they are the same step; "
                            "traces made from each other share steps.")
      .def(py::init([array](const InstructionKind& kind, const py::object& inputs,
                            const py::object& attrs, const py::object& outputs) {
             return PyInstruction{kind, array(inputs), array(attrs), array(outputs),
                                  detail::next_stamp()};
           }),
           "kind"_a, "inputs"_a, "attrs"_a, "outputs"_a)
      .def_readonly("kind", &PyInstruction::kind)
      .def_readonly("inputs", &PyInstruction::inputs)
      .def_readonly("attrs", &PyInstruction::attrs)
      .def_readonly("outputs", &PyInstruction::outputs)
      .def("same_as",
           [](const PyInstruction& a, py::handle b) {
             return py::isinstance<PyInstruction>(b) &&
                    a.stamp == py::cast<const PyInstruction&>(b).stamp;
           })
      .def("__eq__",
           [](const PyInstruction& a, py::handle b) {
             return py::isinstance<PyInstruction>(b) &&
                    a.stamp == py::cast<const PyInstruction&>(b).stamp;
           })
      .def("__hash__", [](const PyInstruction& inst) { return inst.stamp; })
      .def("__repr__", &text_of);
}

void apply_to_schedule(const Trace& trace, Schedule& sch, bool remove_postproc,
                       const py::object& provider) {
  Trace::DecisionProvider choose;
  if (!provider.is_none()) {
    choose = [&](size_t i, const std::vector<Operand>& operands, const std::optional<Decision>& d) {
      auto rv = [&](const Operand& operand) -> py::object {
        auto index = static_cast<uint32_t>(operand.integer);
        if (operand.tag == Operand::Tag::Block) return py::cast(BlockRV{sch.handle(index)});
        if (operand.tag == Operand::Tag::Loop) return py::cast(LoopRV{sch.handle(index)});
        return py::cast(sch.number(index));
      };
      auto [inputs, attrs] =
          step_arguments(trace[i].opcode, operands.data(), operands.data() + operands.size(), rv);
      return decision_of(provider(step_at(trace, i), inputs, attrs, to_python(d)));
    };
  }
  trace.apply_to_schedule(sch, remove_postproc, choose);
}

}  // namespace

void bind_traces(py::module_& m) {
  bind_instructions(m);
  py::class_<Trace>(m, "Trace", "The steps that made a schedule, and what sampling chose.")
      .def(py::init([](const py::object& insts, const py::object& decisions) {
             Trace trace;
             if (insts.is_none()) return trace;
             for (py::handle item : py::iter(insts)) {
               py::object choice = py::none();
               if (!decisions.is_none()) choice = decisions.attr("get")(item);
               append(trace, py::cast<const PyInstruction&>(item), choice);
             }
             return trace;
           }),
           "insts"_a = py::none(), "decisions"_a = py::none())
      .def("__len__", &Trace::size)
      .def_property_readonly("insts",
                             [](Trace& t) {
                               t.name_numbers();
                               py::tuple out(t.size());
                               for (size_t i = 0; i < t.size(); ++i)
                                 out[i] = py::cast(step_at(t, i));
                               return to_array(out);
                             })
      .def_property_readonly(
          "decisions",
          [](Trace& t) {
            t.name_numbers();
            py::dict out;
            for (size_t i = 0; i < t.size(); ++i)
              if (t.has_decision(i)) out[py::cast(step_at(t, i))] = to_python(t.decision(i));
            return out;
          },
          "What the steps that sample chose, by step.")
      .def(
          "get_decision",
          [](const Trace& t, const PyInstruction& inst) -> py::object {
            auto step = find_step(t, inst);
            return step ? to_python(t.decision(*step)) : py::none();
          },
          "inst"_a, "What the step chose; None where nothing is recorded.")
      .def("append", &append, "inst"_a, "decision"_a = py::none(), "Adds a step.")
      .def(
          "pop",
          [](Trace& t) -> py::object {
            if (t.empty()) return py::none();
            t.name_numbers();
            py::object last = py::cast(step_at(t, t.size() - 1));
            t.pop();
            return last;
          },
          "Removes the last step and returns it; None when there is none.")
      .def(
          "with_decision",
          [](const Trace& t, const PyInstruction& inst, const py::object& decision,
             bool remove_postproc) {
            auto chosen = decision_of(decision);
            check<ValueError>(chosen.has_value(), "with_decision: expected a decision, found None");
            auto step = find_step(t, inst);
            check<ValueError>(step.has_value(),
                              "with_decision: the instruction is no step of this trace: {}",
                              text_of(inst));
            return t.with_decision(*step, *chosen, remove_postproc);
          },
          "inst"_a, "decision"_a, "remove_postproc"_a,
          "The same steps with one decision replaced, without the postprocessing if asked.")
      .def("simplified", &Trace::simplified, "remove_postproc"_a,
           "Without pure steps whose outputs no later step uses.")
      .def("without_postproc", &Trace::without_postproc, "The steps before the postprocessing.")
      .def("without_decisions", &Trace::without_decisions,
           "The same steps with everything still to be decided.")
      .def("_as_json",
           [](const Trace& t, bool remove, bool later) {
             return dump_json(
                 t.as_json(remove, later ? ScriptDialect::SBlock : ScriptDialect::Block));
           })
      .def("as_python", &Trace::as_python, "remove_postproc"_a = false,
           "The steps as lines of Python.")
      .def("python_function", &python_function, "name"_a = "apply_schedule",
           "The text of a Python module with a function `name(sch)` that takes these steps, with "
           "the decisions written down. Raises ValueError for steps of unknown kinds.")
      .def("cpp_function", &cpp_function, "name"_a = "apply_schedule",
           "The same as C++: `void name(metaschedule::Schedule& sch)`.")
      .def("__str__", &Trace::to_string)
      .def("__repr__", &Trace::to_string)
      .def(
          "apply_to_schedule",
          [](Trace& t, Schedule& sch, bool remove_postproc, const py::object& provider) {
            if (!provider.is_none()) t.name_numbers();
            apply_to_schedule(t, sch, remove_postproc, provider);
          },
          "sch"_a, "remove_postproc"_a, "decision_provider"_a = py::none(),
          "Runs the steps on a schedule. `decision_provider(inst, inputs, attrs, decision)` may "
          "give each another decision; inputs are those on `sch`.");
  m.def("trace_from_json",
        [](const std::string& text) { return Trace::from_json(parse_json(text)); });
  m.def("apply_json_to_schedule", [](const std::string& text, Schedule& sch) {
    apply_json_to_schedule(parse_json(text), sch);
  });
}

}  // namespace metaschedule::bindings
