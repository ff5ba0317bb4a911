#include "loadstone/embeddings/combined.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "loadstone/embeddings/model_types.h"
#include "loadstone/embeddings/study.h"
#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;

// Fixed vectors of some assets, known at some day.
class Fixed : public EmbeddingModel {
 public:
  explicit Fixed(QuarterVectors vectors) : vectors_(std::move(vectors)) {}
  QuarterVectors fit(const QuarterView&) const override { return vectors_; }

 private:
  QuarterVectors vectors_;
};

QuarterVectors vectors(const std::vector<int32_t>& assets, const at::Tensor& X, const std::string& known_at) {
  QuarterVectors out{.quarter = quarter_end(0), .known_at = day(known_at), .assets = assets};
  out.X = X;
  return out;
}

QuarterVectors combine(CombinedConfig config, const std::vector<QuarterVectors>& of) {
  static const EmbeddingsData data = random_data(6, 9, 1, 1.0);
  static const SampleConfig sample = everything();
  std::vector<std::unique_ptr<EmbeddingModel>> parts;
  for (const QuarterVectors& one : of) parts.push_back(std::make_unique<Fixed>(one));
  return CombinedModel(std::move(config), std::move(parts)).fit(QuarterView(data, sample, 0));
}

TEST(Combined, puts_the_standardised_vectors_of_common_assets_side_by_side) {
  const at::Tensor a = random_normal("a", {5, 2}) * 30.0 + 4.0, b = random_normal("b", {5, 1});
  const QuarterVectors out =
      combine({}, {vectors({0, 2, 3, 5, 7}, a, "2000-05-01"), vectors({2, 3, 4, 5, 8}, b, "2000-05-01")});
  EXPECT_EQ(out.assets, (std::vector<int32_t>{2, 3, 5}));
  EXPECT_EQ(out.known_at.text(), "2000-05-01");
  const auto scaled = [](const at::Tensor& x) { return (x - x.mean(0)) / x.std(at::IntArrayRef{0}, false); };
  const at::Tensor of_a = scaled(a.index_select(0, at::tensor({1, 2, 3}, at::kLong)));
  const at::Tensor of_b = scaled(b.index_select(0, at::tensor({0, 1, 3}, at::kLong)));
  EXPECT_LT((out.X - at::cat({of_a, of_b}, 1)).abs().max().item<double>(), 1e-12);
  EXPECT_NE(
      failure([&] {
        combine({}, {vectors({0}, a.narrow(0, 0, 1), "2000-05-01"), vectors({1}, b.narrow(0, 0, 1), "2000-05-01")});
      }).find("no asset"),
      std::string::npos);
}

TEST(Combined, keeps_the_first_principal_components) {
  const std::vector<int32_t> assets{0, 1, 2, 3, 4, 5, 6, 7, 8};
  const at::Tensor a = random_normal("a", {9, 2}), b = a.narrow(1, 0, 1) * 2.0;  // b repeats the first of a
  const auto parts = std::vector{vectors(assets, a, "2000-05-01"), vectors(assets, b, "2000-05-01")};
  const QuarterVectors out = combine({.of = {}, .K = 2}, parts);
  EXPECT_LT((out.X.t().mm(out.X) / 9.0 - at::eye(2, at::kDouble)).abs().max().item<double>(), 1e-12);
  // The first direction has the most variance: its covariances with all numbers are those of the largest eigenvalue.
  const at::Tensor all = combine({}, parts).X, S = all.t().mm(all) / 9.0, c = all.t().mv(out.X.select(1, 0)) / 9.0;
  const double largest = std::get<0>(at::linalg_eigh(S)).max().item<double>();
  EXPECT_LT((S.mv(c) - largest * c).abs().max().item<double>(), 1e-10);
  EXPECT_NE(failure([&] { combine({.of = {}, .K = 3}, parts); }).find("only 2 dimensions"), std::string::npos);
}

TEST(Combined, names_its_parts) {
  const auto fields = resolve_embedding("combined", {{"of", {"a", "b"}}}, "both");
  EXPECT_EQ(parts_of("combined", fields), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(parts_of("pca", resolve_embedding("pca", nlohmann::json::object(), "p")).empty());
}

}  // namespace
}  // namespace loadstone
