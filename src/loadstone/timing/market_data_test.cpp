#include "loadstone/timing/market_data.h"

#include <ATen/ops/empty.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/timing/study.h"

namespace loadstone {
namespace {

constexpr int64_t months = 60;

SeriesTable series() {
  SeriesTable table;
  table.names = {"Index", "D12",   "E12",  "b/m", "tbl",   "AAA",  "BAA",      "lty",
                 "ntis",  "Rfree", "infl", "ltr", "corpr", "svar", "CRSP_SPvw"};
  table.values = at::empty({months, 15}, at::kDouble);
  auto value = table.values.accessor<double, 2>();
  Date date = Date::month_end(1990, 1);
  for (int t = 0; t < months; ++t, date = date.next_month_end()) {
    table.date.push_back(date);
    for (int k = 0; k < 15; ++k) value[t][k] = 2 + k + std::sin(0.3 * (k + 1) * t + 0.1 * t * t / 60);
    if (t < 5) value[t][8] = std::numeric_limits<double>::quiet_NaN();
  }
  table.known_at = table.date;
  return table;
}

MarketConfig config(const std::string& market, const std::string& volatility) {
  MarketConfig out;
  out.market = market, out.volatility = volatility;
  return out;
}

// pandas on the same numbers: D the predictors without missing rows, m the market return,
//   X = ((D - D.expanding().mean()) / D.expanding().std())[36:]; R = (m / m.rolling(12).std().shift())[36:]
// (`same_month`: without the shift)
TEST(MarketSample, agrees_with_pandas) {
  const std::vector<double> last{1.289532,  -0.849181, 0.653795, 0.102528, 1.081567, 0.857844, 1.807686,
                                 -0.706847, -1.371759, 0.348491, 1.369311, 1.048898, 0.06977,  0.197793};
  const auto check = [&](const std::string& market, const std::string& volatility, double first_R, double last_R,
                         double last_market) {
    const MarketSample sample = market_sample(series(), config(market, volatility));
    ASSERT_EQ(sample.R.size(), 19U);
    EXPECT_EQ(sample.date.front(), Date::month_end(1993, 6));  // 5 months without ntis, 36 of history
    EXPECT_NEAR(sample.R.front(), first_R, 1e-9);
    EXPECT_NEAR(sample.R.back(), last_R, 1e-9);
    for (int64_t d = 0; d < 14; ++d) EXPECT_NEAR(sample.X[18][d].item<double>(), last[static_cast<size_t>(d)], 2e-6);
    EXPECT_NEAR(sample.X[18][14].item<double>(), last_market, 2e-6);
    EXPECT_NEAR(sample.X[0][5].item<double>(), -0.265305, 2e-6);
  };
  check("excess", "known", 5.355584369485149, 6.289614575397878, 0.367863);
  check("excess", "same_month", 4.993493395230501, 6.522197069038304, 0.367863);
  check("price", "known", -0.6279257600619886, -0.6498644122858789, -0.765027);
  check("price", "same_month", -0.6788813857267341, -0.6415681541048569, -0.765027);
}

TEST(MarketSample, months_do_not_move_with_data_after_them) {
  for (const char* volatility : {"known", "same_month"}) {
    const MarketSample before = market_sample(series(), config("excess", volatility));
    SeriesTable changed = series();
    changed.values.narrow(0, 50, 10).fill_(9.0).select(1, 14).fill_(1.0);
    const MarketSample after = market_sample(changed, config("excess", volatility));
    EXPECT_TRUE(before.X.narrow(0, 0, 9).equal(after.X.narrow(0, 0, 9)));
    EXPECT_FALSE(before.X[9].equal(after.X[9]));
    for (size_t t = 0; t < 9; ++t) EXPECT_EQ(before.R[t], after.R[t]);
    EXPECT_NE(before.R[9], after.R[9]);
  }
}

TEST(MarketSample, rows_are_used_when_they_could_be_read) {
  SeriesTable late = series();
  for (Date& known : late.known_at) known = known.next_month_end();
  const MarketSample at_once = market_sample(series(), config("excess", "known"));
  const MarketSample lagged = market_sample(late, config("excess", "known"));
  EXPECT_TRUE(lagged.X.narrow(0, 1, 18).equal(at_once.X.narrow(0, 0, 18)));
  EXPECT_EQ(lagged.R, at_once.R);
}

// With `known`, a month's own return moves the numerator alone: twice the return is twice R.
TEST(MarketSample, the_known_scale_does_not_contain_the_month) {
  SeriesTable changed = series();
  auto value = changed.values.accessor<double, 2>();
  const double riskless = value[59][9];
  value[59][14] = riskless + 2.0 * (value[59][14] - riskless);
  const auto ratio = [&](const std::string& volatility) {
    return market_sample(changed, config("excess", volatility)).R.back() /
           market_sample(series(), config("excess", volatility)).R.back();
  };
  EXPECT_NEAR(ratio("known"), 2.0, 1e-12);
  EXPECT_LT(ratio("same_month"), 1.9);
}

TEST(MarketSample, refuses_gaps_and_says_where) {
  using testing::HasSubstr;
  const auto failure = [](const SeriesTable& table, const MarketConfig& options) -> std::string {
    try {
      market_sample(table, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  SeriesTable hole = series();
  hole.values.select(1, 13)[40].fill_(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(failure(hole, {}), HasSubstr("predictor `svar` is missing in 1993-05-31"));
  SeriesTable other = series();
  other.names[9] = "rf";
  EXPECT_THAT(failure(other, {}), HasSubstr("no column `Rfree`"));
  SeriesTable jump = series();
  for (size_t t = 30; t < months; ++t) jump.date[t] = jump.date[t].next_month_end();
  EXPECT_THAT(failure(jump, {}), HasSubstr("jump from 1992-06-30 to 1992-08-31"));
  MarketConfig long_history;
  long_history.history = 55;
  EXPECT_THAT(failure(series(), long_history), HasSubstr("55 complete months"));
  MarketConfig short_history;
  short_history.history = 12;
  EXPECT_THAT(failure(series(), short_history), HasSubstr("history must be longer"));
}

TEST(TimingStudy, reads_its_part_of_the_experiment) {
  nlohmann::json experiment{{"seed", 3},
                            {"data", {{"series", {{"source", "welch_goyal"}}}}},
                            {"timing", {{"market", "price"}, {"history", 15}, {"window", 5}, {"replicates", 7}}}};
  const TimingStudy study(experiment, series(), "abc");
  EXPECT_EQ(study.resolved()["seed"], 3);
  EXPECT_EQ(study.resolved()["timing"]["market"], "price");
  EXPECT_EQ(study.resolved()["timing"]["gamma"], 2.0);
  EXPECT_EQ(study.resolved()["data"]["series"]["source"], "welch_goyal");
  EXPECT_EQ(study.data_hashes()["series"], "abc");
  EXPECT_EQ(study.plan().size(), 1U);
  experiment["timing"]["gama"] = 1.0;
  EXPECT_THROW(TimingStudy(experiment, series(), "abc"), Error);
}

}  // namespace
}  // namespace loadstone
