// SPDX-License-Identifier: Apache-2.0
#include "metaschedule/runtime/module.h"

#include <dlfcn.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "elf_loader.h"
#include "metaschedule/support/error.h"

namespace metaschedule::runtime {

using codegen::Artifact;
using codegen::ArtifactFunction;
using codegen::ArtifactParam;

struct Module::Impl {
  Artifact artifact;
  std::unique_ptr<LoadedObject> object;
  std::shared_ptr<void> library;

  void* find(const std::string& symbol) const {
    return object ? object->find(symbol) : dlsym(library.get(), symbol.c_str());
  }
};

Module Module::from_object(std::string object) {
  auto impl = std::make_shared<Impl>();
  impl->object = std::make_unique<LoadedObject>(object);
  auto* text = static_cast<const char*>(impl->object->find(Artifact::kDescriptionSymbol));
  check<RunError>(text != nullptr,
                  "the object has no description; was it compiled by this library?");
  impl->artifact = codegen::parse_description(text);
  impl->artifact.object = std::move(object);
  Module module;
  module.impl_ = std::move(impl);
  return module;
}

bool Module::is_for_this_machine(const std::string& object) {
  return runtime::is_for_this_machine(object);
}

Module Module::load(const std::string& path) {
  if (!std::filesystem::path(path).extension().string().starts_with(".so")) {
    std::ifstream file(path, std::ios::binary);
    check<RunError>(file.good(), "cannot read {}", path);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return from_object(bytes.str());
  }
  auto impl = std::make_shared<Impl>();
  // A name without a slash would be looked for in the system's folders.
  std::string absolute = std::filesystem::absolute(path).string();
  void* handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) fail<RunError>("cannot open {}: {}", path, dlerror());
  impl->library = std::shared_ptr<void>(handle, dlclose);
  auto* text = static_cast<const char*>(dlsym(handle, Artifact::kDescriptionSymbol));
  check<RunError>(text != nullptr, "{} has no description; was it compiled by this library?", path);
  impl->artifact = codegen::parse_description(text);
  Module module;
  module.impl_ = std::move(impl);
  return module;
}

const Artifact& Module::artifact() const { return impl_->artifact; }

metaschedule_entry Module::entry(const std::string& name) const {
  const ArtifactFunction& function = impl_->artifact.lookup(name);
  void* address = impl_->find(function.symbol);
  check<RunError>(address != nullptr, "the object has no symbol {}", function.symbol);
  return reinterpret_cast<metaschedule_entry>(address);
}

PackedArguments::PackedArguments(const ArtifactFunction& function,
                                 const std::vector<Argument>& args) {
  check<TypeError>(args.size() == function.params.size(), "{}: expected {} arguments, found {}",
                   function.name, function.params.size(), args.size());
  sizes_.assign(function.sizes.size(), -1);
  scalars_.resize(args.size());
  struct Span {
    const char* begin;
    const char* end;
    bool written;
  };
  std::vector<Span> spans;
  for (size_t i = 0; i < args.size(); ++i) {
    const ArtifactParam& param = function.params[i];
    auto where = [&] { return fmt::format("{}: argument {} ({})", function.name, i, param.name); };
    const Tensor* tensor = std::get_if<Tensor>(&args[i]);
    if (!param.is_tensor) {
      if (tensor) fail<TypeError>("{}: expected a number, found a tensor", where());
      double real = 0;
      int64_t whole = 0;
      if (auto* v = std::get_if<int64_t>(&args[i])) real = static_cast<double>(*v), whole = *v;
      if (auto* v = std::get_if<double>(&args[i])) real = *v, whole = static_cast<int64_t>(*v);
      if (param.dtype.is_float() && param.dtype.bits == 32) {
        float narrow = static_cast<float>(real);
        std::memcpy(&scalars_[i], &narrow, sizeof(narrow));
      } else if (param.dtype.is_float() && param.dtype.bits == 64) {
        std::memcpy(&scalars_[i], &real, sizeof(real));
      } else if (param.dtype.is_integral()) {
        if (std::holds_alternative<double>(args[i]))
          fail<TypeError>("{}: expected a whole number, found {}", where(), real);
        std::memcpy(&scalars_[i], &whole, sizeof(whole));
      } else {
        fail<TypeError>("{}: scalars of {} cannot be passed", where(), to_string(param.dtype));
      }
      pointers_.push_back(&scalars_[i]);
      continue;
    }
    if (!tensor || !*tensor) fail<TypeError>("{}: expected a tensor", where());
    if (tensor->dtype() != param.dtype)
      fail<TypeError>("{}: expected dtype {}, found {}", where(), to_string(param.dtype),
                      to_string(tensor->dtype()));
    if (tensor->shape().size() != param.shape.size())
      fail<ValueError>("{}: expected {} dimensions, found {}", where(), param.shape.size(),
                       tensor->shape().size());
    for (size_t axis = 0; axis < param.shape.size(); ++axis) {
      int64_t expected = param.shape[axis];
      int64_t found = tensor->shape()[axis];
      if (expected < 0) {
        int64_t& size = sizes_[static_cast<size_t>(-1 - expected)];
        if (size < 0) size = found;
        expected = size;
      }
      if (expected != found)
        fail<ValueError>("{}: expected size {} in axis {}, found {}", where(), expected, axis,
                         found);
    }
    pack_strides(param, *tensor, where());
    const char* data = static_cast<const char*>(tensor->data());
    if (reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(param.alignment))
      fail<ValueError>("{}: expected data aligned to {} bytes", where(), param.alignment);
    Span span{data, data + tensor->bytes(), param.is_written};
    for (const Span& other : spans) {
      bool overlap = span.begin < other.end && other.begin < span.end;
      if (overlap && (span.written || other.written))
        fail<ValueError>("{}: overlaps another argument, and one of the two is written to",
                         where());
    }
    spans.push_back(span);
    pointers_.push_back(tensor->data());
  }
  for (int64_t& size : sizes_) pointers_.push_back(&size);
}

void PackedArguments::pack_strides(const ArtifactParam& param, const Tensor& tensor,
                                   const std::string& where) {
  const std::vector<int64_t>& shape = tensor.shape();
  const std::vector<int64_t> compact = compact_strides(shape);
  const std::vector<int64_t>& found = tensor.strides().empty() ? compact : tensor.strides();
  if (param.strides.empty()) {
    if (!tensor.strides().empty())
      fail<ValueError>("{}: expected a compact tensor with strides ({}), found strides ({})", where,
                       fmt::join(compact, ", "), fmt::join(found, ", "));
    return;
  }
  std::vector<int64_t> expected(param.strides);
  bool fits = true;
  for (size_t d = 0; d < expected.size(); ++d) {
    if (expected[d] < 0) {
      int64_t& value = sizes_[static_cast<size_t>(-1 - expected[d])];
      if (value < 0) value = found[d];
      expected[d] = value;
    }
    fits &= shape[d] <= 1 || expected[d] == found[d];
  }
  if (!fits)
    fail<ValueError>("{}: expected strides ({}), found strides ({})", where,
                     fmt::join(expected, ", "), fmt::join(found, ", "));
}

void Module::call(const std::string& name, const std::vector<Argument>& args) const {
  const ArtifactFunction& function = impl_->artifact.lookup(name);
  PackedArguments packed(function, args);
  CallContext context;
  int32_t code = entry(name)(packed.data(), context.table());
  if (code != 0) fail<RunError>("{}: {}", name, context.explain(code));
}

}  // namespace metaschedule::runtime
