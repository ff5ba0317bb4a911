#include "loadstone/evaluation/alpha.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mean.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "loadstone/evaluation/sharpe.h"
#include "loadstone/evaluation/test_series.h"

namespace loadstone {
namespace {

// Rolling 60-month tangency portfolio E[FF']^-1 E[F] of the factors in a file `date,RF,factor...`.
ReturnSeries rolling_tangency(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in(file);
  std::string line, cell;
  std::getline(in, line);
  std::vector<Date> date;
  std::vector<double> values;
  int64_t K = 0;
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::getline(cells, cell, ',');
    date.push_back(Date::parse(cell));
    std::getline(cells, cell, ',');  // RF
    for (K = 0; std::getline(cells, cell, ','); ++K) values.push_back(std::stod(cell));
  }
  const at::Tensor F = at::from_blob(values.data(), {static_cast<int64_t>(date.size()), K}, at::kDouble);
  ReturnSeries series{name, {}, {}};
  for (int64_t t = 60; t < F.size(0); ++t) {
    const at::Tensor window = F.narrow(0, t - 60, 60);
    const at::Tensor w = at::linalg_solve(window.t().matmul(window).div(60), window.mean(0));
    series.date.push_back(date[t]);
    series.value.push_back(F[t].matmul(w).item<double>());
  }
  return series;
}

// Public factors, against pandas and statsmodels on the same files (y = x / x.std() * 0.15 / 12**0.5 over 474 months;
// OLS(y.q5, add_constant(y.FF6)).fit(), HAC with maxlags=5, use_correction=False), and table 2 of seed 002, which
// prints 1.5 (8.8), 0.1 (0.7) and a correlation of 0.56.
TEST(Alpha, of_public_factor_models_agrees_with_statsmodels) {
  const auto folder = shared_factors();
  if (folder.empty()) GTEST_SKIP() << "no FF6.monthly.csv: set LOADSTONE_SHARED to the folder that holds data/factors";
  const std::vector models{rolling_tangency(folder / "FF6.monthly.csv", "FF6"),
                           rolling_tangency(folder / "Q5.monthly.csv", "q5")};
  EXPECT_NEAR(performance(models[0], 12).sharpe.value, 1.0126555719865458, 1e-9);
  EXPECT_NEAR(performance(models[1], 12).sharpe.value, 1.8637089039924402, 1e-9);
  const Sample sample{"1977-07..2016-12", Date::parse("1977-07-01"), Date::parse("2016-12-31")};
  const auto returns = align_at_volatility(models, sample, {0.15, 0}, 12);
  const auto alphas = pairwise_alphas(returns, 12, -1);
  ASSERT_EQ(alphas.size(), 2U);
  EXPECT_EQ(alphas[0].model, "q5");
  EXPECT_EQ(alphas[0].on, "FF6");
  EXPECT_EQ(alphas[0].months, 474);
  EXPECT_EQ(alphas[0].lag, 5);
  EXPECT_NEAR(alphas[0].monthly_percent, 1.4674626619044802, 1e-8);
  EXPECT_NEAR(alphas[0].annual_percent, 12 * 1.4674626619044802, 1e-7);
  EXPECT_NEAR(alphas[0].t_ols, 8.422471225718251, 1e-7);
  EXPECT_NEAR(alphas[0].t_newey_west, 8.009253057595858, 1e-7);
  EXPECT_NEAR(alphas[1].monthly_percent, 0.1462404371924156, 1e-8);
  EXPECT_NEAR(alphas[1].t_ols, 0.7831009846898213, 1e-7);
  EXPECT_NEAR(alphas[1].t_newey_west, 0.6473552455973459, 1e-7);
  EXPECT_NEAR(alphas[1].r2, 0.3044110411416514, 1e-9);
  EXPECT_NEAR(correlations(models, sample)[1].value, 0.5517345749014205, 1e-9);
}

// The regression of newey_west_test.cpp: model 0 on the other two jointly.
TEST(Alpha, on_all_others_jointly) {
  const auto alphas = pairwise_alphas(align(sine_models()), 12, 4);
  ASSERT_EQ(alphas.size(), 9U);
  const Alpha& joint = alphas[6];
  EXPECT_EQ(joint.model, "model 0");
  EXPECT_EQ(joint.on, "others");
  EXPECT_NEAR(joint.monthly_percent, 0.53377, 5e-7);
  EXPECT_NEAR(joint.t_ols, 0.0053377 / 0.00176641, 2e-5);
  EXPECT_NEAR(joint.t_newey_west, 0.0053377 / 0.00107281, 5e-5);
  EXPECT_NEAR(joint.beta[1], -0.1740292, 5e-9);
}

// Each model in turn is made of the other two and 1 % a month.
TEST(Alpha, of_what_the_others_span_is_what_was_added) {
  for (size_t made = 0; made < 3; ++made) {
    auto models = sine_models();
    const size_t a = (made + 1) % 3, b = (made + 2) % 3;
    for (size_t t = 0; t < 120; ++t) models[made].value[t] = 0.01 + 2.0 * models[a].value[t] - 0.5 * models[b].value[t];
    EXPECT_NEAR(pairwise_alphas(align(models), 12, 0)[6 + made].monthly_percent, 1.0, 1e-10);
  }
}

TEST(Correlation, is_taken_over_the_months_of_each_pair) {
  auto models = sine_models();
  models[2] = restrict_to(models[2], {"late", models[2].date[118]});
  models[1] = restrict_to(models[1], {"late", models[1].date[20]});
  const auto matrix = correlations(models, full_sample());
  ASSERT_EQ(matrix.size(), 9U);
  EXPECT_EQ(matrix[1].months, 100);
  EXPECT_EQ(matrix[1].value, matrix[3].value);
  EXPECT_EQ(matrix[4].value, 1.0);
  EXPECT_TRUE(std::isnan(matrix[2].value));
  // numpy.corrcoef(x[20:, 0], x[20:, 1])[0, 1]
  EXPECT_NEAR(matrix[1].value, 0.07571700291214015, 1e-12);
}

}  // namespace
}  // namespace loadstone
