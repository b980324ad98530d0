// SPDX-License-Identifier: Apache-2.0
// Underlining and remarks of the printer. While printing, a mark is a control character inside the
// text, which strings and names never hold: pieces of text may move before they find their place.
#pragma once

#include "metaschedule/script/detail/printer_state.h"

namespace metaschedule::script {

inline constexpr char kUnderlineBegin = '\x01';
inline constexpr char kUnderlineEnd = '\x02';
/// Between these two stands a remark for the end of the line, wherever on the line they are.
inline constexpr char kRemarkBegin = '\x03';
inline constexpr char kRemarkEnd = '\x04';

METASCHEDULE_INLINE void Printer::collect_marks() {
  for (const Ref<Node>& node : options_.obj_to_underline) marks_[node.get()].underline = true;
  for (const auto& [node, remark] : options_.obj_to_annotate) {
    std::string& text = marks_[node.get()].remark;
    if (!text.empty()) text += ", ";
    text += remark;
  }
}

METASCHEDULE_INLINE void Printer::remark_line(const std::string& text) {
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    line("# ");
    out_.append(text, begin, end - begin);
    begin = end + 1;
  }
}

METASCHEDULE_INLINE Printer::Marked::Marked(Printer& printer, const Node& node, Remark where)
    : printer_(printer), where_(where) {
  if (printer.marks_.empty()) [[likely]]
    return;
  auto it = printer.marks_.find(&node);
  if (it == printer.marks_.end()) return;
  mark_ = &it->second;
  if (where == Remark::Above && is_annotated()) printer.remark_line(mark_->remark);
  if (mark_->underline) printer.out_ += kUnderlineBegin;
}

METASCHEDULE_INLINE Printer::Marked::~Marked() {
  if (!mark_) return;
  if (mark_->underline) printer_.out_ += kUnderlineEnd;
  if (where_ == Remark::AtEnd && is_annotated())
    printer_.out_ += kRemarkBegin + mark_->remark + kRemarkEnd;
}

namespace detail {

struct MarkedLine {
  std::string text, underline;
};

// Takes the marks out of a text. Lines of comment are not underlined.
inline std::vector<MarkedLine> marked_lines(const std::string& text) {
  std::vector<MarkedLine> lines(1);
  std::string remarks;
  int depth = 0;
  bool indentation = true, comment = false;
  auto finish = [&] {
    MarkedLine& line = lines.back();
    line.underline.erase(line.underline.find_last_not_of(' ') + 1);
    line.text += std::exchange(remarks, "");
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == kUnderlineBegin) {
      ++depth;
    } else if (c == kUnderlineEnd) {
      --depth;
    } else if (c == kRemarkBegin) {
      size_t end = text.find(kRemarkEnd, i);
      remarks += (remarks.empty() ? "  # " : ", ") + text.substr(i + 1, end - i - 1);
      i = end;
    } else if (c == '\n') {
      finish();
      lines.emplace_back();
      indentation = true;
      comment = false;
    } else {
      comment = comment || (indentation && c == '#');
      indentation = indentation && c == ' ';
      lines.back().text += c;
      lines.back().underline += depth > 0 && !indentation && !comment ? '^' : ' ';
    }
  }
  finish();
  return lines;
}

/// The text without its marks, with underlines and numbers, and without the lines that are far from
/// all underlines.
inline std::string lay_out(const std::string& text, const PrintOptions& options) {
  std::vector<MarkedLine> lines = marked_lines(text);
  std::vector<bool> kept(lines.size(), true);
  const auto context = static_cast<size_t>(std::max(options.num_context_lines, 0));
  auto underlined = [](const MarkedLine& line) { return !line.underline.empty(); };
  if (options.num_context_lines >= 0 && std::any_of(lines.begin(), lines.end(), underlined)) {
    kept.assign(lines.size(), false);
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!underlined(lines[i])) continue;
      for (size_t k = i - std::min(i, context); k < std::min(lines.size(), i + context + 1); ++k)
        kept[k] = true;
    }
  }
  const size_t width =
      options.print_line_numbers ? fmt::format("{}", lines.size()).size() + 1 : size_t{0};
  const std::string margin = width ? std::string(width + 1, ' ') : "";
  std::string out;
  for (size_t i = 0; i < lines.size();) {
    if (i) out += '\n';
    if (!kept[i]) {
      size_t end = i;
      while (end < lines.size() && !kept[end]) ++end;
      out += fmt::format("(... {} line{} skipped ...)", end - i, end - i > 1 ? "s" : "");
      i = end;
      continue;
    }
    if (width) out += fmt::format("{:>{}} ", i + 1, width);
    out += lines[i].text;
    if (underlined(lines[i])) out += '\n' + margin + lines[i].underline;
    ++i;
  }
  return out;
}

}  // namespace detail

}  // namespace metaschedule::script
