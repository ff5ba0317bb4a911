#include "loadstone/economy/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/data/panel.h"
#include "loadstone/data/table.h"
#include "loadstone/economy/market.h"
#include "loadstone/economy/truth.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;

class Simulate : public testing::Test {
 protected:
  static EconomyConfig small() {
    EconomyConfig c;
    c.assets = 60;
    c.months = 15;
    c.investors = 25;
    c.funds = 6;
    c.delisting_rate = 0.02;
    c.start = "1999-11-30";
    return c;
  }
  fs::path run(const std::string& name, const EconomyConfig& config) {
    const fs::path folder = root_ / name;
    simulate(config, folder);
    return folder;
  }
  void SetUp() override {
    root_ = fs::temp_directory_path() /
            (std::string("loadstone_simulate_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  fs::path root_;
};

// Rows of `longer` up to the last date of `shorter` must be the same, bit for bit; only what `shorter` cannot know yet,
// the return after its newest month, may be missing there.
void expect_prefix(const Table& shorter, const Table& longer, const std::string& what) {
  ASSERT_LT(0U, shorter.rows()) << what;
  ASSERT_LE(shorter.rows(), longer.rows()) << what;
  for (const auto& [name, column] : shorter.columns()) {
    const bool is_return = name == "ret" || name == "factor_returns";
    const auto same = [&](const auto& now, const auto& later) {
      if constexpr (std::is_floating_point_v<std::decay_t<decltype(now)>>)
        return now == later || (std::isnan(now) && (is_return || std::isnan(later)));
      else
        return now == later;
    };
    const auto compare = [&](const auto& values, const auto& others) {
      EXPECT_TRUE(std::equal(values.begin(), values.end(), others.begin(), same)) << what << " " << name;
    };
    std::visit(
        [&](const auto& values) {
          const auto& others = longer.get<std::decay_t<decltype(values)>>(name);
          if constexpr (requires { values.width; })
            compare(values.values, others.values);
          else
            compare(values, others);
        },
        column);
  }
}

TEST_F(Simulate, a_longer_sample_leaves_the_first_months_as_they_are) {
  EconomyConfig c = small();
  const fs::path shorter = run("short", c);
  c.months = 27;
  const fs::path longer = run("long", c);
  for (const char* file :
       {"panel.parquet", "holdings.parquet", "fundamentals.parquet", "truth/moments.parquet", "truth/months.parquet",
        "truth/assets.parquet", "truth/demand.parquet", "truth/investors.parquet", "daily/2000.parquet"})
    expect_prefix(read_parquet(shorter / file), read_parquet(longer / file), file);
  for (const char* file : {"factors.csv", "macro.csv", "fund_values.csv"}) {
    const std::string first = read_file(shorter / file), second = read_file(longer / file);
    EXPECT_EQ(second.substr(0, first.size()), first) << file;
  }
}

TEST_F(Simulate, more_investors_change_neither_panel_nor_truth) {
  EconomyConfig c = small();
  const fs::path few = run("few", c);
  c.investors = 31;
  c.elasticities = "equal";
  c.selection = "taste";
  const fs::path more = run("more", c);
  for (const char* file : {"panel.parquet", "factors.csv", "macro.csv", "securities.csv", "fundamentals.parquet",
                           "daily/1999.parquet", "truth/moments.parquet"})
    EXPECT_EQ(read_file(few / file), read_file(more / file)) << file;
  EXPECT_NE(read_file(few / "holdings.parquet"), read_file(more / "holdings.parquet"));
}

TEST_F(Simulate, replicates_differ_and_repeat) {
  EconomyConfig c = small();
  c.panel_only = true;
  const fs::path a = run("a", c), again = run("again", c);
  c.replicate = 1;
  const fs::path b = run("b", c);
  EXPECT_EQ(read_file(a / "truth/moments.parquet"), read_file(again / "truth/moments.parquet"));
  EXPECT_EQ(Panel::open(a / "store").hash(), Panel::open(again / "store").hash());
  EXPECT_NE(read_file(a / "truth/moments.parquet"), read_file(b / "truth/moments.parquet"));
  EXPECT_FALSE(fs::exists(a / "panel.parquet"));
}

TEST_F(Simulate, store_files_and_truth_tell_the_same_story) {
  const fs::path folder = run("economy", small());
  const Panel panel = Panel::open(folder / "store", true);
  const Truth truth = Truth::open(folder);
  const Table table = read_parquet(folder / "panel.parquet");
  ASSERT_EQ(panel.dates().size(), 15U);
  ASSERT_EQ(truth.months().size(), 15U);
  EXPECT_EQ(truth.scalars().at("config").at("assets"), 60);
  EXPECT_EQ(panel.info().blocks.at("raw").size(), 30U);
  size_t row = 0, missing = 0;
  for (size_t t = 0; t < 15; ++t) {
    const TruthMonth& month = truth.month(panel.dates()[t]);
    const PanelView view = panel.as_of(t + 1 < 15 ? panel.dates()[t + 1] : panel.dates()[t]);
    const CrossSection now = view.cross_section(t);
    ASSERT_EQ(now.assets.size(), month.assets.size());
    EXPECT_EQ(month.return_end, panel.return_ends()[t]);
    for (size_t i = 0; i < now.assets.size(); ++i, ++row) {
      EXPECT_EQ(panel.asset_names()[static_cast<size_t>(now.assets[i])], month.assets[i]);
      EXPECT_EQ(table.texts("asset")[row], month.assets[i]);
      EXPECT_EQ(table.dates("date")[row], month.date);
      EXPECT_EQ(table.get<std::vector<float>>("me")[row], now.market_equity[i]);
      EXPECT_EQ(table.texts("size_grp")[row], name(static_cast<SizeGroup>(now.size_group[i])));
      const float raw = now.block("raw").const_data_ptr<float>()[i * 30 + 4];
      const float given = table.get<std::vector<float>>("c005")[row];
      EXPECT_TRUE(raw == given || (std::isnan(raw) && std::isnan(given)));
      missing += std::isnan(raw);
      const float ret = table.get<std::vector<float>>("ret")[row];
      if (t + 1 == 15)
        EXPECT_TRUE(std::isnan(ret));
      else
        EXPECT_TRUE(view.realised(t).returns[i] == ret || std::isnan(ret));
    }
  }
  EXPECT_EQ(row, table.rows());
  EXPECT_GT(missing, 10U);
  EXPECT_THROW(truth.month(Date::parse("1990-01-31")), Error);
}

TEST_F(Simulate, truth_that_is_read_back_gives_the_stated_oracle) {
  const fs::path folder = run("economy", small());
  const Truth truth = Truth::open(folder);
  PopulationScore score;
  for (const TruthMonth& month : truth.months()) {
    score.add(month, month.sdf);
    TruthMonth solved = month;
    solve_sdf(solved);
    EXPECT_LT(solved.sdf.sub(month.sdf).abs().max().item<double>(), 1e-12);
    EXPECT_NEAR(solved.h, month.h, 1e-14);
  }
  EXPECT_NEAR(score.sharpe(12), truth.scalars().at("oracle_sharpe").get<double>(), 1e-10);
  EXPECT_GT(truth.scalars().at("spillover_share").get<double>(), 0.5);
  const Table months = read_parquet(folder / "truth/months.parquet");
  const std::vector<double>& factor_returns = months.get<DoubleVectors>("factor_returns").values;
  EXPECT_TRUE(std::isnan(factor_returns.back()));  // the newest month has earned nothing yet
  EXPECT_FALSE(std::isnan(factor_returns[factor_returns.size() - 6]));
}

TEST_F(Simulate, holdings_in_the_file_clear_the_market) {
  const fs::path folder = run("economy", small());
  const Table holdings = read_parquet(folder / "holdings.parquet"), panel = read_parquet(folder / "panel.parquet");
  std::map<std::pair<std::string, std::string>, double> market_equity, dollars, shares;
  for (size_t i = 0; i < panel.rows(); ++i)
    market_equity[{panel.dates("date")[i].text(), panel.texts("asset")[i]}] =
        static_cast<double>(panel.get<std::vector<float>>("me")[i]);
  for (size_t n = 0; n < holdings.rows(); ++n) {
    const std::pair key(holdings.dates("date")[n].text(), holdings.texts("asset")[n]);
    dollars[key] += holdings.doubles("dollars")[n];
    shares[key] += holdings.doubles("shares")[n];
    EXPECT_GT(holdings.dates("known_at")[n], holdings.dates("date")[n]);
  }
  EXPECT_EQ(dollars.begin()->first.first, "1999-12-31");
  EXPECT_EQ(dollars.rbegin()->first.first, "2000-12-31");
  for (const auto& [key, amount] : dollars) {
    EXPECT_NEAR(amount / market_equity.at(key), 1.0, 1e-6);  // market equity is single precision in the file
    EXPECT_NEAR(shares[key], 1.0, 1e-12);
  }
}

TEST_F(Simulate, size_groups_are_percentiles_of_the_month) {
  const fs::path folder = run("economy", small());
  const CrossSection month = Panel::open(folder / "store").as_of(Date::parse("1999-11-30")).cross_section(0);
  const auto n = static_cast<double>(month.size());
  for (int64_t i = 0; i < month.size(); ++i) {
    const auto own = static_cast<size_t>(i);
    const auto smaller = std::count_if(month.market_equity.begin(), month.market_equity.end(),
                                       [&](float value) { return value < month.market_equity[own]; });
    const double percentile = 100.0 * static_cast<double>(smaller) / n;
    const SizeGroup expected = percentile < 1    ? SizeGroup::nano
                               : percentile < 20 ? SizeGroup::micro
                               : percentile < 50 ? SizeGroup::small
                               : percentile < 80 ? SizeGroup::large
                                                 : SizeGroup::mega;
    EXPECT_EQ(static_cast<SizeGroup>(month.size_group[own]), expected);
  }
}

TEST_F(Simulate, securities_and_factors_are_dated_as_the_panel_is) {
  const fs::path folder = run("economy", small());
  const Table panel = read_parquet(folder / "panel.parquet");
  std::map<std::string, std::pair<Date, Date>> lives;  // first and last cross-section
  for (size_t i = 0; i < panel.rows(); ++i) {
    const Date date = panel.dates("date")[i];
    lives.try_emplace(panel.texts("asset")[i], date, date).first->second.second = date;
  }
  std::string expected;  // rows without the label
  for (const auto& [asset, life] : lives) {
    const bool is_gone = life.second < Date::parse("2001-01-31");
    expected += asset + "," + life.first.text() + "," + (is_gone ? life.second.next_month_end().text() : "") + "\n";
  }
  std::istringstream securities(read_file(folder / "securities.csv"));
  std::string found, line, asset, label, rest;
  for (std::getline(securities, line); std::getline(securities, line); found += asset + "," + rest + "\n") {
    std::istringstream row(line);
    std::getline(std::getline(std::getline(row, asset, ','), label, ','), rest);
  }
  EXPECT_EQ(found, expected);
  const std::string factors = read_file(folder / "factors.csv");
  EXPECT_EQ(factors.substr(0, 14), "date,MKT,LS_c0");
  EXPECT_NE(factors.find("\n1999-12-31,"), std::string::npos);  // earned in December
  EXPECT_EQ(factors.find("\n1999-11-30,"), std::string::npos);
  EXPECT_EQ(factors.find("\n2001-02-28,"), std::string::npos);  // not known yet
}

TEST_F(Simulate, refuses_a_folder_that_is_in_use) {
  write_atomically(root_ / "notes.txt", "not ours");
  EXPECT_THROW(simulate(small(), root_), Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), {}), 1);
}

}  // namespace
}  // namespace loadstone
