// Long files of holdings: every trap on a small file, and the two real ones with known counts.
#include "loadstone/sources/holdings_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <tuple>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"
#include "loadstone/data/holdings_measures.h"
#include "loadstone/data/holdings_sample.h"
#include "loadstone/data/table.h"
#include "loadstone/sources/test_holdings.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

class HoldingsFile : public TestFolder {
 protected:
  HoldingsData load(const std::string& csv, json fields = json::object()) {
    write_atomically(folder_ / "h.csv", csv);
    fields["path"] = "h.csv";
    if (!fields.contains("known_at")) fields.emplace("publication_lag", 0);
    return load_holdings(fields, folder_);
  }
};

TEST_F(HoldingsFile, rows_become_positions_and_what_is_left_out_is_counted) {
  const HoldingsData data = load(
      "day,fund,isin,worth,units,kind\n"
      "2021-12-31,B,x,10,1,share\n"
      "2021-12-31,A,y,20,2,share\n"
      "2021-12-31,A,y,5,1,share\n"       // summed
      "2021-12-31,A,x,-3,1,share\n"      // short
      "2021-12-31,A,x,0,1,share\n"       // zero
      "2021-12-31,A,x,,1,share\n"        // no value
      "2021-12-31,A,Saknad,4,1,share\n"  // no asset
      "2021-12-31,,x,4,1,share\n"        // no investor
      "2021-12-31,A,z,4,1,bond\n"        // filtered
      "2021-09-30,A,x,7,,\n",
      {{"date", "day"},
       {"investor", "fund"},
       {"asset", "isin"},
       {"value", "worth"},
       {"shares", "units"},
       {"missing", {"Saknad"}},
       {"keep", {"kind = share |"}}});
  EXPECT_THAT(lines(data.holdings), ElementsAre("2021-09-30 A x 7 nan 2021-09-30", "2021-12-31 A y 25 3 2021-12-31",
                                                "2021-12-31 B x 10 1 2021-12-31"));
  EXPECT_THAT(
      data.report.dropped,
      ElementsAre(Pair("`kind` is none of the values kept", 1), Pair("asset missing", 1), Pair("investor missing", 1),
                  Pair("summed into another row of the same date, investor and asset", 1),
                  Pair("value missing or infinite", 1), Pair("value negative", 1), Pair("value zero", 1)));
  EXPECT_EQ(data.report.rows, 10);
  EXPECT_THAT(data.report.notes, IsEmpty());
  expect_every_row_accounted(data.report);
}

TEST_F(HoldingsFile, order_of_rows_does_not_matter_and_sums_are_known_with_their_last_part) {
  const std::string head = "date,investor,asset,value,filed\n";
  const json fields{{"known_at", "filed"}};
  const std::string a = "2021-12-31,B,x,10,2022-02-14\n";
  const std::string b = "2021-12-31,A,y,20,2022-02-10\n";
  const std::string c = "2021-12-31,A,y,5,2022-03-01\n";
  const auto once = lines(load(head + a + b + c, fields).holdings);
  EXPECT_EQ(once, lines(load(head + c + b + a, fields).holdings));
  EXPECT_THAT(once, ElementsAre("2021-12-31 A y 25 nan 2022-03-01", "2021-12-31 B x 10 nan 2022-02-14"));
}

TEST_F(HoldingsFile, several_files_are_one) {
  const std::string head = "date,investor,asset,value,name\n", first = "2021-12-31,B,x,10,late\n2021-09-30,A,y,3,\n",
                    second = "2021-09-30,C,x,7,early\n2021-12-31,B,x,5,\n";
  const json fields{{"asset_labels", {"name"}}};
  const HoldingsData whole = load(head + first + second, fields);
  write_atomically(folder_ / "1.csv", head + first);
  write_atomically(folder_ / "2.csv", head + second);
  json in_parts = fields;
  in_parts["publication_lag"] = 0;
  in_parts["path"] = {"1.csv", "2.csv"};
  const HoldingsData parts = load_holdings(in_parts, folder_);
  EXPECT_EQ(lines(parts.holdings), lines(whole.holdings));
  EXPECT_EQ(report_json(parts.report), report_json(whole.report));
  EXPECT_EQ(parts.report.kept, 3);
  EXPECT_THAT(parts.labels.assets.texts("name"), ElementsAre("early", ""));
}

TEST_F(HoldingsFile, nothing_is_known_before_it_was_reported) {
  const std::string csv =
      "date,investor,asset,value,filed\n2021-11-30,A,x,10,2021-11-02\n2021-12-31,B,x,3,2022-02-14\n";
  const HoldingsData filed = load(csv, {{"known_at", "filed"}, {"report_dates", "quarter_end"}});
  EXPECT_THAT(lines(filed.holdings),
              ElementsAre("2021-12-31 A x 10 nan 2021-11-30", "2021-12-31 B x 3 nan 2022-02-14"));
  EXPECT_THAT(filed.report.notes, Contains(HasSubstr("1 rows were filed before their report date")));
  const HoldingsData lag = load(csv, {{"publication_lag", 45}});
  EXPECT_EQ(lag.holdings.quarters[1].positions[0].known_at.text(), "2022-02-14");
  // Without a filing date: left out, or known after the stated lag.
  const std::string gaps = "date,investor,asset,value,filed\n2021-12-31,A,x,1,\n2021-12-31,B,x,1,2022-02-14\n,C,x,1,\n";
  const HoldingsData strict = load(gaps, {{"known_at", "filed"}});
  EXPECT_THAT(lines(strict.holdings), ElementsAre("2021-12-31 B x 1 nan 2022-02-14"));
  EXPECT_THAT(strict.report.dropped, ElementsAre(Pair("filing date missing", 1), Pair("report date missing", 1)));
  const HoldingsData lagged = load(gaps, {{"known_at", "filed"}, {"publication_lag", 60}});
  EXPECT_THAT(lines(lagged.holdings),
              ElementsAre("2021-12-31 A x 1 nan 2022-03-01", "2021-12-31 B x 1 nan 2022-02-14"));
  EXPECT_THAT(lagged.report.notes, ElementsAre(HasSubstr("1 rows have no filing date")));
  // A later report that stands for this quarter is not readable in it.
  const HoldingsData pooled =
      load("date,investor,asset,value\n2021-12-31,A,x,1\n2022-03-31,B,x,1\n", {{"report_dates", "2021-12-31"}});
  ASSERT_EQ(pooled.holdings.quarters.size(), 1U);
  EXPECT_EQ(pooled.holdings.as_of(Date::parse("2022-03-30")).quarters[0].positions.size(), 1U);
  EXPECT_EQ(pooled.holdings.as_of(Date::parse("2022-03-31")).quarters[0].positions.size(), 2U);
}

TEST_F(HoldingsFile, several_reports_of_one_quarter) {
  const std::string csv =
      "date,investor,asset,value\n2021-10-31,A,x,1\n2021-12-31,A,x,4\n2021-10-31,A,y,2\n2021-12-30,B,x,8\n";
  const HoldingsData latest = load(csv, {{"report_dates", "quarter_end"}});
  EXPECT_THAT(lines(latest.holdings),
              ElementsAre("2021-12-31 A x 4 nan 2021-12-31", "2021-12-31 B x 8 nan 2021-12-30"));
  EXPECT_THAT(latest.report.dropped, ElementsAre(Pair("of an earlier report of the same investor and quarter", 2)));
  EXPECT_THAT(latest.report.notes, ElementsAre(HasSubstr("1 times an investor reported at several dates"),
                                               HasSubstr("1 rows of 1 investors were reported at another date")));
  const HoldingsData sum = load(csv, {{"report_dates", "quarter_end"}, {"several_reports", "sum"}});
  EXPECT_THAT(lines(sum.holdings), ElementsAre("2021-12-31 A x 5 nan 2021-12-31", "2021-12-31 A y 2 nan 2021-10-31",
                                               "2021-12-31 B x 8 nan 2021-12-30"));
  expect_every_row_accounted(sum.report);
  const HoldingsData as_reported = load(csv);
  EXPECT_EQ(as_reported.holdings.quarters.size(), 3U);
  EXPECT_THAT(as_reported.report.notes, ElementsAre("3 rows are dated on a day that ends no quarter"));
}

TEST_F(HoldingsFile, labels_take_the_earliest_value_and_count_changes) {
  const HoldingsData data = load(
      "date,investor,asset,value,name,size,sector\n"
      "2021-12-31,B,x,1,new name,3,10\n"
      "2021-09-30,B,x,1,old name,,Saknad\n"
      "2021-12-31,A,y,1,Apple,5,\n"
      "2021-12-31,C,z,-1,gone,5,\n",
      {{"asset_labels", {"name", "sector"}}, {"investor_numbers", "size"}, {"missing", "Saknad"}});
  EXPECT_THAT(data.labels.assets.texts("asset"), ElementsAre("x", "y"));
  EXPECT_THAT(data.labels.assets.texts("name"), ElementsAre("old name", "Apple"));
  EXPECT_THAT(data.labels.assets.texts("sector"), ElementsAre("10", ""));
  EXPECT_THAT(data.labels.investors.doubles("size"), ElementsAre(5.0, 3.0));
  EXPECT_THAT(data.report.notes, ElementsAre("label `name`: 1 names have several values; the earliest stands"));
}

TEST_F(HoldingsFile, codes_are_repaired_before_duplicates_are_summed) {
  const HoldingsData data =
      load("date,investor,asset,value\n2021-12-31,A,037833100,1\n2021-12-31,A,37833100,2\n2021-12-31,A,037833109,4\n",
           {{"asset_code", "cusip"}});
  EXPECT_THAT(data.holdings.assets, ElementsAre("037833100", "037833109"));
  EXPECT_EQ(data.holdings.quarters[0].positions[0].dollars, 3);
  EXPECT_THAT(data.report.notes, ElementsAre("CUSIP, kept as they are: the check digit is wrong: 1 rows",
                                             "CUSIP, leading zeros put back: 1 rows"));
}

TEST_F(HoldingsFile, links_take_the_place_of_codes_by_quarter) {
  write_atomically(folder_ / "links.csv", "cusip,id,from,to\n037833100,14593,,2021-11-30\n37833100X,14593,,\n");
  const HoldingsData data = load(
      "date,investor,asset,value,name\n2021-10-31,A,037833100,1,Apple\n2021-10-31,A,37833100X,2,Apple X\n"
      "2021-12-31,A,037833100,4,Apple\n2021-12-31,A,14593,8,junk\n2021-12-31,A,37833100X,-1,\n",
      {{"links", "links.csv"}, {"asset_labels", "name"}});
  EXPECT_THAT(lines(data.holdings),
              ElementsAre("2021-10-31 A 14593 3 nan 2021-10-31", "2021-12-31 A 037833100 4 nan 2021-12-31",
                          "2021-12-31 A CUSIP 14593 8 nan 2021-12-31"));
  EXPECT_THAT(data.labels.assets.texts("name"), ElementsAre("Apple", "Apple", "junk"));
  EXPECT_THAT(data.report.notes, Contains("links: 1 of 3 positions and 1 of 3 assets have an id; the others keep their "
                                          "code"));
  // With report_dates the date is that of the quarter for which the row stands.
  const HoldingsData pooled = load("date,investor,asset,value\n2021-10-31,A,037833100,1\n",
                                   {{"links", "links.csv"}, {"report_dates", "2021-12-31"}});
  EXPECT_THAT(pooled.holdings.assets, ElementsAre("037833100"));
}

TEST_F(HoldingsFile, mappings_that_cannot_be_read_are_named) {
  const std::string csv = "date,investor,asset,value\n2021-12-31,A,x,1\n";
  EXPECT_THAT(failure([&] { load(csv, {{"value", "worth"}}); }), HasSubstr("h.csv has no column `worth`"));
  EXPECT_THAT(failure([&] { load(csv, {{"valeu", "worth"}}); }, ErrorKind::usage), HasSubstr("`value`"));
  EXPECT_THAT(failure([&] { load(csv, {{"keep", "kind"}}); }, ErrorKind::usage), HasSubstr("`kind` is no filter"));
  EXPECT_THAT(failure([&] {
                load(csv, {{"keep", "asset = y"}});
              }),
              HasSubstr("no position is left of 1 rows. Left out: 1 `asset` is none of the values kept"));
  EXPECT_THAT(failure([&] { load(csv, {{"publication_lag", -1}}); }, ErrorKind::usage), HasSubstr("when a row could"));
  EXPECT_THAT(failure([&] { load(csv, {{"report_dates", "monthly"}}); }, ErrorKind::usage), HasSubstr("quarter_end"));
  EXPECT_THAT(failure([&] { load(csv, {{"source", "excel"}}); }, ErrorKind::usage), HasSubstr("source of holdings"));
}

// --- real files ---------------------------------------------------------------------------------------------------

// Sums that pandas has from the same rows, in order of investor and asset: of the values, of their squares, and
// weighted by place modulo 97, which notices cells that changed places.
void expect_sums(const Cells& cells, size_t size, const std::array<double, 3>& expected) {
  ASSERT_EQ(cells.value.size(), size);
  std::array<double, 3> sums{};
  for (size_t k = 0; k < size; ++k) {
    sums[0] += cells.value[k];
    sums[1] += cells.value[k] * cells.value[k];
    sums[2] += cells.value[k] * static_cast<double>(k % 97);
  }
  for (size_t k = 0; k < sums.size(); ++k) EXPECT_NEAR(sums[k] / expected[k], 1.0, 1e-12) << k;
}

class RealHoldings : public testing::Test {
 protected:
  static fs::path folder() {
    const char* shared = std::getenv("LOADSTONE_SHARED");
    return fs::path(shared != nullptr ? shared : "../shared") / "data" / "holdings";
  }
  void SetUp() override {
    if (!fs::exists(folder())) GTEST_SKIP() << "no real data at " << folder();
  }
};

TEST_F(RealHoldings, swedish_funds_at_the_end_of_2021) {
  const HoldingsData data =
      load_holdings({{"path", "sweden_funds_2021.csv.gz"},
                     {"publication_lag", 0},
                     {"date", "report_date"},
                     {"investor", "fund_isin"},
                     {"asset", "isin"},
                     {"value", "value_sek"},
                     {"shares", "shares"},
                     {"keep", {"industry_code = 10 | 15 | 20 | 25 | 30 | 35 | 40 | 45 | 50 | 55 | 60"}},
                     {"missing", {"Saknad"}},
                     {"report_dates", "2021-12-31"},
                     {"several_reports", "sum"},
                     {"asset_labels", {"instrument", "industry_code", "country"}},
                     {"investor_labels", {"fund", "company"}},
                     {"investor_numbers", {"nav_sek", "fund_active_risk"}}},
                    folder());
  // By pandas: isin of equities, not `Saknad`, value over zero.
  EXPECT_EQ(data.report.rows, 77'820);
  EXPECT_EQ(data.holdings.investors.size(), 379U);
  EXPECT_EQ(data.holdings.assets.size(), 8'917U);
  EXPECT_EQ(data.report.kept, 59'179);
  EXPECT_EQ(data.report.dropped.at("`industry_code` is none of the values kept"), 77'820 - 61'425);
  EXPECT_EQ(data.report.dropped.at("asset missing"), 13);
  EXPECT_EQ(data.report.dropped.at("summed into another row of the same date, investor and asset"), 61'191 - 59'179);
  EXPECT_EQ(data.report.dropped.at("value negative") + data.report.dropped.at("value zero"), 61'412 - 61'191);
  EXPECT_THAT(data.report.notes, Contains(HasSubstr("2965 rows of 43 investors were reported at another date")));
  EXPECT_THAT(data.report.notes, Contains(HasSubstr("9 times an investor reported at several dates")));
  expect_every_row_accounted(data.report);
  // The largest samples in which both rules hold, all report dates in one cross-section.
  const HoldingsSample wide = sample_holdings(data.holdings, data.holdings.quarters[0], {20, 20, 0});
  EXPECT_EQ(std::tuple(wide.investors, wide.assets, wide.quarter.positions.size()), std::tuple(249, 748, 24'756U));
  const HoldingsSample deep = sample_holdings(data.holdings, data.holdings.quarters[0], {3, 20, 0});
  EXPECT_EQ(std::tuple(deep.investors, deep.assets, deep.quarter.positions.size()), std::tuple(344, 4'125, 52'656U));
  const std::vector<int32_t> vocabulary = assets_held(wide.quarter);
  const std::span quarters(&wide.quarter, 1);
  const Cells h = log_holdings(data.holdings, quarters, vocabulary);
  expect_sums(h, 24'756, {411855.4003337801, 6971442.303950418, 19787435.069901936});
  expect_sums(log_active_weights(data.holdings, quarters, vocabulary), 24'756,
              {30201.304329948784, 90995.73217053094, 1462380.613247509});
  expect_sums(percentile_ranks(h), 24'756, {12502.5, 8377.428412776317, 599972.8251198479});
  const auto& names = data.labels.investors.texts("fund");
  EXPECT_THAT(names, Contains("Aktiehuset Fond"));
  EXPECT_THAT(names, Not(Contains("")));
}

TEST_F(RealHoldings, american_managers_by_quarter) {
  const HoldingsData data = load_holdings({{"path", "us_13f_managers.csv.gz"},
                                           {"date", "report_date"},
                                           {"investor", "manager"},
                                           {"asset", "cusip"},
                                           {"value", "value_usd"},
                                           {"shares", "shares"},
                                           {"known_at", "filing_date"},
                                           {"keep", {"put_call ="}},
                                           {"asset_code", "cusip"},
                                           {"asset_labels", {"name", "title_of_class"}}},
                                          folder());
  EXPECT_EQ(data.report.rows, 147'566);
  EXPECT_EQ(data.report.dropped.at("`put_call` is none of the values kept"), 573);
  EXPECT_EQ(data.report.dropped.at("filing date missing"), 228);
  EXPECT_THAT(data.report.notes, Contains(HasSubstr("98 rows were filed before their report date")));
  EXPECT_EQ(data.report.kept, 146'765 - 1'364);
  EXPECT_EQ(data.holdings.assets.size(), 7'106U);
  EXPECT_EQ(data.holdings.investors.size(), 107U);
  EXPECT_EQ(data.holdings.quarters.size(), 53U);
  EXPECT_EQ(data.holdings.quarters.front().date.text(), "2013-06-30");
  EXPECT_THAT(data.report.notes, Contains(HasSubstr("CUSIP, kept as they are: the check digit is wrong")));
  expect_every_row_accounted(data.report);
  for (const HoldingsQuarter& quarter : data.holdings.quarters)
    for (const Position& p : quarter.positions) ASSERT_GE(p.known_at, quarter.date);
  const auto third = std::find_if(data.holdings.quarters.begin(), data.holdings.quarters.end(),
                                  [](const auto& quarter) { return quarter.date == Date::parse("2023-09-30"); });
  std::vector<int32_t> everything(data.holdings.assets.size());
  std::iota(everything.begin(), everything.end(), 0);
  const Cells moves = rebalancing(data.holdings, std::span(&*third, 2), everything);
  EXPECT_EQ(moves.rows.size(), 100U);
  EXPECT_EQ(std::count(moves.value.begin(), moves.value.end(), 2.0), 1'191);
  EXPECT_EQ(std::count(moves.value.begin(), moves.value.end(), -2.0), 1'103);
  expect_sums(moves, 9'531, {76.1938442786546, 10505.765252200137, 5644.808175204809});
}

}  // namespace
}  // namespace loadstone
