# SPDX-License-Identifier: Apache-2.0
# What can be switched on and off, and the compiler settings of a build of our own (a parent project keeps its own).
option(METASCHEDULE_BUILD_TESTS "Build the C++ tests" ${PROJECT_IS_TOP_LEVEL})
option(METASCHEDULE_BUILD_EXAMPLES "Build examples/ and benchmarks/" ${PROJECT_IS_TOP_LEVEL})
option(METASCHEDULE_BUILD_PYTHON "Build the Python extension" ${PROJECT_IS_TOP_LEVEL})
option(METASCHEDULE_INSTALL "Add install rules and the package config" ON)
option(METASCHEDULE_WITH_LLVM "Build the LLVM code generator and the worker" ON)
option(METASCHEDULE_WITH_XGBOOST "Build the XGBoost cost model" ON)
option(METASCHEDULE_WITH_SQLITE "Build the sqlite database" ON)
option(METASCHEDULE_CCACHE "Compile through ccache where it is found" ${PROJECT_IS_TOP_LEVEL})
option(METASCHEDULE_PCH "Precompile the standard and fmt headers" ${PROJECT_IS_TOP_LEVEL})
set(METASCHEDULE_SANITIZE "" CACHE STRING "Value of -fsanitize= for everything, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_STANDARD 20)
  set(CMAKE_CXX_STANDARD_REQUIRED ON)
  set(CMAKE_CXX_EXTENSIONS OFF)
  set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  # Executables are compiled like libraries, so that they can share precompiled headers.
  set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)
  # Hidden symbols: a smaller extension that loads faster.
  set(CMAKE_CXX_VISIBILITY_PRESET hidden)
  set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
  # The worker, the tests and the extension lie side by side, as they do when installed: the worker is looked for there.
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

  add_compile_options(-Wall -Wextra)
  if(METASCHEDULE_SANITIZE)
    add_compile_options(-fsanitize=${METASCHEDULE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${METASCHEDULE_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
      # It reads a word before the entry of what a pointer calls, which kernels that we compile do not have.
      add_compile_options(-fno-sanitize=function)
    endif()
  endif()

  foreach(linker IN ITEMS mold lld)
    find_program(METASCHEDULE_LINKER_${linker} NAMES ${linker} ld.${linker})
    if(METASCHEDULE_LINKER_${linker})
      include(CheckLinkerFlag)
      check_linker_flag(CXX -fuse-ld=${linker} METASCHEDULE_LINKS_WITH_${linker})
      if(METASCHEDULE_LINKS_WITH_${linker})
        add_link_options(-fuse-ld=${linker})
        break()
      endif()
    endif()
  endforeach()
endif()

if(METASCHEDULE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(METASCHEDULE_CCACHE_PROGRAM ccache)
  mark_as_advanced(METASCHEDULE_CCACHE_PROGRAM)
  if(METASCHEDULE_CCACHE_PROGRAM)
    # Paths below the source tree are hashed relative to it, so that checkouts side by side share their results.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${METASCHEDULE_CCACHE_PROGRAM})
    if(METASCHEDULE_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL Clang)
      # No time stamp inside: ccache may then hand out the same file again.
      add_compile_options("SHELL:-Xclang -fno-pch-timestamp" -fpch-instantiate-templates)
      # From a precompiled header clang also reports what system headers do among themselves.
      add_compile_options(-Wno-deprecated-declarations)
      # Without CMake's extra `-Xclang -include -Xclang <absolute path>`, which ccache would not make relative.
      set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)
    endif()
  endif()
endif()
