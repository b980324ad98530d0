// SPDX-License-Identifier: Apache-2.0
// The parser of one text: a recursive descent that evaluates while it reads. Scripts have no
// syntax tree of their own; a lambda or a skipped branch is a range of tokens.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "metaschedule/script/detail/tree_size.h"
#include "metaschedule/script/detail/value.h"
#include "metaschedule/script/parser.h"

namespace metaschedule::script {

/// Where a statement stands, innermost last.
enum class Place : uint8_t { Function, Block, Init, Loop, Branch, With, If };

/// A block between its `with` and its end.
struct BlockState {
  std::string name;
  bool no_realize = false;
  std::vector<Ref<IterVar>> iter_vars;
  std::vector<Expr> iter_values;
  Expr predicate;
  std::optional<BufferRegions> reads, writes;
  std::optional<Dict> annotations;
  std::vector<BufferRef> alloc_buffers;
  std::vector<Ref<MatchBufferRegion>> match_buffers;
  Stmt init;
};

/// A `T.If` between its `with` and its end.
struct IfState {
  Expr condition;
  Stmt then_case, else_case;
};

/// A function between its header and its end.
struct FunctionState {
  std::string name;
  bool is_private = false;
  std::vector<VarRef> params;
  NodePairs buffer_map;
  Dict attrs;
  Type ret_type;
  std::vector<BufferRef> alloc_buffers;
  std::vector<Ref<IterVar>> env_threads;
  std::vector<std::pair<const Var*, Expr>> env_extents;
};

/// A module between its header and its end.
struct ModuleState {
  Dict attrs, global_infos;
};

/// The statements of one suite and the frames that stay open until its end.
struct Suite {
  struct Open {
    size_t start;
    std::vector<Ref<StmtNode>> stmts;
  };
  std::vector<Stmt> stmts;
  std::vector<Open> opens;
};

/// Which regions of a block are to be found by analysis.
enum InferMask : uint8_t { kInferReads = 1, kInferWrites = 2 };

class Parser {
 public:
  Parser(std::string_view text, const ParseOptions& options);
  Ref<Node> run();

  // ---- What builtins work with. All of these raise ValueError or TypeError, which become
  // ParseErrors at the place of the call.

  Expr to_expr(const Value& value) const;
  /// Numbers of the host take the given type.
  Expr to_expr_as(const Value& value, DType dtype) const;
  Exprs to_exprs(const Value& value) const;
  DType to_dtype(const Value& value) const;
  std::string to_string(const Value& value) const;
  int64_t to_int(const Value& value) const;
  bool to_bool(const Value& value) const;
  BufferRef to_buffer(const Value& value) const;
  Ref<BufferRegion> to_region(const Value& value) const;
  Ref<Range> to_range(const Value& value) const;
  /// A value as an attribute: numbers of the host become constants, unless floats stay boxed.
  Ref<Node> to_attr(const Value& value, bool box_floats = false) const;
  Dict to_dict(const Value& value, bool box_floats = false) const;
  /// A target, its text or its dictionary; `host` replaces the one that it names.
  TargetRef to_target(const Value& value, TargetRef host = nullptr) const;
  /// A value as the host sees it: numbers stay boxed.
  Ref<Node> to_host(const Value& value) const;
  Value from_host(const Ref<Node>& node) const;

  /// The block whose statements are being read; raises unless it is the innermost frame.
  BlockState& current_block(std::string_view what);
  /// The function that is being read; raises outside of one.
  FunctionState& function(std::string_view what);
  Place place(std::string_view what);
  BlockState* innermost_block() { return blocks_.empty() ? nullptr : &blocks_.back(); }
  void emit(Stmt stmt) { suite_->stmts.push_back(std::move(stmt)); }
  /// The loop that defines a variable; null when there is none.
  const For* loop_of(const Var* var) const;
  /// Calls a lambda with these arguments.
  Value call_lambda(const Value& lambda, const std::vector<Value>& args);
  const std::vector<std::string_view>& lambda_params(const Value& lambda) const;
  /// The module that is being read; raises outside of one.
  ModuleState& module(std::string_view what);
  Value binary(Tok op, const Value& a, const Value& b);
  Value compare(Tok op, const Value& a, const Value& b);
  Value subscript(const Value& base, const std::vector<Value>& indices);
  Type to_type(const Value& value) const;
  /// Pays for work that the length of the text does not bound; raises where there is too much.
  void spend(uint64_t steps) const;

 private:
  // ---- tokens
  const Token& peek(size_t ahead = 0) const { return ts_.tokens[pos_ + ahead]; }
  const Token& take() { return ts_.tokens[pos_++]; }
  bool at(Tok kind) const { return peek().kind == kind; }
  bool at_word(int32_t symbol) const { return at(Tok::Name) && peek().symbol == symbol; }
  bool accept(Tok kind);
  bool accept_word(int32_t symbol);
  const Token& expect(Tok kind, const char* what);
  void expect_word(int32_t symbol, const char* what);
  const Token& expect_name(const char* what);
  std::string_view spelling(const Token& token) const { return ts_.spelling(token); }
  [[noreturn]] void error(const Token& token, const std::string& message) const;
  [[noreturn]] void error_here(const std::string& message) const { error(peek(), message); }
  /// The token after the suite that starts at `pos_` (a colon).
  void skip_suite();
  /// The token after the indented lines that start at `pos_`.
  void skip_block();

  // ---- names
  struct Binding {
    int32_t symbol;
    int32_t previous;  // index of the binding it shadows
    uint32_t frame;
    Value value;
  };
  const Value* find(int32_t symbol) const;
  /// A value that stands somewhere else already: pays for what its expression stands for.
  const Value& shared(const Value& value);
  void bind(const Token& token, const Value& value);
  void bind_symbol(int32_t symbol, Value value);
  int32_t symbol_of(std::string_view name) const;
  void push_names() { ++name_frame_; }
  void pop_names();

  // ---- expressions
  Value parse_expr();       // lambda, conditional
  Value parse_expr_list();  // a, b
  Value parse_or();
  Value parse_and();
  Value parse_not();
  Value parse_comparison();
  Value parse_binary(int min_precedence);
  Value parse_unary();
  Value parse_postfix();
  Value parse_atom();
  Value parse_name();
  Value parse_lambda();
  Value parse_number();
  Value parse_string();
  Value parse_brackets();
  Value parse_dict();
  std::vector<Value> parse_subscript();
  Value parse_slice();
  Args parse_args(bool regions);
  void unpack_keywords(Args& args);
  Value attribute(const Value& base, const Token& name);
  Value node_attribute(const Value& base, std::string_view name);
  Value buffer_attribute(const Value& base, const Buffer& buffer, std::string_view name);
  Value call(const Value& callee, Args& args);
  Value call_method(const Value& self, std::string_view name, Args& args);
  Value call_module_function(std::string_view name, const Args& args);
  Value logical(bool is_and, const Value& a, const Value& b);
  Value logical_not(const Value& a);
  Value negate(const Value& a);
  Value host_value(size_t first, size_t last);
  Value python_builtin(std::string_view name);
  /// The last token of the primary expression that starts at `first`.
  size_t primary_end(size_t first) const;
  bool truth(const Value& value, const Token& where) const;

  // ---- statements
  Stmt parse_suite();  // from the colon
  void parse_statements();
  void parse_statement();
  void parse_simple_statement();
  void parse_assignment(size_t assign);
  void parse_target(const Value& value, size_t end);
  void parse_augmented(size_t assign);
  void parse_annotated();
  void parse_for();
  void parse_while();
  void parse_if();
  void parse_with();
  void parse_assert();
  void parse_return();
  void parse_expression_statement();
  bool parse_macro_call();
  void expand_macro(const ScriptMacro& macro, Args& args);
  void parse_macro_body(Args& args);
  void store(const Value& target, const std::vector<Value>& indices, const Value& value);
  void assign_name(const Token& name, const Value& value);
  Value name_value(std::string_view name, const Value& value);
  void bind_loop_vars(const std::vector<Value>& vars, size_t end);
  void open(std::vector<Ref<StmtNode>> stmts);
  void open_frame(const Value& frame);
  /// A frame about to get its body, which it can only once.
  const Frame& take_frame(const Value& value, const Token& where);
  Stmt close_suite(Suite& suite);
  /// Reads the suite under one item of a `with` and gives the finished statement.
  Stmt parse_with_body(const Frame& frame, bool bracketed);
  Stmt finish_block(Stmt body);
  template <class BodyIn>
  Stmt finish_if(const Frame& frame, const BodyIn& body_in);
  void parse_with_item(bool bracketed);
  Stmt parse_in(Place place);

  // ---- definitions
  struct Decorator {
    std::string_view kind;
    bool is_private = false;
  };
  Decorator parse_decorators();
  void parse_import();
  Ref<Node> parse_definition();
  PrimFuncRef parse_function(bool is_private);
  void parse_param();
  PrimFuncRef finish_function(Stmt body);
  ModuleRef parse_class();
  void declare_functions();
  /// Passes over the decorators and the definition that start at `pos_`.
  void skip_definition();
  Type parse_return_type();

  struct Depth {
    Depth(Parser& parser, int limit);
    ~Depth() { --parser.depth_; }
    Parser& parser;
  };
  /// Counts how deep the expression over some operands is: one more than the deepest of them.
  class Operands {
   public:
    explicit Operands(Parser& parser) : parser_(parser), start_(parser.tree_depth_) {}
    ~Operands() {
      next();
      parser_.tree_depth_ = start_ + deepest_;
    }
    Operands(const Operands&) = delete;
    Operands& operator=(const Operands&) = delete;
    /// An operand has been read.
    void next() {
      deepest_ = std::max(deepest_, parser_.tree_depth_ - start_);
      parser_.tree_depth_ = start_;
    }
    /// They are put together.
    void join(const Token& where);

   private:
    Parser& parser_;
    uint32_t start_, deepest_ = 0;
  };

  TokenStream ts_;
  const ParseOptions& options_;
  size_t pos_ = 0;
  /// Where the operation that is being evaluated stands.
  const Token* where_ = nullptr;
  int depth_ = 0;
  int nesting_ = 0;
  bool regions_ = false;
  uint32_t tree_depth_ = 0;
  mutable uint64_t budget_ = 0;
  TreeSizes sizes_;

  std::vector<Binding> bindings_;
  std::vector<int32_t> bound_;  // by symbol: index into bindings_
  uint32_t name_frame_ = 0;
  std::vector<int32_t> tir_symbols_, ir_symbols_;

  Suite* suite_ = nullptr;
  std::vector<Place> places_;
  std::vector<BlockState> blocks_;
  std::vector<IfState> ifs_;
  std::vector<const For*> loops_;
  FunctionState* function_ = nullptr;
  std::unordered_map<const Block*, uint8_t> to_infer_;

  struct Declared {
    Ref<GlobalVar> var;
    DType ret_dtype = DType::void_();
  };
  std::vector<std::pair<std::string_view, Declared>> functions_;
  ModuleState* module_ = nullptr;
};

/// `T.name` and `I.name`; null when there is no such builtin.
const Builtin* find_tir_builtin(std::string_view name);
const Builtin* find_ir_builtin(std::string_view name);
/// The type that a name such as `float32x4` or `boolean` stands for.
std::optional<DType> find_dtype_function(std::string_view name);

/// Names a variable or buffer that has no name yet, and what belongs to it: a builtin has just made
/// it, so it has no other holder.
void set_name(const Node& node, std::string_view name);
/// `stop - start`, simplified.
Expr difference(const Expr& stop, const Expr& start);
/// The index that reads `extent` neighbours from `start`: a number of them, or of units of vscale.
Expr slice_index(const Expr& start, const Expr& extent);

}  // namespace metaschedule::script
