// SPDX-License-Identifier: Apache-2.0
// Schedules and handles. Primitives are called through their run-time description: a new
// one needs nothing here.
#include "call_writer.h"

#include "metaschedule/schedule/tensor_intrin.h"

namespace metaschedule::bindings {

using namespace py::literals;

std::optional<Decision> decision_of(py::handle value) {
  if (value.is_none()) return std::nullopt;
  if (py::isinstance<py::sequence>(value)) {
    std::vector<int64_t> out;
    for (py::handle item : py::reinterpret_borrow<py::sequence>(value))
      out.push_back(cast_to<IntImm>(*to_expr(item)).value);
    return Decision(std::move(out));
  }
  const Expr number = to_expr(value);
  const IntImm* imm = as<IntImm>(number);
  check<TypeError>(imm, "decision: expected an int or a list of ints");
  return Decision(imm->value);
}

py::object to_python(const std::optional<Decision>& decision) {
  if (!decision) return py::none();
  return std::visit([](const auto& d) -> py::object { return py::cast(d); }, *decision);
}

std::shared_ptr<Schedule> make_schedule(const Ref<Node>& mod, int64_t seed,
                                        const ScheduleOptions& options) {
  ModuleRef module = as_ref<IRModule>(mod);
  if (const PrimFunc* func = as<PrimFunc>(mod))
    module = make<IRModule>(NodePairs{{make<GlobalVar>("main"), PrimFuncRef(func)}});
  check<TypeError>(static_cast<bool>(module),
                   "Expected `mod` to be a PrimFunc or an IRModule, found {}",
                   mod ? type_key(mod->kind) : "None");
  return std::make_shared<Schedule>(module, seed, options);
}

namespace {

template <class RV>
RV rv_at(const Schedule& sch, uint32_t index) {
  RV rv;
  static_cast<Handle&>(rv) = sch.handle(index);
  return rv;
}

/// The handle at its place in the table, whatever became of what it names.
template <class RV>
RV known_handle(const Schedule& sch, const RV& rv) {
  Handle handle = sch.local(rv);
  bool known = handle.index < sch.table.size() && sch.table[handle.index].stamp == handle.stamp &&
               sch.table[handle.index].kind != TableEntry::Kind::Removed;
  check<IndexError>(known, "Cannot find the object in the symbol table: {}",
                    std::string(py::repr(py::cast(rv))));
  return RV{handle};
}

py::object invoke(Schedule& sch, Opcode opcode, const py::tuple& args, py::object decision) {
  const PrimitiveInfo& info = primitives().at(opcode);
  METASCHEDULE_CHECK(args.size() == info.args.size());
  if (std::any_of(args.begin(), args.end(),
                  [](py::handle arg) { return PyUnicode_Check(arg.ptr()); })) {
    CallWriter types(sch, info, /*types_only=*/true);
    for (size_t i = 0; i < args.size(); ++i) types.write(i, args[i]);
  }
  CallWriter writer(sch, info);
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

template <class RV>
void bind_handle(py::module_& m, const char* name, const char* doc) {
  // The stamp alone says which handle it is: traces that were cut give it another position.
  auto equal = [](const RV& a, py::handle b) {
    return py::isinstance<RV>(b) && a.stamp == py::cast<const RV&>(b).stamp;
  };
  py::class_<RV>(m, name, doc)
      .def(py::init([] {
             RV rv;
             rv.stamp = detail::next_stamp();
             return rv;
           }),
           "One that names nothing yet, for instructions of traces made by hand.")
      .def("__eq__", equal)
      .def("same_as", equal)
      .def("__hash__", [](const RV& rv) { return rv.stamp; })
      .def("__repr__",
           [name](const RV& rv) { return fmt::format("tir.{}({:#x})", name, rv.stamp); });
}

}  // namespace

void bind_handles(py::module_& m) {
  bind_handle<BlockRV>(m, "BlockRV", "Names a block of a schedule.");
  bind_handle<LoopRV>(m, "LoopRV", "Names a loop of a schedule.");
}

void bind_schedule(py::module_& m) {
  py::class_<Schedule, py::smart_holder>(m, "Schedule", "A program and what was done to it.")
      .def(py::init([](const Ref<Node>& mod, int64_t seed, int debug_mask, int level, bool check,
                       bool traced) {
        return make_schedule(mod, seed,
                             {debug_mask, static_cast<ErrorLevel>(level), check, traced});
      }))
      .def_property_readonly("mod", &Schedule::mod)
      .def_property_readonly("_debug_mask", [](const Schedule& s) { return s.options.debug_mask; })
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
      .def("_seed", &Schedule::seed, "seed"_a)
      .def("fork_seed", &Schedule::fork_seed)
      .def(
          "can_decompose_padding",
          [](const Schedule& s, BlockRV block, LoopRV loop) {
            return s.can_decompose_padding(local_handle(s, block), local_handle(s, loop));
          },
          "block"_a, "loop"_a, "Whether decompose_padding would not refuse. Records nothing.")
      .def("_get",
           [](const Schedule& s, BlockRV rv) { return BlockRef(s.get(local_handle(s, rv))); })
      .def("_get",
           [](const Schedule& s, LoopRV rv) { return Ref<For>(s.get(local_handle(s, rv))); })
      .def("_get", [](const Schedule& s, const Expr& e) { return s.get(e); })
      .def("_remove_rv", [](Schedule& s, BlockRV rv) { s.remove_rv(known_handle(s, rv)); })
      .def("_remove_rv", [](Schedule& s, LoopRV rv) { s.remove_rv(known_handle(s, rv)); })
      .def("_remove_rv", [](Schedule& s, const Expr& e) { s.remove_rv(e); });
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
