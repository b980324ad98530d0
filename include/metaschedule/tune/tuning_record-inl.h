// SPDX-License-Identifier: Apache-2.0
// Bodies of tuning_record.h.
#pragma once

#include <algorithm>
#include <mutex>

#include "metaschedule/ir/structural.h"
#include "metaschedule/ir/target.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/json.h"
#include "metaschedule/support/base64.h"
#include "metaschedule/support/config.h"
#include "metaschedule/tune/arg_info.h"
#include "metaschedule/tune/record/record_text-inl.h"
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
      "workload: expected [hash, base64 of the module], found another {}", value.type_name());
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

/// All but the workload. What was stored as text is read in steps, each when it is asked for: the
/// text, then the trace and the target.
struct TuningRecord::Body {
  std::function<std::string()> read;  // null: `take` has been called, or all is there
  std::string where;                  // named in errors
  std::once_flag read_once, trace_once, target_once;
  std::string trace_text;
  bool has_trace = false;
  Trace trace;
  json target_json;
  TargetRef target;
  std::optional<std::vector<double>> run_secs;
  std::optional<std::vector<ArgInfoPtr>> args_info;

  void expect(bool holds, const char* what) const {
    check<DatabaseError>(holds, "Unable to parse TuningRecord{}: expected {}", place(), what);
  }
  std::string place() const { return where.empty() ? "" : ", on " + where; }
  void take(std::string trace, const json& secs, json target, const json& args);
  void take(std::string_view text);
};

namespace detail {
inline double mean_of(const std::optional<std::vector<double>>& secs) {
  if (!secs || secs->empty()) return kFailedSeconds;
  double sum = 0;
  for (double s : *secs) sum += s;
  return sum / static_cast<double>(secs->size());
}
inline bool has_good_time(const std::optional<std::vector<double>>& secs) {
  return secs &&
         std::any_of(secs->begin(), secs->end(), [](double s) { return s != kFailedSeconds; });
}
}  // namespace detail

METASCHEDULE_INLINE void TuningRecord::Body::take(std::string trace_as_text, const json& secs,
                                                  json target_as_json, const json& args) {
  if (!secs.is_null()) {
    expect(secs.is_array(), "run_secs as a list of numbers");
    run_secs.emplace();
    for (const json& s : secs) {
      expect(s.is_number(), "run_secs as a list of numbers");
      run_secs->push_back(s.get<double>());
    }
  }
  expect(target_as_json.is_null() || target_as_json.is_object(), "a target as an object or null");
  if (!args.is_null()) {
    expect(args.is_array(), "args_info as a list");
    args_info.emplace();
    for (const json& arg : args) args_info->push_back(ArgInfo::from_json(arg));
  }
  trace_text = std::move(trace_as_text);
  target_json = std::move(target_as_json);
}

METASCHEDULE_INLINE void TuningRecord::Body::take(std::string_view text) {
  const std::optional<detail::RecordText> parts = detail::split_record(text);
  expect(parts.has_value(), "[trace, run_secs, target, args_info]");
  try {
    take(std::string(parts->trace), parse_json(parts->run_secs), parse_json(parts->target),
         parse_json(parts->args_info));
  } catch (const DatabaseError&) {
    throw;
  } catch (const Error& e) {
    fail<DatabaseError>("Unable to parse TuningRecord{}: {}", place(), e.what());
  }
}

METASCHEDULE_INLINE TuningRecord::TuningRecord(std::unique_ptr<Body> body, WorkloadPtr workload,
                                               double mean, bool is_valid)
    : body_(std::move(body)), workload_(std::move(workload)), mean_(mean), is_valid_(is_valid) {}

METASCHEDULE_INLINE TuningRecord::TuningRecord(Trace trace, WorkloadPtr workload,
                                               std::optional<std::vector<double>> run_secs,
                                               TargetRef target,
                                               std::optional<std::vector<ArgInfoPtr>> args_info)
    : TuningRecord(std::make_unique<Body>(), std::move(workload), detail::mean_of(run_secs),
                   trace.postproc() > 0 && detail::has_good_time(run_secs)) {
  body_->trace = std::move(trace);
  body_->has_trace = true;
  body_->run_secs = std::move(run_secs);
  body_->target = std::move(target);
  body_->args_info = std::move(args_info);
}

METASCHEDULE_INLINE TuningRecord::~TuningRecord() = default;

METASCHEDULE_INLINE TuningRecordPtr TuningRecord::from_json(json value, WorkloadPtr workload,
                                                            std::string where) {
  auto body = std::make_unique<Body>();
  body->where = std::move(where);
  body->expect(value.is_array() && value.size() == 4, "[trace, run_secs, target, args_info]");
  body->expect(value[0].is_array() && value[0].size() == 2 && value[0][0].is_array() &&
                   value[0][1].is_array(),
               "a trace as [instructions, decisions]");
  // As text: a JSON tree takes ten times the memory.
  std::string trace = dump_json(value[0]);
  const bool has_instructions = detail::has_instructions(trace).value_or(false);
  body->take(std::move(trace), value[1], std::move(value[2]), value[3]);
  const double mean = detail::mean_of(body->run_secs);
  const bool is_valid = has_instructions && detail::has_good_time(body->run_secs);
  return TuningRecordPtr(new TuningRecord(std::move(body), std::move(workload), mean, is_valid));
}

METASCHEDULE_INLINE TuningRecordPtr TuningRecord::from_text(std::function<std::string()> read,
                                                            WorkloadPtr workload,
                                                            double mean_seconds, bool is_valid,
                                                            std::string where) {
  auto body = std::make_unique<Body>();
  body->read = std::move(read);
  body->where = std::move(where);
  return TuningRecordPtr(
      new TuningRecord(std::move(body), std::move(workload), mean_seconds, is_valid));
}

METASCHEDULE_INLINE const TuningRecord::Body& TuningRecord::body() const {
  if (body_->read) std::call_once(body_->read_once, [this] { body_->take(body_->read()); });
  return *body_;
}

METASCHEDULE_INLINE const std::optional<std::vector<double>>& TuningRecord::run_secs() const {
  return body().run_secs;
}

METASCHEDULE_INLINE const std::optional<std::vector<ArgInfoPtr>>& TuningRecord::args_info() const {
  return body().args_info;
}

METASCHEDULE_INLINE const Trace& TuningRecord::trace() const {
  body();
  if (body_->has_trace) return body_->trace;
  std::call_once(body_->trace_once, [this] {
    try {
      body_->trace = Trace::from_json(parse_json(body_->trace_text));
    } catch (const Error& e) {
      fail<DatabaseError>("Unable to parse TuningRecord{}: {}", body_->place(), e.what());
    }
  });
  return body_->trace;
}

METASCHEDULE_INLINE const TargetRef& TuningRecord::target() const {
  body();
  std::call_once(body_->target_once, [this] {
    if (!body_->target && !body_->target_json.is_null())
      body_->target = make_target(body_->target_json.dump());
  });
  return body_->target;
}

METASCHEDULE_INLINE MeasureCandidate TuningRecord::as_measure_candidate() const {
  auto sch = std::make_shared<Schedule>(workload_->mod);
  trace().apply_to_schedule(*sch, /*remove_postproc=*/false);
  std::vector<ArgInfoPtr> args = ArgInfo::from_entry_func(*sch->mod());
  return {std::move(sch), std::move(args)};
}

METASCHEDULE_INLINE json TuningRecord::as_json() const {
  const Body& all = body();
  json out = json::array();
  out.push_back(all.has_trace ? all.trace.as_json() : parse_json(all.trace_text));
  out.push_back(all.run_secs ? json(*all.run_secs) : json());
  out.push_back(target() ? detail::target_to_json(*target()) : json());
  json args = json::array();
  if (all.args_info) {
    for (const ArgInfoPtr& arg : *all.args_info) args.push_back(arg->as_json());
  }
  out.push_back(all.args_info ? std::move(args) : json());
  return out;
}

}  // namespace metaschedule
