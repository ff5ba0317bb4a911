// Tables by size group of hand-made returns, compared with plain arithmetic on them.
#include "loadstone/pricing/size_group_tables.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "loadstone/core/random.h"
#include "loadstone/evaluation/sharpe.h"

namespace loadstone {
namespace {

constexpr size_t T = 72;

std::vector<Date> month_ends(size_t skipped) {
  std::vector<Date> dates{Date::month_end(2000, 1)};
  while (dates.size() < T) dates.push_back(dates.back().next_month_end());
  return {dates.begin() + static_cast<int64_t>(skipped), dates.end()};
}

std::vector<double> draws(uint64_t seed, double mean, size_t skipped = 0) {
  Stream stream(seed, "size_group_tables_test");
  std::vector<double> out;
  for (size_t t = 0; t < T; ++t) out.push_back(mean + 0.03 * stream.normal());
  return {out.begin() + static_cast<int64_t>(skipped), out.end()};
}

// Skips its first months, as a universe does that is empty in them.
ModelOutcome outcome_of(const std::string& name, const std::string& universe, uint64_t seed, size_t skipped = 0,
                        double mean = 0.01) {
  const std::string type = name.starts_with("FF") ? "tangency" : name.starts_with("EW") ? "equal_weight" : "ridge";
  ModelOutcome out{{name, type, "", {universe, 0, 0}, nlohmann::json::object()}, {}, {}, {}, {}, T};
  out.returns = {name, month_ends(skipped), draws(seed, mean, skipped)};
  return out;
}

FactorTable asset_of(const std::vector<double>& g, size_t skipped = 0) {
  FactorTable table{Frequency::monthly, "by hand", {"g"}, month_ends(skipped), {}};
  table.values = at::empty({static_cast<int64_t>(g.size()), 1}, at::kDouble);
  std::copy(g.begin(), g.end(), table.values.mutable_data_ptr<double>());
  return table;
}

class SizeGroups : public testing::Test {
 protected:
  SizeGroups() { evaluation.bootstrap = 50; }

  Summary summary() const {
    std::vector<ReturnSeries> series;
    for (const ModelOutcome& outcome : outcomes.models) series.push_back(outcome.returns);
    const std::vector<Sample> samples{full_sample(), {"from 2003-01", Date::parse("2003-01-01")}};
    Summary out;
    add_size_groups(out, {outcomes, series, samples, common ? &*common : nullptr, evaluation, 12, group_assets});
    return out;
  }
  static const ReportTable& table(const Summary& summary, const std::string& id) {
    for (const ReportTable& table : summary.tables)
      if (table.id == id) return table;
    throw std::runtime_error("no table " + id);
  }
  // Row of these texts.
  static size_t row(const Table& table, const std::vector<std::string>& texts) {
    for (size_t i = 0; i < table.rows(); ++i)
      if (table.texts("sample")[i] == texts[0] && table.texts("universe")[i] == texts[1] &&
          table.texts("model")[i] == texts[2])
        return i;
    throw std::runtime_error("no such row");
  }

  Outcomes outcomes{{outcome_of("Ridge universe=all", "all", 1), outcome_of("EW", "all", 2),
                     outcome_of("FF6", "all", 3), outcome_of("Ridge universe=mega", "mega", 4, 12),
                     outcome_of("EW mega", "mega", 5, 12), outcome_of("Ridge universe=micro", "micro", 6)},
                    {}};
  std::vector<double> g = draws(7, 0.01), mega = draws(8, 0.01, 12), micro = draws(9, 0.01);
  std::optional<FactorTable> common = asset_of(g);
  GroupAssets group_assets{{"all", asset_of(g)}, {"mega", asset_of(mega, 12)}, {"micro", asset_of(micro)}};
  EvaluationConfig evaluation;
};

TEST_F(SizeGroups, need_a_model_within_a_group) {
  outcomes.models.resize(3);
  EXPECT_TRUE(summary().tables.empty());
  EXPECT_TRUE(summary().figures.empty());
}

TEST_F(SizeGroups, weights_of_two_models_follow_the_closed_form_in_the_row_of_their_family) {
  const Summary result = summary();
  const Table& weights = table(result, "size_tangency").table;
  EXPECT_EQ(weights.texts("model"), (std::vector<std::string>{"Ridge", "EW", "Ridge", "EW"}));  // no FF6
  const std::vector<double>&x = outcomes.models[3].returns.value, &y = outcomes.models[4].returns.value;
  const double m_x = sharpe_iid(x, 12).value, m_y = sharpe_iid(y, 12).value;
  double product = 0.0;
  for (size_t t = 0; t < x.size(); ++t)
    product += (x[t] - mean(x)) * (y[t] - mean(y)) / static_cast<double>(x.size() - 1);
  const double rho = product / standard_deviation(x) / standard_deviation(y);
  const double w_x = m_x - rho * m_y, w_y = m_y - rho * m_x;
  ASSERT_GT(std::min(w_x, w_y), 0.0);
  EXPECT_NEAR(weights.doubles("mega weight")[0], 100.0 * w_x / (w_x + w_y), 1e-8);
  EXPECT_NEAR(weights.doubles("mega weight")[1], 100.0 * w_y / (w_x + w_y), 1e-8);
  EXPECT_FALSE(weights.has("micro weight"));  // one model: nothing to combine
  const Table& sharpe = table(result, "size_tangency_sharpe").table;
  EXPECT_EQ(sharpe.texts("universe"), (std::vector<std::string>{"all", "mega", "all", "mega"}));
  EXPECT_EQ(sharpe.doubles("months")[1], 60.0);
  EXPECT_NEAR(sharpe.doubles("tangency")[1],
              std::sqrt((m_x * m_x + m_y * m_y - 2.0 * rho * m_x * m_y) / (1.0 - rho * rho)), 1e-8);
  EXPECT_EQ(sharpe.texts("best model")[1], m_x > m_y ? "Ridge" : "EW");
  EXPECT_NEAR(sharpe.doubles("best")[1], std::max(m_x, m_y), 1e-10);
  EXPECT_LE(sharpe.doubles("best low")[1], sharpe.doubles("best")[1]);
  EXPECT_GE(sharpe.doubles("best high")[1], sharpe.doubles("best")[1]);
}

TEST_F(SizeGroups, universes_that_cannot_be_combined_are_said) {
  outcomes.models[3] = outcome_of("Ridge universe=mega", "mega", 4, 0, -0.5);
  outcomes.models[4] = outcome_of("EW mega", "mega", 5, 0, -0.5);
  outcomes.models[0] = outcome_of("Ridge universe=all", "all", 1, 60);
  const Summary result = summary();
  const ReportTable& sharpe = table(result, "size_tangency_sharpe");
  EXPECT_EQ(sharpe.table.rows(), 0U);
  EXPECT_NE(sharpe.notes.find("mega, full: no model has a positive mean"), std::string::npos);
  EXPECT_NE(sharpe.notes.find("universe `all` have 12 months in common"), std::string::npos);
}

TEST_F(SizeGroups, distances_are_on_common_assets_in_one_table_and_on_the_groups_own_in_the_other) {
  const Summary result = summary();
  const auto squared = [](const std::vector<double>& R, const std::vector<double>& asset) {
    double e = 0.0, square = 0.0;
    for (size_t t = 0; t < R.size(); ++t) {
      e += (1.0 - R[t]) * asset[t] / static_cast<double>(R.size());
      square += asset[t] * asset[t] / static_cast<double>(R.size());
    }
    return e * e / square;
  };
  const std::vector<double>& R = outcomes.models[3].returns.value;
  const Table& shared = table(result, "size_performance_common").table;
  const Table& own = table(result, "size_performance_group").table;
  ASSERT_EQ(shared.rows(), 2U * 5U);
  const size_t i = row(shared, {"full", "mega", "Ridge"});
  const std::string native = "HJ², second moment, native";
  EXPECT_NEAR(shared.doubles(native)[i], squared(R, {g.begin() + 12, g.end()}), 1e-12);
  EXPECT_NEAR(own.doubles(native)[i], squared(R, mega), 1e-12);
  EXPECT_NEAR(own.doubles("Sharpe")[i], sharpe_iid(R, 12).value, 1e-12);
  EXPECT_EQ(own.doubles("months")[i], 60.0);
  EXPECT_EQ(own.doubles(native)[row(own, {"full", "all", "EW"})],
            shared.doubles(native)[row(shared, {"full", "all", "EW"})]);
}

TEST_F(SizeGroups, refusals_name_their_universes_once) {
  common = FactorTable{};
  common->names.assign(40, "g");
  common->return_end = month_ends(0);
  common->values = at::empty({static_cast<int64_t>(T), 40}, at::kDouble);
  Stream(3, "assets").fill_normal(std::span<double>(common->values.mutable_data_ptr<double>(), T * 40));
  const Summary result = summary();
  const ReportTable& shared = table(result, "size_performance_common");
  EXPECT_TRUE(
      std::isfinite(shared.table.doubles("HJ², covariance, best")[row(shared.table, {"full", "micro", "Ridge"})]));
  EXPECT_NE(shared.notes.find("No distance in mega, full: 60 months for 40 test assets"), std::string::npos);
  EXPECT_NE(shared.notes.find("No distance in all, mega, micro, from 2003-01: 36 months"), std::string::npos);
}

TEST_F(SizeGroups, bars_stand_by_universe_and_family) {
  const Summary result = summary();
  std::vector<std::string> ids;
  for (const Figure& figure : result.figures) ids.push_back(figure.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"size_sharpe", "size_hj_common", "size_hj_group"}));
  const nlohmann::json& encoding = result.figures[0].spec["encoding"];
  EXPECT_EQ(encoding["x"]["sort"], nlohmann::json({"all", "mega", "micro"}));
  EXPECT_EQ(encoding["color"]["sort"], nlohmann::json({"Ridge", "EW"}));
  const nlohmann::json& bars = result.figures[0].spec["data"]["values"];
  ASSERT_EQ(bars.size(), 5U);
  EXPECT_EQ(bars[2]["group"], "mega");
  EXPECT_NEAR(bars[2]["value"].get<double>(), sharpe_iid(outcomes.models[3].returns.value, 12).value, 1e-12);
}

TEST_F(SizeGroups, without_common_test_assets_only_the_groups_own_remain) {
  common.reset();
  const Summary result = summary();
  EXPECT_EQ(result.tables.back().id, "size_performance_group");
  EXPECT_EQ(result.figures.size(), 2U);
}

}  // namespace
}  // namespace loadstone
