// SPDX-License-Identifier: Apache-2.0
// Plain text tables: right-aligned cells between bars.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) { row(std::move(header)).separator(); }

  /// Adds a row; it has as many cells as the header.
  TextTable& row(std::vector<std::string> cells) {
    METASCHEDULE_CHECK(rows_.empty() || cells.size() == rows_[0].size());
    rows_.push_back(std::move(cells));
    return *this;
  }
  /// Adds a line of dashes.
  TextTable& separator() {
    rows_.emplace_back();
    return *this;
  }
  /// Lines joined by newlines, none at the end. A number of bytes counts as a width.
  std::string render() const {
    std::vector<size_t> widths(rows_[0].size());
    for (const auto& cells : rows_) {
      for (size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
    }
    size_t total = 3 * widths.size() - 1;
    for (size_t width : widths) total += width;
    std::string out;
    for (size_t r = 0; r < rows_.size(); ++r) {
      if (r) out += '\n';
      if (rows_[r].empty()) out.append(total, '-');
      for (size_t i = 0; i < rows_[r].size(); ++i) {
        if (i) out += '|';
        out.append(widths[i] + 1 - rows_[r][i].size(), ' ').append(rows_[r][i]).append(" ");
      }
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> rows_;  // an empty row is a separator
};

}  // namespace metaschedule
