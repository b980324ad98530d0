# SPDX-License-Identifier: Apache-2.0
# Before project(): the presets for development take the newest clang, which compiles this code faster than g++ does,
# unless $CXX or CMAKE_CXX_COMPILER says otherwise. Plain CMake is left alone.
if(METASCHEDULE_PREFER_CLANG AND NOT CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
  foreach(version RANGE 40 16 -1)
    find_program(METASCHEDULE_CLANG_${version} clang++-${version})
    if(METASCHEDULE_CLANG_${version})
      set(CMAKE_CXX_COMPILER ${METASCHEDULE_CLANG_${version}})
      string(REPLACE "clang++" "clang" CMAKE_C_COMPILER ${CMAKE_CXX_COMPILER})
      break()
    endif()
    unset(METASCHEDULE_CLANG_${version} CACHE)
  endforeach()
endif()
