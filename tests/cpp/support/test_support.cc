// SPDX-License-Identifier: Apache-2.0
// The thread loop, the profiler, the registry, loggers and JSON text.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "metaschedule/support/json.h"
#include "metaschedule/support/logging.h"
#include "metaschedule/support/profiler.h"
#include "metaschedule/support/registry.h"
#include "metaschedule/support/table.h"
#include "metaschedule/support/thread_pool.h"

namespace metaschedule {
namespace {

TEST(ParallelFor, calls_each_index_once_and_keeps_threads_apart) {
  std::vector<std::atomic<int>> seen(1000);
  std::vector<std::atomic<int>> inside(8);
  parallel_for(seen.size(), 8, [&](size_t i, int thread) {
    ASSERT_LT(thread, 8);
    EXPECT_EQ(inside[thread]++, 0);
    ++seen[i];
    --inside[thread];
  });
  for (auto& count : seen) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, raises_the_error_of_the_smallest_index_that_raised) {
  for (int round = 0; round < 20; ++round) {
    try {
      parallel_for(100, 4, [](size_t i, int) {
        if (i % 2 == 0) fail<ValueError>("index {}", i);
      });
      FAIL();
    } catch (const ValueError& e) {
      EXPECT_STREQ(e.what(), "index 0");
    }
  }
}

TEST(ParallelFor, may_be_nested_and_called_from_several_threads) {
  std::atomic<int> count{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      parallel_for(8, 3, [&](size_t, int) { parallel_for(8, 3, [&](size_t, int) { ++count; }); });
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(count, 4 * 64);
  EXPECT_THROW(parallel_for(1, 0, [](size_t, int) {}), ValueError);
}

TEST(ParallelFor, stops_when_an_interrupt_is_requested) {
  std::atomic<int> count{0};
  EXPECT_THROW(parallel_for(1000000, 2,
                            [&](size_t, int) {
                              if (++count == 100) request_interrupt();
                            }),
               Interrupted);
  EXPECT_LT(count, 1000);
  clear_interrupt();
  EXPECT_NO_THROW(check_interrupt());
}

TEST(CpuCount, physical_cores_are_at_most_the_logical_ones) {
  EXPECT_GE(cpu_count(false), 1);
  EXPECT_LE(cpu_count(false), cpu_count(true));
}

TEST(Profiler, adds_up_seconds_by_name_in_the_current_profiler) {
  {
    auto lost = Profiler::timeit("nobody");
  }
  auto profiler = std::make_shared<Profiler>();
  EXPECT_THROW(profiler->table(), ValueError);
  profiler->enter();
  EXPECT_EQ(Profiler::current(), profiler);
  profiler->add("Search", 1.5);
  profiler->add("Search", 1.5);
  std::thread([profiler] {
    EXPECT_EQ(Profiler::current(), nullptr);
    Profiler::Adopt adopt(profiler);
    auto timer = Profiler::timeit("Thread");
  }).join();
  profiler->exit();
  EXPECT_THROW(profiler->exit(), ValueError);
  EXPECT_EQ(Profiler::current(), nullptr);
  const auto seconds = profiler->get();
  EXPECT_DOUBLE_EQ(seconds.at("Search"), 3.0);
  EXPECT_TRUE(seconds.contains("Total"));
  EXPECT_TRUE(seconds.contains("Thread"));
  EXPECT_FALSE(seconds.contains("nobody"));
  EXPECT_NE(profiler->table().find(" Percentage "), std::string::npos);
}

TEST(TextTable, aligns_to_the_right_between_bars) {
  TextTable table({"ID", "Name"});
  table.row({"0", "main"}).separator();
  EXPECT_EQ(table.render(), " ID | Name \n-----------\n  0 | main \n-----------");
}

TEST(Registry, finds_functions_by_name) {
  register_function("test.add", [](const std::vector<Value>& args) -> Value {
    return std::any_cast<int>(args.at(0)) + std::any_cast<int>(args.at(1));
  });
  EXPECT_EQ(call_function<int>("test.add", 1, 2), 3);
  EXPECT_THROW(call_function<std::string>("test.add", 1, 2), TypeError);
  EXPECT_THROW(register_function("test.add", [](const auto&) { return Value(); }), ValueError);
  register_function("test.add", [](const auto&) -> Value { return 7; }, true);
  EXPECT_EQ(call_function<int>("test.add"), 7);
  EXPECT_TRUE(remove_function("test.add"));
  EXPECT_FALSE(remove_function("test.add"));
  EXPECT_THROW(call_function<int>("test.add"), ValueError);
}

TEST(Logger, passes_level_place_and_message_to_its_sink) {
  std::vector<std::string> lines;
  Logger logger(
      [&](LogLevel level, const char* file, int line, const std::string& message) {
        EXPECT_NE(std::string_view(file).find("test_support.cc"), std::string_view::npos);
        EXPECT_GT(line, 0);
        lines.push_back(fmt::format("{} {}", level_name(level), message));
      },
      LogLevel::Info);
  logger.debug("not {}", "seen");
  logger.info("{} of {}", 1, 2);
  logger.warning("careful");
  EXPECT_EQ(lines, (std::vector<std::string>{"INFO 1 of 2", "WARNING careful"}));
  Logger().error("dropped");
}

TEST(Json, writes_sorted_keys_no_spaces_and_twenty_digits) {
  json value = {{"b", {1, 0.0001, 1e10, 0.25, true, nullptr}}, {"a", "q\"\\\t\x01"}};
  EXPECT_EQ(dump_json(value),
            R"({"a":"q\"\\\t\x01","b":[1,0.00010000000000000000479,10000000000,0.25,true,null]})");
  EXPECT_EQ(parse_json(dump_json(value)), value);
}

TEST(Json, reads_trailing_commas_and_refuses_the_rest_with_a_column) {
  EXPECT_EQ(parse_json(" [1, 2.5, -3, \"a\\u00e9\", ] "), json({1, 2.5, -3, "a\xc3\xa9"}));
  EXPECT_EQ(parse_json(""), json(nullptr));
  EXPECT_TRUE(parse_json("123456789012345678901234567890").is_number_float());
  for (const char* bad :
       {"[1", "{\"a\" 1}", "\"abc", "tru", "[1 2]", "1-2", "\"\\q\"", "[] []", "]"})
    EXPECT_THROW(parse_json(bad), ParseError) << bad;
  EXPECT_THROW(parse_json(std::string(100000, '[')), ParseError);
  try {
    parse_json("[1, x]");
    FAIL();
  } catch (const ParseError& e) {
    EXPECT_EQ(e.where().column, 5);
  }
}

}  // namespace
}  // namespace metaschedule
