// SPDX-License-Identifier: Apache-2.0
// A pass over LLVM's IR for programs with tiles of AMX; see keep_tiles.cc.
#pragma once

#include <llvm/IR/PassManager.h>

namespace metaschedule::codegen {

/// Takes loads and stores of sums out of reduction loops. Loads and stores of tiles carry alias
/// scopes, one for each buffer.
struct KeepTiles : llvm::PassInfoMixin<KeepTiles> {
  llvm::PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses);
};

}  // namespace metaschedule::codegen
