// SPDX-License-Identifier: Apache-2.0
// Folds a sum, with what this project got from CMake.
#include <metaschedule/metaschedule.h>

int main() { return metaschedule::is_const_int(metaschedule::i32(2) + 3, 5) ? 0 : 1; }
