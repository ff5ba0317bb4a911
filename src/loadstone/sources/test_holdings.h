#pragma once
// What tests of importers of holdings share.

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "loadstone/core/error.h"
#include "loadstone/sources/source.h"

namespace loadstone {

// "date investor asset dollars shares known_at" of every position.
inline std::vector<std::string> lines(const Holdings& holdings) {
  std::vector<std::string> out;
  for (const HoldingsQuarter& quarter : holdings.quarters)
    for (const Position& p : quarter.positions) {
      std::ostringstream line;
      line << quarter.date.text() << ' ' << holdings.investors[static_cast<size_t>(p.investor)] << ' '
           << holdings.assets[static_cast<size_t>(p.asset)] << ' ' << p.dollars << ' ' << p.shares << ' '
           << p.known_at.text();
      out.push_back(line.str());
    }
  return out;
}

inline void expect_every_row_accounted(const IngestReport& report) {
  int64_t dropped = 0;
  for (const auto& [reason, count] : report.dropped) dropped += count;
  EXPECT_EQ(report.rows, report.kept + dropped);
}

template <class Call>
std::string failure(Call call, ErrorKind kind = ErrorKind::data) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "no error";
}

// An empty folder that is gone after the test.
class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("loadstone_" + std::string(test->test_suite_name()) + "_" + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

}  // namespace loadstone
