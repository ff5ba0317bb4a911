// Tables of a small fit against its coefficients, built by brute force.
#include "loadstone/pricing/interpretation_tables.h"

#include <ATen/ops/linalg_svd.h>
#include <gtest/gtest.h>

#include <cmath>

#include "loadstone/pricing/test_months.h"
#include "loadstone/pricing/transformer.h"

namespace loadstone {
namespace {

using namespace testing_months;

constexpr int64_t T = 9, D = 4, d = 3;

std::unique_ptr<Forecast> fit_of(const std::vector<Month>& months) {
  const TransformerConfig config;
  return Transformer(config, T).predict(history_of(months).as_of(month_end(T)));
}

struct Interpreted {
  std::vector<Month> months = make_months(31, T, D, d);
  std::unique_ptr<Forecast> forecast = fit_of(months);
  const DualTransformer fit = dynamic_cast<const TransformerForecast&>(*forecast).model();
  Summary summary;
  Interpreted() {
    InterpretedFit in{"trans",        fit, months.back().moments.Xi, months.back().X, {}, {"a", "b", "c", "e"},
                      {"u", "v", "w"}};
    for (int64_t t = 0; t < T; ++t) in.window.push_back(month_end(t));
    add_interpretation(summary, in, 1);
  }
  // (D^2, d)
  at::Tensor coefficients() const {
    at::Tensor lambda = at::zeros({D, D, d}, at::kDouble);
    for (int64_t t = 0; t < T; ++t)
      lambda += fit.c[t] * fit.F[t].view({D, 1, 1}) * fit.Xi[t].to(at::kDouble).unsqueeze(0);
    return lambda.view({D * D, d});
  }
};

TEST(InterpretationTables, name_the_largest_entries_of_the_first_singular_pair) {
  const Interpreted in;
  const Table& table = in.summary.tables.at(0).table;
  ASSERT_EQ(table.rows(), 10U + 3U);
  const auto [U, sigma, Vh] = at::linalg_svd(in.coefficients(), false);
  const at::Tensor W = (U.select(1, 0) * sigma[0]).abs();
  const int64_t top = W.argmax().item<int64_t>();
  const std::vector<std::string> names{"a", "b", "c", "e"};
  EXPECT_EQ(table.texts("factor")[0], names[static_cast<size_t>(top / D)]);
  EXPECT_EQ(table.texts("timed by")[0], names[static_cast<size_t>(top % D)]);
  EXPECT_NEAR(std::abs(table.doubles("value")[0]), W[top].item<double>(), 1e-7 * W[top].item<double>());
  EXPECT_EQ(table.texts("part")[10], "lambda");
  EXPECT_NEAR(table.doubles("value")[10], Vh[0].abs().max().item<double>(), 1e-7);
}

TEST(InterpretationTables, shares_add_up_and_follow_the_singular_values) {
  const Interpreted in;
  const Table& table = in.summary.tables.at(1).table;
  ASSERT_EQ(table.rows(), 3U);
  const std::vector<double>& weights = table.doubles("weights, %");
  EXPECT_NEAR(weights[0] + weights[1] + weights[2], 100.0, 1e-8);
  const at::Tensor squares = std::get<1>(at::linalg_svd(in.coefficients(), false)).square();
  EXPECT_NEAR(table.doubles("coefficients, %")[1], (100.0 * squares[1] / squares.sum()).item<double>(), 1e-6);
}

TEST(InterpretationTables, the_map_is_the_cosine_of_two_months) {
  const Interpreted in;
  const nlohmann::json& values = in.summary.figures.at(0).spec.at("data").at("values");
  ASSERT_EQ(values.size(), 81U);
  const at::Tensor one = in.months[1].moments.Xi.to(at::kDouble), four = in.months[4].moments.Xi.to(at::kDouble);
  const double expected = ((one * four).sum() / (one.norm() * four.norm())).item<double>();
  EXPECT_EQ(values[13]["t"], month_end(1).text());
  EXPECT_EQ(values[13]["tau"], month_end(4).text());
  EXPECT_NEAR(values[13]["cosine"].get<double>(), expected, 1e-10);
}

}  // namespace
}  // namespace loadstone
