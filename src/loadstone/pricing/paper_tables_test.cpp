// Tables and figures of hand-made outcomes, compared with plain arithmetic on the same returns.
#include "loadstone/pricing/paper_tables.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/core/random.h"
#include "loadstone/experiment/chart.h"
#include "loadstone/pricing/curve_figures.h"

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr size_t T = 72;

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}
double product_of(const std::vector<double>& x, const std::vector<double>& y) {  // sum of products about the means
  double sum = 0.0;
  for (size_t t = 0; t < x.size(); ++t) sum += (x[t] - mean_of(x)) * (y[t] - mean_of(y));
  return sum;
}
double deviation_of(const std::vector<double>& x) {
  return std::sqrt(product_of(x, x) / (static_cast<double>(x.size()) - 1.0));
}
double sharpe_of(const std::vector<double>& x) { return std::sqrt(12.0) * mean_of(x) / deviation_of(x); }
std::vector<double> from(const std::vector<double>& x, size_t begin) {
  return {x.begin() + static_cast<int64_t>(begin), x.end()};
}

std::vector<Date> month_ends() {
  std::vector<Date> dates{Date::month_end(2000, 1)};
  while (dates.size() < T) dates.push_back(dates.back().next_month_end());
  return dates;
}

std::vector<double> returns_of(uint64_t seed) {
  Stream stream(seed, "paper_tables_test");
  std::vector<double> out;
  for (size_t t = 0; t < T; ++t) out.push_back(0.01 + 0.03 * stream.normal());
  return out;
}

// A model whose first `skipped` months have no return.
ModelOutcome outcome_of(const std::string& name, std::vector<double> returns, size_t skipped = 0) {
  ModelOutcome out{{name, "ridge", "", {}, nlohmann::json::object()}, {}, {}, {}, {name, {}, {}}, 0};
  std::fill(returns.begin(), returns.begin() + static_cast<int64_t>(skipped), missing);
  out.months.add("return_end", month_ends());
  out.months.add("return", returns);
  for (size_t t = skipped; t < T; ++t) {
    out.returns.date.push_back(month_ends()[t]);
    out.returns.value.push_back(returns[t]);
  }
  return out;
}

FactorTable test_asset(const std::vector<double>& g) {
  FactorTable table{
      Frequency::monthly, "by hand", {"g"}, month_ends(), at::empty({static_cast<int64_t>(T), 1}, at::kDouble)};
  std::copy(g.begin(), g.end(), table.values.mutable_data_ptr<double>());
  return table;
}

class PaperTables : public testing::Test {
 protected:
  PaperTables() { evaluation.bootstrap = 20, evaluation.volatility_window = 12; }

  Summary summary(const FactorTable* test_assets = nullptr) const {
    std::vector<ReturnSeries> series;
    for (const ModelOutcome& outcome : outcomes.models) series.push_back(outcome.returns);
    Summary out;
    add_paper_tables(out, outcomes, series, {full_sample(), {"from 2003-01", Date::parse("2003-01-01")}}, test_assets,
                     group_assets, evaluation, 12);
    return out;
  }
  static const ReportTable& table(const Summary& summary, const std::string& id) {
    for (const ReportTable& table : summary.tables)
      if (table.id == id) return table;
    throw std::runtime_error("no table " + id);
  }
  static const nlohmann::json* values(const Summary& summary, const std::string& id) {
    for (const Figure& figure : summary.figures)
      if (figure.id == id) return &figure.spec.at("data").at("values");
    return nullptr;
  }
  // y of a line chart at x.
  static double at(const nlohmann::json& values, const std::string& line, double x) {
    for (const auto& row : values)
      if (row["line"] == line && std::abs(row["x"].get<double>() - x) < 1e-12) return row["y"].get<double>();
    return missing;
  }

  std::vector<double> a = returns_of(1), b = returns_of(2), c = returns_of(3);
  Outcomes outcomes{{outcome_of("a", a), outcome_of("b", b), outcome_of("c", c, 12)}, {}};
  EvaluationConfig evaluation;
  GroupAssets group_assets;
};

TEST_F(PaperTables, performance_comes_first_and_counts_each_models_own_months) {
  const Summary result = summary();
  const ReportTable& performance = result.tables.front();
  ASSERT_EQ(performance.id, "performance");
  EXPECT_EQ(performance.table.texts("model"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(performance.table.doubles("months, full"), (std::vector<double>{72, 72, 60}));
  EXPECT_EQ(performance.table.doubles("months, from 2003-01"), (std::vector<double>{36, 36, 36}));
  const std::vector<double> c_part = from(c, 12);
  EXPECT_NEAR(performance.table.doubles("Sharpe, full")[0], sharpe_of(a), 1e-12);
  EXPECT_NEAR(performance.table.doubles("Sharpe, full")[2], sharpe_of(c_part), 1e-12);
  EXPECT_NEAR(performance.table.doubles("Sharpe, from 2003-01")[1], sharpe_of(from(b, 36)), 1e-12);
  const double monthly = sharpe_of(c_part) / std::sqrt(12.0);
  EXPECT_NEAR(performance.table.doubles("s.e., full")[2], std::sqrt(12.0 * (1.0 + monthly * monthly / 2.0) / 60.0),
              1e-12);
  EXPECT_FALSE(performance.table.has("HJ², full"));
}

TEST_F(PaperTables, leave_out_samples_without_returns) {
  for (ModelOutcome& outcome : outcomes.models)
    outcome.returns = restrict_to(outcome.returns, {"before", Date::parse("2000-01-01"), Date::parse("2002-12-31")});
  const ReportTable performance = summary().tables.front();
  EXPECT_TRUE(performance.table.has("Sharpe, full"));
  EXPECT_FALSE(performance.table.has("Sharpe, from 2003-01"));
  EXPECT_NE(performance.notes.find("not shown"), std::string::npos);
}

TEST_F(PaperTables, show_published_figures_only_beside_models_that_name_them) {
  EXPECT_FALSE(summary().tables.front().table.has("paper Sharpe, 1968-2022"));
  outcomes.models[1].model.paper = "HXZ";
  const Table table = summary().tables.front().table;
  const std::vector<double>& sharpe = table.doubles("paper Sharpe, 1968-2022");
  EXPECT_TRUE(std::isnan(sharpe[0]));
  EXPECT_EQ(sharpe[1], 1.80);
  EXPECT_EQ(table.doubles("paper error, 1968-2022")[1], 0.42);
  EXPECT_EQ(table.doubles("paper Sharpe, 2003-2022")[1], 0.97);
  EXPECT_EQ(table.doubles("paper error, 2003-2022")[1], 0.73);
}

TEST_F(PaperTables, measure_pricing_errors_with_both_weights_and_scales) {
  const std::vector<double> g = returns_of(4);
  const FactorTable assets = test_asset(g);
  const Summary result = summary(&assets);
  std::vector<double> priced, g2, Rg;
  for (size_t t = 0; t < T; ++t) {
    priced.push_back((1.0 - a[t]) * g[t]);
    g2.push_back(g[t] * g[t]);
    Rg.push_back(a[t] * g[t]);
  }
  const double e = mean_of(priced), variance = mean_of(g2) - mean_of(g) * mean_of(g);
  EXPECT_NEAR(result.tables.front().table.doubles("HJ², full")[0], e * e / mean_of(g2), 1e-12);
  const Table& errors = table(result, "pricing_errors").table;
  ASSERT_EQ(errors.rows(), 3U * 2U * 4U);
  EXPECT_EQ(errors.texts("W")[2], "covariance");
  EXPECT_EQ(errors.texts("scale")[2], "native");
  EXPECT_NEAR(errors.doubles("squared")[2], e * e / variance, 1e-12);
  EXPECT_NEAR(errors.doubles("root")[2], std::abs(e) / std::sqrt(variance), 1e-12);
  EXPECT_EQ(errors.texts("scale")[3], "best");  // one asset: the best scale prices it without error
  EXPECT_NEAR(errors.doubles("s")[3], mean_of(g) / mean_of(Rg), 1e-9);
  EXPECT_NEAR(errors.doubles("squared")[3], 0.0, 1e-12);
}

TEST_F(PaperTables, refuse_a_distance_with_its_reason) {
  FactorTable assets = test_asset(returns_of(4));
  assets.values = at::empty({static_cast<int64_t>(T), 50}, at::kDouble);
  assets.names.assign(50, "g");
  Stream stream(5, "assets");
  for (int64_t i = 0; i < assets.values.numel(); ++i) assets.values.mutable_data_ptr<double>()[i] = stream.normal();
  const Summary result = summary(&assets);
  EXPECT_TRUE(std::isnan(result.tables.front().table.doubles("HJ², full")[0]));
  EXPECT_NE(result.tables.front().notes.find("No distance for a, full: 72 months for 50 test assets"),
            std::string::npos);
  EXPECT_TRUE(std::isnan(table(result, "pricing_errors").table.doubles("root")[0]));
}

// Each return over the deviation of the twelve before it, at 15 % a year.
std::vector<double> scaled_by_trailing(const std::vector<double>& r) {
  std::vector<double> out;
  for (size_t t = 12; t < r.size(); ++t) {
    const std::vector<double> before(r.begin() + static_cast<int64_t>(t) - 12, r.begin() + static_cast<int64_t>(t));
    out.push_back(r[t] * 0.15 / std::sqrt(12.0) / deviation_of(before));
  }
  return out;
}

TEST_F(PaperTables, alphas_are_regressions_over_common_months_at_the_target_volatility) {
  const Summary result = summary();
  const Table& alphas = table(result, "alphas_full").table;
  ASSERT_EQ(alphas.rows(), 9U);  // six pairs, three on others
  // c has returns from month 12 and a trailing estimate from month 24 on.
  const std::vector<double> y = from(scaled_by_trailing(b), 12), x = from(scaled_by_trailing(a), 12);
  const double beta = product_of(x, y) / product_of(x, x);
  ASSERT_EQ(alphas.texts("model")[0], "b");
  ASSERT_EQ(alphas.texts("on")[0], "a");
  EXPECT_EQ(alphas.doubles("months")[0], 48.0);
  EXPECT_NEAR(alphas.doubles("beta")[0], beta, 1e-10);
  EXPECT_NEAR(alphas.doubles("alpha, % a year")[0], 1200.0 * (mean_of(y) - beta * mean_of(x)), 1e-9);
  double residual = 0.0;
  for (size_t t = 0; t < y.size(); ++t) residual += std::pow(y[t] - mean_of(y) - beta * (x[t] - mean_of(x)), 2.0);
  const auto n = static_cast<double>(y.size());
  const double error = std::sqrt(residual / (n - 2.0) * (1.0 / n + mean_of(x) * mean_of(x) / product_of(x, x)));
  EXPECT_NEAR(alphas.doubles("t (OLS)")[0], (mean_of(y) - beta * mean_of(x)) / error, 1e-9);
  EXPECT_EQ(alphas.texts("on")[8], "others");
  EXPECT_TRUE(std::isnan(alphas.doubles("beta")[8]));
  EXPECT_EQ(table(result, "alphas_later").table.doubles("months")[0], 36.0);
  ASSERT_NE(values(result, "alpha_t_full_1"), nullptr);
  EXPECT_EQ(values(result, "alpha_t_full_1")->at(0)["value"].get<double>(), alphas.doubles("t (Newey-West)")[0]);
}

TEST_F(PaperTables, models_compete_within_their_universe) {
  outcomes.models[2].model.scope.universe = "mega";
  const Summary result = summary();
  EXPECT_EQ(table(result, "alphas_full").table.rows(), 2U);  // a on b, b on a; c stands alone
  EXPECT_EQ(table(result, "tangency_weights").table.texts("universe")[0], "all");
  EXPECT_EQ(table(result, "correlations").table.rows(), 2U * 3U);  // all pairs
}

TEST_F(PaperTables, too_few_common_months_are_said) {
  outcomes.models[2] = outcome_of("c", c, 60);
  const ReportTable weights = table(summary(), "tangency_weights");
  EXPECT_EQ(weights.table.rows(), 0U);
  EXPECT_NE(weights.notes.find("The 3 models of universe `all` have 12 months in common"), std::string::npos);
}

TEST_F(PaperTables, correlate_each_pair_over_its_own_months) {
  const Summary result = summary();
  const Table& pairs = table(result, "correlations").table;
  const auto expected = [](const std::vector<double>& x, const std::vector<double>& y) {
    return product_of(x, y) / std::sqrt(product_of(x, x) * product_of(y, y));
  };
  EXPECT_NEAR(pairs.doubles("correlation")[0], expected(a, b), 1e-12);
  EXPECT_EQ(pairs.texts("with")[1], "c");
  EXPECT_NEAR(pairs.doubles("correlation")[1], expected(from(a, 12), from(c, 12)), 1e-12);
  EXPECT_EQ(pairs.doubles("months")[1], 60.0);
  EXPECT_EQ(values(result, "correlation_map")->size(), 9U);
}

// Two assets: w is proportional to m - rho (the other's m) of Sharpe ratios m.
TEST_F(PaperTables, tangency_weights_of_two_models_follow_the_closed_form) {
  outcomes.models.pop_back();
  const Table weights = table(summary(), "tangency_weights").table;
  const double rho = product_of(a, b) / std::sqrt(product_of(a, a) * product_of(b, b));
  const double w_a = sharpe_of(a) - rho * sharpe_of(b), w_b = sharpe_of(b) - rho * sharpe_of(a);
  ASSERT_GT(std::min(w_a, w_b), 0.0);
  EXPECT_NEAR(weights.doubles("weight, %")[0], 100.0 * w_a / (w_a + w_b), 1e-8);
  EXPECT_NEAR(weights.doubles("weight, %")[1], 100.0 * w_b / (w_a + w_b), 1e-8);
  EXPECT_LE(weights.doubles("weight low")[0], weights.doubles("weight, %")[0]);
  EXPECT_NEAR(weights.doubles("Sharpe")[1], sharpe_of(b), 1e-12);
  EXPECT_LT(weights.doubles("Sharpe low")[1], sharpe_of(b));
  EXPECT_GT(weights.doubles("Sharpe high")[1], sharpe_of(b));
  EXPECT_EQ(weights.texts("model")[2], "combination");
  const double squared =
      sharpe_of(a) * sharpe_of(a) + sharpe_of(b) * sharpe_of(b) - 2 * rho * sharpe_of(a) * sharpe_of(b);
  EXPECT_NEAR(weights.doubles("Sharpe")[2], std::sqrt(squared / (1.0 - rho * rho)), 1e-8);
}

TEST_F(PaperTables, no_bootstrap_means_no_tangency_weights) {
  evaluation.bootstrap = 0;
  const Summary result = summary();
  for (const ReportTable& table : result.tables) EXPECT_NE(table.id, "tangency_weights");
}

TEST_F(PaperTables, cumulative_sums_end_at_the_scaled_total) {
  const Summary result = summary();
  const nlohmann::json& rows = *values(result, "cumulative");
  ASSERT_EQ(rows.size(), 72U + 72U + 60U);
  const double scale = 0.15 / std::sqrt(12.0) / deviation_of(a);
  EXPECT_NEAR(rows[71]["value"].get<double>(), scale * mean_of(a) * 72.0, 1e-10);
  EXPECT_EQ(rows[144]["date"], "2001-01-31");
}

// Points of a curve: saturated at both penalties, then two heads at each. Point k earns a times 1 in the mean plus k.
class Curves : public PaperTables {
 protected:
  Curves() {
    outcomes.models = {outcome_of("trans", a)};
    ModelOutcome& model = outcomes.models[0];
    model.model.type = "transformer";
    model.model.parameters = {{"penalties", {10.0, 0.1}}};
    model.curve = {{10.0, 0}, {0.1, 0}, {10.0, 1}, {10.0, 2}, {0.1, 1}, {0.1, 2}};
    DoubleVectors curve{6, {}}, loo{2, {}};
    std::vector<double> penalty;
    for (size_t t = 0; t < T; ++t) {
      for (size_t k = 0; k < 6; ++k) curve.values.push_back(t + 1 == T ? missing : earned(t, k));
      loo.values.insert(loo.values.end(), {2.0 + static_cast<double>(t), 1.0});
      penalty.push_back(t % 3 == 0 ? 10.0 : 0.1);
    }
    model.months.add("penalty", penalty);
    model.months.add("curve", curve);
    model.months.add("loo", loo);
  }
  double earned(size_t t, size_t k) const { return a[t] + 0.01 * static_cast<double>(k); }
  double sharpe_at(size_t k) const {
    std::vector<double> r;
    for (size_t t = 0; t + 1 < T; ++t) r.push_back(earned(t, k));
    return sharpe_of(r);
  }
};

TEST_F(Curves, points_stand_at_their_penalty_and_heads) {
  const Summary result = summary();
  const nlohmann::json& heads = *values(result, "complexity_heads_1");
  EXPECT_NEAR(at(heads, "1", 1), sharpe_at(2), 1e-12);
  EXPECT_NEAR(at(heads, "1", 2), sharpe_at(3), 1e-12);
  EXPECT_NEAR(at(heads, "-1", 1), sharpe_at(4), 1e-12);
  EXPECT_NEAR(at(heads, "-1", 2), sharpe_at(5), 1e-12);
  const nlohmann::json& saturated = *values(result, "complexity_penalty");
  EXPECT_NEAR(at(saturated, "trans", 1.0), sharpe_at(0), 1e-12);
  EXPECT_NEAR(at(saturated, "trans", -1.0), sharpe_at(1), 1e-12);
}

TEST_F(Curves, the_chosen_line_takes_each_months_own_penalty) {
  std::vector<double> expected;
  for (size_t t = 0; t + 1 < T; ++t) expected.push_back(earned(t, t % 3 == 0 ? 3 : 5));
  EXPECT_EQ(chosen_head_returns(outcomes.models[0], 2).value, expected);
  EXPECT_NEAR(at(*values(summary(), "complexity_heads_1"), "chosen", 2), sharpe_of(expected), 1e-12);
  outcomes.models[0].curve[3].penalty = missing;  // a point of the chosen penalty itself comes first
  EXPECT_EQ(chosen_head_returns(outcomes.models[0], 2).value, curve_returns(outcomes.models[0], 3).value);
}

TEST_F(Curves, pricing_errors_by_heads_need_test_assets) {
  EXPECT_EQ(values(summary(), "complexity_heads_hj_1"), nullptr);
  const std::vector<double> g = returns_of(4);
  const FactorTable assets = test_asset(g);
  double e = 0.0, square = 0.0;
  for (size_t t = 0; t + 1 < T; ++t) e += (1.0 - earned(t, 4)) * g[t] / 71.0, square += g[t] * g[t] / 71.0;
  const Summary result = summary(&assets);
  EXPECT_NEAR(at(*values(result, "complexity_heads_hj_1"), "-1", 1), e * e / square, 1e-12);
}

TEST_F(Curves, leave_one_out_errors_and_choices_stand_at_their_penalty) {
  const Summary result = summary();
  EXPECT_NEAR(at(*values(result, "loo"), "trans", 1.0), 2.0 + 71.0 / 2.0, 1e-12);
  EXPECT_NEAR(at(*values(result, "loo"), "trans", -1.0), 1.0, 1e-12);
  EXPECT_NEAR(at(*values(result, "penalty_shares"), "trans", 1.0), 100.0 / 3.0, 1e-12);
  EXPECT_NEAR(at(*values(result, "penalty_shares"), "trans", -1.0), 200.0 / 3.0, 1e-12);
}

TEST_F(PaperTables, random_features_are_drawn_by_their_number) {
  for (size_t i = 0; i < 3; ++i) {
    outcomes.models[i].model.type = "random_features";
    outcomes.models[i].model.parameters = {{"features", i == 2 ? 50 : 100 * (i + 1)}, {"activation", "relu"}};
  }
  const Summary result = summary();
  const nlohmann::json& rows = *values(result, "complexity_features");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_NEAR(at(rows, "relu, universe all", 50), sharpe_of(from(c, 12)), 1e-12);
  EXPECT_NEAR(at(rows, "relu, universe all", 200), sharpe_of(b), 1e-12);
}

TEST(Chart, spreads_what_it_shows_from_end_to_end) {
  EXPECT_EQ(spread(3, 7), (std::vector<size_t>{0, 1, 2}));
  EXPECT_EQ(spread(9, 3), (std::vector<size_t>{0, 4, 8}));
  EXPECT_EQ(spread(14, 7).back(), 13U);
}

TEST(Chart, heat_maps_leave_out_what_is_missing) {
  const nlohmann::json map = heat_map({{"a", "b", missing}, {"b", "a", 0.5}}, {"a", "b"}, "", "", 1.0, ".2f");
  EXPECT_EQ(map["data"]["values"].size(), 1U);
}

}  // namespace
}  // namespace loadstone
