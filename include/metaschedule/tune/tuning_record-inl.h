// SPDX-License-Identifier: Apache-2.0
// Bodies of tuning_record.h.
#pragma once

#include <cmath>
#include <cstring>
#include <functional>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/json.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/record/base64.h"
#include "metaschedule/tune/record/target_json.h"
#include "metaschedule/tune/tuning_record.h"

namespace metaschedule {

METASCHEDULE_INLINE Workload::Workload(ModuleRef module)
    : mod(module), hash(structural_hash(module.get())) {}

METASCHEDULE_INLINE json Workload::as_json() const {
  const std::string text = save_json(*mod);
  const uint64_t length = text.size();
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i));
  return json::array({std::to_string(hash), detail::encode_base64(bytes + text)});
}

METASCHEDULE_INLINE WorkloadPtr Workload::from_json(const json& value) {
  check<DatabaseError>(
      value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string(),
      "workload: expected [hash, base64 of the module], found {:.80}", value.dump());
  const auto bytes = detail::decode_base64(value[1].get_ref<const std::string&>());
  check<DatabaseError>(bytes && bytes->size() >= 8, "workload: the module is not in base64");
  uint64_t length = 0;
  for (int i = 0; i < 8; ++i)
    length |= static_cast<uint64_t>(static_cast<unsigned char>((*bytes)[i])) << (8 * i);
  check<DatabaseError>(length == bytes->size() - 8,
                       "workload: the module should have {} bytes, found {}", length,
                       bytes->size() - 8);
  Ref<Node> node;
  try {
    node = load_json(std::string_view(*bytes).substr(8));
  } catch (const Error& e) {
    fail<DatabaseError>("workload: the module cannot be read: {}", e.what());
  }
  ModuleRef mod = as_ref<IRModule>(node);
  check<DatabaseError>(static_cast<bool>(mod), "workload: expected an IRModule, found {}",
                       node ? type_key(node->kind) : "null");
  return std::make_shared<Workload>(std::move(mod));
}

/// The trace and the target, or how to get them.
struct TuningRecord::Lazy {
  std::once_flag trace_once;
  Trace trace;
  bool has_trace = false;
  std::function<json()> read_trace;  // set when `has_trace` is not
  bool has_instructions = false;     // before the postproc part
  std::once_flag target_once;
  TargetRef target;
  json target_json;
  std::string where;
};

namespace detail {
inline double mean_of(const std::optional<std::vector<double>>& secs) {
  if (!secs || secs->empty()) return kFailedSeconds;
  double sum = 0;
  for (double s : *secs) sum += s;
  return sum / static_cast<double>(secs->size());
}
/// The lines of TVM's JSON form say the same: a first instruction that is not EnterPostproc.
inline bool has_instructions(const json& trace) {
  return trace.is_array() && trace.size() == 2 && trace[0].is_array() && !trace[0].empty() &&
         trace[0][0].is_array() && !trace[0][0].empty() && trace[0][0][0] != "EnterPostproc";
}
}  // namespace detail

METASCHEDULE_INLINE TuningRecord::TuningRecord(std::unique_ptr<Lazy> lazy, WorkloadPtr workload,
                                               std::optional<std::vector<double>> run_secs,
                                               std::optional<std::vector<ArgInfoPtr>> args_info)
    : lazy_(std::move(lazy)),
      workload_(std::move(workload)),
      run_secs_(std::move(run_secs)),
      args_info_(std::move(args_info)),
      mean_(detail::mean_of(run_secs_)) {}

METASCHEDULE_INLINE TuningRecord::TuningRecord(Trace trace, WorkloadPtr workload,
                                               std::optional<std::vector<double>> run_secs,
                                               TargetRef target,
                                               std::optional<std::vector<ArgInfoPtr>> args_info)
    : TuningRecord(std::make_unique<Lazy>(), std::move(workload), std::move(run_secs),
                   std::move(args_info)) {
  lazy_->has_instructions = trace.postproc() > 0;
  lazy_->trace = std::move(trace);
  lazy_->has_trace = true;
  lazy_->target = std::move(target);
}

METASCHEDULE_INLINE TuningRecord::~TuningRecord() = default;

METASCHEDULE_INLINE TuningRecordPtr TuningRecord::from_json(json value, WorkloadPtr workload,
                                                            std::string where) {
  const auto expected = [&](bool holds, const char* what) {
    check<DatabaseError>(holds, "Unable to parse TuningRecord{}: expected {}",
                         where.empty() ? "" : ", on " + where, what);
  };
  expected(value.is_array() && value.size() == 4, "[trace, run_secs, target, args_info]");
  expected(value[0].is_array() && value[0].size() == 2 && value[0][0].is_array() &&
               value[0][1].is_array(),
           "a trace as [instructions, decisions]");
  std::optional<std::vector<double>> secs;
  if (!value[1].is_null()) {
    expected(value[1].is_array(), "run_secs as a list of numbers");
    secs.emplace();
    for (const json& s : value[1]) {
      expected(s.is_number(), "run_secs as a list of numbers");
      secs->push_back(s.get<double>());
    }
  }
  expected(value[2].is_null() || value[2].is_object(), "a target as an object or null");
  std::optional<std::vector<ArgInfoPtr>> args;
  if (!value[3].is_null()) {
    expected(value[3].is_array(), "args_info as a list");
    args.emplace();
    for (const json& arg : value[3]) args->push_back(ArgInfo::from_json(arg));
  }
  auto lazy = std::make_unique<Lazy>();
  lazy->has_instructions = detail::has_instructions(value[0]);
  lazy->target_json = std::move(value[2]);
  // As text: a JSON tree takes ten times the memory.
  lazy->read_trace = [text = dump_json(value[0])] { return parse_json(text); };
  lazy->where = std::move(where);
  return TuningRecordPtr(
      new TuningRecord(std::move(lazy), std::move(workload), std::move(secs), std::move(args)));
}

METASCHEDULE_INLINE const Trace& TuningRecord::trace() const {
  if (lazy_->has_trace) return lazy_->trace;
  std::call_once(lazy_->trace_once, [this] {
    try {
      lazy_->trace = Trace::from_json(lazy_->read_trace());
    } catch (const Error& e) {
      fail<DatabaseError>("Unable to parse TuningRecord{}: {}",
                          lazy_->where.empty() ? "" : ", on " + lazy_->where, e.what());
    }
  });
  return lazy_->trace;
}

METASCHEDULE_INLINE const TargetRef& TuningRecord::target() const {
  std::call_once(lazy_->target_once, [this] {
    if (!lazy_->target && !lazy_->target_json.is_null())
      lazy_->target = make_target(lazy_->target_json.dump());
  });
  return lazy_->target;
}

METASCHEDULE_INLINE bool TuningRecord::is_valid() const {
  if (!lazy_->has_instructions || !run_secs_) return false;
  for (double secs : *run_secs_) {
    if (secs != kFailedSeconds) return true;
  }
  return false;
}

METASCHEDULE_INLINE MeasureCandidate TuningRecord::as_measure_candidate() const {
  auto sch = std::make_shared<Schedule>(workload_->mod);
  trace().apply_to_schedule(*sch, /*remove_postproc=*/false);
  std::vector<ArgInfoPtr> args = ArgInfo::from_entry_func(*sch->mod());
  return {std::move(sch), std::move(args)};
}

METASCHEDULE_INLINE json TuningRecord::as_json() const {
  json out = json::array();
  out.push_back(lazy_->has_trace ? lazy_->trace.as_json() : lazy_->read_trace());
  out.push_back(run_secs_ ? json(*run_secs_) : json());
  out.push_back(target() ? detail::target_to_json(*target()) : json());
  json args = json::array();
  if (args_info_) {
    for (const ArgInfoPtr& arg : *args_info_) args.push_back(arg->as_json());
  }
  out.push_back(args_info_ ? std::move(args) : json());
  return out;
}

}  // namespace metaschedule
