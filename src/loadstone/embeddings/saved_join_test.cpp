// Saved vectors as another run's characteristics: which models' numbers compare between quarters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "loadstone/embeddings/model_types.h"
#include "loadstone/embeddings/summary.h"
#include "loadstone/embeddings/test_data.h"
#include "loadstone/sources/panel_join.h"

namespace loadstone {
namespace {

using namespace testing_data;
using nlohmann::json;
using testing::HasSubstr;

constexpr int quarters = 4;

// Holdings of two numbers, which choose what is held; a panel of characteristics; assets 0 to 15.
class SavedJoinTest : public testing::Test {
 protected:
  void SetUp() override {
    data_ = empty_data(30, 16);
    const at::Tensor x = random_normal("traits", {16, 2}), taste = random_normal("tastes", {30, 2});
    for (int q = 0; q < quarters; ++q) {
      const at::Tensor log_value = 2.0 * taste.mm(x.t()) + 0.2 * random_normal("noise " + std::to_string(q), {30, 16});
      std::vector<Held> held;
      for (int i = 0; i < 30; ++i)
        for (int a = 0; a < 16; ++a) held.push_back({i, a, std::exp(log_value[i][a].item<double>())});
      add_quarter(data_, q, held);
    }
    folder_ = std::filesystem::path(testing::TempDir()) / "loadstone_saved_join";
    add_panel(data_, folder_ / "store", 3 * quarters + 3, [](int) { return 1; });
  }

  using Models = std::map<std::string, std::pair<std::string, json>>;  // name -> type and fields
  std::unique_ptr<EmbeddingModel> make(const Models& models, const std::string& name) const {
    const auto& [type, fields] = models.at(name);
    const json resolved = resolve_embedding(type, fields, name);
    std::vector<std::unique_ptr<EmbeddingModel>> parts;
    for (const std::string& part : parts_of(type, resolved)) parts.push_back(make(models, part));
    return make_embedding_model(type, resolved, {}, 1, std::move(parts));
  }
  // The vectors as a run saves them; joined to the panel.
  Table saved(const Models& models, const std::string& name) {
    EmbeddingResults results;
    const SampleConfig sample = everything();
    results.fits.push_back({{name, models.at(name).first, {}, json::object()}, {}});
    for (int q = 0; q < quarters; ++q) {
      results.samples.push_back({.quarter = quarter_end(q), .known_at = quarter_end(q)});
      const Table fit = vectors_table(make(models, name)->fit(QuarterView(data_, sample, q)), data_.holdings);
      results.fits[0].second.push_back(read_vectors(fit));
    }
    const Summary summary = summarise_embeddings(results, data_, {});
    remark_ = summary.header.value("saved vectors", "");
    return summary.embeddings.at(0).second;
  }
  std::string join(const Table& vectors) {
    write_parquet(vectors, folder_ / "vectors.parquet");
    return failure([&] { join_vectors(folder_ / "store", {{.name = "emb", .path = "vectors.parquet"}}, folder_); });
  }

  EmbeddingsData data_;
  std::filesystem::path folder_;
  std::string remark_;
};

// (n, K) of one quarter.
at::Tensor vectors_of(const Table& table, int q) {
  std::vector<at::Tensor> rows;
  const auto& of = table.get<DoubleVectors>("vector");
  for (size_t i = 0; i < table.rows(); ++i)
    if (table.dates("date")[i] == quarter_end(q) && table.texts("kind")[i] == "asset")
      rows.push_back(at::tensor(at::ArrayRef<double>(&of.values[i * of.width], of.width), at::kDouble));
  return at::stack(rows);
}

// Least correlation of a number with itself a quarter before.
double least_correlation(const Table& table) {
  double least = 1.0;
  for (int q = 1; q < quarters; ++q) {
    const auto scaled = [](const at::Tensor& x) { return (x - x.mean(0)) / x.std(at::IntArrayRef{0}, false); };
    const at::Tensor products = scaled(vectors_of(table, q)) * scaled(vectors_of(table, q - 1));
    least = std::min(least, products.mean(0).min().item<double>());
  }
  return least;
}

TEST_F(SavedJoinTest, combined_vectors_are_aligned_and_join) {
  const Models models{{"both", {"combined", {{"of", {"pca", "recsys"}}}}},
                      {"components", {"combined", {{"of", {"pca", "recsys"}}, {"K", 2}}}},
                      {"pca", {"pca", {{"K", 2}}}},
                      {"recsys", {"recommender", {{"K", 2}, {"seed", 5}}}}};
  for (const char* name : {"both", "components"}) {
    const Table table = saved(models, name);
    EXPECT_GT(least_correlation(table), 0.9) << name;
    EXPECT_EQ(join(table), "no error");
    SetUp();
  }
  EXPECT_EQ(remark_, "");
}

// One of the two characteristics themselves beside hidden numbers, and characteristics alone: theirs are the panel's.
TEST_F(SavedJoinTest, observed_numbers_stay_what_they_are) {
  const Models models{{"observed", {"observed", json::object()}},
                      {"semi", {"semiparametric", {{"observed", 2}, {"K", 2}}}},
                      {"selected", {"semiparametric", {{"observed", 1}, {"K", 2}}}}};
  const Table own = saved(models, "observed"), semi = saved(models, "semi");
  EXPECT_EQ(join(own), "no error");
  for (int q = 0; q < quarters; ++q) {
    const at::Tensor Xo = vectors_of(own, q);  // of the assets that the panel has: all but the last
    const at::Tensor X = vectors_of(semi, q).narrow(0, 0, Xo.size(0)).narrow(1, 0, 2);
    for (int64_t k = 0; k < 2; ++k) {
      const at::Tensor a = Xo.select(1, k) - Xo.select(1, k).mean(), b = X.select(1, k) - X.select(1, k).mean();
      EXPECT_NEAR((a.dot(b) / (a.norm() * b.norm())).item<double>(), 1.0, 1e-12) << q;
    }
  }
  SetUp();
  EXPECT_EQ(join(semi), "no error");
  SetUp();
  EXPECT_EQ(join(saved(models, "selected")), "no error");
}

TEST_F(SavedJoinTest, zeros_of_a_lasso_stay_zero) {
  const Models models{{"lasso", {"recommender", {{"K", 3}, {"lasso", 3.0}}}}};
  const Table table = saved(models, "lasso");
  const SampleConfig sample = everything();
  double zeros = 0;
  for (int q = 0; q < quarters; ++q) {
    const auto of = [](const at::Tensor& X) { return X.eq(0).sum().item<double>(); };
    EXPECT_EQ(of(vectors_of(table, q)), of(make(models, "lasso")->fit(QuarterView(data_, sample, q)).X));
    zeros += of(vectors_of(table, q));
  }
  EXPECT_GT(zeros, 10);
  EXPECT_EQ(join(table), "no error");
}

TEST_F(SavedJoinTest, what_is_redrawn_each_quarter_is_refused) {
  const Models models{{"placebo", {"placebo", {{"K", 2}}}},
                      {"pca", {"pca", {{"K", 2}}}},
                      {"both", {"combined", {{"of", {"pca", "placebo"}}}}},
                      {"components", {"combined", {{"of", {"pca", "placebo"}}, {"K", 2}}}}};
  for (const char* name : {"placebo", "both", "components"}) {
    EXPECT_THAT(join(saved(models, name)), HasSubstr("not aligned to earlier dates")) << name;
    EXPECT_THAT(remark_, HasSubstr(name));
  }
  EXPECT_EQ(join(saved(models, "pca")), "no error");
}

TEST_F(SavedJoinTest, what_shares_too_few_assets_with_the_quarter_before_is_refused) {
  const EmbeddingsData all = data_;
  data_ = empty_data(30, 16);
  data_.panel = all.panel, data_.number_in_panel = all.number_in_panel;
  for (int q = 0; q < quarters; ++q) {
    std::vector<Held> held;
    for (const Position& p : all.holdings.quarters[q].positions)
      if (q < 2 ? p.asset < 9 : p.asset > 7) held.push_back({p.investor, p.asset, p.dollars});
    add_quarter(data_, q, held);
  }
  const Models models{{"one", {"pca", {{"K", 1}}}}, {"two", {"pca", {{"K", 2}}}}};
  EXPECT_EQ(join(saved(models, "one")), "no error");
  EXPECT_THAT(join(saved(models, "two")), HasSubstr("not aligned"));
}

}  // namespace
}  // namespace loadstone
