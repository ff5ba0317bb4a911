#include "loadstone/embeddings/lasso_regressions.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "loadstone/core/parallel.h"

namespace loadstone {
namespace {

// theta'G theta - 2 b'theta + lasso |theta|_1, and the effect that goes with theta.
class LassoEquations {
 public:
  LassoEquations(const RegressionTable& table, int64_t K, const LassoPenalty& penalty, const RegressionCells& cells,
                 int64_t i)
      : K_(K), lasso_(penalty.lasso), G_(K * K), b_(K), s_(K), effect_weight_(penalty.effect_ridge) {
    const int64_t width = RidgeRegressions::width(K);
    double explained = 0;
    for (int64_t c = cells.start[i]; c < cells.start[i + 1]; ++c) {
      const int64_t j = cells.at[c];
      const double f = cells.weight == nullptr ? 1.0 : cells.weight[c], u = cells.value[c] - table.offset[j];
      const double w = f * table.weight[j], we = f * table.effect_weight[j];
      const double* z = table.z + j * width;
      for (int64_t k = 0; k < K; ++k) {
        for (int64_t l = 0; l < K; ++l) G_[k * K + l] += w * z[k] * z[l];
        b_[k] += w * u * z[k];
        s_[k] += we * z[k];
      }
      constant_ += w * u * u, explained += we * u, effect_weight_ += we;
    }
    if (effect_weight_ > 0) eliminate_effect(explained);
    for (int64_t k = 0; k < K; ++k) G_[k * K + k] += penalty.ridge;
  }

  // Returns the violation at the theta it starts from.
  double solve(double* theta) const {
    double largest = lasso_;
    for (const double b : b_) largest = std::max(largest, 2.0 * std::abs(b));
    std::vector<double> rest = residual(theta);
    const double before = violation(rest, theta);
    double now = before;
    for (int round = 0; round < 10'000 && now > 1e-11 * largest; ++round) {
      for (int64_t k = 0; k < K_; ++k) step(k, rest, theta);
      now = violation(rest, theta);
    }
    return before;
  }

  double effect(const double* theta) const {
    double out = mean_;
    for (int64_t k = 0; k < K_ && effect_weight_ > 0; ++k) out -= s_[k] * theta[k] / effect_weight_;
    return out;
  }
  double minimum(const double* theta) const {
    const std::vector<double> rest = residual(theta);
    double out = constant_;
    for (int64_t k = 0; k < K_; ++k) out += lasso_ * std::abs(theta[k]) - theta[k] * (b_[k] + rest[k]);
    return out;
  }

 private:
  void eliminate_effect(double explained) {
    mean_ = explained / effect_weight_;
    constant_ -= explained * mean_;
    for (int64_t k = 0; k < K_; ++k) {
      b_[k] -= s_[k] * mean_;
      for (int64_t l = 0; l < K_; ++l) G_[k * K_ + l] -= s_[k] * s_[l] / effect_weight_;
    }
  }
  std::vector<double> residual(const double* theta) const {  // b - G theta: minus half the derivative
    std::vector<double> out = b_;
    for (int64_t k = 0; k < K_; ++k)
      for (int64_t l = 0; l < K_; ++l) out[k] -= G_[k * K_ + l] * theta[l];
    return out;
  }
  double violation(const std::vector<double>& rest, const double* theta) const {
    double out = 0;
    for (int64_t k = 0; k < K_; ++k)
      out = std::max(out, theta[k] == 0 ? 2.0 * std::abs(rest[k]) - lasso_
                                        : std::abs(2.0 * rest[k] - std::copysign(lasso_, theta[k])));
    return out;
  }
  void step(int64_t k, std::vector<double>& rest, double* theta) const {
    const double pivot = G_[k * K_ + k];
    if (!(pivot > 0)) return;  // nothing depends on this coordinate
    const double alone = rest[k] + pivot * theta[k];
    const double next = std::copysign(std::max(std::abs(alone) - lasso_ / 2, 0.0), alone) / pivot;
    const double change = next - theta[k];
    if (change == 0) return;
    for (int64_t l = 0; l < K_; ++l) rest[l] -= G_[l * K_ + k] * change;
    theta[k] = next;
  }

  int64_t K_;
  double lasso_;
  std::vector<double> G_, b_, s_;
  double effect_weight_, mean_ = 0, constant_ = 0;
};

}  // namespace

double solve_lasso_regressions(const RegressionTable& table, int64_t K, LassoPenalty penalty,
                               const RegressionCells& cells, int64_t n, const RegressionFits& out, int threads) {
  const int64_t width = RidgeRegressions::width(K);
  std::vector<double> violations(static_cast<size_t>(n));
  parallel_for(violations.size(), threads, [&](size_t item) {
    const auto i = static_cast<int64_t>(item);
    const LassoEquations equations(table, K, penalty, cells, i);
    double* theta = out.theta + i * width;
    violations[item] = equations.solve(theta);
    out.effect[i] = equations.effect(theta);
    out.minimum[i] = equations.minimum(theta);
  });
  return violations.empty() ? 0.0 : *std::ranges::max_element(violations);
}

}  // namespace loadstone
