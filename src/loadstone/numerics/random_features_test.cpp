#include "loadstone/numerics/random_features.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"

namespace loadstone {
namespace {

at::Tensor normals(at::IntArrayRef shape, std::string_view purpose) {
  at::Tensor out = at::empty(shape, at::kFloat);
  Stream(7, purpose).fill_normal(std::span(out.data_ptr<float>(), static_cast<size_t>(out.numel())));
  return out;
}

// The features in double, by a plain loop over the definition.
at::Tensor plain_features(const at::Tensor& X, const at::Tensor& Gamma, Activation activation) {
  const auto x = X.accessor<float, 2>();
  const auto gamma = Gamma.accessor<float, 2>();
  const int64_t N = X.size(0), D = X.size(1), K = Gamma.size(1);
  at::Tensor S = at::empty({N, activation == Activation::relu ? K : 2 * K}, at::kDouble);
  auto s = S.accessor<double, 2>();
  for (int64_t i = 0; i < N; ++i)
    for (int64_t k = 0; k < K; ++k) {
      double product = 0.0;
      for (int64_t d = 0; d < D; ++d) product += static_cast<double>(x[i][d]) * static_cast<double>(gamma[d][k]);
      s[i][k] = activation == Activation::relu ? std::max(0.0, product) : std::sin(product);
      if (activation == Activation::sincos) s[i][K + k] = std::cos(product);
    }
  return S;
}

double relative_error(const at::Tensor& ours, const at::Tensor& exact) {
  return ours.to(at::kDouble).sub(exact).norm().item<double>() / exact.norm().item<double>();
}

struct Case {
  SimdLevel level;
  Activation activation;
};

class RandomFeaturesPass : public testing::TestWithParam<Case> {};

// 1,037 rows and 1,777 weight vectors fill no tile, panel or block evenly.
TEST_P(RandomFeaturesPass, equals_the_definition_in_double) {
  const auto [level, activation] = GetParam();
  const at::Tensor X = normals({1037, 29}, "X").mul(0.3), r = normals({1037}, "r").mul(0.1);
  const RandomFeatures model(normals({29, 1777}, "Gamma"), activation, level);
  const at::Tensor beta = normals({model.P(), 3}, "beta");
  const auto pass = model.pass(X, r, beta, 2);
  const at::Tensor S = plain_features(X, model.Gamma(), activation);
  EXPECT_LT(relative_error(model.features(X), S), 3e-7);
  EXPECT_LT(relative_error(pass.F, at::matmul(S.t(), r.to(at::kDouble))), 1e-6);
  EXPECT_LT(relative_error(pass.w, at::matmul(S, beta.to(at::kDouble))), 1e-6);
}

TEST_P(RandomFeaturesPass, gives_the_same_bits_for_any_number_of_threads) {
  const auto [level, activation] = GetParam();
  const at::Tensor X = normals({211, 17}, "X"), r = normals({211}, "r");
  const RandomFeatures model(normals({17, 5000}, "Gamma"), activation, level);
  const at::Tensor beta = normals({model.P(), 1}, "beta");
  const auto one = model.pass(X, r, beta, 1);
  const auto four = model.pass(X, r, beta, 4);
  EXPECT_TRUE(at::equal(one.F, four.F));
  EXPECT_TRUE(at::equal(one.w, four.w));
}

TEST_P(RandomFeaturesPass, does_not_depend_on_what_else_is_asked) {
  const auto [level, activation] = GetParam();
  const at::Tensor X = normals({40, 5}, "X"), r = normals({40}, "r");
  const RandomFeatures model(normals({5, 100}, "Gamma"), activation, level);
  const at::Tensor beta = normals({model.P(), 4}, "beta");
  const auto both = model.pass(X, r, beta, 1);
  const auto only_F = model.pass(X, r, {}, 1);
  const auto only_w = model.pass(X, {}, beta.narrow(1, 2, 1), 1);
  EXPECT_TRUE(at::equal(both.F, only_F.F));
  EXPECT_TRUE(at::equal(both.w.narrow(1, 2, 1), only_w.w));
  EXPECT_FALSE(only_F.w.defined());
  EXPECT_FALSE(only_w.F.defined());
}

TEST_P(RandomFeaturesPass, sine_and_cosine_are_exact_to_a_millionth) {
  const auto& kernel = feature_kernel(GetParam().level);
  std::vector<float> angle, sine, cosine;
  for (int i = -400'000; i <= 400'000; ++i) angle.push_back(static_cast<float>(i) * 1.25e-2F);  // to +-5000
  for (int i = -1000; i <= 1000; ++i) angle.push_back(static_cast<float>(i * (std::acos(-1.0) / 4)));
  sine.resize(angle.size()), cosine.resize(angle.size());
  kernel.sincos_of(angle.data(), static_cast<int64_t>(angle.size()), sine.data(), cosine.data());
  double worst = 0.0;
  for (size_t i = 0; i < angle.size(); ++i) {
    const auto x = static_cast<double>(angle[i]);
    worst = std::max({worst, std::abs(static_cast<double>(sine[i]) - std::sin(x)),
                      std::abs(static_cast<double>(cosine[i]) - std::cos(x))});
  }
  EXPECT_LT(worst, 2e-7);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const SimdLevel level : simd_levels())
    for (const Activation activation : {Activation::relu, Activation::sincos}) all.push_back({level, activation});
  return all;
}
INSTANTIATE_TEST_SUITE_P(levels, RandomFeaturesPass, testing::ValuesIn(cases()), [](const auto& instance) {
  return std::string(name(instance.param.level)) +
         (instance.param.activation == Activation::relu ? "_relu" : "_sincos");
});

TEST(RandomFeatures, weights_follow_their_law) {
  const RandomFeatures model({.features = 6000, .activation = "sincos", .bandwidths = {0.5, 2.0}}, 20, 3);
  EXPECT_EQ(model.P(), 6000);
  const at::Tensor Gamma = model.Gamma().to(at::kDouble);
  ASSERT_EQ(Gamma.size(1), 3000);
  for (int64_t k : {0, 1}) {  // 30,000 numbers: standard error of the mean 0.006 b, of the deviation 0.004 b
    const at::Tensor part = Gamma.slice(1, k, 3000, 2);
    const double b = k == 0 ? 0.5 : 2.0;
    EXPECT_NEAR(part.mean().item<double>(), 0.0, 0.024 * b);
    EXPECT_NEAR(part.std().item<double>(), b, 0.016 * b);
  }
}

TEST(RandomFeatures, fewer_features_are_the_first_of_more) {
  const RandomFeatures many({.features = 300}, 10, 5), few({.features = 100}, 10, 5), other({.features = 100}, 10, 6);
  EXPECT_TRUE(at::equal(few.Gamma(), many.Gamma().narrow(1, 0, 100)));
  EXPECT_FALSE(at::equal(few.Gamma(), other.Gamma()));
}

TEST(RandomFeatures, refuse_what_they_cannot_do) {
  EXPECT_THROW(RandomFeatures({.features = 7, .activation = "sincos"}, 3, 1), Error);
  const RandomFeatures model({.features = 8}, 3, 1);
  EXPECT_THROW(model.pass(normals({5, 4}, "X"), {}, {}, 1), std::invalid_argument);
  EXPECT_THROW(model.pass(normals({5, 3}, "X"), normals({4}, "r"), {}, 1), std::invalid_argument);
  EXPECT_THROW(model.pass(normals({5, 3}, "X"), normals({5}, "r").div(0.0), {}, 1), std::invalid_argument);
  EXPECT_THROW(model.pass(normals({5, 3}, "X"), {}, normals({8, 5}, "beta"), 1), std::invalid_argument);
}

}  // namespace
}  // namespace loadstone
