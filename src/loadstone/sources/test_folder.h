#pragma once
// A folder for the files of one test, and the message of an error, for the tests of this folder.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"

namespace loadstone {

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

class TestFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("loadstone_") + test->test_suite_name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const { write_atomically(folder_ / name, text); }
  std::filesystem::path folder_;
};

}  // namespace loadstone
