// SPDX-License-Identifier: Apache-2.0
// The whole library in one header. With METASCHEDULE_HEADER_ONLY it brings the bodies too, and is
// the header to include; what runs and compiles kernels (runtime, codegen, XGBoost) is always
// linked.
#pragma once

#include "metaschedule/support/config.h"       // IWYU pragma: export
#include "metaschedule/support/error.h"        // IWYU pragma: export
#include "metaschedule/support/json.h"         // IWYU pragma: export
#include "metaschedule/support/logging.h"      // IWYU pragma: export
#include "metaschedule/support/node_pool.h"    // IWYU pragma: export
#include "metaschedule/support/profiler.h"     // IWYU pragma: export
#include "metaschedule/support/random.h"       // IWYU pragma: export
#include "metaschedule/support/registry.h"     // IWYU pragma: export
#include "metaschedule/support/table.h"        // IWYU pragma: export
#include "metaschedule/support/thread_pool.h"  // IWYU pragma: export

#include "metaschedule/ir/buffer.h"        // IWYU pragma: export
#include "metaschedule/ir/dtype.h"         // IWYU pragma: export
#include "metaschedule/ir/dtype_format.h"  // IWYU pragma: export
#include "metaschedule/ir/expr.h"          // IWYU pragma: export
#include "metaschedule/ir/fields.h"        // IWYU pragma: export
#include "metaschedule/ir/function.h"      // IWYU pragma: export
#include "metaschedule/ir/ir.h"            // IWYU pragma: export
#include "metaschedule/ir/node.h"          // IWYU pragma: export
#include "metaschedule/ir/op.h"            // IWYU pragma: export
#include "metaschedule/ir/stmt.h"          // IWYU pragma: export
#include "metaschedule/ir/structural.h"    // IWYU pragma: export
#include "metaschedule/ir/target.h"        // IWYU pragma: export
#include "metaschedule/ir/type.h"          // IWYU pragma: export
#include "metaschedule/ir/verify.h"        // IWYU pragma: export
#include "metaschedule/ir/walk.h"          // IWYU pragma: export

#include "metaschedule/arith/analyzer.h"            // IWYU pragma: export
#include "metaschedule/arith/canonical_form.h"      // IWYU pragma: export
#include "metaschedule/arith/canonical_simplify.h"  // IWYU pragma: export
#include "metaschedule/arith/comparisons.h"         // IWYU pragma: export
#include "metaschedule/arith/conditions.h"          // IWYU pragma: export
#include "metaschedule/arith/const_int_bound.h"     // IWYU pragma: export
#include "metaschedule/arith/index_map.h"           // IWYU pragma: export
#include "metaschedule/arith/int_set.h"             // IWYU pragma: export
#include "metaschedule/arith/integer.h"             // IWYU pragma: export
#include "metaschedule/arith/iter_map.h"            // IWYU pragma: export
#include "metaschedule/arith/iter_map_rewriter.h"   // IWYU pragma: export
#include "metaschedule/arith/modular_set.h"         // IWYU pragma: export
#include "metaschedule/arith/pattern.h"             // IWYU pragma: export
#include "metaschedule/arith/pattern_parse.h"       // IWYU pragma: export
#include "metaschedule/arith/region.h"              // IWYU pragma: export
#include "metaschedule/arith/rewrite_simplify.h"    // IWYU pragma: export
#include "metaschedule/arith/rules_add.h"           // IWYU pragma: export
#include "metaschedule/arith/rules_common.h"        // IWYU pragma: export
#include "metaschedule/arith/rules_compare.h"       // IWYU pragma: export
#include "metaschedule/arith/rules_div.h"           // IWYU pragma: export
#include "metaschedule/arith/rules_logic.h"         // IWYU pragma: export
#include "metaschedule/arith/rules_minmax.h"        // IWYU pragma: export
#include "metaschedule/arith/var_table.h"           // IWYU pragma: export

#include "metaschedule/script/access_region.h"  // IWYU pragma: export
#include "metaschedule/script/json.h"           // IWYU pragma: export
#include "metaschedule/script/lexer.h"          // IWYU pragma: export
#include "metaschedule/script/parser.h"         // IWYU pragma: export
#include "metaschedule/script/printer.h"        // IWYU pragma: export

#include "metaschedule/te/create_prim_func.h"  // IWYU pragma: export
#include "metaschedule/te/tensor.h"            // IWYU pragma: export
#include "metaschedule/te/workload.h"          // IWYU pragma: export

#include "metaschedule/schedule/analysis.h"                   // IWYU pragma: export
#include "metaschedule/schedule/analysis_index_map.h"         // IWYU pragma: export
#include "metaschedule/schedule/analysis_module.h"            // IWYU pragma: export
#include "metaschedule/schedule/args.h"                       // IWYU pragma: export
#include "metaschedule/schedule/bindings.h"                   // IWYU pragma: export
#include "metaschedule/schedule/block_domain.h"               // IWYU pragma: export
#include "metaschedule/schedule/buffers.h"                    // IWYU pragma: export
#include "metaschedule/schedule/handles.h"                    // IWYU pragma: export
#include "metaschedule/schedule/instruction.h"                // IWYU pragma: export
#include "metaschedule/schedule/leaf.h"                       // IWYU pragma: export
#include "metaschedule/schedule/linear_cover.h"               // IWYU pragma: export
#include "metaschedule/schedule/magnitude.h"                  // IWYU pragma: export
#include "metaschedule/schedule/path.h"                       // IWYU pragma: export
#include "metaschedule/schedule/primitives/all.h"             // IWYU pragma: export
#include "metaschedule/schedule/primitives/annotation.h"      // IWYU pragma: export
#include "metaschedule/schedule/primitives/block_axes.h"      // IWYU pragma: export
#include "metaschedule/schedule/primitives/blockize.h"        // IWYU pragma: export
#include "metaschedule/schedule/primitives/buffer.h"          // IWYU pragma: export
#include "metaschedule/schedule/primitives/buffer_access.h"   // IWYU pragma: export
#include "metaschedule/schedule/primitives/buffer_fields.h"   // IWYU pragma: export
#include "metaschedule/schedule/primitives/cache.h"           // IWYU pragma: export
#include "metaschedule/schedule/primitives/cache_block.h"     // IWYU pragma: export
#include "metaschedule/schedule/primitives/cache_stage.h"     // IWYU pragma: export
#include "metaschedule/schedule/primitives/cache_users.h"     // IWYU pragma: export
#include "metaschedule/schedule/primitives/compute_at.h"      // IWYU pragma: export
#include "metaschedule/schedule/primitives/compute_inline.h"  // IWYU pragma: export
#include "metaschedule/schedule/primitives/copy_at.h"         // IWYU pragma: export
#include "metaschedule/schedule/primitives/inliner.h"         // IWYU pragma: export
#include "metaschedule/schedule/primitives/layout.h"          // IWYU pragma: export
#include "metaschedule/schedule/primitives/layout_padding.h"  // IWYU pragma: export
#include "metaschedule/schedule/primitives/loop_checks.h"     // IWYU pragma: export
#include "metaschedule/schedule/primitives/loop_kind.h"       // IWYU pragma: export
#include "metaschedule/schedule/primitives/loop_partition.h"  // IWYU pragma: export
#include "metaschedule/schedule/primitives/loop_transform.h"  // IWYU pragma: export
#include "metaschedule/schedule/primitives/padding.h"         // IWYU pragma: export
#include "metaschedule/schedule/primitives/predicates.h"      // IWYU pragma: export
#include "metaschedule/schedule/primitives/query.h"           // IWYU pragma: export
#include "metaschedule/schedule/primitives/reduction.h"       // IWYU pragma: export
#include "metaschedule/schedule/primitives/reindex.h"         // IWYU pragma: export
#include "metaschedule/schedule/primitives/renew.h"           // IWYU pragma: export
#include "metaschedule/schedule/primitives/rolling_buffer.h"  // IWYU pragma: export
#include "metaschedule/schedule/primitives/sampling.h"        // IWYU pragma: export
#include "metaschedule/schedule/primitives/stage_place.h"     // IWYU pragma: export
#include "metaschedule/schedule/primitives/unique_access.h"   // IWYU pragma: export
#include "metaschedule/schedule/reducer.h"                    // IWYU pragma: export
#include "metaschedule/schedule/schedule.h"                   // IWYU pragma: export
#include "metaschedule/schedule/scope.h"                      // IWYU pragma: export
#include "metaschedule/schedule/scope_root.h"                 // IWYU pragma: export
#include "metaschedule/schedule/state.h"                      // IWYU pragma: export
#include "metaschedule/schedule/trace.h"                      // IWYU pragma: export

#include "metaschedule/lower/annotations.h"      // IWYU pragma: export
#include "metaschedule/lower/compact_regions.h"  // IWYU pragma: export
#include "metaschedule/lower/lane_math.h"        // IWYU pragma: export
#include "metaschedule/lower/linear.h"           // IWYU pragma: export
#include "metaschedule/lower/loop_passes.h"      // IWYU pragma: export
#include "metaschedule/lower/lower.h"            // IWYU pragma: export
#include "metaschedule/lower/nest.h"             // IWYU pragma: export
#include "metaschedule/lower/passes.h"           // IWYU pragma: export
#include "metaschedule/lower/simplify_memo.h"    // IWYU pragma: export
#include "metaschedule/lower/split_reduction.h"  // IWYU pragma: export
#include "metaschedule/lower/tile_guard.h"       // IWYU pragma: export
#include "metaschedule/lower/tile_plan.h"        // IWYU pragma: export

#include "metaschedule/interp/compiler.h"     // IWYU pragma: export
#include "metaschedule/interp/interpreter.h"  // IWYU pragma: export
#include "metaschedule/interp/scalar_ops.h"   // IWYU pragma: export
#include "metaschedule/interp/value.h"        // IWYU pragma: export

#include "metaschedule/codegen/abi.h"       // IWYU pragma: export
#include "metaschedule/codegen/artifact.h"  // IWYU pragma: export
#include "metaschedule/codegen/compile.h"   // IWYU pragma: export

#include "metaschedule/runtime/dlpack.h"         // IWYU pragma: export
#include "metaschedule/runtime/evaluator.h"      // IWYU pragma: export
#include "metaschedule/runtime/kernel_pool.h"    // IWYU pragma: export
#include "metaschedule/runtime/module.h"         // IWYU pragma: export
#include "metaschedule/runtime/protocol.h"       // IWYU pragma: export
#include "metaschedule/runtime/tensor.h"         // IWYU pragma: export
#include "metaschedule/runtime/worker_client.h"  // IWYU pragma: export

#include "metaschedule/tune/arg_info.h"                  // IWYU pragma: export
#include "metaschedule/tune/builder.h"                   // IWYU pragma: export
#include "metaschedule/tune/cost/index_range.h"          // IWYU pragma: export
#include "metaschedule/tune/cost/per_store_feature.h"    // IWYU pragma: export
#include "metaschedule/tune/cost/random_model.h"         // IWYU pragma: export
#include "metaschedule/tune/cost/store_collector.h"      // IWYU pragma: export
#include "metaschedule/tune/cost/store_features.h"       // IWYU pragma: export
#include "metaschedule/tune/cost/xgb_model.h"            // IWYU pragma: export
#include "metaschedule/tune/cost_model.h"                // IWYU pragma: export
#include "metaschedule/tune/database.h"                  // IWYU pragma: export
#include "metaschedule/tune/feature_extractor.h"         // IWYU pragma: export
#include "metaschedule/tune/fwd.h"                       // IWYU pragma: export
#include "metaschedule/tune/measure/callbacks.h"         // IWYU pragma: export
#include "metaschedule/tune/measure/compare_outputs.h"   // IWYU pragma: export
#include "metaschedule/tune/measure/evaluator_config.h"  // IWYU pragma: export
#include "metaschedule/tune/measure/local_builder.h"     // IWYU pragma: export
#include "metaschedule/tune/measure/local_runner.h"      // IWYU pragma: export
#include "metaschedule/tune/measure/median.h"            // IWYU pragma: export
#include "metaschedule/tune/measure/result_check.h"      // IWYU pragma: export
#include "metaschedule/tune/measure/schedulers.h"        // IWYU pragma: export
#include "metaschedule/tune/measure/worker_failure.h"    // IWYU pragma: export
#include "metaschedule/tune/measure_callback.h"          // IWYU pragma: export
#include "metaschedule/tune/measure_candidate.h"         // IWYU pragma: export
#include "metaschedule/tune/module_equality.h"           // IWYU pragma: export
#include "metaschedule/tune/mutator.h"                   // IWYU pragma: export
#include "metaschedule/tune/postproc.h"                  // IWYU pragma: export
#include "metaschedule/tune/record/base64.h"             // IWYU pragma: export
#include "metaschedule/tune/record/json_database.h"      // IWYU pragma: export
#include "metaschedule/tune/record/line_file.h"          // IWYU pragma: export
#include "metaschedule/tune/record/memory_database.h"    // IWYU pragma: export
#include "metaschedule/tune/record/query_database.h"     // IWYU pragma: export
#include "metaschedule/tune/record/target_json.h"        // IWYU pragma: export
#include "metaschedule/tune/runner.h"                    // IWYU pragma: export
#include "metaschedule/tune/schedule_rule.h"             // IWYU pragma: export
#include "metaschedule/tune/search/candidate_maker.h"    // IWYU pragma: export
#include "metaschedule/tune/search/evolution.h"          // IWYU pragma: export
#include "metaschedule/tune/search/evolutionary.h"       // IWYU pragma: export
#include "metaschedule/tune/search/individual.h"         // IWYU pragma: export
#include "metaschedule/tune/search/mutators.h"           // IWYU pragma: export
#include "metaschedule/tune/search/replay.h"             // IWYU pragma: export
#include "metaschedule/tune/search/support.h"            // IWYU pragma: export
#include "metaschedule/tune/search/trace_query.h"        // IWYU pragma: export
#include "metaschedule/tune/search_strategy.h"           // IWYU pragma: export
#include "metaschedule/tune/space/defaults.h"            // IWYU pragma: export
#include "metaschedule/tune/space/generators.h"          // IWYU pragma: export
#include "metaschedule/tune/space/multi_level_tiling.h"  // IWYU pragma: export
#include "metaschedule/tune/space/postprocs.h"           // IWYU pragma: export
#include "metaschedule/tune/space/predicates.h"          // IWYU pragma: export
#include "metaschedule/tune/space/rules.h"               // IWYU pragma: export
#include "metaschedule/tune/space_generator.h"           // IWYU pragma: export
#include "metaschedule/tune/task_scheduler.h"            // IWYU pragma: export
#include "metaschedule/tune/tune.h"                      // IWYU pragma: export
#include "metaschedule/tune/tune_context.h"              // IWYU pragma: export
#include "metaschedule/tune/tuning_record.h"             // IWYU pragma: export

#ifdef METASCHEDULE_HEADER_ONLY
#include "metaschedule/bodies.h"
#endif
