// SPDX-License-Identifier: Apache-2.0
// Tokens of TVMScript: the part of Python's lexical grammar that scripts use, with INDENT and
// DEDENT, matched brackets and interned names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/support/config.h"
#include "metaschedule/support/error.h"

namespace metaschedule::script {

enum class Tok : uint8_t {
  End,
  Newline,
  Indent,
  Dedent,
  Name,
  Int,
  Float,
  String,   // one literal, quotes included
  FString,  // an f-string: only the host can evaluate it
  LParen,
  RParen,
  LBracket,
  RBracket,
  LBrace,
  RBrace,
  Comma,
  Colon,
  Dot,
  Semicolon,
  At,
  Assign,
  Arrow,
  Ellipsis,
  Walrus,
  Plus,
  Minus,
  Star,
  StarStar,
  Slash,
  SlashSlash,
  Percent,
  Shl,
  Shr,
  Amp,
  Pipe,
  Caret,
  Tilde,
  Lt,
  Le,
  Gt,
  Ge,
  EqEq,
  NotEq,
  PlusEq,
  MinusEq,
  StarEq,
  SlashEq,
  SlashSlashEq,
  PercentEq,
  OtherAssign,  // <<= and the like: recognised so that the error can name it
};

/// A name known to the parser itself; the others are interned from `kFirstSymbol` on.
enum Symbol : int32_t {
  kNoSymbol = -1,
#define METASCHEDULE_KEYWORDS(X)                                                             \
  X(and) X(or) X(not) X(if) X(else) X(elif) X(for) X(in) X(is) X(while) X(with) X(as) X(def)  \
      X(class) X(return) X(pass) X(assert) X(lambda) X(None) X(True) X(False) X(import)       \
          X(from) X(break) X(continue) X(del) X(global) X(nonlocal) X(raise) X(try) X(yield) \
              X(async) X(await)
#define METASCHEDULE_SYMBOL(name) kSym_##name,
  METASCHEDULE_KEYWORDS(METASCHEDULE_SYMBOL)
#undef METASCHEDULE_SYMBOL
      kFirstSymbol
};

struct Token {
  Tok kind = Tok::End;
  /// A bracket whose contents hold a `for` at their own level: a comprehension.
  bool comprehension = false;
  uint32_t begin = 0, end = 0;  // bytes of the text
  int32_t symbol = kNoSymbol;   // of a name
  uint32_t match = 0;           // of an opening bracket: the index of the closing token
};

/// A text cut into tokens. The text must outlive it.
struct TokenStream {
  std::string_view text;
  std::string file;
  int first_line = 1;
  std::vector<Token> tokens;
  std::vector<std::string_view> symbols;  // spelling by symbol

  std::string_view spelling(const Token& token) const {
    return text.substr(token.begin, token.end - token.begin);
  }
  SourceLocation locate(uint32_t offset) const;
  /// An error at a place of the text; `render()` shows the line with a caret under the place.
  ParseError error(uint32_t offset, const std::string& message) const;
};

/// Cuts `text`; raises ParseError. A text that is indented as a whole is read as if it were not.
TokenStream tokenize(std::string_view text, std::string file = "<string>", int first_line = 1);

/// The value of a string literal (prefix, quotes and escapes removed); raises ValueError.
std::string string_literal(std::string_view spelling);

}  // namespace metaschedule::script
