// SPDX-License-Identifier: Apache-2.0
// Running a tuning session from Python so that Ctrl-C ends it: the session has a thread of its own,
// the calling one looks for signals.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <variant>

#include "metaschedule/support/profiler.h"
#include "metaschedule/support/thread_pool.h"
#include "trampolines.h"

namespace metaschedule::bindings {

using namespace py::literals;

namespace {

/// Runs `work` in a thread. A signal whose handler raises asks it to stop, and is raised here once
/// it has.
template <class F>
void run_interruptible(F&& work) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::exception_ptr error;
  ProfilerPtr profiler = Profiler::current();
  clear_interrupt();
  std::thread thread([&] {
    try {
      Profiler::Adopt adopt(profiler);
      work();
    } catch (...) {
      error = std::current_exception();
    }
    std::lock_guard lock(mutex);
    done = true;
    changed.notify_all();
  });
  std::optional<PythonError> signal;
  {
    py::gil_scoped_release release;
    std::unique_lock lock(mutex);
    while (!changed.wait_for(lock, std::chrono::milliseconds(50), [&] { return done; })) {
      lock.unlock();
      {
        py::gil_scoped_acquire gil;
        if (!signal && PyErr_CheckSignals() != 0) {
          signal.emplace(py::error_already_set());
          request_interrupt();
        }
      }
      lock.lock();
    }
    lock.unlock();
    thread.join();
  }
  clear_interrupt();
  if (signal) throw *signal;
  if (error) std::rethrow_exception(error);
}

}  // namespace

void bind_session(py::module_& m) {
  // In place of TaskScheduler::tune itself, so that a scheduler written in Python can override it.
  py::object scheduler = m.attr("TaskScheduler");
  scheduler.attr("tune") = py::cpp_function(
      [](const TaskSchedulerPtr& self, const std::vector<TuneContextPtr>& tasks,
         const std::vector<double>& weights, int max_trials_global, int max_trials_per_task,
         int num_trials_per_iter, const BuilderPtr& builder, const RunnerPtr& runner,
         const std::variant<MeasureCallbackPtr, std::vector<MeasureCallbackPtr>>& callbacks,
         const DatabasePtr& database, const CostModelPtr& cost_model) {
        const auto* one = std::get_if<MeasureCallbackPtr>(&callbacks);
        const auto list = one ? std::vector<MeasureCallbackPtr>{*one} : std::get<1>(callbacks);
        run_interruptible([&] {
          if (asked_for_base<PyTaskScheduler>(*self)) {
            self->TaskScheduler::tune(tasks, weights, max_trials_global, max_trials_per_task,
                                      num_trials_per_iter, builder, runner, list, database,
                                      cost_model);
          } else {
            self->tune(tasks, weights, max_trials_global, max_trials_per_task, num_trials_per_iter,
                       builder, runner, list, database, cost_model);
          }
        });
      },
      py::name("tune"), py::is_method(scheduler), "tasks"_a, "task_weights"_a,
      "max_trials_global"_a, "max_trials_per_task"_a, "num_trials_per_iter"_a, "builder"_a,
      "runner"_a, "measure_callbacks"_a, "database"_a, "cost_model"_a,
      "Tunes until the trials are used up or every task has ended.");
  m.def("check_interrupt", &check_interrupt);
  m.def("physical_cores", [] { return cpu_count(false); });
}

}  // namespace metaschedule::bindings
