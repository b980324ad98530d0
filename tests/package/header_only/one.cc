// SPDX-License-Identifier: Apache-2.0
#include "all_headers.h"

int two();

int main() { return two(); }
