// SPDX-License-Identifier: Apache-2.0
// Loads a relocatable object into memory. Our objects refer to nothing outside themselves, so this
// is a copy of their sections and a few kinds of relocations; see docs/decisions/0006-loader.md.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace metaschedule::runtime {

class LoadedObject {
 public:
  /// Raises RunError for anything but a little-endian ELF object of x86-64 that is whole and
  /// defines what it uses.
  explicit LoadedObject(std::string_view bytes);
  ~LoadedObject();
  LoadedObject(const LoadedObject&) = delete;
  LoadedObject& operator=(const LoadedObject&) = delete;

  /// Null when the object defines no such name.
  void* find(const std::string& name) const;

 private:
  void* memory_ = nullptr;
  size_t size_ = 0;
  std::unordered_map<std::string, void*> symbols_;
};

/// Whether an ELF object is for processors of this kind.
bool is_for_this_machine(std::string_view object);

/// The text of a symbol of an object file without loading it; empty when it has none.
std::string read_text_symbol(std::string_view object, const std::string& name);

}  // namespace metaschedule::runtime
