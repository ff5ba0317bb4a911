#include "loadstone/pricing/month_rows.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace loadstone {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::span<const double> row_of(const DoubleVectors& column, size_t row) {
  const auto width = static_cast<size_t>(column.width);
  return {column.values.data() + row * width, width};
}

at::Tensor copy_of(std::span<const double> values) {
  return at::from_blob(const_cast<double*>(values.data()), {static_cast<int64_t>(values.size())}, at::kDouble).clone();
}

// Xi of a month, (D, d); its number of columns d follows from the row's width.
at::Tensor matrix_of(const FloatVectors& column, size_t row, int64_t D) {
  const float* begin = column.values.data() + row * static_cast<size_t>(column.width);
  return at::from_blob(const_cast<float*>(begin), {D, column.width / D}, at::kFloat).clone();
}

// A model without penalties or a curve has no such column.
void add_vectors(Table& table, const char* name, const std::vector<PortfolioRows::Row>& rows,
                 std::vector<double> PortfolioRows::Row::*field) {
  DoubleVectors out;
  for (const auto& row : rows) {
    out.width = static_cast<int>((row.*field).size());
    out.values.insert(out.values.end(), (row.*field).begin(), (row.*field).end());
  }
  if (out.width > 0) table.add(name, std::move(out));
}

void add_named(Table& table, const std::vector<PortfolioRows::Row>& rows) {
  if (rows.empty()) return;
  for (size_t k = 0; k < rows.front().named.size(); ++k) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row.named.at(k).second);
    table.add(rows.front().named[k].first, std::move(values));
  }
}

template <class T>
std::vector<T> scalars(const std::vector<PortfolioRows::Row>& rows, T PortfolioRows::Row::*field) {
  std::vector<T> out;
  for (const auto& row : rows) out.push_back(row.*field);
  return out;
}

}  // namespace

FeatureSpec feature_spec(const nlohmann::json& parameters) {
  return {parameters.at("universe"), parameters.at("attention_features"), parameters.at("value_features"),
          parameters.at("seed"),     parameters.at("null_returns"),       parameters.at("block")};
}

Table months_table(const std::vector<MonthMoments>& months) {
  std::vector<Date> date, return_end;
  std::vector<int64_t> assets, missing_returns;
  DoubleVectors F;
  FloatVectors Xi;
  for (const MonthMoments& month : months)
    if (month.F.defined()) F.width = static_cast<int>(month.F.numel());
  for (const MonthMoments& month : months) {
    date.push_back(month.date);
    return_end.push_back(month.return_end);
    assets.push_back(month.assets);
    missing_returns.push_back(month.missing_returns);
    const auto width = static_cast<size_t>(F.width);
    if (month.F.defined())
      F.values.insert(F.values.end(), month.F.const_data_ptr<double>(), month.F.const_data_ptr<double>() + width);
    else
      F.values.insert(F.values.end(), width, missing);
    if (!month.Xi.defined()) continue;
    const at::Tensor flat = month.Xi.contiguous();
    Xi.width = static_cast<int>(flat.numel());
    Xi.values.insert(Xi.values.end(), flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel());
  }
  Table table;
  table.add("date", date);
  table.add("return_end", return_end);
  table.add("assets", assets);
  table.add("missing_returns", missing_returns);
  table.add("F", F);
  if (!Xi.values.empty()) {
    table.add("Xi", Xi);
    table.metadata["D"] = std::to_string(months.front().Xi.size(0));
  }
  return table;
}

std::vector<MonthMoments> months_from(std::span<const Table> tables) {
  std::vector<MonthMoments> months;
  for (const Table& table : tables) {
    const auto& F = table.get<DoubleVectors>("F");
    for (size_t i = 0; i < table.rows(); ++i) {
      MonthMoments month{table.dates("date")[i],
                         table.dates("return_end")[i],
                         table.integers("assets")[i],
                         table.integers("missing_returns")[i],
                         {},
                         {}};
      const std::span<const double> values = row_of(F, i);
      if (!values.empty() && !std::isnan(values[0])) month.F = copy_of(values);
      if (table.has("Xi")) month.Xi = matrix_of(table.get<FloatVectors>("Xi"), i, std::stoll(table.metadata.at("D")));
      months.push_back(std::move(month));
    }
  }
  return months;
}

void PortfolioRows::add(const Row& row) { rows_.push_back(row); }

void PortfolioRows::add_weights(const CrossSection& month, std::span<const double> weights,
                                std::span<const float> returns) {
  for (size_t i = 0; i < weights.size(); ++i) {
    date_.push_back(month.date);
    asset_.push_back(month.assets[i]);
    weight_.push_back(static_cast<float>(weights[i]));
    return_.push_back(returns.empty() ? std::numeric_limits<float>::quiet_NaN() : returns[i]);
    size_group_.push_back(month.size_group[i]);
  }
}

std::vector<CurvePoint> curve_of(const Table& result) {
  std::vector<CurvePoint> points;
  for (const auto& point : nlohmann::json::parse(result.metadata.at("curve")))
    points.push_back({point[0].is_null() ? missing : point[0].get<double>(), point[1].get<int>()});
  return points;
}

std::vector<std::string> named_columns(const Table& result, std::string_view prefix) {
  std::vector<std::string> names;
  for (const auto& [name, column] : result.columns())
    if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
  return names;
}

Result PortfolioRows::result(bool with_weights, const std::vector<CurvePoint>& curve) {
  Result result;
  nlohmann::json points = nlohmann::json::array();
  for (const CurvePoint& point : curve) points.push_back({point.penalty, point.heads});  // NaN is written as null
  result.main.metadata["curve"] = points.dump();
  result.main.add("date", scalars(rows_, &Row::date));
  result.main.add("return_end", scalars(rows_, &Row::return_end));
  result.main.add("assets", scalars(rows_, &Row::assets));
  result.main.add("missing_returns", scalars(rows_, &Row::missing_returns));
  result.main.add("return", scalars(rows_, &Row::earned));
  result.main.add("penalty", scalars(rows_, &Row::penalty));
  add_vectors(result.main, "curve", rows_, &Row::curve);
  add_vectors(result.main, "loo", rows_, &Row::loo);
  add_vectors(result.main, "loadings", rows_, &Row::loadings);
  add_named(result.main, rows_);
  if (!with_weights) return result;
  Table weights;
  weights.add("date", std::move(date_));
  weights.add("asset", std::move(asset_));
  weights.add("weight", std::move(weight_));
  weights.add("return", std::move(return_));
  weights.add("size_group", std::move(size_group_));
  result.more.emplace_back("weights", std::move(weights));
  return result;
}

}  // namespace loadstone
