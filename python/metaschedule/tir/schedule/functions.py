# SPDX-License-Identifier: Apache-2.0
"""Functions that scripts reach by their registered names only, as
`get_global_func("tir.schedule.…")`."""

from ... import _core
from . import analysis, transform

#: What is registered, by its name without `tir.schedule.`.
FUNCTIONS = {
    "CanDecomposePadding": lambda sch, block, loop: sch.can_decompose_padding(block, loop),
    "GetAutoTensorizeMappingInfo": analysis.get_auto_tensorize_mapping_info,
    "GetBlockRealize": _core.schedule_block_realize,
    "GetLoopIterType": _core.schedule_loop_iter_type,
    "GetTensorizeLoopMapping": analysis.get_tensorize_loop_mapping,
    "HasBlock": analysis.has_block,
    "HasIfThenElse": _core.has_if_then_else,
    "IsOutputBlock": analysis.is_output_block,
    "IsReductionBlock": _core.schedule_is_reduction_block,
    "IsSpatialPrimFunc": _core.is_spatial_prim_func,
    "IsTrivialBinding": _core.schedule_is_trivial_binding,
    "NormalizePrimFunc": _core.normalize_prim_func,
    "RegisterReducer": _core.register_reducer,
    "SuggestIndexMap": analysis.suggest_index_map,
    "TileWithTensorIntrin": transform.tile_with_tensor_intrin,
}
