// SPDX-License-Identifier: Apache-2.0
// Errors across the seam: each C++ class has a Python class under TVMError; ValueError, TypeError,
// IndexError and KeyError become Python's own.
#include "bindings.h"
#include "metaschedule/support/error.h"
#include "python_error.h"

namespace metaschedule::bindings {

namespace {
struct PythonClasses {
  py::object tvm_error, parse, verify, schedule, build, run, database, internal, value, type, index,
      key;
};
PYBIND11_CONSTINIT py::gil_safe_call_once_and_store<PythonClasses> storage;

template <class E>
void raise(const py::object& cls, const E& error) {
  py::object instance = cls(error.render());
  py::list notes;
  for (const Note& note : error.notes()) notes.append(note.text);
  instance.attr("notes") = notes;
  if constexpr (std::is_same_v<E, ParseError>) {
    instance.attr("file") = error.where().file;
    instance.attr("line") = error.where().line;
    instance.attr("column") = error.where().column;
  }
  PyErr_SetObject(cls.ptr(), instance.ptr());
}

py::object subclass(py::module_& m, const char* name, const py::tuple& bases, const char* doc) {
  py::object cls = py::handle(reinterpret_cast<PyObject*>(&PyType_Type))(
      name, bases, py::dict(py::arg("__doc__") = doc, py::arg("__module__") = "metaschedule"));
  m.attr(name) = cls;
  return cls;
}
}  // namespace

void bind_errors(py::module_& m) {
  storage.call_once_and_store_result([&m] {
    auto one = [](const py::object& a) { return py::make_tuple(a); };
    py::object runtime = py::reinterpret_borrow<py::object>(PyExc_RuntimeError);
    auto both = [](const py::object& a, PyObject* b) {
      return py::make_tuple(a, py::reinterpret_borrow<py::object>(b));
    };
    PythonClasses c;
    c.tvm_error = subclass(m, "TVMError", one(runtime), "Base of all errors of this library.");
    c.parse = subclass(m, "ParseError", one(c.tvm_error), "The text is not TVMScript or JSON.");
    c.verify = subclass(m, "VerifyError", both(c.tvm_error, PyExc_ValueError),
                        "The program is malformed.");
    c.schedule =
        subclass(m, "ScheduleError", one(c.tvm_error), "A primitive may not do this here.");
    c.build = subclass(m, "BuildError", one(c.tvm_error), "A program could not be compiled.");
    c.run = subclass(m, "RunError", one(c.tvm_error), "A compiled program could not be run.");
    c.database =
        subclass(m, "DatabaseError", one(c.tvm_error), "A database cannot be read or written.");
    c.internal = subclass(m, "InternalError", one(c.tvm_error), "A defect of metaschedule.");
    c.value = subclass(m, "TVMValueError", both(c.tvm_error, PyExc_ValueError),
                       "A value outside what is accepted.");
    c.type = subclass(m, "TVMTypeError", both(c.tvm_error, PyExc_TypeError),
                      "A value of the wrong type.");
    c.index = subclass(m, "TVMIndexError", both(c.tvm_error, PyExc_IndexError),
                       "An index that names nothing.");
    c.key = subclass(m, "TVMKeyError", both(c.tvm_error, PyExc_KeyError), "A key that is absent.");
    return c;
  });
  py::register_exception_translator([](std::exception_ptr p) {
    const PythonClasses& c = storage.get_stored();
    try {
      if (p) std::rethrow_exception(p);
    } catch (const PythonError& e) {
      e.restore();
    } catch (const ParseError& e) {
      raise(c.parse, e);
    } catch (const VerifyError& e) {
      raise(c.verify, e);
    } catch (const ScheduleError& e) {
      raise(c.schedule, e);
    } catch (const BuildError& e) {
      raise(c.build, e);
    } catch (const RunError& e) {
      raise(c.run, e);
    } catch (const DatabaseError& e) {
      raise(c.database, e);
    } catch (const ValueError& e) {
      raise(c.value, e);
    } catch (const TypeError& e) {
      raise(c.type, e);
    } catch (const IndexError& e) {
      raise(c.index, e);
    } catch (const KeyError& e) {
      raise(c.key, e);
    } catch (const InternalError& e) {
      raise(c.internal, e);
    } catch (const Error& e) {
      raise(c.tvm_error, e);
    }
  });
}

}  // namespace metaschedule::bindings
