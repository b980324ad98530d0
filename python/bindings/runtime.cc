// SPDX-License-Identifier: Apache-2.0
// Compiling in a worker process, and calling what was compiled with numpy arrays.
#include <pybind11/numpy.h>

#include <memory>
#include <mutex>

#include "bindings.h"
#include "metaschedule/runtime/evaluator.h"
#include "metaschedule/runtime/module.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/script/printer.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

std::shared_ptr<const codegen::Artifact> compile(const ModuleRef& mod, const std::string& target,
                                                 double timeout_sec) {
  // One compiler for the process; it starts with the first program.
  static std::mutex mutex;
  static std::unique_ptr<runtime::CompilePool> pool;
  runtime::CompileRequest request;
  request.module_text = to_script(*mod);
  request.target = target;
  request.timeout_sec = timeout_sec;
  py::gil_scoped_release release;
  std::lock_guard lock(mutex);
  if (!pool) pool = std::make_unique<runtime::CompilePool>(1);
  runtime::CompileResult result = pool->submit(std::move(request)).get();
  if (!result.ok()) throw BuildError(result.error);
  return result.artifact;
}

/// A numpy array as an argument; the memory is shared, so it must be contiguous and aligned.
struct ArrayArgument {
  py::array array;
  py::object original;  // where the values go back to, when a copy was needed
  runtime::Tensor tensor;
};

DType dtype_of(const py::array& array) { return to_dtype(array.dtype().attr("name")); }

py::array aligned_empty(DType dtype, const std::vector<int64_t>& shape) {
  auto* tensor = new runtime::Tensor(runtime::Tensor::empty(dtype, shape));
  py::capsule owner(tensor, [](void* p) { delete static_cast<runtime::Tensor*>(p); });
  py::dtype type(dtype == kBool ? "bool" : to_string(dtype));
  return py::array(type, std::vector<py::ssize_t>(shape.begin(), shape.end()), tensor->data(),
                   owner);
}

runtime::Tensor view(const py::array& array) {
  struct Keep {
    runtime::DLManagedTensor managed{};
    std::vector<int64_t> shape;
  };
  auto* keep = new Keep();
  keep->shape.assign(array.shape(), array.shape() + array.ndim());
  DType dtype = dtype_of(array);
  runtime::DLTensor& t = keep->managed.dl_tensor;
  t.data = const_cast<void*>(array.data());
  t.device = {1, 0};
  t.ndim = static_cast<int32_t>(array.ndim());
  t.dtype = {static_cast<uint8_t>(dtype.code), dtype.bits, 1};
  t.shape = keep->shape.data();
  keep->managed.manager_ctx = keep;
  keep->managed.deleter = [](runtime::DLManagedTensor* self) {
    delete static_cast<Keep*>(self->manager_ctx);
  };
  return runtime::Tensor::from_dlpack(&keep->managed);
}

ArrayArgument argument(py::handle value) {
  py::object source = py::reinterpret_borrow<py::object>(value);
  if (py::hasattr(source, "_array")) source = source.attr("_array");
  check<TypeError>(py::isinstance<py::array>(source),
                   "expected numpy arrays or NDArrays as arguments, found {}",
                   std::string(py::str(py::type::of(source).attr("__name__"))));
  ArrayArgument out;
  out.array = py::reinterpret_borrow<py::array>(source);
  bool fits = (out.array.flags() & py::array::c_style) && out.array.writeable() &&
              reinterpret_cast<uintptr_t>(out.array.data()) % runtime::kAlignment == 0;
  if (!fits) {
    out.original = out.array;
    out.array = aligned_empty(dtype_of(out.array),
                              {out.array.shape(), out.array.shape() + out.array.ndim()});
    out.array.attr("__setitem__")(py::ellipsis(), out.original);
  }
  out.tensor = view(out.array);
  return out;
}

struct Arguments {
  std::vector<ArrayArgument> arrays;
  std::vector<runtime::Argument> values;

  explicit Arguments(const py::args& args) {
    for (py::handle value : args) {
      if (PyLong_Check(value.ptr())) {
        values.emplace_back(py::cast<int64_t>(value));
      } else if (PyFloat_Check(value.ptr())) {
        values.emplace_back(py::cast<double>(value));
      } else {
        arrays.push_back(argument(value));
        values.emplace_back(arrays.back().tensor);
      }
    }
  }
  void copy_back() const {
    for (const ArrayArgument& a : arrays) {
      if (a.original && py::reinterpret_borrow<py::array>(a.original).writeable())
        a.original.attr("__setitem__")(py::ellipsis(), a.array);
    }
  }
};

std::string entry_name(const runtime::Module& module, const std::string& name) {
  return name.empty() ? module.artifact().entry().name : name;
}

std::vector<double> time_module(const runtime::Module& module, const std::string& name,
                                const py::args& args, int number, int repeat, double min_repeat_ms,
                                bool flush) {
  Arguments arguments(args);
  std::string function = entry_name(module, name);
  runtime::PackedArguments packed(module.artifact().lookup(function), arguments.values);
  runtime::CallContext context;
  metaschedule_entry entry = module.entry(function);
  runtime::EvaluatorOptions options;
  options.number = number;
  options.repeat = repeat;
  options.min_repeat_ms = min_repeat_ms;
  py::gil_scoped_release release;
  int status = 0;
  auto call = [&] { return entry(packed.data(), context.table()); };
  auto prepare = [&] {
    for (size_t i = 1; flush && i < arguments.arrays.size(); ++i) {
      const runtime::Tensor& tensor = arguments.arrays[i].tensor;
      runtime::flush_cache(tensor.data(), tensor.bytes());
    }
  };
  runtime::Evaluation result = runtime::evaluate(options, call, prepare, &status);
  if (status != 0) throw RunError(context.explain(status));
  return result.seconds;
}

}  // namespace

void bind_runtime(py::module_& m) {
  py::class_<codegen::Artifact, std::shared_ptr<codegen::Artifact>>(m, "Artifact",
                                                                    "A compiled program.")
      .def_property_readonly("object",
                             [](const codegen::Artifact& a) { return py::bytes(a.object); })
      .def_property_readonly("functions",
                             [](const codegen::Artifact& a) {
                               std::vector<std::string> names;
                               for (const auto& f : a.functions) names.push_back(f.name);
                               return names;
                             })
      .def("describe", [](const codegen::Artifact& a) { return codegen::describe(a); })
      .def("export_to", [](const codegen::Artifact& a, const std::string& path) {
        codegen::export_artifact(a, path);
      });
  m.def("compile", [](const ModuleRef& mod, const std::string& target, double timeout) {
    return std::const_pointer_cast<codegen::Artifact>(compile(mod, target, timeout));
  });
  py::class_<runtime::Module>(m, "CompiledModule", "A compiled program in this process.")
      .def_static(
          "from_object",
          [](const py::bytes& object) { return runtime::Module::from_object(std::string(object)); })
      .def_static("load", &runtime::Module::load)
      .def_property_readonly(
          "entry_name",
          [](const runtime::Module& module) { return module.artifact().entry().name; })
      .def_property_readonly("functions",
                             [](const runtime::Module& module) {
                               std::vector<std::string> names;
                               for (const auto& f : module.artifact().functions)
                                 names.push_back(f.name);
                               return names;
                             })
      .def("call",
           [](const runtime::Module& module, const std::string& name, const py::args& args) {
             Arguments arguments(args);
             std::string function = entry_name(module, name);
             {
               py::gil_scoped_release release;
               module.call(function, arguments.values);
             }
             arguments.copy_back();
           })
      .def("time", [](const runtime::Module& module, const std::string& name, int number,
                      int repeat, double min_repeat_ms, bool flush, const py::args& args) {
        return time_module(module, name, args, number, repeat, min_repeat_ms, flush);
      });
  m.def("aligned_empty", &aligned_empty, "dtype"_a, "shape"_a);
}

}  // namespace metaschedule::bindings
