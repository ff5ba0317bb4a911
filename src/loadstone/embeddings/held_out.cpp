#include "loadstone/embeddings/held_out.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "loadstone/core/random.h"
#include "loadstone/data/holdings_measures.h"
#include "loadstone/embeddings/effects.h"
#include "loadstone/embeddings/position_scores.h"
#include "loadstone/embeddings/ranking.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

int32_t root_of(std::vector<int32_t>& parent, int32_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

// Assets in both of two increasing lists.
int64_t common(std::span<const Position> a, std::span<const Position> b) {
  int64_t out = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i].asset == b[j].asset) ++out;
    const bool step = a[i].asset <= b[j].asset;
    j += b[j].asset <= a[i].asset ? 1 : 0;
    i += step ? 1 : 0;
  }
  return out;
}

// R2 of log holdings about their mean; predict(position) may be NaN, which counts as an error of the mean.
template <class Predict>
double size_r2(const std::vector<Position>& held_out, Predict predict) {
  double mean = 0, total = 0, residual = 0;
  for (const Position& p : held_out) mean += std::log(p.dollars) / static_cast<double>(held_out.size());
  for (const Position& p : held_out) {
    const double h = std::log(p.dollars), guess = predict(p);
    total += (h - mean) * (h - mean);
    residual += std::isnan(guess) ? (h - mean) * (h - mean) : (h - guess) * (h - guess);
  }
  return 1.0 - residual / total;
}

// Place of a number among increasing ones; -1: not there.
int64_t place(const std::vector<int32_t>& numbers, int32_t number) {
  const auto found = std::lower_bound(numbers.begin(), numbers.end(), number);
  return found != numbers.end() && *found == number ? found - numbers.begin() : -1;
}

double predicted(const QuarterVectors& fit, const Position& p) {
  const int64_t a = place(fit.assets, p.asset), i = place(fit.investors, p.investor), K = fit.X.size(1);
  if (a < 0 || i < 0) return NaN;
  double value = fit.asset_effects.const_data_ptr<double>()[a] + fit.investor_effects.const_data_ptr<double>()[i];
  for (int64_t k = 0; k < K; ++k)
    value += fit.X.const_data_ptr<double>()[a * K + k] * fit.Lambda.const_data_ptr<double>()[i * K + k];
  return value;
}

double effects_r2(const HeldOutSplit& split) {
  const Cells cells = split.train.cells({});
  const TwoWayEffects effects = two_way_effects(cells);
  std::map<int32_t, size_t> row;
  for (size_t r = 0; r < cells.rows.size(); ++r) row.emplace(cells.rows[r].investor, r);
  return size_r2(split.held_out, [&](const Position& p) {
    const auto r = row.find(p.investor);
    const int64_t v = place(split.train.vocabulary(), p.asset);
    return r == row.end() || v < 0 ? NaN : effects.row[r->second] + effects.asset[static_cast<size_t>(v)];
  });
}

}  // namespace

std::vector<int32_t> twins(const HoldingsQuarter& quarter, size_t investors, double overlap) {
  std::vector<int32_t> parent(investors);
  std::iota(parent.begin(), parent.end(), 0);
  const std::vector<int32_t> all = investors_of(quarter);
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = i + 1; j < all.size(); ++j) {
      const auto a = quarter.of_investor(all[i]), b = quarter.of_investor(all[j]);
      const auto smaller = static_cast<double>(std::min(a.size(), b.size()));
      if (smaller <= overlap * static_cast<double>(std::max(a.size(), b.size()))) continue;
      const auto both = static_cast<double>(common(a, b));
      if (both <= overlap * (static_cast<double>(a.size() + b.size()) - both)) continue;
      const int32_t x = root_of(parent, all[i]), y = root_of(parent, all[j]);
      parent[std::max(x, y)] = std::min(x, y);
    }
  for (int32_t i = 0; i < static_cast<int32_t>(investors); ++i) parent[i] = root_of(parent, i);
  return parent;
}

std::vector<bool> held_out_positions(const Holdings& names, const HoldingsQuarter& quarter,
                                     const std::vector<int32_t>& group, double share, uint64_t seed, int64_t split) {
  std::vector<bool> out(quarter.positions.size(), false);
  std::vector<int64_t> left(group.size(), 0);
  for (const Position& p : quarter.positions) ++left[p.investor];
  for (size_t k = 0; k < out.size(); ++k) {
    const Position& p = quarter.positions[k];
    Stream stream(seed, "held out", quarter.date.days, split, std::string_view(names.investors[group[p.investor]]),
                  std::string_view(names.assets[p.asset]));
    out[k] = stream.uniform() < share && left[p.investor] > 2;
    left[p.investor] -= out[k] ? 1 : 0;
  }
  return out;
}

HeldOutSplit held_out_split(const QuarterView& view, const BenchmarkConfig& config, uint64_t seed, int64_t split) {
  std::vector<int32_t> group = twins(view.positions(), view.names().investors.size(), config.twin_overlap);
  const std::vector<bool> out =
      held_out_positions(view.names(), view.positions(), group, config.held_out_share, seed, split);
  HeldOutSplit made{view.without(out), {}, std::move(group)};
  for (size_t k = 0; k < out.size(); ++k)
    if (out[k]) made.held_out.push_back(view.positions().positions[k]);
  return made;
}

Table split_table(const HeldOutSplit& split) {
  const Holdings& names = split.train.names();
  std::vector<std::tuple<int32_t, int32_t, int32_t>> rows;
  for (const Position& p : split.train.positions().positions) rows.emplace_back(p.investor, p.asset, 0);
  for (const Position& p : split.held_out) rows.emplace_back(p.investor, p.asset, 1);
  std::sort(rows.begin(), rows.end());
  std::vector<std::string> investor, asset;
  std::vector<int32_t> held_out;
  for (const auto& [i, a, is_out] : rows) {
    investor.push_back(names.investors[static_cast<size_t>(i)]);
    asset.push_back(names.assets[static_cast<size_t>(a)]);
    held_out.push_back(is_out);
  }
  Table out;
  out.add("investor", std::move(investor));
  out.add("asset", std::move(asset));
  out.add("held_out", std::move(held_out));
  return out;
}

std::vector<Score> held_out_scores(const HeldOutSplit& split, const EmbeddingModel& model) {
  const QuarterVectors fit = model.fit(split.train);
  const Date date = split.train.quarter();
  std::vector<Score> out;
  if (model.predicts_log_holdings())
    out.push_back(
        {date, "size", "R2", size_r2(split.held_out, [&](const Position& p) { return predicted(fit, p); }), NaN});
  add_ranking(out,
              ranking_measures(model.position_scores(split.train, fit), scored_investors(split.train, fit),
                               split.train.vocabulary(), split.train.positions(), split.held_out, first_places),
              date);
  return out;
}

std::vector<ModelScores> held_out_baselines(const HeldOutSplit& split) {
  const Date date = split.train.quarter();
  const HoldingsQuarter& known = split.train.positions();
  const std::vector<int32_t> investors = investors_of(known);
  const std::vector<int32_t>& vocabulary = split.train.vocabulary();
  std::vector<ModelScores> out{{"Popularity", {}}, {"Similar investors", {}}, {"Effects alone", {}}};
  add_ranking(out[0].scores,
              ranking_measures(popularity_scores(known, investors, vocabulary), investors, vocabulary, known,
                               split.held_out, first_places),
              date);
  add_ranking(out[1].scores,
              ranking_measures(similar_investors_scores(known, investors, vocabulary, similar_voters, split.group),
                               investors, vocabulary, known, split.held_out, first_places),
              date);
  out[2].scores.push_back({date, "size", "R2", effects_r2(split), NaN});
  return out;
}

}  // namespace loadstone
