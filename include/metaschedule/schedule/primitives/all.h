// SPDX-License-Identifier: Apache-2.0
// The list of primitives. Adding one is a struct in a file of this folder and a line here.
#pragma once

#include "metaschedule/schedule/primitives/annotation.h"
#include "metaschedule/schedule/primitives/cache.h"
#include "metaschedule/schedule/primitives/loop_kind.h"
#include "metaschedule/schedule/primitives/loop_transform.h"
#include "metaschedule/schedule/primitives/query.h"
#include "metaschedule/schedule/primitives/sampling.h"

namespace metaschedule {

/// The position in this list is the opcode in memory; files name instructions by their kind.
using AllPrimitives = std::tuple<  //
    GetBlock,                      //
    GetLoops,                      //
    GetChildBlocks,                //
    GetProducers,                  //
    GetConsumers,                  //
    GetOutputBlocks,               //
    SampleCategorical,             //
    SamplePerfectTile,             //
    SamplePartitionedTile,         //
    Split,                         //
    Fuse,                          //
    Reorder,                       //
    AddUnitLoop,                   //
    Parallel,                      //
    Vectorize,                     //
    Bind,                          //
    Unroll,                        //
    CacheRead,                     //
    CacheWrite,                    //
    Annotate,                      //
    Unannotate,                    //
    EnterPostproc                  //
    >;

/// The methods of a Schedule, one base a family.
struct AllPrimitiveMethods : QueryMethods,
                             SamplingMethods,
                             LoopTransformMethods,
                             LoopKindMethods,
                             CacheMethods,
                             AnnotationMethods {};

}  // namespace metaschedule
