// SPDX-License-Identifier: Apache-2.0
// The list of primitives. Adding one is a struct in a file of this folder and a line here.
#pragma once

#include "metaschedule/schedule/primitives/annotation.h"
#include "metaschedule/schedule/primitives/block_axes.h"
#include "metaschedule/schedule/primitives/blockize.h"
#include "metaschedule/schedule/primitives/buffer.h"
#include "metaschedule/schedule/primitives/buffer_access.h"
#include "metaschedule/schedule/primitives/buffer_fields.h"
#include "metaschedule/schedule/primitives/cache.h"
#include "metaschedule/schedule/primitives/cache_block.h"
#include "metaschedule/schedule/primitives/compute_at.h"
#include "metaschedule/schedule/primitives/compute_inline.h"
#include "metaschedule/schedule/primitives/copy_at.h"
#include "metaschedule/schedule/primitives/layout.h"
#include "metaschedule/schedule/primitives/loop_kind.h"
#include "metaschedule/schedule/primitives/loop_partition.h"
#include "metaschedule/schedule/primitives/loop_transform.h"
#include "metaschedule/schedule/primitives/padding.h"
#include "metaschedule/schedule/primitives/query.h"
#include "metaschedule/schedule/primitives/reduction.h"
#include "metaschedule/schedule/primitives/reindex.h"
#include "metaschedule/schedule/primitives/rolling_buffer.h"
#include "metaschedule/schedule/primitives/sampling.h"
#include "metaschedule/schedule/primitives/tensorize.h"

namespace metaschedule {

/// The position in this list is the opcode in memory; files name instructions by their kind.
// clang-format off
using AllPrimitives = std::tuple<
    GetBlock,
    GetLoops,
    GetChildBlocks,
    GetProducers,
    GetConsumers,
    GetOutputBlocks,
    SampleCategorical,
    SamplePerfectTile,
    SamplePartitionedTile,
    SampleComputeLocation,
    Split,
    Fuse,
    LoopPartition,
    Merge,
    Reorder,
    ReorderBlockIterVar,
    AddUnitLoop,
    Parallel,
    Vectorize,
    Bind,
    Unroll,
    CacheRead,
    CacheWrite,
    ReindexCacheRead,
    ReindexCacheWrite,
    CacheInplace,
    CacheIndex,
    ReIndex,
    ReadAt,
    WriteAt,
    ComputeAt,
    ReverseComputeAt,
    ComputeInline,
    ReverseComputeInline,
    FuseReductionEpilogue,
    DecomposeReduction,
    RFactor,
    Blockize,
    Tensorize,
    SetScope,
    StorageAlign,
    UnsafeSetDType,
    TransformLayout,
    TransformBlockLayout,
    SetAxisSeparator,
    DecomposePadding,
    PadEinsum,
    RollingBuffer,
    UnsafeHideBufferAccess,
    AnnotateBufferAccess,
    Annotate,
    Unannotate,
    EnterPostproc
    >;
// clang-format on

/// The methods of a Schedule, one base a family.
// clang-format off
struct AllPrimitiveMethods :
    QueryMethods,
    SamplingMethods,
    LoopTransformMethods,
    LoopPartitionMethods,
    LoopKindMethods,
    CacheMethods,
    CacheBlockMethods,
    ReindexMethods,
    CopyAtMethods,
    ComputeAtMethods,
    InlineMethods,
    ReductionMethods,
    BlockizeMethods,
    TensorizeMethods,
    BlockAxesMethods,
    BufferMethods,
    BufferAccessMethods,
    BufferFieldMethods,
    LayoutMethods,
    PaddingMethods,
    RollingBufferMethods,
    AnnotationMethods
{};
// clang-format on

}  // namespace metaschedule
