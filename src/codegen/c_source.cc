// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/codegen/c_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unordered_map>
#include <unordered_set>

#include "metaschedule/ir/float_format.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"
#include "metaschedule/lower/passes.h"

namespace metaschedule::codegen {
namespace {

/// Floats that C has no type for.
bool is_small(DType t) { return t.is_floating() && t.bits < 32; }
/// What the prelude needs to know of one: the widths of exponent and fraction, and whether there is
/// an infinity.
std::string small_args(DType t) {
  const FloatFormat f = *FloatFormat::of(t);
  return fmt::format("{}, {}, {}", f.exponent_bits(), f.fraction, f.has_infinity ? 1 : 0);
}

/// The type that a value has in an expression: small floats are float, bool is int.
std::string value_type(DType t) {
  if (is_small(t)) return "float";
  return t.is_bool() ? "int" : c_type(t);
}

const std::unordered_map<std::string_view, const char*>& math_functions() {
  static const std::unordered_map<std::string_view, const char*> table = {
      {"exp", "exp"},
      {"exp2", "exp2"},
      {"log", "log"},
      {"log2", "log2"},
      {"log10", "log10"},
      {"log1p", "log1p"},
      {"sqrt", "sqrt"},
      {"tanh", "tanh"},
      {"sinh", "sinh"},
      {"cosh", "cosh"},
      {"sin", "sin"},
      {"cos", "cos"},
      {"tan", "tan"},
      {"asin", "asin"},
      {"acos", "acos"},
      {"atan", "atan"},
      {"asinh", "asinh"},
      {"acosh", "acosh"},
      {"atanh", "atanh"},
      {"atan2", "atan2"},
      {"erf", "erf"},
      {"pow", "pow"},
      {"fmod", "fmod"},
      {"hypot", "hypot"},
      {"floor", "floor"},
      {"ceil", "ceil"},
      {"trunc", "trunc"},
      {"round", "round"},
      {"fabs", "fabs"},
      {"fma", "fma"},
      {"nearbyint", "nearbyint"},
      {"copysign", "copysign"},
      {"nextafter", "nextafter"},
      {"ldexp", "ldexp"}};
  return table;
}

class CWriter {
 public:
  explicit CWriter(const PrimFunc& func) : func_(func) {}

  std::string function(const std::string& symbol) {
    std::vector<std::string> params;
    std::vector<const Var*> sizes;
    for (const VarRef& param : func_.params) {
      BufferRef buffer = func_.buffer_of(param);
      if (!buffer) {
        check<BuildError>(!param->dtype.is_handle(),
                          "plain C: parameter {} is a handle that no buffer is bound to",
                          param->name);
        params.push_back(fmt::format("{} {}", c_type(param->dtype), name(param.get())));
        continue;
      }
      check<BuildError>(
          !buffer->has_strides() && (!buffer->elem_offset || is_zero(buffer->elem_offset)),
          "plain C: expected a compact tensor without offset for parameter {}", buffer->name);
      params.push_back(fmt::format("{}* {}", c_type(buffer->dtype), name(buffer->data.get())));
      for (const Expr& size : buffer->shape) {
        const Var* var = as<Var>(size);
        if (var && std::find(sizes.begin(), sizes.end(), var) == sizes.end()) sizes.push_back(var);
      }
    }
    for (const Var* var : sizes) params.push_back(fmt::format("int64_t {}", name(var)));
    indent_ = 1;
    statement(func_.body);
    return fmt::format("static int32_t {}({}) {{\n{}  return 0;\n}}\n", symbol,
                       params.empty() ? "void" : fmt::format("{}", fmt::join(params, ", ")), text_);
  }

 private:
  std::string name(const Var* var) {
    auto it = names_.find(var);
    if (it != names_.end()) return it->second;
    std::string out;
    for (char c : var->name) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    // A number at the end keeps it apart from all other names, the language's own included.
    out = fmt::format(
        "{}_{}", out.empty() || std::isdigit(static_cast<unsigned char>(out[0])) ? "v" + out : out,
        names_.size());
    return names_[var] = out;
  }
  void line(const std::string& text) {
    text_ += std::string(static_cast<size_t>(indent_) * 2, ' ') + text + "\n";
  }
  void block(const std::string& head, const Stmt& body) {
    line(head + " {");
    ++indent_;
    statement(body);
    --indent_;
    line("}");
  }
  [[noreturn]] static void refuse(std::string_view what) {
    fail<BuildError>(
        "plain C: there is no form of {}; give the program as it was before it was "
        "scheduled",
        what);
  }

  void statement(const Stmt& s) {
    switch (s->kind) {
      case Kind::SeqStmt:
        for (const Stmt& item : cast_to<SeqStmt>(*s).seq) statement(item);
        return;
      case Kind::For: {
        const For& loop = cast_to<For>(*s);
        if (loop.kind == ForKind::ThreadBinding) refuse("loops bound to threads");
        std::string var = name(loop.loop_var.get()), type = c_type(loop.loop_var->dtype);
        return block(
            fmt::format("for ({0} {1} = {2}, {1}_end = ({0})({2} + {3}); {1} < {1}_end; ++{1})",
                        type, var, expr(loop.min), expr(loop.extent)),
            loop.body);
      }
      case Kind::While:
        return block("while " + in_parentheses(cast_to<While>(*s).condition),
                     cast_to<While>(*s).body);
      case Kind::IfThenElse: {
        const IfThenElse& branch = cast_to<IfThenElse>(*s);
        block("if " + in_parentheses(branch.condition), branch.then_case);
        if (branch.else_case) block("else", branch.else_case);
        return;
      }
      case Kind::LetStmt: {
        const LetStmt& let = cast_to<LetStmt>(*s);
        if (let.var->dtype.is_handle()) refuse("pointers in let statements");
        line("{");
        ++indent_;
        line(fmt::format("const {} {} = {};", value_type(let.var->dtype), name(let.var.get()),
                         expr(let.value)));
        statement(let.body);
        --indent_;
        line("}");
        return;
      }
      case Kind::AssertStmt:
        line(fmt::format("if (!({})) return -1;", expr(cast_to<AssertStmt>(*s).condition)));
        return statement(cast_to<AssertStmt>(*s).body);
      case Kind::Allocate: {
        const Allocate& a = cast_to<Allocate>(*s);
        std::string size = "1", var = name(a.buffer_var.get());
        for (const Expr& extent : a.extents) size += " * (size_t)" + expr(extent);
        DType stored = storage_dtype(a.dtype);
        check<BuildError>(stored.lanes == 1, "plain C: allocation {} of vectors", var);
        line("{");
        ++indent_;
        line(fmt::format("{0}* {1} = ({0}*)ms_test_allocate(sizeof({0}) * {2});", c_type(a.dtype),
                         var, size));
        statement(a.body);
        line(fmt::format("free({});", var));
        --indent_;
        line("}");
        return;
      }
      case Kind::BufferStore:
        return store(cast_to<BufferStore>(*s));
      case Kind::DeclBuffer:
        return statement(cast_to<DeclBuffer>(*s).body);
      case Kind::AttrStmt:
        return statement(cast_to<AttrStmt>(*s).body);
      case Kind::Evaluate:
        if (cast_to<Evaluate>(*s).value->kind != Kind::Call) return;
        return line("(void)" + expr(cast_to<Evaluate>(*s).value) + ";");
      default:
        refuse(kind_name(s->kind));
    }
  }

  std::string place(const Buffer& buffer, const Exprs& indices) {
    check<BuildError>(indices.size() == 1 && !buffer.has_strides(),
                      "plain C: expected a flat buffer, found {} with {} indices", buffer.name,
                      indices.size());
    return fmt::format("{}[{}]", name(buffer.data.get()), expr(indices[0]));
  }
  void store(const BufferStore& s) {
    DType t = s.buffer->dtype;
    if (s.predicate) refuse("stores under a mask");
    std::string value = expr(s.value);
    line(fmt::format("{} = {};", place(*s.buffer, s.indices), c_encode(t, value)));
  }

  /// The result of an operation in its type: narrow integers wrap, small floats are rounded.
  static std::string rounded(DType t, const std::string& text) {
    if (is_small(t)) return fmt::format("ms_round({}, {})", text, small_args(t));
    if (t.is_integral() && !t.is_bool()) return fmt::format("({})({})", c_type(t), text);
    return "(" + text + ")";
  }

  std::string expr(const Expr& e) {
    if (e->dtype.lanes != 1 && !e->dtype.is_void()) refuse("vectors");
    switch (e->kind) {
      case Kind::IntImm: {
        int64_t v = cast_to<IntImm>(*e).value;
        if (e->dtype.is_bool() || (e->dtype.bits <= 32 && v >= 0 && v <= INT32_MAX))
          return std::to_string(v);
        if (v == INT64_MIN) return "INT64_MIN";
        return fmt::format("(({})INT64_C({}))", c_type(e->dtype), v);
      }
      case Kind::FloatImm: {
        double v = cast_to<FloatImm>(*e).value;
        std::string text = std::isnan(v)   ? "NAN"
                           : std::isinf(v) ? (v < 0 ? "-INFINITY" : "INFINITY")
                                           : fmt::format("{:a}", v);
        return fmt::format("(({}){})", value_type(e->dtype), text);
      }
      case Kind::Var:
      case Kind::SizeVar:
        return name(as<Var>(e));
      case Kind::Cast:
        return cast(e->dtype, cast_to<Cast>(*e).value);
      case Kind::Not:
        return "(!" + expr(cast_to<Not>(*e).a) + ")";
      case Kind::Select: {
        const Select& s = cast_to<Select>(*e);
        return fmt::format("({} ? {} : {})", expr(s.condition), expr(s.true_value),
                           expr(s.false_value));
      }
      case Kind::BufferLoad: {
        const BufferLoad& l = cast_to<BufferLoad>(*e);
        if (l.predicate) refuse("loads under a mask");
        return c_decode(l.buffer->dtype, place(*l.buffer, l.indices));
      }
      case Kind::Let: {
        // A value has no effects, so it may stand in all places of its variable.
        const Let& l = cast_to<Let>(*e);
        return expr(substitute(l.body, VarMap{{l.var.get(), l.value}}));
      }
      case Kind::Call:
        return call(cast_to<Call>(*e));
      default:
        if (is_binary_kind(e->kind)) return binary(static_cast<const BinaryExpr&>(*e));
        refuse(kind_name(e->kind));
    }
  }

  /// A condition in one pair of parentheses: compilers warn of a comparison in two.
  std::string in_parentheses(const Expr& e) {
    std::string text = expr(e);
    int depth = 0;
    size_t at = 0;
    for (; at < text.size(); ++at) {
      depth += (text[at] == '(') - (text[at] == ')');
      if (depth == 0) break;
    }
    return at + 1 == text.size() && text.back() == ')' ? text : "(" + text + ")";
  }

  std::string binary(const BinaryExpr& e) {
    std::string a = expr(e.a), b = expr(e.b);
    const DType t = e.a->dtype;
    auto infix = [&](const char* op) { return fmt::format("{} {} {}", a, op, b); };
    auto helper = [&](const char* what) {
      const char* kind = t.is_floating() ? "f" : t.is_uint() ? "u" : "i";
      return rounded(e.dtype, fmt::format("ms_{}_{}({}, {})", what, kind, a, b));
    };
    switch (e.kind) {
      case Kind::Add:
        return rounded(e.dtype, infix("+"));
      case Kind::Sub:
        return rounded(e.dtype, infix("-"));
      case Kind::Mul:
        return rounded(e.dtype, infix("*"));
      case Kind::Div:
        return rounded(e.dtype, infix("/"));
      case Kind::Mod:
        return t.is_floating() ? rounded(e.dtype, fmt::format("fmod({}, {})", a, b))
                               : rounded(e.dtype, infix("%"));
      case Kind::FloorDiv:
        return helper("floordiv");
      case Kind::FloorMod:
        return helper("floormod");
      case Kind::Min:
        return helper("min");
      case Kind::Max:
        return helper("max");
      case Kind::And:
        return "(" + infix("&&") + ")";
      case Kind::Or:
        return "(" + infix("||") + ")";
      case Kind::EQ:
        return "(" + infix("==") + ")";
      case Kind::NE:
        return "(" + infix("!=") + ")";
      case Kind::LT:
        return "(" + infix("<") + ")";
      case Kind::LE:
        return "(" + infix("<=") + ")";
      case Kind::GT:
        return "(" + infix(">") + ")";
      case Kind::GE:
        return "(" + infix(">=") + ")";
      default:
        refuse(kind_name(e.kind));
    }
  }

  std::string cast(DType to, const Expr& value) {
    std::string text = expr(value);
    if (to == value->dtype) return text;
    if (to.is_bool()) return "(" + text + " != 0)";
    if (is_small(to)) return rounded(to, "(float)" + text);
    return fmt::format("(({}){})", c_type(to), text);
  }

  std::string call(const Call& c) {
    const Op* op = as<Op>(c.op);
    if (!op) refuse("calls of other functions");
    std::string_view op_name = op->name;
    if (op_name.starts_with("tir.")) op_name.remove_prefix(4);
    auto arg = [&](size_t i) { return expr(c.args[i]); };
    auto infix = [&](const char* sign) {
      return rounded(c.dtype, fmt::format("{} {} {}", arg(0), sign, arg(1)));
    };
    if (op_name == "if_then_else") return fmt::format("({} ? {} : {})", arg(0), arg(1), arg(2));
    if (op_name == "likely") return arg(0);
    if (op_name == "bitwise_and") return infix("&");
    if (op_name == "bitwise_or") return infix("|");
    if (op_name == "bitwise_xor") return infix("^");
    if (op_name == "shift_right") return infix(">>");
    if (op_name == "bitwise_not")
      return c.dtype.is_bool() ? "(!" + arg(0) + ")" : rounded(c.dtype, "~" + arg(0));
    if (op_name == "shift_left")
      return rounded(c.dtype, fmt::format("(uint64_t){} << {}", arg(0), arg(1)));
    if (op_name == "popcount")
      return rounded(c.dtype,
                     fmt::format("ms_popcount((uint{}_t){})", c.args[0]->dtype.bits, arg(0)));
    if (op_name == "clz")
      return rounded(c.dtype,
                     fmt::format("ms_clz((uint{0}_t){1}, {0})", c.args[0]->dtype.bits, arg(0)));
    if (op_name == "isnan")
      return c.args[0]->dtype.is_floating() ? "isnan(" + arg(0) + ")" : std::string("0");
    if (op_name == "fabs" && c.dtype.is_integral())
      return rounded(c.dtype, fmt::format("ms_abs_i({})", arg(0)));
    if (op_name == "reinterpret") return reinterpret(c.dtype, c.args[0]);
    if (c.dtype.is_floating()) {
      const char* suffix = c.dtype.bits <= 32 ? "f" : "";
      if (op_name == "sigmoid")
        return rounded(c.dtype, fmt::format("1 / (1 + exp{}(-{}))", suffix, arg(0)));
      if (op_name == "rsqrt")
        return rounded(c.dtype, fmt::format("1 / sqrt{}({})", suffix, arg(0)));
      if (op_name == "exp10") return rounded(c.dtype, fmt::format("pow{}(10, {})", suffix, arg(0)));
      if (auto it = math_functions().find(op_name); it != math_functions().end()) {
        std::vector<std::string> args;
        for (const Expr& a : c.args) args.push_back(expr(a));
        return rounded(c.dtype, fmt::format("{}{}({})", it->second, suffix, fmt::join(args, ", ")));
      }
    }
    refuse(op->name);
  }

  std::string reinterpret(DType to, const Expr& value) {
    const DType from = value->dtype;
    if (from.bits != to.bits) refuse("reinterpret between widths");
    std::string text = expr(value);
    if (is_small(from)) text = c_encode(from, text);
    if (from.is_floating() && !is_small(from))
      text = fmt::format("ms_bits_{}({})", from.bits, text);
    if (is_small(to)) return c_decode(to, fmt::format("(uint{}_t){}", to.bits, text));
    if (to.is_floating()) return fmt::format("ms_real_{0}((uint{0}_t){1})", to.bits, text);
    return fmt::format("(({}){})", c_type(to), text);
  }

  const PrimFunc& func_;
  std::string text_;
  int indent_ = 0;
  std::unordered_map<const Var*, std::string> names_;
};

}  // namespace

std::string c_type(DType dtype) {
  if (dtype.is_float() && dtype.bits == 32) return "float";
  if (dtype.is_float() && dtype.bits == 64) return "double";
  if (dtype.is_floating()) return fmt::format("uint{}_t", dtype.bits);
  if (dtype.is_bool()) return "uint8_t";
  return fmt::format("{}int{}_t", dtype.is_uint() ? "u" : "", dtype.bits);
}

std::string c_encode(DType dtype, const std::string& value) {
  if (dtype.is_bool()) return "(uint8_t)((" + value + ") != 0)";
  const std::string type = c_type(dtype);
  if (!is_small(dtype)) return fmt::format("({})({})", type, value);
  return fmt::format("({})ms_encode({}, {})", type, value, small_args(dtype));
}
std::string c_decode(DType dtype, const std::string& element) {
  if (dtype.is_bool()) return "(" + element + " != 0)";
  if (!is_small(dtype)) return element;
  return fmt::format("ms_decode({}, {})", element, small_args(dtype));
}

std::string c_source(const PrimFunc& func, const std::string& symbol) {
  PrimFuncRef f(&func);
  f = lower::lower_init_block(f);
  f = lower::convert_blocks_to_opaque(f);
  f = lower::lower_match_buffer(f);
  f = lower::lower_opaque_block(f);
  f = lower::flatten_buffer(f);
  return CWriter(*f).function(symbol);
}

}  // namespace metaschedule::codegen
