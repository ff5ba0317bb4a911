#include "loadstone/embeddings/new_firm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;
constexpr int quarters = 12, assets = 150;

TEST(NewFirm, coefficients_through_vectors_are_those_of_the_fitted_vector) {
  const at::Tensor Xo = normal("Xo", {20, 4}), of_vectors = normal("G", {5, 3}), of_outcome = normal("b", {4});
  EXPECT_LT((fitted(through_vectors(of_vectors, of_outcome), Xo) - fitted(of_outcome, fitted(of_vectors, Xo)))
                .abs()
                .max()
                .item<double>(),
            1e-12);
}

// Five quarters: Newey-West with one lag, which on average has 1 - (1 + 4/5) / 5 of the squared error.
TEST(NewFirm, precision_of_means_over_quarters) {
  const at::Tensor direct = normal("direct", {5, 2}), through = normal("through", {5, 2});
  const auto error = [](const at::Tensor& x) {
    const at::Tensor e = x - x.mean();
    return std::sqrt((e.dot(e) + e.slice(0, 1).dot(e.slice(0, 0, 4))).item<double>() / (1 - 1.8 / 5)) / 5;
  };
  double ratio = 0, difference = 0;
  for (int64_t c = 0; c < 2; ++c) {
    const at::Tensor d = direct.select(1, c), t = through.select(1, c);
    ratio += error(t) / error(d) / 2;
    difference += std::pow((t.mean() - d.mean()).item<double>() / error(d), 2) / 2;
  }
  const Precision found = precision(direct, through, 0);
  EXPECT_NEAR(found.error_ratio, ratio, 1e-12);
  EXPECT_NEAR(found.difference, difference, 1e-12);
  EXPECT_EQ(precision(direct, through, 1).difference, found.difference);
  EXPECT_NE(precision(direct, through, 2).difference, found.difference);
  EXPECT_TRUE(std::isnan(precision(direct.slice(0, 0, 2), through.slice(0, 0, 2), 0).error_ratio));
}

TEST(NewFirm, folds_do_not_change_with_other_names) {
  std::vector<std::string> some, all;
  for (int a = 0; a < 1000; ++a) {
    all.push_back(fmt::format("a{:03}", a));
    if (a % 3 == 1) some.push_back(all.back());
  }
  const std::vector<int64_t> of_some = folds_of_firms(some, 7), of_all = folds_of_firms(all, 7);
  for (size_t i = 0; i < some.size(); ++i) EXPECT_EQ(of_some[i], of_all[3 * i + 1]);
  for (int64_t f = 0; f < 5; ++f) EXPECT_NEAR(static_cast<double>(std::ranges::count(of_all, f)), 200, 50);
  EXPECT_NE(folds_of_firms(all, 8), of_all);
}

// x = (two numbers that four of six characteristics reveal with noise); m and returns follow x.
std::vector<Score> scores_of(bool vectors_are_characteristics, const std::string& name) {
  EmbeddingsData data = held(quarters, 2, assets, [](int, int, int) { return 1.0; });
  const at::Tensor X = normal("X", {assets, 2}), b = normal("book", {quarters, assets});
  const at::Tensor Xo = at::cat(
      {X + 0.7 * normal("one", {assets, 2}), X + 0.7 * normal("other", {assets, 2}), normal("none", {assets, 2})}, 1);
  add_panel(data, std::filesystem::temp_directory_path() / name, quarters, Xo);
  data.book_equity = quarterly(at::exp(b), 30);
  data.market_equity = quarterly(at::exp(b + X.select(1, 0) + 0.3 * normal("m", {quarters, assets})), 0);
  data.returns = monthly(0.03 * X.select(1, 1) + 0.1 * normal("returns", {3 * quarters, assets}));
  std::vector<QuarterVectors> fits;
  for (int q = 0; q < quarters; ++q)
    fits.push_back(vectors(q, vectors_are_characteristics ? Xo.to(at::kFloat).to(at::kDouble) : X));
  const SampleConfig sample = whole_sample();
  return new_firm_scores({data, sample, BenchmarkConfig{}, 7}, fits);
}

double mean(const std::vector<double>& of) { return mean_error(of).mean; }

TEST(NewFirm, is_worth_what_its_characteristics_say_of_its_vector) {
  const std::vector<Score> scores = scores_of(false, "loadstone_new_firm_1");
  EXPECT_EQ(values(scores, "vector", "R2").size(), static_cast<size_t>(quarters));
  EXPECT_NEAR(mean(values(scores, "vector", "R2")), 1 / (1 + 0.49 / 2), 0.06);
  const double through = mean(values(scores, "valuation", "R2 through vectors")),
               direct = mean(values(scores, "valuation", "R2 directly")),
               own = mean(values(scores, "valuation", "R2 of its own vector"));
  EXPECT_GT(own, 0.85);
  EXPECT_GT(through, direct);
  EXPECT_GT(own, through);
  EXPECT_NEAR(through, 0.8 / 1.09, 0.06);
  EXPECT_GT(mean(values(scores, "premia", "rank correlation through vectors")),
            mean(values(scores, "premia", "rank correlation directly")));
  EXPECT_LT(values(scores, "precision", "standard error ratio")[0], 0.8);
  EXPECT_TRUE(values(scores, "premia", "error directly").empty());  // nobody knows the truth
}

// Vectors that are the characteristics: both ways are one.
TEST(NewFirm, through_the_characteristics_themselves_is_direct) {
  const std::vector<Score> scores = scores_of(true, "loadstone_new_firm_2");
  EXPECT_NEAR(mean(values(scores, "vector", "R2")), 1.0, 1e-10);
  const std::vector<double> through = values(scores, "valuation", "R2 through vectors"),
                            direct = values(scores, "valuation", "R2 directly");
  for (size_t i = 0; i < through.size(); ++i) EXPECT_NEAR(through[i], direct[i], 1e-10);
  EXPECT_NEAR(values(scores, "precision", "standard error ratio")[0], 1.0, 1e-9);
  EXPECT_NEAR(values(scores, "precision", "squared difference over squared error")[0], 0.0, 1e-9);
  EXPECT_NE(new_firm_why_not(held(1, 2, 2, [](int, int, int) { return 1.0; })), "");
}

}  // namespace
}  // namespace loadstone
