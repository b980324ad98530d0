// SPDX-License-Identifier: Apache-2.0
// Makes a failing case smaller while the same thing fails: fewer steps, fewer blocks, smaller
// numbers.
#pragma once

#include <set>

#include "property/schedule/walk.h"

namespace metaschedule::testing {

class Shrinker {
 public:
  Shrinker(Case one, Failure failure, Plant plant = {}, int most_attempts = 3000)
      : best_(std::move(one)),
        failure_(std::move(failure)),
        plant_(std::move(plant)),
        left_(most_attempts) {}

  const Failure& failure() const { return failure_; }
  /// Raises nothing; a case that does not fail when replayed comes back as it is.
  Case run() {
    if (!still_fails(best_)) return best_;
    for (bool again = true; again && left_ > 0;) {
      again = drop_steps();
      again = drop_blocks() || again;
      again = lower_choices() || again;
      again = lower_numbers() || again;
    }
    return best_;
  }

 private:
  bool still_fails(Case& one) {
    if (left_-- <= 0) return false;
    auto found = find_failure(one, plant_);
    if (!found || !found->same_as(failure_)) return false;
    failure_ = *found;
    return true;
  }
  bool keep(Case one) {
    if (!still_fails(one)) return false;
    best_ = std::move(one);
    return true;
  }

  // Without instruction `at` and without what needs its outputs.
  static nlohmann::json without(const nlohmann::json& trace, size_t from, size_t count) {
    nlohmann::json instructions = nlohmann::json::array(), decisions = nlohmann::json::array();
    std::set<std::string> gone;
    std::vector<int64_t> moved(trace[0].size(), -1);
    for (size_t i = 0; i < trace[0].size(); ++i) {
      const auto& instruction = trace[0][i];
      if ((i >= from && i < from + count) || mentions(instruction[1], gone)) {
        for (const auto& out : instruction[3]) gone.insert(out.get<std::string>());
        continue;
      }
      moved[i] = static_cast<int64_t>(instructions.size());
      instructions.push_back(instruction);
    }
    for (const auto& decision : trace[1])
      if (int64_t at = moved[decision[0].get<size_t>()]; at >= 0)
        decisions.push_back({at, decision[1]});
    return {instructions, decisions};
  }
  static bool mentions(const nlohmann::json& value, const std::set<std::string>& names) {
    if (value.is_string()) return names.count(value.get<std::string>()) > 0;
    if (!value.is_array()) return false;
    return std::any_of(value.begin(), value.end(),
                       [&](const auto& item) { return mentions(item, names); });
  }

  bool drop_steps() {
    bool any = false;
    for (size_t count = std::max<size_t>(1, best_.trace[0].size() / 2); count > 0; count /= 2)
      for (size_t end = best_.trace[0].size(); end > 0;) {
        const size_t from = end > count ? end - count : 0;
        Case smaller = best_;
        smaller.trace = without(best_.trace, from, end - from);
        if (smaller.trace[0].size() < best_.trace[0].size() && keep(std::move(smaller))) any = true;
        end = std::min(from, best_.trace[0].size());
      }
    return any;
  }
  bool drop_blocks() {
    bool any = false;
    for (size_t i = best_.plan.stages.size(); i-- > 0;) {
      Case smaller = best_;
      smaller.plan.stages.erase(smaller.plan.stages.begin() + std::ptrdiff_t(i));
      any = keep(std::move(smaller)) || any;
    }
    return any;
  }
  bool lower_choices() {
    bool any = false;
    for (size_t i = 0; i <= best_.plan.stages.size(); ++i) {
      auto choices = [i](Case& one) -> Choices& {
        return i == 0 ? one.plan.header : one.plan.stages[i - 1].choices;
      };
      for (size_t k = 0; k < choices(best_).size(); ++k) {
        const uint32_t now = choices(best_)[k];
        std::set<uint32_t> lower;
        if (now > 0) lower = {0, now / 2, now - 1};
        for (uint32_t value : lower) {
          Case smaller = best_;
          choices(smaller)[k] = value;
          if (value < now && keep(std::move(smaller))) {
            any = true;
            break;
          }
        }
      }
    }
    return any;
  }
  // Numbers among inputs, attributes and decisions of steps.
  bool lower_numbers() {
    std::vector<nlohmann::json::json_pointer> places;
    for (size_t i = 0; i < best_.trace[0].size(); ++i)
      for (int part : {1, 2}) {
        nlohmann::json::json_pointer at("/0/" + std::to_string(i) + "/" + std::to_string(part));
        find_numbers(best_.trace[at], at, places);
      }
    bool any = false;
    for (const auto& place : places) {
      const int64_t now = best_.trace[place].get<int64_t>();
      for (int64_t value : {int64_t{0}, int64_t{1}, now - 1}) {
        if (value < 0 || value >= now) continue;
        Case smaller = best_;
        smaller.trace[place] = value;
        if (keep(std::move(smaller))) {
          any = true;
          break;
        }
      }
    }
    return any;
  }
  static void find_numbers(const nlohmann::json& value, const nlohmann::json::json_pointer& at,
                           std::vector<nlohmann::json::json_pointer>& out) {
    if (value.is_number_integer()) out.push_back(at);
    if (!value.is_array()) return;
    for (size_t i = 0; i < value.size(); ++i) find_numbers(value[i], at / i, out);
  }

  Case best_;
  Failure failure_;
  Plant plant_;
  int left_;
};

/// A case as a file test of tests/filetests/schedule; what it should become is left to
/// METASCHEDULE_UPDATE once the defect is mended.
inline std::string as_file_test(Case& one) {
  return "test schedule\n" + write_program(one.plan) + "---\n" + one.trace.dump() +
         "\n---\nnot mended yet\n";
}

}  // namespace metaschedule::testing
