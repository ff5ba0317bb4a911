#include "loadstone/embeddings/semiparametric.h"

#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/core/error.h"
#include "loadstone/core/parallel.h"
#include "loadstone/embeddings/descend.h"
#include "loadstone/embeddings/semiparametric_descent.h"
#include "loadstone/embeddings/standardised.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using namespace testing_cells;

const bool single_threaded_libraries = (use_single_threaded_libraries(), true);  // as in the program

SemiparametricConfig tight(int K, int observed, double ridge) {
  return {.K = K, .observed = observed, .ridge = ridge, .starts = 2, .tolerance = 1e-9, .sweeps = 5000};
}

// Cells of x_a = (G c_a, hidden_a), with effects and errors of standard deviation `noise`.
struct Economy {
  at::Tensor C, G, hidden;  // (A, O), (O*, O), (A, K)
  Cells cells;
};
Economy economy(int64_t R, int64_t A, int64_t O, int64_t observed, int64_t K, double noise) {
  Economy out{normal("characteristics", {A, O}), normal("G", {observed, O}), normal("hidden", {A, K}), {}};
  const at::Tensor X = at::cat({out.C.mm(out.G.t()), out.hidden}, 1);
  out.cells = seen(normal("row effect", {R, 1}) + true_effects(A) + true_rows(R, observed + K).mm(X.t()) +
                       noise * normal("error", {R, A}),
                   0.5);
  return out;
}

// The objective of the header in plain loops, and its gradient; unknowns: G, x~, Lambda, asset and row effects.
class WrittenOut {
 public:
  WrittenOut(const Cells& cells, const at::Tensor& C, int observed, int K, double ridge)
      : cells_(cells), C_(standardised(C, at::ones({C.size(0), 1}, at::kDouble))), O_(observed), K_(K), ridge_(ridge) {
    const at::Tensor v = at::tensor(cells.value, at::kDouble);
    mean_ = v.mean().item<double>(), scale_ = v.std(false).item<double>();
  }
  int64_t size() const { return O_ * N() + A() * K_ + R() * (O_ + K_) + A() + R(); }

  double operator()(const std::vector<double>& at, std::vector<double>* gradient) const {
    const double *G = at.data(), *x = G + O_ * N(), *l = x + A() * K_, *asset = l + R() * (O_ + K_), *row = asset + A();
    const double n = static_cast<double>(cells_.value.size());
    double sum = 0;
    std::vector<double> g(at.size());
    const auto penalise = [&](const double* from, const double* to, double weight) {
      for (; from < to; ++from) sum += weight * *from * *from, g[from - G] += 2 * weight * *from;
    };
    penalise(G, x, ridge_ / n * static_cast<double>(A()));
    penalise(x, asset, ridge_ / n);
    for_each(cells_, [&](size_t r, int32_t a, double v) {
      const double *c = C_.const_data_ptr<double>() + a * N(), *lr = l + r * (O_ + K_), *xa = x + a * K_;
      double error = (v - mean_) / scale_ - row[r] - asset[a];
      std::vector<double> y(O_);
      for (int64_t o = 0; o < O_; ++o)
        for (int64_t j = 0; j < N(); ++j) y[o] += G[o * N() + j] * c[j];
      for (int64_t o = 0; o < O_; ++o) error -= lr[o] * y[o];
      for (int64_t k = 0; k < K_; ++k) error -= lr[O_ + k] * xa[k];
      sum += error * error / n;
      const double e = -2 * error / n;
      g[row - G + r] += e, g[asset - G + a] += e;
      for (int64_t o = 0; o < O_; ++o) {
        g[lr - G + o] += e * y[o];
        for (int64_t j = 0; j < N(); ++j) g[o * N() + j] += e * lr[o] * c[j];
      }
      for (int64_t k = 0; k < K_; ++k) g[lr - G + O_ + k] += e * xa[k], g[xa - G + k] += e * lr[O_ + k];
    });
    if (gradient != nullptr) *gradient = std::move(g);
    return sum;
  }

  // By gradient descent with steps that halve until the objective falls by the half of what the slope says.
  double descended(uint64_t start) const {
    std::vector<double> at(size()), g, next;
    Stream(start, "restart").fill_normal(std::span(at));
    for (double& v : at) v *= 0.5;
    double value = (*this)(at, &g), step = 1;
    for (int i = 0; i < 20'000; ++i) {
      double slope = 0;
      for (const double v : g) slope += v * v;
      if (slope < 1e-14) break;
      step *= 4;
      double trial = HUGE_VAL;
      for (; !(trial <= value - 0.5 * step * slope) && step > 1e-12; step /= 2) {
        next = at;
        for (size_t k = 0; k < at.size(); ++k) next[k] -= step * g[k];
        trial = (*this)(next, nullptr);
        if (trial <= value - 0.5 * step * slope) break;
      }
      at = next;
      value = (*this)(at, &g);
    }
    return value;
  }

 private:
  int64_t A() const { return C_.size(0); }
  int64_t N() const { return C_.size(1); }
  int64_t R() const { return static_cast<int64_t>(cells_.rows.size()); }

  const Cells& cells_;
  at::Tensor C_;
  int64_t O_, K_;
  double ridge_, mean_, scale_;
};

// The unknowns of a descent in the order of WrittenOut.
std::vector<double> unknowns(const SemiparametricDescent& fit, int64_t observed) {
  const RecommenderFactors& f = fit.factors();
  std::vector<double> out;
  for (const at::Tensor& part : {fit.G(), f.X().slice(1, observed), f.Lambda()}) {
    const at::Tensor flat = part.contiguous();
    out.insert(out.end(), flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel());
  }
  out.insert(out.end(), f.asset_effect.begin(), f.asset_effect.end());
  out.insert(out.end(), f.row_effect.begin(), f.row_effect.end());
  return out;
}

TEST(Semiparametric, objective_is_the_least_of_many_plain_descents) {
  const Economy e = economy(7, 8, 3, 1, 1, 0.5);
  const WrittenOut written_out(e.cells, e.C, 1, 1, 3.0);
  double least = HUGE_VAL, ours = HUGE_VAL;
  for (uint64_t start = 0; start < 12; ++start) least = std::min(least, written_out.descended(start));
  RecommenderConfig shared;
  shared.ridge = 3.0;
  shared.K = 1;
  const RecommenderProblem problem = recommender_problem(e.cells, shared, {});
  const at::Tensor C = standardised(e.C, at::ones({8, 1}, at::kDouble));
  for (int start = 0; start < 10; ++start) {
    SemiparametricDescent fit(problem, C, tight(1, 1, 3.0), first_effects(e.cells, problem), start);
    const double reached = descend([&] { return fit.sweep(1); }, 1e-14, 5000).objective.back();
    std::vector<double> gradient;
    EXPECT_NEAR(written_out(unknowns(fit, 1), &gradient), reached, 1e-12);
    for (const double g : gradient) EXPECT_NEAR(g, 0.0, 1e-5);
    ours = std::min(ours, reached);
  }
  EXPECT_NEAR(ours, least, 1e-7);
}

TEST(Semiparametric, objective_never_increases) {
  const Economy e = economy(30, 40, 5, 2, 2, 0.5);
  const at::Tensor y = outcomes(e.cells, 12);
  for (const double kappa : {0.0, 0.4, 1.0})
    for (const int observed : {2, 5}) {
      SemiparametricConfig config = tight(2, observed, 2.0);
      config.kappa = kappa;
      config.effect_ridge = 0.3;
      const Embedding fit = fit_semiparametric(e.cells, e.C, config, 2, {.y = y}).fit;
      for (const Descent& start : fit.starts) {
        EXPECT_TRUE(start.converged);
        for (size_t i = 1; i < start.objective.size(); ++i)
          EXPECT_LE(start.objective[i], start.objective[i - 1] * (1 + 1e-13)) << kappa << " " << i;
      }
    }
}

TEST(Semiparametric, finds_the_selection_matrix_and_the_hidden_part) {
  const Economy e = economy(150, 120, 6, 2, 2, 0.3);
  const SemiparametricEmbedding found = fit_semiparametric(e.cells, e.C, {.K = 2, .observed = 2, .ridge = 0.5}, 2);
  // Rows of G span those of the truth; characteristics have means and deviations of their own in the sample.
  const at::Tensor of_truth = e.G * e.C.std(0, false);
  const at::Tensor Q = std::get<0>(at::linalg_qr(of_truth.t())), P = std::get<0>(at::linalg_qr(found.G.t()));
  EXPECT_GT(std::get<1>(at::linalg_svd(Q.t().mm(P))).min().item<double>(), 0.995);
  EXPECT_GT(smallest_canonical_correlation(found.fit.assets.narrow(1, 0, 2), e.C.mm(e.G.t())), 0.995);
  EXPECT_GT(smallest_canonical_correlation(found.fit.assets, at::cat({e.C.mm(e.G.t()), e.hidden}, 1)), 0.97);
}

TEST(Semiparametric, what_is_free_is_fixed_as_stated) {
  const Economy e = economy(60, 50, 5, 2, 3, 0.4);
  const SemiparametricEmbedding s = fit_semiparametric(e.cells, e.C, tight(3, 2, 1.0), 1);
  const at::Tensor X = s.fit.assets, L = s.fit.rows, C = standardised(e.C, at::ones({50, 1}, at::kDouble));
  EXPECT_LT((X.narrow(1, 0, 2) - C.mm(s.G.t())).abs().max().item<double>(), 1e-10);
  const at::Tensor XX = X.t().mm(X);
  EXPECT_LT((XX - XX.diagonal().diag()).abs().max().item<double>(), 1e-8);
  EXPECT_GT(XX[0][0].item<double>(), XX[1][1].item<double>());
  EXPECT_GT(XX[2][2].item<double>(), XX[3][3].item<double>());
  for (const auto& [from, n] : {std::pair<int, int>{0, 2}, {2, 3}}) {
    const at::Tensor of = L.narrow(1, from, n), second = of.t().mm(of).div(60.0);
    EXPECT_LT((second - at::eye(n, at::kDouble)).abs().max().item<double>(), 1e-9);
  }
  // The published numbers predict as those of the descent did: the errors are the objective less the penalty.
  double errors = 0, mean = 0, squares = 0;
  const double n = static_cast<double>(e.cells.value.size());
  for (const double v : e.cells.value) mean += v / n;
  for_each(e.cells, [&](size_t r, int32_t a, double v) {
    errors += std::pow(v - s.fit.predict(static_cast<int64_t>(r), a), 2);
    squares += (v - mean) * (v - mean);
  });
  EXPECT_LT(errors / squares, s.fit.starts[s.fit.chosen].objective.back());
  EXPECT_GT(errors / squares, 0.05 * s.fit.starts[s.fit.chosen].objective.back());
}

TEST(Semiparametric, as_many_numbers_as_characteristics_are_the_characteristics) {
  const Economy e = economy(60, 50, 2, 2, 2, 0.4);
  const SemiparametricEmbedding s = fit_semiparametric(e.cells, e.C, tight(2, 2, 1e-7), 1);
  EXPECT_TRUE(s.G.equal(at::eye(2, at::kDouble)));
  const at::Tensor C = standardised(e.C, at::ones({50, 1}, at::kDouble));
  EXPECT_LT((s.fit.assets.narrow(1, 0, 2) - C).abs().max().item<double>(), 1e-12);
  // Hardly any penalty: x~ has no part in the span of C, and lambda of the characteristics are a regression's slopes.
  const auto [index, v] = row_of(e.cells, 7);
  const at::Tensor Z = at::cat({s.fit.assets.index_select(0, index), at::ones({index.size(0), 1}, at::kDouble)}, 1);
  const at::Tensor slopes = at::linalg_pinv(Z).mv(v - s.fit.asset_effects.index_select(0, index));
  EXPECT_LT((slopes.narrow(0, 0, 4) - s.fit.rows[7]).abs().max().item<double>(), 1e-4);
}

TEST(Semiparametric, a_missing_characteristic_is_at_its_mean) {
  Economy e = economy(20, 25, 3, 2, 1, 0.4);
  e.C[4][1].fill_(std::nan(""));
  at::Tensor filled = e.C.clone();
  filled[4][1].fill_(e.C.select(1, 1).nansum().item<double>() / 24.0);
  const at::Tensor C = standardised(e.C, at::ones({25, 1}, at::kDouble));
  EXPECT_EQ(C[4][1].item<double>(), 0.0);
  EXPECT_NEAR(C.select(1, 1).square().sum().item<double>(), 24.0, 1e-10);
  EXPECT_FALSE(fit_semiparametric(e.cells, e.C, tight(1, 2, 1.0), 1).fit.assets.isnan().any().item<bool>());
}

TEST(Semiparametric, assets_without_cells_have_no_part) {
  Economy e = economy(20, 25, 3, 2, 1, 0.4);
  const SemiparametricEmbedding without = fit_semiparametric(e.cells, e.C, tight(1, 2, 1.0), 1);
  e.cells.assets.push_back("never held");
  const at::Tensor more = at::cat({e.C, at::full({1, 3}, 50.0, at::kDouble)});
  const SemiparametricEmbedding with = fit_semiparametric(e.cells, more, tight(1, 2, 1.0), 1);
  EXPECT_TRUE(with.fit.assets[25].isnan().all().item<bool>());
  EXPECT_LT((with.G - without.G).abs().max().item<double>(), 1e-4);
}

TEST(Semiparametric, same_bits_for_any_number_of_threads) {
  const Economy e = economy(40, 60, 7, 3, 2, 0.4);
  const SemiparametricConfig config{.K = 2, .observed = 3, .sweeps = 20};
  const SemiparametricEmbedding one = fit_semiparametric(e.cells, e.C, config, 1);
  const SemiparametricEmbedding many = fit_semiparametric(e.cells, e.C, config, 3);
  EXPECT_TRUE(one.fit.assets.equal(many.fit.assets) && one.fit.rows.equal(many.fit.rows) && one.G.equal(many.G));
}

TEST(Semiparametric, refuses_what_it_cannot_be_fitted_on) {
  const Economy e = economy(10, 12, 3, 1, 1, 0.4);
  EXPECT_THROW(fit_semiparametric(e.cells, e.C, {.K = 1, .observed = 4}, 1), Error);
  EXPECT_THROW(fit_semiparametric(e.cells, e.C, {.K = 63, .observed = 3}, 1), Error);
  EXPECT_THROW(fit_semiparametric(e.cells, e.C.narrow(0, 0, 11), {.K = 1, .observed = 1}, 1), Error);
}

}  // namespace
}  // namespace loadstone
