// SPDX-License-Identifier: Apache-2.0
// Printing of expressions, literals, regions and attribute values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "metaschedule/ir/intrinsics.h"
#include "metaschedule/ir/structural.h"
#include "metaschedule/script/detail/print_marks-inl.h"
#include "metaschedule/script/detail/printer_state.h"

namespace metaschedule::script {

template <class L>
void Printer::list(const L& items, char open, char close, bool trailing_comma) {
  out_ += open;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i) out_ += ", ";
    expr(items[i]);
  }
  if (trailing_comma && items.size() == 1) out_ += ',';
  out_ += close;
}

METASCHEDULE_INLINE void Printer::string(std::string_view text) {
  out_ += '"';
  for (char c : text) {
    switch (c) {
      case '"':
        out_ += "\\\"";
        break;
      case '\\':
        out_ += "\\\\";
        break;
      case '\t':
        out_ += "\\t";
        break;
      case '\n':
        out_ += "\\n";
        break;
      case '\r':
        out_ += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
          out_ += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          out_ += c;
        }
    }
  }
  out_ += '"';
}

METASCHEDULE_INLINE void Printer::int_imm(const IntImm& imm) {
  if (imm.dtype == int_dtype_) {
    fmt::format_to(std::back_inserter(out_), "{}", imm.value);
  } else if (imm.dtype.is_bool()) {
    out_ += t_;
    out_ += imm.value ? "bool(True)" : "bool(False)";
  } else {
    dtype_call(imm.dtype);
    fmt::format_to(std::back_inserter(out_), "({})", imm.value);
  }
}

METASCHEDULE_INLINE void Printer::float_imm(const FloatImm& imm) {
  bool bare = imm.dtype == float_dtype_;
  if (!bare) dtype_call(imm.dtype), out_ += '(';
  double v = imm.value;
  if (std::isnan(v)) {
    out_ += "\"nan\"";
  } else if (std::isinf(v)) {
    out_ += v > 0 ? "\"inf\"" : "\"-inf\"";
  } else if (v == std::floor(v)) {
    char buffer[400];
    std::snprintf(buffer, sizeof buffer, "%.1f", v);
    out_ += buffer;
  } else {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.17g", v);
    out_ += buffer;
  }
  if (!bare) out_ += ')';
}

METASCHEDULE_INLINE void Printer::dtype_call(DType dtype) {
  out_ += t_;
  out_ += metaschedule::to_string(dtype);
}

METASCHEDULE_INLINE void Printer::var(const Var& v) {
  if (const std::string* name = find_name(&v)) {
    out_ += *name;
    return;
  }
  // Nothing has defined it so far: note that, and go on under a name that serves.
  lacks_definition_ = true;
  out_ += define(v, v.name);
}

METASCHEDULE_INLINE void Printer::defined_name(const Buffer& buffer) {
  Marked marked(*this, buffer, Remark::AtEnd);
  out_ += *find_name(&buffer);
}

METASCHEDULE_INLINE void Printer::buffer_name(const Buffer& buffer) {
  Marked marked(*this, buffer, Remark::None);
  if (const std::string* name = find_name(&buffer)) {
    out_ += *name;
    return;
  }
  lacks_definition_ = true;
  define_buffer(buffer);
  out_ += *find_name(&buffer);
}

METASCHEDULE_INLINE void Printer::expr(const Expr& e, Precedence context) {
  if (e) {
    expr(*e, context);
  } else {
    out_ += "None";
  }
}

METASCHEDULE_INLINE void Printer::function_form(const BinaryExpr& e, const char* name) {
  out_ += t_;
  out_ += name;
  out_ += '(';
  expr(e.a);
  out_ += ", ";
  expr(e.b);
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::infix(const BinaryExpr& e, const char* op, Precedence level,
                                        Precedence context) {
  bool brackets = level < context;
  if (brackets) out_ += '(';
  // Comparisons do not chain: both of their sides are bracketed when they are comparisons.
  auto next = static_cast<Precedence>(level + 1);
  expr(e.a, level == kComparison ? next : level);
  out_ += op;
  expr(e.b, next);
  if (brackets) out_ += ')';
}

namespace detail {
/// True when the operator of the text would give something else than the node.
inline bool would_fold(const BinaryExpr& e) {
  bool divides = e.kind == Kind::Div || e.kind == Kind::FloorDiv || e.kind == Kind::FloorMod ||
                 e.kind == Kind::Mod;
  if (divides && is_zero(e.b)) return true;
  if (const FloatImm* zero = as<FloatImm>(e.b); divides && zero && zero->value == 0) return true;
  const Node *a = e.a.get(), *b = e.b.get();
  auto constant = [](const Node* x) {
    return x->kind == Kind::IntImm || x->kind == Kind::FloatImm;
  };
  if (!constant(a) && !constant(b) && e.kind != Kind::Min && e.kind != Kind::Max) return false;
  return static_cast<bool>(fold_binary(e.kind, e.a, e.b));
}

/// The same for a call: its builtin would fold the constants among the operands.
inline bool would_fold(std::string_view name, const Call& c) {
  auto constant = [&](size_t i) { return i < c.args.size() && as<IntImm>(c.args[i]); };
  if (name == "if_then_else" || name == "likely") return constant(0);
  if (name.starts_with("shift_")) return constant(1) && (constant(0) || is_zero(c.args[1]));
  if (name.starts_with("bitwise_")) return constant(0) && constant(1);
  if (name == "isnan") {
    return !c.args[0]->dtype.is_floating() || c.args[0]->dtype == DType::float_(16);
  }
  bool rounds = name == "floor" || name == "ceil" || name == "trunc" || name == "round" ||
                name == "nearbyint";
  return rounds && (as<FloatImm>(c.args[0]) || c.args[0]->dtype.is_integral());
}
}  // namespace detail

METASCHEDULE_INLINE void Printer::binary(const BinaryExpr& e, Precedence context) {
  bool folds = detail::would_fold(e);
  bool integers = e.a->dtype.is_integral();
  switch (e.kind) {
    case Kind::Min:
      return function_form(e, folds ? "Min" : "min");
    case Kind::Max:
      return function_form(e, folds ? "Max" : "max");
    case Kind::Mod:
      return function_form(e, folds ? "Mod" : "truncmod");
    case Kind::Div:
      if (folds || e.a->dtype.is_int()) return function_form(e, "Div");
      return infix(e, " / ", kProduct, context);
    default:
      break;
  }
  if (folds) return function_form(e, std::string(kind_name(e.kind)).c_str());
  // Operators on bools would match types or fold bits in their own way.
  bool arithmetic = e.kind >= Kind::Add && e.kind <= Kind::FloorMod;
  if (arithmetic && !integers && (e.kind == Kind::FloorDiv || e.kind == Kind::FloorMod)) {
    return function_form(e, std::string(kind_name(e.kind)).c_str());
  }
  switch (e.kind) {
    case Kind::Add:
      return infix(e, " + ", kSum, context);
    case Kind::Sub:
      return infix(e, " - ", kSum, context);
    case Kind::Mul:
      return infix(e, " * ", kProduct, context);
    case Kind::FloorDiv:
      return infix(e, " // ", kProduct, context);
    case Kind::FloorMod:
      return infix(e, " % ", kProduct, context);
    case Kind::EQ:
      return infix(e, " == ", kComparison, context);
    case Kind::NE:
      return infix(e, " != ", kComparison, context);
    case Kind::LT:
      return infix(e, " < ", kComparison, context);
    case Kind::LE:
      return infix(e, " <= ", kComparison, context);
    case Kind::GT:
      return infix(e, " > ", kComparison, context);
    case Kind::GE:
      return infix(e, " >= ", kComparison, context);
    case Kind::And:
      if (e.dtype.is_vector()) return function_form(e, "And");
      return infix(e, " and ", kPrecAnd, context);
    case Kind::Or:
      if (e.dtype.is_vector()) return function_form(e, "Or");
      return infix(e, " or ", kPrecOr, context);
    default:
      fail<InternalError>("Printer::binary: {}", kind_name(e.kind));
  }
}

METASCHEDULE_INLINE void Printer::expr(const Node& node, Precedence context) {
  Marked marked(*this, node, Remark::AtEnd);
  switch (node.kind) {
    case Kind::Var:
    case Kind::SizeVar:
      return var(static_cast<const Var&>(node));
    case Kind::IntImm:
      return int_imm(static_cast<const IntImm&>(node));
    case Kind::FloatImm:
      return float_imm(static_cast<const FloatImm&>(node));
    case Kind::StringImm:
      return string(static_cast<const StringImm&>(node).value);
    case Kind::Cast: {
      const auto& c = static_cast<const Cast&>(node);
      out_ += t_ + "Cast(\"" + metaschedule::to_string(c.dtype) + "\", ";
      expr(c.value);
      out_ += ')';
      return;
    }
    case Kind::Not: {
      const auto& n = static_cast<const Not&>(node);
      bool plain = !n.dtype.is_vector();
      if (!plain) {
        out_ += t_ + "Not(";
        expr(n.a);
        out_ += ')';
        return;
      }
      if (context > kPrecNot) out_ += '(';
      out_ += "not ";
      expr(n.a, kPrecNot);
      if (context > kPrecNot) out_ += ')';
      return;
    }
    case Kind::Select: {
      const auto& s = static_cast<const Select&>(node);
      out_ += t_ + "Select(";
      expr(s.condition);
      out_ += ", ";
      expr(s.true_value);
      out_ += ", ";
      expr(s.false_value);
      out_ += ')';
      return;
    }
    case Kind::BufferLoad:
      return load(static_cast<const BufferLoad&>(node));
    case Kind::Ramp: {
      const auto& r = static_cast<const Ramp&>(node);
      out_ += t_ + "Ramp(";
      expr(r.base);
      out_ += ", ";
      expr(r.stride);
      out_ += ", ";
      expr(r.lanes);
      out_ += ')';
      return;
    }
    case Kind::Broadcast: {
      const auto& b = static_cast<const Broadcast&>(node);
      out_ += t_ + "Broadcast(";
      expr(b.value);
      out_ += ", ";
      expr(b.lanes);
      out_ += ')';
      return;
    }
    case Kind::Let: {
      const auto& l = static_cast<const Let&>(node);
      out_ += t_ + "Let(";
      expr(l.body);
      out_ += ", where={";
      var(*l.var);
      out_ += ": ";
      expr(l.value);
      out_ += "})";
      return;
    }
    case Kind::Call:
      return call(static_cast<const Call&>(node));
    case Kind::Shuffle: {
      const auto& s = static_cast<const Shuffle&>(node);
      out_ += t_ + "Shuffle(";
      list(s.vectors, '[', ']');
      out_ += ", ";
      list(s.indices, '[', ']');
      out_ += ')';
      return;
    }
    case Kind::ProducerLoad: {
      const auto& l = static_cast<const ProducerLoad&>(node);
      const Tensor* tensor = as<Tensor>(l.producer);
      const ComputeOp* compute = tensor ? as<ComputeOp>(tensor->op) : nullptr;
      const PlaceholderOp* input = tensor ? as<PlaceholderOp>(tensor->op) : nullptr;
      out_ += compute ? compute->name : input ? input->name : "tensor";
      return indices(l.indices);
    }
    case Kind::Reduce:
      return reduce(static_cast<const Reduce&>(node));
    case Kind::AnyExpr:
      out_ += t_ + "Any()";
      return;
    default:
      if (is_binary_kind(node.kind)) return binary(static_cast<const BinaryExpr&>(node), context);
      return value(&node);
  }
}

METASCHEDULE_INLINE void Printer::call(const Call& c) {
  if (const GlobalVar* callee = as<GlobalVar>(c.op)) {
    if (module_) out_ += module_name_ + ".";
    out_ += callee->name_hint;
    list(c.args, '(', ')');
    return;
  }
  const Op& op = *as<Op>(c.op);
  using DTypeArg = Op::DTypeArg;
  bool spelled = !op.script_name.empty();
  // A call whose type cannot be told from its operands is written with its type.
  std::string_view bare_name = std::string_view(op.name).substr(4);
  bool derived = op.dtype_arg == DTypeArg::None;
  bool regular = (!derived || intrinsic_dtype(bare_name, c.args) == c.dtype) &&
                 !detail::would_fold(bare_name, c);
  if (!spelled || !regular) {
    out_ += t_ + "call_intrin(\"" + metaschedule::to_string(c.dtype) + "\", ";
    string(op.name);
    for (const Expr& arg : c.args) {
      out_ += ", ";
      expr(arg);
    }
    out_ += ')';
    return;
  }
  out_ += t_;
  out_ += op.script_name;
  out_ += '(';
  bool comma = false;
  auto separate = [&] {
    if (std::exchange(comma, true)) out_ += ", ";
  };
  if (op.dtype_arg == DTypeArg::First) {
    separate();
    out_ += '"' + metaschedule::to_string(c.dtype) + '"';
  }
  for (const Expr& arg : c.args) {
    separate();
    expr(arg);
  }
  if (op.dtype_arg == DTypeArg::Last) {
    separate();
    out_ += '"' + metaschedule::to_string(c.dtype) + '"';
  }
  out_ += ')';
}

METASCHEDULE_INLINE void Printer::load(const BufferLoad& l) {
  buffer_name(*l.buffer);
  if (l.predicate) {
    out_ += ".vload(";
    list(l.indices, '[', ']');
    out_ += ", predicate=";
    expr(l.predicate);
    out_ += ')';
    return;
  }
  indices(l.indices);
}

METASCHEDULE_INLINE void Printer::index(const Expr& e) {
  const Ramp* ramp = as<Ramp>(e);
  const IntImm* stride = ramp ? as<IntImm>(ramp->stride) : nullptr;
  if (!stride || !as<IntImm>(ramp->lanes) || stride->value == 0) return expr(e);
  expr(ramp->base);
  out_ += ':';
  Expr length =
      metaschedule::int_imm(ramp->base->dtype, stride->value * as<IntImm>(ramp->lanes)->value);
  expr(ramp->base + length);
  if (stride->value != 1) fmt::format_to(std::back_inserter(out_), ":{}", stride->value);
}

METASCHEDULE_INLINE void Printer::indices(const Exprs& list) {
  out_ += '[';
  if (list.empty()) out_ += "()";
  for (size_t i = 0; i < list.size(); ++i) {
    if (i) out_ += ", ";
    index(list[i]);
  }
  out_ += ']';
}

METASCHEDULE_INLINE void Printer::region(const BufferRegion& r) {
  buffer_name(*r.buffer);
  out_ += '[';
  if (r.region.empty()) out_ += "()";
  for (size_t i = 0; i < r.region.size(); ++i) {
    if (i) out_ += ", ";
    const Range& range = *r.region[i];
    if (is_one(range.extent)) {
      expr(range.min);
    } else {
      expr(range.min);
      out_ += ':';
      expr(range.min + range.extent);
    }
  }
  out_ += ']';
}

}  // namespace metaschedule::script
