// SPDX-License-Identifier: Apache-2.0
// Bodies of task_scheduler.h.
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "metaschedule/schedule/analysis_module.h"
#include "metaschedule/schedule/schedule.h"
#include "metaschedule/script/printer.h"
#include "metaschedule/support/config.h"
#include "metaschedule/support/profiler.h"
#include "metaschedule/support/table.h"
#include "metaschedule/support/thread_pool.h"
#include "metaschedule/tune/database.h"
#include "metaschedule/tune/measure/median.h"
#include "metaschedule/tune/measure/result_check.h"
#include "metaschedule/tune/measure_callback.h"
#include "metaschedule/tune/search_strategy.h"
#include "metaschedule/tune/space_generator.h"
#include "metaschedule/tune/task_scheduler.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {
namespace detail {

inline std::string python_lines(const Trace& trace, bool remove_postproc) {
  return fmt::format("{}", fmt::join(trace.as_python(remove_postproc), "\n"));
}

/// Of the last few batches: what a trial takes now says more about the rest than the whole does.
class BatchClock {
 public:
  using Clock = std::chrono::steady_clock;
  void batch(int trials) {
    const Clock::time_point now = Clock::now();
    if (trials > 0) batches_.push_back({std::exchange(last_, now), now, trials});
    if (batches_.size() > 4) batches_.pop_front();
  }
  double elapsed() const { return seconds(Clock::now() - start_); }
  double seconds_per_trial() const {
    double time = 0;
    int trials = 0;
    for (const Batch& batch : batches_) {
      time += seconds(batch.end - batch.begin);
      trials += batch.trials;
    }
    return trials > 0 ? time / trials : 0;
  }

 private:
  struct Batch {
    Clock::time_point begin, end;
    int trials;
  };
  static double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }
  Clock::time_point start_ = Clock::now(), last_ = start_;
  std::deque<Batch> batches_;
};

}  // namespace detail

class TaskScheduler::Pace : public detail::BatchClock {
 public:
  explicit Pace(int total) : trials_total(total) {}
  int trials_total;
  int trials_done = 0;  // sent to the builder
};

METASCHEDULE_INLINE TaskRecord::TaskRecord(TuneContextPtr context, double weight)
    : ctx(std::move(context)), task_weight(weight) {
  const auto timer = Profiler::timeit("InitializeTask");
  check<ValueError>(static_cast<bool>(ctx->mod), "task {}: the context has no module",
                    ctx->task_name);
  check<ValueError>(ctx->space_generator != nullptr, "task {}: the context has no space generator",
                    ctx->task_name);
  check<ValueError>(ctx->search_strategy != nullptr, "task {}: the context has no search strategy",
                    ctx->task_name);
  if (ctx->logger.enabled(LogLevel::Info)) ctx->logger.info("\n{}", to_script(*ctx->mod));
  ctx->initialize();
  flop = std::max(1.0, estimate_tir_flops(*ctx->mod));
}

METASCHEDULE_INLINE double TaskRecord::best_latency_ms() const {
  return latency_ms.empty() ? kFailedMilliseconds
                            : *std::min_element(latency_ms.begin(), latency_ms.end());
}

METASCHEDULE_INLINE void TaskScheduler::initialize_tasks(const std::vector<TuneContextPtr>& tasks,
                                                         const std::vector<double>& weights,
                                                         int max_trials_per_task,
                                                         int num_trials_per_iter) {
  for (size_t i = 0; i < tasks.size(); ++i) {
    const TuneContextPtr& context = tasks[i];
    for (const Logger* log : {&logger, &context->logger})
      log->info("Initializing Task #{}: \"{}\"", i, context->task_name);
    tasks_.push_back(std::make_shared<TaskRecord>(context, weights[i]));
    const std::vector<SchedulePtr> spaces = [&] {
      const auto timer = Profiler::timeit("GenerateDesignSpace");
      return context->generate_design_space();
    }();
    for (const Logger* log : {&logger, &context->logger})
      log->info("Total {} design space(s) generated", spaces.size());
    for (size_t j = 0; j < spaces.size() && context->logger.enabled(LogLevel::Info); ++j) {
      context->logger.info("Design space #{}:\n{}\n{}", j, to_script(*spaces[j]->mod()),
                           detail::python_lines(spaces[j]->trace().simplified(true), true));
    }
    context->search_strategy->pre_tuning(max_trials_per_task, num_trials_per_iter, spaces,
                                         database_, cost_model_);
  }
}

METASCHEDULE_INLINE void TaskScheduler::tune(const std::vector<TuneContextPtr>& tasks,
                                             const std::vector<double>& task_weights,
                                             int max_trials_global, int max_trials_per_task,
                                             int num_trials_per_iter, const BuilderPtr& builder,
                                             const RunnerPtr& runner,
                                             const std::vector<MeasureCallbackPtr>& callbacks,
                                             const DatabasePtr& database,
                                             const CostModelPtr& cost_model) {
  check<ValueError>(tasks.size() == task_weights.size(), "{} tasks but {} task weights",
                    tasks.size(), task_weights.size());
  check<ValueError>(num_trials_per_iter >= 1, "num_trials_per_iter must be at least 1, found {}",
                    num_trials_per_iter);
  check<ValueError>(builder && runner, "tuning needs a builder and a runner");
  remaining_tasks_ = static_cast<int>(tasks.size());
  measure_callbacks_ = callbacks;
  database_ = database;
  cost_model_ = cost_model;
  tasks_.clear();
  pace_ = std::make_shared<Pace>(max_trials_global);

  // However the session ends, the strategies are free for another one.
  struct Ending {
    std::vector<TaskRecordPtr>& tasks;
    bool done = false;
    ~Ending() {
      for (size_t i = 0; i < tasks.size() && !done; ++i) {
        try {
          tasks[i]->ctx->search_strategy->post_tuning();
        } catch (const std::exception&) {  // one that had not begun
        }
      }
    }
  } ending{tasks_};

  initialize_tasks(tasks, task_weights, max_trials_per_task, num_trials_per_iter);
  while (pace_->trials_done < max_trials_global) {
    check_interrupt();
    std::vector<bool> ended;
    for (const TaskRecordPtr& task : tasks_) ended.push_back(task->is_terminated);
    const int task_id = next_task_id();
    if (task_id == -1) break;
    check<ValueError>(task_id >= 0 && task_id < static_cast<int>(ended.size()) && !ended[task_id],
                      "next_task_id: expected a task that has not ended, or -1, found {}", task_id);
    TaskRecord& task = *tasks_[task_id];
    if (task.is_terminated) continue;  // by a callback, when its batch was joined
    check<ValueError>(!task.runner_futures,
                      "next_task_id: task {} has a batch under way; join it first", task_id);
    logger.info("TaskScheduler picks Task #{}: \"{}\"", task_id, task.ctx->task_name);
    if (static_cast<int>(task.latency_ms.size()) >= max_trials_per_task) {
      terminate_task(task_id);
      continue;
    }
    task.measure_candidates = task.ctx->search_strategy->generate_measure_candidates();
    if (!task.measure_candidates) {
      terminate_task(task_id);
      continue;
    }
    pace_->trials_done += static_cast<int>(task.measure_candidates->size());
    send_to_builder(task_id, builder);
    send_to_runner(task_id, runner);
  }
  for (int i = 0; i < static_cast<int>(tasks_.size()); ++i) {
    if (!tasks_[i]->is_terminated) {
      if (tasks_[i]->runner_futures) join_running_task(i);
      terminate_task(i);
    }
  }
  ending.done = true;
  for (const TaskRecordPtr& task : tasks_) task->ctx->search_strategy->post_tuning();
}

METASCHEDULE_INLINE void TaskScheduler::send_to_builder(int task_id, const BuilderPtr& builder) {
  const auto timer = Profiler::timeit("SendToBuilder");
  TaskRecord& task = *tasks_[task_id];
  logger.info("Sending {} sample(s) to builder", task.measure_candidates->size());
  std::vector<BuilderInput> inputs;
  for (const MeasureCandidate& candidate : *task.measure_candidates)
    inputs.push_back({candidate.sch->mod(), task.ctx->target, {}, task.ctx->mod, candidate.sch});
  task.builder_results = builder->build(inputs);
  check<BuildError>(task.builder_results->size() == inputs.size(),
                    "the builder returned {} results for {} candidates",
                    task.builder_results->size(), inputs.size());
}

METASCHEDULE_INLINE void TaskScheduler::send_to_runner(int task_id, const RunnerPtr& runner) {
  const auto timer = Profiler::timeit("SendToRunner");
  TaskRecord& task = *tasks_[task_id];
  logger.info("Sending {} sample(s) to runner", task.measure_candidates->size());
  // What the last batch seemed to be may have been wrong.
  const double best_ms = task.best_latency_ms();
  *task.best_secs =
      best_ms < kFailedMilliseconds ? best_ms / 1000 : std::numeric_limits<double>::infinity();
  std::vector<RunnerInput> inputs;
  for (size_t i = 0; i < task.measure_candidates->size(); ++i) {
    const BuilderResult& built = (*task.builder_results)[i];
    if (!built.artifact_path) continue;
    inputs.push_back({*built.artifact_path,
                      task.ctx->target ? task.ctx->target->target_kind : "llvm",
                      (*task.measure_candidates)[i].args_info.value_or(std::vector<ArgInfoPtr>()),
                      built.artifact, task.best_secs});
  }
  std::vector<RunnerFuturePtr> futures =
      inputs.empty() ? std::vector<RunnerFuturePtr>() : runner->run(inputs);
  check<RunError>(futures.size() == inputs.size(),
                  "the runner returned {} futures for {} artifacts", futures.size(), inputs.size());
  task.runner_futures.emplace();
  size_t next = 0;
  for (const BuilderResult& built : *task.builder_results) {
    if (built.artifact_path) {
      task.runner_futures->push_back(futures[next++]);
    } else {
      task.runner_futures->push_back(std::make_shared<FunctionRunnerFuture>(RunnerResult::failed(
          built.failure, built.error_msg.value_or("the builder gave no artifact"))));
    }
  }
}

METASCHEDULE_INLINE std::vector<RunnerResult> TaskScheduler::join_running_task(int task_id) {
  TaskRecord& task = *tasks_.at(task_id);
  check<ValueError>(task.runner_futures.has_value(), "task #{} has no batch under way", task_id);
  std::vector<RunnerResult> results;
  {
    const auto timer = Profiler::timeit("JoinRunnerFutures");
    for (const RunnerFuturePtr& future : *task.runner_futures) results.push_back(future->result());
  }
  for (RunnerResult& result : results) {
    if (!result.error_msg && (!result.run_secs || result.run_secs->empty()))
      result = RunnerResult::failed(FailureKind::Exception, "the runner gave no times");
  }
  if (result_check) check_results(task, results);
  task.ctx->search_strategy->notify_runner_results(*task.measure_candidates, results);
  for (const MeasureCallbackPtr& callback : measure_callbacks_) {
    const auto timer = Profiler::timeit("MeasureCallback/" + callback->name());
    callback->apply(shared_from_this(), task_id, *task.measure_candidates, *task.builder_results,
                    results);
  }
  clean_up(task_id, results);
  logger.info("[Updated] Task #{}: \"{}\"", task_id, task.ctx->task_name);
  print_tuning_statistics();
  if (pace_) pace_->batch(static_cast<int>(results.size()));
  report_progress(task_id);
  return results;
}

METASCHEDULE_INLINE void TaskScheduler::check_results(TaskRecord& task,
                                                      std::vector<RunnerResult>& results) {
  std::vector<std::pair<double, size_t>> by_time;
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].run_secs) by_time.emplace_back(median(*results[i].run_secs) * 1000, i);
  }
  std::sort(by_time.begin(), by_time.end());
  const auto is_wrong = [&](size_t i) {
    const Schedule& sch = *(*task.measure_candidates)[i].sch;
    const auto fault = result_check->fault(*task.ctx, sch, (*task.builder_results)[i]);
    if (fault)
      results[i] = RunnerResult::failed(FailureKind::WrongResult, "wrong result: " + *fault);
    return fault.has_value();
  };
  // The best so far is right before it counts as such; of the others, one.
  size_t next = 0;
  const double best = task.best_latency_ms();
  while (next < by_time.size() && by_time[next].first < best && is_wrong(by_time[next].second))
    ++next;
  if (++next < by_time.size())
    is_wrong(by_time[next + task.latency_ms.size() % (by_time.size() - next)].second);
}

METASCHEDULE_INLINE void TaskScheduler::clean_up(int task_id,
                                                 const std::vector<RunnerResult>& results) {
  TaskRecord& task = *tasks_[task_id];
  const Logger& log = task.ctx->logger;
  for (size_t i = 0; i < results.size(); ++i) {
    const BuilderResult& built = (*task.builder_results)[i];
    const Schedule& sch = *(*task.measure_candidates)[i].sch;
    const bool failed = built.error_msg || results[i].error_msg;
    task.latency_ms.push_back(failed ? kFailedMilliseconds : median(*results[i].run_secs) * 1000);
    const size_t trial = task.latency_ms.size();
    const std::string place =
        fmt::format("[Task #{}: {}] Trial #{}:", task_id, task.ctx->task_name, trial);
    if (failed) {
      const bool building = built.error_msg.has_value();
      ++(building ? task.build_error_count : task.run_error_count);
      FailureKind kind = building ? built.failure : results[i].failure;
      if (kind == FailureKind::None) kind = FailureKind::Exception;
      ++task.failures[fmt::format("{}: {}", building ? "build" : "run", failure_name(kind))];
      if (log.enabled(LogLevel::Info)) {
        log.info("{} Error in {}:\n{}\n{}\n{}", place, building ? "building" : "running",
                 building ? *built.error_msg : *results[i].error_msg, to_script(*sch.mod()),
                 detail::python_lines(sch.trace(), false));
      }
    } else {
      const double ms = task.latency_ms.back();
      log.info("{} GFLOPs: {:.4f}. Time: {:.4f} us. Best GFLOPs: {:.4f}", place,
               task.flop / ms / 1e6, ms * 1e3, task.flop / task.best_latency_ms() / 1e6);
    }
  }
  task.measure_candidates.reset();
  task.builder_results.reset();
  task.runner_futures.reset();
}

METASCHEDULE_INLINE void TaskScheduler::check_outcome() const {
  int trials = 0, failed = 0;
  std::map<std::string, int> failures;
  bool known = false;
  for (const TaskRecordPtr& task : tasks_) {
    trials += static_cast<int>(task->latency_ms.size());
    failed += task->build_error_count + task->run_error_count;
    for (const auto& [kind, count] : task->failures) failures[kind] += count;
    known |= task->best_latency_ms() < kFailedMilliseconds ||
             (database_ && database_->query_tuning_record(task->ctx->mod, task->ctx->target,
                                                          task->ctx->task_name) != nullptr);
  }
  if (known) return;
  check<ScheduleError>(
      trials > 0,
      "no valid candidate was found for any of the {} task(s): every sampled schedule was refused "
      "(the task's log says by what); nothing was measured",
      tasks_.size());
  std::string reasons;
  for (const auto& [kind, count] : failures)
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count, kind);
  logger.error("all {} of {} trial(s) failed: {}", failed, trials, reasons);
}

METASCHEDULE_INLINE void TaskScheduler::report_progress(int task_id) {
  if (!on_progress || !pace_) return;
  const TaskRecord& task = *tasks_[task_id];
  TuneProgress progress;
  progress.task_id = task_id;
  progress.trials_done = pace_->trials_done;
  progress.trials_total = pace_->trials_total;
  progress.best_latency_ms = task.best_latency_ms();
  if (progress.best_latency_ms < kFailedMilliseconds)
    progress.best_gflops = task.flop / progress.best_latency_ms / 1e6;
  progress.seconds_elapsed = pace_->elapsed();
  progress.seconds_left =
      std::max(0, pace_->trials_total - pace_->trials_done) * pace_->seconds_per_trial();
  on_progress(progress);
}

METASCHEDULE_INLINE void TaskScheduler::touch_task(int task_id) {
  const TaskRecord& task = *tasks_.at(task_id);
  if (task.is_terminated || !task.runner_futures) return;
  for (const RunnerFuturePtr& future : *task.runner_futures) {
    if (!future->done()) return;
  }
  join_running_task(task_id);
}

METASCHEDULE_INLINE void TaskScheduler::terminate_task(int task_id) {
  TaskRecord& task = *tasks_.at(task_id);
  check<ValueError>(!task.is_terminated, "task #{} has ended already", task_id);
  task.is_terminated = true;
  --remaining_tasks_;
  logger.info("Task #{} has finished. Remaining task(s): {}", task_id, remaining_tasks_);
  print_tuning_statistics();
}

METASCHEDULE_INLINE std::string TaskScheduler::tuning_statistics() const {
  TextTable table({"ID", "Name", "FLOP", "Weight", "Speed (GFLOPS)", "Latency (us)",
                   "Weighted Latency (us)", "Trials", "Done"});
  size_t total_trials = 0;
  double total_latency = 0;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    const TaskRecord& task = *tasks_[i];
    std::string speed = "N/A", latency = "N/A", weighted = "N/A";
    if (const double ms = task.best_latency_ms(); ms < kFailedMilliseconds) {
      const double us = ms * 1000;
      speed = fmt::format("{:.4f}", task.flop / us / 1000);
      latency = fmt::format("{:.4f}", us);
      weighted = fmt::format("{:.4f}", us * task.task_weight);
      total_trials += task.latency_ms.size();
      total_latency += us * task.task_weight;
    }
    table.row({std::to_string(i), task.ctx->task_name,
               std::to_string(static_cast<int64_t>(task.flop)),
               std::to_string(static_cast<int>(task.task_weight)), speed, latency, weighted,
               std::to_string(task.latency_ms.size()), task.is_terminated ? "Y" : ""});
  }
  return table.separator().render() +
         fmt::format("\nTotal trials: {}\nTotal latency (us): {:g}\n", total_trials, total_latency);
}

METASCHEDULE_INLINE void TaskScheduler::print_tuning_statistics() {
  if (logger.enabled(LogLevel::Info)) logger.info("\n{}", tuning_statistics());
}

}  // namespace metaschedule
