// SPDX-License-Identifier: Apache-2.0
// Annotations, and the mark that separates the search from what is done to its result.
#pragma once

#include "metaschedule/schedule/args.h"

namespace metaschedule {

struct Annotate {
  static constexpr const char* kKind = "Annotate";
  static constexpr const char* kMethod = "annotate";
  static constexpr const char* kDoc =
      "rewrite: s  →  s with the annotation `ann_key`: `ann_val`; where the key is there already, "
      "nothing changes.\n"
      "needs: the value is a string, a number, an expression over sampled numbers, or a list or "
      "dictionary of such.";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockOrLoopRV block_or_loop;
  std::string ann_key;
  AnnotationArg ann_val;
  static auto args() {
    return std::tuple{input("block_or_loop", &Annotate::block_or_loop),
                      attr("ann_key", &Annotate::ann_key), input("ann_val", &Annotate::ann_val)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct Unannotate {
  static constexpr const char* kKind = "Unannotate";
  static constexpr const char* kMethod = "unannotate";
  static constexpr const char* kDoc =
      "rewrite: s with the annotation `ann_key`  →  s without it.\n"
      "needs: the key is there (KeyError).";
  static constexpr OutputType kOutputs = OutputType::None;
  BlockOrLoopRV block_or_loop;
  std::string ann_key;
  static auto args() {
    return std::tuple{input("block_or_loop", &Unannotate::block_or_loop),
                      attr("ann_key", &Unannotate::ann_key)};
  }
  void apply(ScheduleState& state, std::vector<TableEntry>& outputs);
};

struct EnterPostproc {
  static constexpr const char* kKind = "EnterPostproc";
  static constexpr const char* kMethod = "enter_postproc";
  static constexpr const char* kDoc =
      "rewrite: nothing; what follows in the trace is postprocessing, not part of the search.\n"
      "needs: nothing.";
  static constexpr OutputType kOutputs = OutputType::None;
  static auto args() { return std::tuple{}; }
  void apply(ScheduleState&, std::vector<TableEntry>&) {}
};

struct AnnotationMethods {
  void annotate(BlockOrLoopRV block_or_loop, std::string ann_key, Ref<Node> ann_val);
  void unannotate(BlockOrLoopRV block_or_loop, std::string ann_key);
  void enter_postproc();
};

}  // namespace metaschedule
