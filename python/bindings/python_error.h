// SPDX-License-Identifier: Apache-2.0
// A Python exception on its way through C++ threads: it owns the exception and gives it back, as it
// was, to the interpreter.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "metaschedule/support/error.h"

namespace metaschedule::bindings {

namespace py = pybind11;

class PythonError : public Error {
 public:
  /// Takes over `error`; needs the GIL.
  explicit PythonError(const py::error_already_set& error)
      : Error(error.what()),
        value_(new PyObject*(py::object(error.value()).release().ptr()), [](PyObject** value) {
          if (Py_IsInitialized()) {
            py::gil_scoped_acquire gil;
            Py_DECREF(*value);
          }
          delete value;
        }) {
    // The traceback is a part of the error here, not yet of the exception.
    if (error.trace()) PyException_SetTraceback(*value_, error.trace().ptr());
  }
  /// Raises the exception again in the interpreter; needs the GIL.
  void restore() const { PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(*value_)), *value_); }

 private:
  std::shared_ptr<PyObject*> value_;
};

/// Runs `f` with the GIL held; what Python raises in it leaves as PythonError.
template <class F>
auto with_python(F&& f) {
  py::gil_scoped_acquire gil;
  try {
    return f();
  } catch (const py::error_already_set& error) {
    throw PythonError(error);
  } catch (const py::cast_error& error) {
    fail<TypeError>("{}", error.what());
  }
}

}  // namespace metaschedule::bindings
