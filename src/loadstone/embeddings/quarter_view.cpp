#include "loadstone/embeddings/quarter_view.h"

#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "loadstone/core/error.h"
#include "loadstone/data/holdings_measures.h"
#include "loadstone/data/label_filter.h"
#include "loadstone/embeddings/implied_returns.h"

namespace loadstone {
namespace {

// Positions of a quarter that were filed in time.
std::vector<Position> filed(const HoldingsQuarter& quarter, int days) {
  std::vector<Position> out;
  std::copy_if(quarter.positions.begin(), quarter.positions.end(), std::back_inserter(out),
               [&](const Position& p) { return p.known_at.days <= quarter.date.days + days; });
  return out;
}

at::Tensor chosen(const at::Tensor& of_all, const std::vector<int32_t>& vocabulary, int64_t dimension) {
  const std::vector<int64_t> index(vocabulary.begin(), vocabulary.end());
  return of_all.index_select(dimension, at::tensor(index, at::kLong));
}

// (A) whose sizes set the sample's cut-off; empty: all.
std::vector<bool> breakpoint_assets(const EmbeddingsData& data, const SampleConfig& sample) {
  if (sample.size_breakpoints.empty()) return {};
  const char* where = "[sample] `size_breakpoints`";
  const LabelFilter filter = parse_label_filter(sample.size_breakpoints, where);
  if (sample.rules.min_size_quantile == 0)
    throw usage_error(fmt::format("{} = \"{}\" sets the quantile `min_size_quantile`, which is 0: set it above 0",
                                  where, sample.size_breakpoints));
  return chosen_rows(data.labels.assets, filter, where);
}

}  // namespace

QuarterView::QuarterView(const EmbeddingsData& data, const SampleConfig& sample, size_t quarter)
    : data_(data),
      config_(sample),
      number_(quarter),
      names_{data.holdings.investors, data.holdings.assets, {}},
      known_at_(data.holdings.quarters[quarter].date) {
  const HoldingsQuarter& whole = data.holdings.quarters[quarter];
  const HoldingsQuarter in_time = names_.indexed(whole.date, filed(whole, sample.filing_days));
  late_ = static_cast<int64_t>(whole.positions.size() - in_time.positions.size());
  std::vector<double> size;  // empty: what is filed in time
  if (sample.rules.min_size_quantile > 0 && data.panel) {
    const at::Tensor equity = data.market_equity.dated(whole.date, data.market_equity_days);
    size.assign(equity.const_data_ptr<double>(), equity.const_data_ptr<double>() + equity.numel());
  }
  drawn_ = sample_holdings(names_, in_time, sample.rules, size, breakpoint_assets(data, sample));
  sample_ = std::move(drawn_.quarter);
  drawn_.quarter = {};
  vocabulary_ = assets_held(sample_);
  const bool all_decide = sample.rules.min_size_quantile > 0;  // the quantile is that of what anybody holds
  for (const Position& p : (all_decide ? in_time : sample_).positions) known_at_ = std::max(known_at_, p.known_at);
}

Date QuarterView::known_at(const EmbeddingScope& scope) const {
  Date out = known_at_;
  for (const HoldingsQuarter& quarter : history(scope))
    for (const Position& p : quarter.positions) out = std::max(out, p.known_at);
  return out;
}

QuarterView QuarterView::of(const EmbeddingsData& data, const SampleConfig& sample, Date quarter) {
  const auto& all = data.holdings.quarters;
  return {data, sample, static_cast<size_t>(std::ranges::find(all, quarter, &HoldingsQuarter::date) - all.begin())};
}

QuarterView QuarterView::without(const std::vector<bool>& held_out) const {
  QuarterView out = *this;
  std::vector<Position> left;
  for (size_t k = 0; k < sample_.positions.size(); ++k) {
    const Position& p = sample_.positions[k];
    if (held_out[k])
      out.hidden_.emplace_back(p.investor, p.asset);
    else
      left.push_back(p);
  }
  std::sort(out.hidden_.begin(), out.hidden_.end());
  out.sample_ = names_.indexed(sample_.date, std::move(left));
  return out;
}

// The sample and the quarters before it that the measure takes; rebalancing one more. Those whole but for what the
// vocabulary leaves out, so that cuts of a sample are no exits.
std::vector<HoldingsQuarter> QuarterView::history(const EmbeddingScope& scope) const {
  std::vector<HoldingsQuarter> out;
  const auto quarters = static_cast<size_t>(scope.quarters) + (scope.measure == "rebalancing" ? 1 : 0);
  const size_t first = number_ + 1 - std::min(number_ + 1, quarters);
  std::vector<bool> known(names_.assets.size(), false);
  for (const int32_t a : vocabulary_) known[static_cast<size_t>(a)] = true;
  for (size_t q = first; q < number_; ++q) {
    std::vector<Position> positions = filed(data_.holdings.quarters[q], config_.filing_days);
    std::erase_if(positions, [&](const Position& p) {
      return !known[static_cast<size_t>(p.asset)] ||
             std::binary_search(hidden_.begin(), hidden_.end(), std::pair(p.investor, p.asset));
    });
    std::vector<int> breadth(names_.investors.size(), 0);
    for (const Position& p : positions) ++breadth[static_cast<size_t>(p.investor)];
    std::erase_if(positions, [&](const Position& p) {
      return breadth[static_cast<size_t>(p.investor)] < config_.rules.min_assets;
    });
    out.push_back(names_.indexed(data_.holdings.quarters[q].date, std::move(positions)));
  }
  out.push_back(sample_);
  return out;
}

// (A) market equity at the end of each quarter, against which weights are active; empty: the sums of positions.
std::vector<std::vector<double>> QuarterView::market_equity_of(const std::vector<HoldingsQuarter>& quarters,
                                                               const EmbeddingScope& scope) const {
  std::vector<std::vector<double>> out;
  if (scope.market == "holdings") return out;
  for (const HoldingsQuarter& quarter : quarters) {
    const at::Tensor equity = data_.market_equity.dated(quarter.date, data_.market_equity_days).contiguous();
    out.emplace_back(equity.const_data_ptr<double>(), equity.const_data_ptr<double>() + equity.numel());
  }
  return out;
}

Cells QuarterView::cells(const EmbeddingScope& scope) const {
  const std::vector<HoldingsQuarter> quarters = history(scope);
  Cells out;
  if (scope.measure == "rebalancing") {
    if (quarters.size() < 2)
      throw data_error(fmt::format(
          "{}: there is no quarter before it, so no rebalancing; let `first` of [sample] be later", quarter().text()));
    out = rebalancing(names_, quarters, vocabulary_);
  } else if (scope.measure == "active_weights") {
    out = log_active_weights(names_, quarters, vocabulary_, market_equity_of(quarters, scope));
  } else {
    out = log_holdings(names_, quarters, vocabulary_);
  }
  return scope.ranks ? percentile_ranks(std::move(out)) : out;
}

double QuarterView::investor_weight(int32_t investor, const std::string& kind, const HoldingsQuarter& of) const {
  if (kind == "equal") return 1.0;
  if (kind == "size") {
    double sum = 0;
    for (const Position& p : of.of_investor(investor)) sum += p.dollars;
    return sum;
  }
  std::vector<std::string> valid{"equal", "size"};
  for (const auto& [name, column] : data_.labels.investors.columns()) {
    const auto* numbers = std::get_if<std::vector<double>>(&column);
    if (numbers == nullptr) continue;
    if (name == kind) return (*numbers)[static_cast<size_t>(investor)];
    valid.push_back(name);
  }
  throw unknown_name("weight", kind, "investors (`investor_weight`, one of them or of investor_numbers)", valid);
}

std::vector<double> QuarterView::weights(const Cells& cells, const EmbeddingScope& scope) const {
  if (scope.investor_weight == "equal" && scope.quarter_weight == 1.0) return {};
  std::vector<double> out;
  const std::vector<HoldingsQuarter> quarters = history(scope);
  for (const CellRow& row : cells.rows) {
    const auto of =
        std::find_if(quarters.begin(), quarters.end(), [&](const HoldingsQuarter& q) { return q.date == row.quarter; });
    const auto ago = static_cast<double>(quarters.end() - of - 1);
    out.push_back(investor_weight(row.investor, scope.investor_weight, *of) * std::pow(scope.quarter_weight, ago));
    if (!(out.back() > 0))
      throw data_error(fmt::format("{}: investor {} has the weight {}; weights are above 0", row.quarter.text(),
                                   names_.investors[static_cast<size_t>(row.investor)], out.back()));
  }
  const double mean = std::accumulate(out.begin(), out.end(), 0.0) / static_cast<double>(out.size());
  for (double& weight : out) weight /= mean;
  return out;
}

at::Tensor QuarterView::daily_returns() const {
  const Date end = quarter();
  const int month = end.month_index() - 3;
  const Date begin = Date::month_end(month / 12, static_cast<unsigned>(month % 12 + 1));
  if (!data_.daily.R.defined()) return at::full({0, static_cast<int64_t>(vocabulary_.size())}, 0.0, at::kDouble);
  return chosen(data_.daily.within(begin, end), vocabulary_, 1);
}

at::Tensor QuarterView::market_equity() const {
  const at::Tensor all = data_.panel ? data_.market_equity.dated(quarter(), data_.market_equity_days)
                                     : total_holdings(sample_, static_cast<int64_t>(names_.assets.size()));
  return chosen(all, vocabulary_, 0);
}

at::Tensor QuarterView::characteristics(const std::vector<std::string>& names) const {
  const std::vector<int64_t> columns = characteristic_columns(data_, names);
  const at::Tensor all = data_.characteristics(quarter());
  if (!all.defined())
    throw data_error(fmt::format("the panel has no cross-section of {}, the date of a quarter", quarter().text()));
  return chosen(all, vocabulary_, 0).index_select(1, at::tensor(columns, at::kLong));
}

at::Tensor QuarterView::vectors(const std::string& name) const {
  return chosen(vectors_named(data_.vectors, name).known(quarter()), vocabulary_, 0);
}

std::vector<int64_t> characteristic_columns(const EmbeddingsData& data, const std::vector<std::string>& names) {
  if (!data.panel) throw data_error("observed characteristics come from [data.panel], and there is none");
  const std::vector<std::string>& valid = data.panel->info().blocks.at("rank");
  std::vector<int64_t> out(valid.size());
  std::iota(out.begin(), out.end(), int64_t{0});
  if (means_all(names, "a list of characteristics")) return out;
  if (names.empty())
    throw usage_error(fmt::format("no characteristic is named: give `all`, or some of {}", fmt::join(valid, ", ")));
  out.clear();
  for (const std::string& name : names) {
    const auto found = std::find(valid.begin(), valid.end(), name);
    if (found == valid.end()) throw unknown_name("characteristic", name, "the panel", valid);
    out.push_back(found - valid.begin());
  }
  return out;
}

}  // namespace loadstone
