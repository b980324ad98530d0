// SPDX-License-Identifier: Apache-2.0
// The TVMScript of a random program: what tensors there are, how they are read, how a block stands
// in loops, and the whole of the function.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "property/schedule/choices.h"

namespace metaschedule::testing {

/// What symbolic extents are when a program runs.
inline constexpr int kSymbolicExtent = 7;

class ProgramText {
 protected:
  using Shape = std::vector<int>;
  using Lines = std::vector<std::string>;
  struct Tensor {
    std::string name;
    Shape shape;
    bool is_parameter = false;
    bool is_read = false;
  };
  struct Axis {
    std::string name;
    int extent;
    bool reduces = false;
  };
  using Axes = std::vector<Axis>;
  struct Body {
    Axes axes;
    Lines init, lines, declared;
    std::string where;
  };

  static int extent(Chooser& c, int most) { return c.range(1, most); }
  std::string number(int n) const {
    if (symbolic_ && n == kSymbolicExtent) return "n";
    return wide_ ? fmt::format("T.int64({})", n) : std::to_string(n);
  }
  std::string constant(int n) const { return fmt::format("T.{}({})", dtype_, n); }
  std::string shape_text(const Shape& shape) const {
    std::string out = "(";
    for (int e : shape) out += number(e) + ", ";
    return out + ")";
  }

  // ---- reading

  std::string index(Chooser& c, const Axis& axis, int size) {
    const int free = size - axis.extent;
    const bool fits = free >= 0;
    switch (c.chance(25) ? c.range(1, 5) : 0) {
      case 1:
        return number(c.range(0, size - 1));
      case 2:
        if (fits) return fmt::format("{} - {}", number(size - 1), axis.name);
        break;
      case 3:
        if ((axis.extent + 1) / 2 <= size) return axis.name + " // 2";
        break;
      case 4:
        if (axis.extent * 2 - 1 <= size) return axis.name + " * 2";
        break;
      case 5:
        if (free > 0) return fmt::format("{} + {}", axis.name, number(c.range(1, free)));
        break;
      default:
        break;
    }
    return fits ? axis.name : fmt::format("{} % {}", axis.name, number(size));
  }
  std::string read(Chooser& c, Tensor& tensor, const Axes& axes) {
    tensor.is_read = true;
    std::string at;
    for (size_t d = 0; d < tensor.shape.size(); ++d) {
      std::string one;
      if (symbolic_) {
        // No arithmetic that would have to be known of a symbolic extent.
        for (const Axis& axis : axes)
          if (axis.extent == tensor.shape[d]) one = axis.name;
        if (one.empty()) one = "0";
      } else {
        const bool same = d < axes.size() && axes[d].extent <= tensor.shape[d];
        one = index(c, same ? axes[d] : c.pick(axes), tensor.shape[d]);
      }
      at += (d ? ", " : "") + one;
    }
    return fmt::format("{}[{}]", tensor.name, at);
  }
  Tensor& source(Chooser& c) { return tensors_[tensors_.size() - 1 - c.below(tensors_.size())]; }

  std::string value(Chooser& c, const std::string& x, const Axes& axes) {
    const std::string v = axes[c.below(axes.size())].name;
    switch (c.range(0, 7)) {
      case 0:
        return fmt::format("{} + {}", x, constant(1));
      case 1:
        return fmt::format("T.max({}, {})", x, constant(0));
      case 2:
        return fmt::format("{} * {}", x, constant(2));
      case 3:
        return fmt::format("{} - {}", x, read(c, source(c), axes));
      case 4:
        return fmt::format("T.if_then_else({} < {}, {}, {})", v, c.range(1, 4), x, constant(0));
      case 5:
        return fmt::format("T.Select({} % 2 == 0, {}, {})", v, x, read(c, source(c), axes));
      case 6:
        return fmt::format("T.min({}, {}) + T.Cast(\"{}\", {})", x, constant(9), dtype_, v);
      default:
        return fmt::format("T.min(T.max({}, {}), {})", x, constant(-8), constant(8));
    }
  }

  // ---- writing

  void line(int depth, const std::string& text) {
    body_.push_back(std::string(static_cast<size_t>(4 * depth), ' ') + text);
  }
  Axes axes_of(const Shape& shape, const char* prefix = "v") const {
    Axes out;
    for (size_t d = 0; d < shape.size(); ++d)
      out.push_back({fmt::format("{}{}", prefix, d), shape[d]});
    return out;
  }
  static std::string at(const Axes& axes) {
    std::string out;
    for (const Axis& axis : axes)
      if (!axis.reduces) out += (out.empty() ? "" : ", ") + axis.name;
    return out;
  }

  // A block in loops of its own; the way in which loops make up its axes is a choice.
  void block(Chooser& c, const std::string& name, const Body& b) {
    Lines bindings;
    std::string where = b.where;
    int depth = 1;
    const int special = !symbolic_ && c.chance(35) ? static_cast<int>(c.below(b.axes.size())) : -1;
    const int style = c.range(0, 3);
    for (size_t d = 0; d < b.axes.size(); ++d) {
      const Axis& axis = b.axes[d];
      std::string i = fmt::format("i{}", d), bound = i;
      if (static_cast<int>(d) == special && style < 2) {  // tiles that may not divide
        const int tile = c.range(2, 4), tiles = (axis.extent + tile - 1) / tile;
        line(depth++, fmt::format("for {}_0 in range({}):", i, number(tiles)));
        line(depth++, fmt::format("for {}_1 in range({}):", i, number(tile)));
        bound = fmt::format("{0}_0 * {1} + {0}_1", i, number(tile));
        if (axis.extent % tile)
          where +=
              fmt::format("{}{} < {}", where.empty() ? "" : " and ", bound, number(axis.extent));
      } else if (static_cast<int>(d) == special && style == 2) {  // a loop that starts elsewhere
        line(depth++,
             fmt::format("for {} in range({}, {}):", i, number(2), number(axis.extent + 2)));
        bound = fmt::format("{} - {}", i, number(2));
      } else if (static_cast<int>(d) == special && d + 1 < b.axes.size() &&
                 b.axes[d + 1].reduces == axis.reduces) {  // two axes in one loop
        const int inner = b.axes[d + 1].extent;
        line(depth++, fmt::format("for {}_f in range({}):", i, number(axis.extent * inner)));
        bindings.push_back(bind(axis, fmt::format("{}_f // {}", i, number(inner))));
        bindings.push_back(bind(b.axes[d + 1], fmt::format("{}_f % {}", i, number(inner))));
        ++d;
        continue;
      } else {
        line(depth++, fmt::format("for {} in range({}):", i, number(axis.extent)));
      }
      bindings.push_back(bind(axis, bound));
    }
    line(depth++, fmt::format("with T.block(\"{}\"):", name));
    for (const std::string& text : bindings) line(depth, text);
    if (!where.empty()) line(depth, fmt::format("T.where({})", where));
    for (const std::string& text : b.declared) line(depth, text);
    if (!b.init.empty()) line(depth, "with T.init():");
    for (const std::string& text : b.init) line(depth + 1, text);
    for (const std::string& text : b.lines) line(depth, text);
  }
  std::string bind(const Axis& axis, const std::string& bound) const {
    return fmt::format("{} = T.axis.{}({}, {})", axis.name, axis.reduces ? "reduce" : "spatial",
                       number(axis.extent), bound);
  }

  // ---- the whole

  std::string assemble() const {
    std::string parameters, views, allocated;
    auto add = [&](const Tensor& tensor, const std::string& dtype) {
      const std::string shape = shape_text(tensor.shape);
      if (!tensor.is_parameter && tensor.is_read) {
        allocated +=
            fmt::format("    {} = T.alloc_buffer({}, \"{}\")\n", tensor.name, shape, dtype);
      } else if (symbolic_) {
        parameters += fmt::format("{}{}_h: T.handle", parameters.empty() ? "" : ", ", tensor.name);
        views += fmt::format("    {0} = T.match_buffer({0}_h, {1}, \"{2}\")\n", tensor.name, shape,
                             dtype);
      } else {
        parameters += fmt::format("{}{}: T.Buffer({}, \"{}\")", parameters.empty() ? "" : ", ",
                                  tensor.name, shape, dtype);
      }
    };
    for (const Tensor& tensor : tensors_) add(tensor, dtype_);
    for (const Tensor& tensor : positions_) add(tensor, "int32");
    for (const auto& [tensor, dtype] : bytes_) add(tensor, dtype);
    std::string out = fmt::format("@T.prim_func\ndef main({}):\n", parameters);
    if (symbolic_) out += "    n = T.int32()\n";
    out += views + allocated;
    for (const std::string& text : body_) out += text + "\n";
    if (body_.empty()) out += "    T.evaluate(0)\n";
    return out;
  }

  std::string dtype_;
  bool symbolic_ = false, wide_ = false;
  std::vector<Tensor> tensors_;
  std::vector<Tensor> positions_;                      // int32 results that no stage reads
  std::vector<std::pair<Tensor, std::string>> bytes_;  // parameters of blocks of their own
  Lines body_;
};

}  // namespace metaschedule::testing
