// SPDX-License-Identifier: Apache-2.0
// Loading objects and calling them; tensors.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../src/runtime/abi_text.h"
#include "metaschedule/codegen/export.h"
#include "paths.h"
#include "runtime_testing.h"

namespace metaschedule::runtime {
namespace {

std::vector<Argument> two_vectors(int64_t n) {
  Tensor a = Tensor::empty(kFloat32, {n}), b = Tensor::empty(kFloat32, {n});
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(a.data())[i] = static_cast<float>(i);
  return {a, b};
}

void expect_added(const std::vector<Argument>& args) {
  const Tensor& b = std::get<Tensor>(args[1]);
  for (int64_t i = 0; i < b.num_elements(); ++i)
    ASSERT_EQ(static_cast<float*>(b.data())[i], static_cast<float>(i + 1));
}

template <class E, class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "nothing was raised";
}

TEST(Module, ChecksItsArguments) {
  Module m = Module::from_object(add_one(16, 16)->object);
  auto args = two_vectors(16);
  m.call("main", args);
  expect_added(args);
  auto with = [&](size_t i, Argument a) {
    auto changed = args;
    changed[i] = a;
    return changed;
  };
  EXPECT_EQ(error_of<TypeError>([&] { m.call("main", {args[0]}); }),
            "main: expected 2 arguments, found 1");
  EXPECT_EQ(error_of<TypeError>([&] { m.call("main", with(0, 1.0)); }),
            "main: argument 0 (A): expected a tensor");
  EXPECT_EQ(error_of<TypeError>([&] { m.call("main", with(0, Tensor::empty(kInt32, {16}))); }),
            "main: argument 0 (A): expected dtype float32, found int32");
  EXPECT_EQ(error_of<ValueError>([&] { m.call("main", with(0, Tensor::empty(kFloat32, {17}))); }),
            "main: argument 0 (A): expected size 16 in axis 0, found 17");
  EXPECT_EQ(error_of<ValueError>([&] { m.call("main", with(0, args[1])); }),
            "main: argument 1 (B): overlaps another argument, and one of the two is written to");
  EXPECT_EQ(error_of<ValueError>([&] { m.call("other", args); }),
            "the artifact has no function other; it has main");
}

TEST(Module, LoadsWhatItExports) {
  auto folder = std::filesystem::temp_directory_path() /
                ("metaschedule_export_" + std::to_string(static_cast<long>(getpid())));
  std::filesystem::create_directories(folder);
  auto artifact = add_one(16, 16);
  for (const char* name : {"program.o", "program.so"}) {
    std::string path = folder / name;
    codegen::export_artifact(*artifact, path);
    Module m = Module::load(path);
    EXPECT_EQ(m.artifact().entry().params.size(), 2u);
    auto args = two_vectors(16);
    m.call("main", args);
    expect_added(args);
  }
  // A C program that knows nothing of this library.
  std::ofstream(folder / "user.c") << R"(
#include "program.h"
#include <stdio.h>
_Alignas(64) static float a[16], b[16];
int main(void) {
  for (int i = 0; i < 16; ++i) a[i] = (float)i;
  if (metaschedule_main(a, b) != 0) return 1;
  for (int i = 0; i < 16; ++i) if (b[i] != (float)(i + 1)) return 2;
  return 0;
}
)";
  std::string command =
      "cd " + folder.string() + " && cc -std=c11 -Wall -Werror -o user user.c program.o && ./user";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::filesystem::remove_all(folder);
}

TEST(Module, ExportsTheCInterfaceAsItIs) {
  std::ifstream file(testing::source_dir() + "/include/metaschedule/codegen/abi.h");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, codegen::kAbiText);
}

TEST(Module, RefusesObjectsThatAreBroken) {
  std::string object = add_one(16, 16)->object;
  EXPECT_THROW(Module::from_object(""), RunError);
  EXPECT_THROW(Module::from_object("\177ELF but no more"), RunError);
  // Any cut and any changed header is found out or harmless, never a crash.
  for (size_t size = 0; size < object.size(); size += 61)
    EXPECT_THROW(Module::from_object(object.substr(0, size)), RunError);
  for (size_t i = 4; i < 64; ++i) {
    std::string changed = object;
    changed[i] = static_cast<char>(changed[i] ^ 0x55);
    try {
      Module::from_object(changed);
    } catch (const Error&) {
    }
  }
  EXPECT_THROW(Module::load("/nowhere/program.o"), RunError);
  EXPECT_THROW(Module::load("/nowhere/program.so"), RunError);
}

TEST(Module, LoadsAndForgetsThousandsOfObjects) {
  std::string object = add_one(16, 16)->object;
  auto mapped = [] {
    std::ifstream file("/proc/self/statm");
    long pages = 0;
    file >> pages;
    return pages;
  };
  for (int i = 0; i < 100; ++i) Module::from_object(object);
  long before = mapped();
  for (int i = 0; i < 5000; ++i) Module::from_object(object);
  EXPECT_LT(mapped() - before, 256);
}

TEST(Tensor, GoesThroughDLPackWithoutACopy) {
  Tensor t = Tensor::empty(DType::boolean(), {2, 3});
  DLManagedTensor* out = t.to_dlpack();
  EXPECT_EQ(out->dl_tensor.dtype.code, 6);
  EXPECT_EQ(out->dl_tensor.dtype.bits, 8);
  Tensor back = Tensor::from_dlpack(out);
  EXPECT_EQ(back.data(), t.data());
  EXPECT_EQ(back.dtype(), t.dtype());
  EXPECT_EQ(back.shape(), t.shape());
  DLManagedTensor wrong{};
  int64_t shape[2] = {4, 4}, strides[2] = {1, 4};
  alignas(64) static float data[16];
  wrong.dl_tensor = {data, {1, 0}, 2, {2, 32, 1}, shape, strides, 0};
  Tensor transposed = Tensor::from_dlpack(&wrong);
  EXPECT_EQ(transposed.strides(), (std::vector<int64_t>{1, 4}));
  EXPECT_EQ(transposed.bytes(), 64u);
  DLManagedTensor* lent = transposed.to_dlpack();
  EXPECT_EQ(lent->dl_tensor.strides[1], 4);
  lent->deleter(lent);
  strides[0] = 8, strides[1] = 1;
  EXPECT_EQ(Tensor::from_dlpack(&wrong).bytes(), (3 * 8 + 3 + 1) * sizeof(float));
  strides[0] = 4;
  EXPECT_TRUE(Tensor::from_dlpack(&wrong).strides().empty());
  strides[0] = -4;
  EXPECT_THROW(Tensor::from_dlpack(&wrong), ValueError);  // backwards
  wrong.dl_tensor = {data, {2, 0}, 2, {2, 32, 1}, shape, nullptr, 0};
  EXPECT_THROW(Tensor::from_dlpack(&wrong), ValueError);  // not on the CPU
  wrong.dl_tensor = {data, {1, 0}, 2, {2, 32, 1}, shape, nullptr, 2};
  EXPECT_THROW(Tensor::from_dlpack(&wrong), ValueError);  // not aligned
  wrong.dl_tensor = {data, {1, 0}, 2, {2, 32, 1}, shape, nullptr, 0};
  EXPECT_EQ(Tensor::from_dlpack(&wrong).data(), data);
}

TEST(Tensor, RandomValuesAreFromOneToTen) {
  for (const char* dtype : {"float32", "float64", "int8", "uint8", "int32", "int64", "int16"}) {
    DType t = DType::parse(dtype);
    Tensor tensor = Tensor::empty(t, {1001});
    fill_random(tensor.data(), t, 1001, 5);
    for (int i = 0; i < 1001; ++i) {
      double v = t == kFloat32            ? static_cast<float*>(tensor.data())[i]
                 : t == DType::float_(64) ? static_cast<double*>(tensor.data())[i]
                 : t.bits == 8            ? static_cast<int8_t*>(tensor.data())[i]
                 : t.bits == 16           ? static_cast<int16_t*>(tensor.data())[i]
                 : t.bits == 32 ? static_cast<int32_t*>(tensor.data())[i]
                                : static_cast<double>(static_cast<int64_t*>(tensor.data())[i]);
      EXPECT_GE(v, 1) << dtype;
      EXPECT_LT(v, 10) << dtype;
    }
  }
}

}  // namespace
}  // namespace metaschedule::runtime
