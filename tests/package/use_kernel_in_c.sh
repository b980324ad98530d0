#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# use_kernel_in_c.sh EXPORTER EXAMPLE WORK COMPILER...: exports a kernel, compiles the C program of the example and the
# kernel's self-test with each compiler that is there, runs both, and looks at what they are linked with.
set -eu
exporter=$1 example=$2 work=$3
shift 3
rm -rf "$work"
"$exporter" "$work"
cp "$example/main.c" "$work"
cd "$work"
tried=0
for compiler in "$@"; do
  command -v "$compiler" >/dev/null || continue
  for with in "" -fopenmp; do
    if [ -n "$with" ]; then
      echo 'int main(void) { return 0; }' >probe.c
      "$compiler" $with -o probe probe.c 2>/dev/null || continue
    fi
    "$compiler" $with -o layer main.c layer.o
    ./layer
    "$compiler" $with -o layer main.c liblayer.a
    ./layer
    "$compiler" $with -o layer_test layer_test.c layer.o -lm
    ./layer_test
    # By name: the folder of a library may well be called after LLVM.
    if ldd ./layer | sed 's/ =>.*//' | grep -i -e metaschedule -e LLVM -e 'libstdc++'; then
      echo "the program is linked with more than C" >&2
      exit 1
    fi
  done
  tried=$((tried + 1))
done
echo "$tried compilers"
test "$tried" -gt 0
