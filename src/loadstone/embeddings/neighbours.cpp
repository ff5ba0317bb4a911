#include "loadstone/embeddings/neighbours.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

constexpr size_t most_values = 100;
constexpr auto no_labels =
    "no label of assets has values that several assets share (asset_labels of [data.holdings], [data.labels])";

std::map<std::string, int64_t> counts(const std::vector<std::string>& label) {
  std::map<std::string, int64_t> out;
  for (const std::string& value : label)
    if (!value.empty()) ++out[value];
  return out;
}

}  // namespace

int64_t dimensions(const at::Tensor& X) {
  if (X.size(0) == 0) return 0;
  const at::Tensor spread = at::linalg_svdvals(X - X.mean(0));
  const double least = 1e-12 * at::linalg_vector_norm(X).item<double>();
  return spread.gt(1e-6 * spread[0].item<double>()).logical_and(spread > least).sum().item<int64_t>();
}

int64_t dimensions(const QuarterVectors& fit) { return fit.share < 1e-6 ? 0 : dimensions(fit.X); }

at::Tensor directions(const at::Tensor& X) {
  const at::Tensor centred = X - X.mean(0);
  return centred / at::linalg_vector_norm(centred, 2, 1, true).clamp_min(1e-300);
}

at::Tensor cosines(const at::Tensor& X) {
  const at::Tensor unit = directions(X);
  at::Tensor out = unit.mm(unit.t());
  out.fill_diagonal_(-2.0);
  return out;
}

at::Tensor nearest(const at::Tensor& cosine, int64_t k) {
  return std::get<1>(at::sort(cosine, true, 1, true)).slice(1, 0, k).contiguous();
}

Agreement label_agreement(const at::Tensor& X, const std::vector<std::string>& label, int64_t k) {
  std::vector<int64_t> rows;
  for (size_t i = 0; i < label.size(); ++i)
    if (!label[i].empty()) rows.push_back(static_cast<int64_t>(i));
  const auto n = static_cast<int64_t>(rows.size());
  const at::Tensor near = nearest(cosines(X.index_select(0, at::tensor(rows, at::kLong))), std::min(k, n - 1));
  std::vector<double> shares;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t* of = near.const_data_ptr<int64_t>() + i * near.size(1);
    const auto same = std::count_if(of, of + near.size(1), [&](int64_t j) { return label[rows[j]] == label[rows[i]]; });
    shares.push_back(static_cast<double>(same) / static_cast<double>(near.size(1)));
  }
  double pairs = 0;
  for (const auto& [value, count] : counts(label)) pairs += static_cast<double>(count * (count - 1));
  return {mean_error(shares), pairs / static_cast<double>(n * (n - 1)), n};
}

std::vector<std::string> comparable_labels(const Table& labels) {
  std::vector<std::string> out;
  for (const auto& [name, column] : labels.columns()) {
    const auto* texts = std::get_if<std::vector<std::string>>(&column);
    if (texts == nullptr || name == "asset") continue;
    const auto values = counts(*texts);
    const auto shared = std::count_if(values.begin(), values.end(), [](const auto& value) { return value.second > 1; });
    if (shared >= 2 && values.size() <= most_values) out.push_back(name);
  }
  return out;
}

std::vector<std::string> chosen_labels(const Table& labels, const std::vector<std::string>& names) {
  const std::vector<std::string> valid = comparable_labels(labels);
  if (means_all(names, "[benchmarks] `neighbour_labels`")) return valid;
  if (names.empty()) throw usage_error("[benchmarks] `neighbour_labels` is empty: name labels, or `all`");
  if (valid.empty()) throw data_error(fmt::format("[benchmarks] `neighbour_labels`: {}", no_labels));
  for (const std::string& name : names)
    if (std::find(valid.begin(), valid.end(), name) == valid.end())
      throw unknown_name("label of assets", name, "[benchmarks] neighbour_labels", valid);
  return names;
}

std::string neighbours_why_not(const EmbeddingsData& data) {
  return comparable_labels(data.labels.assets).empty() ? no_labels : "";
}

std::vector<Score> neighbour_scores(const BenchmarkInputs& inputs, const std::vector<QuarterVectors>& fits) {
  std::vector<Score> out;
  if (std::ranges::all_of(fits, [](const QuarterVectors& fit) { return dimensions(fit) < 2; }))
    throw data_error("vectors of assets are all the same or lie on a line: none is nearer than another");
  for (const std::string& name : chosen_labels(inputs.data.labels.assets, inputs.config.neighbour_labels)) {
    const auto& of_all = inputs.data.labels.assets.texts(name);
    for (const QuarterVectors& fit : fits) {
      std::vector<std::string> label;
      for (const int32_t a : fit.assets) label.push_back(of_all[static_cast<size_t>(a)]);
      if (counts(label).size() < 2 || dimensions(fit) < 2) continue;
      const Agreement agreement = label_agreement(fit.X, label, inputs.config.neighbours);
      const std::string metric = fmt::format("same {}", name);
      out.push_back({fit.quarter, fmt::format("{} nearest", inputs.config.neighbours), metric, agreement.share.mean,
                     agreement.share.error});
      out.push_back({fit.quarter, "chance", metric, agreement.chance, std::nan("")});
    }
  }
  return out;
}

}  // namespace loadstone
