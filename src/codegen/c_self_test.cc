// SPDX-License-Identifier: Apache-2.0
// A C program that checks an exported kernel against its program as plain C.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "metaschedule/codegen/c_source.h"
#include "metaschedule/ir/op.h"
#include "metaschedule/ir/walk.h"

namespace metaschedule::codegen {
namespace {

constexpr const char* kHelpers = R"c(
/* Values to compute with: small whole numbers, whose sums and products are exact, or, for programs
 * that round anyway, numbers in [0.1, 1.1). */
static uint64_t ms_test_state = 1;
static uint32_t ms_test_random(void) {
  ms_test_state = ms_test_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(ms_test_state >> 33);
}
static double ms_test_value(int is_unsigned, int is_fraction) {
  uint32_t r = ms_test_random();
  if (is_fraction) return 0.1 + (double)(r % 10000) / 10000;
  return (double)(r % 9) - (is_unsigned ? 0 : 4);
}
static void* ms_test_tensor(size_t bytes) {
  /* 64 bytes of room, so that the start can be aligned. The memory lives as long as the test. */
  uintptr_t start = (uintptr_t)ms_test_allocate(bytes + 64);
  return (void*)((start + 63) / 64 * 64);
}
static int ms_test_differs(double wanted, double found, double tolerance) {
  if (wanted == found || (isnan(wanted) && isnan(found))) return 0;
  return !(fabs(wanted - found) <= tolerance);
}
)c";

/// True when the program rounds even on small whole numbers.
bool is_inexact(const PrimFunc& func) {
  return any_node(*func.body, [](const Node& n) {
    if (const FloatImm* imm = as<FloatImm>(&n)) return imm->value != std::trunc(imm->value);
    const ExprNode* e = as<ExprNode>(&n);
    return e && e->dtype.is_floating() && (n.kind == Kind::Call || n.kind == Kind::Div);
  });
}

void check_parameters(const ArtifactFunction& f, const PrimFunc& func) {
  bool fits = f.params.size() == func.params.size();
  for (size_t i = 0; fits && i < f.params.size(); ++i) {
    const ArtifactParam& p = f.params[i];
    BufferRef buffer = func.buffer_of(func.params[i]);
    fits = p.is_tensor == static_cast<bool>(buffer) &&
           p.dtype == (buffer ? buffer->dtype : func.params[i]->dtype) &&
           p.shape.size() == (buffer ? buffer->shape.size() : 0);
    for (size_t d = 0; fits && d < p.shape.size(); ++d) {
      auto size = as_const_int(buffer->shape[d]);
      fits = size ? *size == p.shape[d] : p.shape[d] < 0;
    }
  }
  check<BuildError>(fits, "self-test: the function {} to compare with has other parameters",
                    f.name);
}

/// The binary logarithm of the difference that is allowed, as a part of the largest value: 256
/// units of rounding, 32 in types that have few.
int allowed_difference(DType t) {
  if (t.bits == 64) return 8 - 53;
  if (t.bits == 32) return 8 - 24;
  if (t.is_float8()) return -1;
  return t.is_bfloat16() ? 5 - 8 : 5 - 11;
}

std::string size_of(const ArtifactParam& p) {
  std::string out = "(size_t)1";
  for (int64_t size : p.shape)
    out += size >= 0 ? fmt::format(" * {}", size) : fmt::format(" * (size_t)n{}", -1 - size);
  return out;
}

std::string test_function(const ArtifactFunction& f, const PrimFunc& func) {
  const std::string name = f.symbol.substr(0, f.symbol.rfind("_entry"));
  const bool inexact = is_inexact(func);
  std::vector<std::string> sizes, kernel_args, plain_args;
  std::string fill, compare;
  for (size_t i = 0; i < f.sizes.size(); ++i) sizes.push_back(fmt::format("int64_t n{}", i));
  for (size_t i = 0; i < f.params.size(); ++i) {
    const ArtifactParam& p = f.params[i];
    const std::string type = c_type(p.dtype);
    std::string value = fmt::format("ms_test_value({}, {})", p.dtype.is_uint() ? 1 : 0,
                                    inexact && p.dtype.is_floating() ? 1 : 0);
    if (p.dtype.is_bool()) value = "(int)" + value + " & 1";
    if (!p.is_tensor) {
      fill += fmt::format("  {} a{} = {};\n", type, i, c_encode(p.dtype, value));
      kernel_args.push_back(fmt::format("a{}", i));
      plain_args.push_back(fmt::format("a{}", i));
      continue;
    }
    fill += fmt::format(
        "  size_t e{0} = {2};\n"
        "  {1}* a{0} = ({1}*)ms_test_tensor(e{0} * sizeof({1}));\n"
        "  {1}* b{0} = ({1}*)ms_test_tensor(e{0} * sizeof({1}));\n"
        "  for (size_t i = 0; i < e{0}; ++i) a{0}[i] = b{0}[i] = {3};\n",
        i, type, size_of(p), c_encode(p.dtype, value));
    kernel_args.push_back(fmt::format("a{}", i));
    plain_args.push_back(fmt::format("b{}", i));
    compare += fmt::format(
        "  largest = 0;\n"
        "  for (size_t i = 0; i < e{0}; ++i)\n"
        "    if (fabs({1}) > largest && !isinf({1})) largest = fabs({1});\n"
        "  tolerance = {2};\n"
        "  for (size_t i = 0; i < e{0}; ++i)\n"
        "    if (ms_test_differs({1}, {3}, tolerance)) {{\n"
        "      printf(\"{4}: argument {0}, element %zu: expected %.9g, found %.9g\\n\", i, {1}, "
        "{3});\n"
        "      return 1;\n"
        "    }}\n",
        i, "(double)" + c_decode(p.dtype, fmt::format("b{}[i]", i)),
        p.dtype.is_floating() ? fmt::format("ldexp(largest, {})", allowed_difference(p.dtype))
                              : "0",
        "(double)" + c_decode(p.dtype, fmt::format("a{}[i]", i)), name);
  }
  for (size_t i = 0; i < f.sizes.size(); ++i) {
    kernel_args.push_back(fmt::format("n{}", i));
    plain_args.push_back(fmt::format("n{}", i));
  }
  return fmt::format(R"c(
/* {1} as it was written. */
{2}
/* 0 when the kernel computes what its program says. */
static int {0}_self_test({3}) {{
  double largest, tolerance;
  int32_t code;
{4}  (void)largest, (void)tolerance;
  code = {0}_plain({5});
  if (code != 0) {{
    printf("{0}: the plain program ends with %d\n", (int)code);
    return 1;
  }}
  code = {0}({6});
  if (code != 0) {{
    printf("{0}: the kernel ends with %d\n", (int)code);
    return 1;
  }}
{7}  printf("{0}: as expected\n");
  return 0;
}}
)c",
                     name, f.name, c_source(func, name + "_plain"),
                     sizes.empty() ? "void" : fmt::format("{}", fmt::join(sizes, ", ")), fill,
                     fmt::join(plain_args, ", "), fmt::join(kernel_args, ", "), compare);
}

}  // namespace

std::string c_self_test(const Artifact& artifact, const IRModule& reference,
                        const std::string& header) {
  std::string tests, calls;
  size_t word = 1;
  for (const ArtifactFunction& f : artifact.functions) {
    const PrimFunc* func = reference.find(f.name);
    // A module of one function each: the name is whatever it was when it was compiled.
    if (!func && artifact.functions.size() == 1 && reference.functions.size() == 1)
      func = as<PrimFunc>(reference.functions[0].second);
    check<BuildError>(func != nullptr, "self-test: expected a function {} to compare with", f.name);
    check_parameters(f, *func);
    tests += test_function(f, *func);
    std::vector<std::string> args;
    for (size_t i = 0; i < f.sizes.size(); ++i, ++word)
      args.push_back(fmt::format("argc > {0} ? atoll(argv[{0}]) : 37", word));
    calls += fmt::format("  failed += {}_self_test({});\n",
                         f.symbol.substr(0, f.symbol.rfind("_entry")), fmt::join(args, ", "));
  }
  return fmt::format(
      "/* Made by metaschedule: compile it with any C compiler, link it with the kernel and the C\n"
      " * library's maths (-lm), run it. It ends with 0 when the kernel computes what it should. "
      "*/\n"
      "#include \"{}\"\n\n{}{}{}\n"
      "#ifndef METASCHEDULE_NO_TEST_MAIN\n"
      "int main(int argc, char** argv) {{\n"
      "  int failed = 0;\n  (void)argc, (void)argv;\n{}  return failed != 0;\n}}\n#endif\n",
      header, c_source_prelude(), kHelpers, tests, calls);
}

}  // namespace metaschedule::codegen
