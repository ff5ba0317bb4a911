#include "loadstone/sources/label_file.h"

#include <fmt/format.h>

#include <unordered_map>

#include "loadstone/core/error.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {

void LabelFileConfig::describe(Parameters& p) {
  p.add("path", path, "File, CSV (also .gz) or Parquet, a row for each asset");
  p.add("asset", asset, "Column of the asset, named as in the holdings");
  p.add("columns", columns, "Columns of text that become labels");
}

IngestReport read_label_file(const LabelFileConfig& config, const std::filesystem::path& base, HoldingsLabels& labels) {
  if (config.path.empty() || config.columns.empty())
    throw usage_error("[data.labels] needs a `path` and the `columns` that become labels");
  std::vector<std::string> needed = config.columns;
  needed.push_back(config.asset);
  const RawTable raw = RawTable::read(base / config.path, needed);
  std::unordered_map<std::string_view, size_t> row;
  const std::vector<std::string> asset = raw.texts(config.asset);
  IngestReport report{.rows = static_cast<int64_t>(asset.size())};
  for (size_t i = 0; i < asset.size(); ++i) {
    if (asset[i].empty())
      ++report.dropped["asset missing"];
    else if (!row.emplace(asset[i], i).second)
      throw data_error(fmt::format("{}: asset {} has two rows. Keep one", raw.file(), asset[i]));
  }
  const std::vector<std::string> assets = labels.assets.texts("asset");  // a copy: columns move when one is added
  for (const std::string& name : assets) report.kept += row.contains(name) ? 1 : 0;
  const auto named = static_cast<int64_t>(row.size());
  if (report.kept < named) report.dropped["asset that nobody holds"] = named - report.kept;
  for (const std::string& column : config.columns) {
    if (labels.assets.has(column))
      throw usage_error(fmt::format("[data.labels] columns: the holdings have a label `{}` already", column));
    const std::vector<std::string> text = raw.texts(column);
    std::vector<std::string> label;
    for (const std::string& name : assets) label.push_back(row.contains(name) ? text[row.at(name)] : "");
    labels.assets.add(column, std::move(label));
  }
  return report;
}

}  // namespace loadstone
