// Equations (7) and (8) of the paper against least squares done by hand.
#include "loadstone/embeddings/valuation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

at::Tensor with_ones(const at::Tensor& X) { return at::cat({at::ones({X.size(0), 1}, at::kDouble), X}, 1); }
at::Tensor least_squares(const at::Tensor& X, const at::Tensor& y) {
  return std::get<0>(at::linalg_lstsq(with_ones(X), y.unsqueeze(1), 1e-12, "gelsd")).squeeze(1);
}
double variance(const at::Tensor& x) { return (x - x.mean()).square().mean().item<double>(); }

at::Tensor rows(const at::Tensor& of, const std::vector<int64_t>& index) {
  return of.index_select(0, at::tensor(index, at::kLong));
}

// A valuation that two of three numbers explain in part.
struct Sample {
  at::Tensor X = random_normal("X", {60, 3});
  at::Tensor m = X.select(1, 0) - 0.5 * X.select(1, 1) + random_normal("noise", {60});
};

TEST(Valuation, the_residual_is_of_log_market_on_log_book_equity) {
  const at::Tensor be = random_normal("be", {30}).exp(), me = be.sqrt() * random_normal("me", {30}).exp();
  const at::Tensor b = least_squares(be.log().unsqueeze(1), me.log());
  const at::Tensor expected = me.log() - with_ones(be.log().unsqueeze(1)).mv(b);
  EXPECT_LT((valuation_residual(me, be) - expected).abs().max().item<double>(), 1e-11);
}

TEST(Valuation, assets_without_equity_above_zero_take_no_part) {
  at::Tensor be = random_normal("be", {30}).exp(), me = random_normal("me", {30}).exp();
  const at::Tensor all = valuation_residual(me.slice(0, 5), be.slice(0, 5));
  me[0] = NaN, me[1] = 0.0, be[2] = -1.0, be[3] = NaN, be[4] = 0.0;
  const at::Tensor found = valuation_residual(me, be);
  EXPECT_TRUE(found.slice(0, 0, 5).isnan().all().item<bool>());
  EXPECT_TRUE(same_bits(found.slice(0, 5), all));
  EXPECT_TRUE(valuation_residual(me.slice(0, 0, 7), be.slice(0, 0, 7)).isnan().all().item<bool>());  // two assets left
}

TEST(Valuation, r2_is_of_the_regression_on_a_constant_and_the_vectors) {
  const Sample s;
  const at::Tensor error = s.m - with_ones(s.X).mv(least_squares(s.X, s.m));
  EXPECT_NEAR(valuation_r2(s.m, s.X), 1 - variance(error) / variance(s.m), 1e-12);
}

TEST(Valuation, r2_out_of_sample_takes_coefficients_of_the_others_and_passes_over_an_error_of_the_mean) {
  const Sample s;
  const std::vector<int64_t> test{3, 1, 59, 20, 21, 22, 40}, train = [&] {
    std::vector<int64_t> out;
    for (int64_t k = 0; k < 60; ++k)
      if (std::ranges::find(test, k) == test.end()) out.push_back(k);
    return out;
  }();
  const at::Tensor b = least_squares(rows(s.X, train), rows(s.m, train));
  const auto by_hand = [&](const at::Tensor& m) {
    return 1 - variance(rows(m, test) - with_ones(rows(s.X, test)).mv(b)) / variance(rows(m, test));
  };
  EXPECT_NEAR(valuation_r2_out_of_sample(s.m, s.X, train, test), by_hand(s.m), 1e-12);
  const at::Tensor shifted = s.m.clone();  // by 7 in the test assets alone
  for (const int64_t k : test) shifted[k] += 7.0;
  EXPECT_NEAR(valuation_r2_out_of_sample(shifted, s.X, train, test), by_hand(s.m), 1e-12);
}

TEST(Valuation, splits_are_permutations_fixed_by_seed_date_and_number) {
  std::vector<int64_t> order = shuffled(50, 1, quarter_end(0), 0);
  EXPECT_EQ(order, shuffled(50, 1, quarter_end(0), 0));
  for (const auto& other :
       {shuffled(50, 2, quarter_end(0), 0), shuffled(50, 1, quarter_end(1), 0), shuffled(50, 1, quarter_end(0), 1)})
    EXPECT_NE(order, other);
  std::ranges::sort(order);
  for (int64_t k = 0; k < 50; ++k) EXPECT_EQ(order[k], k);
  std::vector<double> first(5);  // every place is first equally often
  for (int64_t split = 0; split < 5000; ++split) first[shuffled(5, 1, quarter_end(0), split)[0]] += 1;
  for (const double times : first) EXPECT_NEAR(times, 1000, 4 * std::sqrt(1000 * 0.8));
}

// 40 assets with equity, of which every second has a vector; book equity of the last year.
class ValuationScores : public testing::Test {
 protected:
  void SetUp() override {
    data_ = empty_data(1, 40);
    add_quarter(data_, 0, {{0, 0, 1}});
    const Date q = quarter_end(0);
    data_.market_equity = {{{q.days - 30}, q, {q.days + 1}}, random_normal("me", {3, 40}).exp(), zeros(3)};
    data_.book_equity = {{{q.days - 459}, {q.days - 90}, {q.days + 1}}, random_normal("be", {3, 40}).exp(), zeros(3)};
    data_.market_equity.value[1][0] = NaN;                                     // a month ago it was known
    data_.book_equity.value[1][2] = NaN, data_.book_equity.value[1][4] = NaN;  // a year ago
    data_.book_equity.value[0][4] = NaN;                                       // not even then
    me_ = data_.market_equity.value[1].clone(), be_ = data_.book_equity.value[1].clone();
    me_[0] = data_.market_equity.value[0][0], be_[2] = data_.book_equity.value[0][2];
    for (int32_t a = 0; a < 40; a += 2) fit_.assets.push_back(a);
    fit_.quarter = q;
    fit_.X = random_normal("vectors", {20, 3});
  }
  static at::Tensor zeros(int64_t T) { return at::zeros({T, 40}, at::kInt); }
  std::vector<Score> scores(int splits = 7, double test_share = 0.2) {
    config_.splits = splits, config_.test_share = test_share;
    return valuation_scores({data_, sample_, config_, 5}, {fit_});
  }
  EmbeddingsData data_;
  SampleConfig sample_;
  BenchmarkConfig config_;
  QuarterVectors fit_;
  at::Tensor me_, be_;
};

TEST_F(ValuationScores, are_of_the_newest_equity_at_the_quarters_end) {
  const Valued valued = valued_assets(data_, fit_);
  const at::Tensor expected = valuation_residual(me_, be_);
  ASSERT_EQ(valued.rows.size(), 19U);  // A104 has no book equity
  for (size_t k = 0; k < valued.rows.size(); ++k) {
    EXPECT_EQ(valued.m[static_cast<int64_t>(k)].item<double>(), expected[2 * valued.rows[k]].item<double>());
    EXPECT_TRUE(valued.X[static_cast<int64_t>(k)].equal(fit_.X[valued.rows[k]]));
  }
}

TEST_F(ValuationScores, in_sample_and_over_random_splits) {
  const Valued valued = valued_assets(data_, fit_);
  const auto found = scores();
  ASSERT_EQ(found.size(), 3U);
  const double r2 = valuation_r2(valued.m, valued.X);
  EXPECT_EQ(found[0].value, r2);
  EXPECT_NEAR(found[1].value, 1 - (1 - r2) * 18 / 15, 1e-12);
  std::vector<double> r2s;
  for (int split = 0; split < 7; ++split) {
    const std::vector<int64_t> order = shuffled(19, 5, fit_.quarter, split);  // 4 of 19 are kept for the test
    r2s.push_back(valuation_r2_out_of_sample(valued.m, valued.X, {order.begin() + 4, order.end()},
                                             {order.begin(), order.begin() + 4}));
  }
  EXPECT_NEAR(found[2].value, mean_error(r2s).mean, 1e-14);
  EXPECT_NEAR(found[2].error, error_over_splits(r2s, 4.0 / 19).error, 1e-14);
  EXPECT_EQ(found[2].sample, "out of sample");
}

TEST_F(ValuationScores, columns_that_depend_on_others_do_not_lower_the_adjusted_r2) {
  const double adjusted = scores()[1].value;
  fit_.X = at::cat({fit_.X, fit_.X.sum(1, true), at::zeros({20, 1}, at::kDouble)}, 1);
  EXPECT_NEAR(scores()[1].value, adjusted, 1e-12);
}

TEST_F(ValuationScores, too_few_assets_give_none) {
  EXPECT_THAT(scores(7, 0.8), IsEmpty());  // 4 assets for 4 coefficients
  EXPECT_EQ(scores(7, 0.75).size(), 3U);
  data_.book_equity.value.fill_(NaN);
  EXPECT_THAT(scores(), IsEmpty());
}

TEST_F(ValuationScores, need_book_equity) {
  EXPECT_EQ(valuation_why_not(data_), "");
  data_.book_equity = {};
  EXPECT_THAT(valuation_why_not(data_), HasSubstr("[data.book_equity]"));
}

}  // namespace
}  // namespace loadstone
