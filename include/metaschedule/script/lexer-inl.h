// SPDX-License-Identifier: Apache-2.0
// The tokeniser.
#pragma once

#include <algorithm>
#include <unordered_map>

#include "metaschedule/script/lexer.h"

namespace metaschedule::script {

METASCHEDULE_INLINE SourceLocation TokenStream::locate(uint32_t offset) const {
  size_t at = std::min<size_t>(offset, text.size());
  SourceLocation where{file, first_line, 1};
  size_t line_begin = 0;
  for (size_t i = 0; i < at; ++i) {
    if (text[i] == '\n') ++where.line, line_begin = i + 1;
  }
  where.column = static_cast<int>(at - line_begin) + 1;
  return where;
}

METASCHEDULE_INLINE ParseError TokenStream::error(uint32_t offset,
                                                  const std::string& message) const {
  SourceLocation where = locate(offset);
  size_t at = std::min<size_t>(offset, text.size());
  size_t begin = at - static_cast<size_t>(where.column - 1);
  size_t end = std::min(text.find('\n', begin), text.size());
  ParseError error(fmt::format("{}:{}:{}: {}", file, where.line, where.column, message), where);
  std::string caret;
  for (size_t i = begin; i < at; ++i) caret += text[i] == '\t' ? '\t' : ' ';
  error.add_note(fmt::format("    {}\n    {}^", text.substr(begin, end - begin), caret));
  return error;
}

namespace detail {

constexpr bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }
constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct Punctuator {
  std::string_view spelling;
  Tok kind;
};
/// Longest first among those with the same first character.
inline constexpr Punctuator kPunctuators[] = {
    {"//=", Tok::SlashSlashEq},
    {"**=", Tok::OtherAssign},
    {"<<=", Tok::OtherAssign},
    {">>=", Tok::OtherAssign},
    {"...", Tok::Ellipsis},
    {"->", Tok::Arrow},
    {":=", Tok::Walrus},
    {"**", Tok::StarStar},
    {"//", Tok::SlashSlash},
    {"<<", Tok::Shl},
    {">>", Tok::Shr},
    {"<=", Tok::Le},
    {">=", Tok::Ge},
    {"==", Tok::EqEq},
    {"!=", Tok::NotEq},
    {"+=", Tok::PlusEq},
    {"-=", Tok::MinusEq},
    {"*=", Tok::StarEq},
    {"/=", Tok::SlashEq},
    {"%=", Tok::PercentEq},
    {"&=", Tok::OtherAssign},
    {"|=", Tok::OtherAssign},
    {"^=", Tok::OtherAssign},
    {"@=", Tok::OtherAssign},
    {"(", Tok::LParen},
    {")", Tok::RParen},
    {"[", Tok::LBracket},
    {"]", Tok::RBracket},
    {"{", Tok::LBrace},
    {"}", Tok::RBrace},
    {",", Tok::Comma},
    {":", Tok::Colon},
    {".", Tok::Dot},
    {";", Tok::Semicolon},
    {"@", Tok::At},
    {"=", Tok::Assign},
    {"+", Tok::Plus},
    {"-", Tok::Minus},
    {"*", Tok::Star},
    {"/", Tok::Slash},
    {"%", Tok::Percent},
    {"&", Tok::Amp},
    {"|", Tok::Pipe},
    {"^", Tok::Caret},
    {"~", Tok::Tilde},
    {"<", Tok::Lt},
    {">", Tok::Gt},
};

class Lexer {
 public:
  explicit Lexer(TokenStream& out) : out_(out), text_(out.text) {
    out_.tokens.reserve(text_.size() / 3 + 16);
#define METASCHEDULE_SYMBOL(name) intern(#name);
    METASCHEDULE_KEYWORDS(METASCHEDULE_SYMBOL)
#undef METASCHEDULE_SYMBOL
  }

  void run() {
    check_size();
    while (pos_ < text_.size()) {
      if (at_line_start_) {
        start_line();
        if (pos_ >= text_.size()) break;
      }
      next();
    }
    if (!brackets_.empty()) {
      throw out_.error(out_.tokens[brackets_.back()].begin, "this bracket is never closed");
    }
    if (!at_line_start_) push(Tok::Newline, pos_, pos_);
    while (indents_.size() > 1) indents_.pop_back(), push(Tok::Dedent, pos_, pos_);
    push(Tok::End, pos_, pos_);
  }

 private:
  void check_size() {
    if (text_.size() > (size_t{1} << 30)) throw out_.error(0, "the text is longer than 1 GiB");
  }

  void push(Tok kind, size_t begin, size_t end) {
    Token token;
    token.kind = kind;
    token.begin = static_cast<uint32_t>(begin);
    token.end = static_cast<uint32_t>(end);
    out_.tokens.push_back(token);
  }

  int32_t intern(std::string_view name) {
    auto [it, added] = symbols_.try_emplace(name, static_cast<int32_t>(out_.symbols.size()));
    if (added) out_.symbols.push_back(name);
    return it->second;
  }

  /// Measures the indentation of a line with something on it and emits INDENT and DEDENT.
  void start_line() {
    int width = 0;
    for (; pos_ < text_.size(); ++pos_) {
      char c = text_[pos_];
      if (c == ' ') {
        ++width;
      } else if (c == '\t') {
        width = (width / 8 + 1) * 8;
      } else if (c == '\n') {
        width = 0;
      } else if (c == '#') {
        while (pos_ + 1 < text_.size() && text_[pos_ + 1] != '\n') ++pos_;
      } else if (c != '\r' && c != '\f') {
        break;
      }
    }
    if (pos_ >= text_.size()) return;
    at_line_start_ = false;
    if (indents_.empty()) {
      indents_.push_back(width);
      return;
    }
    if (width > indents_.back()) {
      indents_.push_back(width);
      push(Tok::Indent, pos_, pos_);
    }
    while (width < indents_.back() && indents_.size() > 1) {
      indents_.pop_back();
      push(Tok::Dedent, pos_, pos_);
    }
    if (width != indents_.back()) {
      throw out_.error(static_cast<uint32_t>(pos_),
                       "the indentation matches that of no enclosing block");
    }
  }

  void next() {
    char c = text_[pos_];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
      ++pos_;
    } else if (c == '\n') {
      if (brackets_.empty()) {
        push(Tok::Newline, pos_, pos_);
        at_line_start_ = true;
      }
      ++pos_;
    } else if (c == '#') {
      while (pos_ < text_.size() && text_[pos_] != '\n') ++pos_;
    } else if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      pos_ += peek(1) == '\n' ? 2 : 3;
    } else if (is_name_start(c)) {
      name();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (c == '"' || c == '\'') {
      string(pos_, false);
    } else {
      punctuator();
    }
  }

  char peek(size_t ahead) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }

  void name() {
    size_t begin = pos_;
    while (pos_ < text_.size() && is_name_char(text_[pos_])) ++pos_;
    std::string_view spelling = text_.substr(begin, pos_ - begin);
    if (pos_ < text_.size() && (text_[pos_] == '"' || text_[pos_] == '\'') &&
        spelling.size() <= 2) {
      bool is_prefix = spelling.find_first_not_of("rRbBuUfF") == std::string_view::npos;
      if (is_prefix) {
        string(begin, spelling.find_first_of("fF") != std::string_view::npos);
        return;
      }
    }
    push(Tok::Name, begin, pos_);
    int32_t symbol = intern(spelling);
    out_.tokens.back().symbol = symbol;
    if (symbol == kSym_for && !brackets_.empty())
      out_.tokens[brackets_.back()].comprehension = true;
  }

  void number() {
    size_t begin = pos_;
    bool is_float = false;
    if (text_[pos_] == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      pos_ += 2;
      while (is_hex_digit(peek(0)) || peek(0) == '_') ++pos_;
    } else {
      auto digits = [&] {
        while (is_digit(peek(0)) || peek(0) == '_') ++pos_;
      };
      digits();
      if (peek(0) == '.') is_float = true, ++pos_, digits();
      if (peek(0) == 'e' || peek(0) == 'E') {
        size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (is_digit(peek(1 + sign))) is_float = true, pos_ += 1 + sign, digits();
      }
    }
    if (is_name_start(peek(0))) throw out_.error(static_cast<uint32_t>(begin), "invalid number");
    push(is_float ? Tok::Float : Tok::Int, begin, pos_);
  }

  void string(size_t begin, bool formatted) {
    bool raw = text_.substr(begin, pos_ - begin).find_first_of("rR") != std::string_view::npos;
    char quote = text_[pos_];
    bool triple = peek(1) == quote && peek(2) == quote;
    pos_ += triple ? 3 : 1;
    for (;; ++pos_) {
      if (pos_ >= text_.size() || (text_[pos_] == '\n' && !triple)) {
        throw out_.error(static_cast<uint32_t>(begin), "this string literal is never closed");
      }
      if (text_[pos_] == '\\' && pos_ + 1 < text_.size() && (!raw || text_[pos_ + 1] != '\n')) {
        ++pos_;
      } else if (text_[pos_] == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
        pos_ += triple ? 3 : 1;
        break;
      }
    }
    push(formatted ? Tok::FString : Tok::String, begin, pos_);
  }

  void punctuator() {
    std::string_view rest = text_.substr(pos_, 3);
    for (const Punctuator& p : kPunctuators) {
      if (!rest.starts_with(p.spelling)) continue;
      size_t begin = pos_;
      pos_ += p.spelling.size();
      push(p.kind, begin, pos_);
      auto index = static_cast<uint32_t>(out_.tokens.size() - 1);
      if (p.kind == Tok::LParen || p.kind == Tok::LBracket || p.kind == Tok::LBrace) {
        brackets_.push_back(index);
      } else if (p.kind == Tok::RParen || p.kind == Tok::RBracket || p.kind == Tok::RBrace) {
        close(p.kind, index);
      }
      return;
    }
    throw out_.error(static_cast<uint32_t>(pos_),
                     fmt::format("unexpected character '{}'", text_.substr(pos_, 1)));
  }

  void close(Tok kind, uint32_t index) {
    auto opening = static_cast<Tok>(static_cast<int>(kind) - 1);
    if (brackets_.empty() || out_.tokens[brackets_.back()].kind != opening) {
      throw out_.error(out_.tokens[index].begin, "this bracket closes none");
    }
    out_.tokens[brackets_.back()].match = index;
    brackets_.pop_back();
  }

  TokenStream& out_;
  std::string_view text_;
  size_t pos_ = 0;
  bool at_line_start_ = true;
  std::vector<int> indents_;
  std::vector<uint32_t> brackets_;
  std::unordered_map<std::string_view, int32_t> symbols_;
};

}  // namespace detail

METASCHEDULE_INLINE TokenStream tokenize(std::string_view text, std::string file, int first_line) {
  TokenStream out;
  out.text = text;
  out.file = std::move(file);
  out.first_line = first_line;
  detail::Lexer(out).run();
  return out;
}

namespace detail {
inline void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

/// Reads `digits` hexadecimal digits at `pos`.
inline uint32_t hex_escape(std::string_view body, size_t& pos, size_t digits) {
  uint32_t code = 0;
  for (size_t k = 0; k < digits; ++k, ++pos) {
    check<ValueError>(pos < body.size() && is_hex_digit(body[pos]),
                      "expected {} hexadecimal digits in a string escape", digits);
    char c = body[pos];
    code = code * 16 + static_cast<uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return code;
}
}  // namespace detail

METASCHEDULE_INLINE std::string string_literal(std::string_view spelling) {
  size_t prefix = spelling.find_first_of("\"'");
  std::string_view flags = spelling.substr(0, prefix);
  bool raw = flags.find_first_of("rR") != std::string_view::npos;
  bool bytes = flags.find_first_of("bB") != std::string_view::npos;
  std::string_view body = spelling.substr(prefix);
  size_t quote = body.size() >= 6 && body[1] == body[0] && body[2] == body[0] ? 3 : 1;
  body = body.substr(quote, body.size() - 2 * quote);
  if (raw || body.find('\\') == std::string_view::npos) return std::string(body);
  std::string out;
  for (size_t i = 0; i < body.size();) {
    char c = body[i++];
    if (c != '\\' || i >= body.size()) {
      out += c;
      continue;
    }
    char e = body[i++];
    constexpr std::string_view from = "ntrabfv\\'\"", to = "\n\t\r\a\b\f\v\\'\"";
    if (size_t k = from.find(e); k != std::string_view::npos) {
      out += to[k];
    } else if (e == '\n') {
      continue;
    } else if (e == 'x') {
      // The printer writes each byte of a string as \xHH, so these are bytes, not code points.
      out += static_cast<char>(detail::hex_escape(body, i, 2));
    } else if (!bytes && (e == 'u' || e == 'U')) {
      detail::append_utf8(out, detail::hex_escape(body, i, e == 'u' ? 4 : 8));
    } else if (e >= '0' && e <= '7') {
      uint32_t code = static_cast<uint32_t>(e - '0');
      for (int k = 0; k < 2 && i < body.size() && body[i] >= '0' && body[i] <= '7'; ++k)
        code = code * 8 + static_cast<uint32_t>(body[i++] - '0');
      out += static_cast<char>(code);
    } else {
      out += '\\';
      out += e;
    }
  }
  return out;
}

}  // namespace metaschedule::script
