#include "loadstone/embeddings/least_squares.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using testing_cells::normal;

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

TEST(LeastSquares, solves_the_normal_equations_for_one_and_for_many) {
  const at::Tensor X = normal("X", {40, 3}) * at::tensor({1.0, 1e4, 1e-3}), Y = normal("Y", {40, 2}) + X.slice(1, 0, 2);
  const at::Tensor Z = at::cat({at::ones({40, 1}, at::kDouble), X}, 1);
  const at::Tensor B = least_squares(Y, X);
  EXPECT_LT(largest(Z.t().mm(Y - Z.mm(B)) / Z.norm(2, 0).unsqueeze(1)), 1e-8);
  EXPECT_LT(largest(least_squares(Y.select(1, 1), X) - B.select(1, 1)), 1e-9);
  EXPECT_LT(largest(fitted(B, X) - Z.mm(B)), 1e-8);
}

TEST(LeastSquares, fits_as_well_where_columns_depend_on_each_other) {
  const at::Tensor X = normal("X", {30, 2}), y = normal("y", {30}), twice = at::cat({X, X.sum(1, true), X}, 1);
  EXPECT_LT(largest(fitted(least_squares(y, twice), twice) - fitted(least_squares(y, X), X)), 1e-10);
}

TEST(LeastSquares, folds_are_fitted_by_the_others) {
  const at::Tensor X = normal("X", {21, 2}), y = normal("y", {21});
  const std::vector<int64_t> fold = random_folds(21, 4, 7, Date::parse("2020-03-31"));
  for (int64_t f = 0; f < 4; ++f) EXPECT_EQ(std::ranges::count(fold, f), f == 0 ? 6 : 5);
  const at::Tensor out = fitted_across_folds(y, X, fold);
  for (int64_t i = 0; i < 21; ++i) {
    std::vector<int64_t> others;
    for (int64_t j = 0; j < 21; ++j)
      if (fold[static_cast<size_t>(j)] != fold[static_cast<size_t>(i)]) others.push_back(j);
    const at::Tensor b = least_squares(rows_of(y, others), rows_of(X, others));
    EXPECT_NEAR(out[i].item<double>(), (b[0] + X[i].dot(b.slice(0, 1))).item<double>(), 1e-12);
  }
}

}  // namespace
}  // namespace loadstone
