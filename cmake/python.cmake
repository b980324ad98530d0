# SPDX-License-Identifier: Apache-2.0
# The Python extension `_core`. It links the core and XGBoost but no LLVM: compiling is the worker's business, so an
# import stays quick.
metaschedule_glob(binding_sources "python/bindings/*.cc")
if(binding_sources)
  set(PYBIND11_FINDPYTHON ON)
  find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
  if(NOT pybind11_DIR)
    execute_process(COMMAND ${Python_EXECUTABLE} -m pybind11 --cmakedir OUTPUT_VARIABLE pybind11_hint
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  find_package(pybind11 3 CONFIG QUIET HINTS "${pybind11_hint}")
  if(NOT pybind11_FOUND)
    message(STATUS "metaschedule: pybind11 3 was not found for ${Python_EXECUTABLE}; no Python extension")
  else()
    pybind11_add_module(_core MODULE NO_EXTRAS ${binding_sources})
    target_include_directories(_core PRIVATE ${PROJECT_SOURCE_DIR}/python/bindings)
    metaschedule_precompile(_core <pybind11/pybind11.h> <pybind11/stl.h> <pybind11/functional.h>)
    target_link_libraries(_core PRIVATE metaschedule_core)
    if(TARGET metaschedule_xgboost)
      target_link_libraries(_core PRIVATE metaschedule_xgboost)
    endif()
    target_compile_definitions(_core PRIVATE METASCHEDULE_VERSION="${PROJECT_VERSION}")
    set_target_properties(_core PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
    # The worker is found beside the extension.
    install(TARGETS _core LIBRARY DESTINATION metaschedule COMPONENT python EXCLUDE_FROM_ALL)
    if(TARGET metaschedule-worker)
      install(TARGETS metaschedule-worker RUNTIME DESTINATION metaschedule COMPONENT python EXCLUDE_FROM_ALL)
    endif()
  endif()
endif()
# A wheel takes the sources by itself; `./dev build` takes them from here.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/python/metaschedule DESTINATION . COMPONENT python_sources EXCLUDE_FROM_ALL
        PATTERN __pycache__ EXCLUDE)
