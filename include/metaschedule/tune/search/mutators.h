// SPDX-License-Identifier: Apache-2.0
// The mutators: each changes one decision of a trace.
#pragma once

#include <memory>
#include <string>

#include "metaschedule/schedule/trace.h"
#include "metaschedule/tune/mutator.h"

namespace metaschedule {

/// Moves a factor from one part of a perfect tile to another, or changes the length of a
/// cooperative fetch.
class MutateTileSize : public Mutator {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::optional<Trace> apply(const Trace& trace, Rand& rand) override;
  MutatorPtr clone() const override { return std::make_shared<MutateTileSize>(*this); }
  std::string name() const override { return "MutateTileSize"; }
};

/// Chooses another limit of unrolling.
class MutateUnroll : public Mutator {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::optional<Trace> apply(const Trace& trace, Rand& rand) override;
  MutatorPtr clone() const override { return std::make_shared<MutateUnroll>(*this); }
  std::string name() const override { return "MutateUnroll"; }
};

/// Chooses another place to compute a block.
class MutateComputeLocation : public Mutator {
 public:
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::optional<Trace> apply(const Trace& trace, Rand& rand) override;
  MutatorPtr clone() const override { return std::make_shared<MutateComputeLocation>(*this); }
  std::string name() const override { return "MutateComputeLocation"; }

 private:
  ModuleRef mod_;
};

/// Fuses another number of outer loops for threads.
class MutateParallel : public Mutator {
 public:
  explicit MutateParallel(int64_t max_jobs_per_core) : max_jobs_per_core(max_jobs_per_core) {}
  void initialize_with_tune_context(const TuneContextPtr& context) override;
  std::optional<Trace> apply(const Trace& trace, Rand& rand) override;
  MutatorPtr clone() const override { return std::make_shared<MutateParallel>(*this); }
  std::string name() const override { return "MutateParallel"; }
  const int64_t max_jobs_per_core;

 private:
  ModuleRef mod_;
  int64_t max_parallel_extent_ = -1;
};

/// Chooses another number of threads for a loop that was split by a sampled factor and bound to
/// threadIdx.x.
class MutateThreadBinding : public Mutator {
 public:
  void initialize_with_tune_context(const TuneContextPtr&) override {}
  std::optional<Trace> apply(const Trace& trace, Rand& rand) override;
  MutatorPtr clone() const override { return std::make_shared<MutateThreadBinding>(*this); }
  std::string name() const override { return "MutateThreadBinding"; }
};

/// Another choice of a SampleCategorical step, by the probabilities of the others; nothing when
/// there is only one.
std::optional<Trace> mutate_categorical(const Trace& trace, size_t step, Rand& rand);

/// An index drawn with probabilities proportional to `weights`.
size_t sample_multinomial(Rand& rand, const std::vector<double>& weights);

}  // namespace metaschedule
