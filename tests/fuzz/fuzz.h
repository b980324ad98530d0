// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets do with an input. An error of the library is an answer; anything else (a
// crash, a hang, memory without end, an internal error, a program that does not survive its own
// text) ends the run with the input in a file.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/verify.h"
#include "metaschedule/script/json.h"
#include "metaschedule/script/parser.h"
#include "metaschedule/script/printer.h"

namespace metaschedule::fuzz {

[[noreturn]] inline void stop(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s\n%s\n", what, text.c_str());
  std::abort();
}

/// Runs `read`, which may refuse; null when it did.
template <class F>
Ref<Node> accepted(const F& read) {
  try {
    return read();
  } catch (const InternalError& error) {
    stop("an internal error", error.render());
  } catch (const Error&) {
    return nullptr;
  }
}

/// What can be done to a program that was accepted, well-formed or not.
inline void exercise(const Ref<Node>& program) {
  const std::string text = to_script(program);
  // What stands free in a program is another variable once it is read again.
  const uint64_t hash = structural_hash(program, {.map_free_vars = true});
  if (!structural_equal(program, program)) stop("not equal to itself:", text);
  const bool is_program = as<PrimFunc>(program) || as<IRModule>(program);
  const bool good = is_program && !find_ill_formed(*program);
  // Keys that are not UTF-8 have no JSON form.
  Ref<Node> again = accepted([&] { return load_json(save_json(*program)); });
  if (!again) return;
  if (good && !structural_equal(program, again, {.map_free_vars = true}))
    stop("changed by JSON:", text);
  if (good && structural_hash(again, {.map_free_vars = true}) != hash)
    stop("hashes otherwise after JSON:", text);
}

}  // namespace metaschedule::fuzz
