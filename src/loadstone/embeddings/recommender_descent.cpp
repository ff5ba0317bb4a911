#include "loadstone/embeddings/recommender_descent.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>

#include "loadstone/core/parallel.h"
#include "loadstone/core/random.h"
#include "loadstone/embeddings/ridge_regressions.h"

namespace loadstone {
namespace {

// Batches of regressions first .. last of one table.
struct Part {
  RegressionTable table;
  RegressionCells cells;
  RegressionFits out;
  int64_t first, last;
  Penalty penalty;
};

void solve(const std::vector<Part>& parts, int64_t K, int threads) {
  const RidgeRegressions& regressions = ridge_regressions();
  std::vector<std::pair<const Part*, int64_t>> batches;
  for (const Part& part : parts)
    for (int64_t i = part.first; i < part.last; i += regressions.batch) batches.emplace_back(&part, i);
  parallel_for(batches.size(), threads, [&](size_t b) {
    const auto& [part, i] = batches[b];
    regressions.solve(part->table, K, part->penalty, part->cells, i, std::min(i + regressions.batch, part->last),
                      part->out);
  });
}

at::Tensor matrix(const std::vector<double>& values, int64_t width, int64_t K) {
  const auto rows = static_cast<int64_t>(values.size()) / width;
  return at::from_blob(const_cast<double*>(values.data()), {rows, width}, at::kDouble).narrow(1, 0, K).clone();
}

}  // namespace

RecommenderDescent::RecommenderDescent(const RecommenderProblem& problem, const RecommenderConfig& config,
                                       std::vector<double> asset_effects, int start)
    : problem_(problem),
      K_(config.K),
      width_(RidgeRegressions::width(config.K)),
      tolerance_(config.tolerance),
      most_sweeps_(config.sweeps),
      x_(problem.assets * width_),
      lambda_(problem.rows() * width_),
      asset_effect_(std::move(asset_effects)),
      row_effect_(problem.rows()),
      asset_minimum_(problem.assets),
      row_minimum_(problem.rows()) {
  Stream stream(static_cast<uint64_t>(config.seed), "recommender", start);
  for (int64_t a = 0; a < problem.assets; ++a)
    for (int64_t k = 0; k < K_; ++k) x_[a * width_ + k] = stream.normal() / std::sqrt(static_cast<double>(K_));
}

// A row's weight multiplies all of its sum, the ridge included: it drops out.
void RecommenderDescent::solve_rows(int threads) {
  const std::vector<double> ones(problem_.assets, 1.0), zeros(problem_.assets);
  const RegressionCells cells{problem_.start.data(), problem_.asset.data(), problem_.value.data()};
  const RegressionFits out{lambda_.data(), row_effect_.data(), row_minimum_.data()};
  const RegressionTable of_h{x_.data(), asset_effect_.data(), ones.data(), ones.data()};
  const RegressionTable of_y{x_.data(), zeros.data(), ones.data(), ones.data()};
  solve({{of_h, cells, out, 0, problem_.h.rows, {problem_.ridge, 0.0}},
         {of_y, cells, out, problem_.h.rows, problem_.rows(), {problem_.ridge, 0.0}}},
        K_, threads);
}

void RecommenderDescent::solve_assets(int threads) {
  const ByAsset& columns = problem_.columns;
  solve({{{lambda_.data(), row_effect_.data(), problem_.weight.data(), problem_.effect_weight.data()},
          {columns.start.data(), columns.row.data(), columns.value.data()},
          {x_.data(), asset_effect_.data(), asset_minimum_.data()},
          0,
          problem_.assets,
          {problem_.asset_ridge, problem_.effect_ridge}}},
        K_, threads);
}

double RecommenderDescent::objective() const {
  double sum = 0;
  for (const double minimum : asset_minimum_) sum += minimum;
  for (int64_t r = 0; r < problem_.rows(); ++r) {
    double squares = 0;
    for (int64_t k = 0; k < K_; ++k) squares += lambda_[r * width_ + k] * lambda_[r * width_ + k];
    sum += problem_.ridge * problem_.weight[r] * squares;
  }
  return sum;
}

double RecommenderDescent::sweep(int threads) {
  solve_rows(threads);
  solve_assets(threads);
  return objective();
}

Descent RecommenderDescent::run(int threads) {
  Descent out;
  double last = HUGE_VAL;
  while (!out.converged && static_cast<int>(out.objective.size()) < most_sweeps_) {
    const double now = sweep(threads);
    out.objective.push_back(now);
    out.converged = last - now <= tolerance_ * now;
    last = now;
  }
  return out;
}

at::Tensor RecommenderDescent::X() const { return matrix(x_, width_, K_); }
at::Tensor RecommenderDescent::Lambda() const { return matrix(lambda_, width_, K_); }

}  // namespace loadstone
