#include "loadstone/sources/panel_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include "loadstone/core/error.h"
#include "loadstone/data/table.h"

namespace loadstone {
namespace {

// Vectors of one asset by the day from which they can be used.
struct History {
  std::vector<std::pair<Date, size_t>> known;  // (known_at, row of the file), increasing
};

class Vectors {
 public:
  Vectors(const std::filesystem::path& file, const PanelJoinConfig& config)
      : config_(config), table_(read_parquet(file, {"kind", "key", "date", "known_at", "vector"})) {
    const auto& dates = table_.dates("date");
    if (std::set(dates.begin(), dates.end()).size() > 1 && !table_.metadata.contains("aligned"))
      throw data_error(
          fmt::format("[[data.join]] {}: {} has vectors of several dates that are not aligned to earlier "
                      "dates: their numbers do not mean the same over time",
                      config.name, file.string()));
    for (size_t i = 0; i < table_.rows(); ++i)
      if (table_.texts("kind")[i] == "asset")
        of_[table_.texts("key")[i]].known.emplace_back(table_.dates("known_at")[i], i);
    for (auto& [asset, history] : of_) std::sort(history.known.begin(), history.known.end());
    if (of_.empty())
      throw data_error(fmt::format("[[data.join]] {}: {} has no vectors of assets", config.name, file.string()));
  }

  size_t width() const { return static_cast<size_t>(vectors().width); }
  const std::unordered_map<std::string, History>& assets() const { return of_; }

  // The newest vector that can be used at t; null if there is none.
  const double* at(const std::string& asset, Date t) const {
    const auto found = of_.find(asset);
    if (found == of_.end()) return nullptr;
    size_t best = table_.rows();
    Date newest{std::numeric_limits<int>::min()};
    for (const auto& [known_at, row] : found->second.known) {
      const Date date = table_.dates("date")[row];
      if (known_at <= t && t.days - date.days <= config_.max_age && date > newest) newest = date, best = row;
    }
    return best == table_.rows() ? nullptr : vectors().values.data() + best * width();
  }

 private:
  const DoubleVectors& vectors() const { return table_.get<DoubleVectors>("vector"); }

  const PanelJoinConfig& config_;
  Table table_;
  std::unordered_map<std::string, History> of_;
};

// Each column of the rows that are present to mean 0 and variance 1, or to ranks; the others to 0.
void standardise(std::vector<float>& values, size_t width, const std::vector<bool>& present, const std::string& how) {
  const auto n = present.size();
  const auto count = static_cast<double>(std::count(present.begin(), present.end(), true));
  if (how == "rank") {
    for (size_t i = 0; i < n; ++i)
      if (!present[i]) std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(i * width), width, std::nanf(""));
    rank_standardise(values, static_cast<int64_t>(n), static_cast<int64_t>(width));
    return;
  }
  for (size_t k = 0; k < width; ++k) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; ++i)
      if (present[i]) mean += static_cast<double>(values[i * width + k]) / count;
    for (size_t i = 0; i < n; ++i)
      if (present[i]) squares += std::pow(static_cast<double>(values[i * width + k]) - mean, 2) / count;
    const double scale = squares > 0 ? 1.0 / std::sqrt(squares) : 0.0;
    for (size_t i = 0; i < n; ++i) {
      float& value = values[i * width + k];
      value = present[i] ? static_cast<float>((static_cast<double>(value) - mean) * scale) : 0.0F;
    }
  }
}

std::vector<std::string> names_of(const Panel& panel, const CrossSection& month) {
  std::vector<std::string> out;
  for (const int32_t a : month.assets) out.push_back(panel.asset_names()[static_cast<size_t>(a)]);
  return out;
}

PanelJoin add_join(const std::filesystem::path& store, const PanelJoinConfig& config,
                   const std::filesystem::path& base) {
  const Vectors vectors(base / config.path, config);
  const Panel panel = Panel::open(store);
  PanelJoin out{.name = config.name};
  std::vector<BlockRows> rows;
  const size_t width = vectors.width();
  for (size_t t = 0; t < panel.dates().size(); ++t) {
    const Date date = panel.dates()[t];
    BlockRows month{date, names_of(panel, panel.as_of(date).cross_section(t)), {}};
    std::vector<bool> present(month.assets.size(), false);
    month.values.resize(month.assets.size() * width);
    for (size_t i = 0; i < present.size(); ++i)
      if (const double* x = vectors.at(month.assets[i], date)) {
        present[i] = true;
        std::transform(x, x + width, month.values.begin() + static_cast<std::ptrdiff_t>(i * width),
                       [](double value) { return static_cast<float>(value); });
      }
    if (config.standardise != "none") standardise(month.values, width, present, config.standardise);
    out.rows += static_cast<int64_t>(present.size());
    out.matched += std::count(present.begin(), present.end(), true);
    rows.push_back(std::move(month));
  }
  std::vector<std::string> columns;
  for (size_t k = 1; k <= width; ++k) columns.push_back(fmt::format("{}_{}", config.name, k));
  add_block(store, config.name, columns, rows);
  const std::set<std::string> known(panel.asset_names().begin(), panel.asset_names().end());
  for (const auto& [asset, history] : vectors.assets()) out.unmatched_assets += known.contains(asset) ? 0 : 1;
  return out;
}

// The blocks side by side.
void add_all(const std::filesystem::path& store, const std::vector<std::string>& blocks) {
  const Panel panel = Panel::open(store);
  std::vector<std::string> columns;
  for (const std::string& block : blocks)
    columns.insert(columns.end(), panel.info().blocks.at(block).begin(), panel.info().blocks.at(block).end());
  std::vector<BlockRows> rows;
  for (size_t t = 0; t < panel.dates().size(); ++t) {
    const CrossSection month = panel.as_of(panel.dates()[t]).cross_section(t);
    BlockRows of{month.date, names_of(panel, month), {}};
    std::vector<at::Tensor> values;
    for (const std::string& block : blocks) values.push_back(month.block(block).contiguous());
    for (int64_t i = 0; i < month.size(); ++i)
      for (const at::Tensor& block : values) {
        const float* row = block.const_data_ptr<float>() + i * block.size(1);
        of.values.insert(of.values.end(), row, row + block.size(1));
      }
    rows.push_back(std::move(of));
  }
  add_block(store, "all", columns, rows);
}

}  // namespace

void PanelJoinConfig::describe(Parameters& p) {
  p.add("name", name, "What models call these characteristics");
  p.add("path", path, "embeddings/<model>.parquet of another run");
  p.add("standardise", standardise,
        "Each number over the assets of a date: `z` to mean 0 and variance 1, `rank` to [-0.5, 0.5], `none`",
        one_of({"z", "rank", "none"}));
  p.add("max_age", max_age, "Vectors that describe a date longer ago are not used", at_least(1), "days");
}

std::vector<PanelJoin> join_vectors(const std::filesystem::path& store, const std::vector<PanelJoinConfig>& joins,
                                    const std::filesystem::path& base) {
  std::vector<std::string> blocks{"rank"};
  std::set<std::string> taken{"rank", "raw", "all", "panel", ""};
  std::vector<PanelJoin> out;
  for (const PanelJoinConfig& join : joins) {
    if (!taken.insert(join.name).second)
      throw usage_error(
          fmt::format("[[data.join]] name = \"{}\": each join needs a name of its own, other than all, "
                      "panel, rank and raw",
                      join.name));
    blocks.push_back(join.name);
    out.push_back(add_join(store, join, base));
    if (out.back().matched == 0)
      throw data_error(
          fmt::format("[[data.join]] {}: no row of the panel has a vector of its asset that was known at "
                      "its date: are the assets named alike, and the dates the same?",
                      join.name));
  }
  add_all(store, blocks);
  return out;
}

}  // namespace loadstone
