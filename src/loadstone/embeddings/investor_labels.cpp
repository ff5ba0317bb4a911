#include "loadstone/embeddings/investor_labels.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "loadstone/embeddings/held_out.h"
#include "loadstone/embeddings/least_squares.h"
#include "loadstone/embeddings/valuation.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t folds = 10;

// A label of the investors of a fit that have it.
struct Labelled {
  std::string name;
  std::vector<int64_t> rows;  // positions in fit.investors
  at::Tensor y;               // (n) in logs if all are above zero
};

Labelled labelled(const Table& labels, const std::string& name, const QuarterVectors& fit) {
  const std::vector<double>& all = labels.doubles(name);
  Labelled out{name, {}, {}};
  std::vector<double> y;
  for (size_t i = 0; i < fit.investors.size(); ++i)
    if (const double value = all[static_cast<size_t>(fit.investors[i])]; std::isfinite(value))
      out.rows.push_back(static_cast<int64_t>(i)), y.push_back(value);
  if (std::ranges::all_of(y, [](double value) { return value > 0; })) {
    for (double& value : y) value = std::log(value);
    out.name = "ln " + name;
  }
  out.y = at::tensor(y, at::kDouble);
  return out;
}

// (m, 2) log value and log number of positions.
at::Tensor size_and_breadth(const QuarterView& view, const QuarterVectors& fit) {
  std::vector<double> size, breadth;
  for (const int32_t i : fit.investors) {
    const auto positions = view.positions().of_investor(i);
    double value = 0;
    for (const Position& p : positions) value += p.dollars;
    size.push_back(std::log(value));
    breadth.push_back(std::log(static_cast<double>(positions.size())));
  }
  return at::stack({at::tensor(size, at::kDouble), at::tensor(breadth, at::kDouble)}, 1);
}

}  // namespace

double cross_validated_r2(const at::Tensor& y, const at::Tensor& X, const std::vector<int64_t>& fold) {
  for (const int64_t f : std::set<int64_t>(fold.begin(), fold.end()))
    if (static_cast<int64_t>(fold.size()) - std::ranges::count(fold, f) <= X.size(1) + 1) return NaN;
  const at::Tensor nothing = at::empty({X.size(0), 0}, at::kDouble);
  const double residual = (y - fitted_across_folds(y, X, fold)).square().sum().item<double>();
  const double total = (y - fitted_across_folds(y, nothing, fold)).square().sum().item<double>();
  return total > 1e-20 * y.square().sum().item<double>() ? 1.0 - residual / total : NaN;
}

std::vector<int64_t> folds_of_groups(const std::vector<int32_t>& group, int64_t number, uint64_t seed, Date date) {
  std::map<int32_t, size_t> place;  // of each group, by increasing name
  for (const int32_t g : group) place.emplace(g, 0);
  size_t next = 0;
  for (auto& [g, at] : place) at = next++;
  const std::vector<int64_t> order = shuffled(static_cast<int64_t>(place.size()), seed, date, 0);
  std::vector<int64_t> out;
  for (const int32_t g : group) out.push_back(order[place[g]] % number);
  return out;
}

std::vector<std::string> numeric_labels(const Table& investors) {
  std::vector<std::string> out;
  for (const auto& [name, column] : investors.columns()) {
    const auto* values = std::get_if<std::vector<double>>(&column);
    if (values == nullptr) continue;
    std::vector<double> known;
    std::copy_if(values->begin(), values->end(), std::back_inserter(known), [](double v) { return std::isfinite(v); });
    if (!known.empty() && *std::ranges::min_element(known) < *std::ranges::max_element(known)) out.push_back(name);
  }
  return out;
}

std::string investor_labels_why_not(const EmbeddingsData& data) {
  return numeric_labels(data.labels.investors).empty()
             ? "no number describes the investors (investor_numbers of [data.holdings])"
             : "";
}

std::vector<Score> investor_label_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  for (const QuarterVectors& fit : fits) {
    if (fit.investors.empty()) continue;
    const QuarterView view = QuarterView::of(inputs.data, inputs.sample, fit.quarter);
    const std::vector<int32_t> group =
        twins(view.positions(), view.names().investors.size(), inputs.config.twin_overlap);
    const at::Tensor known = size_and_breadth(view, fit);
    for (const std::string& name : numeric_labels(inputs.data.labels.investors)) {
      const Labelled of = labelled(inputs.data.labels.investors, name, fit);
      std::vector<int32_t> groups;
      for (const int64_t i : of.rows) groups.push_back(group[static_cast<size_t>(fit.investors[i])]);
      const std::vector<int64_t> fold = folds_of_groups(groups, folds, inputs.seed, fit.quarter);
      const auto add = [&](const char* sample, const at::Tensor& X) {
        const double r2 = cross_validated_r2(of.y, rows_of(X, of.rows), fold);
        if (!std::isnan(r2)) out.push_back({fit.quarter, sample, "R2 of " + of.name, r2, NaN});
      };
      add("vectors", fit.Lambda);
      add("size and breadth", known);
      add("both", at::cat({fit.Lambda, known}, 1));
    }
  }
  return out;
}

}  // namespace loadstone
