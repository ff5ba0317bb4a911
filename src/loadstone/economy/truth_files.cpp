#include "loadstone/economy/truth_files.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "loadstone/core/atomic_file.h"
#include "loadstone/economy/files.h"
#include "loadstone/economy/observed.h"
#include "loadstone/economy/truth.h"

namespace loadstone {

namespace {
void append(std::vector<double>& to, const at::Tensor& values) {
  const double* data = values.const_data_ptr<double>();
  to.insert(to.end(), data, data + values.numel());
}
void append(std::vector<double>& to, const std::vector<double>& values) {
  to.insert(to.end(), values.begin(), values.end());
}
void write_assets(const Market& market, const std::filesystem::path& path) {
  std::vector<std::string> names;
  std::vector<double> variance;
  DoubleVectors traits{static_cast<int>(market.assets().front().traits.size()), {}};
  for (const Asset& asset : market.assets()) {
    names.push_back(asset_name(static_cast<int32_t>(names.size())));
    variance.push_back(asset.variance);
    append(traits.values, asset.traits);
  }
  write_parquet(table_of("asset", std::move(names), "variance", std::move(variance), "traits", std::move(traits)),
                path);
}
}  // namespace

TruthFiles::TruthFiles(const EconomyConfig& config, const ReturnModel& model) : config_(config), model_(model) {
  moments_.loadings.width = months_.premia.width = months_.factor_returns.width = config.factors;
}

void TruthFiles::add(const MarketMonth& month, bool newest) {
  const TruthMonth truth = truth_of(month, model_);
  const size_t N = month.size();
  moments_.date.insert(moments_.date.end(), N, month.date);
  moments_.return_end.insert(moments_.return_end.end(), N, month.return_end);
  moments_.asset.insert(moments_.asset.end(), truth.assets.begin(), truth.assets.end());
  append(moments_.mu, month.mu);
  append(moments_.variance, month.variance);
  append(moments_.sdf_weight, truth.sdf);
  append(moments_.loadings.values, month.loadings);
  months_.date.push_back(month.date);
  months_.return_end.push_back(month.return_end);
  months_.assets.push_back(static_cast<int64_t>(N));
  months_.state.push_back(month.state);
  months_.h.push_back(truth.h);
  append(months_.premia.values, month.premia);
  const std::vector<double> none(month.premia.size(), std::numeric_limits<double>::quiet_NaN());
  append(months_.factor_returns.values, newest ? none : month.factor_returns);
  floored_ += newest ? 0 : month.floored;
}

nlohmann::json TruthFiles::scalars(const Market& market) const {
  EconomyConfig config = config_;
  Parameters parameters;
  config.describe(parameters);
  const double h = std::accumulate(months_.h.begin(), months_.h.end(), 0.0) / static_cast<double>(months_.h.size());
  const std::vector<std::string> names = characteristic_names(config);
  const auto part = [&](int from, int count) {
    return std::vector<std::string>(names.begin() + from, names.begin() + from + count);
  };
  const int pairs = 2 * config.state_pairs;
  return {{"config", parameters.values()},
          {"months", config.months},
          {"oracle_sharpe", std::sqrt(12.0 * h / (1.0 - h))},
          {"mean_h", h},
          {"spillover_share", model_.spillover_share(config)},
          {"valuation_noise_share", config.valuation_noise},
          {"valuation_spread", Books::spread()},
          {"valuation_kappa", Books(config).kappa()},
          {"lambda_0", model_.lambda_0},
          {"lambda_1", model_.lambda_1},
          {"gamma", model_.gamma},
          {"factor_variance", model_.factor_variance},
          {"persistence", model_.persistence},
          {"informative", part(0, config.informative)},
          {"state_pairs", part(config.informative, pairs)},
          {"noise", part(config.informative + pairs, config.characteristics - config.informative - pairs)},
          {"assets_ever_listed", market.assets().size()},
          {"returns_floored_at_minus_95_percent", floored_}};
}

nlohmann::json TruthFiles::close(const std::filesystem::path& folder, const Market& market) {
  nlohmann::json out = scalars(market);
  write_parquet(
      table_of("date", std::move(moments_.date), "return_end", std::move(moments_.return_end), "asset",
               std::move(moments_.asset), "mu", std::move(moments_.mu), "variance", std::move(moments_.variance),
               "sdf_weight", std::move(moments_.sdf_weight), "loadings", std::move(moments_.loadings)),
      folder / "moments.parquet");
  write_parquet(table_of("date", std::move(months_.date), "return_end", std::move(months_.return_end), "assets",
                         std::move(months_.assets), "state", std::move(months_.state), "h", std::move(months_.h),
                         "premia", std::move(months_.premia), "factor_returns", std::move(months_.factor_returns)),
                folder / "months.parquet");
  write_assets(market, folder / "assets.parquet");
  write_atomically(folder / "truth.json", out.dump(2) + "\n");  // last: its presence says that the truth is whole
  return out;
}

}  // namespace loadstone
