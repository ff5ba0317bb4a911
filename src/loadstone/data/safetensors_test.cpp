#include "loadstone/data/safetensors.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;

fs::path file() { return fs::temp_directory_path() / "loadstone_test.safetensors"; }

std::string with_header(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data_bytes, '\0');
}

std::string failure(const std::string& content) {
  write_atomically(file(), content);
  try {
    read_safetensors(file());
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    return error.what();
  }
  return "";
}

TEST(Safetensors, reads_what_it_wrote) {
  const at::Tensor F = at::arange(6, at::kDouble).reshape({2, 3});
  const at::Tensor Xi = at::arange(24, at::kFloat).reshape({2, 3, 4}).transpose(1, 2);
  const at::Tensor none = at::arange(0, at::kLong);
  write_safetensors({{"F", F}, {"Xi", Xi}, {"none", none}}, {{"model", "transformer"}}, file());
  const SafetensorsFile read = read_safetensors(file());
  EXPECT_TRUE(at::equal(read.tensors.at("F"), F));
  EXPECT_TRUE(at::equal(read.tensors.at("Xi"), Xi));
  EXPECT_EQ(read.tensors.at("none").numel(), 0);
  EXPECT_EQ(read.metadata.at("model"), "transformer");
  EXPECT_EQ(read.metadata.at("format"), "pt");
}

TEST(Safetensors, refuses_damaged_files) {
  using testing::HasSubstr;
  EXPECT_THAT(failure("abc"), HasSubstr("shorter"));
  EXPECT_THAT(failure(with_header("{}", 0).substr(0, 9)), HasSubstr("cut off"));
  EXPECT_THAT(failure(with_header("[1]", 0)), HasSubstr("not JSON"));
  EXPECT_THAT(failure(with_header(R"({"a":{"dtype":"F32"}})", 0)), HasSubstr("lacks"));
  EXPECT_THAT(failure(with_header(R"({"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}})", 1)), HasSubstr("F8"));
  EXPECT_THAT(failure(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4)), HasSubstr("`a`"));
  EXPECT_THAT(failure(with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8)), HasSubstr("`a`"));
  EXPECT_THAT(failure(with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 2)), HasSubstr("`a`"));
  EXPECT_THAT(failure(with_header(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4)),
              HasSubstr("shape"));
  EXPECT_THAT(failure(with_header("{}", 3)), HasSubstr("bytes follow"));
}

}  // namespace
}  // namespace loadstone
