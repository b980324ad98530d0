// SPDX-License-Identifier: Apache-2.0
// Random programs of blocks, as a plan of choices and the TVMScript that it stands for: padded and
// predicated blocks, extents that do not divide, reductions of one and of two buffers, several
// outputs, nested blocks, views, updates in place, symbolic extents, several dtypes. Every plan is
// a program that stays inside its buffers.
#pragma once

#include <algorithm>
#include <random>

#include "property/schedule/program_text.h"

namespace metaschedule::testing {

/// One stage; its blocks are named by its number, whatever stages there are beside it.
struct StagePlan {
  int id;
  Choices choices;
};
struct ProgramPlan {
  Choices header;
  std::vector<StagePlan> stages;
};

class ProgramWriter : ProgramText {
 public:
  ProgramWriter(ProgramPlan& plan, std::mt19937_64* source) : plan_(plan), source_(source) {}

  std::string write() {
    Chooser header(plan_.header, source_);
    dtype_ = header.pick<std::string>(
        {"float32", "float32", "int32", "float32", "float16", "int8", "float64"});
    symbolic_ = header.chance(7);
    wide_ = !symbolic_ && header.chance(7);
    const int inputs = header.range(1, 2);
    for (int i = 0; i < inputs; ++i) {
      Shape shape;
      const int rank = header.range(1, 3);
      for (int d = 0; d < rank; ++d) shape.push_back(extent(header, rank == 3 ? 4 : 8));
      if (symbolic_) shape[0] = kSymbolicExtent;
      tensors_.push_back({std::string(1, char('A' + i)), shape, true});
    }
    for (StagePlan& stage : plan_.stages) write_stage(stage);
    return assemble();
  }

 private:
  void write_stage(StagePlan& plan) {
    Chooser c(plan.choices, source_);
    const std::string name = fmt::format("S{}", plan.id);
    switch (symbolic_ ? c.range(0, 3) : c.range(0, 13)) {
      case 0:
      case 1:
        return elementwise(c, name);
      case 2:
        return reduction(c, name);
      case 3:
        return product(c, name);
      case 4:
        return padding(c, name);
      case 5:
        return window(c, name);
      case 6:
        return tuple_reduction(c, name);
      case 7:
        return two_outputs(c, name);
      case 8:
        return nested(c, name);
      case 9:
        return views(c, name);
      case 10:
        return update(c, name);
      case 11:
        return even_product(c, name);
      case 12:
        return dot(c, name);
      default:
        return tiles(c, name);
    }
  }

  void elementwise(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    Shape shape = from.shape;
    if (!symbolic_ && c.chance(25)) {
      shape.resize(static_cast<size_t>(c.range(1, 3)), 1);
      for (int& e : shape) e = extent(c, 6);
    }
    Axes axes = axes_of(shape);
    std::string stored = value(c, read(c, from, axes), axes);
    block(c, name, {axes, {}, {fmt::format("{}[{}] = {}", name, at(axes), stored)}, {}, ""});
    tensors_.push_back({name, shape});
  }

  void reduction(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    Axes axes = axes_of(from.shape);
    const size_t kept = c.below(from.shape.size());
    for (size_t d = kept; d < axes.size(); ++d) axes[d].reduces = true;
    Shape shape(from.shape.begin(), from.shape.begin() + std::ptrdiff_t(kept));
    if (shape.empty()) {
      shape.push_back(1);
      axes.insert(axes.begin(), Axis{"w", 1});
    }
    from.is_read = true;
    std::string x = from.name + "[";
    for (size_t d = 0; d < from.shape.size(); ++d) x += fmt::format("{}v{}", d ? ", " : "", d);
    x += "]";
    if (c.chance(30)) x = value(c, x, axes);
    const std::string to = fmt::format("{}[{}]", name, at(axes));
    const int kind = c.range(0, 2);
    std::string start = constant(0), stored = fmt::format("{} + {}", to, x);
    if (kind > 0) {
      start = fmt::format("T.{}_value(\"{}\")", kind == 1 ? "min" : "max", dtype_);
      stored = fmt::format("T.{}({}, {})", kind == 1 ? "max" : "min", to, x);
    }
    block(c, name, {axes, {to + " = " + start}, {to + " = " + stored}, {}, ""});
    tensors_.push_back({name, shape});
  }

  void product(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    Tensor& other = source(c);
    from.is_read = true;
    const int columns = symbolic_ ? 3 : extent(c, 5);
    Axes axes{{"v0", from.shape[0]}, {"v1", columns}, {"vk", from.shape.back(), true}};
    std::string at_from = "v0";
    for (size_t d = 1; d + 1 < from.shape.size(); ++d) at_from += ", 0";
    if (from.shape.size() > 1) at_from += ", vk";
    const std::string to = fmt::format("{}[v0, v1]", name);
    block(c, name,
          {axes,
           {to + " = " + constant(0)},
           {fmt::format("{} = {} + {}[{}] * {}", to, to, from.name, at_from,
                        read(c, other, {axes[2], axes[1], axes[0]}))},
           {},
           ""});
    tensors_.push_back({name, {from.shape[0], columns}});
  }

  void padding(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    from.is_read = true;
    Shape shape = from.shape;
    const size_t d = c.below(shape.size());
    const int before = c.range(0, 2), after = c.range(before ? 0 : 1, 2), size = shape[d];
    shape[d] += before + after;
    Axes axes = axes_of(shape);
    std::string inside;
    for (size_t k = 0; k < axes.size(); ++k)
      inside += fmt::format("{}v{}{}", k ? ", " : "", k,
                            k == d && before ? fmt::format(" - {}", number(before)) : "");
    std::string test;
    if (before) test = fmt::format("{} <= v{}", number(before), d);
    if (after) test += fmt::format("{}v{} < {}", before ? " and " : "", d, number(size + before));
    block(c, name,
          {axes,
           {},
           {fmt::format("{}[{}] = T.if_then_else({}, {}[{}], {})", name, at(axes), test, from.name,
                        inside, constant(c.range(0, 1)))},
           {},
           ""});
    tensors_.push_back({name, shape});
  }

  void window(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    from.is_read = true;
    Shape shape = from.shape;
    const size_t d = c.below(shape.size());
    const int width = c.range(1, std::min(3, shape[d])), stride = c.range(1, 2);
    shape[d] = (shape[d] - width) / stride + 1;
    Axes axes = axes_of(shape);
    axes.push_back({"vr", width, true});
    std::string x = from.name + "[";
    for (size_t k = 0; k < shape.size(); ++k) {
      std::string i = fmt::format("v{}", k);
      if (k == d) i = stride == 1 ? i + " + vr" : fmt::format("{} * {} + vr", i, number(stride));
      x += (k ? ", " : "") + i;
    }
    x += "]";
    const std::string to = fmt::format("{}[{}]", name, at(axes));
    const bool most = c.chance(30);
    std::string start = most ? fmt::format("T.min_value(\"{}\")", dtype_) : constant(0);
    std::string stored = most ? fmt::format("T.max({}, {})", to, x) : fmt::format("{} + {}", to, x);
    block(c, name, {axes, {to + " = " + start}, {to + " = " + stored}, {}, ""});
    tensors_.push_back({name, shape});
  }

  void tuple_reduction(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    from.is_read = true;
    Axes axes = axes_of(from.shape);
    axes.back().reduces = true;
    Shape shape(from.shape.begin(), from.shape.end() - 1);
    if (shape.empty()) {
      shape.push_back(1);
      axes.insert(axes.begin(), Axis{"w", 1});
    }
    std::string x = from.name + "[";
    for (size_t d = 0; d < from.shape.size(); ++d) x += fmt::format("{}v{}", d ? ", " : "", d);
    x += "]";
    const std::string k = axes.back().name, i = at(axes);
    const std::string p = fmt::format("{}p[{}]", name, i), q = fmt::format("{}q[{}]", name, i);
    Body body{axes, {}, {}, {}, ""};
    if (c.chance(40)) {  // two sums
      body.init = {p + " = " + constant(0), q + " = " + constant(0)};
      body.lines = {fmt::format("t_p: T.{} = {} + {}", dtype_, p, x),
                    fmt::format("t_q: T.{} = {} + {} * {}", dtype_, q, x, constant(2)),
                    p + " = t_p", q + " = t_q"};
      tensors_.push_back({name + "p", shape});
    } else {  // where the largest is; the first of several, in whatever order they are seen
      const std::string position = wide_ ? fmt::format("T.Cast(\"int32\", {})", k) : k;
      const std::string stays =
          fmt::format("{0} > {1} or {0} == {1} and {2} < {3}", q, x, p, position);
      body.init = {p + " = -1", fmt::format("{} = T.min_value(\"{}\")", q, dtype_)};
      body.lines = {fmt::format("t_p: T.int32 = T.Select({}, {}, {})", stays, p, position),
                    fmt::format("t_q: T.{} = T.Select({} > {}, {}, {})", dtype_, q, x, q, x),
                    p + " = t_p", q + " = t_q"};
      positions_.push_back({name + "p", shape});
    }
    block(c, name, body);
    tensors_.push_back({name + "q", shape});
  }

  void two_outputs(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    Axes axes = axes_of(from.shape);
    const std::string x = read(c, from, axes), y = value(c, x, axes);
    block(c, name,
          {axes,
           {},
           {fmt::format("{}p[{}] = {} + {}", name, at(axes), x, constant(1)),
            fmt::format("{}q[{}] = {}", name, at(axes), y)},
           {},
           ""});
    const Shape shape = from.shape;
    tensors_.push_back({name + "p", shape});
    tensors_.push_back({name + "q", shape});
  }

  // A block over rows with a block over what is in a row.
  void nested(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    from.is_read = true;
    const Shape shape = from.shape;
    Axes axes = axes_of(shape);
    const std::string i = number(shape[0]);
    std::string loops, rest, inner = "v0";
    line(1, fmt::format("for i0 in range({}):", i));
    line(2, fmt::format("with T.block(\"{}o\"):", name));
    line(3, fmt::format("v0 = T.axis.spatial({}, i0)", i));
    int depth = 3;
    for (size_t d = 1; d < shape.size(); ++d)
      line(depth++, fmt::format("for i{} in range({}):", d, number(shape[d])));
    const bool twice = shape.size() == 1 || c.chance(50);
    if (twice) line(depth++, "for r in range(2):");
    line(depth++, fmt::format("with T.block(\"{}\"):", name));
    for (size_t d = 1; d < shape.size(); ++d) line(depth, bind(axes[d], fmt::format("i{}", d)));
    const std::string to = fmt::format("{}[{}]", name, at(axes));
    if (twice) {
      line(depth, "vr = T.axis.reduce(2, r)");
      line(depth, "with T.init():");
      line(depth + 1, to + " = " + constant(0));
      line(depth, fmt::format("{} = {} + {}[{}]", to, to, from.name, at(axes)));
    } else {
      line(depth,
           fmt::format("{} = {}", to, value(c, fmt::format("{}[{}]", from.name, at(axes)), axes)));
    }
    tensors_.push_back({name, shape});
  }

  // A block that works on views of a row, plain loops inside.
  void views(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    from.is_read = true;
    const Shape shape = from.shape;
    std::string row, sizes, loops, at_row;
    for (size_t d = 1; d < shape.size(); ++d) {
      row += fmt::format(", 0:{}", number(shape[d]));
      sizes += number(shape[d]) + ", ";
      at_row += fmt::format("{}j{}", d > 1 ? ", " : "", d);
    }
    if (shape.size() == 1) sizes = number(1) + ", ", at_row = number(0), row = "";
    const std::string first = shape.size() == 1 ? fmt::format("v0:v0 + {}", number(1)) : "v0";
    Body body{{{"v0", shape[0]}}, {}, {}, {}, ""};
    body.declared = {fmt::format("T.reads({}[{}{}])", from.name, first, row),
                     fmt::format("T.writes({}[{}{}])", name, first, row)};
    body.lines = {fmt::format("X = T.match_buffer({}[{}{}], ({}), \"{}\", offset_factor=1)",
                              from.name, first, row, sizes, dtype_),
                  fmt::format("Y = T.match_buffer({}[{}{}], ({}), \"{}\", offset_factor=1)", name,
                              first, row, sizes, dtype_)};
    std::string indent;
    for (size_t d = 1; d < shape.size(); ++d) {
      body.lines.push_back(fmt::format("{}for j{} in range({}):", indent, d, number(shape[d])));
      indent += "    ";
    }
    body.lines.push_back(fmt::format("{}Y[{}] = X[{}] + {}", indent, at_row, at_row, constant(1)));
    block(c, name, body);
    tensors_.push_back({name, shape});
  }

  // Written by one block, changed in place by another.
  void update(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    Axes axes = axes_of(from.shape);
    const Shape shape = from.shape;
    const std::string to = fmt::format("{}[{}]", name, at(axes));
    block(c, name, {axes, {}, {to + " = " + read(c, from, axes)}, {}, ""});
    const std::string more = value(c, read(c, source(c), axes), axes);
    block(c, name + "u", {axes, {}, {fmt::format("{} = {} + ({})", to, to, more)}, {}, ""});
    tensors_.push_back({name, shape});
  }

  // A product of matrices whose extents small intrinsics divide.
  void even_product(Chooser& c, const std::string& name) {
    const int m = 2 * c.range(1, 2), n = 4 * c.range(1, 2), k = 2 * c.range(1, 3);
    const Tensor a{name + "a", {m, k}, true, true}, b{name + "b", {k, n}, true, true};
    const std::string to = fmt::format("{}[v0, v1]", name);
    block(c, name,
          {{{"v0", m}, {"v1", n}, {"vk", k, true}},
           {to + " = " + constant(0)},
           {fmt::format("{0} = {0} + {1}[v0, vk] * {2}[vk, v1]", to, a.name, b.name)},
           {},
           ""});
    tensors_.insert(tensors_.end(), {a, b, {name, {m, n}}});
  }

  // Sums of products of bytes, as instructions of CPUs make them.
  void dot(Chooser& c, const std::string& name) {
    const int m = c.range(1, 2), n = 16 * c.range(1, 2), k = 4 * c.range(1, 2);
    bytes_.push_back({{name + "a", {m, k}, true}, "uint8"});
    // Packed by tiles, which the instructions take for granted.
    bytes_.push_back({{name + "b", {n / 16, k / 4, 16, 4}, true}, "int8"});
    const std::string to = fmt::format("{}[v0, v1]", name);
    block(c, name,
          {{{"v0", m}, {"v1", n}, {"vk", k, true}},
           {to + " = 0"},
           {fmt::format("{0} = {0} + T.Cast(\"int32\", {1}a[v0, vk]) * T.Cast(\"int32\", "
                        "{1}b[v1 // 16, vk // 4, v1 % 16, vk % 4])",
                        to, name)},
           {},
           ""});
    (dtype_ == "int32" ? tensors_ : positions_).push_back({name, {m, n}});
  }

  // Both blocks of a producer and its consumer in loops over the same tiles.
  void tiles(Chooser& c, const std::string& name) {
    Tensor& from = source(c);
    const Shape shape = from.shape;
    const int tile = c.range(1, 3), whole = shape[0] / tile;
    if (whole == 0) return elementwise(c, name);
    Shape out = shape;
    out[0] = whole * tile;
    Axes axes = axes_of(out);
    line(1, fmt::format("for o in range({}):", number(whole)));
    const std::string p = fmt::format("{}p[{}]", name, at(axes));
    from.is_read = true;
    for (bool last : {false, true}) {
      line(2, fmt::format("for t in range({}):", number(tile)));
      int depth = 3;
      for (size_t d = 1; d < out.size(); ++d)
        line(depth++, fmt::format("for i{} in range({}):", d, number(out[d])));
      line(depth++, fmt::format("with T.block(\"{}{}\"):", name, last ? "" : "p"));
      line(depth, bind(axes[0], fmt::format("o * {} + t", number(tile))));
      for (size_t d = 1; d < out.size(); ++d) line(depth, bind(axes[d], fmt::format("i{}", d)));
      if (last)
        line(depth, fmt::format("{}[{}] = {}", name, at(axes), value(c, p, axes)));
      else
        line(depth, fmt::format("{} = {}[{}] + {}", p, from.name, at(axes), constant(1)));
    }
    tensors_.push_back({name + "p", out, false, true});
    tensors_.push_back({name, out});
  }

  ProgramPlan& plan_;
  std::mt19937_64* source_;
};

/// The program of a plan; what the plan leaves open is drawn from the source and kept.
inline std::string write_program(ProgramPlan& plan, std::mt19937_64* source = nullptr) {
  return ProgramWriter(plan, source).write();
}

}  // namespace metaschedule::testing
