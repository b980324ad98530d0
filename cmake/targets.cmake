# SPDX-License-Identifier: Apache-2.0
# The libraries and the worker:
#   metaschedule::core         everything that needs neither LLVM nor XGBoost: src/*.cc, src/codegen/*.cc, src/runtime/*.cc
#   metaschedule::metaschedule core, the LLVM code generator and the XGBoost cost model, each if it was found
#   metaschedule::header_only  the core from its headers alone
function(metaschedule_glob out pattern)
  file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${pattern})
  list(SORT found)
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# A static library of ours with its alias, include folder and language level.
function(metaschedule_library name)
  add_library(metaschedule_${name} STATIC ${ARGN})
  add_library(metaschedule::${name} ALIAS metaschedule_${name})
  set_target_properties(metaschedule_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(metaschedule_${name} PUBLIC cxx_std_20)
endfunction()

# Headers that nearly every source reads, compiled once for TARGET and for those that share_precompiled with it.
# See docs/decisions/0002-build.md.
function(metaschedule_precompile target)
  if(METASCHEDULE_PCH)
    target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h ${ARGN})
    if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
      # A precompiled header holds absolute paths, so ccache is told to go by what made it: another checkout then
      # shares the objects compiled with its own copy.
      file(SHA256 ${PROJECT_SOURCE_DIR}/cmake/pch.h key)
      get_target_property(binary_dir ${target} BINARY_DIR)
      file(WRITE ${binary_dir}/CMakeFiles/${target}.dir/cmake_pch.hxx.pch.sum
           "${key} ${ARGN} ${CMAKE_CXX_COMPILER_VERSION} ${fmt_VERSION} ${pybind11_VERSION} ${GTest_VERSION}")
    endif()
  endif()
endfunction()

function(metaschedule_share_precompiled target owner)
  get_target_property(type ${owner} TYPE)
  if(METASCHEDULE_PCH AND NOT type STREQUAL INTERFACE_LIBRARY)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

metaschedule_glob(core_sources "src/*.cc")
metaschedule_glob(runtime_sources "src/runtime/*.cc")
metaschedule_glob(c_sources "src/codegen/*.cc")
if(core_sources OR runtime_sources)
  metaschedule_library(core ${core_sources} ${c_sources} ${runtime_sources})
  metaschedule_precompile(metaschedule_core)
  target_compile_definitions(
    metaschedule_core PRIVATE METASCHEDULE_VERSION="${PROJECT_VERSION}"
                              METASCHEDULE_LIBEXECDIR="${CMAKE_INSTALL_FULL_LIBEXECDIR}")
  set(core_scope PUBLIC)
else()
  add_library(metaschedule_core INTERFACE)
  add_library(metaschedule::core ALIAS metaschedule_core)
  set_target_properties(metaschedule_core PROPERTIES EXPORT_NAME core)
  set(core_scope INTERFACE)
endif()
target_include_directories(
  metaschedule_core ${core_scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(metaschedule_core ${core_scope} fmt::fmt nlohmann_json::nlohmann_json Threads::Threads)
target_link_libraries(metaschedule_core ${core_scope} ${CMAKE_DL_LIBS})
if(METASCHEDULE_WITH_SQLITE)
  target_link_libraries(metaschedule_core ${core_scope} SQLite::SQLite3)
  target_compile_definitions(metaschedule_core ${core_scope} METASCHEDULE_WITH_SQLITE)
endif()

# "metaschedule_build_id.h", for the two ends of the worker's pipe.
set(generated_dir ${PROJECT_BINARY_DIR}/generated)
add_custom_target(
  metaschedule_build_id
  COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DOUT=${generated_dir}/metaschedule_build_id.h -P
          ${PROJECT_SOURCE_DIR}/cmake/build_id.cmake
  BYPRODUCTS ${generated_dir}/metaschedule_build_id.h
  COMMENT "")
if(core_scope STREQUAL PUBLIC)
  target_include_directories(metaschedule_core PRIVATE ${generated_dir})
  add_dependencies(metaschedule_core metaschedule_build_id)
endif()

add_library(metaschedule_header_only INTERFACE)
add_library(metaschedule::header_only ALIAS metaschedule_header_only)
set_target_properties(metaschedule_header_only PROPERTIES EXPORT_NAME header_only)
target_compile_features(metaschedule_header_only INTERFACE cxx_std_20)
target_compile_definitions(metaschedule_header_only INTERFACE METASCHEDULE_HEADER_ONLY)
if(fmt_VERSION VERSION_LESS 11)
  # The bodies of fmt 10 and older do not pass the newest clang's checks of consteval.
  target_compile_definitions(metaschedule_header_only INTERFACE $<$<CXX_COMPILER_ID:Clang>:FMT_CONSTEVAL=>)
endif()
target_include_directories(
  metaschedule_header_only INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(
  metaschedule_header_only INTERFACE fmt::fmt-header-only nlohmann_json::nlohmann_json Threads::Threads
                                     ${CMAKE_DL_LIBS})

add_library(metaschedule INTERFACE)
add_library(metaschedule::metaschedule ALIAS metaschedule)
target_link_libraries(metaschedule INTERFACE metaschedule_core)
set(METASCHEDULE_LIBRARIES metaschedule metaschedule_core metaschedule_header_only)

metaschedule_glob(xgboost_sources "src/xgboost/*.cc")
if(METASCHEDULE_WITH_XGBOOST AND xgboost_sources)
  metaschedule_library(xgboost ${xgboost_sources})
  metaschedule_share_precompiled(metaschedule_xgboost metaschedule_core)
  target_include_directories(metaschedule_xgboost SYSTEM PRIVATE ${XGBOOST_INCLUDE_DIR})
  target_link_libraries(metaschedule_xgboost PUBLIC metaschedule_core PRIVATE ${XGBOOST_LIBRARY})
  target_compile_definitions(metaschedule_xgboost INTERFACE METASCHEDULE_WITH_XGBOOST)
  target_link_libraries(metaschedule INTERFACE metaschedule_xgboost)
  list(APPEND METASCHEDULE_LIBRARIES metaschedule_xgboost)
endif()

metaschedule_glob(codegen_sources "src/codegen/llvm/*.cc")
if(METASCHEDULE_WITH_LLVM AND codegen_sources)
  metaschedule_library(codegen ${codegen_sources})
  metaschedule_share_precompiled(metaschedule_codegen metaschedule_core)
  target_include_directories(metaschedule_codegen SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  # LLVM_DEFINITIONS is one string of -D flags.
  separate_arguments(llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_definitions(metaschedule_codegen PRIVATE ${llvm_definitions} INTERFACE METASCHEDULE_WITH_LLVM)
  # The shared library where there is one: see docs/decisions/0002-build.md.
  find_library(METASCHEDULE_LLVM_LIBRARY LLVM PATHS ${LLVM_LIBRARY_DIRS} NO_DEFAULT_PATH)
  mark_as_advanced(METASCHEDULE_LLVM_LIBRARY)
  set(llvm_libraries ${METASCHEDULE_LLVM_LIBRARY})
  if(NOT llvm_libraries)
    llvm_map_components_to_libnames(llvm_libraries core passes AllTargetsAsmParsers AllTargetsCodeGens
                                      AllTargetsDescs AllTargetsInfos)
  endif()
  target_link_libraries(metaschedule_codegen PUBLIC metaschedule_core PRIVATE ${llvm_libraries})
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(metaschedule_codegen PRIVATE -fno-rtti)
  endif()
  target_link_libraries(metaschedule INTERFACE metaschedule_codegen)
  list(APPEND METASCHEDULE_LIBRARIES metaschedule_codegen)
endif()

metaschedule_glob(worker_sources "src/worker/*.cc")
if(worker_sources AND TARGET metaschedule_codegen)
  add_executable(metaschedule-worker ${worker_sources})
  add_executable(metaschedule::worker ALIAS metaschedule-worker)
  target_link_libraries(metaschedule-worker PRIVATE metaschedule_codegen metaschedule_core)
  target_include_directories(metaschedule-worker PRIVATE ${generated_dir})
  target_compile_definitions(metaschedule-worker PRIVATE METASCHEDULE_VERSION="${PROJECT_VERSION}")
  set_target_properties(
    metaschedule-worker PROPERTIES EXPORT_NAME worker BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${LLVM_LIBRARY_DIRS}")
endif()
