#include "loadstone/core/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

using nlohmann::json;

struct Config {
  std::vector<double> penalties{0.1, 1.0};
  int window = 60;
  std::string selection = "loo";
  bool centre = false;
  void describe(Parameters& p) {
    p.add("penalties", penalties, "Penalties", above(0));
    p.add("window", window, "Window", at_least(2), "months");
    p.add("selection", selection, "How the penalty is chosen", one_of({"loo", "fixed"}));
    p.add("centre", centre, "Subtract means");
  }
};

std::string failure(const json& values) {
  try {
    read_config<Config>(values, "ridge");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "";
}

TEST(Parameters, reads_over_the_defaults) {
  const auto config = read_config<Config>(json::parse(R"({"window": 1.2e1, "penalties": 3, "centre": true})"), "ridge");
  EXPECT_EQ(config.window, 12);
  EXPECT_EQ(config.penalties, std::vector<double>{3.0});
  EXPECT_TRUE(config.centre);
  EXPECT_EQ(config.selection, "loo");
}

TEST(Parameters, refuses_what_is_not_valid_and_says_what_is) {
  using testing::HasSubstr;
  EXPECT_THAT(failure(json{{"windw", 3}}), HasSubstr("Nearest: `window`"));
  EXPECT_THAT(failure(json(5)), HasSubstr("ridge is 5: needed is a table"));
  EXPECT_THAT(failure(json{{"window", "x"}}), HasSubstr("needed is integer, for example 60"));
  EXPECT_THAT(failure(json{{"window", 1.5}}), HasSubstr("integer"));
  EXPECT_THAT(failure(json{{"window", 1}}), HasSubstr("Valid: >= 2"));
  EXPECT_THAT(failure(json{{"penalties", {1.0, 0.0}}}), HasSubstr("Valid: > 0"));
  EXPECT_THAT(failure(json{{"selection", "lo"}}), HasSubstr("Nearest: `loo`"));
}

TEST(Parameters, describe_themselves) {
  Config config;
  Parameters parameters;
  config.describe(parameters);
  const auto table = parameters.table();
  ASSERT_EQ(table.size(), 4U);
  EXPECT_EQ(table[1].unit, "months");
  EXPECT_EQ(table[2].range, "loo | fixed");
  EXPECT_EQ(parameters.values()["window"], 60);
}

}  // namespace
}  // namespace loadstone
