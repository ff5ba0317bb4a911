#pragma once
// The files that users bring, written from a simulated economy (see simulate.h for the list).

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadstone/data/table.h"
#include "loadstone/economy/config.h"
#include "loadstone/economy/demand.h"
#include "loadstone/economy/funds.h"
#include "loadstone/economy/market.h"
#include "loadstone/economy/observed.h"

namespace loadstone {

std::vector<std::string> characteristic_names(const EconomyConfig& config);  // (D) "c001", ...

// table_of("date", dates, "ret", returns): moves what it is given as an rvalue.
inline void add_columns(Table&) {}
template <class C, class... More>
void add_columns(Table& table, std::string_view name, C&& column, More&&... more) {
  table.add(std::string(name), std::forward<C>(column));
  add_columns(table, std::forward<More>(more)...);
}
template <class... Columns>
Table table_of(Columns&&... names_and_columns) {
  Table out;
  add_columns(out, std::forward<Columns>(names_and_columns)...);
  return out;
}

// A month as a researcher gets it.
struct PublishedMonth {
  const MarketMonth* market = nullptr;
  bool newest = false;                 // no return is known yet
  std::vector<float> characteristics;  // (N_t, D) NaN = missing
  std::vector<float> returns;          // (N_t) NaN = missing or not known yet
  std::vector<int8_t> size_group;      // (N_t)
};

class UserFiles {
 public:
  UserFiles(const EconomyConfig& config, std::filesystem::path folder);
  void add(const PublishedMonth& month, const Market& market);
  void close(const Market& market);

 private:
  struct Rows {  // of a table by date and asset
    std::vector<Date> date, known_at;
    std::vector<std::string> asset;
    std::vector<double> value;
  };
  void add_panel(const PublishedMonth& month);
  void add_macro(const MarketMonth& month);
  void add_books(const MarketMonth& month, const std::vector<Asset>& assets);
  void add_demand(const MarketMonth& month, const DemandQuarter& quarter);
  void add_funds(const MarketMonth& month, const DemandQuarter* quarter);
  void add_daily(const MarketMonth& month, const ReturnModel& model);
  void write_daily();
  void write_panel();
  void write_series();
  void write_funds();
  void write_securities(const Market& market);
  void write_demand();

  EconomyConfig config_;
  std::filesystem::path folder_;
  Demand demand_;
  Funds funds_;
  Macro macro_;
  Books books_;

  struct {
    std::vector<Date> date;
    std::vector<std::string> asset, size_group;
    std::vector<float> ret, me;
    std::vector<std::vector<float>> characteristics;  // (D) columns
  } panel_;
  std::vector<Date> factor_date_, macro_date_, macro_known_at_;
  std::vector<std::vector<double>> factors_, series_;  // (1 + D) and (series + rf) columns
  struct {
    std::vector<Date> date, known_at;
    std::vector<std::string> investor, asset;
    std::vector<double> dollars, shares;
  } holdings_;
  Rows fundamentals_, latent_, daily_;
  struct {
    std::vector<Date> date;
    std::vector<std::string> investor;
    std::vector<double> constant, elasticity;
    DoubleVectors taste;
  } investors_;
  struct {
    std::vector<Date> date;
    std::vector<std::string> fund;
    std::vector<double> value, net;
  } fund_values_;
};

}  // namespace loadstone
