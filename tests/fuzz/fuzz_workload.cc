// SPDX-License-Identifier: Apache-2.0
// Any text as a line of a file of workloads, whose module is JSON in base64; and any bytes as what
// is inside of the base64.
#include "fuzz/fuzz.h"
#include "metaschedule/support/base64.h"
#include "metaschedule/support/json.h"
#include "metaschedule/tune/tuning_record.h"

namespace metaschedule::fuzz {
namespace {

Ref<Node> module_of(const json& line) { return Workload::from_json(line)->mod; }

void read(const std::string_view text) {
  Ref<Node> module = accepted([&] { return module_of(parse_json(text)); });
  if (module) exercise(module);
  const uint64_t length = text.size();
  std::string inside;
  for (int i = 0; i < 8; ++i) inside += static_cast<char>(length >> (8 * i));
  inside += text;
  module = accepted([&] { return module_of(json::array({"0", detail::encode_base64(inside)})); });
  if (module) exercise(module);
}

}  // namespace
}  // namespace metaschedule::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  metaschedule::fuzz::read(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
