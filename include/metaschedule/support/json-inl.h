// SPDX-License-Identifier: Apache-2.0
// Bodies of json.h.
#pragma once

#include <cmath>
#include <cstdlib>

#include "metaschedule/support/config.h"
#include "metaschedule/support/error.h"
#include "metaschedule/support/json.h"

namespace metaschedule {
namespace detail {

inline void dump_json_string(std::string& out, const std::string& text) {
  out += '"';
  for (unsigned char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        if (c >= 0x20 && c <= 0x7e) {
          out += static_cast<char>(c);
        } else {
          fmt::format_to(std::back_inserter(out), "\\x{:02X}", c);
        }
    }
  }
  out += '"';
}

inline void dump_json_value(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::object: {
      out += '{';
      bool first = true;
      for (const auto& [key, item] : value.items()) {
        if (!first) out += ',';
        first = false;
        dump_json_string(out, key);
        out += ':';
        dump_json_value(out, item);
      }
      out += '}';
      return;
    }
    case json::value_t::array: {
      out += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i) out += ',';
        dump_json_value(out, value[i]);
      }
      out += ']';
      return;
    }
    case json::value_t::string:
      return dump_json_string(out, value.get_ref<const std::string&>());
    case json::value_t::number_float: {
      const double number = value.get<double>();
      check<ValueError>(std::isfinite(number), "JSON has no form for the number {}", number);
      fmt::format_to(std::back_inserter(out), "{:.20g}", number);
      return;
    }
    default:
      out += value.dump();
  }
}

/// Recursive descent; `depth` bounds the recursion so that hostile input cannot exhaust the stack.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  json read() {
    skip_space();
    if (pos_ == text_.size()) return nullptr;
    json value = read_value(0);
    skip_space();
    if (pos_ != text_.size()) stop("nothing more after the value");
    return value;
  }

 private:
  static constexpr int kMaxDepth = 512;

  [[noreturn]] void stop(std::string_view expected) const {
    const std::string found =
        pos_ < text_.size() ? fmt::format("`{}`", text_.substr(pos_, 16)) : "the end of the text";
    throw ParseError(
        fmt::format("JSON: expected {} at column {}, found {}", expected, pos_ + 1, found),
        SourceLocation{"", 1, static_cast<int>(pos_ + 1)});
  }
  void skip_space() {
    while (pos_ < text_.size() && std::string_view(" \t\r\n").find(text_[pos_]) != text_.npos)
      ++pos_;
  }
  char peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }
  bool take(std::string_view word) {
    if (text_.substr(pos_, word.size()) != word) return false;
    pos_ += word.size();
    return true;
  }

  json read_value(int depth) {
    if (depth > kMaxDepth) stop("at most 512 nested values");
    switch (peek()) {
      case '[':
        return read_array(depth);
      case '{':
        return read_object(depth);
      case '"':
        return read_string();
      case 'n':
        if (take("null")) return nullptr;
        break;
      case 't':
        if (take("true")) return true;
        break;
      case 'f':
        if (take("false")) return false;
        break;
      default:
        return read_number();
    }
    stop("a value");
  }

  json read_array(int depth) {
    json out = json::array();
    ++pos_;
    for (skip_space(); !take("]"); skip_space()) {
      out.push_back(read_value(depth + 1));
      skip_space();
      if (take(",")) continue;
      if (peek() != ']') stop("`,` or `]`");
    }
    return out;
  }

  json read_object(int depth) {
    json out = json::object();
    ++pos_;
    for (skip_space(); !take("}"); skip_space()) {
      if (peek() != '"') stop("a key in quotes or `}`");
      std::string key = read_string();
      skip_space();
      if (!take(":")) stop("`:`");
      skip_space();
      out[std::move(key)] = read_value(depth + 1);
      skip_space();
      if (take(",")) continue;
      if (peek() != '}') stop("`,` or `}`");
    }
    return out;
  }

  json read_number() {
    size_t end = pos_;
    bool is_float = false;
    while (end < text_.size() &&
           std::string_view("0123456789+-.eE").find(text_[end]) != text_.npos) {
      is_float |= std::string_view(".eE").find(text_[end]) != std::string_view::npos;
      ++end;
    }
    if (end == pos_) stop("a value");
    const std::string digits(text_.substr(pos_, end - pos_));
    char* stopped = nullptr;
    json out;
    errno = 0;
    if (!is_float) {
      const int64_t number = std::strtoll(digits.c_str(), &stopped, 10);
      out = number;
      is_float = errno == ERANGE;
    }
    if (is_float) out = std::strtod(digits.c_str(), &stopped);
    if (*stopped != '\0') stop("a number");
    pos_ = end;
    return out;
  }

  int read_hex(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i, ++pos_) {
      const char c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) stop("a hexadecimal digit");
      value = value * 16 + digit;
    }
    return value;
  }

  void append_utf8(std::string& out, unsigned code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
    } else if (code < 0x10000) {
      out += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3f)),
              static_cast<char>(0x80 | (code & 0x3f))};
    } else {
      out +=
          {static_cast<char>(0xf0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 0x3f)),
           static_cast<char>(0x80 | (code >> 6 & 0x3f)), static_cast<char>(0x80 | (code & 0x3f))};
    }
  }

  void read_unicode(std::string& out) {
    unsigned code = read_hex(4);
    if (code >= 0xd800 && code < 0xdc00) {
      if (!take("\\u")) stop("the second half of a surrogate pair");
      const unsigned low = read_hex(4);
      if (low < 0xdc00 || low > 0xdfff) stop("the second half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code);
  }

  std::string read_string() {
    std::string out;
    ++pos_;
    while (true) {
      if (pos_ >= text_.size()) stop("a closing quote");
      const char c = text_[pos_++];
      if (c == '"') return out;
      if (c != '\\') {
        out += c;
        continue;
      }
      const char escape = peek();
      ++pos_;
      switch (escape) {
        case '"':
        case '\\':
        case '/':
          out += escape;
          break;
        case 'b':
          out += '\b';
          break;
        case 'f':
          out += '\f';
          break;
        case 'n':
          out += '\n';
          break;
        case 'r':
          out += '\r';
          break;
        case 't':
          out += '\t';
          break;
        case 'x':
          out += static_cast<char>(read_hex(2));
          break;
        case 'u':
          read_unicode(out);
          break;
        default:
          --pos_;
          stop("an escape of JSON");
      }
    }
  }

  std::string_view text_;
  size_t pos_ = 0;
};

}  // namespace detail

METASCHEDULE_INLINE std::string dump_json(const json& value) {
  std::string out;
  detail::dump_json_value(out, value);
  return out;
}

METASCHEDULE_INLINE json parse_json(std::string_view text) {
  return detail::JsonReader(text).read();
}

}  // namespace metaschedule
