// SPDX-License-Identifier: Apache-2.0
// Any text as the JSON of a node.
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace metaschedule;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Ref<Node> node = fuzz::accepted([&] { return load_json(text); });
  if (node) fuzz::exercise(node);
  return 0;
}
