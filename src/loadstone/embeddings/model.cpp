#include "loadstone/embeddings/model.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "loadstone/core/error.h"
#include "loadstone/embeddings/position_scores.h"

namespace loadstone {
namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

// As they stand in files.
const std::map<Freedom, std::string>& freedom_names() {
  static const std::map<Freedom, std::string> all{{Freedom::rotation, "rotation"},
                                                  {Freedom::order_and_signs, "order and signs"},
                                                  {Freedom::none, "none"},
                                                  {Freedom::redrawn, "redrawn"}};
  return all;
}

nlohmann::json number_or_null(double value) { return std::isnan(value) ? nlohmann::json() : nlohmann::json(value); }
double number_of(const nlohmann::json& value) { return value.is_null() ? NaN : value.get<double>(); }

nlohmann::json written(const std::vector<ColumnBlock>& blocks) {
  auto out = nlohmann::json::array();
  for (const ColumnBlock& block : blocks)
    out.push_back({{"freedom", freedom_names().at(block.freedom)}, {"columns", block.columns}});
  return out;
}

std::vector<ColumnBlock> read_blocks(const nlohmann::json& blocks) {
  std::vector<ColumnBlock> out;
  for (const nlohmann::json& block : blocks) {
    const std::string name = block.at("freedom");
    const auto found = std::ranges::find_if(freedom_names(), [&](const auto& one) { return one.second == name; });
    out.push_back({found->first, block.at("columns")});
  }
  return out;
}

at::Tensor tensor(const std::vector<double>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<double*>(values.data()), shape, at::kDouble).clone();
}

}  // namespace

std::vector<ColumnBlock> blocks_of(const QuarterVectors& vectors) {
  const int64_t K = vectors.X.size(1);
  if (vectors.blocks.empty()) return {{Freedom::rotation, K}};
  int64_t columns = 0;
  for (const ColumnBlock& block : vectors.blocks) columns += block.columns;
  if (columns != K)
    throw Error(ErrorKind::task, fmt::format("{}: blocks of {} columns in all, of vectors of {} numbers",
                                             vectors.quarter.text(), columns, K));
  return vectors.blocks;
}

bool any_redrawn(const std::vector<ColumnBlock>& blocks) {
  return std::ranges::find(blocks, Freedom::redrawn, &ColumnBlock::freedom) != blocks.end();
}

// What the start was made of has to be known, too.
QuarterVectors EmbeddingModel::fit_from(const QuarterView& view, const QuarterVectors& before) const {
  QuarterVectors out = warm_fit(view, before);
  out.known_at = std::max(out.known_at, before.known_at);
  return out;
}

QuarterVectors EmbeddingModel::warm_fit(const QuarterView&, const QuarterVectors&) const {
  throw usage_error("`warm_start` is for models that descend from a start, and this one does not: leave it out");
}

at::Tensor earlier_vectors(const QuarterView& view, const QuarterVectors& before, const at::Tensor& of) {
  return in_vocabulary(view, before, of.t()).t();
}

void refuse_warm_start(const EmbeddingScope& scope, const std::string& because) {
  if (scope.warm_start) throw usage_error(fmt::format("`warm_start` is not for this model: {}. Leave it out", because));
}

int64_t EmbeddingModel::width(const QuarterView& view) const { return fit(view).X.size(1); }

at::Tensor EmbeddingModel::position_scores(const QuarterView& view, const QuarterVectors& fit) const {
  if (fit.investors.empty()) return likeness_scores(view, fit);
  return in_vocabulary(view, fit, fit.Lambda.mm(fit.X.t()) + fit.asset_effects.nan_to_num());
}

Table vectors_table(const QuarterVectors& vectors, const Holdings& names) {
  const auto K = static_cast<int>(vectors.X.size(1));
  std::vector<std::string> kind, key;
  std::vector<int32_t> number;
  std::vector<double> effect;
  DoubleVectors vector{K, {}}, output{K, {}};
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
  if (vectors.outputs.defined()) {
    const at::Tensor values = vectors.outputs.contiguous();
    output.values.assign(values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel());
    output.values.resize(vector.values.size(), NaN);
  }
  Table out;
  out.add("kind", std::move(kind));
  out.add("key", std::move(key));
  out.add("number", std::move(number));
  out.add("date", std::vector<Date>(out.rows(), vectors.quarter));
  out.add("known_at", std::vector<Date>(out.rows(), vectors.known_at));
  out.add("effect", std::move(effect));
  out.add("vector", std::move(vector));
  if (vectors.outputs.defined()) out.add("output", std::move(output));
  nlohmann::json fit{{"quarter", vectors.quarter.text()},     {"known_at", vectors.known_at.text()},
                     {"r2", number_or_null(vectors.r2)},      {"converged", vectors.converged},
                     {"iterations", vectors.iterations},      {"share", number_or_null(vectors.share)},
                     {"violation", vectors.violation},        {"alone", vectors.alone},
                     {"blocks", written(blocks_of(vectors))}, {"starts", vectors.starts}};
  if (!std::isnan(vectors.ridge)) fit["ridge"] = vectors.ridge;
  out.metadata["fit"] = fit.dump();
  return out;
}

QuarterVectors read_vectors(const Table& table) {
  const auto fit = nlohmann::json::parse(table.metadata.at("fit"));
  QuarterVectors out;
  out.quarter = Date::parse(fit.at("quarter").get<std::string>());
  out.known_at = Date::parse(fit.at("known_at").get<std::string>());
  out.r2 = number_of(fit.at("r2"));
  out.share = number_of(fit.at("share"));
  out.violation = fit.at("violation");
  out.alone = fit.at("alone");
  out.converged = fit.at("converged");
  out.iterations = fit.at("iterations");
  out.starts = fit.at("starts").get<std::vector<double>>();
  out.ridge = fit.value("ridge", NaN);
  out.blocks = read_blocks(fit.at("blocks"));
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
  if (table.has("output"))
    out.outputs = tensor(table.get<DoubleVectors>("output").values, {rows, vector.width}).slice(0, 0, n).contiguous();
  return out;
}

}  // namespace loadstone
