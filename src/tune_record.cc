// SPDX-License-Identifier: Apache-2.0
// The tune layer, compiled: records and databases.
#include "metaschedule/tune/arg_info-inl.h"
#include "metaschedule/tune/database-inl.h"
#include "metaschedule/tune/module_equality-inl.h"
#include "metaschedule/tune/record/json_database-inl.h"
#include "metaschedule/tune/record/line_file-inl.h"
#include "metaschedule/tune/record/memory_database-inl.h"
#include "metaschedule/tune/record/query_database-inl.h"
#include "metaschedule/tune/record/record_text-inl.h"
#include "metaschedule/tune/record/target_json-inl.h"
#include "metaschedule/tune/tuning_record-inl.h"
