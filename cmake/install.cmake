# SPDX-License-Identifier: Apache-2.0
# `cmake --install`: headers, libraries, the worker, and what find_package(metaschedule) reads.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/metaschedule)

set(installed ${METASCHEDULE_LIBRARIES})
if(TARGET metaschedule-worker)
  install(TARGETS metaschedule-worker EXPORT metaschedule RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR})
endif()
install(TARGETS ${installed} EXPORT metaschedule ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT metaschedule NAMESPACE metaschedule:: DESTINATION ${config_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/metascheduleConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/metascheduleConfig.cmake
  INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/metascheduleConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/metascheduleConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/metascheduleConfigVersion.cmake DESTINATION ${config_dir})
