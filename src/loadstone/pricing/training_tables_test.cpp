// The curve of losses, from hand-made tables of training.
#include "loadstone/pricing/training_tables.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// Each row: seed, epoch, loss, validation_loss, kept.
struct Row {
  int64_t seed, epoch;
  double loss, validation;
  int64_t kept;
};

Table training(const std::vector<Row>& rows) {
  std::vector<int64_t> seed, epoch, kept;
  std::vector<double> loss, validation;
  for (const Row& row : rows) {
    seed.push_back(row.seed), epoch.push_back(row.epoch), kept.push_back(row.kept);
    loss.push_back(row.loss), validation.push_back(row.validation);
  }
  Table out;
  out.add("seed", seed);
  out.add("epoch", epoch);
  out.add("loss", loss);
  out.add("validation_loss", validation);
  out.add("kept", kept);
  return out;
}

class Results : public Inputs {
 public:
  std::map<std::string, Table> tables;
  Table main(const std::string& /*task*/, const std::vector<std::string>& /*columns*/) const override { return {}; }
  Table more(const std::string& task, const std::string& /*table*/) const override { return tables.at(task); }
};

// Points of a line by epoch.
std::vector<double> line(const Figure& figure, const std::string& name) {
  std::vector<double> out;
  for (const auto& point : figure.spec.at("data").at("values"))
    if (point.at("line") == name) out.push_back(point.at("y"));
  return out;
}

TEST(LossCurves, are_means_over_the_same_fits_in_every_epoch) {
  Results results;
  results.tables["a"] = training({{1, 1, 1.0, 2.0, 0},
                                  {2, 1, 3.0, 4.0, 1},
                                  {1, 2, 0.8, 1.5, 1},
                                  {2, 2, 2.0, 5.0, 0},
                                  {1, 3, 0.6, 1.6, 0},
                                  {2, 3, NaN, NaN, 0}});  // the second seed stopped and keeps its first epoch
  results.tables["b"] = training({{1, 1, 5.0, 6.0, 1}, {2, 1, 900.0, NaN, 0}});  // one epoch; the second seed diverged
  Outcomes outcomes;
  outcomes.models.push_back({{"net", "mlp", "", {}, nlohmann::json::object()}, {"a", "b"}, {}, {}, {}});
  Summary summary;
  add_loss_curves(summary, outcomes, results);
  ASSERT_EQ(summary.figures.size(), 1U);
  const std::vector<double> expected{(1.0 + 3.0 + 5.0) / 3, (0.8 + 2.0 + 5.0) / 3, (0.6 + 3.0 + 5.0) / 3},
      validated{(2.0 + 4.0 + 6.0) / 3, (1.5 + 5.0 + 6.0) / 3, (1.6 + 4.0 + 6.0) / 3};
  const std::vector<double> found = line(summary.figures[0], "net"),
                            found_validated = line(summary.figures[0], "net, validation");
  ASSERT_EQ(found.size(), 3U);
  ASSERT_EQ(found_validated.size(), 3U);
  for (size_t e = 0; e < 3; ++e) {
    EXPECT_NEAR(found[e], expected[e], 1e-12);
    EXPECT_NEAR(found_validated[e], validated[e], 1e-12);
  }
}

TEST(LossCurves, say_nothing_of_models_that_are_not_trained) {
  Results results;
  Outcomes outcomes;
  outcomes.models.push_back({{"plain", "ridge", "", {}, nlohmann::json::object()}, {"a"}, {}, {}, {}});
  Summary summary;
  add_loss_curves(summary, outcomes, results);
  EXPECT_TRUE(summary.figures.empty());
}

}  // namespace
}  // namespace loadstone
