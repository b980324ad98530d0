// SPDX-License-Identifier: Apache-2.0
#include "read_input.h"

#include "metaschedule/script/parser.h"
#include "metaschedule/support/error.h"

namespace metaschedule::worker {

ModuleRef read_module(const std::string& text) { return parse_module(text); }

TargetRef read_target(const std::string& text) {
  auto target = mutate(*make<Target>());
  size_t end = text.find(' ');
  target->target_kind = text.substr(0, end);
  size_t at = text.find("-mcpu=");
  if (at != std::string::npos) {
    std::string cpu = text.substr(at + 6);
    target->attrs = Dict({{"mcpu", make<String>(cpu.substr(0, cpu.find(' ')))}});
  }
  return target;
}

}  // namespace metaschedule::worker
