#pragma once
// Monthly moments and portfolios as rows of result tables.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadstone/data/table.h"
#include "loadstone/pricing/model.h"
#include "loadstone/pricing/tasks.h"

namespace loadstone {

FeatureSpec feature_spec(const nlohmann::json& parameters);

// date, return_end, assets, missing_returns, F (NaN in a month without returns), Xi if the months have it
Table months_table(const std::vector<MonthMoments>& months);
// The reverse, one table after the other. Without a column Xi, Xi is undefined.
std::vector<MonthMoments> months_from(std::span<const Table> tables);

// The points of a result's curve, from its metadata.
std::vector<CurvePoint> curve_of(const Table& result);

using NamedNumbers = std::vector<std::pair<std::string, double>>;

// Names of the further columns of a result that start with `prefix`, such as "variant ", without it.
std::vector<std::string> named_columns(const Table& result, std::string_view prefix);

// Collects the rows of a model's result, date by date.
class PortfolioRows {
 public:
  struct Row {
    Date date, return_end;
    int64_t assets = 0, missing_returns = 0;
    double earned = 0.0;                       // NaN: not known yet
    double penalty = 0.0;                      // the chosen one
    std::vector<double> curve, loo, loadings;  // (C), (Z), (D)
    NamedNumbers named = {};                   // further columns, the same in every row
  };
  void add(const Row& row);
  // Weights of one date. returns: empty if they are not known yet.
  void add_weights(const CrossSection& month, std::span<const double> weights, std::span<const float> returns);
  // curve: what the points of `curve` stand for; kept in the table's metadata.
  Result result(bool with_weights, const std::vector<CurvePoint>& curve);

 private:
  std::vector<Row> rows_;
  std::vector<Date> date_;
  std::vector<int32_t> asset_, size_group_;
  std::vector<float> weight_, return_;
};

}  // namespace loadstone
