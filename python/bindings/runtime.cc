// SPDX-License-Identifier: Apache-2.0
// Compiling in a worker process, and calling what was compiled with arrays of numpy and of whatever
// speaks DLPack.
#include <pybind11/numpy.h>

#include <memory>
#include <mutex>

#include "bindings.h"
#include "metaschedule/codegen/export.h"
#include "metaschedule/runtime/evaluator.h"
#include "metaschedule/runtime/module.h"
#include "metaschedule/runtime/worker_client.h"
#include "metaschedule/script/printer.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

runtime::CompileResult compile(const ModuleRef& mod, const std::string& target, double timeout_sec,
                               int alignment, bool with_text) {
  // One compiler for the process; it starts with the first program.
  static std::mutex mutex;
  static std::unique_ptr<runtime::CompilePool> pool;
  check<ValueError>(alignment >= 1 && alignment <= 64 && (alignment & (alignment - 1)) == 0,
                    "build: expected an alignment of 1, 2, 4, ... or 64 bytes, found {}",
                    alignment);
  runtime::CompileRequest request;
  request.module_text = to_script(*mod);
  request.target = target;
  request.timeout_sec = timeout_sec;
  request.alignment = alignment;
  request.with_text = with_text;
  py::gil_scoped_release release;
  std::lock_guard lock(mutex);
  if (!pool) pool = std::make_unique<runtime::CompilePool>(1);
  runtime::CompileResult result = pool->submit(std::move(request)).get();
  if (!result.ok()) throw BuildError(result.error);
  return result;
}

/// One tensor among the arguments: shared memory where it fits, else a copy.
struct ArrayArgument {
  py::array array;      // of a numpy argument
  py::object original;  // where the values go back to, when a copy was needed
  runtime::Tensor tensor;
};

DType dtype_of(const py::array& array) {
  const std::string name = py::str(array.dtype().attr("name"));
  if (name == "float8_e4m3fn") return DType::make(TypeCode::E4M3Float, 8, 1);
  if (name == "float8_e5m2") return DType::make(TypeCode::E5M2Float, 8, 1);
  return to_dtype(array.dtype().attr("name"));
}

py::array aligned_empty(DType dtype, const std::vector<int64_t>& shape) {
  auto* tensor = new runtime::Tensor(runtime::Tensor::empty(dtype, shape));
  py::capsule owner(tensor, [](void* p) { delete static_cast<runtime::Tensor*>(p); });
  py::dtype type(dtype == kBool ? "bool" : to_string(dtype));
  return py::array(type, std::vector<py::ssize_t>(shape.begin(), shape.end()), tensor->data(),
                   owner);
}

/// A view of a numpy array that keeps it alive. For types that numpy has not, an array of unsigned
/// integers of as many bits will do.
runtime::Tensor view(const py::array& array, DType wanted) {
  std::vector<int64_t> shape(array.shape(), array.shape() + array.ndim());
  auto keep = std::make_shared<py::array>(array);
  DType dtype = dtype_of(array);
  if ((wanted.is_bfloat16() || wanted.is_float8()) && dtype == DType::uint(wanted.bits))
    dtype = wanted;
  std::vector<int64_t> strides(array.strides(), array.strides() + array.ndim());
  for (int64_t& stride : strides) stride /= std::max<int64_t>(1, array.itemsize());
  return runtime::Tensor::borrow(const_cast<void*>(array.data()), dtype, shape, keep,
                                 runtime::strides_unless_compact(shape, std::move(strides)));
}

ArrayArgument numpy_argument(const py::array& array, const codegen::ArtifactParam& param,
                             const std::string& where) {
  ArrayArgument out;
  out.array = array;
  if (param.is_written && !array.writeable())
    fail<ValueError>("{}: the program writes to it, but the array is read-only", where);
  const auto place = reinterpret_cast<uintptr_t>(array.data());
  bool in_order = array.flags() & py::array::c_style;
  if (!param.strides.empty()) {
    // What the program wants of the strides is checked with the other arguments; a copy would lose
    // them.
    in_order = true;
    for (py::ssize_t d = 0; d < array.ndim(); ++d)
      in_order &= array.strides(d) % array.itemsize() == 0;
    if (!in_order || place % static_cast<uintptr_t>(param.alignment))
      fail<ValueError>("{}: expected a start aligned to {} bytes and strides of whole elements",
                       where, param.alignment);
  }
  const bool fits = in_order && place % static_cast<uintptr_t>(param.alignment) == 0;
  if (!fits) {
    out.original = array;
    out.array = aligned_empty(dtype_of(array), {array.shape(), array.shape() + array.ndim()});
    out.array.attr("__setitem__")(py::ellipsis(), out.original);
  }
  out.tensor = view(out.array, param.dtype);
  return out;
}

/// The tensor of a DLPack capsule, which gives up what it holds only when that can be taken.
runtime::Tensor take_capsule(const py::object& capsule, bool written) {
  if (PyCapsule_IsValid(capsule.ptr(), "dltensor_versioned")) {
    auto* tensor = static_cast<runtime::DLManagedTensorVersioned*>(
        PyCapsule_GetPointer(capsule.ptr(), "dltensor_versioned"));
    runtime::Tensor out = runtime::Tensor::from_dlpack(tensor, written);
    PyCapsule_SetName(capsule.ptr(), "used_dltensor_versioned");
    return out;
  }
  check<TypeError>(PyCapsule_IsValid(capsule.ptr(), "dltensor"),
                   "expected a DLPack capsule that nobody has used, found another object");
  auto* tensor =
      static_cast<runtime::DLManagedTensor*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor"));
  runtime::Tensor out = runtime::Tensor::from_dlpack(tensor);
  PyCapsule_SetName(capsule.ptr(), "used_dltensor");
  return out;
}

ArrayArgument argument(py::handle value, const codegen::ArtifactParam& param,
                       const std::string& where) {
  py::object source = py::reinterpret_borrow<py::object>(value);
  if (py::hasattr(source, "_array")) source = source.attr("_array");
  if (py::isinstance<py::array>(source))
    return numpy_argument(py::reinterpret_borrow<py::array>(source), param, where);
  if (PyCapsule_CheckExact(source.ptr()) || py::hasattr(source, "__dlpack__")) {
    py::object capsule = source;
    if (!PyCapsule_CheckExact(source.ptr())) capsule = source.attr("__dlpack__")();
    ArrayArgument out;
    try {
      out.tensor = take_capsule(capsule, param.is_written);
    } catch (const ValueError& e) {
      fail<ValueError>("{}: {}", where, e.message());
    } catch (const TypeError& e) {
      fail<TypeError>("{}: {}", where, e.message());
    }
    return out;
  }
  fail<TypeError>("{}: expected a numpy array, an NDArray or a tensor with __dlpack__, found {}",
                  where, std::string(py::str(py::type::of(source).attr("__name__"))));
}

struct Arguments {
  std::vector<ArrayArgument> arrays;
  std::vector<runtime::Argument> values;

  Arguments(const py::args& args, const codegen::ArtifactFunction& function) {
    check<TypeError>(args.size() == function.params.size(), "{}: expected {} arguments, found {}",
                     function.name, function.params.size(), args.size());
    for (size_t i = 0; i < args.size(); ++i) {
      py::handle value = args[i];
      const codegen::ArtifactParam& param = function.params[i];
      if (PyLong_Check(value.ptr())) {
        values.emplace_back(py::cast<int64_t>(value));
      } else if (PyFloat_Check(value.ptr())) {
        values.emplace_back(py::cast<double>(value));
      } else {
        arrays.push_back(argument(
            value, param, fmt::format("{}: argument {} ({})", function.name, i, param.name)));
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
  std::string function = entry_name(module, name);
  Arguments arguments(args, module.artifact().lookup(function));
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
      .def_readonly("target", &codegen::Artifact::target,
                    "The processor that it is for, as LLVM names it.")
      .def_readonly("triple", &codegen::Artifact::triple, "The machine and system that it is for.")
      .def_property_readonly(
          "is_native",
          [](const codegen::Artifact& a) { return runtime::Module::is_for_this_machine(a.object); },
          "Whether it is for processors of the kind at hand.")
      .def("export_to",
           [](const codegen::Artifact& a, const std::string& path,
              const OrNone<IRModule>& reference) { codegen::export_artifact(a, path, reference); });
  m.def("compile",
        [](const ModuleRef& mod, const std::string& target, double timeout, int alignment) {
          return std::const_pointer_cast<codegen::Artifact>(
              compile(mod, target, timeout, alignment, false).artifact);
        });
  m.def("compile_text",
        [](const ModuleRef& mod, const std::string& target, double timeout, int alignment) {
          runtime::CompileResult result = compile(mod, target, timeout, alignment, true);
          return py::make_tuple(result.llvm_ir, result.assembly);
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
             std::string function = entry_name(module, name);
             Arguments arguments(args, module.artifact().lookup(function));
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
