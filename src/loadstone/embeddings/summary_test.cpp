// What a run says of its fits and of the returns that it looked at.
#include "loadstone/embeddings/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "loadstone/embeddings/test_quarters.h"

namespace loadstone {
namespace {

using namespace testing_quarters;

// Two quarters of one model whose random starts ended at these objectives.
struct TwoQuarters {
  EmbeddingsData data = held(2, 3, 4, [](int, int, int) { return 1.0; });
  EmbeddingResults results;
  BenchmarkConfig config;

  TwoQuarters(const std::vector<double>& first, const std::vector<double>& second) {
    std::vector<QuarterVectors> fits{vectors(0, normal("X", {4, 2})), vectors(1, normal("X", {4, 2}))};
    fits[0].starts = first, fits[1].starts = second;
    PlannedEmbedding model;
    model.name = "model", model.type = "recommender";
    model.parameters = nlohmann::json::object();
    results.fits.emplace_back(model, fits);
    for (int q = 0; q < 2; ++q) results.samples.push_back({quarter_end(q), fits[static_cast<size_t>(q)].known_at});
  }
  double gap() const {
    const Summary summary = summarise_embeddings(results, data, config);
    return std::ranges::find(summary.tables, "models", &ReportTable::id)->table.doubles("gap")[0];
  }
};

TEST(Summary, gap_of_starts_means_the_same_at_any_level) {
  EXPECT_DOUBLE_EQ(TwoQuarters({200.0, 210.0}, {300.0, 303.0}).gap(), 0.05);
  EXPECT_DOUBLE_EQ(TwoQuarters({-200.0, -190.0}, {0.0, 0.02}).gap(), 0.05);
  EXPECT_DOUBLE_EQ(TwoQuarters({0.0, 0.25}, {-0.5, 0.0}).gap(), 0.5);
  EXPECT_TRUE(std::isnan(TwoQuarters({1.0}, {2.0}).gap()));
}

TEST(Summary, header_says_how_long_the_later_returns_are) {
  TwoQuarters run({1.0}, {1.0});
  const auto later = [&] {
    return summarise_embeddings(run.results, run.data, run.config).header.value("later returns", "");
  };
  EXPECT_EQ(later(), "");
  run.data.returns = monthly(0.1 * normal("returns", {12, 4}));
  EXPECT_EQ(later(), "3 months");
  run.data.returns = {{quarter_end(1), quarter_end(2)}, {quarter_end(2), quarter_end(4)}, normal("returns", {2, 4})};
  EXPECT_EQ(later(), "3 to 6 months");
}

}  // namespace
}  // namespace loadstone
