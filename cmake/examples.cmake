# SPDX-License-Identifier: Apache-2.0
# examples/NAME.cc becomes example_NAME, benchmarks/NAME.cc becomes bench_NAME (built on demand).
metaschedule_glob(example_sources "examples/*.cc")
foreach(source IN LISTS example_sources)
  get_filename_component(name ${source} NAME_WE)
  add_executable(example_${name} ${source})
  target_link_libraries(example_${name} PRIVATE metaschedule)
endforeach()

metaschedule_glob(benchmark_sources "benchmarks/*.cc")
foreach(source IN LISTS benchmark_sources)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "^bench_" "" name ${name})
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${source})
  target_link_libraries(bench_${name} PRIVATE metaschedule)
  list(APPEND bench_targets bench_${name})
endforeach()
add_custom_target(benchmarks DEPENDS ${bench_targets})
