// In which unit each filing is read: by its own rows, by the prices of other filings, or not at all.
#include "loadstone/sources/sec13f_units.h"

#include <gmock/gmock.h>

#include "loadstone/sources/test_sec13f.h"

namespace loadstone {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const std::string ambiguous = "of a filing whose unit is ambiguous";
const TestFiling in_dollars{.accession = "a", .filed = "03-JAN-2023"};
const TestFiling in_thousands{.accession = "a", .filed = "02-JAN-2023"};

class Sec13fUnits : public Sec13fTest {
 protected:
  // Three managers whose rows show their unit, with stocks 0 to 9.
  static TestDataSet others() {
    TestDataSet set;
    for (int m = 0; m < 3; ++m)
      set.add({.accession = fmt::format("o{}", m), .cik = fmt::format("9{}", m)}, 10, m == 0 ? 1 : 1000);
    return set;
  }
  // Dollars of the manager 7 by asset.
  static std::vector<double> dollars(const HoldingsData& data) {
    std::vector<double> out;
    for (const Position& p : data.holdings.quarters[0].positions)
      if (data.holdings.investors[static_cast<size_t>(p.investor)] == "7") out.push_back(p.dollars);
    return out;
  }
};

TEST_F(Sec13fUnits, five_rows_show_the_unit_whatever_the_filing_date) {
  for (const TestFiling& filing : {in_dollars, in_thousands})
    for (const int unit : {1, 1000}) {
      TestDataSet set;
      set.add(filing, 5, unit);
      const HoldingsData data = load(set);
      EXPECT_THAT(dollars(data), ElementsAre(20'000, 21'000, 22'000, 23'000, 24'000));
      const bool expected = (unit == 1000) == (filing.filed == "02-JAN-2023");
      EXPECT_EQ(data.report.notes.size(), expected ? 1U : 2U);
      if (expected) continue;
      EXPECT_THAT(data.report.notes[1], HasSubstr(unit == 1 ? "are in dollars though" : "are in thousands"));
    }
}

TEST_F(Sec13fUnits, half_of_the_rows_below_one_a_share_mean_thousands) {
  TestDataSet set;
  set.add(in_dollars, 6);
  for (size_t k = 0; k < 2; ++k) set.rows[k].value = "999";
  EXPECT_THAT(dollars(load(set)), ElementsAre(999, 999, 22'000, 23'000, 24'000, 25'000));
  set.rows[2].value = "1000";  // one dollar a share is not below one
  EXPECT_THAT(dollars(load(set)), Contains(1'000));
  set.rows[2].value = "999";
  EXPECT_THAT(dollars(load(set)), ElementsAre(999e3, 999e3, 999e3, 23'000e3, 24'000e3, 25'000e3));
}

TEST_F(Sec13fUnits, dear_shares_are_no_reason_for_another_unit) {
  TestDataSet set;
  set.add(in_dollars, 6);
  set.rows[0].value = "480000000", set.rows[0].shares = "1000";
  EXPECT_THAT(dollars(load(set)), Contains(480e6));
}

TEST_F(Sec13fUnits, few_rows_are_flagged_and_left_out_unless_they_are_to_be_kept) {
  for (const TestFiling& filing : {in_dollars, in_thousands}) {
    TestDataSet set;
    set.add(filing, 4, 1, 20).add({.accession = "x", .cik = "8"}, 5);
    const HoldingsData data = load(set);
    EXPECT_THAT(data.report.dropped, ElementsAre(Pair(ambiguous, 4)));
    EXPECT_THAT(data.report.notes, Contains(HasSubstr("1 filings are ambiguous: too few rows to show their unit; their "
                                                      "rows are left out")));
    const double unit = filing.filed == "02-JAN-2023" ? 1000 : 1;
    const HoldingsData kept = load(set, {{"ambiguous", "keep"}});
    EXPECT_THAT(dollars(kept), ElementsAre(40e3 * unit, 41e3 * unit, 42e3 * unit, 43e3 * unit));
    EXPECT_THAT(kept.report.notes, Contains(HasSubstr("their rows are kept in that of their filing date: a")));
  }
}

TEST_F(Sec13fUnits, few_rows_that_fit_the_prices_of_others_are_read) {
  for (const TestFiling& filing : {in_dollars, in_thousands})
    for (const int unit : {1, 1000}) {
      TestDataSet set = others();
      set.add(filing, 2, unit, 3);
      const HoldingsData data = load(set);
      EXPECT_THAT(dollars(data), ElementsAre(23'000, 24'000));
      EXPECT_THAT(data.report.notes, Contains(HasSubstr("fit the prices of other filings in one unit only: a")));
      EXPECT_THAT(data.report.notes, Contains(HasSubstr("of 32 rows that can be compared with the median of at least "
                                                        "three filings, 32 are within a factor of two of it, 0 are")));
    }
}

TEST_F(Sec13fUnits, prices_of_two_filings_of_another_date_or_of_both_units_settle_nothing) {
  TestDataSet two = others(), date = others(), both = others(), far = others();
  for (TestDataSet* set : {&two, &date, &both, &far}) set->add(in_dollars, 2, 1, 3);
  std::erase_if(two.rows, [](const TestRow& row) { return row.accession == "o2"; });
  date.filings[2].period = "30-SEP-2022";
  both.rows.back().value = "24";
  far.rows[30].value = "50000", far.rows[31].value = "50000";  // more than twice the price of others
  for (const TestDataSet& set : {two, date, both, far})
    EXPECT_THAT(load(set).report.dropped, ElementsAre(Pair(ambiguous, 2)));
}

// edgartools #1336: two rows, one of them a warrant below a dollar, in dollars.
TEST_F(Sec13fUnits, warrants_and_rights_say_nothing_about_the_unit) {
  for (const char* title : {"*W EXP 06/30/2026", "WARRANT", "RIGHT 10/10/2024", "WTS"}) {
    TestDataSet set;
    set.add({.accession = "x", .cik = "8"}, 5).add(in_dollars, 8);
    for (size_t k = 5; k < 11; ++k) set.rows[k].title = title, set.rows[k].value = "300";
    EXPECT_THAT(load(set).report.dropped, ElementsAre(Pair(ambiguous, 8))) << title;  // two stocks are too few
    set.add(in_dollars, 0);
    set.filings.pop_back();
    for (int k = 20; k < 23; ++k) set.rows.push_back({"a", stock(k), "40000", "1000"});
    EXPECT_THAT(dollars(load(set)), Contains(300)) << title;
  }
}

// Stocks 0 to 3 cost half a dollar. They are less than half of what three managers hold, and most of what ours does.
TEST_F(Sec13fUnits, own_rows_against_the_prices_of_others_are_ambiguous) {
  TestDataSet set;
  for (const char* cik : {"91", "92", "93"}) set.add({.accession = cik, .cik = cik}, 10);
  set.add(in_dollars, 5);
  for (TestRow& row : set.rows)
    for (int k = 0; k < 4; ++k)
      if (row.cusip == stock(k)) row.value = "500";
  const HoldingsData data = load(set);
  EXPECT_THAT(data.report.dropped, ElementsAre(Pair(ambiguous, 5)));
  EXPECT_THAT(
      data.report.notes,
      Contains(HasSubstr("the prices of other filings contradict the unit that their rows show; their rows are left "
                         "out, not scaled to that of their rows: a")));
  EXPECT_THAT(dollars(load(set, {{"ambiguous", "keep"}})), ElementsAre(500e3, 500e3, 500e3, 500e3, 24e6));
}

// Values a thousand times too large in either unit, as in some filings of 2013.
TEST_F(Sec13fUnits, values_that_fit_no_unit_are_ambiguous) {
  for (const int right : {2, 3}) {
    TestDataSet set = others();
    set.add(in_dollars, 5);
    for (size_t k = 30; k < 35 - static_cast<size_t>(right); ++k) set.rows[k].value += "000";
    const bool most_are_off = right == 2;
    EXPECT_EQ(load(set).report.dropped.contains(ambiguous), most_are_off);
  }
  TestDataSet few = others();  // two rows that can be compared are not enough to give up the other eight
  few.add(in_dollars, 10, 1, 8);
  few.rows[30].value += "000", few.rows[31].value += "000";
  EXPECT_EQ(dollars(load(few)).size(), 10U);
}

TEST_F(Sec13fUnits, values_in_the_column_of_shares) {
  TestDataSet same, thousands;
  same.add(in_dollars, 6).add({.accession = "x", .cik = "8"}, 5);
  for (size_t k = 0; k < 6; ++k) same.rows[k].shares = same.rows[k].value;
  const HoldingsData flagged = load(same);
  EXPECT_THAT(flagged.report.dropped, ElementsAre(Pair(ambiguous, 6)));
  EXPECT_THAT(flagged.report.notes, Contains(HasSubstr("the column of shares repeats the values")));
  const HoldingsData kept = load(same, {{"ambiguous", "keep"}});
  EXPECT_THAT(lines(kept.holdings), Contains("2022-12-31 7 " + stock(0) + " 20000 nan 2023-01-03"));
  // Values in thousands, and in dollars where shares should be: the unit is certain, the shares are unknown.
  thousands.add(in_dollars, 6, 1000);
  for (size_t k = 0; k < 6; ++k) thousands.rows[k].shares = thousands.rows[k].value + "123";
  const HoldingsData data = load(thousands);
  EXPECT_THAT(lines(data.holdings), Contains("2022-12-31 7 " + stock(0) + " 20000 nan 2023-01-03"));
  EXPECT_THAT(data.report.notes, Contains(HasSubstr("in the column of shares, too; their shares are unknown: a")));
}

TEST_F(Sec13fUnits, ambiguous_restatements_replace_all_the_same) {
  TestDataSet set;
  set.add(in_dollars, 5);
  set.add({.accession = "b", .filed = "20-MAR-2023", .form = "13F-HR/A", .kind = "RESTATEMENT"}, 3);
  set.add({.accession = "x", .cik = "8"}, 5);
  const HoldingsData data = load(set);
  EXPECT_THAT(dollars(data), IsEmpty());
  EXPECT_THAT(data.report.dropped,
              ElementsAre(Pair(ambiguous, 3), Pair("replaced by a later filing of the same report", 5)));
}

}  // namespace
}  // namespace loadstone
