// Tables of hand-made outcomes, compared with plain arithmetic on the same numbers.
#include "loadstone/pricing/variant_tables.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "loadstone/core/random.h"

namespace loadstone {
namespace {

constexpr size_t T = 30;

std::vector<Date> month_ends() {
  std::vector<Date> dates{Date::month_end(2000, 1)};
  while (dates.size() < T) dates.push_back(dates.back().next_month_end());
  return dates;
}

std::vector<double> numbers(uint64_t seed) {
  Stream stream(seed, "variant_tables_test");
  std::vector<double> out;
  for (size_t t = 0; t < T; ++t) out.push_back(0.01 + 0.03 * stream.normal());
  return out;
}

ModelOutcome outcome_of(const std::string& name, const std::string& type, const std::vector<double>& returns) {
  ModelOutcome out{{name, type, "", {}, nlohmann::json::object()}, {}, {}, {}, {name, month_ends(), returns}};
  out.months.add("return_end", month_ends());
  out.months.add("return", returns);
  return out;
}

// Means, and covariance with divisor T - 1.
double mean_of(const std::vector<double>& x) {
  double sum = 0.0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}
double covariance(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0.0;
  for (size_t t = 0; t < x.size(); ++t) sum += (x[t] - mean_of(x)) * (y[t] - mean_of(y));
  return sum / (static_cast<double>(x.size()) - 1.0);
}

TEST(VariantTables, compare_a_model_with_its_variants) {
  const std::vector<double> total = numbers(1), part = numbers(2);
  ModelOutcome with = outcome_of("a", "transformer", total);
  std::vector<double> newest_unknown = part;
  newest_unknown.back() = std::numeric_limits<double>::quiet_NaN();
  with.months.add("variant symmetric", newest_unknown);
  const Outcomes outcomes{{outcome_of("plain", "ridge", total), with}, {}};
  Summary summary;
  add_variants(summary, outcomes, nullptr, 12);
  ASSERT_EQ(summary.tables.size(), 2U);
  const Table& table = summary.tables[0].table;
  EXPECT_EQ(table.texts("model"), (std::vector<std::string>{"a", "a"}));
  EXPECT_EQ(table.texts("variant"), (std::vector<std::string>{"total", "symmetric"}));
  EXPECT_EQ(table.doubles("months"), (std::vector<double>{T, T - 1}));
  EXPECT_FALSE(table.has("HJ²"));
  const std::vector<double> known(part.begin(), part.end() - 1), same_months(total.begin(), total.end() - 1);
  EXPECT_NEAR(table.doubles("Sharpe")[1], std::sqrt(12.0 / covariance(known, known)) * mean_of(known), 1e-12);
  EXPECT_NE(summary.tables[0].notes.find("(W_h - W_h')/2"), std::string::npos);
  EXPECT_EQ(summary.tables[0].notes.find("truncation"), std::string::npos);

  const Table& pairs = summary.tables[1].table;
  ASSERT_EQ(pairs.rows(), 1U);
  EXPECT_EQ(pairs.texts("variant")[0] + " " + pairs.texts("with")[0], "total symmetric");
  EXPECT_EQ(pairs.doubles("months")[0], T - 1.0);
  EXPECT_NEAR(
      pairs.doubles("correlation")[0],
      covariance(same_months, known) / std::sqrt(covariance(same_months, same_months) * covariance(known, known)),
      1e-12);
}

TEST(VariantTables, seeds_have_their_spread) {
  const std::vector<double> total = numbers(1), one = numbers(2), two = numbers(3);
  ModelOutcome network = outcome_of("a", "mlp", total);
  network.months.add("variant seed 1", one);
  network.months.add("variant seed 2", two);
  Summary summary;
  add_variants(summary, {{network}, {}}, nullptr, 12);
  ASSERT_EQ(summary.tables.size(), 3U);
  const Table& table = summary.tables[2].table;
  const auto sharpe = [](const std::vector<double>& x) { return std::sqrt(12.0 / covariance(x, x)) * mean_of(x); };
  const auto [low, high] = std::minmax({sharpe(one), sharpe(two)});
  EXPECT_EQ(table.doubles("seeds")[0], 2.0);
  EXPECT_NEAR(table.doubles("mean")[0], (low + high) / 2, 1e-12);
  EXPECT_NEAR(table.doubles("deviation")[0], (high - low) / std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(table.doubles("lowest")[0], low, 1e-12);
  EXPECT_NEAR(table.doubles("highest")[0], high, 1e-12);
  EXPECT_NEAR(table.doubles("of the mean of weights")[0], sharpe(total), 1e-12);
}

TEST(VariantTables, seeds_are_compared_over_months_that_all_of_them_have) {
  std::vector<double> total = numbers(1), one = numbers(2), two = numbers(3);
  one[3] = two[7] = std::numeric_limits<double>::quiet_NaN();  // diverged for one window
  ModelOutcome network = outcome_of("a", "mlp", total), hopeless = network;
  network.months.add("variant seed 1", one);
  network.months.add("variant seed 2", two);
  hopeless.months.add("variant seed 1", one);
  hopeless.months.add("variant seed 2", std::vector<double>(T, std::numeric_limits<double>::quiet_NaN()));
  Summary summary;
  add_variants(summary, {{network, hopeless}, {}}, nullptr, 12);
  const Table& table = summary.tables[2].table;
  for (std::vector<double>* series : {&total, &one, &two})
    series->erase(series->begin() + 7), series->erase(series->begin() + 3);
  const auto sharpe = [](const std::vector<double>& x) { return std::sqrt(12.0 / covariance(x, x)) * mean_of(x); };
  EXPECT_EQ(table.doubles("months"), (std::vector<double>{T - 2, 0}));
  EXPECT_NEAR(table.doubles("lowest")[0], std::min(sharpe(one), sharpe(two)), 1e-12);
  EXPECT_NEAR(table.doubles("of the mean of weights")[0], sharpe(total), 1e-12);
  EXPECT_TRUE(std::isnan(table.doubles("mean")[1]));
}

TEST(VariantTables, say_nothing_of_models_without_variants) {
  Summary summary;
  add_variants(summary, {{outcome_of("plain", "ridge", numbers(1))}, {}}, nullptr, 12);
  add_diagnostics(summary, {{outcome_of("plain", "ridge", numbers(1))}, {}});
  EXPECT_TRUE(summary.tables.empty());
}

TEST(VariantTables, summarise_diagnostics_by_type) {
  std::vector<double> residual(T), converged(T, 1.0);
  for (size_t t = 0; t < T; ++t) residual[t] = static_cast<double>((t * 7) % T);  // 0 .. 29, median 14.5
  for (size_t t = 0; t < 6; ++t) converged[5 * t] = 0.0;
  Outcomes outcomes;
  for (const char* name : {"one", "two"}) {
    ModelOutcome model = outcome_of(name, "transformer_ols", numbers(1));
    model.months.add("diagnostic residual", residual);
    model.months.add("flag converged", converged);
    outcomes.models.push_back(model);
    residual[0] = 100.0;
  }
  Summary summary;
  add_diagnostics(summary, outcomes);
  ASSERT_EQ(summary.tables.size(), 1U);
  EXPECT_EQ(summary.tables[0].id, "diagnostics_transformer_ols");
  const Table& table = summary.tables[0].table;
  EXPECT_EQ(table.texts("model"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(table.doubles("residual, median"), (std::vector<double>{14.5, 15.5}));
  EXPECT_EQ(table.doubles("residual, largest"), (std::vector<double>{29.0, 100.0}));
  EXPECT_EQ(table.doubles("converged, % of windows"), (std::vector<double>{80.0, 80.0}));
}

// One model has validation months and another has none; one number is missing.
TEST(VariantTables, diagnostics_are_of_what_each_model_knows) {
  const double NaN = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> loss(T, NaN);
  loss[4] = 3.0, loss[9] = 1.0, loss[20] = 2.0;
  for (const bool first : {true, false}) {
    Outcomes outcomes{{outcome_of("one", "mlp", numbers(1)), outcome_of("two", "mlp", numbers(1))}, {}};
    for (ModelOutcome& model : outcomes.models) model.months.add("diagnostic training loss", loss);
    outcomes.models[first ? 0 : 1].months.add("diagnostic validation loss", std::vector<double>(T, 0.5));
    Summary summary;
    add_diagnostics(summary, outcomes);
    const Table& table = summary.tables.at(0).table;
    EXPECT_EQ(table.doubles("training loss, median"), (std::vector<double>{2.0, 2.0}));
    EXPECT_EQ(table.doubles("training loss, largest"), (std::vector<double>{3.0, 3.0}));
    EXPECT_EQ(table.doubles("validation loss, largest")[first ? 0 : 1], 0.5);
    EXPECT_TRUE(std::isnan(table.doubles("validation loss, largest")[first ? 1 : 0]));
  }
}

}  // namespace
}  // namespace loadstone
