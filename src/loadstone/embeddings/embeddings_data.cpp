#include "loadstone/embeddings/embeddings_data.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <thread>
#include <unordered_map>

#include "loadstone/core/checked_json.h"
#include "loadstone/core/described_config.h"
#include "loadstone/core/error.h"
#include "loadstone/embeddings/implied_returns.h"
#include "loadstone/embeddings/price_returns.h"
#include "loadstone/sources/asset_values.h"
#include "loadstone/sources/asset_vectors.h"
#include "loadstone/sources/label_file.h"
#include "loadstone/sources/panel_source.h"
#include "loadstone/sources/source.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Numbers = std::unordered_map<std::string, int32_t>;

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();

Numbers numbers_of(const std::vector<std::string>& names) {
  Numbers out;
  for (const std::string& name : names) out.emplace(name, static_cast<int32_t>(out.size()));
  return out;
}

at::Tensor newest(const DatedValues& values, Date t, int days, bool known) {
  const int64_t A = values.value.defined() ? values.value.size(1) : 0;
  at::Tensor out = at::full({A}, NaN, at::kDouble);
  auto* to = out.mutable_data_ptr<double>();
  for (size_t k = 0; k < values.date.size() && values.date[k] <= t; ++k) {
    if (values.date[k].days <= t.days - days) continue;
    const double* value = values.value.const_data_ptr<double>() + static_cast<int64_t>(k) * A;
    const auto* since = values.known_at.const_data_ptr<int32_t>() + static_cast<int64_t>(k) * A;
    for (int64_t a = 0; a < A; ++a)
      if (value[a] == value[a] && (!known || since[a] <= t.days)) to[a] = value[a];
  }
  return out;
}

// Rows of a long file, by the numbers of the holdings' assets; what matches nothing is counted.
DatedValues dense(const AssetValues& values, const Numbers& numbers, json& note) {
  DatedValues out;
  for (const Date date : values.date)
    if (out.date.empty() || date > out.date.back()) out.date.push_back(date);
  const auto T = static_cast<int64_t>(out.date.size()), A = static_cast<int64_t>(numbers.size());
  out.value = at::full({T, A}, NaN, at::kDouble);
  out.known_at = at::zeros({T, A}, at::kInt);
  auto* value = out.value.mutable_data_ptr<double>();
  auto* known = out.known_at.mutable_data_ptr<int32_t>();
  int64_t t = -1, unmatched = 0;
  for (size_t i = 0; i < values.value.size(); ++i) {
    if (i == 0 || values.date[i] != values.date[i - 1]) ++t;
    const auto number = numbers.find(values.asset[i]);
    if (number == numbers.end()) {
      ++unmatched;
      continue;
    }
    value[t * A + number->second] = values.value[i];
    known[t * A + number->second] = values.known_at[i].days;
  }
  note = report_json(values.report);
  note["rows of assets that nobody holds"] = unmatched;
  return out;
}

void use_panel(EmbeddingsData& data, Panel panel) {
  const auto A = static_cast<int64_t>(data.holdings.assets.size()), T = static_cast<int64_t>(panel.dates().size());
  const Numbers numbers = numbers_of(data.holdings.assets);
  std::vector<int32_t> held(panel.asset_names().size(), -1);
  data.number_in_panel.assign(data.holdings.assets.size(), -1);
  for (size_t p = 0; p < held.size(); ++p)
    if (const auto number = numbers.find(panel.asset_names()[p]); number != numbers.end())
      held[p] = number->second, data.number_in_panel[number->second] = static_cast<int32_t>(p);
  const auto matched = std::count_if(held.begin(), held.end(), [](int32_t a) { return a >= 0; });
  if (matched == 0)
    throw data_error(
        fmt::format("no asset of the panel (such as `{}`) has the name of one in the holdings (such as "
                    "`{}`): give both the same identifiers",
                    panel.asset_names().front(), data.holdings.assets.front()));
  data.notes["assets of the holdings that the panel knows"] = fmt::format("{} of {}", matched, A);
  data.returns = {panel.dates(), panel.return_ends(), at::full({T, A}, NaN, at::kDouble)};
  data.market_equity = {panel.dates(), at::full({T, A}, NaN, at::kDouble), at::zeros({T, A}, at::kInt)};
  auto* R = data.returns.R.mutable_data_ptr<double>();
  auto* equity = data.market_equity.value.mutable_data_ptr<double>();
  const PanelView all = panel.as_of(panel.return_ends().back());
  for (int64_t t = 0; t < T; ++t) {
    const CrossSection known = all.cross_section(static_cast<size_t>(t));
    const bool realised = all.is_realised(static_cast<size_t>(t));
    const std::span<const float> returns =
        realised ? all.realised(static_cast<size_t>(t)).returns : std::span<const float>();
    data.market_equity.known_at[t].fill_(known.date.days);
    for (size_t i = 0; i < known.assets.size(); ++i) {
      const int32_t a = held[known.assets[i]];
      if (a < 0) continue;
      equity[t * A + a] = static_cast<double>(known.market_equity[i]);
      if (realised) R[t * A + a] = static_cast<double>(returns[i]);
    }
  }
  data.hashes["panel"] = panel.hash();
  data.panel = std::move(panel);
}

AssetValuesConfig values_config(const json& config, const std::string& name) {
  auto fields = read_config<AssetValuesConfig>(config, fmt::format("[data.{}]", name));
  if ((name == "daily" || name == "prices") && !fields.known_at.empty())
    throw usage_error(
        fmt::format("[data.{}] `known_at`: its values count as known on their day; leave the key out", name));
  if (name == "book_equity" && fields.known_at.empty())
    throw usage_error(
        "[data.book_equity] does not say when a value could be read: name the column of publication dates "
        "(`known_at`)");
  return fields;
}

void use_prices(EmbeddingsData& data, const DatedValues& prices, json& note) {
  PriceReturns found = price_returns(prices);
  data.returns = std::move(found.monthly), data.daily = std::move(found.daily);
  note["prices of zero and below"] = found.no_price;
  note["returns left out: price changed by more than a factor of five"] = found.implausible;
}

void load_values(EmbeddingsData& data, const json& config, const std::string& name, const fs::path& base) {
  const AssetValuesConfig fields = values_config(config, name);
  const AssetValues values = read_asset_values(fields, fmt::format("[data.{}]", name), base);
  json note;
  const DatedValues matched = dense(values, numbers_of(data.holdings.assets), note);
  if (name == "prices")
    use_prices(data, matched, note);
  else if (name == "daily")
    data.daily = daily_returns(matched.date, matched.value);
  else
    data.book_equity = matched;
  data.notes[name] = note;
  data.hashes[name] = hash_files(config.at("path"), base);
}

// [data.vectors], or [[data.vectors]] each with a name.
std::vector<AssetVectorsConfig> vectors_configs(const json& tables) {
  const json list = tables.is_array() ? tables : json::array({tables});
  std::vector<AssetVectorsConfig> out;
  for (const json& entry : list) {
    auto config = read_config<AssetVectorsConfig>(entry, "[data.vectors]");
    if (list.size() > 1 && config.name.empty()) throw usage_error("[[data.vectors]]: each needs a `name`");
    if (std::ranges::find(out, config.name, &AssetVectorsConfig::name) != out.end())
      throw usage_error(fmt::format("[[data.vectors]]: two have the name `{}`", config.name));
    out.push_back(std::move(config));
  }
  return out;
}

void load_vectors(EmbeddingsData& data, const json& tables, const fs::path& base) {
  for (const AssetVectorsConfig& config : vectors_configs(tables)) {
    const std::string what = config.name.empty() ? "vectors" : "vectors " + config.name;
    AssetVectors rows = read_asset_vectors(config, fmt::format("[data.{}]", what), base);
    data.vectors.push_back(dated_vectors(rows, config, data.holdings.assets));
    data.notes[what] = report_json(rows.report);
    data.hashes[what] = hash_files(config.path, base);
  }
}

void load_labels(EmbeddingsData& data, const json& config, const fs::path& base) {
  const auto fields = read_config<LabelFileConfig>(config, "[data.labels]");
  data.notes["labels"] = report_json(read_label_file(fields, base, data.labels));
  data.hashes["labels"] = hash_files(config.at("path"), base);
}

void read_holdings_of(EmbeddingsData& data, const json& config, const fs::path& base) {
  HoldingsData read = load_holdings(config, base, static_cast<int>(std::thread::hardware_concurrency()));
  data.holdings = std::move(read.holdings);
  data.labels = std::move(read.labels);
  data.notes["holdings"] = report_json(read.report);
  data.hashes["holdings"] = hash_files(config.at("path"), base);
  if (config.contains("links")) data.hashes["links"] = hash_files(config["links"], base);
}

void simulate_all(EmbeddingsData& data, const json& config, const fs::path& folder, int64_t seed) {
  const fs::path economy = simulated_economy(config, folder, seed, "[data.holdings]");
  read_holdings_of(data,
                   {{"source", "parquet"},
                    {"path", "holdings.parquet"},
                    {"value", "dollars"},
                    {"shares", "shares"},
                    {"known_at", "known_at"}},
                   economy);
  load_labels(data, {{"path", "securities.csv"}, {"columns", {"label"}}}, economy);
  load_values(data, {{"path", "fundamentals.parquet"}, {"value", "book_equity"}, {"known_at", "known_at"}},
              "book_equity", economy);
  std::vector<std::string> years;
  for (const auto& entry : fs::directory_iterator(economy / "daily"))
    years.push_back("daily/" + entry.path().filename().string());
  std::sort(years.begin(), years.end());
  load_values(data, {{"path", years}, {"value", "ret"}}, "daily", economy);
  use_panel(data, Panel::open(economy / "store"));
  data.truth = economy;
}

EmbeddingsDataConfig own_fields(const json& data) {
  json fields = json::object();
  if (data.contains("implied_returns")) fields["implied_returns"] = data["implied_returns"];
  return read_config<EmbeddingsDataConfig>(fields, "[data]");
}

bool is_simulated(const json& holdings) { return text_of(holdings, "source", "", "[data.holdings]") == "simulate"; }

void check_tables(const json& data) {
  check_table(data, "[data]");
  const std::vector<std::string> valid{"holdings", "labels",  "panel",  "book_equity",
                                       "daily",    "vectors", "prices", "implied_returns"};
  for (const auto& [key, value] : data.items())
    if (std::find(valid.begin(), valid.end(), key) == valid.end()) throw unknown_name("table", key, "[data]", valid);
  if (!data.contains("holdings")) throw usage_error("an embeddings experiment needs [data.holdings]");
  if (is_simulated(data["holdings"]) && data.size() > 1)
    throw usage_error(
        "[data.holdings] with source = \"simulate\" gives panel, book equity and daily returns: leave the "
        "other tables of [data] out");
  if (data.contains("panel") + data.contains("prices") + own_fields(data).implied_returns > 1)
    throw usage_error(
        "[data] has two of [data.panel], [data.prices] and `implied_returns`: returns come from one of them");
}

// [data] with its defaults, every value checked: no file has been read yet.
json resolve_data(const json& data, int64_t seed) {
  json out = values_of(own_fields(data));
  if (is_simulated(data["holdings"])) return {{"holdings", resolve_economy(data["holdings"], seed, "[data.holdings]")}};
  out["holdings"] = resolve_holdings(data["holdings"]);
  if (data.contains("panel")) out["panel"] = resolve_panel(data["panel"], seed);
  if (data.contains("labels")) out["labels"] = values_of(read_config<LabelFileConfig>(data["labels"], "[data.labels]"));
  for (const char* name : {"book_equity", "prices", "daily"})
    if (data.contains(name)) out[name] = values_of(values_config(data[name], name));
  if (data.contains("vectors"))
    for (const AssetVectorsConfig& config : vectors_configs(data["vectors"]))
      out["vectors"].push_back(values_of(config));
  return out;
}

void use_implied_returns(EmbeddingsData& data) {
  ImpliedReturns implied = implied_returns(data.holdings);
  data.returns = std::move(implied.returns);
  data.notes["implied returns"] = {
      {"source", "median over investors of value over shares, quarterly, without dividends"},
      {"left out: splits", implied.splits},
      {"left out: price changed by more than a factor of five", implied.implausible},
      {"prices left out: fewer than three investors", implied.few_holders}};
}

}  // namespace

void EmbeddingsDataConfig::describe(Parameters& p) {
  p.add(
      "implied_returns", implied_returns,
      "Without [data.panel]: quarterly returns from prices, which are the median over investors of value over shares; "
      "without dividends");
}

at::Tensor AssetReturns::within(Date from, Date to) const {
  int64_t first = 0, last = 0;
  for (size_t t = 0; t < end.size(); ++t) {
    if (begin[t] < from) first = static_cast<int64_t>(t) + 1;
    if (end[t] <= to) last = static_cast<int64_t>(t) + 1;
  }
  if (!R.defined()) return at::zeros({0, 0}, at::kDouble);
  return R.slice(0, first, std::max(first, last));
}

at::Tensor DatedValues::dated(Date t, int days) const { return newest(*this, t, days, false); }
at::Tensor DatedValues::known(Date t, int days) const { return newest(*this, t, days, true); }

at::Tensor EmbeddingsData::characteristics(Date date) const {
  if (!panel) return {};
  const auto& dates = panel->dates();
  const auto found = std::lower_bound(dates.begin(), dates.end(), date);
  if (found == dates.end() || *found != date) return {};
  const CrossSection known = panel->as_of(date).cross_section(static_cast<size_t>(found - dates.begin()));
  const at::Tensor rank = known.block("rank").to(at::kDouble);
  std::vector<int32_t> held(panel->asset_names().size(), -1);
  for (size_t a = 0; a < number_in_panel.size(); ++a)
    if (number_in_panel[a] >= 0) held[number_in_panel[a]] = static_cast<int32_t>(a);
  at::Tensor out = at::full({static_cast<int64_t>(number_in_panel.size()), rank.size(1)}, NaN, at::kDouble);
  for (size_t i = 0; i < known.assets.size(); ++i)
    if (const int32_t a = held[known.assets[i]]; a >= 0) out[a].copy_(rank[static_cast<int64_t>(i)]);
  return out;
}

EmbeddingsData load_embeddings_data(const json& data, const fs::path& base, const fs::path& data_folder, int64_t seed,
                                    int filing_days) {
  check_tables(data);
  EmbeddingsData out;
  out.resolved = resolve_data(data, seed);
  const json& holdings = data["holdings"];
  if (is_simulated(holdings)) {
    simulate_all(out, holdings, data_folder, seed);
    return out;
  }
  read_holdings_of(out, holdings, base);
  if (data.contains("panel")) {
    PanelSource source = open_panel(data["panel"], base, data_folder, seed);
    if (!source.notes.is_null()) out.notes["panel"] = source.notes;
    use_panel(out, std::move(source.panel));
  } else {
    out.market_equity = total_holdings(out.holdings, filing_days);
    out.market_equity_days = 140;
    out.notes["market equity"] = "the sum of all investors' positions that are filed in time";
  }
  if (own_fields(data).implied_returns) use_implied_returns(out);
  if (data.contains("labels")) load_labels(out, data["labels"], base);
  for (const char* name : {"book_equity", "prices", "daily"})  // daily returns of their own come after those of prices
    if (data.contains(name)) load_values(out, data[name], name, base);
  if (data.contains("vectors")) load_vectors(out, data["vectors"], base);
  return out;
}

}  // namespace loadstone
