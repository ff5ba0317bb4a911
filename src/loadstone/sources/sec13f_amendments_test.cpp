// Amendments of Form 13F: which positions stand after each sequence of filings, from when, and what became of the rows.
#include <gmock/gmock.h>

#include "loadstone/sources/sec13f_reports.h"
#include "loadstone/sources/test_sec13f.h"

namespace loadstone {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const std::string replaced = "replaced by a later filing of the same report";
const std::string unfounded = "of an amendment that adds to a report that is not in the files";
const std::string summed = "summed into another row of the same report and asset";
const std::string late = "filed after `as_of`";

TestFiling original(const std::string& accession, const std::string& filed) {
  return {.accession = accession, .filed = filed};
}

TestFiling amendment(const std::string& accession, const std::string& filed, const std::string& kind) {
  return {.accession = accession, .filed = filed, .form = "13F-HR/A", .kind = kind};
}

class Sec13fAmendments : public Sec13fTest {};

TEST_F(Sec13fAmendments, a_restatement_replaces_the_report) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 6).add(amendment("b", "20-MAR-2023", "RESTATEMENT"), 5, 1, 0, 2);
  const HoldingsData data = load(set);
  EXPECT_THAT(lots(data.holdings),
              ElementsAre("0:2 2023-03-20", "1:2 2023-03-20", "2:2 2023-03-20", "3:2 2023-03-20", "4:2 2023-03-20"));
  EXPECT_THAT(data.report.dropped, ElementsAre(Pair(replaced, 6)));
}

TEST_F(Sec13fAmendments, what_a_restatement_leaves_as_it_was_is_known_from_the_first_filing) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 5).add(amendment("b", "20-MAR-2023", "RESTATEMENT"), 6);
  set.rows[5 + 2].shares = "2000", set.rows[5 + 2].value = "44000";
  EXPECT_THAT(lots(load(set).holdings), ElementsAre("0:1 2023-02-10", "1:1 2023-02-10", "2:2 2023-03-20",
                                                    "3:1 2023-02-10", "4:1 2023-02-10", "5:1 2023-03-20"));
  // Changed there and back: as it stands it stands from the last filing on.
  set.add(amendment("c", "20-APR-2023", "RESTATEMENT"), 6);
  EXPECT_THAT(lots(load(set).holdings), ElementsAre("0:1 2023-02-10", "1:1 2023-02-10", "2:1 2023-04-20",
                                                    "3:1 2023-02-10", "4:1 2023-02-10", "5:1 2023-03-20"));
}

TEST_F(Sec13fAmendments, new_holdings_add_to_the_report) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 5).add(amendment("b", "20-MAR-2023", "NEW HOLDINGS"), 6, 1, 4, 2);
  set.filings.back().expired = "Y";
  const HoldingsData data = load(set);
  // Stock 4 is in both: the sum is known when its last part is.
  EXPECT_THAT(lots(data.holdings),
              ElementsAre("0:1 2023-02-10", "1:1 2023-02-10", "2:1 2023-02-10", "3:1 2023-02-10", "4:3 2023-03-20",
                          "5:2 2023-03-20", "6:2 2023-03-20", "7:2 2023-03-20", "8:2 2023-03-20", "9:2 2023-03-20"));
  EXPECT_THAT(data.report.dropped, ElementsAre(Pair(summed, 1)));
  EXPECT_THAT(data.report.notes, Contains("1 filings add positions whose confidential treatment has ended: b"));
}

TEST_F(Sec13fAmendments, new_holdings_then_a_restatement_of_everything) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 5)
      .add(amendment("b", "20-MAR-2023", "NEW HOLDINGS"), 5, 1, 5)
      .add(amendment("c", "20-APR-2023", "RESTATEMENT"), 7, 1, 2);
  const HoldingsData data = load(set);
  EXPECT_THAT(lots(data.holdings), ElementsAre("2:1 2023-02-10", "3:1 2023-02-10", "4:1 2023-02-10", "5:1 2023-03-20",
                                               "6:1 2023-03-20", "7:1 2023-03-20", "8:1 2023-03-20"));
  EXPECT_THAT(data.report.dropped, ElementsAre(Pair(replaced, 10)));
}

TEST_F(Sec13fAmendments, a_restatement_then_new_holdings) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 5)
      .add(amendment("b", "20-MAR-2023", "RESTATEMENT"), 5, 1, 1)
      .add(amendment("c", "20-APR-2023", "NEW HOLDINGS"), 5, 1, 8);
  const HoldingsData data = load(set);
  EXPECT_EQ(data.report.kept, 10);
  EXPECT_THAT(lots(data.holdings), Contains("12:1 2023-04-20"));
  EXPECT_THAT(data.report.dropped, ElementsAre(Pair(replaced, 5)));
}

TEST_F(Sec13fAmendments, new_holdings_without_their_report) {
  TestDataSet set;
  set.add(amendment("b", "20-MAR-2023", "NEW HOLDINGS"), 5).add({.accession = "x", .cik = "8"}, 5);
  const HoldingsData data = load(set);
  EXPECT_EQ(data.report.kept, 5);
  EXPECT_THAT(data.holdings.investors, ElementsAre("8"));
  EXPECT_THAT(data.report.dropped, ElementsAre(Pair(unfounded, 5)));
}

TEST_F(Sec13fAmendments, a_restatement_without_the_original_stands) {
  TestDataSet set;
  set.add(amendment("b", "20-MAR-2023", "RESTATEMENT"), 5);
  EXPECT_EQ(load(set).report.kept, 5);
}

TEST_F(Sec13fAmendments, a_restatement_of_less_than_half_is_named) {
  for (const int before : {12, 13}) {
    TestDataSet set;
    set.add(original("a", "10-FEB-2023"), before).add(amendment("b", "20-MAR-2023", "RESTATEMENT"), 6);
    const HoldingsData data = load(set);
    const auto named =
        std::count(data.report.notes.begin(), data.report.notes.end(),
                   "1 filings replace a report by less than half of its positions; they may be partial: b");
    EXPECT_EQ(named, before == 13 ? 1 : 0);
    EXPECT_EQ(data.report.kept, 6);
  }
}

TEST_F(Sec13fAmendments, without_a_type_assets_that_stand_in_the_report_decide) {
  TestDataSet whole, added, half;
  whole.add(original("a", "10-FEB-2023"), 6).add(amendment("b", "20-MAR-2023", ""), 5, 1, 1, 2);
  const HoldingsData replaces = load(whole);
  EXPECT_THAT(replaces.report.dropped, ElementsAre(Pair(replaced, 6)));
  EXPECT_THAT(replaces.report.notes, Contains(HasSubstr("taken for restatements: b")));
  added.add(original("a", "10-FEB-2023"), 6).add(amendment("b", "20-MAR-2023", ""), 7, 1, 3);
  const HoldingsData adds = load(added);
  EXPECT_THAT(adds.report.dropped, ElementsAre(Pair(summed, 3)));
  EXPECT_THAT(adds.report.notes, Contains(HasSubstr("taken for new holdings: b")));
  half.add(original("a", "10-FEB-2023"), 6).add(amendment("b", "20-MAR-2023", ""), 6, 1, 3);
  EXPECT_THAT(load(half).report.dropped, ElementsAre(Pair(replaced, 6)));
}

TEST_F(Sec13fAmendments, the_cover_page_may_say_what_the_form_type_does_not) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 5).add(original("b", "20-MAR-2023"), 5, 1, 5);
  set.filings[1].is_amendment = "Y", set.filings[1].kind = "new holdings";
  EXPECT_EQ(load(set).report.kept, 10);
  set.filings[1].is_amendment = "N";  // an original: its type of amendment means nothing
  const HoldingsData again = load(set);
  EXPECT_THAT(again.report.dropped, ElementsAre(Pair(replaced, 5)));
  EXPECT_THAT(again.report.notes, Contains(HasSubstr("are originals of a report that was there already")));
}

TEST_F(Sec13fAmendments, on_one_day_originals_come_first_then_amendments_by_number) {
  TestDataSet set;
  set.add(amendment("a", "10-FEB-2023", "RESTATEMENT"), 5, 1, 0, 3)
      .add(amendment("b", "10-FEB-2023", "RESTATEMENT"), 5, 1, 0, 2)
      .add(original("c", "10-FEB-2023"), 5);
  set.filings[0].number = "2", set.filings[1].number = "1";
  EXPECT_THAT(lots(load(set).holdings), Contains("0:3 2023-02-10"));
  set.filings[0].number = set.filings[1].number = "";  // then by accession number
  EXPECT_THAT(lots(load(set).holdings), Contains("0:2 2023-02-10"));
}

TEST_F(Sec13fAmendments, new_holdings_that_repeat_the_report_are_named) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 6).add(amendment("b", "20-MAR-2023", "NEW HOLDINGS"), 6, 1, 3);
  const HoldingsData data = load(set);
  EXPECT_THAT(lots(data.holdings), Contains("5:2 2023-03-20"));
  EXPECT_THAT(data.report.notes, Contains(HasSubstr("they may be restatements: b")));
}

TEST_F(Sec13fAmendments, reports_of_other_managers_and_dates_are_left_alone) {
  TestDataSet set;
  TestFiling other = amendment("b", "20-MAR-2023", "RESTATEMENT"), earlier = other;
  other.cik = "8";
  earlier.accession = "c", earlier.period = "30-SEP-2022";
  set.add(original("a", "10-FEB-2023"), 5).add(other, 5).add(earlier, 5);
  const HoldingsData data = load(set);
  EXPECT_EQ(data.report.kept, 15);
  EXPECT_THAT(data.report.dropped, IsEmpty());
}

TEST_F(Sec13fAmendments, as_of_a_day_later_filings_do_not_exist) {
  TestDataSet set;
  set.add(original("a", "10-FEB-2023"), 5)
      .add(amendment("b", "20-MAR-2023", "RESTATEMENT"), 5, 1, 0, 2)
      .add(amendment("c", "20-APR-2023", "NEW HOLDINGS"), 5, 1, 5);
  const auto as_of = [&](const std::string& day) { return load(set, {{"as_of", day}}); };
  EXPECT_THAT(failure([&] { as_of("2023-02-09"); }), HasSubstr("no position is left of 15 rows"));
  const HoldingsData first = as_of("2023-03-19");
  EXPECT_THAT(lots(first.holdings), Contains("0:1 2023-02-10"));
  EXPECT_THAT(first.report.dropped, ElementsAre(Pair(late, 10)));
  const HoldingsData second = as_of("2023-03-20");
  EXPECT_THAT(lots(second.holdings), Contains("0:2 2023-03-20"));
  EXPECT_THAT(second.report.dropped, ElementsAre(Pair(late, 5), Pair(replaced, 5)));
  EXPECT_EQ(as_of("2023-04-20").report.kept, 10);
  // Filtering the final state shows nothing that was not known, but not all that was: stocks 0 to 4 were restated.
  EXPECT_THAT(load(set).holdings.as_of(Date::parse("2023-03-19")).quarters[0].positions, IsEmpty());
}

TEST_F(Sec13fAmendments, filed_within_some_days_of_the_report_date) {
  TestDataSet set;
  set.add(original("a", "14-FEB-2023"), 5).add(amendment("b", "15-FEB-2023", "RESTATEMENT"), 5, 1, 0, 2);
  EXPECT_THAT(lots(load(set, {{"filed_within", 45}}).holdings), Contains("0:1 2023-02-14"));
  EXPECT_THAT(lots(load(set, {{"filed_within", 46}}).holdings), Contains("0:2 2023-02-15"));
  EXPECT_THAT(load(set, {{"filed_within", 45}}).report.dropped,
              ElementsAre(Pair("filed later than `filed_within` after the report date", 5)));
}

}  // namespace
}  // namespace loadstone
