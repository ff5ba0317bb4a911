// Nearest of saved vectors, and where there are none.
#include "loadstone/embeddings/saved.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::HasSubstr;

SavedVectors saved(const at::Tensor& X) {
  SavedVectors out{.model = "RecSys", .kind = "asset", .date = quarter_end(0)};
  out.keys = numbered("A", static_cast<int>(X.size(0)));
  out.X = X;
  return out;
}

TEST(MostSimilar, come_by_cosine_about_the_mean) {
  const at::Tensor X =
      at::tensor({1.0, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, -1.0, 2.0, 1.0, -2.0, -1.0}, at::kDouble).view({6, 2});
  const std::vector<Similar> near = most_similar(saved(X + 7.0), 0, 2);
  ASSERT_EQ(near.size(), 2U);
  EXPECT_EQ(near[0].position, 4);
  EXPECT_NEAR(near[0].cosine, 2 / std::sqrt(5), 1e-12);
  EXPECT_EQ(near[1].position, 1);
}

TEST(MostSimilar, vectors_that_tell_nothing_apart_are_an_error) {
  const at::Tensor X = random_normal("similar", {9, 3});
  const auto error = [](const SavedVectors& vectors) { return failure([&] { most_similar(vectors, 0, 3); }); };
  EXPECT_EQ(error(saved(X)), "no error");
  EXPECT_THAT(error(saved(at::zeros({9, 3}, at::kDouble))),
              HasSubstr("vectors of assets by RecSys, 2000-03-31, are all the same"));
  EXPECT_THAT(error(saved(X.narrow(1, 0, 1))), HasSubstr("lie on a line"));
  SavedVectors empty = saved(X);
  empty.empty = true;
  EXPECT_THAT(error(empty), HasSubstr("all the same"));
  const at::Tensor mean = at::cat({X.slice(0, 1).mean(0, true), X.slice(0, 1)});
  EXPECT_THAT(error(saved(mean)), HasSubstr("that of A100 is their mean"));
}

}  // namespace
}  // namespace loadstone
