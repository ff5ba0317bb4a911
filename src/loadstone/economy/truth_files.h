#pragma once
// Collects the truth of all months and writes the truth/ folder (except what UserFiles knows: investors and funds).

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "loadstone/data/table.h"
#include "loadstone/economy/config.h"
#include "loadstone/economy/market.h"

namespace loadstone {

class TruthFiles {
 public:
  TruthFiles(const EconomyConfig& config, const ReturnModel& model);
  void add(const MarketMonth& month, bool newest);
  nlohmann::json close(const std::filesystem::path& folder, const Market& market);  // returns truth.json

 private:
  struct Moments {
    std::vector<Date> date, return_end;
    std::vector<std::string> asset;
    std::vector<double> mu, variance, sdf_weight;
    DoubleVectors loadings;
  };
  struct Months {
    std::vector<Date> date, return_end;
    std::vector<int64_t> assets;
    std::vector<double> state, h;
    DoubleVectors premia, factor_returns;
  };
  nlohmann::json scalars(const Market& market) const;

  EconomyConfig config_;
  ReturnModel model_;
  Moments moments_;
  Months months_;
  int64_t floored_ = 0;
};

}  // namespace loadstone
