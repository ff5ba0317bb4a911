// The largest sum of gains, against all assignments.
#include "loadstone/embeddings/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;

double total(const at::Tensor& gain, const std::vector<int64_t>& column) {
  double sum = 0;
  for (int64_t i = 0; i < gain.size(0); ++i) sum += gain[i][column[i]].item<double>();
  return sum;
}

TEST(Assignment, is_the_best_of_all) {
  for (int n = 1; n <= 6; ++n)
    for (int draw = 0; draw < 20; ++draw) {
      const at::Tensor gain = random_normal("gain" + std::to_string(100 * n + draw), {n, n});
      std::vector<int64_t> any(n);
      std::iota(any.begin(), any.end(), 0);
      double best = total(gain, any);
      while (std::next_permutation(any.begin(), any.end())) best = std::max(best, total(gain, any));
      EXPECT_NEAR(total(gain, best_assignment(gain)), best, 1e-12) << n << " " << draw;
    }
}

// The largest gain first takes 10 and is left with 0; apart they are worth 9 + 9.
TEST(Assignment, is_not_the_greedy_one) {
  const at::Tensor gain = at::tensor({10.0, 9.0, 9.0, 0.0}, at::kDouble).view({2, 2});
  EXPECT_EQ(best_assignment(gain), (std::vector<int64_t>{1, 0}));
}

TEST(Assignment, of_many_is_a_permutation_and_finds_the_one_that_was_planted) {
  const int64_t n = 64;
  const at::Tensor noise = random_normal("noise", {n, n}), ties = at::zeros({n, n}, at::kDouble);
  std::vector<int64_t> planted(n);
  at::Tensor gain = noise.clone();
  for (int64_t i = 0; i < n; ++i) gain[i][planted[i] = (7 * i + 3) % n].add_(20.0);
  EXPECT_EQ(best_assignment(gain), planted);
  for (const at::Tensor& of : {noise, ties}) {
    std::vector<int64_t> found = best_assignment(of);
    std::ranges::sort(found);
    for (int64_t j = 0; j < n; ++j) EXPECT_EQ(found[j], j);
  }
}

}  // namespace
}  // namespace loadstone
