// SPDX-License-Identifier: Apache-2.0
// The file of a cost model: one JSON value. Each model says what is in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "metaschedule/support/error.h"
#include "metaschedule/support/json.h"

namespace metaschedule::detail {

/// Writes beside `path` and renames, so that a process killed here leaves the file that was there.
inline void write_model_file(const std::string& path, const json& value) {
  const std::string partial = path + ".partial";
  std::ofstream file(partial);
  file << dump_json(value) << "\n";
  file.close();
  std::error_code problem;
  if (file) std::filesystem::rename(partial, path, problem);
  check<ValueError>(file && !problem, "the cost model cannot be written to {}", path);
}

/// Calls `read` with the value; whatever it finds wrong becomes a ValueError that names the file
/// and `kind`, what the file should hold.
template <class Read>
void read_model_file(const std::string& path, const char* kind, Read&& read) {
  std::ifstream file(path);
  check<ValueError>(file.good(), "the cost model file {} cannot be opened", path);
  auto refuse = [&](const char* problem) {
    fail<ValueError>("{} holds no {}: {}", path, kind, problem);
  };
  try {
    read(parse_json(std::string(std::istreambuf_iterator<char>(file), {})));
  } catch (const json::exception& e) {
    refuse(e.what());
  } catch (const Error& e) {
    refuse(e.what());
  }
}

}  // namespace metaschedule::detail
