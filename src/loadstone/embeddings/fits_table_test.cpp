// What the table of models says of how they were fitted.
#include "loadstone/embeddings/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "loadstone/embeddings/test_data.h"

namespace loadstone {
namespace {

using namespace testing_data;
using nlohmann::json;

QuarterVectors vectors(int q, const at::Tensor& X) {
  QuarterVectors out{.quarter = quarter_end(q), .known_at = quarter_end(q)};
  for (int32_t a = 0; a < X.size(0); ++a) out.assets.push_back(a);
  out.X = X;
  out.Lambda = at::zeros({0, X.size(1)}, at::kDouble);
  out.asset_effects = at::zeros({X.size(0)}, at::kDouble);
  out.investor_effects = at::zeros({0}, at::kDouble);
  return out;
}

class ModelsTable : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& type, const json& parameters, std::vector<QuarterVectors> fits) {
    results_.fits.push_back({{name, type, {}, parameters}, std::move(fits)});
  }
  Summary summary() {
    results_.samples = {{.quarter = quarter_end(0), .known_at = quarter_end(0)},
                        {.quarter = quarter_end(1), .known_at = quarter_end(1)}};
    EmbeddingsData data = empty_data(4, 8);
    for (int q = 0; q < 2; ++q) add_quarter(data, q, {{0, 0, 1.0}});
    return summarise_embeddings(results_, data, {});
  }
  ReportTable table() {
    const Summary all = summary();
    return *std::ranges::find(all.tables, "models", &ReportTable::id);
  }
  EmbeddingResults results_;
};

TEST_F(ModelsTable, has_zeros_and_violation_where_a_model_has_a_lasso) {
  at::Tensor X = random_normal("X", {8, 2});
  X.slice(0, 0, 3).zero_();
  QuarterVectors first = vectors(0, X), second = vectors(1, X.abs().gt(1e9).to(at::kDouble));
  first.violation = 1e-3, second.violation = 2e-5;
  add("RecSys", "recommender", {{"lasso", 0.0}}, {first});
  EXPECT_FALSE(table().table.has("zeros") || table().table.has("violation"));
  add("sparse", "recommender", {{"lasso", 1.0}}, {first, second});
  const ReportTable with = table();
  EXPECT_TRUE(std::isnan(with.table.doubles("zeros")[0]) && std::isnan(with.table.doubles("violation")[0]));
  EXPECT_EQ(with.table.doubles("zeros")[1], (6.0 + 16.0) / 32.0);
  EXPECT_EQ(with.table.doubles("violation")[1], 1e-3);
}

TEST_F(ModelsTable, has_what_vectors_add_and_portfolios_without_neighbours) {
  QuarterVectors one = vectors(0, random_normal("X", {8, 2})), words = one;
  one.share = 0.25, words.alone = 3;
  add("placebo", "placebo", json::object(), {vectors(0, one.X)});
  EXPECT_FALSE(table().table.has("share") || table().table.has("alone"));
  add("RecSys", "recommender", {{"lasso", 0.0}}, {one, one});
  add("GloVe", "glove", json::object(), {words});
  const ReportTable found = table();
  EXPECT_EQ(found.table.doubles("share")[1], 0.25);
  EXPECT_EQ(found.table.doubles("alone")[2], 3.0);
  EXPECT_TRUE(std::isnan(found.table.doubles("alone")[1]));
  EXPECT_THAT(found.notes, testing::HasSubstr("Portfolios of one asset"));
}

TEST_F(ModelsTable, empty_vectors_are_marked_where_they_are_saved) {
  QuarterVectors full = vectors(0, random_normal("X", {8, 2})), empty = vectors(1, full.X);
  empty.share = 1e-9;
  add("RecSys", "recommender", {{"lasso", 0.0}}, {full, empty});
  const Table saved = summary().embeddings.at(0).second;
  EXPECT_EQ(saved.metadata.at("empty"), "[\"2000-06-30\"]");
  EXPECT_TRUE(saved.metadata.contains("aligned"));
}

}  // namespace
}  // namespace loadstone
