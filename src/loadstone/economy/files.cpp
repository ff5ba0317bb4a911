#include "loadstone/economy/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "loadstone/data/panel.h"

namespace loadstone {

namespace {
constexpr int kFilingLag = 45;  // days from the quarter end until the last filing; each investor has its own lag
constexpr int kLeastFilingLag = 20;

std::string investor_name(size_t i) { return i == 0 ? "HOUSEHOLDS" : fmt::format("I{:04}", i); }
std::string fund_name(size_t f) { return fmt::format("F{:03}", f); }

// The trait by which an asset stands out most, as an industry would be labelled.
std::string label(const Asset& asset) {
  const auto most = std::max_element(asset.traits.begin(), asset.traits.end(),
                                     [](double a, double b) { return std::abs(a) < std::abs(b); });
  return fmt::format("{}{}", *most < 0 ? "low_trait_" : "high_trait_", most - asset.traits.begin() + 1);
}
}  // namespace

std::vector<std::string> characteristic_names(const EconomyConfig& config) {
  std::vector<std::string> out;
  for (int j = 1; j <= config.characteristics; ++j) out.push_back(fmt::format("c{:03}", j));
  return out;
}

UserFiles::UserFiles(const EconomyConfig& config, std::filesystem::path folder)
    : config_(config), folder_(std::move(folder)), demand_(config), funds_(config), macro_(config), books_(config) {
  const auto D = static_cast<size_t>(config.characteristics);
  panel_.characteristics.resize(D);
  factors_.resize(1 + D);
  series_.resize(Macro::kSeries + 1);
  investors_.taste.width = config.traits;
}

void UserFiles::add(const PublishedMonth& published, const Market& market) {
  const MarketMonth& month = *published.market;
  add_panel(published);
  add_macro(month);
  std::optional<DemandQuarter> quarter;
  if (is_quarter_end(month.date)) {
    quarter = demand_.next(month, market.assets());
    add_books(month, market.assets());
    add_demand(month, *quarter);
  }
  add_funds(month, quarter ? &*quarter : nullptr);
  if (published.newest) return;
  factor_date_.push_back(month.return_end);
  const std::vector<double> factors = sorted_factors(month, published.characteristics, published.returns);
  for (size_t j = 0; j < factors.size(); ++j) factors_[j].push_back(factors[j]);
  add_daily(month, market.model());
}

void UserFiles::add_panel(const PublishedMonth& published) {
  const MarketMonth& month = *published.market;
  const size_t N = month.size(), D = panel_.characteristics.size();
  panel_.date.insert(panel_.date.end(), N, month.date);
  for (size_t i = 0; i < N; ++i) {
    panel_.asset.push_back(asset_name(month.assets[i]));
    panel_.size_group.emplace_back(name(static_cast<SizeGroup>(published.size_group[i])));
    panel_.ret.push_back(published.returns[i]);
    panel_.me.push_back(static_cast<float>(month.market_equity[i]));
    for (size_t j = 0; j < D; ++j) panel_.characteristics[j].push_back(published.characteristics[i * D + j]);
  }
}

void UserFiles::add_macro(const MarketMonth& month) {
  macro_date_.push_back(month.date);
  macro_known_at_.push_back(Macro::known_at(month.date));
  std::vector<double> values = macro_.next(month);
  values.push_back(month.risk_free);
  for (size_t m = 0; m < values.size(); ++m) series_[m].push_back(values[m]);
}

void UserFiles::add_books(const MarketMonth& month, const std::vector<Asset>& assets) {
  const std::vector<double> book_equity = books_.next(month, assets);
  for (size_t i = 0; i < month.size(); ++i) {
    fundamentals_.date.push_back(month.date);
    fundamentals_.known_at.push_back(Books::known_at(month.date));
    fundamentals_.asset.push_back(asset_name(month.assets[i]));
    fundamentals_.value.push_back(book_equity[i]);
  }
}

void UserFiles::add_demand(const MarketMonth& month, const DemandQuarter& quarter) {
  for (const Holding& h : quarter.holdings) {
    const auto row = static_cast<size_t>(h.row);
    const int lag = kLeastFilingLag + h.investor * 7 % (kFilingLag - kLeastFilingLag + 1);
    holdings_.date.push_back(month.date);
    holdings_.known_at.push_back({month.date.days + lag});
    holdings_.investor.push_back(investor_name(static_cast<size_t>(h.investor)));
    holdings_.asset.push_back(asset_name(month.assets[row]));
    holdings_.dollars.push_back(h.dollars);
    holdings_.shares.push_back(h.dollars / month.market_equity[row]);  // as in the model, an asset has one share
  }
  for (size_t i = 0; i < month.size(); ++i) {
    latent_.date.push_back(month.date);
    latent_.asset.push_back(asset_name(month.assets[i]));
    latent_.value.push_back(quarter.latent[i]);
  }
  for (size_t i = 0; i < quarter.constant.size(); ++i) {
    investors_.date.push_back(month.date);
    investors_.investor.push_back(investor_name(i));
    investors_.constant.push_back(quarter.constant[i]);
    investors_.elasticity.push_back(quarter.elasticity[i]);
  }
  investors_.taste.values.insert(investors_.taste.values.end(), quarter.taste.begin(), quarter.taste.end());
}

void UserFiles::add_funds(const MarketMonth& month, const DemandQuarter* quarter) {
  for (const FundValue& value : funds_.next(month, quarter)) {
    fund_values_.date.push_back(month.date);
    fund_values_.fund.push_back(fund_name(static_cast<size_t>(value.fund)));
    fund_values_.value.push_back(value.value);
    fund_values_.net.push_back(value.return_net);
  }
}

void UserFiles::add_daily(const MarketMonth& month, const ReturnModel& model) {
  if (!daily_.date.empty() && daily_.date.back().year() != month.return_end.year()) write_daily();
  const std::vector<Date> days = trading_days(month);
  const std::vector<double> returns = daily_returns(config_, month, model, days.size());
  for (const Date day : days) {
    daily_.date.insert(daily_.date.end(), month.size(), day);
    for (const int32_t asset : month.assets) daily_.asset.push_back(asset_name(asset));
  }
  daily_.value.insert(daily_.value.end(), returns.begin(), returns.end());
}

void UserFiles::write_daily() {
  const auto path = folder_ / "daily" / fmt::format("{}.parquet", daily_.date.back().year());
  write_parquet(
      table_of("date", std::move(daily_.date), "asset", std::move(daily_.asset), "ret", std::move(daily_.value)), path);
  daily_ = {};
}

void UserFiles::write_panel() {
  Table table = table_of("date", std::move(panel_.date), "asset", std::move(panel_.asset), "ret", std::move(panel_.ret),
                         "me", std::move(panel_.me), "size_grp", std::move(panel_.size_group));
  const std::vector<std::string> names = characteristic_names(config_);
  for (size_t j = 0; j < names.size(); ++j) table.add(names[j], std::move(panel_.characteristics[j]));
  write_parquet(table, folder_ / "panel.parquet");
}

void UserFiles::write_series() {
  Table factors = table_of("date", std::move(factor_date_), "MKT", std::move(factors_[0]));
  const std::vector<std::string> names = characteristic_names(config_);
  for (size_t j = 0; j < names.size(); ++j) factors.add("LS_" + names[j], std::move(factors_[j + 1]));
  write_csv(factors, folder_ / "factors.csv");
  Table macro = table_of("date", std::move(macro_date_), "known_at", std::move(macro_known_at_));
  for (size_t m = 0; m < series_.size(); ++m)
    macro.add(m == Macro::kSeries ? "rf" : fmt::format("m{}", m + 1), std::move(series_[m]));
  write_csv(macro, folder_ / "macro.csv");
}

void UserFiles::write_funds() {
  std::vector<std::string> fund, investor;
  std::vector<double> fee;
  for (size_t f = 0; f < funds_.funds().size(); ++f) {
    fund.push_back(fund_name(f));
    investor.push_back(investor_name(static_cast<size_t>(funds_.funds()[f].investor)));
    fee.push_back(funds_.funds()[f].fee);
  }
  write_csv(table_of("fund", fund, "fee", std::move(fee)), folder_ / "funds.csv");
  write_csv(table_of("fund", fund, "investor", std::move(investor)), folder_ / "truth" / "funds.csv");
  write_csv(table_of("date", std::move(fund_values_.date), "fund", std::move(fund_values_.fund), "nav",
                     std::move(fund_values_.value), "ret", std::move(fund_values_.net)),
            folder_ / "fund_values.csv");
}

void UserFiles::write_securities(const Market& market) {
  std::vector<std::string> asset, labels, listed, delisted;
  const auto month_end = [&](int month) {
    const int index = config_.first_month().month_index() + month;
    return Date::month_end(index / 12, static_cast<unsigned>(index % 12 + 1)).text();
  };
  for (const Asset& a : market.assets()) {
    asset.push_back(asset_name(static_cast<int32_t>(asset.size())));
    labels.push_back(label(a));
    listed.push_back(month_end(a.listed));
    delisted.push_back(a.last >= 0 && a.last + 1 < config_.months ? month_end(a.last + 1) : "");
  }
  write_csv(table_of("asset", std::move(asset), "label", std::move(labels), "listed", std::move(listed), "delisted",
                     std::move(delisted)),
            folder_ / "securities.csv");
}

void UserFiles::write_demand() {
  write_parquet(table_of("date", std::move(holdings_.date), "investor", std::move(holdings_.investor), "asset",
                         std::move(holdings_.asset), "dollars", std::move(holdings_.dollars), "shares",
                         std::move(holdings_.shares), "known_at", std::move(holdings_.known_at)),
                folder_ / "holdings.parquet");
  write_parquet(table_of("date", std::move(fundamentals_.date), "known_at", std::move(fundamentals_.known_at), "asset",
                         std::move(fundamentals_.asset), "book_equity", std::move(fundamentals_.value)),
                folder_ / "fundamentals.parquet");
  write_parquet(
      table_of("date", std::move(latent_.date), "asset", std::move(latent_.asset), "latent", std::move(latent_.value)),
      folder_ / "truth" / "demand.parquet");
  write_parquet(table_of("date", std::move(investors_.date), "investor", std::move(investors_.investor), "constant",
                         std::move(investors_.constant), "elasticity", std::move(investors_.elasticity), "taste",
                         std::move(investors_.taste)),
                folder_ / "truth" / "investors.parquet");
}

void UserFiles::close(const Market& market) {
  if (!daily_.date.empty()) write_daily();
  write_panel();
  write_series();
  write_funds();
  write_securities(market);
  write_demand();
}

}  // namespace loadstone
