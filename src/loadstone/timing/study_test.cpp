#include "loadstone/timing/study.h"

#include <ATen/ops/empty.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <span>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/timing/performance.h"

namespace loadstone {
namespace {

// 90 months in which a nonlinear function of two of three predictors moves the next return.
MarketSample nonlinear_market() {
  constexpr int64_t months = 90;
  MarketSample sample{.predictors = {"a", "b", "market"}, .X = at::empty({months, 3}, at::kFloat)};
  Stream stream(5, "market");
  auto X = sample.X.accessor<float, 2>();
  double expected = 0.0;
  Date date = Date::month_end(2000, 1);
  for (int64_t t = 0; t < months; ++t, date = date.next_month_end()) {
    sample.date.push_back(date);
    sample.R.push_back(expected + 0.3 * stream.normal());
    for (int64_t d = 0; d < 2; ++d) X[t][d] = static_cast<float>(stream.normal());
    X[t][2] = static_cast<float>(sample.R.back());
    expected = std::sin(static_cast<double>(X[t][0])) - 0.5 * std::cos(static_cast<double>(X[t][1]));
  }
  return sample;
}

TimingConfig small_config(int block) {
  TimingConfig config;
  config.replicates = 6;
  config.block = block;
  config.features = {4, 30};
  config.penalties = {0.01, 1.0};
  config.penalty = 1.0;
  config.window = 9;
  config.gamma = 0.7;
  config.samples = {"2004-01-01"};
  return config;
}

class Kept : public Inputs {
 public:
  Kept(const TimingStudy& study, int threads) : tasks(study.plan()), results(tasks.size()) {
    parallel_for(tasks.size(), threads, [&](size_t i) { results[i] = study.run(tasks[i], *this); });
  }
  Table main(const std::string& name, const std::vector<std::string>&) const override { return result(name).main; }
  Table more(const std::string& name, const std::string& table) const override {
    EXPECT_EQ(result(name).more.front().first, table);
    return result(name).more.front().second;
  }
  std::vector<double> all(const std::string& column) const {
    std::vector<double> out;
    for (const Result& r : results) out.insert(out.end(), r.main.doubles(column).begin(), r.main.doubles(column).end());
    return out;
  }
  // (replicates x constants) forecasts, one after the other
  std::vector<double> forecasts() const {
    std::vector<double> out;
    for (const Result& r : results) {
      const auto& values = r.more.front().second.get<DoubleVectors>("forecast").values;
      out.insert(out.end(), values.begin(), values.end());
    }
    return out;
  }
  std::vector<Task> tasks;
  std::vector<Result> results;

 private:
  const Result& result(const std::string& name) const {
    for (size_t i = 0; i < tasks.size(); ++i)
      if (tasks[i].name == name) return results[i];
    throw std::out_of_range(name);
  }
};

std::vector<uint64_t> bits(const std::vector<double>& x) {
  std::vector<uint64_t> out;
  for (const double value : x) out.push_back(std::bit_cast<uint64_t>(value));
  return out;
}

TEST(TimingStudy, results_do_not_depend_on_blocks_or_threads) {
  const TimingStudy whole(small_config(6), 1, nonlinear_market(), "");
  const TimingStudy cut(small_config(1), 1, nonlinear_market(), "");
  const Kept one(whole, 1), many(cut, 3);
  EXPECT_EQ(one.tasks.size(), 1U);
  EXPECT_EQ(many.tasks.size(), 6U);
  EXPECT_EQ(one.all("sharpe").size(), 6U * 3 * 2 * 2);
  EXPECT_EQ(bits(one.all("sharpe")), bits(many.all("sharpe")));
  EXPECT_EQ(bits(one.forecasts()), bits(many.forecasts()));
  const TimingStudy other(small_config(6), 2, nonlinear_market(), "");
  EXPECT_NE(bits(one.forecasts()), bits(Kept(other, 1).forecasts()));
}

TEST(TimingStudy, forecasts_do_not_move_with_data_after_them) {
  const std::vector<double> before = Kept(TimingStudy(small_config(6), 1, nonlinear_market(), ""), 1).forecasts();
  for (const size_t cut : {20U, 45U, 60U, 88U}) {  // the last month that keeps its data
    MarketSample changed = nonlinear_market();
    const auto later = static_cast<int64_t>(cut) + 1;
    changed.X.narrow(0, later, 90 - later).fill_(2.5);
    for (size_t t = cut + 1; t < changed.R.size(); ++t) changed.R[t] = -1.0;
    const std::vector<double> after = Kept(TimingStudy(small_config(6), 1, changed, ""), 1).forecasts();
    bool moved = false;
    for (size_t i = 0; i < before.size(); ++i) {
      const bool same = std::bit_cast<uint64_t>(before[i]) == std::bit_cast<uint64_t>(after[i]);
      EXPECT_TRUE(same || i % 90 > cut) << i % 90 << ' ' << cut;
      moved = moved || !same;
    }
    EXPECT_TRUE(moved);
  }
}

TEST(TimingStudy, finds_what_is_there_to_find) {
  const TimingStudy study(small_config(6), 1, nonlinear_market(), "");
  const Kept kept(study, 1);
  const Summary summary = study.summarise(kept.tasks, kept);
  std::map<std::string, double> r2;
  for (size_t i = 0; i < summary.metrics.rows(); ++i)
    if (summary.metrics.texts("metric")[i] == "r2" && summary.metrics.texts("sample")[i] == "all")
      r2[summary.metrics.texts("model")[i]] = summary.metrics.doubles("value")[i];
  EXPECT_GT(r2["random features"], 0.2);
  EXPECT_LT(r2["historical average"], 0.0);
}

TEST(TimingStudy, tables_are_means_over_replicates_with_their_error) {
  const TimingStudy study(small_config(2), 1, nonlinear_market(), "");
  const Kept kept(study, 1);
  const Summary summary = study.summarise(kept.tasks, kept);
  std::vector<double> sharpe;  // of the largest P and the chosen penalty, no constant: the 8th of 12 rows a replicate
  const std::vector<double> all = kept.all("sharpe");
  for (size_t i = 7; i < all.size(); i += 12) sharpe.push_back(all[i]);
  ASSERT_EQ(kept.results[0].main.texts("constant")[7], "none");
  ASSERT_EQ(kept.results[0].main.integers("features")[7], 30);
  ASSERT_EQ(kept.results[0].main.doubles("penalty")[7], 1.0);
  double mean = 0.0, squares = 0.0;
  for (const double s : sharpe) mean += s / 6.0;
  for (const double s : sharpe) squares += (s - mean) * (s - mean);
  const size_t at = TimingPerformance::position("sharpe");
  EXPECT_EQ(summary.metrics.texts("model")[at], "random features");
  EXPECT_NEAR(summary.metrics.doubles("value")[at], mean, 1e-12);
  EXPECT_NEAR(summary.metrics.doubles("std_error")[at], std::sqrt(squares / 30.0), 1e-12);
  EXPECT_GT(summary.metrics.doubles("std_error")[at], 0.0);  // replicates draw their own weights
  EXPECT_EQ(summary.metrics.rows(), 5U * 9U * 2U);           // models x measures x samples
  EXPECT_EQ(summary.returns.rows(), 5U * 80U);
  EXPECT_EQ(summary.returns.dates("date").front(), nonlinear_market().date[10]);  // the window, then the next month
  EXPECT_EQ(summary.returns.dates("date").back(), nonlinear_market().date.back());
  EXPECT_EQ(summary.figures.size(), 5U);
}

TEST(TimingStudy, buy_and_hold_is_the_market) {
  const TimingStudy study(small_config(6), 1, nonlinear_market(), "");
  const Kept kept(study, 1);
  const Summary summary = study.summarise(kept.tasks, kept);
  const std::vector<double> R = nonlinear_market().R;
  for (size_t i = 0; i < 80; ++i) EXPECT_EQ(summary.returns.doubles("return")[4 * 80 + i], R[10 + i]);
}

TEST(TimingStudy, refuses_what_cannot_be) {
  using testing::HasSubstr;
  const auto failure = [](auto change) -> std::string {
    TimingConfig config = small_config(6);
    change(config);
    try {
      const TimingStudy study(config, 1, nonlinear_market(), "");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(failure([](TimingConfig& c) { c.features = {30, 4}; }), HasSubstr("must be even and increase"));
  EXPECT_THAT(failure([](TimingConfig& c) { c.features = {5}; }), HasSubstr("must be even and increase"));
  EXPECT_THAT(failure([](TimingConfig& c) { c.penalty = 3.0; }), HasSubstr("not in penalties = [0.01,1.0]"));
  EXPECT_THAT(failure([](TimingConfig& c) { c.window = 80; }), HasSubstr("there are 90 months"));
  EXPECT_THAT(failure([](TimingConfig& c) { c.samples = {"1975"}; }), HasSubstr("YYYY-MM-DD"));
}

}  // namespace
}  // namespace loadstone
