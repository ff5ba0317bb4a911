#include "loadstone/embeddings/model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// (V) place of each asset of the vocabulary among those that have a vector; -1: none.
std::vector<int64_t> places(const std::vector<int32_t>& vocabulary, const std::vector<int32_t>& assets) {
  std::vector<int64_t> out;
  for (const int32_t a : vocabulary) {
    const auto found = std::lower_bound(assets.begin(), assets.end(), a);
    out.push_back(found != assets.end() && *found == a ? found - assets.begin() : -1);
  }
  return out;
}

// Columns to mean 0 and length 1, then rows to length 1: similarity is a product.
at::Tensor scaled_directions(const at::Tensor& X) {
  const at::Tensor centred = X - X.mean(0);
  const at::Tensor scaled = centred / at::linalg_vector_norm(centred, 2, 0).clamp_min(1e-300);
  return scaled / at::linalg_vector_norm(scaled, 2, 1, true).clamp_min(1e-300);
}

// (m, n) cosine of each asset and the mean direction of what each investor of the view holds.
at::Tensor likeness(const QuarterView& view, const QuarterVectors& fit, std::vector<int32_t>& investors) {
  const at::Tensor D = scaled_directions(fit.X);
  std::vector<at::Tensor> held;
  for (int32_t i = 0; i < static_cast<int32_t>(view.names().investors.size()); ++i) {
    at::Tensor sum = at::zeros({D.size(1)}, at::kDouble);
    for (const Position& p : view.positions().of_investor(i)) {
      const auto found = std::lower_bound(fit.assets.begin(), fit.assets.end(), p.asset);
      if (found != fit.assets.end() && *found == p.asset) sum += D[found - fit.assets.begin()];
    }
    if (view.positions().of_investor(i).empty()) continue;
    investors.push_back(i);
    held.push_back(sum);
  }
  at::Tensor mean = at::empty({static_cast<int64_t>(held.size()), D.size(1)}, at::kDouble);
  for (size_t k = 0; k < held.size(); ++k) mean[static_cast<int64_t>(k)].copy_(held[k]);
  return mean.div(at::linalg_vector_norm(mean, 2, 1, true).clamp_min(1e-300)).mm(D.t());
}

at::Tensor tensor(const std::vector<double>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<double*>(values.data()), shape, at::kDouble).clone();
}

}  // namespace

at::Tensor EmbeddingModel::position_scores(const QuarterView& view, const QuarterVectors& fit) const {
  at::Tensor of_vectors;
  std::vector<int32_t> investors = fit.investors;
  if (!fit.investors.empty())
    of_vectors = fit.Lambda.mm(fit.X.t()) + fit.asset_effects.nan_to_num();
  else
    of_vectors = likeness(view, fit, investors);
  const std::vector<int64_t> place = places(view.vocabulary(), fit.assets);
  at::Tensor out = at::full({of_vectors.size(0), static_cast<int64_t>(place.size())}, NaN, at::kDouble);
  for (size_t v = 0; v < place.size(); ++v)
    if (place[v] >= 0) out.select(1, static_cast<int64_t>(v)).copy_(of_vectors.select(1, place[v]));
  return out;
}

Table vectors_table(const QuarterVectors& vectors, const Holdings& names) {
  const auto K = static_cast<int>(vectors.X.size(1));
  std::vector<std::string> kind, key;
  std::vector<int32_t> number;
  std::vector<double> effect;
  DoubleVectors vector{K, {}};
  const auto add = [&](const char* what, const std::vector<int32_t>& numbers,
                       const std::vector<std::string>& dictionary, const at::Tensor& rows, const at::Tensor& effects) {
    const at::Tensor values = rows.contiguous(), of = effects.contiguous();
    for (size_t i = 0; i < numbers.size(); ++i) {
      kind.emplace_back(what), number.push_back(numbers[i]);
      key.push_back(dictionary[static_cast<size_t>(numbers[i])]);
      effect.push_back(of.const_data_ptr<double>()[i]);
      const double* row = values.const_data_ptr<double>() + static_cast<int64_t>(i) * K;
      vector.values.insert(vector.values.end(), row, row + K);
    }
  };
  add("asset", vectors.assets, names.assets, vectors.X, vectors.asset_effects);
  if (!vectors.investors.empty())
    add("investor", vectors.investors, names.investors, vectors.Lambda, vectors.investor_effects);
  Table out;
  out.add("kind", std::move(kind));
  out.add("key", std::move(key));
  out.add("number", std::move(number));
  out.add("date", std::vector<Date>(out.rows(), vectors.quarter));
  out.add("known_at", std::vector<Date>(out.rows(), vectors.known_at));
  out.add("effect", std::move(effect));
  out.add("vector", std::move(vector));
  const nlohmann::json fit{{"quarter", vectors.quarter.text()},
                           {"known_at", vectors.known_at.text()},
                           {"r2", std::isnan(vectors.r2) ? nlohmann::json() : nlohmann::json(vectors.r2)},
                           {"converged", vectors.converged},
                           {"iterations", vectors.iterations},
                           {"starts", vectors.starts}};
  out.metadata["fit"] = fit.dump();
  return out;
}

QuarterVectors read_vectors(const Table& table) {
  const auto fit = nlohmann::json::parse(table.metadata.at("fit"));
  QuarterVectors out;
  out.quarter = Date::parse(fit.at("quarter").get<std::string>());
  out.known_at = Date::parse(fit.at("known_at").get<std::string>());
  out.r2 = fit.at("r2").is_null() ? NaN : fit.at("r2").get<double>();
  out.converged = fit.at("converged");
  out.iterations = fit.at("iterations");
  out.starts = fit.at("starts").get<std::vector<double>>();
  const auto& kind = table.texts("kind");
  const auto& number = table.get<std::vector<int32_t>>("number");
  const auto& vector = table.get<DoubleVectors>("vector");
  const auto n = static_cast<int64_t>(std::count(kind.begin(), kind.end(), "asset"));
  out.assets.assign(number.begin(), number.begin() + n);
  out.investors.assign(number.begin() + n, number.end());
  const auto rows = static_cast<int64_t>(kind.size());
  const at::Tensor all = tensor(vector.values, {rows, vector.width}), effects = tensor(table.doubles("effect"), {rows});
  out.X = all.slice(0, 0, n).contiguous();
  out.Lambda = all.slice(0, n).contiguous();
  out.asset_effects = effects.slice(0, 0, n).contiguous();
  out.investor_effects = effects.slice(0, n).contiguous();
  return out;
}

}  // namespace loadstone
