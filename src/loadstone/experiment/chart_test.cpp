// Specifications of charts: what the page cannot find out by itself.
#include "loadstone/experiment/chart.h"

#include <gtest/gtest.h>

namespace loadstone {
namespace {

nlohmann::json across(const std::vector<double>& x, bool log) {
  return line_chart({{"line", x, x}}, {"x", log}, {"y"}, "").at("encoding").at("x");
}

TEST(Chart, whole_numbers_have_no_ticks_between_them) {
  EXPECT_EQ(across({1, 2, 5}, false).at("axis").at("tickMinStep"), 1);
  EXPECT_FALSE(across({1, 2.5}, false).contains("axis"));
  EXPECT_FALSE(across({1, 10, 100}, true).contains("axis"));
}

}  // namespace
}  // namespace loadstone
