// SPDX-License-Identifier: Apache-2.0
// keep_tiles: sums of tiles stay in registers over a reduction loop. Programs say each step as
// C += A * B on memory; LLVM takes loads and stores of tiles for calls that may do anything.
//
//   loop: t = load C; t += A[k] * B[k]; store C, t   ->   t = load C; loop: t += …; store C, t
//
// Done for innermost loops of one block that do nothing else to memory, for places that the loop
// does not move and that are the same or disjoint. Tiles that several steps of an iteration load
// are loaded once, as far as registers go.
#include "keep_tiles.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/IR/ValueHandle.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

namespace metaschedule::codegen {
namespace {

/// Tiles that a processor has. A product needs two besides the sums.
constexpr size_t kRegisters = 8, kMostSums = kRegisters - 2;

/// A load or a store of a whole tile.
struct TileAccess {
  llvm::IntrinsicInst* call;
  bool is_store;
  /// What it belongs to: accesses with another remark touch other memory.
  const llvm::MDNode* buffer;
  const llvm::SCEV* place;
  llvm::Value* row() const { return call->getArgOperand(3); }
};

bool computes_tiles(llvm::Intrinsic::ID id) {
  switch (id) {
    case llvm::Intrinsic::x86_tilezero_internal:
    case llvm::Intrinsic::x86_tdpbssd_internal:
    case llvm::Intrinsic::x86_tdpbsud_internal:
    case llvm::Intrinsic::x86_tdpbusd_internal:
    case llvm::Intrinsic::x86_tdpbuud_internal:
    case llvm::Intrinsic::x86_tdpbf16ps_internal:
      return true;
    default:
      return false;
  }
}

/// The argument of products that a tile is: 3 for sums, 4 or 5 for factors; 0 when it is not one of
/// them. A processor refuses a product whose operands are not three registers, and LLVM does not
/// keep those of one value apart, so a tile must not become two of them.
unsigned role(const llvm::Value& tile) {
  unsigned out = 0;
  for (const llvm::Use& use : tile.uses()) {
    const auto* user = llvm::dyn_cast<llvm::IntrinsicInst>(use.getUser());
    if (!user || !computes_tiles(user->getIntrinsicID())) return 0;
    if (out && out != use.getOperandNo()) return 0;
    out = use.getOperandNo();
  }
  return out;
}

/// Whether 16 rows of 64 bytes and those `distance` bytes further share a byte.
bool overlap(int64_t distance, int64_t row) {
  for (int64_t r = -15; r <= 15; ++r)
    if (std::abs(distance - r * row) < 64) return true;
  return false;
}

/// A place whose tile is kept.
struct Sum {
  const llvm::SCEV* place;
  std::vector<TileAccess> accesses;
};

class LoopTiles {
 public:
  LoopTiles(llvm::Loop& loop, llvm::ScalarEvolution& evolution)
      : loop_(loop), block_(*loop.getHeader()), evolution_(evolution) {}

  bool run() {
    auto accesses = accesses_in(block_.begin(), block_.end());
    if (!accesses) return false;
    std::set<const llvm::MDNode*> stored;
    for (const TileAccess& a : *accesses)
      if (a.is_store) stored.insert(a.buffer);
    std::vector<Sum> sums;
    for (const llvm::MDNode* buffer : stored)
      if (!add_sums(*accesses, buffer, sums)) return false;
    if (sums.empty() || sums.size() > kMostSums) return false;
    for (const Sum& sum : sums)
      for (size_t i : {2, 3}) {
        bool changed = false;
        // Before anything is rewritten: it may not be possible.
        if (!loop_.makeLoopInvariant(sum.accesses[0].call->getArgOperand(i), changed)) return false;
      }
    load_once(*accesses, stored, sums.size());
    for (const Sum& sum : sums) keep(sum);
    evolution_.forgetLoop(&loop_);
    return true;
  }

 private:
  /// Nothing where something else may use memory, or memory of an unknown buffer is used.
  std::optional<std::vector<TileAccess>> accesses_in(llvm::BasicBlock::iterator from,
                                                     llvm::BasicBlock::iterator to) {
    std::vector<TileAccess> out;
    for (llvm::Instruction& inst : llvm::make_range(from, to)) {
      auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&inst);
      const auto id = call ? call->getIntrinsicID() : llvm::Intrinsic::not_intrinsic;
      const bool is_store = id == llvm::Intrinsic::x86_tilestored64_internal;
      if (is_store || id == llvm::Intrinsic::x86_tileloadd64_internal) {
        const llvm::MDNode* buffer = call->getMetadata(llvm::LLVMContext::MD_alias_scope);
        if (!buffer) return std::nullopt;
        out.push_back({call, is_store, buffer, evolution_.getSCEV(call->getArgOperand(2))});
      } else if (inst.mayReadOrWriteMemory() && !computes_tiles(id)) {
        return std::nullopt;
      }
    }
    return out;
  }

  /// The places of a buffer; false where one moves, two may share memory without being one, or
  /// what is loaded there is no sum.
  bool add_sums(const std::vector<TileAccess>& accesses, const llvm::MDNode* buffer,
                std::vector<Sum>& sums) {
    const size_t first = sums.size();
    std::optional<int64_t> row;
    for (const TileAccess& a : accesses) {
      if (a.buffer != buffer) continue;
      const auto* length = llvm::dyn_cast<llvm::ConstantInt>(a.row());
      if (!a.is_store && role(*a.call) != 3) return false;
      if (!length || !evolution_.isLoopInvariant(a.place, &loop_)) return false;
      if (row && *row != length->getSExtValue()) return false;
      row = length->getSExtValue();
      Sum* same = nullptr;
      for (size_t i = first; i < sums.size(); ++i) {
        const auto* distance =
            llvm::dyn_cast<llvm::SCEVConstant>(evolution_.getMinusSCEV(a.place, sums[i].place));
        if (!distance) return false;
        if (distance->isZero())
          same = &sums[i];
        else if (overlap(distance->getAPInt().getSExtValue(), *row))
          return false;
      }
      if (!same) same = &sums.emplace_back(Sum{a.place, {}});
      same->accesses.push_back(a);
    }
    return true;
  }

  /// Operands that are loaded twice in an iteration, from memory that it does not change.
  void load_once(const std::vector<TileAccess>& accesses,
                 const std::set<const llvm::MDNode*>& stored, size_t num_sums) {
    using Key = std::tuple<const llvm::SCEV*, llvm::Value*, unsigned>;
    std::map<Key, std::vector<llvm::IntrinsicInst*>> loads;
    for (const TileAccess& a : accesses) {
      if (stored.count(a.buffer)) continue;
      const unsigned operand = role(*a.call);
      if (operand == 0) return;
      loads[{a.place, a.row(), operand}].push_back(a.call);
    }
    std::map<const llvm::Instruction*, int> position;
    int end = 0;
    for (const llvm::Instruction& inst : block_) position[&inst] = end++;
    // Each is alive from its load to the last use of any of those that it stands for.
    std::vector<size_t> alive(static_cast<size_t>(end), num_sums);
    for (const auto& [key, same] : loads) {
      int last = position[same[0]];
      for (const llvm::IntrinsicInst* call : same)
        for (const llvm::User* user : call->users())
          last = std::max(last, position[llvm::cast<llvm::Instruction>(user)]);
      for (int i = position[same[0]]; i < last; ++i) ++alive[static_cast<size_t>(i)];
    }
    if (*std::max_element(alive.begin(), alive.end()) > kRegisters) return;
    for (const auto& [key, same] : loads) {
      for (size_t i = 1; i < same.size(); ++i) {
        same[i]->replaceAllUsesWith(same[0]);
        same[i]->eraseFromParent();
      }
    }
  }

  void keep(const Sum& sum) {
    llvm::BasicBlock* before = loop_.getLoopPreheader();
    llvm::IntrinsicInst* first = sum.accesses[0].call;
    llvm::Value *height = first->getArgOperand(0), *width = first->getArgOperand(1),
                *place = first->getArgOperand(2), *row = first->getArgOperand(3);
    auto remark = [&](llvm::Instruction* made) {
      for (unsigned kind : {llvm::LLVMContext::MD_alias_scope, llvm::LLVMContext::MD_noalias})
        made->setMetadata(kind, first->getMetadata(kind));
    };
    const bool is_stored = std::any_of(sum.accesses.begin(), sum.accesses.end(),
                                       [](const TileAccess& a) { return a.is_store; });
    llvm::Value* start = is_stored ? taken_from(*before, sum) : nullptr;
    if (!start) {
      llvm::IRBuilder<> builder(before->getTerminator());
      llvm::CallInst* load = builder.CreateIntrinsic(llvm::Intrinsic::x86_tileloadd64_internal, {},
                                                     {height, width, place, row});
      remark(load);
      start = load;
    }
    llvm::WeakTrackingVH now = start;
    llvm::PHINode* phi = nullptr;
    if (is_stored) {
      phi = llvm::PHINode::Create(start->getType(), 2, "sum", block_.begin());
      phi->addIncoming(start, before);
      now = phi;
    }
    for (const TileAccess& a : sum.accesses) {
      if (a.is_store)
        now = a.call->getArgOperand(4);
      else
        a.call->replaceAllUsesWith(now);
    }
    if (is_stored) {
      phi->addIncoming(now, &block_);
      llvm::BasicBlock* after = loop_.getExitBlock();
      llvm::IRBuilder<> builder(after, after->getFirstInsertionPt());
      remark(builder.CreateIntrinsic(llvm::Intrinsic::x86_tilestored64_internal, {},
                                     {height, width, place, row, now}));
    }
    for (const TileAccess& a : sum.accesses) a.call->eraseFromParent();
  }

  /// The tile that the block before the loop stores last at the place, where nothing after it can
  /// tell; the store goes, for one comes after the loop. Null where there is none.
  llvm::Value* taken_from(llvm::BasicBlock& before, const Sum& sum) {
    const TileAccess& wanted = sum.accesses[0];
    for (auto it = before.rbegin(); it != before.rend(); ++it) {
      auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&*it);
      if (!it->mayReadOrWriteMemory() || (call && computes_tiles(call->getIntrinsicID()))) continue;
      if (!call) return nullptr;
      auto found = accesses_in(call->getIterator(), std::next(call->getIterator()));
      if (!found) return nullptr;
      const TileAccess& a = (*found)[0];
      if (a.buffer != wanted.buffer) continue;
      const auto* row = llvm::dyn_cast<llvm::ConstantInt>(a.row());
      const auto* distance =
          llvm::dyn_cast<llvm::SCEVConstant>(evolution_.getMinusSCEV(a.place, wanted.place));
      if (!distance || !row || a.row() != wanted.row()) return nullptr;
      if (distance->isZero()) {
        if (!a.is_store) return nullptr;
        llvm::Value* value = call->getArgOperand(4);
        call->eraseFromParent();
        return value;
      }
      if (overlap(distance->getAPInt().getSExtValue(), row->getSExtValue())) return nullptr;
    }
    return nullptr;
  }

  llvm::Loop& loop_;
  llvm::BasicBlock& block_;
  llvm::ScalarEvolution& evolution_;
};

}  // namespace

llvm::PreservedAnalyses KeepTiles::run(llvm::Function& function,
                                       llvm::FunctionAnalysisManager& analyses) {
  auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
  auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
  auto& evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
  bool changed = false;
  for (llvm::Loop* loop : loops.getLoopsInPreorder()) {
    if (!loop->isInnermost() || loop->getNumBlocks() != 1) continue;
    changed |= llvm::simplifyLoop(loop, &dominators, &loops, &evolution, nullptr, nullptr, false);
    if (!loop->isLoopSimplifyForm() || !loop->getExitBlock()) continue;
    changed |= LoopTiles(*loop, evolution).run();
  }
  return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
}

}  // namespace metaschedule::codegen
