// Which assets are large enough for a sample, and what their size is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/quarter_view.h"
#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::ElementsAre;
using testing::HasSubstr;

// Of three assets the smallest falls, by what investors hold of it: I102 reports last, and its share decides.
TEST(QuarterView, sums_that_decide_on_size_are_known_with_the_last_position_in_them) {
  EmbeddingsData data = empty_data(3, 3);
  const Date end = quarter_end(0);
  const auto at = [&](int lag) { return Date{end.days + lag}; };
  data.holdings.add_quarter(
      end,
      {{0, 0, 5, 5, at(10)}, {0, 1, 4, 4, at(10)}, {1, 0, 5, 5, at(10)}, {1, 1, 4, 4, at(10)}, {2, 2, 1, 1, at(50)}});
  data.market_equity = total_holdings(data.holdings, 400);
  SampleConfig config = everything(60);
  config.rules.min_size_quantile = 0.3;
  const QuarterView view(data, config, 0);
  EXPECT_THAT(view.vocabulary(), ElementsAre(0, 1));
  EXPECT_EQ(view.sample().small_assets, 1);
  EXPECT_EQ(view.known_at().days, end.days + 50);
}

TEST(QuarterView, size_is_the_panels_market_equity_where_there_is_one) {
  EmbeddingsData data = empty_data(2, 3);
  add_quarter(data, 0, {{0, 0, 1}, {0, 1, 2}, {0, 2, 3}, {1, 0, 1}, {1, 1, 2}, {1, 2, 3}});
  add_panel(data, std::filesystem::path(testing::TempDir()) / "loadstone_quarter_view_size", 3, [](int) { return 1; });
  data.market_equity = {{month_end(1), month_end(2)},
                        at::tensor({7.0, 7.0, 7.0, 9.0, 2.0, std::nan("")}, at::kDouble).view({2, 3}),
                        at::zeros({2, 3}, at::kInt)};
  SampleConfig config = everything(60);
  config.rules.min_size_quantile = 0.3;
  const QuarterView view(data, config, 0);  // the newest values are 9, 2 and, from February, 7
  EXPECT_THAT(view.vocabulary(), ElementsAre(0, 2));
  EXPECT_TRUE(same_bits(view.market_equity(), at::tensor({9.0, 7.0}, at::kDouble)));
}

// Twelve assets of sizes 1 to 12; those of label "N" are the ten largest, and 20 % of them are smaller than 5.
TEST(QuarterView, some_assets_alone_can_set_the_breakpoint_of_size) {
  EmbeddingsData data = empty_data(1, 12);
  std::vector<Held> all;
  std::vector<std::string> exchange;
  for (int a = 0; a < 12; ++a) all.push_back({0, a, 1.0 + a}), exchange.push_back(a < 2 ? "Q" : "N");
  add_quarter(data, 0, all);
  data.labels.assets.add("exchange", exchange);
  SampleConfig config = everything(60);
  config.rules.min_size_quantile = 0.2;
  EXPECT_EQ(QuarterView(data, config, 0).vocabulary().front(), 3);  // 3 of twelve are smaller than 4
  config.size_breakpoints = "exchange = N";
  EXPECT_EQ(QuarterView(data, config, 0).vocabulary().front(), 4);  // 3 and 4 of ten are smaller than 5
  config.size_breakpoints = "exchange = Q | N";
  EXPECT_EQ(QuarterView(data, config, 0).vocabulary().front(), 3);
  const auto refused = [&](const std::string& breakpoints, ErrorKind kind) {
    config.size_breakpoints = breakpoints;
    return failure([&] { QuarterView(data, config, 0); }, kind);
  };
  EXPECT_THAT(refused("exchange = Q", ErrorKind::data), HasSubstr("2000-03-31: 2 of the assets"));
  EXPECT_THAT(refused("exchange = NYSE", ErrorKind::usage), HasSubstr("There are: `N` (10), `Q` (2)"));
  EXPECT_THAT(refused("exch = N", ErrorKind::usage), HasSubstr("Valid: asset, exchange"));
  config.rules.min_size_quantile = 0;
  EXPECT_THAT(refused("exchange = N", ErrorKind::usage), HasSubstr("set it above 0"));
}

TEST(QuarterView, market_equity_is_no_older_than_the_quarters_last_months) {
  EmbeddingsData data = empty_data(1, 2);
  add_quarter(data, 0, {{0, 0, 1}, {0, 1, 2}});
  add_panel(data, std::filesystem::path(testing::TempDir()) / "loadstone_quarter_view_old", 3, [](int) { return 1; });
  data.market_equity = {{{quarter_end(0).days - 45}, {quarter_end(0).days - 44}, {quarter_end(0).days + 1}},
                        at::tensor({1.0, 1.0, std::nan(""), 2.0, 3.0, 3.0}, at::kDouble).view({3, 2}),
                        at::zeros({3, 2}, at::kInt)};
  const at::Tensor equity = QuarterView(data, everything(), 0).market_equity();
  EXPECT_TRUE(same_bits(equity, at::tensor({std::nan(""), 2.0}, at::kDouble)));
}

}  // namespace
}  // namespace loadstone
