# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=... -DOUT=... -P build_id.cmake: writes a header with a hash of the sources, if it changed.
file(GLOB_RECURSE sources ${ROOT}/include/*.h ${ROOT}/src/*.cc ${ROOT}/src/*.h)
list(SORT sources)
set(all "")
foreach(source IN LISTS sources)
  file(SHA1 ${source} hash)
  string(APPEND all ${hash})
endforeach()
string(SHA1 id "${all}")
string(SUBSTRING ${id} 0 16 id)
file(CONFIGURE OUTPUT ${OUT} CONTENT [[// SPDX-License-Identifier: Apache-2.0
// A hash of the sources: a worker of another build is refused by it.
#define METASCHEDULE_BUILD_ID "@id@"
]] @ONLY)
