# SPDX-License-Identifier: Apache-2.0
"""Names of tensor intrinsics and of their groups, under the original's module names as well."""

import importlib

import metaschedule as ms
import pytest
from metaschedule import _core
from metaschedule.registry import get_global_func
from metaschedule.tir import Schedule, TensorIntrin
from metaschedule.tir import tensor_intrin as intrins

MODULES = ["arm_cpu", "cuda", "dot_product_common", "hexagon", "metal", "rocm", "x86"]


def _constants(module):
    """The names of intrinsics that a module holds; a prefix of names that are made is none."""
    made = ("FP32_TRANSPOSE_INTERLEAVE", "GEMM_INTERLEAVED_MOPA")
    return {
        name: value
        for name, value in vars(module).items()
        if name.isidentifier() and name[0].isupper() and isinstance(value, str)
        if not name.endswith(made)
    }


@pytest.mark.parametrize("name", MODULES)
def test_constants_name_intrinsics_that_are_known(name):
    module = importlib.import_module(f"metaschedule.tir.tensor_intrin.{name}")
    assert _constants(module)
    for value in _constants(module).values():
        assert TensorIntrin.get(value).desc is not None


def test_all_that_ship_have_a_constant_but_those_of_plain_names():
    constants = set()
    for name in MODULES:
        module = importlib.import_module(f"metaschedule.tir.tensor_intrin.{name}")
        constants |= set(_constants(module).values())
    rest = {n for n in _core.tensor_intrin_names() if not n.startswith("rvv_")} - constants
    assert {n for n in rest if "m16n8k8" not in n and not n.startswith("test_")} == set()


def test_the_original_s_names_are_those_of_this_library():
    names = importlib.import_module("metaschedule.compat.tvm.tir.tensor_intrin.x86")
    assert names.VNNI_DOT_16x4_INTRIN == "dot_16x4_vnni"
    cuda = importlib.import_module("metaschedule.compat.tvm.tir.tensor_intrin.cuda")
    assert cuda is intrins.cuda
    vnni = TensorIntrin.get(names.VNNI_DOT_16x4_INTRIN)
    assert ms.ir.structural_equal(names.dot_product_16x4_u8i8i32_desc, vnni.desc)
    with pytest.raises(AttributeError, match="dot_product_1x1"):
        _ = names.dot_product_1x1


@pytest.mark.parametrize("in_dtype, out_dtype", [("float16", "float32"), ("int8", "int32")])
@pytest.mark.parametrize("load", ["shared", "shared.dyn"])
@pytest.mark.parametrize("store", ["global", "shared", "shared.dyn"])
@pytest.mark.parametrize("trans_b", [False, True])
def test_groups_of_warp_matrices_are_known(in_dtype, out_dtype, load, store, trans_b):
    group = intrins.cuda.get_wmma_intrin_group(load, store, in_dtype, out_dtype, trans_b)
    assert list(group) == ["init", "load_a", "load_b", "compute", "store"]
    for name in group.values():
        TensorIntrin.get(name)


def test_groups_of_mma_are_named_by_their_types():
    group = intrins.cuda.get_mma_intrin_group(
        "shared.dyn", "global", "float16", "float32", False, True, not_use_mma_store_intrinic=False
    )
    assert group == {
        "init": "mma_fill_16x16_f32",
        "load_a": "mma_ldmatrix_f16_a_dyn",
        "load_b": "mma_ldmatrix_f16_b_trans_dyn",
        "compute": "mma_f16f16f32_trans_b",
        "store": "mma_store_16x16_f32_global_",
    }
    for name in group.values():
        TensorIntrin.get(name)
    simple = intrins.cuda.get_mma_intrin_group(
        "shared", "global", "float16", "float32", True, False
    )
    assert simple["store"] == "mma_store_16x16_f32_global_simple_"  # which nobody registers
    assert simple["load_a"] == "mma_ldmatrix_f16_a_trans"
    with pytest.raises(ValueError, match="in_dtype"):
        intrins.cuda.get_mma_intrin_group("shared", "global", "float64", "float32", False, False)
    with pytest.raises(ValueError, match="load_scope"):
        intrins.cuda.get_wmma_intrin_group("global", "global", "int8", "int32", False)


def test_groups_of_metal_are_known():
    from metaschedule.tir.tensor_intrin import metal

    group = metal.get_simdgroup_intrin_group("shared", "global", "float16", trans_b=True)
    assert group["load_b"] == "simdgroup_load_8x8x8_f16_shared_trans"
    for name in group.values():
        TensorIntrin.get(name)


def test_layouts_of_registers_are_inverse_to_each_other():
    cuda = intrins.cuda
    places = set()
    for i in range(16):
        for j in range(16):
            place = cuda.shared_16x16_to_ldmatrix_32x8_layout(i, j)
            assert cuda.ldmatrix_32x8_to_shared_16x16_layout(*place) == (i, j)
            places.add(place)
    assert places == {(t, r) for t in range(32) for r in range(8)}
    layout = get_global_func("tir.index_map.shared_16x16_to_ldmatrix_32x8_layout")
    assert layout([9, 3]) == [5, 3]


def test_transpositions_and_products_of_sme_are_made_to_measure():
    arm = intrins.arm_cpu
    name = arm.get_transpose_interleave_intrin_name("float32", "float32", 100, 60)
    assert name == "sme_2svlx2svl_fp32_transpose_interleave_100_60"
    assert "100" in TensorIntrin.get(name).impl.script()
    block2 = arm.get_transpose_interleave_intrin_name("float16", "float32", 100, 60)
    assert TensorIntrin.get(block2).desc.params
    desc, impl = arm.get_sme_gemm_interleaved_mopa_2svlx2svl_intrin(16, 32, "float16")
    TensorIntrin.register("my_gemm", desc, impl, override=True)
    assert "mopa" in TensorIntrin.get("my_gemm").impl.script()
    with pytest.raises(ValueError, match="even"):
        arm.get_sme_gemm_interleaved_mopa_2svlx2svl_intrin(16, 31, "float16")
    with pytest.raises(ValueError, match="int8"):
        arm.get_transpose_interleave_intrin_name("int8", "int32", 8, 8)


def test_dot_products_of_risc_v_follow_the_length_of_registers():
    target = {"kind": "llvm", "mtriple": "riscv64-unknown-linux-gnu", "mattr": ["+v", "+zvl256b"]}
    listed = intrins.riscv_cpu.register_rvv_isa_intrinsics(ms.target.Target(target))
    assert list(listed)[:2] == ["rvv_dot_128u8_8x128i8_8i32", "rvv_dot_64u8_8x64i8_8i32"]
    assert list(listed)[-1] == "rvv_dot_4f32_8x4f32_8f32" and len(listed) == 23
    for name in listed:
        TensorIntrin.get(name)
    plain = {"kind": "llvm", "mtriple": "riscv64-unknown-linux-gnu"}
    assert intrins.riscv_cpu.register_rvv_isa_intrinsics(ms.target.Target(plain)) == {}
    longer = dict(target, mattr=["+v", "+zvl1024b"])
    inventory = intrins.riscv_cpu.register_rvv_isa_intrinsics(
        ms.target.Target(longer), inventory_only=True
    )
    assert all(TensorIntrin.get(name, allow_missing=True) is None for name in inventory)


def test_pairs_are_checked_and_taken_once():
    vnni = TensorIntrin.get("dot_16x4_vnni")
    fill = TensorIntrin.get("wmma_fill_16x16x16_f32")
    with pytest.raises(ValueError, match="parameters"):
        TensorIntrin(vnni.desc, fill.impl)
    TensorIntrin.register("test_mine", vnni.desc, vnni.impl, override=True)
    with pytest.raises(ValueError, match="'test_mine' has already been registered"):
        TensorIntrin.register("test_mine", vnni.desc, vnni.impl)
    with pytest.raises(ValueError, match="'test_none' is not registered"):
        TensorIntrin.get("test_none")
    assert TensorIntrin.get("test_none", allow_missing=True) is None
    sch = Schedule(vnni.desc)
    with pytest.raises(ValueError, match="'test_none' is not registered"):
        sch.tensorize(sch.get_block("update"), "test_none")
