// SPDX-License-Identifier: Apache-2.0
// Any text as TVMScript.
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace metaschedule;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Ref<Node> program = fuzz::accepted([&] { return parse_script(text); });
  if (program) fuzz::exercise(program);
  return 0;
}
