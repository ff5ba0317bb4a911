#include "loadstone/embeddings/crowding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "loadstone/core/random.h"
#include "loadstone/data/holdings_measures.h"
#include "loadstone/embeddings/by_asset.h"
#include "loadstone/embeddings/comovement.h"
#include "loadstone/embeddings/k_means.h"
#include "loadstone/embeddings/standardised.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr int times = 999, k_means_starts = 10;

double pairs(double n) { return 0.5 * n * (n - 1); }

// Rows of length 1, less their projection on the mean row, again of length 1: u_r = scale_r v_r - common_r M. The
// overlaps of a cluster's pairs come from the length of its sum: sum_{i<j} u_i'u_j = (|sum_i u_i|^2 - n) / 2.
class ExcessRows {
 public:
  ExcessRows(const Cells& cells, const std::vector<int32_t>& cluster) : mean_(cells.assets.size(), 0.0) {
    for (size_t r = 0; r < cells.rows.size(); ++r) {
      double squares = 0;
      for (const double v : cells.values_of(r)) squares += v * v;
      if (cluster[r] < 0 || squares == 0) continue;
      label.push_back(cluster[r]);
      investor.push_back(cells.rows[r].investor);
      asset_.insert(asset_.end(), cells.assets_of(r).begin(), cells.assets_of(r).end());
      for (const double v : cells.values_of(r)) value_.push_back(v / std::sqrt(squares));
      start_.push_back(asset_.size());
    }
    for (size_t c = 0; c < asset_.size(); ++c) mean_[asset_[c]] += value_[c];
    const double length = std::sqrt(squared_length(mean_));
    const auto n = static_cast<double>(label.size());
    mean_overlap = 0.5 * (length * length - n) / pairs(n);
    for (double& m : mean_) m /= length > 0 ? length : 1.0;
    for (size_t r = 0; r < label.size(); ++r) take_mean(r);
  }

  // (k) sums of overlaps over the pairs of each cluster, and their number.
  std::pair<std::vector<double>, std::vector<double>> within(const std::vector<int32_t>& of, int32_t k) const {
    std::vector<double> total(k * mean_.size(), 0.0), overlap(k, 0.0), members(k, 0.0), squares(k, 0.0), common(k, 0.0);
    for (size_t r = 0; r < of.size(); ++r) {
      members[of[r]] += 1;
      squares[of[r]] += square_[r];
      common[of[r]] += common_[r];
      double* sum = &total[of[r] * mean_.size()];
      for (size_t c = start_[r]; c < start_[r + 1]; ++c) sum[asset_[c]] += value_[c];
    }
    for (int32_t c = 0; c < k; ++c) {
      for (size_t a = 0; a < mean_.size(); ++a) {
        const double sum = total[c * mean_.size() + a] - common[c] * mean_[a];
        overlap[c] += sum * sum;
      }
      overlap[c] = 0.5 * (overlap[c] - squares[c]);
      members[c] = pairs(members[c]);
    }
    return {overlap, members};
  }

  std::vector<int32_t> label, investor;  // of the rows that take part
  double mean_overlap;                   // over all pairs, before the mean is taken away

 private:
  static double squared_length(const std::vector<double>& of) {
    return std::inner_product(of.begin(), of.end(), of.begin(), 0.0);
  }
  // A row along the mean has nothing of its own and becomes zero.
  void take_mean(size_t r) {
    double along = 0;
    for (size_t c = start_[r]; c < start_[r + 1]; ++c) along += value_[c] * mean_[asset_[c]];
    const double rest = 1.0 - along * along, scale = rest > 1e-12 ? 1.0 / std::sqrt(rest) : 0.0;
    for (size_t c = start_[r]; c < start_[r + 1]; ++c) value_[c] *= scale;
    common_.push_back(along * scale);
    square_.push_back(scale > 0 ? 1.0 : 0.0);
  }

  std::vector<double> mean_, common_, square_;  // (A) of length 1; (rows); (rows) squared lengths, 1 or 0
  std::vector<size_t> start_{0};
  std::vector<int32_t> asset_;
  std::vector<double> value_;
};

double sum(const std::vector<double>& values) {
  double out = 0;
  for (const double value : values) out += value;
  return out;
}

int32_t clusters_in(const std::vector<int32_t>& label) {
  return label.empty() ? 0 : *std::max_element(label.begin(), label.end()) + 1;
}

// Labels that each row takes from the row of another investor, as the permutation `to` of all investors says.
std::vector<int32_t> relabelled(const ExcessRows& rows, const std::vector<int32_t>& to) {
  std::vector<int32_t> label_of(to.size(), -1), out;
  for (size_t r = 0; r < rows.label.size(); ++r) label_of[rows.investor[r]] = rows.label[r];
  for (const int32_t investor : rows.investor) {
    int32_t other = to[investor];
    while (label_of[other] < 0) other = to[other];
    out.push_back(label_of[other]);
  }
  return out;
}

// Rows of the investors of `fit` in their portfolios: dollars, or 1 where something is held.
Cells portfolios(const QuarterView& view, const QuarterVectors& fit, bool by_value) {
  Cells out{{}, std::vector<std::string>(view.names().assets.size()), {0}, {}, {}};
  for (const int32_t i : fit.investors) {
    out.rows.push_back({i, view.quarter()});
    for (const Position& p : view.positions().of_investor(i))
      out.asset.push_back(p.asset), out.value.push_back(by_value ? p.dollars : 1.0);
    out.start.push_back(static_cast<int64_t>(out.asset.size()));
  }
  return out;
}

bool has_shares(const HoldingsQuarter& quarter) {
  return std::ranges::all_of(quarter.positions, [](const Position& p) { return p.shares > 0; });
}

// Of an asset's cells the value that half of them do not exceed.
std::vector<double> medians(const Cells& cells) {
  ByAsset columns = by_asset(cells.start, cells.asset, cells.value, cells.assets.size());
  std::vector<double> out(cells.assets.size(), NaN);
  for (size_t a = 0; a < out.size(); ++a) {
    const auto begin = columns.value.begin() + columns.start[a], end = columns.value.begin() + columns.start[a + 1];
    if (begin == end) continue;
    std::nth_element(begin, begin + (end - begin - 1) / 2, end);
    out[a] = *(begin + (end - begin - 1) / 2);
  }
  return out;
}

// Changes of shares from the quarter to the next, less the asset's median; no rows if there is no next quarter, or a
// position without shares.
Cells trades(const EmbeddingsData& data, const QuarterView& view) {
  const auto& all = data.holdings.quarters;
  const auto now = std::ranges::find(all, view.quarter(), &HoldingsQuarter::date);
  const auto next = std::ranges::find(all, next_quarter_end(view.quarter()), &HoldingsQuarter::date);
  if (next == all.end() || next != now + 1 || !has_shares(*now) || !has_shares(*next)) return {};
  Cells out = rebalancing(view.names(), {now, now + 2}, view.vocabulary());
  const std::vector<double> usual = medians(out);
  for (size_t c = 0; c < out.asset.size(); ++c) out.value[c] -= usual[out.asset[c]];
  return out;
}

// (R) the cluster of each row's investor; -1: it has no vector.
std::vector<int32_t> of_rows(const Cells& cells, const QuarterVectors& fit, const std::vector<int32_t>& cluster) {
  std::vector<int32_t> out;
  for (const CellRow& row : cells.rows) {
    const auto found = std::ranges::lower_bound(fit.investors, row.investor);
    const bool known = found != fit.investors.end() && *found == row.investor;
    out.push_back(known ? cluster[found - fit.investors.begin()] : -1);
  }
  return out;
}

double share_in_most_crowded(const Cells& by_value, const std::vector<int32_t>& cluster) {
  const std::vector<double> overlap = overlap_by_cluster(by_value, cluster);
  int32_t most = -1;
  for (int32_t c = 0; c < static_cast<int32_t>(overlap.size()); ++c)
    if (!std::isnan(overlap[c]) && (most < 0 || overlap[c] > overlap[most])) most = c;
  if (most < 0) return NaN;
  double in = 0, all = 0;
  for (size_t r = 0; r < cluster.size(); ++r) {
    double value = 0;
    for (const double v : by_value.values_of(r)) value += v;
    all += value;
    in += cluster[r] == most ? value : 0.0;
  }
  return in / all;
}

}  // namespace

std::vector<std::vector<int32_t>> relabellings(size_t investors, int number, uint64_t seed) {
  std::vector<std::vector<int32_t>> out(static_cast<size_t>(number), std::vector<int32_t>(investors));
  for (size_t time = 0; time < out.size(); ++time) {
    std::iota(out[time].begin(), out[time].end(), 0);
    Stream stream(seed, "relabelling", time);
    for (size_t i = investors; i > 1; --i) std::swap(out[time][i - 1], out[time][stream.below(i)]);
  }
  return out;
}

OverlapTest overlap_test(const Cells& portfolios, const std::vector<int32_t>& cluster,
                         const std::vector<std::vector<int32_t>>& relabellings) {
  const ExcessRows rows(portfolios, cluster);
  const int32_t k = clusters_in(rows.label);
  const auto n = static_cast<double>(rows.label.size());
  const double all = sum(rows.within(std::vector<int32_t>(rows.label.size(), 0), 1).first);
  const auto difference = [&](const std::vector<int32_t>& label) {
    const auto [overlap, number] = rows.within(label, k);
    const double in = sum(overlap), of = sum(number), others = pairs(n) - of;
    return of == 0 || others == 0 ? NaN : in / of - (all - in) / others;
  };
  OverlapTest out{rows.mean_overlap, difference(rows.label), NaN, {}, static_cast<int64_t>(rows.label.size())};
  if (std::isnan(out.difference)) return out;
  for (const std::vector<int32_t>& to : relabellings) out.by_chance.push_back(difference(relabelled(rows, to)));
  out.error = mean_error(out.by_chance).error * std::sqrt(static_cast<double>(out.by_chance.size()));
  return out;
}

double p_over_quarters(const std::vector<OverlapTest>& quarters) {
  double found = 0, as_large = 1;
  for (const OverlapTest& quarter : quarters) found += quarter.difference;
  const size_t number = quarters.front().by_chance.size();
  for (size_t time = 0; time < number; ++time) {
    double by_chance = 0;
    for (const OverlapTest& quarter : quarters) by_chance += quarter.by_chance[time];
    as_large += by_chance >= found - 1e-12 ? 1 : 0;
  }
  return as_large / (1.0 + static_cast<double>(number));
}

std::vector<double> overlap_by_cluster(const Cells& portfolios, const std::vector<int32_t>& cluster) {
  const ExcessRows rows(portfolios, cluster);
  const auto [overlap, number] = rows.within(rows.label, clusters_in(rows.label));
  std::vector<double> out;
  for (size_t c = 0; c < overlap.size(); ++c) out.push_back(number[c] > 0 ? overlap[c] / number[c] : NaN);
  return out;
}

std::string crowding_why_not(const EmbeddingsData&) { return ""; }

std::vector<Score> crowding_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  const auto permutations = relabellings(inputs.data.holdings.investors.size(), times, inputs.seed);
  std::vector<Score> out;
  std::map<std::string, std::vector<OverlapTest>> tests;  // by sample
  for (const QuarterVectors& fit : fits) {
    if (static_cast<int64_t>(fit.investors.size()) <= inputs.config.clusters) continue;
    const QuarterView view = QuarterView::of(inputs.data, inputs.sample, fit.quarter);
    const Clusters clusters =
        k_means(standardised(fit.Lambda), inputs.config.clusters, k_means_starts, inputs.seed, fit.quarter);
    const auto add = [&](const std::string& sample, const Cells& cells) {
      OverlapTest test = overlap_test(cells, of_rows(cells, fit, clusters.of), permutations);
      if (std::isnan(test.difference)) return;
      out.push_back({fit.quarter, sample, "mean overlap", test.all, NaN});
      out.push_back({fit.quarter, sample, "excess within less between", test.difference, test.error});
      tests[sample].push_back(std::move(test));
    };
    const Cells by_value = portfolios(view, fit, true);
    add("held or not", portfolios(view, fit, false));
    add("by value", by_value);
    if (const double share = share_in_most_crowded(by_value, clusters.of); !std::isnan(share))
      out.push_back({fit.quarter, "by value", "share in the most crowded", share, NaN});
    add("next quarter's trades", trades(inputs.data, view));
  }
  for (const auto& [sample, of] : tests)
    out.push_back({fits.back().quarter, sample, "p over all quarters", p_over_quarters(of), NaN});
  return out;
}

}  // namespace loadstone
