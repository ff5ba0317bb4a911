#include "loadstone/embeddings/ridge_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/recommender.h"
#include "loadstone/embeddings/semiparametric.h"
#include "loadstone/embeddings/test_cells.h"

namespace loadstone {
namespace {

using namespace testing_cells;
using testing::HasSubstr;

// Rows of `quarters` quarters, in each of which the same investors hold.
Cells of_investors(Cells cells, int quarters = 1) {
  const auto investors = static_cast<int32_t>(cells.rows.size()) / quarters;
  for (int32_t r = 0; r < static_cast<int32_t>(cells.rows.size()); ++r)
    cells.rows[r] = {10 + r % investors, Date::month_end(2000, static_cast<unsigned>(3 * (r / investors) + 3))};
  return cells;
}

Cells strong() { return of_investors(low_rank(60, 40, 2, 0.8, 0.1)); }
Cells noise() { return of_investors(low_rank(90, 40, 0, 0.8, 1.0)); }

std::string failure(const std::function<void()>& body, ErrorKind kind) {
  try {
    body();
  } catch (const Error& error) {
    return error.kind() == kind ? error.what() : std::string("another kind of error: ") + error.what();
  }
  return "no error";
}

TEST(RidgeChoice, takes_the_candidate_that_predicts_the_held_out_cells_best) {
  const Cells cells = of_investors(low_rank(40, 50, 3, 0.5, 0.8));
  const at::Tensor y = outcomes(cells, 8);
  std::vector<double> weights;
  for (int r = 0; r < 40; ++r) weights.push_back(r < 20 ? 3.0 : 0.5);
  RecommenderConfig config{.K = 3, .ridges = {0.2, 1, 3, 9, 27}, .kappa = 0.2, .seed = 5};
  const Embedding chosen = fit_recommender(cells, config, 1, {.weights = weights, .y = y});

  // The same from the definition: the errors by hand, one start each, then all cells.
  const std::vector<bool> held_out = cells_held_out(cells, 5);
  Cells others{.rows = cells.rows, .assets = cells.assets, .start = {0}};
  for (int r = 0; r < 40; ++r) {
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c)
      if (!held_out[c]) others.asset.push_back(cells.asset[c]), others.value.push_back(cells.value[c]);
    others.start.push_back(static_cast<int64_t>(others.asset.size()));
  }
  double best = 0, least = 1e300;
  for (const double ridge : config.ridges) {
    const Embedding fit = fit_recommender(others, {.K = 3, .ridge = ridge, .kappa = 0.2, .starts = 1, .seed = 5}, 1,
                                          {.weights = weights, .y = y});
    double error = 0;
    for (int64_t r = 0, c = 0; r < 40; ++r)
      for (; c < cells.start[r + 1]; ++c) {
        const int64_t a = cells.asset[c];
        const at::Tensor guess = fit.row_effects[r] + fit.asset_effects[a] + fit.rows[r].dot(fit.assets[a]);
        if (held_out[c]) error += weights[r] * std::pow(cells.value[c] - guess.item<double>(), 2);
      }
    if (error < least) least = error, best = ridge;
  }
  EXPECT_GT(best, 0.2);
  EXPECT_LT(best, 27);
  EXPECT_EQ(chosen.chosen_ridge, best);
  const Embedding whole =
      fit_recommender(cells, {.K = 3, .ridge = best, .kappa = 0.2, .seed = 5}, 1, {.weights = weights, .y = y});
  EXPECT_TRUE(chosen.assets.equal(whole.assets) && chosen.rows.equal(whole.rows));
  EXPECT_EQ(chosen.starts.size(), 3U);
  EXPECT_TRUE(std::isnan(whole.chosen_ridge));
}

TEST(RidgeChoice, is_small_where_there_is_signal_and_large_where_there_is_none) {
  const auto recommender = [&](const Cells& cells) {
    return fit_recommender(cells, {.K = 2, .ridges = {0.1, 1, 30}, .sweeps = 50}, 1).chosen_ridge;
  };
  EXPECT_EQ(recommender(strong()), 0.1);
  EXPECT_EQ(recommender(noise()), 30);
  const at::Tensor characteristics = normal("characteristics", {40, 3});
  const auto semiparametric = [&](const Cells& cells) {
    const SemiparametricConfig config{.K = 2, .observed = 2, .ridges = {0.1, 1, 30}, .sweeps = 50};
    return fit_semiparametric(cells, characteristics, config, 1).fit.chosen_ridge;
  };
  EXPECT_EQ(semiparametric(strong()), 0.1);
  EXPECT_EQ(semiparametric(noise()), 30);
}

TEST(RidgeChoice, does_not_depend_on_threads) {
  const RecommenderConfig config{.K = 5, .ridges = {0.3, 1, 3}, .sweeps = 30};
  const Embedding one = fit_recommender(strong(), config, 1), two = fit_recommender(strong(), config, 2);
  EXPECT_EQ(one.chosen_ridge, two.chosen_ridge);
  EXPECT_TRUE(one.assets.equal(two.assets) && one.rows.equal(two.rows));
}

TEST(CellsHeldOut, are_a_tenth_and_the_same_pairs_in_every_quarter) {
  const Cells cells = of_investors(random_cells(200, 100, 0.5), 4);
  const std::vector<bool> out = cells_held_out(cells, 1);
  std::set<std::pair<int32_t, int32_t>> held_out, kept;
  for (size_t r = 0; r < 200; ++r)
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c)
      (out[c] ? held_out : kept).emplace(cells.rows[r].investor, cells.asset[c]);
  for (const auto& pair : held_out) EXPECT_FALSE(kept.contains(pair));
  EXPECT_NEAR(static_cast<double>(std::ranges::count(out, true)) / static_cast<double>(out.size()), 0.1, 0.01);
  EXPECT_NE(out, cells_held_out(cells, 2));
}

// Later data put new names into the dictionary of investors, and so change the numbers of the others.
TEST(CellsHeldOut, do_not_depend_on_the_numbers_of_investors) {
  const Cells cells = of_investors(random_cells(40, 50, 0.5), 2);
  Cells renumbered = cells;
  for (CellRow& row : renumbered.rows) row.investor = 3 * row.investor + 7;
  EXPECT_EQ(cells_held_out(cells, 1), cells_held_out(renumbered, 1));
}

TEST(CellsHeldOut, are_none_of_rows_with_few_cells) {
  const Cells narrow = of_investors(random_cells(60, 12, 0.7));
  const std::vector<bool> out = cells_held_out(narrow, 1);
  int of_wide = 0;
  for (size_t r = 0; r < 60; ++r)
    for (int64_t c = narrow.start[r]; c < narrow.start[r + 1]; ++c) {
      EXPECT_FALSE(out[c] && narrow.assets_of(r).size() < 10);
      of_wide += out[c] ? 1 : 0;
    }
  EXPECT_GT(of_wide, 0);
}

TEST(HeldOutError, leaves_out_what_cannot_be_predicted) {
  const Cells cells = of_investors(low_rank(20, 25, 2, 0.9, 0.3));
  const std::vector<bool> out = cells_held_out(cells, 1);
  // The same with an asset whose only cell, of row 3, is held out.
  Cells more{.rows = cells.rows, .assets = cells.assets, .start = {0}};
  more.assets.push_back("of one investor");
  std::vector<bool> more_out;
  for (size_t r = 0; r < 20; ++r) {
    for (int64_t c = cells.start[r]; c < cells.start[r + 1]; ++c)
      more.asset.push_back(cells.asset[c]), more.value.push_back(cells.value[c]), more_out.push_back(out[c]);
    if (r == 3) more.asset.push_back(25), more.value.push_back(1e3), more_out.push_back(true);
    more.start.push_back(static_cast<int64_t>(more.value.size()));
  }
  const auto error = [](const Cells& of, const std::vector<bool>& held_out) {
    return held_out_error(of, held_out, {}, fit_recommender(cells_without(of, held_out), {.K = 2}, 1));
  };
  EXPECT_NEAR(error(more, more_out), error(cells, out), 1e-12);
  const std::vector<bool> none(cells.value.size(), false);
  EXPECT_THAT(failure([&] { error(cells, none); }, ErrorKind::data), HasSubstr("set `ridge`"));
}

TEST(Ridges, are_two_or_more_and_increasing) {
  const auto refused = [](std::vector<double> ridges, double kappa = 0) {
    return failure([&] { check_ridges(ridges, kappa); }, ErrorKind::usage);
  };
  EXPECT_EQ(refused({}), "no error");
  EXPECT_EQ(refused({0.3, 1}), "no error");
  EXPECT_THAT(refused({1}), HasSubstr("`ridges` = [1]"));
  EXPECT_THAT(refused({3, 1}), HasSubstr("`ridges` = [3, 1]"));
  EXPECT_THAT(refused({1, 1, 3}), HasSubstr("increasing"));
  EXPECT_THAT(refused({0, 1}), HasSubstr("above 0"));
  EXPECT_THAT(refused({1, 3}, 1.0), HasSubstr("`kappa` = 1"));
  EXPECT_THROW(fit_recommender(strong(), {.ridges = {3, 1}}, 1), Error);
}

}  // namespace
}  // namespace loadstone
