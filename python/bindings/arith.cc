// SPDX-License-Identifier: Apache-2.0
// Integer analysis: the analyzer, sets, regions and iteration maps.
#include "bindings.h"
#include "metaschedule/arith/analyzer.h"
#include "metaschedule/arith/iter_map.h"
#include "metaschedule/arith/linear.h"
#include "metaschedule/arith/region.h"
#include "metaschedule/arith/solve_linear.h"

namespace metaschedule::bindings {

namespace {

using arith::Analyzer;
using arith::IntSet;
using arith::IterMapLevel;
using arith::IterMarkRef;

/// A dictionary of variables as pairs in its order.
template <class T, class F>
std::vector<std::pair<VarRef, T>> by_variable(const py::dict& items, const char* what, F&& value) {
  std::vector<std::pair<VarRef, T>> out;
  for (auto [key, item] : items) {
    const Node* node = node_of(key);
    const IterVar* axis = as<IterVar>(node);
    const Var* var = axis ? axis->var.get() : as<Var>(node);
    check<TypeError>(var, "{}: expected variables as keys", what);
    out.emplace_back(VarRef(var), value(item));
  }
  return out;
}
arith::IterRanges ranges_of(const py::dict& items) {
  return by_variable<Ref<Range>>(items, "input_iters", [](py::handle item) {
    Ref<Range> range(as<Range>(node_of(item)));
    check<TypeError>(bool(range), "input_iters: expected Ranges as values");
    return range;
  });
}
arith::DomMap domains_of(const py::dict& items) {
  arith::DomMap out;
  auto set_of = [](py::handle item) {
    if (const Range* range = as<Range>(node_of(item))) return IntSet::from_range(*range);
    return py::cast<IntSet>(item);
  };
  for (auto& [var, set] : by_variable<IntSet>(items, "dom_map", set_of)) out[var.get()] = set;
  return out;
}

/// A condition that holds for the length of a `with`.
struct ConstraintScope {
  py::object analyzer;  // alive as long as the scope
  Expr condition;
  std::optional<Analyzer::Constraint> scope;
};

/// Iterators, by the shared thing that they are.
struct Mark {
  IterMarkRef ref;
};

void bind_sets(py::module_& m) {
  using namespace py::literals;
  py::class_<IntSet>(m, "IntSet", "A closed interval of integers, or the empty set.")
      .def_static(
          "interval",
          [](const OrNone<ExprNode>& low, const OrNone<ExprNode>& high) {
            return IntSet::interval(low, high);
          },
          "min_value"_a, "max_value"_a)
      .def_static("single_point", &IntSet::single_point, "point"_a)
      .def_static("nothing", &IntSet::nothing)
      .def_static("everything", &IntSet::everything)
      .def_property_readonly(
          "_min", [](const IntSet& s) { return s.has_lower_bound() ? s.min() : nullptr; })
      .def_property_readonly(
          "_max", [](const IntSet& s) { return s.has_upper_bound() ? s.max() : nullptr; })
      .def("is_nothing", &IntSet::is_nothing)
      .def("is_everything", &IntSet::is_everything)
      .def("is_single_point", &IntSet::is_single_point)
      .def("point_value", &IntSet::point_value);
  m.def("arith_eval_set", [](const Expr& expr, const py::dict& domains) {
    return arith::eval_set(expr, domains_of(domains));
  });
  m.def("arith_union", [](const std::vector<IntSet>& sets) { return arith::union_(sets); });
  m.def("arith_intersect", [](const std::vector<IntSet>& sets) { return arith::intersect(sets); });
  m.def("arith_union_lower_bound",
        [](const std::vector<IntSet>& sets) { return arith::union_lower_bound(sets); });
  m.def(
      "arith_region",
      [](const std::string& kind, const Ranges& region, const py::dict& iters,
         const Expr& predicate) -> std::optional<std::vector<IntSet>> {
        Analyzer analyzer;
        if (kind == "upper")
          return arith::estimate_region_upper_bound(region, ranges_of(iters), predicate, analyzer);
        if (kind == "lower")
          return arith::estimate_region_lower_bound(region, ranges_of(iters), predicate, analyzer);
        return arith::estimate_region_strict_bound(region, ranges_of(iters), predicate, analyzer);
      });
}

void bind_linear(py::module_& m) {
  m.def("arith_detect_linear_equation", &arith::detect_linear_equation);
  m.def("arith_detect_clip_bound", &arith::detect_clip_bound);
  // (new variables, their ranges, relations, old to new, new to old)
  m.def("arith_solve_linear_equations",
        [](const std::vector<Expr>& equations, const Vars& variables, const py::dict& ranges) {
          auto solution = arith::solve_linear_equations(equations, variables, ranges_of(ranges));
          auto pairs = [](const auto& items) {
            py::dict out;
            for (const auto& [var, value] : items) out[py::cast(VarRef(var))] = py::cast(value);
            return out;
          };
          return py::make_tuple(solution.variables, pairs(solution.ranges), solution.relations,
                                pairs(solution.old_to_new), pairs(solution.new_to_old));
        });
  m.def("arith_deduce_bound", [](const VarRef& var, const Expr& condition, const py::dict& hints,
                                 const py::dict& relaxed) {
    return arith::deduce_bound(var, condition, domains_of(hints), domains_of(relaxed));
  });
}

void bind_analyzer(py::module_& m) {
  using namespace py::literals;
  py::class_<ConstraintScope>(m, "ConstraintScope", "A condition that holds inside a `with`.")
      .def(
          "__enter__",
          [](ConstraintScope& s) { s.scope.emplace(py::cast<Analyzer&>(s.analyzer), s.condition); })
      .def("__exit__", [](ConstraintScope& s, py::args) { s.scope.reset(); });
  py::class_<Analyzer>(m, "Analyzer", "What is known about integers at one point of a program.")
      .def(py::init<>())
      .def(
          "simplify", [](Analyzer& a, const Expr& e, int steps) { return a.simplify(e, steps); },
          "expr"_a, "steps"_a = 2)
      .def("rewrite_simplify", &Analyzer::rewrite_simplify, "expr"_a)
      .def("canonical_simplify", &Analyzer::canonical_simplify, "expr"_a)
      .def("_const_int_bound",
           [](Analyzer& a, const Expr& e) {
             auto bound = a.const_int_bound(e);
             return std::pair(bound.min_value, bound.max_value);
           })
      .def(
          "const_int_bound_is_bound",
          [](Analyzer& a, const VarRef& var) { return a.bounds().is_bound(var.get()); }, "var"_a)
      .def("_modular_set",
           [](Analyzer& a, const Expr& e) {
             auto set = a.modular_set(e);
             return std::pair(set.coeff, set.base);
           })
      .def(
          "int_set",
          [](Analyzer& a, const Expr& e, const std::optional<py::dict>& domains) {
            return domains ? a.int_set(e, domains_of(*domains)) : a.int_set(e);
          },
          "expr"_a, "dom_map"_a = py::none())
      .def("_can_prove",
           [](Analyzer& a, const Expr& e, int strength) {
             return a.can_prove(e, static_cast<arith::ProofStrength>(strength));
           })
      .def("can_prove_equal", &Analyzer::can_prove_equal, "lhs"_a, "rhs"_a)
      .def("can_prove_greater_equal", &Analyzer::can_prove_greater_equal, "expr"_a, "lower_bound"_a)
      .def("can_prove_less", &Analyzer::can_prove_less, "expr"_a, "upper_bound"_a)
      .def("can_prove_less_equal_than_symbolic_shape_value",
           &Analyzer::can_prove_less_equal_than_symbolic_shape, "lhs"_a, "shape"_a)
      .def("mark_global_non_neg_value", &Analyzer::mark_global_non_negative, "value"_a)
      .def(
          "bind",
          [](Analyzer& a, const VarRef& var, const Ref<Node>& value, bool allow_override) {
            if (const Range* range = as<Range>(value))
              return a.bind(var, Ref<Range>(range), allow_override);
            Expr expr(as<ExprNode>(value));
            check<TypeError>(bool(expr), "Analyzer.bind: expected a Range or an expression");
            a.bind(var, expr, allow_override);
          },
          "var"_a, "expr"_a, "allow_override"_a = false)
      .def("_update_bound", [](Analyzer& a, const VarRef& var, int64_t low, int64_t high,
                               bool override) { a.bounds().update(var, {low, high}, override); })
      .def("_update_modular",
           [](Analyzer& a, const VarRef& var, int64_t coeff, int64_t base, bool override) {
             a.modular().update(var, {coeff, base}, override);
           })
      .def("_update_set", [](Analyzer& a, const VarRef& var, const IntSet& set,
                             bool override) { a.sets().update(var, set, override); })
      .def(
          "constraint_scope",
          [](py::object self, const Expr& condition) {
            return std::make_unique<ConstraintScope>(self, condition, std::nullopt);
          },
          "constraint"_a);
}

void bind_iter_maps(py::module_& m) {
  using namespace py::literals;
  using arith::IterLeaf;
  using arith::IterMark;
  using arith::IterSplitExpr;
  using arith::IterSumExpr;
  py::class_<Mark>(m, "IterMark", "An iterator: a variable, or a sum of iterators.")
      .def(py::init([](py::object source, const Expr& extent) {
             if (py::isinstance<IterSumExpr>(source))
               return Mark{std::make_shared<IterMark>(
                   IterMark{py::cast<IterSumExpr>(source), extent, false})};
             Expr expr = to_expr(source);
             const Var* var = as<Var>(expr);
             check<TypeError>(var, "IterMark: expected a variable or an IterSumExpr as the source");
             Expr zero = int_imm(var->dtype, 0);
             return Mark{
                 std::make_shared<IterMark>(IterMark{IterLeaf{VarRef(var), zero}, extent, false})};
           }),
           "source"_a, "extent"_a)
      .def_property_readonly("source",
                             [](const Mark& mark) -> py::object {
                               if (const IterLeaf* leaf = mark.ref->leaf())
                                 return py::cast(leaf->value());
                               return py::cast(*mark.ref->sum());
                             })
      .def_property_readonly("extent", [](const Mark& mark) { return mark.ref->extent; })
      .def("__eq__", [](const Mark& a, const Mark& b) { return a.ref == b.ref; })
      .def("__hash__", [](const Mark& mark) { return std::hash<IterMarkRef>()(mark.ref); });
  py::class_<IterSplitExpr>(m, "IterSplitExpr",
                            "`source // lower_factor % extent * scale` of an iterator.")
      .def(py::init([](const Mark& source, Expr lower, Expr extent, Expr scale) {
             return IterSplitExpr{source.ref, std::move(lower), std::move(extent),
                                  std::move(scale)};
           }),
           "source"_a, "lower_factor"_a, "extent"_a, "scale"_a)
      .def_property_readonly("source", [](const IterSplitExpr& s) { return Mark{s.source}; })
      .def_property_readonly("lower_factor", [](const IterSplitExpr& s) { return s.lower_factor; })
      .def_property_readonly("extent", [](const IterSplitExpr& s) { return s.extent; })
      .def_property_readonly("scale", [](const IterSplitExpr& s) { return s.scale; });
  py::class_<IterSumExpr>(m, "IterSumExpr", "A sum of parts of iterators and a base.")
      .def(py::init([](std::vector<IterSplitExpr> args, Expr base) {
             return IterSumExpr{std::move(args), std::move(base)};
           }),
           "args"_a, "base"_a)
      .def_property_readonly("args", [](const IterSumExpr& s) { return s.args; })
      .def_property_readonly("base", [](const IterSumExpr& s) { return s.base; });
  m.def("arith_detect_iter_map", [](const std::vector<Expr>& indices, const py::dict& iters,
                                    const Expr& predicate, int level, bool trivial) {
    Analyzer analyzer;
    auto found = arith::detect_iter_map(indices, ranges_of(iters), predicate,
                                        static_cast<IterMapLevel>(level), analyzer, trivial);
    return py::make_tuple(found.indices, found.errors, found.padding_predicate);
  });
  m.def("arith_iter_map_simplify", [](const std::vector<Expr>& indices, const py::dict& iters,
                                      const Expr& predicate, int level, bool trivial) {
    Analyzer analyzer;
    return arith::iter_map_simplify(indices, ranges_of(iters), predicate,
                                    static_cast<IterMapLevel>(level), analyzer, trivial);
  });
  m.def("arith_normalize_to_iter_sum", [](const Expr& index, const py::dict& iters) {
    Analyzer analyzer;
    return arith::normalize_to_iter_sum(index, ranges_of(iters), analyzer);
  });
  m.def("arith_normalize_iter_map_to_expr", [](const IterSumExpr& sum) {
    Analyzer analyzer;
    return arith::normalize_iter_map_to_expr(sum, analyzer);
  });
  m.def("arith_normalize_iter_map_to_expr", [](const IterSplitExpr& split) {
    Analyzer analyzer;
    return arith::normalize_iter_map_to_expr(split, analyzer);
  });
  m.def("arith_inverse_affine_iter_map",
        [](const std::vector<IterSumExpr>& map, const std::vector<Expr>& outputs) {
          Analyzer analyzer;
          VarMap inverse = arith::inverse_affine_iter_map(map, outputs, analyzer);
          py::dict out;
          for (const auto& [var, value] : inverse) out[py::cast(VarRef(var))] = py::cast(value);
          return out;
        });
  m.def("arith_subspace_divide",
        [](const std::vector<Expr>& bindings, const py::dict& iters, const Vars& inner,
           const Expr& predicate, int level, bool trivial) -> py::object {
          Analyzer analyzer;
          auto found = arith::subspace_divide(bindings, ranges_of(iters), inner, predicate,
                                              static_cast<IterMapLevel>(level), analyzer, trivial);
          if (!found) return py::none();
          py::list parts;
          for (const arith::DividedBinding& part : found->bindings)
            parts.append(
                py::make_tuple(part.outer, part.outer_extent, part.inner, part.inner_extent));
          return py::make_tuple(parts, found->outer_predicate, found->inner_predicate);
        });
}

}  // namespace

void bind_arith(py::module_& m) {
  bind_sets(m);
  bind_analyzer(m);
  bind_iter_maps(m);
  bind_linear(m);
}

}  // namespace metaschedule::bindings
