// SPDX-License-Identifier: Apache-2.0
// Names of the tuning layer, for headers that only pass them on.
#pragma once

#include <memory>

#include "metaschedule/ir/function.h"

namespace metaschedule {

class Schedule;
class Trace;
struct BlockRV;
/// Schedules are edited in place by rules and postprocs and kept by candidates, so they are shared.
using SchedulePtr = std::shared_ptr<Schedule>;

class ArgInfo;
class Builder;
class CostModel;
class Database;
class FeatureExtractor;
class MeasureCallback;
class Mutator;
class Postproc;
class Runner;
class RunnerFuture;
class ScheduleRule;
class SearchStrategy;
class SpaceGenerator;
class TaskScheduler;
class TuneContext;
class TuningRecord;
class Workload;
struct TaskRecord;

using ArgInfoPtr = std::shared_ptr<ArgInfo>;
using BuilderPtr = std::shared_ptr<Builder>;
using CostModelPtr = std::shared_ptr<CostModel>;
using DatabasePtr = std::shared_ptr<Database>;
using FeatureExtractorPtr = std::shared_ptr<FeatureExtractor>;
using MeasureCallbackPtr = std::shared_ptr<MeasureCallback>;
using MutatorPtr = std::shared_ptr<Mutator>;
using PostprocPtr = std::shared_ptr<Postproc>;
using RunnerPtr = std::shared_ptr<Runner>;
using RunnerFuturePtr = std::shared_ptr<RunnerFuture>;
using ScheduleRulePtr = std::shared_ptr<ScheduleRule>;
using SearchStrategyPtr = std::shared_ptr<SearchStrategy>;
using SpaceGeneratorPtr = std::shared_ptr<SpaceGenerator>;
using TaskRecordPtr = std::shared_ptr<TaskRecord>;
using TaskSchedulerPtr = std::shared_ptr<TaskScheduler>;
using TuneContextPtr = std::shared_ptr<TuneContext>;
using TuningRecordPtr = std::shared_ptr<TuningRecord>;
using WorkloadPtr = std::shared_ptr<Workload>;

}  // namespace metaschedule
