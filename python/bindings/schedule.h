// SPDX-License-Identifier: Apache-2.0
// Values of schedules and traces as Python sees them.
#pragma once

#include "bindings.h"
#include "metaschedule/schedule/schedule.h"

namespace metaschedule::bindings {

/// An int or a list of ints; nothing for None. Raises TypeError for all else.
std::optional<Decision> decision_of(py::handle value);
py::object to_python(const std::optional<Decision>& decision);

/// A PrimFunc becomes the function `main` of a module. Raises TypeError for all but modules.
std::shared_ptr<Schedule> make_schedule(const Ref<Node>& mod, int64_t seed,
                                        const ScheduleOptions& options);

/// The handle at its place in the table. Raises IndexError when it is of another schedule.
template <class RV>
RV local_handle(const Schedule& sch, RV rv) {
  constexpr bool is_block = std::is_same_v<RV, BlockRV>;
  constexpr auto kind = is_block ? TableEntry::Kind::Block : TableEntry::Kind::Loop;
  static_cast<Handle&>(rv) = sch.local(rv);
  bool known = rv.index < sch.table.size() && sch.table[rv.index].stamp == rv.stamp &&
               sch.table[rv.index].kind == kind;
  check<IndexError>(known, "Cannot find corresponding {}: {}", is_block ? "BlockRV" : "LoopRV",
                    std::string(py::repr(py::cast(rv))));
  return rv;
}

/// What an instruction is given, from `[begin, end)`: (inputs, attributes), each an Array.
/// `rv(operand)` is the Python value of a random variable.
template <class F>
std::pair<py::object, py::object> step_arguments(Opcode opcode, const Operand* begin,
                                                 const Operand* end, const F& rv) {
  py::list inputs, attrs;
  auto value = [&](auto&& self, const Operand*& at, bool as_bool) -> py::object {
    const Operand& operand = *at++;
    switch (operand.tag) {
      case Operand::Tag::None:
        return py::none();
      case Operand::Tag::Block:
      case Operand::Tag::Loop:
      case Operand::Tag::Number:
        return rv(operand);
      case Operand::Tag::Int:
        return as_bool ? py::object(py::bool_(operand.integer != 0)) : py::int_(operand.integer);
      case Operand::Tag::Float:
        return py::float_(operand.real);
      case Operand::Tag::Bool:
        return py::bool_(operand.integer != 0);
      case Operand::Tag::String:
      case Operand::Tag::Node:
        return to_python(operand.node);
      case Operand::Tag::List: {
        py::tuple out(static_cast<size_t>(operand.integer));
        for (size_t i = 0; i < out.size(); ++i) out[i] = self(self, at, as_bool);
        return to_array(out);
      }
    }
    return py::none();
  };
  const Operand* at = begin;
  if (opcode == kUnknownOpcode) {
    ++at;
    for (py::list* list : {&inputs, &attrs})
      for (py::handle item : py::reinterpret_borrow<py::tuple>(value(value, at, false)))
        list->append(item);
  } else {
    for (const PrimitiveArg& arg : primitives()[opcode].args) {
      py::list& list = arg.is(kInput) ? inputs : attrs;
      py::object first = value(value, at, arg.type == ArgType::Bool);
      if (arg.is(kSpread)) {
        for (py::handle item : py::reinterpret_borrow<py::tuple>(first)) list.append(item);
      } else {
        list.append(first);
      }
      if (arg.type == ArgType::Buffer) list.append(value(value, at, false));
    }
  }
  METASCHEDULE_CHECK(at == end);
  return {to_array(py::tuple(inputs)), to_array(py::tuple(attrs))};
}

}  // namespace metaschedule::bindings
