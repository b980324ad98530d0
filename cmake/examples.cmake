# SPDX-License-Identifier: Apache-2.0
# examples/NAME.cc becomes example_NAME, as does examples/use_kernel_in_c/export_kernel.cc; benchmarks/NAME.cc becomes
# bench_NAME (built on demand), as does benchmarks/schedule/side.cc, which benchmarks/schedule/compare.py runs:
# side_schedule.
metaschedule_glob(example_sources "examples/*.cc")
foreach(source IN LISTS example_sources)
  get_filename_component(name ${source} NAME_WE)
  add_executable(example_${name} ${source})
  target_link_libraries(example_${name} PRIVATE metaschedule)
endforeach()
if(METASCHEDULE_BUILD_TESTS AND TARGET example_build_program)
  add_test(NAME example_build_program COMMAND example_build_program)
  set_tests_properties(example_build_program PROPERTIES LABELS "package")
endif()

if(TARGET metaschedule_codegen)
  add_executable(example_export_kernel examples/use_kernel_in_c/export_kernel.cc)
  target_link_libraries(example_export_kernel PRIVATE metaschedule)
endif()

metaschedule_glob(benchmark_sources "benchmarks/*.cc")
foreach(source IN LISTS benchmark_sources)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "^bench_" "" name ${name})
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(bench_${name} PRIVATE metaschedule)
  list(APPEND bench_targets bench_${name})
endforeach()
if(EXISTS ${PROJECT_SOURCE_DIR}/benchmarks/schedule/side.cc)
  add_executable(side_schedule EXCLUDE_FROM_ALL benchmarks/schedule/side.cc)
  target_link_libraries(side_schedule PRIVATE metaschedule_core)
  list(APPEND bench_targets side_schedule)
endif()
add_custom_target(benchmarks DEPENDS ${bench_targets})
