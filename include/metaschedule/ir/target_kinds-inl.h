// SPDX-License-Identifier: Apache-2.0
// The kinds of targets with their options, and the tags.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metaschedule/ir/op.h"
#include "metaschedule/ir/target.h"

namespace metaschedule::detail {

/// An option is written `name:type[=default]`; types are i(nt), b(ool), s(tring), a(rray),
/// t(arget).
struct TargetKindRow {
  std::string_view name;
  int device_type;
  std::string_view keys;     // by commas
  std::string_view options;  // by spaces
};

inline constexpr std::string_view kCommonOptions =
    "device:s model:s libs:a from_device:i target_device_type:i";

inline constexpr TargetKindRow kTargetKinds[] = {
    {"llvm", 1, "cpu",
     "mattr:a mcpu:s mtriple:s mfloat-abi:s mabi:s num-cores:i fast-math:b fast-math-nnan:b "
     "fast-math-ninf:b fast-math-nsz:b fast-math-arcp:b fast-math-contract:b fast-math-reassoc:b "
     "opt-level:i cl-opt:a jit:s"},
    {"c", 1, "cpu", "mcpu:s march:s workspace-byte-alignment:i constants-byte-alignment:i"},
    {"cuda", 2, "cuda,gpu",
     "mcpu:s arch:s max_shared_memory_per_block:i max_threads_per_block:i thread_warp_size:i=32 "
     "registers_per_block:i l2_cache_size_bytes:i max_num_threads:i=1024"},
    {"nvptx", 2, "cuda,gpu", "mcpu:s mtriple:s max_num_threads:i=1024 thread_warp_size:i=32"},
    {"rocm", 10, "rocm,gpu",
     "mcpu:s mtriple:s mattr:a max_num_threads:i=256 max_threads_per_block:i=256 "
     "max_shared_memory_per_block:i=65536 thread_warp_size:i=64"},
    {"opencl", 4, "opencl,gpu",
     "max_threads_per_block:i=256 max_shared_memory_per_block:i=16384 max_num_threads:i=256 "
     "thread_warp_size:i=1 texture_spatial_limit:i=16384 max_function_args:i=128"},
    {"metal", 8, "metal,gpu",
     "max_num_threads:i=256 max_threads_per_block:i=256 max_shared_memory_per_block:i=32768 "
     "thread_warp_size:i=16 max_function_args:i=31"},
    {"vulkan", 7, "vulkan,gpu",
     "mattr:a supports_float16:b supports_float32:b=1 supports_float64:b supports_int8:b "
     "supports_int16:b supports_int32:b=1 supports_int64:b supports_8bit_buffer:b "
     "supports_16bit_buffer:b supports_storage_buffer_storage_class:b supports_push_descriptor:b "
     "supports_dedicated_allocation:b supports_integer_dot_product:b "
     "supports_cooperative_matrix:b supported_subgroup_operations:i max_num_threads:i=256 "
     "max_threads_per_block:i=256 thread_warp_size:i=1 max_block_size_x:i max_block_size_y:i "
     "max_block_size_z:i max_push_constants_size:i max_uniform_buffer_range:i "
     "max_storage_buffer_range:i max_per_stage_descriptor_storage_buffer:i "
     "max_shared_memory_per_block:i device_type:s device_name:s driver_name:s driver_version:i "
     "vulkan_api_version:i max_spirv_version:i"},
    {"webgpu", 15, "webgpu,gpu", "max_num_threads:i=256"},
    {"hexagon", 16, "hexagon,cpu",
     "mattr:a mcpu:s mtriple:s llvm-options:a num-cores:i vtcm-capacity:i"},
    {"sdaccel", 4, "sdaccel,hls", ""},
    {"aocl", 5, "aocl,hls", ""},
    {"aocl_sw_emu", 5, "aocl,hls", ""},
    {"stackvm", 1, "cpu", ""},
    {"ext_dev", 12, "", ""},
    {"hybrid", 1, "", ""},
    {"composite", 1, "", "devices:a"},
    {"test", 1, "", ""},
};

inline std::vector<std::string> split_words(std::string_view text, char separator) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) out.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

/// NVIDIA GPUs by architecture; every name starts with `nvidia/`.
struct GpuTags {
  std::string_view arch;
  std::string_view names;
};
inline constexpr GpuTags kGpuTags[] = {
    {"sm_20",
     "geforce-gtx-465 geforce-gtx-470 geforce-gtx-480 geforce-gtx-480m geforce-gtx-570 "
     "geforce-gtx-580 geforce-gtx-590 quadro-plex-7000 tesla-c2050 tesla-c2070 tesla-c2075"},
    {"sm_21",
     "geforce-410m geforce-610m geforce-705m geforce-710m geforce-800m geforce-820m "
     "geforce-gt-415m geforce-gt-420m geforce-gt-430 geforce-gt-435m geforce-gt-440 "
     "geforce-gt-445m geforce-gt-520 geforce-gt-520m geforce-gt-520mx geforce-gt-525m "
     "geforce-gt-540m geforce-gt-550m geforce-gt-555m geforce-gt-610 geforce-gt-620 "
     "geforce-gt-620m geforce-gt-625m geforce-gt-630 geforce-gt-630m geforce-gt-635m "
     "geforce-gt-640-gddr3 geforce-gt-720m geforce-gt-730-ddr3,128bit geforce-gts-450 "
     "geforce-gtx-460 geforce-gtx-460m geforce-gtx-470m geforce-gtx-485m geforce-gtx-550-ti "
     "geforce-gtx-560-ti geforce-gtx-560m geforce-gtx-570m geforce-gtx-580m geforce-gtx-670m "
     "geforce-gtx-675m nvidia-nvs-310 nvidia-nvs-315 nvs-4200m nvs-5200m nvs-5400m"},
    {"sm_30",
     "geforce-gt-640m geforce-gt-640m-le geforce-gt-645m geforce-gt-650m geforce-gt-730m "
     "geforce-gt-735m geforce-gt-740 geforce-gt-740m geforce-gt-745m geforce-gt-750m "
     "geforce-gt-755m geforce-gtx-650 geforce-gtx-650-ti geforce-gtx-650-ti-boost "
     "geforce-gtx-660 geforce-gtx-660-ti geforce-gtx-660m geforce-gtx-670 geforce-gtx-670mx "
     "geforce-gtx-675mx geforce-gtx-680 geforce-gtx-680m geforce-gtx-680mx geforce-gtx-690 "
     "geforce-gtx-760 geforce-gtx-760m geforce-gtx-765m geforce-gtx-770 geforce-gtx-770m "
     "geforce-gtx-780m geforce-gtx-860m-sm-30 geforce-gtx-870m geforce-gtx-880m nvidia-nvs-510 "
     "quadro-410 quadro-k1100m quadro-k2000 quadro-k2000d quadro-k2100m quadro-k2200m "
     "quadro-k3100m quadro-k4000 quadro-k4100m quadro-k420 quadro-k4200 quadro-k4200m "
     "quadro-k5000 quadro-k500m quadro-k5100m quadro-k5200m quadro-k600 quadro-k6000m "
     "tesla-k10"},
    {"sm_35",
     "geforce-920m geforce-gt-640-gddr5 geforce-gt-705 geforce-gt-720 geforce-gt-730 "
     "geforce-gtx-780 geforce-gtx-780-ti geforce-gtx-titan geforce-gtx-titan-black "
     "geforce-gtx-titan-z quadro-k510m quadro-k5200 quadro-k6000 quadro-k610m tesla-k20 "
     "tesla-k40"},
    {"sm_37", "tesla-k80"},
    {"sm_50",
     "geforce-830m geforce-840m geforce-930m geforce-940m geforce-gtx-750 geforce-gtx-750-ti "
     "geforce-gtx-850m geforce-gtx-860m-sm-50 geforce-gtx-950m geforce-gtx-960m nvidia-nvs-810 "
     "quadro-k1200 quadro-k2200 quadro-k620 quadro-k620m quadro-m1000m quadro-m1200 "
     "quadro-m2000m quadro-m3000m quadro-m4000m quadro-m5000m quadro-m500m quadro-m520 "
     "quadro-m600m"},
    {"sm_52",
     "geforce-910m geforce-gtx-950 geforce-gtx-960 geforce-gtx-965m geforce-gtx-970 "
     "geforce-gtx-970m geforce-gtx-980 geforce-gtx-980-ti geforce-gtx-980m geforce-gtx-titan-x "
     "quadro-m2000 quadro-m2200 quadro-m4000 quadro-m5000 quadro-m5500m quadro-m6000 "
     "quadro-m6000-24gb quadro-m620 tesla-m40 tesla-m60"},
    {"sm_53", "jetson-nano jetson-tx1 tegra-x1"},
    {"sm_60", "quadro-gp100 tesla-p100"},
    {"sm_61",
     "geforce-gtx-1050 geforce-gtx-1060 geforce-gtx-1070 geforce-gtx-1070-ti geforce-gtx-1080 "
     "geforce-gtx-1080-ti nvidia-titan-x nvidia-titan-xp p520 p620 quadro-p1000 quadro-p2000 "
     "quadro-p2200 quadro-p3000 quadro-p3200 quadro-p400 quadro-p4000 quadro-p4200 quadro-p500 "
     "quadro-p5000 quadro-p5200 quadro-p600 quadro-p6000 quadro-p620 tesla-p4 tesla-p40"},
    {"sm_62", "jetson-tx2"},
    {"sm_70", "nvidia-titan-v nvidia-v100 quadro-gv100"},
    {"sm_75",
     "geforce-rtx-2060 geforce-rtx-2070 geforce-rtx-2080 geforce-rtx-2080-ti nvidia-t4 "
     "nvidia-titan-rtx quadro-rtx-4000 quadro-rtx-5000 quadro-rtx-6000 quadro-rtx-8000 "
     "rtx-3000 rtx-4000 rtx-5000 t1000 t2000"},
    {"sm_80", "nvidia-a100 nvidia-a30"},
    {"sm_86",
     "geforce-rtx-3060 geforce-rtx-3070 geforce-rtx-3070-ti geforce-rtx-3080 "
     "geforce-rtx-3080-ti geforce-rtx-3090 geforce-rtx-3090-ti nvidia-a10 nvidia-a10g "
     "nvidia-a16 nvidia-a2 nvidia-a40 rtx-a6000"},
    {"sm_89", "geforce-rtx-4090"},
    {"sm_90a", "nvidia-h100"},
};

using TagTable = std::map<std::string, Dict, std::less<>>;

inline TagTable make_tag_table() {
  TagTable out;
  auto text = [](std::string_view s) { return Ref<Node>(make<String>(std::string(s))); };
  auto number = [](int64_t v) { return Ref<Node>(int_imm(kInt32, v)); };
  auto list = [&](std::initializer_list<std::string_view> items) {
    std::vector<Ref<Node>> nodes;
    for (std::string_view item : items) nodes.push_back(text(item));
    return Ref<Node>(make<Array>(List<Node>(nodes)));
  };
  auto gpu = [&](std::string_view arch) {
    bool small = arch == "sm_20" || arch == "sm_21" || arch == "sm_53" || arch == "sm_62";
    return Dict{{"kind", text("cuda")},
                {"keys", list({"cuda", "gpu"})},
                {"arch", text(arch)},
                {"max_shared_memory_per_block", number(49152)},
                {"max_threads_per_block", number(1024)},
                {"thread_warp_size", number(32)},
                {"registers_per_block", number(small ? 32768 : 65536)}};
  };
  for (const GpuTags& row : kGpuTags) {
    for (const std::string& name : split_words(row.names, ' '))
      out["nvidia/" + name] = gpu(row.arch);
  }
  auto cache = [&](const std::string& name, int64_t bytes) {
    out[name] = out[name].with("l2_cache_size_bytes", number(bytes));
  };
  cache("nvidia/nvidia-a100", 41943040);
  cache("nvidia/nvidia-h100", 52428800);
  cache("nvidia/geforce-rtx-4090", 75497472);
  out["nvidia/gtx1080ti"] = Dict{{"kind", text("cuda")}, {"arch", text("sm_61")}};

  constexpr std::pair<std::string_view, int> sizes[] = {
      {"large", 1},    {"xlarge", 2},    {"2xlarge", 4},   {"4xlarge", 8},
      {"9xlarge", 18}, {"12xlarge", 24}, {"18xlarge", 36}, {"24xlarge", 48}};
  for (const auto& [size, cores] : sizes) {
    bool cascade = size == "12xlarge" || size == "24xlarge";
    out["aws/cpu/c5." + std::string(size)] =
        Dict{{"kind", text("llvm")},
             {"keys", list({"x86", "cpu"})},
             {"mcpu", text(cascade ? "cascadelake" : "skylake-avx512")},
             {"num-cores", number(cores)}};
  }
  auto arm = [&](std::string_view cpu, int64_t cores) {
    return Dict{{"kind", text("llvm")},
                {"mtriple", text("aarch64-linux-gnu")},
                {"mcpu", text(cpu)},
                {"num-cores", number(cores)}};
  };
  Dict raspberry = arm("cortex-a72", 4).with("mattr", list({"+neon"}));
  out["raspberry-pi/4b-aarch64"] = raspberry.with("host", make<Map>(raspberry));
  auto jetson = [&](const char* name, std::string_view arch, std::string_view cpu, int64_t cores) {
    out[name] = gpu(arch).with("host", make<Map>(arm(cpu, cores)));
  };
  jetson("nvidia/jetson-agx-xavier", "sm_72", "carmel", 8);
  jetson("nvidia/jetson-orin-nano", "sm_87", "carmel", 6);
  jetson("nvidia/jetson-agx-orin-32gb", "sm_87", "cortex-a78", 8);
  jetson("nvidia/jetson-agx-orin-64gb", "sm_87", "cortex-a78", 12);
  auto apple = [&](const char* name, int64_t threads) {
    Dict host{{"kind", text("llvm")},
              {"mtriple", text("arm64-apple-macos")},
              {"mcpu", text("apple-latest")}};
    out[name] = Dict{{"kind", text("metal")},
                     {"max_threads_per_block", number(threads)},
                     {"max_shared_memory_per_block", number(32768)},
                     {"thread_warp_size", number(32)},
                     {"host", make<Map>(host)}};
  };
  apple("apple/m1-gpu", 1024);
  apple("apple/m1-gpu-restricted", 256);
  apple("apple/m2-gpu", 1024);
  return out;
}

/// The tags and what guards them: users add some at run time.
struct TagRegistry {
  std::mutex mutex;
  TagTable tags = make_tag_table();
};
inline TagRegistry& tag_registry() {
  static TagRegistry& registry = *new TagRegistry();
  return registry;
}

}  // namespace metaschedule::detail
