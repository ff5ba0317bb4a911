// Vectors as a table, and what positions they call for, by hand.
#include "loadstone/embeddings/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using testing::ElementsAre;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

class NoModel : public EmbeddingModel {
 public:
  QuarterVectors fit(const QuarterView&) const override { return {}; }
};

QuarterVectors some_vectors() {
  QuarterVectors out{.quarter = day("2001-06-30"), .known_at = day("2001-08-14")};
  out.assets = {1, 3, 4};
  out.investors = {0, 2};
  out.X = random_normal("X", {3, 2});
  out.Lambda = random_normal("Lambda", {2, 2});
  out.asset_effects = at::tensor({0.1, NaN, 1.0 / 3}, at::kDouble);
  out.investor_effects = at::tensor({-0.0, 1e300}, at::kDouble);
  out.r2 = 1.0 / 7;
  out.converged = false;
  out.iterations = 12;
  out.starts = {0.1, 1e-17, 2.0 / 3};
  out.ridge = 0.3;
  out.share = 1.0 / 3;
  out.violation = 1e-5 / 3;
  out.alone = 7;
  out.blocks = {{Freedom::none, 1}, {Freedom::order_and_signs, 1}};
  return out;
}

void expect_same(const QuarterVectors& a, const QuarterVectors& b) {
  EXPECT_EQ(a.quarter, b.quarter);
  EXPECT_EQ(a.known_at, b.known_at);
  EXPECT_EQ(a.assets, b.assets);
  EXPECT_EQ(a.investors, b.investors);
  EXPECT_TRUE(same_bits(a.X, b.X) && same_bits(a.Lambda, b.Lambda));
  EXPECT_TRUE(same_bits(a.asset_effects, b.asset_effects) && same_bits(a.investor_effects, b.investor_effects));
  EXPECT_TRUE(a.r2 == b.r2 || (std::isnan(a.r2) && std::isnan(b.r2)));
  EXPECT_TRUE(a.share == b.share || (std::isnan(a.share) && std::isnan(b.share)));
  EXPECT_EQ(a.violation, b.violation);
  EXPECT_EQ(a.alone, b.alone);
  EXPECT_EQ(a.converged, b.converged);
  EXPECT_EQ(a.iterations, b.iterations);
  EXPECT_EQ(a.starts, b.starts);
  EXPECT_TRUE(a.ridge == b.ridge || (std::isnan(a.ridge) && std::isnan(b.ridge)));
  ASSERT_EQ(blocks_of(a).size(), blocks_of(b).size());
  for (size_t i = 0; i < blocks_of(a).size(); ++i) {
    EXPECT_EQ(blocks_of(a)[i].freedom, blocks_of(b)[i].freedom);
    EXPECT_EQ(blocks_of(a)[i].columns, blocks_of(b)[i].columns);
  }
}

QuarterVectors through_a_file(const QuarterVectors& vectors) {
  const auto path = std::filesystem::path(testing::TempDir()) / "loadstone_vectors.parquet";
  write_parquet(vectors_table(vectors, empty_data(3, 5).holdings), path);
  return read_vectors(read_parquet(path));
}

TEST(VectorsTable, comes_back_bit_by_bit) { expect_same(through_a_file(some_vectors()), some_vectors()); }

TEST(VectorsTable, of_assets_alone_comes_back) {
  QuarterVectors vectors = some_vectors();
  vectors.investors.clear();
  vectors.Lambda = at::empty({0, 2}, at::kDouble);
  vectors.investor_effects = at::empty({0}, at::kDouble);
  vectors.asset_effects.fill_(NaN);
  vectors.r2 = vectors.share = NaN;
  vectors.starts.clear();
  vectors.ridge = NaN;
  vectors.blocks = {{Freedom::rotation, 1}, {Freedom::redrawn, 1}};
  expect_same(through_a_file(vectors), vectors);
}

TEST(VectorsTable, blocks_are_of_all_columns) {
  QuarterVectors vectors = some_vectors();
  vectors.blocks.clear();
  ASSERT_EQ(blocks_of(vectors).size(), 1U);
  EXPECT_EQ(blocks_of(vectors)[0].columns, 2);
  EXPECT_EQ(blocks_of(vectors)[0].freedom, Freedom::rotation);
  vectors.blocks = {{Freedom::none, 3}};
  EXPECT_THAT(failure([&] { blocks_of(vectors); }, ErrorKind::task), testing::HasSubstr("3 columns in all"));
}

TEST(VectorsTable, names_what_its_rows_are) {
  const Table table = vectors_table(some_vectors(), empty_data(3, 5).holdings);
  EXPECT_THAT(table.texts("kind"), ElementsAre("asset", "asset", "asset", "investor", "investor"));
  EXPECT_THAT(table.texts("key"), ElementsAre("A101", "A103", "A104", "I100", "I102"));
  EXPECT_EQ(table.dates("date")[4].text(), "2001-06-30");
  EXPECT_EQ(table.dates("known_at")[0].text(), "2001-08-14");
}

// Four investors and five assets: the vocabulary is A100 to A103, since nobody holds A104.
EmbeddingsData holdings() {
  EmbeddingsData out = empty_data(4, 5);
  add_quarter(out, 0, {{0, 0, 1}, {0, 1, 1}, {1, 1, 1}, {1, 2, 1}, {1, 3, 1}, {3, 2, 1}});
  return out;
}

TEST(PositionScores, are_effect_and_product_for_investors_with_vectors) {
  const EmbeddingsData data = holdings();
  QuarterVectors fit = some_vectors();
  fit.assets = {0, 1, 3};
  const at::Tensor scores = NoModel().position_scores(QuarterView(data, everything(), 0), fit);
  ASSERT_EQ(scores.sizes(), at::IntArrayRef({2, 4}));
  for (int64_t i = 0; i < 2; ++i) {
    const auto product = [&](int64_t row) { return fit.Lambda[i].dot(fit.X[row]).item<double>(); };
    EXPECT_NEAR(scores[i][0].item<double>(), 0.1 + product(0), 1e-15);
    EXPECT_NEAR(scores[i][1].item<double>(), product(1), 1e-15);  // its effect is missing: the mean one, 0
    EXPECT_TRUE(std::isnan(scores[i][2].item<double>()));         // it has no vector
    EXPECT_NEAR(scores[i][3].item<double>(), 1.0 / 3 + product(2), 1e-15);
  }
}

TEST(PositionScores, are_cosines_with_the_mean_of_what_is_held_where_investors_have_none) {
  const EmbeddingsData data = holdings();
  QuarterVectors fit;
  fit.assets = {0, 1, 2};
  fit.X = at::tensor({1.0, 50.0, 2.0, -30.0, 6.0, 10.0}, at::kDouble).view({3, 2});
  // Columns less their means (3, 10) over their lengths, then rows to length one.
  const std::vector<double> a{-2, -1, 3}, b{40, -40, 0};
  double direction[3][2];
  for (int k = 0; k < 3; ++k) {
    const double x = a[k] / std::sqrt(14), y = b[k] / std::sqrt(3200);
    direction[k][0] = x / std::hypot(x, y), direction[k][1] = y / std::hypot(x, y);
  }
  const std::vector<std::vector<int>> held{{0, 1}, {1, 2}, {2}};  // of I100, I101, I103; A103 has no vector
  const at::Tensor scores = NoModel().position_scores(QuarterView(data, everything(), 0), fit);
  ASSERT_EQ(scores.sizes(), at::IntArrayRef({3, 4}));
  for (size_t i = 0; i < held.size(); ++i) {
    double x = 0, y = 0;
    for (const int k : held[i]) x += direction[k][0], y += direction[k][1];
    for (int k = 0; k < 3; ++k)
      EXPECT_NEAR(scores[static_cast<int64_t>(i)][k].item<double>(),
                  (x * direction[k][0] + y * direction[k][1]) / std::hypot(x, y), 1e-14);
    EXPECT_TRUE(std::isnan(scores[static_cast<int64_t>(i)][3].item<double>()));
  }
}

}  // namespace
}  // namespace loadstone
