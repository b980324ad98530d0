// SPDX-License-Identifier: Apache-2.0
// The printer: appends to one string; names live as long as the frame that defines them.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/script/printer.h"

namespace metaschedule::script {

/// Binding strength of what was printed, loosest first.
enum Precedence : uint8_t {
  kLambda,
  kConditional,
  kPrecOr,
  kPrecAnd,
  kPrecNot,
  kComparison,
  kBitOr,
  kBitXor,
  kBitAnd,
  kShift,
  kSum,
  kProduct,
  kUnary,
  kAtom,
};

class Printer {
 public:
  explicit Printer(const PrintOptions& options);
  std::string run(const Node& node);

 private:
  // ---- names
  void push_frame() { frames_.push_back(defined_.size()); }
  void pop_frame();
  /// Takes a name that no live definition has, as close to `hint` as can be.
  std::string fresh_name(std::string_view hint, std::string_view otherwise);
  const std::string& define(const Node& node, std::string_view hint,
                            std::string_view otherwise = "v");
  /// Makes `text` stand for a node without taking a name (`A.data`).
  void define_as(const Node& node, std::string text);
  const std::string* find_name(const Node* node) const;
  /// Defines a buffer and what belongs to it: data, strides and offset that are not defined yet.
  void define_buffer(const Buffer& buffer);

  // ---- marks
  void collect_marks();
  /// A remark on lines of its own.
  void remark_line(const std::string& text);
  struct Mark {
    bool underline = false;
    std::string remark;
  };
  enum class Remark : uint8_t { None, Above, AtEnd };
  /// Underlines what is printed while it lives, and adds the remark, where the node has them.
  class Marked {
   public:
    Marked(Printer& printer, const Node& node, Remark where);
    ~Marked();
    Marked(const Marked&) = delete;
    Marked& operator=(const Marked&) = delete;
    bool is_annotated() const { return mark_ && !mark_->remark.empty(); }

   private:
    Printer& printer_;
    const Mark* mark_ = nullptr;
    Remark where_;
  };
  /// The name of a buffer where it is defined.
  void defined_name(const Buffer& buffer);

  // ---- expressions
  void expr(const Expr& e, Precedence context = kLambda);
  void expr(const Node& e, Precedence context);
  void infix(const BinaryExpr& e, const char* op, Precedence level, Precedence context);
  void binary(const BinaryExpr& e, Precedence context);
  void function_form(const BinaryExpr& e, const char* name);
  void var(const Var& v);
  void buffer_name(const Buffer& buffer);
  void int_imm(const IntImm& imm);
  void float_imm(const FloatImm& imm);
  void string(std::string_view text);
  void call(const Call& c);
  void load(const BufferLoad& l);
  void reduce(const Reduce& r);
  void comm_reducer(const CommReducer& c);
  void index(const Expr& e);
  void indices(const Exprs& list);
  void region(const BufferRegion& r);
  void range_value(const Range& r);
  void dtype_call(DType dtype);
  void type(const TypeNode* type);
  void value(const Node* node);  // attributes
  void dict(const Dict& items);
  void target_config(const Target& t);
  void target(const Target& t);
  void vdevice(const VDevice& v);
  void index_map(const IndexMap& m);
  void metadata(const Node& node);
  template <class L>
  void list(const L& items, char open, char close, bool trailing_comma = false);

  // ---- statements
  void line();  // starts a line
  void line(std::string_view text);
  /// The statements of a body, in a frame that is open already.
  void body(const Stmt& stmt);
  void stmt(const Stmt& s, bool last);
  void nested(const Stmt& stmt);  // a body one level deeper
  void block(const Block& b, const BlockRealize* realize);
  void block_axes(const Block& b, const BlockRealize* realize);
  void block_buffers(const Block& b);
  void regions(const char* what, const BufferRegions& list);
  void loop(const For& f);
  void let(const LetStmt& s, bool last);
  void attr(const AttrStmt& s, bool last);
  void allocate(const Allocate& s, bool last);
  void allocate_const(const AllocateConst& s, bool last);
  void buffer_decl(const DeclBuffer& s, bool last);
  void assert_stmt(const AssertStmt& s, bool last);
  void realize(const BufferRealize& s, bool last);
  void store(const BufferStore& s);
  void if_stmt(const IfThenElse& s);
  void evaluate(const Evaluate& s);
  /// `x = HEAD` and the body below it, or `with HEAD as x:` and the body inside.
  template <class F>
  void frame(const std::string& name, bool last, const Stmt& body, F&& head);
  /// `T.what(…)` of a buffer after its name.
  void buffer_args(const char* what, const Buffer& buffer, std::string_view first, bool with_data);
  /// Defines the free variables that the shape of a buffer brings.
  void shape_vars(const Buffer& buffer);
  void declare_here(const Node& statement);

  // ---- functions
  void function(const PrimFunc& f, std::string_view name);
  void module(const IRModule& m);
  void function_header(const PrimFunc& f, std::string_view name);
  void function_body(const PrimFunc& f);
  bool is_plain_param(const PrimFunc& f, const Var& param, const Buffer& buffer) const;
  void free_statement(const Stmt& s);
  std::string finish();
  void find_placements(const PrimFunc& f);
  void print_function(const PrimFunc& f, std::string_view name);

  const PrintOptions& options_;
  DType int_dtype_, float_dtype_, buffer_dtype_;
  std::string t_, i_;  // prefixes with their dot
  std::string out_;
  int indent_ = 0;
  bool uses_ir_ = false, uses_tir_ = false;
  std::vector<Ref<Node>> metadata_;

  struct Named {
    const Node* node;
    std::string name;
    bool takes_name;
  };
  std::vector<Named> defined_;
  std::vector<size_t> frames_;
  std::unordered_map<const Node*, std::string> names_;
  std::unordered_set<std::string> taken_;
  std::unordered_map<const Var*, const For*> loops_;
  const IRModule* module_ = nullptr;
  std::string module_name_;

  /// Variables and buffers that nothing defines, by the statement before which they are declared.
  /// Filled only where printing has met one.
  std::unordered_map<const Node*, std::vector<const Node*>> placements_;
  /// Parameters that are used beside being bound to a buffer.
  std::unordered_set<const Node*> used_params_;
  /// Threads that several statements launch.
  std::vector<const IterVar*> env_threads_;
  std::unordered_set<const Node*> launched_;
  bool lacks_definition_ = false;
  std::unordered_map<const Node*, Mark> marks_;
};

}  // namespace metaschedule::script
