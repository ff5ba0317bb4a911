#include "loadstone/pricing/attention_tables.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "loadstone/experiment/chart.h"
#include "loadstone/experiment/row_table.h"
#include "loadstone/pricing/attention_summary.h"
#include "loadstone/pricing/registry.h"
#include "loadstone/pricing/universe.h"

namespace loadstone {
namespace {

constexpr int64_t groups = 5;  // nano .. mega

std::string group_name(int64_t group) { return std::string(name(static_cast<SizeGroup>(group))); }

class Rows {
 public:
  void add(int64_t block, const std::string& what, const std::string& at, double value) {
    block_.push_back(block), what_.push_back(what), at_.push_back(at), value_.push_back(value);
  }
  void add(int64_t block, const AttentionSummary& of, int64_t assets) {
    add(block, "entropy", "", of.entropy);
    add(block, "largest", "", of.largest);
    add(block, "itself", "", of.itself);
    add(block, "equal", "", 1.0 / static_cast<double>(assets));
    for (int64_t g = 0; g < groups; ++g)
      for (int64_t h = 0; h < groups; ++h)
        add(block, "group", fmt::format("{} to {}", group_name(g), group_name(h)), of.groups[g][h].item<double>());
    for (size_t t = 0; t < of.by_distance.size(); ++t)
      add(block, "distance", fmt::format("{}", t + 1), of.by_distance[t]);
    for (size_t k = 0; k < of.entropy_at.size(); ++k)
      add(block, "scale", fmt::format("{}", attention_scales[k]), of.entropy_at[k]);
  }
  Table table() && {
    Table out;
    out.add("block", std::move(block_));
    out.add("what", std::move(what_));
    out.add("at", std::move(at_));
    out.add("value", std::move(value_));
    return out;
  }

 private:
  std::vector<int64_t> block_;
  std::vector<std::string> what_, at_;
  std::vector<double> value_;
};

// The first replicate whose weights are numbers; -1: none.
int64_t sound_replicate(const at::Tensor& w) {
  for (int64_t s = 0; s < w.size(0); ++s)
    if (at::isfinite(w[s]).all().item<bool>()) return s;
  return -1;
}

// Means over fits, NaN left out: (block, what, at) -> value.
using nlohmann::json;
using Means = std::map<std::tuple<int64_t, std::string, std::string>, double>;
Means means_of(const ModelOutcome& outcome, const Inputs& results) {
  Means sum, count;
  for (const std::string& task : outcome.tasks) {
    const Table table = results.more(task, "attention");
    for (size_t i = 0; i < table.rows(); ++i) {
      const double value = table.doubles("value")[i];
      if (std::isnan(value)) continue;
      const auto key = std::tuple(table.integers("block")[i], table.texts("what")[i], table.texts("at")[i]);
      sum[key] += value, count[key] += 1;
    }
  }
  for (auto& [key, value] : sum) value /= count[key];
  return sum;
}

double at_key(const Means& means, int64_t block, const std::string& what, const std::string& at = "") {
  const auto found = means.find({block, what, at});
  return found == means.end() ? std::nan("") : found->second;
}

int64_t blocks_of(const Means& means) { return means.empty() ? 0 : std::get<0>(means.rbegin()->first); }

std::string label(const std::string& model, int64_t block, int64_t blocks) {
  return blocks == 1 ? model : fmt::format("{}, block {}", model, block);
}

std::vector<std::string> group_columns() {
  std::vector<std::string> out;
  for (int64_t g = 0; g < groups; ++g) out.push_back(group_name(g));
  return out;
}

// Of block k, from group g to each.
std::vector<double> to_groups(const Means& means, int64_t k, int64_t g) {
  std::vector<double> out;
  for (int64_t h = 0; h < groups; ++h)
    out.push_back(at_key(means, k, "group", fmt::format("{} to {}", group_name(g), group_name(h))));
  return out;
}

Line by_distance(const Means& means, int64_t k, const std::string& name) {
  Line out{name, {}, {}};
  for (int tenth = 1; tenth <= 10; ++tenth)
    out.x.push_back(tenth), out.y.push_back(at_key(means, k, "distance", fmt::format("{}", tenth)));
  return out;
}

Line by_scale(const Means& means, int64_t k, const std::string& name) {
  Line out{name, {}, {}};
  for (const double by : attention_scales)
    out.x.push_back(by), out.y.push_back(at_key(means, k, "scale", fmt::format("{}", by)));
  return out;
}

json heat(const Means& means) {
  std::vector<HeatCell> cells;
  std::vector<std::string> order;
  for (int64_t g = 0; g < groups; ++g) {
    const std::vector<double> row = to_groups(means, 1, g);
    bool any = false;
    for (int64_t h = 0; h < groups; ++h) {
      const double ratio = row[static_cast<size_t>(h)];
      if (!(ratio > 0)) continue;  // none, or never looked at
      cells.push_back({group_name(g), group_name(h), std::log2(ratio)}), any = true;
    }
    if (any) order.push_back(group_name(g));
  }
  return cells.empty() ? json() : heat_map(cells, order, "group that looks", "group that it looks at", 1.0, ".2f");
}

ReportTable attention_report(const RowTable& table) {
  return {
      "attention",
      "What attention does",
      "Means over fits, each in the last month in which it was used, of the first seed.",
      table.table(),
      {{"entropy", "0.000"},
       {"largest", {{"format", "0.0000"}, {"label", "largest share"}}},
       {"itself", {{"format", "0.0000"}, {"label", "share of itself"}}},
       {"equal", {{"format", "0.0000"}, {"label", "equal share"}}},
       {"from_others", {{"format", "0.000"}, {"label", "weights from others"}}}},
      {"Entropy of an asset's attention over that of equal attention: 1 where it looks at all alike, 0 at one. "
       "Largest: share of the asset that it looks at most; itself: that stays with it; equal: 1 over the number of all "
       "assets, also where an asset looks at its size group alone. From others: part of the variance of weights across "
       "assets that goes when attention keeps only what an asset gives itself, 1 - cov(own, w) / var(w); one number "
       "for all blocks, and above 1 where others turn weights round. Linear attention is no share, and has this "
       "number alone."}};
}

ReportTable groups_report(const RowTable& table) {
  ReportTable out{"attention_by_group", "Attention between size groups",
                  "Attention of assets of one group (rows) that goes to another (columns), over that group's share of "
                  "all assets: 1 is chance. Means over fits, each in the last month in which it was used.",
                  table.table()};
  for (const std::string& group : group_columns()) out.format[group] = "0.00";
  return out;
}

}  // namespace

Table attention_table(const NetworkModel& model, const ParameterStore& store, const at::Tensor& X,
                      const at::Tensor& group) {
  const at::NoGradGuard no_graph;
  const PricingNetwork& network = *model.network;
  Rows rows;
  NetworkInput seen{X, {}, group};
  if (const at::Tensor present = present_assets(model.fit, X); present.defined())
    seen = {X.index({present}), {}, group.index({present})};
  if (seen.X.size(0) < 2) return std::move(rows).table();
  const std::vector<AttentionInput> inputs = network.attention_inputs(store, seen);
  if (inputs.empty()) return std::move(rows).table();
  const at::Tensor w = network.weights(store, seen);
  const int64_t s = sound_replicate(w);
  if (s < 0) return std::move(rows).table();
  rows.add(0, "from others", "", share_from_others(w[s], network.own_weights(store, seen)[s]));
  for (size_t k = 0; k < inputs.size(); ++k)
    if (inputs[k].softmax)
      rows.add(static_cast<int64_t>(k) + 1,
               attention_summary(inputs[k].Y[s], inputs[k].W[s], seen.X, seen.group, groups, inputs[k].group),
               seen.X.size(0));
  return std::move(rows).table();
}

void add_attention(Summary& summary, const Outcomes& outcomes, const Inputs& results) {
  RowTable table({"model"}, {"entropy", "largest", "itself", "equal", "from_others"});
  RowTable between({"model", "of"}, group_columns());
  std::vector<Line> distance, scale;
  json by_group;
  std::string first;
  for (const ModelOutcome& outcome : outcomes.models) {
    if (!is_network(outcome.model.type)) continue;
    const Means means = means_of(outcome, results);
    const int64_t blocks = blocks_of(means);
    if (blocks == 0 && !means.empty()) {
      const double none = std::nan("");
      table.add({outcome.model.name}, {none, none, none, none, at_key(means, 0, "from others")});
    }
    for (int64_t k = 1; k <= blocks; ++k) {
      const std::string of = label(outcome.model.name, k, blocks);
      table.add({of}, {at_key(means, k, "entropy"), at_key(means, k, "largest"), at_key(means, k, "itself"),
                       at_key(means, k, "equal"), at_key(means, 0, "from others")});
      for (int64_t g = 0; g < groups; ++g)
        if (const std::vector<double> row = to_groups(means, k, g);
            !std::ranges::all_of(row, [](double x) { return std::isnan(x); }))
          between.add({of, group_name(g)}, row);
      if (distance.size() < most_lines)
        distance.push_back(by_distance(means, k, of)), scale.push_back(by_scale(means, k, of));
    }
    if (blocks > 0 && first.empty()) first = outcome.model.name, by_group = heat(means);
  }
  if (table.rows() > 0) summary.tables.push_back(attention_report(table));
  if (between.rows() > 0) summary.tables.push_back(groups_report(between));
  if (!by_group.is_null())
    summary.figures.push_back({"attention_groups", fmt::format("Attention between size groups, {}", first),
                               "Attention of assets of one group that goes to another, over the group's share of all "
                               "assets, in powers of two: 0 is chance. First block.",
                               by_group});
  if (distance.empty()) return;
  summary.figures.push_back(
      {"attention_distance", "Attention by distance of characteristics",
       fmt::format(
           "To the nearest tenth of the other assets, to the second, and so on, over equal attention. At most {} "
           "curves.",
           most_lines),
       line_chart(distance, {"tenth of the other assets, nearest first"}, {"over equal attention"}, "")});
  summary.figures.push_back(
      {"attention_temperature", "Attention by temperature (lemma 1 of the paper)",
       fmt::format(
           "Entropy where scores are multiplied: as the factor grows, an asset comes to look at the best alone. "
           "At most {} curves.",
           most_lines),
       line_chart(scale, {"factor of the scores", true}, {"entropy over that of equal attention"}, "")});
}

}  // namespace loadstone
