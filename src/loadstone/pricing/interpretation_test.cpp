// Heads and the parts of the weights against the D^2 d coefficients, built and split by brute force; recovery of a
// planted head.
#include "loadstone/pricing/interpretation.h"

#include <ATen/ops/linalg_svd.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadstone/pricing/test_months.h"
#include "loadstone/pricing/transformer.h"

namespace loadstone {
namespace {

using namespace testing_months;

constexpr int64_t T = 9, D = 4, d = 3;

struct Fitted {
  std::vector<Month> months = make_months(31, T, D, d);
  DualTransformer model;
  const Month& now = months.back();
  at::Tensor lambda;  // (D, D, d): the coefficients themselves
  Fitted() {
    TransformerConfig config;
    config.selection = "fixed";
    config.penalty = 1e-3;
    const auto forecast = Transformer(config, T).predict(history_of(months).as_of(month_end(T)));
    model = dynamic_cast<const TransformerForecast&>(*forecast).model();
    lambda = at::zeros({D, D, d}, at::kDouble);
    for (int64_t t = 0; t < T; ++t)
      lambda += model.c[t] * model.F[t].view({D, 1, 1}) * model.Xi[t].to(at::kDouble).unsqueeze(0);
  }
  at::Tensor X() const { return now.X.to(at::kDouble); }
  at::Tensor Z() const { return now.Z.to(at::kDouble); }
  double N() const { return static_cast<double>(now.X.size(0)); }
};

TEST(Interpretation, finds_the_singular_heads_of_the_coefficients) {
  const Fitted fit;
  const HeadVectors heads = head_vectors(fit.model, d);
  const auto [U, sigma, Vh] = at::linalg_svd(fit.lambda.view({D * D, d}), false);
  at::Tensor rebuilt = at::zeros({D, D, d}, at::kDouble);
  for (int64_t h = 0; h < d; ++h) {
    const at::Tensor lambda_h = heads.lambda.select(1, h), W = head_matrix(fit.model, lambda_h);
    EXPECT_NEAR(heads.singular_values[h].item<double>(), sigma[h].item<double>(), 1e-8 * sigma[0].item<double>());
    EXPECT_NEAR(std::abs(lambda_h.dot(Vh[h]).item<double>()), 1.0, 1e-8);
    EXPECT_EQ(lambda_h.max().item<double>(), lambda_h.abs().max().item<double>());
    EXPECT_NEAR(W.norm().item<double>(), sigma[h].item<double>(), 1e-8 * sigma[0].item<double>());
    rebuilt += W.unsqueeze(2) * lambda_h;
  }
  EXPECT_LT(largest(rebuilt - fit.lambda), 1e-9 * largest(fit.lambda));
}

// Weights of each head by its attention matrix A_h = X W_h X' / N, and their parts.
TEST(Interpretation, splits_weights_into_heads_and_into_parts_that_add_up) {
  const Fitted fit;
  const HeadVectors heads = head_vectors(fit.model, d);
  const at::Tensor Xi = fit.now.moments.Xi, X = fit.X(), Z = fit.Z();
  const at::Tensor by_head = head_loadings(fit.model, Xi, heads.lambda);
  at::Tensor symmetric = at::zeros({X.size(0)}, at::kDouble), antisymmetric = symmetric.clone(),
             own = symmetric.clone();
  for (int64_t h = 0; h < d; ++h) {
    const at::Tensor A = X.mm(head_matrix(fit.model, heads.lambda.select(1, h))).mm(X.t()) / fit.N();
    const at::Tensor values = Z.mv(heads.lambda.select(1, h));
    // Xi is kept in single precision, the attention here is not: 1e-6.
    EXPECT_LT(largest(X.mv(by_head[h]) - A.mv(values)), 1e-5 * largest(A.mv(values)));
    symmetric += 0.5 * (A + A.t()).mv(values);
    antisymmetric += 0.5 * (A - A.t()).mv(values);
    own += A.diagonal() * values;
  }
  const at::Tensor b = loadings(fit.model, Xi);
  const SymmetryParts parts = symmetry_parts(fit.model, Xi);
  EXPECT_LT(largest(X.mv(parts.symmetric) - symmetric), 1e-5 * largest(symmetric));
  EXPECT_LT(largest(X.mv(parts.antisymmetric) - antisymmetric), 1e-5 * largest(antisymmetric));
  EXPECT_LT(largest(own_asset_weights(fit.model, fit.now.X, fit.now.Z) - own), 1e-6 * largest(own));
  EXPECT_LT(largest(parts.symmetric + parts.antisymmetric - b), 1e-14 * largest(b));
  EXPECT_LT(largest(by_head.sum(0) - b), 1e-12 * largest(by_head));
  const at::Tensor shares = weight_variance_shares(by_head, fit.now.X);
  EXPECT_NEAR(shares.sum().item<double>(), 1.0, 1e-12);
  const at::Tensor w = X.mv(b), w0 = X.mv(by_head[0]);
  const double covariance = ((w0 - w0.mean()) * (w - w.mean())).sum().item<double>();
  EXPECT_NEAR(shares[0].item<double>(), covariance / (w - w.mean()).square().sum().item<double>(), 1e-10);
}

// Coefficients of a small penalty alternate in sign: what single precision loses must not grow with them.
TEST(Interpretation, own_asset_weights_are_exact_enough_in_single_precision) {
  constexpr int64_t window = 60, features = 24;
  std::vector<Month> months = make_months(33, window, features, features, true);
  for (const double z : {1e-10, 1e-4, 1e2}) {
    TransformerConfig config;
    config.selection = "fixed";
    config.penalties = {config.penalty = z};
    const auto forecast = Transformer(config, window).predict(history_of(months).as_of(month_end(window)));
    const DualTransformer model = dynamic_cast<const TransformerForecast&>(*forecast).model();
    const at::Tensor X = months.back().X.to(at::kDouble), Xi = model.Xi.to(at::kDouble);
    at::Tensor own = at::zeros({X.size(0)}, at::kDouble);
    for (int64_t i = 0; i < X.size(0); ++i)
      for (int64_t t = 0; t < window; ++t)
        own[i] += model.c[t] * model.F[t].dot(X[i]) * X[i].dot(Xi[t].mv(X[i])) / static_cast<double>(X.size(0));
    EXPECT_LT(largest(own_asset_weights(model, months.back().X, months.back().Z) - own), 1e-6 * largest(own)) << z;
  }
}

// In the scale of the month's portfolio, which factor_scale sets.
TEST(Interpretation, variants_add_up_to_the_portfolio) {
  const Fitted fit;
  for (const char* scale : {"sum", "mean"}) {
    TransformerConfig config;
    config.factor_scale = scale;
    config.own_asset = true;
    const auto forecast = Transformer(config, T).predict(history_of(fit.months).as_of(month_end(T)));
    const auto variants = forecast->variants([&] { return MonthFeatures{fit.now.X, fit.now.Z}; });
    ASSERT_EQ(variants.size(), 4U);
    EXPECT_EQ(variants[0].name + " " + variants[1].name, "antisymmetric symmetric");
    EXPECT_EQ(variants[2].name + " " + variants[3].name, "own-asset cross-asset");
    const at::Tensor b = forecast->loadings;
    EXPECT_LT(largest(variants[0].loadings + variants[1].loadings - b), 1e-12 * largest(b)) << scale;
    const at::Tensor own = variants[2].weights;
    const at::Tensor rest = fit.X().mv(variants[3].loadings) + variants[3].weights;
    EXPECT_LT(largest(own + rest - fit.X().mv(b)), 1e-12 * largest(rest)) << scale;
    const DualTransformer model = dynamic_cast<const TransformerForecast&>(*forecast).model();
    const double factor = std::string(scale) == "sum" ? 1.0 : 1.0 / fit.N();
    EXPECT_LT(largest(own - factor * own_asset_weights(model, fit.now.X, fit.now.Z)), 1e-12 * largest(own)) << scale;
    const SymmetryParts parts = symmetry_parts(model, fit.now.moments.Xi);
    EXPECT_LT(largest(variants[0].loadings - factor * parts.antisymmetric), 1e-12 * largest(b)) << scale;
    EXPECT_LT(largest(variants[1].loadings - factor * parts.symmetric), 1e-12 * largest(b)) << scale;
  }
  const auto plain = Transformer({}, T).predict(history_of(fit.months).as_of(month_end(T)));
  EXPECT_EQ(plain->variants([]() -> MonthFeatures { throw std::logic_error("not needed"); }).size(), 2U);
}

TEST(Interpretation, maps_the_similarity_of_months) {
  const Fitted fit;
  const at::Tensor map = timing_attention(fit.model);
  for (int64_t t = 0; t < T; ++t)
    for (int64_t s = 0; s < T; ++s) {
      const auto xi = [&](int64_t i) { return fit.months[static_cast<size_t>(i)].moments.Xi.to(at::kDouble); };
      EXPECT_NEAR(map[t][s].item<double>(), (xi(t) * xi(s)).sum().item<double>(), 1e-12);
    }
}

TEST(Interpretation, names_the_largest_entries) {
  std::vector<double> values{0.1, -3.0, 2.0, 0.5, 2.0, 0.0};
  const at::Tensor W = at::from_blob(values.data(), {2, 3}, at::kDouble);
  const std::vector<std::string> rows{"size", "value"}, columns{"a", "b", "c"};
  const auto entries = largest_entries(W, rows, columns, 3);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].row + "/" + entries[0].column, "size/b");
  EXPECT_EQ(entries[0].value, -3.0);
  EXPECT_EQ(entries[1].row + "/" + entries[1].column, "size/c");  // a tie keeps the order of the entries
  EXPECT_EQ(entries[2].row + "/" + entries[2].column, "value/b");
  EXPECT_EQ(largest_entries(W[0], columns, {}, 10).size(), 3U);
}

// Returns whose SDF has one head with a non-symmetric W: w = X W X' Z lambda / N earns 1 + noise, and all else is noise
// orthogonal to it.
TEST(Interpretation, recovers_a_planted_head) {
  constexpr int64_t months_count = 400, N = 30;
  const at::Tensor W = normal(41, "W", {D, D}), lambda = normal(41, "lambda", {d});
  std::vector<Month> months;
  for (int64_t t = 0; t <= months_count; ++t) {
    const std::string key = "planted " + std::to_string(t);
    const at::Tensor X = normal(41, key + " X", {N, D}), Z = normal(41, key + " Z", {N, d});
    const at::Tensor w = X.mm(W).mm(X.t()).mv(Z.mv(lambda)) / static_cast<double>(N);
    const at::Tensor noise = normal(41, key + " noise", {N}) * 0.05;
    const double earned = 1.0 + 0.3 * normal(41, key + " earned", {1}).item<double>();
    const at::Tensor R = noise + w * ((earned - w.dot(noise).item<double>()) / w.dot(w).item<double>());
    months.push_back(make_month(t, X.to(at::kFloat), Z.to(at::kFloat), R.to(at::kFloat)));
  }
  const auto forecast = Transformer({}, months_count).predict(history_of(months).as_of(month_end(months_count)));
  const DualTransformer& model = dynamic_cast<const TransformerForecast&>(*forecast).model();
  const HeadVectors heads = head_vectors(model, 1);
  const at::Tensor estimated = head_matrix(model, heads.lambda.select(1, 0));
  const auto alike = [](const at::Tensor& a, const at::Tensor& b) {
    return std::abs((a * b).sum().item<double>()) / (a.norm() * b.norm()).item<double>();
  };
  EXPECT_GT(alike(estimated, W), 0.98);
  EXPECT_GT(alike(heads.lambda.select(1, 0), lambda), 0.98);
  EXPECT_LT(alike(estimated, W.t()), 0.9);  // the transpose is another model
  EXPECT_GT((heads.singular_values[0].square() / heads.singular_values.square().sum()).item<double>(), 0.9);
}

}  // namespace
}  // namespace loadstone
