# SPDX-License-Identifier: Apache-2.0
"""What targets say about themselves."""

import pytest
from metaschedule import TVMError
from metaschedule import target as targets
from metaschedule.target import Target


def test_attributes_have_properties():
    gpu = Target("nvidia/geforce-rtx-3090")
    assert (gpu.arch, gpu.thread_warp_size, gpu.max_num_threads) == ("sm_86", 32, 1024)
    assert gpu.max_shared_memory_per_block == 49152
    assert gpu.supports_integer_dot_product
    assert not Target("cuda -arch=sm_60").supports_integer_dot_product
    cpu = Target("llvm -mcpu=skylake-avx512 -mattr=+avx2,+fma -num-cores=2")
    assert (cpu.mcpu, cpu.mattr) == ("skylake-avx512", ["+avx2", "+fma"])
    assert (cpu.model, cpu.device_name, cpu.libs, cpu.max_function_args) == ("unknown", "", [], 0)
    with pytest.raises(TVMError, match="max_num_threads"):
        assert cpu.max_num_threads


def test_features_follow_the_architecture():
    arm = Target("llvm -mtriple=aarch64-linux-gnu -mattr=+dotprod,+sve")
    assert arm.features.is_aarch64 and arm.features.has_dotprod and arm.features.has_sve
    assert not arm.features.has_sme
    assert Target("llvm").features.has_dsp is None
    assert Target("c -mcpu=cortex-m55").features.has_mve
    assert not Target("c -mcpu=cortex-m4").features.has_mve
    assert Target("c -mcpu=cortex-m4").features.has_dsp


def test_hosts_and_other_forms():
    assert Target("cuda").with_host("llvm").host.kind.name == "llvm"
    target, host = Target.canon_target_and_host("cuda", "llvm")
    assert host is not None and target.host.same_as(host)
    assert Target.canon_target(None) is None
    assert Target.canon_target_and_host(None) == (None, None)
    with pytest.raises(ValueError, match="Target host is not empty"):
        Target.canon_target_and_host(None, "llvm")
    assert [t.kind.name for t in Target.canon_multi_target(["llvm", "cuda"])] == ["llvm", "cuda"]
    assert [t.kind.name for t in Target.canon_multi_target("llvm")] == ["llvm"]


def test_kinds_tags_and_devices():
    assert {"llvm", "cuda", "hexagon"} <= set(Target.list_kinds())
    tags = targets.list_tags()
    assert len(tags) > 200
    assert tags["nvidia/nvidia-a100"].arch == "sm_80"
    targets.tag.register_tag("test/board", {"kind": "llvm", "num-cores": 3}, override=True)
    assert Target("test/board").attrs["num-cores"] == 3
    with pytest.raises(ValueError, match="test/board"):
        targets.tag.register_tag("test/board", {"kind": "llvm"})
    assert Target("cuda").get_target_device_type() == 2
    assert Target.from_device("cpu").kind.name == "llvm"
    with pytest.raises(ValueError, match="cuda"):
        Target.from_device("cuda")


def test_targets_by_function():
    assert targets.cuda("1080ti", "sm_61").arch == "sm_61"
    assert targets.rocm().kind.name == "rocm"
    assert "mali" in targets.mali().keys
    assert targets.intel_graphics().thread_warp_size == 16
    board = targets.arm_cpu("rasp4b64", "-num-cores=4")
    assert (board.mcpu, int(board.attrs["num-cores"])) == ("cortex-a72", 4)
    assert board.keys[0] == "arm_cpu"
    assert targets.riscv_cpu().mcpu == "sifive-u54"
