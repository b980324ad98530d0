// SPDX-License-Identifier: Apache-2.0
// The script layer, compiled.
#include "metaschedule/script/access_region-inl.h"
#include "metaschedule/script/json-inl.h"
#include "metaschedule/script/lexer-inl.h"
#include "metaschedule/script/parser-inl.h"
#include "metaschedule/script/printer-inl.h"
