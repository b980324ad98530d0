// SPDX-License-Identifier: Apache-2.0
// Mutators.
#pragma once

#include <algorithm>
#include <map>

#include "metaschedule/schedule/schedule.h"
#include "metaschedule/tune/search/mutators.h"
#include "metaschedule/tune/search/trace_query.h"
#include "metaschedule/tune/space/predicates.h"
#include "metaschedule/tune/space/rules.h"
#include "metaschedule/tune/tune_context.h"

namespace metaschedule {

METASCHEDULE_INLINE size_t sample_multinomial(Rand& rand, const std::vector<double>& weights) {
  Rand own(rand.fork_seed());
  std::vector<double> sums;
  double total = 0;
  for (double weight : weights) sums.push_back(total += weight);
  double at = own.uniform() * total;
  auto it = std::lower_bound(sums.begin(), sums.end(), at);
  return std::min(static_cast<size_t>(it - sums.begin()), weights.size() - 1);
}

METASCHEDULE_INLINE std::optional<Trace> mutate_categorical(const Trace& trace, size_t step,
                                                            Rand& rand) {
  std::optional<Decision> decision = trace.decision(step);
  const Operand* list = step_argument(trace, step, "probs");
  if (!decision || !list || list->integer < 2) return std::nullopt;
  auto old = static_cast<size_t>(std::get<int64_t>(*decision));
  std::vector<double> weights;
  const Operand* item = list + 1;
  for (int64_t i = 0; i < list->integer; ++i, item = next_operand(item)) {
    double p = item->tag == Operand::Tag::Float ? item->real : static_cast<double>(item->integer);
    if (static_cast<size_t>(i) != old) weights.push_back(p);
  }
  size_t picked = sample_multinomial(rand, weights);
  if (picked >= old) ++picked;
  return trace.with_decision(step, Decision(static_cast<int64_t>(picked)), true);
}

namespace detail {

inline std::vector<int64_t> divisors(int64_t n) {
  std::vector<int64_t> low, high;
  for (int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    low.push_back(d);
    if (d * d != n) high.push_back(n / d);
  }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

inline std::optional<Trace> mutate_tile(const Trace& trace, size_t step, Rand& rand) {
  std::vector<int64_t> tiles = std::get<std::vector<int64_t>>(*trace.decision(step));
  const Operand* limit = step_argument(trace, step, "max_innermost_factor");
  int64_t max_innermost = limit ? limit->integer : -1;
  auto n = static_cast<int64_t>(tiles.size());
  while (true) {
    int64_t x = rand.sample_int(0, n);
    if (tiles[static_cast<size_t>(x)] <= 1) continue;
    int64_t y = rand.sample_int(0, n - 1);
    if (y >= x) ++y;
    std::vector<int64_t> factors = divisors(tiles[static_cast<size_t>(x)]);
    auto choices = static_cast<int64_t>(factors.size());
    if (y == n - 1) {
      // The innermost part may grow up to its limit only.
      while (choices > 1 &&
             factors[static_cast<size_t>(choices - 1)] * tiles[static_cast<size_t>(y)] >
                 max_innermost)
        --choices;
      if (choices <= 1) {
        if (n <= 2) return std::nullopt;
        continue;
      }
    }
    int64_t factor = factors[static_cast<size_t>(rand.sample_int(1, choices))];
    tiles[static_cast<size_t>(x)] /= factor;
    tiles[static_cast<size_t>(y)] *= factor;
    return trace.with_decision(step, Decision(tiles), true);
  }
}

}  // namespace detail

METASCHEDULE_INLINE std::optional<Trace> MutateTileSize::apply(const Trace& trace, Rand& rand) {
  std::vector<size_t> tiles, lengths;
  size_t end = trace.postproc();
  for (size_t i = 0; i < end; ++i) {
    if (is_step(trace, i, "SamplePerfectTile")) {
      std::optional<Decision> decision = trace.decision(i);
      if (!decision) continue;
      const auto& factors = std::get<std::vector<int64_t>>(*decision);
      int64_t product = 1;
      for (int64_t f : factors) product *= f;
      if (factors.size() >= 2 && product >= 2) tiles.push_back(i);
    } else if (annotation_key(trace, i) == "meta_schedule.cooperative_fetch") {
      const Operand* value = step_argument(trace, i, "ann_val");
      if (!value || value->tag != Operand::Tag::Number) continue;
      auto origin = origin_of(trace, value->integer);
      if (!origin || !is_step(trace, origin->step, "SampleCategorical")) continue;
      const Operand* candidates = step_argument(trace, origin->step, "candidates");
      if (trace.has_decision(origin->step) && candidates && candidates->integer != 1)
        lengths.push_back(origin->step);
    }
  }
  auto total = static_cast<int64_t>(tiles.size() + lengths.size());
  if (total == 0) return std::nullopt;
  auto picked = static_cast<size_t>(rand.sample_int(0, total));
  if (picked < tiles.size()) return detail::mutate_tile(trace, tiles[picked], rand);
  return mutate_categorical(trace, lengths[picked - tiles.size()], rand);
}

METASCHEDULE_INLINE std::optional<Trace> MutateUnroll::apply(const Trace& trace, Rand& rand) {
  std::vector<size_t> candidates;
  size_t end = trace.postproc();
  for (size_t i = 0; i < end; ++i) {
    std::string_view key = annotation_key(trace, i);
    if (key != "meta_schedule.unroll_explicit" && key != "meta_schedule.unroll_implicit") continue;
    const Operand* value = step_argument(trace, i, "ann_val");
    if (!value || value->tag != Operand::Tag::Number) continue;
    auto origin = origin_of(trace, value->integer);
    if (origin && is_step(trace, origin->step, "SampleCategorical") &&
        trace.has_decision(origin->step))
      candidates.push_back(origin->step);
  }
  if (candidates.empty()) return std::nullopt;
  auto picked = static_cast<size_t>(rand.sample_int(0, static_cast<int64_t>(candidates.size())));
  return mutate_categorical(trace, candidates[picked], rand);
}

namespace detail {

/// The step that sampled the factor of `v`, where step `i` is Bind(l, "threadIdx.x") and
/// [_, l] = Split(x, [None, v]).
inline std::optional<size_t> sampled_threads(const Trace& trace, size_t i) {
  if (!is_step(trace, i, "Bind")) return std::nullopt;
  const Operand* axis = step_argument(trace, i, "thread_axis");
  if (axis->tag != Operand::Tag::String || axis->text() != "threadIdx.x") return std::nullopt;
  const auto split = origin_of(trace, step_argument(trace, i, "loop")->integer);
  if (!split || split->position != 1 || !is_step(trace, split->step, "Split")) return std::nullopt;
  // The factors follow the loop in place.
  const Operand* loop = step_argument(trace, split->step, "loop");
  const Operand* end = trace.steps().end(trace[split->step]);
  const Operand* outer = next_operand(loop);
  if (outer->tag == Operand::Tag::List) ++outer;
  if (end - outer < 2 || outer->tag != Operand::Tag::None || outer[1].tag != Operand::Tag::Number)
    return std::nullopt;
  const auto sample = origin_of(trace, outer[1].integer);
  if (!sample || !is_step(trace, sample->step, "SampleCategorical") ||
      !trace.has_decision(sample->step))
    return std::nullopt;
  return sample->step;
}

}  // namespace detail

METASCHEDULE_INLINE std::optional<Trace> MutateThreadBinding::apply(const Trace& trace,
                                                                    Rand& rand) {
  std::vector<size_t> candidates;
  const size_t end = trace.postproc();
  for (size_t i = 0; i < end; ++i)
    if (const auto step = detail::sampled_threads(trace, i)) candidates.push_back(*step);
  if (candidates.empty()) return std::nullopt;
  const auto picked =
      static_cast<size_t>(rand.sample_int(0, static_cast<int64_t>(candidates.size())));
  return mutate_categorical(trace, candidates[picked], rand);
}

METASCHEDULE_INLINE void MutateComputeLocation::initialize_with_tune_context(
    const TuneContextPtr& context) {
  mod_ = context->mod;
}

METASCHEDULE_INLINE std::optional<Trace> MutateComputeLocation::apply(const Trace& trace,
                                                                      Rand& rand) {
  struct Candidate {
    size_t step;
    std::vector<int64_t> locations;
  };
  std::vector<Candidate> candidates;
  Schedule sch(mod_, rand.fork_seed());
  Trace search = trace.without_postproc();
  const int64_t no_decision = INT64_MIN;
  search.apply_to_schedule(
      sch, true,
      [&](size_t step, const std::vector<Operand>&,
          const std::optional<Decision>& decision) -> std::optional<Decision> {
        if (!is_step(search, step, "SampleComputeLocation")) return decision;
        // The handle of the block is the table's: the same position as in the trace, since both
        // number outputs in order.
        const Operand* block = step_argument(search, step, "block");
        BlockRV rv;
        static_cast<Handle&>(rv) = sch.handle(static_cast<uint32_t>(block->integer));
        std::vector<int64_t> locations = compute_locations(sch, rv);
        int64_t old = decision ? std::get<int64_t>(*decision) : no_decision;
        locations.erase(std::remove(locations.begin(), locations.end(), old), locations.end());
        if (!locations.empty()) candidates.push_back({step, std::move(locations)});
        return decision;
      });
  if (candidates.empty()) return std::nullopt;
  auto pick = [&](size_t n) {
    return static_cast<size_t>(rand.sample_int(0, static_cast<int64_t>(n)));
  };
  const Candidate& candidate = candidates[pick(candidates.size())];
  int64_t location = candidate.locations[pick(candidate.locations.size())];
  return trace.with_decision(candidate.step, Decision(location), true);
}

METASCHEDULE_INLINE void MutateParallel::initialize_with_tune_context(
    const TuneContextPtr& context) {
  mod_ = context->mod;
  max_parallel_extent_ = required_num_cores(*context, "MutateParallel") * max_jobs_per_core;
}

namespace detail {

/// For each block below the root, the products of its outer loops that may run in parallel, up to
/// the first that reaches `limit`.
inline std::vector<std::vector<int64_t>> parallel_extents(const StmtNode& root, int64_t limit) {
  std::vector<std::vector<int64_t>> out;
  auto walk = [&](auto&& self, const StmtNode& stmt, std::vector<const For*>& loops) -> void {
    if (stmt.kind == Kind::BlockRealize) {
      std::vector<int64_t> products;
      int64_t product = 1;
      for (const For* loop : loops) {
        const IntImm* extent = as<IntImm>(loop->extent);
        if (!extent || loop_iter_type(*loop) != IterType::DataPar) break;
        product *= extent->value;
        products.push_back(product);
        if (product >= limit) break;
      }
      if (!products.empty()) out.push_back(std::move(products));
      return;
    }
    const For* loop = as<For>(&stmt);
    if (loop) loops.push_back(loop);
    for_each_substmt(stmt, [&](const StmtNode& child) { self(self, child, loops); });
    if (loop) loops.pop_back();
  };
  std::vector<const For*> loops;
  for_each_substmt(root, [&](const StmtNode& child) { walk(walk, child, loops); });
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE std::optional<Trace> MutateParallel::apply(const Trace& trace, Rand& rand) {
  std::vector<size_t> steps;
  size_t end = trace.postproc();
  for (size_t i = 0; i < end; ++i)
    if (annotation_key(trace, i) == "meta_schedule.parallel") steps.push_back(i);
  if (steps.empty()) return std::nullopt;
  size_t step = steps[static_cast<size_t>(rand.sample_int(0, static_cast<int64_t>(steps.size())))];
  const Operand* block = step_argument(trace, step, "block_or_loop");
  const Operand* value = step_argument(trace, step, "ann_val");
  auto origin = origin_of(trace, block->integer);
  if (!origin || !is_step(trace, origin->step, "GetBlock") || value->tag != Operand::Tag::Int)
    return std::nullopt;

  Trace search = trace.without_postproc();
  Schedule sch(mod_, rand.fork_seed());
  search.apply_to_schedule(sch, true);
  BlockRV root = sch.get_block(step_argument(trace, origin->step, "name")->text(),
                               step_argument(trace, origin->step, "func_name")->text());
  std::vector<std::vector<int64_t>> blocks =
      detail::parallel_extents(*place_of(sch, root).realize, max_parallel_extent_);
  // How many loops of each block a limit fuses, and the limit that stands for it.
  auto plan_of = [&](int64_t limit) {
    std::vector<size_t> plan;
    for (const std::vector<int64_t>& products : blocks) {
      auto above = std::upper_bound(products.begin(), products.end(), limit);
      auto i = static_cast<size_t>(above - products.begin());
      if (i > 0 && products[i - 1] == limit) --i;
      if (i != products.size()) ++i;
      plan.push_back(i);
    }
    return plan;
  };
  std::map<std::vector<size_t>, int64_t> plans;
  std::vector<int64_t> seen;
  for (const std::vector<int64_t>& products : blocks) {
    for (int64_t limit : products) {
      if (limit > max_parallel_extent_ || std::find(seen.begin(), seen.end(), limit) != seen.end())
        continue;
      seen.push_back(limit);
      plans[plan_of(limit)] = limit;
    }
  }
  plans.erase(plan_of(value->integer));
  if (plans.empty()) return std::nullopt;
  auto it = plans.begin();
  std::advance(it, rand.sample_int(0, static_cast<int64_t>(plans.size())));
  auto position = static_cast<size_t>(value - trace.steps().operands.data());
  return search.with_operand(position, Operand::of_int(it->second));
}

}  // namespace metaschedule
