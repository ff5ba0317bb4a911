#include "loadstone/sources/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadstone/data/panel.h"

namespace loadstone {
namespace {

// What is counted over all months.
struct Counts {
  int64_t rows = 0, returns = 0, missing_returns = 0, below_total_loss = 0, large = 0;
  size_t smallest = SIZE_MAX, largest = 0;
  Date smallest_date, largest_date;
  std::vector<int64_t> constant_months;  // (D) months in which a characteristic does not vary
};

void count_returns(const CrossSectionWithReturns& month, Counts& counts) {
  for (const float r : month.returns) {
    ++counts.returns;
    if (std::isnan(r)) ++counts.missing_returns;
    if (r < -1.0F) ++counts.below_total_loss;
    if (std::abs(r) > 1.0F) ++counts.large;
  }
}

void count_characteristics(const CrossSection& month, Counts& counts) {
  const at::Tensor X = month.block("rank").contiguous();
  const float* x = X.const_data_ptr<float>();
  const auto D = static_cast<size_t>(X.size(1));
  counts.constant_months.resize(D, 0);
  for (size_t k = 0; k < D; ++k) {
    bool constant = true;
    for (size_t i = 1; i < static_cast<size_t>(X.size(0)); ++i) constant = constant && x[i * D + k] == x[k];
    counts.constant_months[k] += constant ? 1 : 0;
  }
}

Counts count(const Panel& panel) {
  Counts counts;
  for (size_t t = 0; t < panel.dates().size(); ++t) {
    const CrossSection month = panel.as_of(panel.dates()[t]).cross_section(t);
    const auto n = static_cast<size_t>(month.size());
    counts.rows += month.size();
    if (n < counts.smallest) counts.smallest = n, counts.smallest_date = month.date;
    if (n > counts.largest) counts.largest = n, counts.largest_date = month.date;
    if (panel.info().blocks.contains("rank")) count_characteristics(month, counts);
    const PanelView later = panel.as_of(panel.return_ends()[t]);
    if (later.is_realised(t)) count_returns(later.realised(t), counts);
  }
  return counts;
}

void find_gaps(const Panel& panel, std::vector<Finding>& findings) {
  if (panel.info().frequency != Frequency::monthly) return;
  for (size_t t = 1; t < panel.dates().size(); ++t)
    if (panel.dates()[t - 1].next_month_end() != panel.dates()[t].end_of_month())
      findings.push_back({Severity::warning, fmt::format("no months between {} and {}", panel.dates()[t - 1].text(),
                                                         panel.dates()[t].text())});
}

void find_constants(const Panel& panel, const Counts& counts, std::vector<Finding>& findings) {
  const auto months = static_cast<int64_t>(panel.dates().size());
  for (size_t k = 0; k < counts.constant_months.size(); ++k) {
    const std::string& name = panel.info().blocks.at("rank")[k];
    if (counts.constant_months[k] == months)
      findings.push_back(
          {Severity::error, fmt::format("characteristic `{}` is the same for all assets in every month", name)});
    else if (counts.constant_months[k] > 0)
      findings.push_back(
          {Severity::warning, fmt::format("characteristic `{}` is the same for all assets in {} of {} months", name,
                                          counts.constant_months[k], months)});
  }
}

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

std::vector<Finding> check_store(const std::filesystem::path& store) {
  const Panel panel = Panel::open(store, true);
  const Counts counts = count(panel);
  std::vector<Finding> findings{
      {Severity::note,
       fmt::format("{}: {} dates from {} to {}, {} assets, {} rows", panel.info().source, panel.dates().size(),
                   panel.dates().front().text(), panel.dates().back().text(), panel.asset_names().size(), counts.rows)},
      {Severity::note, fmt::format("{} assets in {}, {} in {}", counts.smallest, counts.smallest_date.text(),
                                   counts.largest, counts.largest_date.text())},
      {Severity::note, "timing: " + panel.info().timing}};
  if (panel.late_rows() > 0)
    findings.push_back(
        {Severity::note, fmt::format("{} rows were known only after their date: left out", panel.late_rows())});
  if (counts.missing_returns > 0)
    findings.push_back(
        {Severity::warning, fmt::format("{} of {} returns are missing", counts.missing_returns, counts.returns)});
  if (counts.below_total_loss > 0)
    findings.push_back({Severity::error, fmt::format("{} returns are below -100 %", counts.below_total_loss)});
  if (counts.large * 100 > counts.returns)
    findings.push_back({Severity::error,
                        fmt::format("{:.0f} % of the returns are above 100 %: are they in per cent?",
                                    100.0 * static_cast<double>(counts.large) / static_cast<double>(counts.returns))});
  find_gaps(panel, findings);
  find_constants(panel, counts, findings);
  return findings;
}

}  // namespace loadstone
