#pragma once
// Long panel files (a row for each date and asset), CSV or Parquet, into a panel store.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/sources/source.h"

namespace loadstone {

struct PanelFileConfig {
  std::string path;
  std::string date = "date", asset = "asset", returns = "ret", market_equity, size_group, known_at;
  std::vector<std::string> characteristics{"all"};
  std::string timing;
  std::string frequency = "monthly";
  bool rank = true;
  double max_missing_characteristic = 0.30;
  double max_missing_row = 1.0 / 3.0;
  bool drop_nano = false;
  double max_missing_returns = 0.25;
  void describe(Parameters& p);
};

// Layouts that set column names and timing by themselves where the file has their columns: JKP (eom, id,
// ret_exc_lead1m, me, size_grp: timing known_at). Fields that the experiment sets win.
IngestReport ingest_panel_file(const nlohmann::json& fields, const std::filesystem::path& base,
                               const std::filesystem::path& store);

}  // namespace loadstone
