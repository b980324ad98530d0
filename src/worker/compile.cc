// SPDX-License-Identifier: Apache-2.0
// The role that compiles: text of a module in, an object out.
#include "metaschedule/codegen/compile.h"
#include "handlers.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"

namespace metaschedule::worker {
namespace {

/// JSON as `save_json` writes it, or TVMScript.
ModuleRef read_module(const std::string& text) {
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') return parse_module(text);
  Ref<Node> node = load_json(text);
  if (ModuleRef module = as_ref<IRModule>(node)) return module;
  PrimFuncRef func = as_ref<PrimFunc>(node);
  check<ParseError>(static_cast<bool>(func), "expected a module or a function");
  return IRModule::from_func(func);
}

}  // namespace

void prepare_to_compile() {
  // The first module pays for what LLVM sets up once; this one is nobody's.
  BufferRef buffer = decl_buffer({i32(1)}, kFloat32, "A");
  VarRef param = make<Var>("a", DType::handle());
  Stmt body = make<BufferStore>(buffer, make_const(kFloat32, 0), Exprs{i32(0)});
  PrimFuncRef func = make<PrimFunc>(Vars{param}, body, NodePairs{{param, buffer}});
  try {
    codegen::compile(*IRModule::from_func(func), *make_target("llvm"));
  } catch (const Error&) {
    // The requests will say what is wrong.
  }
}

runtime::CompileReply compile(const runtime::CompileRequest& request) {
  runtime::CompileReply reply;
  try {
    ModuleRef module = read_module(request.module_text);
    codegen::CompileOptions options;
    options.opt_level = request.opt_level;
    options.alignment = request.alignment;
    if (request.with_text) {
      options.llvm_ir = &reply.result.llvm_ir;
      options.assembly = &reply.result.assembly;
    }
    reply.object = codegen::compile(*module, *make_target(request.target), options).object;
  } catch (const Error& error) {
    reply.result.kind = runtime::FailureKind::Build;
    reply.result.error = error.render();
  }
  return reply;
}

}  // namespace metaschedule::worker
