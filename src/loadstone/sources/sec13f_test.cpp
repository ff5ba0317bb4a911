// Form 13F data sets: rows, files, dates, codes, links, labels. Units and amendments have tests of their own;
// tests/python/test_sec13f.py reads whole simulated data sets of which every position is known.
#include "loadstone/sources/sec13f.h"

#include <gmock/gmock.h>

#include "loadstone/core/random.h"
#include "loadstone/sources/sec13f_rows.h"
#include "loadstone/sources/test_sec13f.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

class Sec13f : public Sec13fTest {};

TEST_F(Sec13f, rows_without_a_position_are_counted_under_the_first_reason) {
  TestDataSet set;
  set.add({.accession = "a"}, 5);
  set.filings.push_back({.accession = "notice", .form = "13F-NT"});
  set.filings.push_back({.accession = "other", .form = "13FCONP"});
  set.filings.push_back({.accession = "no cik", .cik = "0000000000"});
  set.filings.push_back({.accession = "no period", .period = ""});
  set.filings.push_back({.accession = "never filed", .filed = ""});
  const std::string apple = "037833100";
  const std::vector<TestRow> none{{"a", apple, "10", "1", "PRN", "Put"},
                                  {"a", apple, "10", "1", ""},
                                  {"a", apple, "10", "1", "SH", "Call"},
                                  {"a", apple, "10", "1", "SH", "", "COM PUT"},
                                  {"a", "", "10", "1"},
                                  {"a", "000000000", "10", "1"},
                                  {"a", apple, "", "1"},
                                  {"a", apple, "1,000", "1"},
                                  {"a", apple, "-10", "1"},
                                  {"a", apple, "0", "1"},
                                  {"a", apple, "10", "n/a"},
                                  {"a", apple, "10", "-1"},
                                  {"a", apple, "10", "0.0"},
                                  {"a", apple, "10", "1\t9"},
                                  {"b", apple, "10", "1"},
                                  {"notice", apple, "10", "1", "PRN"},
                                  {"other", apple, "10", "1"},
                                  {"no cik", apple, "10", "1"},
                                  {"no period", apple, "10", "1"},
                                  {"never filed", apple, "10", "1"}};
  set.rows.insert(set.rows.end(), none.begin(), none.end());
  const HoldingsData data = load(set);
  EXPECT_EQ(data.report.rows, 25);
  EXPECT_EQ(data.report.kept, 5);
  EXPECT_THAT(
      data.report.dropped,
      UnorderedElementsAre(Pair("principal amount of a bond (PRN), not shares", 1),
                           Pair("neither shares (SH) nor principal amount (PRN)", 1), Pair("put or call option", 1),
                           Pair("put or call option by its title of class", 1), Pair("CUSIP missing", 2),
                           Pair("value missing or no number", 2), Pair("value negative", 1), Pair("value zero", 1),
                           Pair("shares missing or no number", 1), Pair("shares negative", 1), Pair("shares zero", 1),
                           Pair("damaged: not as many cells as columns", 1),
                           Pair("of a filing that SUBMISSION.tsv does not list", 1),
                           Pair("of a notice (13F-NT), which has no holdings of its own", 1),
                           Pair("of a form that is no report of holdings (13F-HR)", 1), Pair("CIK missing", 1),
                           Pair("report date missing", 1), Pair("filing date missing", 1)));
}

TEST_F(Sec13f, titles_that_say_option) {
  for (const char* title : {"PUT", "Call", "COM PUT", "CALL OPTION", "CL A (PUTS)", "COM/CALL"})
    EXPECT_TRUE(title_says_option(title)) << title;
  for (const char* title :
       {"COM", "CALLABLE PFD", "COVERED CALL ETF", "S&P500 BUYWRITE CALL", "PUTWRITE FD", "INPUT", "PFD CALL 2030", ""})
    EXPECT_FALSE(title_says_option(title)) << title;
}

TEST_F(Sec13f, what_the_files_say_of_a_position) {
  TestDataSet set;
  set.figi = false;
  set.add({.accession = "a", .cik = "0001067983"}, 5);
  set.rows.push_back({"a", stock(0), "20000", "1000"});  // another manager's part
  set.rows.push_back({.accession = "a", .cusip = stock(9), .value = "12.5", .shares = "0.5"});
  const HoldingsData data = load(set);
  EXPECT_THAT(lines(data.holdings), testing::IsSupersetOf({"2022-12-31 1067983 " + stock(0) + " 40000 2000 2023-02-14",
                                                           "2022-12-31 1067983 " + stock(1) + " 21000 1000 2023-02-14",
                                                           "2022-12-31 1067983 " + stock(9) + " 12.5 0.5 2023-02-14"}));
  EXPECT_THAT(data.report.dropped, ElementsAre(Pair("summed into another row of the same report and asset", 1)));
}

TEST_F(Sec13f, line_ends_marks_quotes_and_bytes_of_other_encodings) {
  TestDataSet set;
  set.add({.accession = "a"}, 6);
  set.rows[0].issuer = "SOCI\xC9T\xC9";
  set.rows[1].issuer = "\"QUOTED";
  set.rows[2].issuer = " NESTL\xC3\x89 ";
  load(set);
  for (const char* name : {"SUBMISSION.tsv", "COVERPAGE.tsv", "INFOTABLE.tsv"}) {
    std::string text = "\xEF\xBB\xBF";
    for (const char c : read_file(folder_ / "set" / name)) text += c == '\n' ? "\r\n" : std::string(1, c);
    write_atomically(folder_ / "other" / name, text + "\r\n");
  }
  for (const char* path : {"set", "other"}) {
    const HoldingsData data = load_holdings({{"source", "sec13f"}, {"path", path}}, folder_);
    EXPECT_EQ(data.report.kept, 6);
    EXPECT_THAT(data.labels.assets.texts("name"),
                ElementsAre("SOCI\u00c9T\u00c9", "\"QUOTED", "NESTL\u00c9", "X INC", "X INC", "X INC"));
    EXPECT_THAT(data.labels.investors.texts("name"), ElementsAre("Manager 7"));
  }
}

TEST_F(Sec13f, report_dates_and_filings_before_them) {
  TestDataSet set;
  set.add({.accession = "a", .filed = "10-Dec-2022", .period = "30-nov-2022"}, 5);
  set.add({.accession = "b", .filed = "01-FEB-2023", .period = "31-MAR-2023", .cik = "8"}, 5);
  const HoldingsData ends = load(set);
  EXPECT_THAT(lines(ends.holdings), Contains("2022-12-31 7 " + stock(0) + " 20000 1000 2022-12-10"));
  EXPECT_THAT(lines(ends.holdings), Contains("2023-03-31 8 " + stock(0) + " 20000 1000 2023-03-31"));
  EXPECT_THAT(ends.report.notes, Contains("1 filings have a report date that ends no quarter and stand for the end of "
                                          "theirs: a"));
  EXPECT_THAT(ends.report.notes, Contains(HasSubstr("were filed before their report date")));
  const HoldingsData reported = load(set, {{"report_dates", "as_reported"}});
  EXPECT_EQ(reported.holdings.quarters.front().date.text(), "2022-11-30");
}

TEST_F(Sec13f, damaged_codes_are_repaired_before_duplicates_are_summed) {
  TestDataSet set;
  set.add({.accession = "a"}, 5);
  std::string short_code = stock(0).substr(stock(0).find_first_not_of('0'));
  for (int k = 0; k < 2; ++k) set.rows.push_back({"a", short_code, "20000", "1000"});
  set.rows.push_back({"a", "12345678X", "77", "1"});
  set.rows.push_back({"a", " 38259p508 ", "78", "1"});
  const HoldingsData data = load(set);
  EXPECT_THAT(data.holdings.assets, Contains("12345678X"));
  EXPECT_THAT(data.holdings.assets, Contains("38259P508"));
  EXPECT_THAT(lines(data.holdings), Contains(HasSubstr(stock(0) + " 60000 3000")));
  EXPECT_THAT(data.report.notes, testing::IsSupersetOf({"CUSIP, leading zeros put back: 2 rows",
                                                        "CUSIP, kept as they are: the check digit is wrong: 1 rows",
                                                        "CUSIP, blanks, case or number format undone: 1 rows"}));
}

TEST_F(Sec13f, several_data_sets_and_a_filing_in_two_of_them) {
  TestDataSet first, second;
  first.add({.accession = "a"}, 5);
  second.add({.accession = "a"}, 5).add({.accession = "b", .cik = "8"}, 5);
  first.write(folder_ / "sets/2022q4");
  second.write(folder_ / "sets/2023q1");
  for (const nlohmann::json& path :
       std::vector<nlohmann::json>{"sets", {"sets/2022q4", "sets/2023q1"}, {"sets/2023q1", "sets/2022q4"}}) {
    const HoldingsData data = load_holdings({{"source", "sec13f"}, {"path", path}}, folder_);
    EXPECT_EQ(data.report.rows, 15);
    EXPECT_THAT(data.report.dropped, ElementsAre(Pair("of a filing that another data set holds, too", 5)));
    EXPECT_EQ(data.report.kept, 10);
  }
}

TEST_F(Sec13f, links_take_the_place_of_codes_between_their_dates) {
  write_atomically(folder_ / "links.csv", "cusip,id,from,to\n" + stock(0) + ",100,,2022-12-31\n" + stock(0) +
                                              ",200,2023-01-01,\n" + stock(1) + ",200,2023-01-01,2023-06-30\n" +
                                              stock(2).substr(0, 8) + ",14593,2000-01-01,\n");
  TestDataSet set;
  set.add({.accession = "a"}, 6).add({.accession = "b", .filed = "14-MAY-2023", .period = "31-MAR-2023"}, 6);
  set.rows.push_back({"a", "14593", "50", "1"});  // damaged, and spelled like an id
  const HoldingsData data = load(set, {{"links", "links.csv"}});
  const auto all = lines(data.holdings);
  EXPECT_THAT(all, Contains("2022-12-31 7 100 20000 1000 2023-02-14"));
  EXPECT_THAT(all, Contains("2022-12-31 7 " + stock(1) + " 21000 1000 2023-02-14"));
  EXPECT_THAT(all, Contains("2023-03-31 7 200 41000 2000 2023-05-14"));
  EXPECT_THAT(all, Contains("2023-03-31 7 14593 22000 1000 2023-05-14"));
  EXPECT_THAT(all, Contains("2022-12-31 7 CUSIP 14593 50 1 2023-02-14"));
  EXPECT_THAT(data.report.notes,
              Contains("links: 4 of 12 positions and 3 of 8 assets have an id; the others keep their code"));
}

TEST_F(Sec13f, labels_are_the_most_frequent_of_the_earliest_report_date) {
  TestDataSet set;
  const std::vector<std::string> names{"APPLE INC", "APPLE INC", "AAPL"}, others{"Z", "Y", "AA"};
  for (int m = 0; m < 3; ++m) {
    set.add({.accession = fmt::format("a{}", m), .cik = fmt::format("{}", m + 1)}, 5);
    set.rows[set.rows.size() - 5].issuer = names[static_cast<size_t>(m)];
    set.rows[set.rows.size() - 4].issuer = others[static_cast<size_t>(m)];
    set.add({.accession = fmt::format("b{}", m),
             .filed = "14-MAY-2023",
             .period = "31-MAR-2023",
             .cik = fmt::format("{}", m + 1)},
            5);
    set.rows[set.rows.size() - 5].issuer = "NEW NAME";
    set.rows[set.rows.size() - 5].title = "CL Z";
  }
  const HoldingsData data = load(set);
  EXPECT_EQ(data.labels.assets.texts("asset"), data.holdings.assets);
  EXPECT_EQ(data.labels.assets.texts("name")[0], "APPLE INC");
  EXPECT_EQ(data.labels.assets.texts("name")[1], "AA");  // equally frequent: the first in alphabetical order
  EXPECT_EQ(data.labels.assets.texts("title_of_class")[0], "COM");
}

TEST_F(Sec13f, what_a_user_has_to_know_of_the_filings) {
  TestDataSet set;
  set.add({.accession = "a", .report = "13F COMBINATION REPORT", .total = "110000", .omitted = "Y"}, 5);
  set.add({.accession = "b", .cik = "8", .total = "110"}, 5);
  set.filings.push_back({.accession = "n", .form = "13F-NT", .cik = "9"});
  const HoldingsData data = load(set);
  EXPECT_THAT(
      data.report.notes,
      ElementsAre("2 filings count, 0 of them amendments: 2 reports of 2 managers",
                  HasSubstr("joint filers: 1 notices say that others report all holdings of a manager, 1 reports"),
                  HasSubstr("1 filings leave out positions under confidential treatment"),
                  "1 filings have rows that do not sum to TABLEVALUETOTAL within 0.1 %: b"));
}

TEST_F(Sec13f, files_that_cannot_be_read_are_named) {
  TestDataSet set;
  set.add({.accession = "a"}, 5);
  const auto complaint = [&](const TestDataSet& files, const nlohmann::json& fields = nlohmann::json::object()) {
    return failure([&] { load(files, fields); });
  };
  EXPECT_THAT(complaint(set, {{"path", "nowhere"}}), HasSubstr("there is no folder or archive"));
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(complaint(set, {{"path", "empty"}}), HasSubstr("holds no SUBMISSION.tsv"));
  EXPECT_THAT(failure([&] { load(set, {{"as_of", "May"}}); }, ErrorKind::usage), HasSubstr("as_of = \"May\""));
  TestDataSet other = set;
  other.filings[0].filed = "31-SEP-2023";
  EXPECT_THAT(complaint(other), HasSubstr("SUBMISSION.tsv, line 2, column `FILING_DATE`: `31-SEP-2023` is not a date"));
  other.filings[0].filed = "2023-02-14";
  EXPECT_THAT(complaint(other), HasSubstr("Valid: DD-MON-YYYY"));
  other = set;
  other.filings.push_back(set.filings[0]);
  EXPECT_THAT(complaint(other), HasSubstr("line 3, column `ACCESSION_NUMBER`: the filing a is listed twice"));
  other = set;
  for (TestRow& row : other.rows) row.type = "PRN";
  EXPECT_THAT(complaint(other), HasSubstr("no position is left of 5 rows. Left out: 5 principal amount"));
  fs::remove(folder_ / "set/COVERPAGE.tsv");
  const auto again = [&] { load_holdings({{"source", "sec13f"}, {"path", "set"}}, folder_); };
  EXPECT_THAT(failure(again), HasSubstr("there is no set/COVERPAGE.tsv"));
  write_atomically(folder_ / "set/COVERPAGE.tsv", "ACCESSION_NUMBER\tISAMENDMENT\n");
  EXPECT_THAT(failure(again), HasSubstr("COVERPAGE.tsv has no column `AMENDMENTNO`. Columns: ACCESSION_NUMBER"));
  write_atomically(folder_ / "set/COVERPAGE.tsv", "");
  EXPECT_THAT(failure(again), HasSubstr("COVERPAGE.tsv is empty"));
}

// Everything of a result, as text.
std::string everything(const HoldingsData& data) {
  std::string out =
      fmt::format("{}\n{}\n{}\n{}", fmt::join(lines(data.holdings), "\n"), fmt::join(data.report.dropped, "\n"),
                  fmt::join(data.report.notes, "\n"), data.report.kept);
  for (const Table* table : {&data.labels.assets, &data.labels.investors})
    for (const auto& [name, column] : table->columns())
      out += fmt::format("\n{}: {}", name, fmt::join(std::get<std::vector<std::string>>(column), "|"));
  return out;
}

TEST_F(Sec13f, the_order_of_rows_and_filings_and_the_number_of_threads_change_nothing) {
  Stream random(3, "sec13f_test");
  TestDataSet set;
  for (int f = 0; f < 40; ++f) {
    TestFiling filing{.accession = fmt::format("{:03d}", f),
                      .filed = fmt::format("{:02d}-FEB-2023", 1 + f % 27),
                      .cik = fmt::format("{}", f % 11)};
    if (f >= 11) filing.form = "13F-HR/A", filing.kind = f % 3 == 0 ? "RESTATEMENT" : f % 3 == 1 ? "NEW HOLDINGS" : "";
    set.add(filing, 1 + f % 9, f % 5 == 0 ? 1000 : 1, f % 4, 1 + f % 3);
  }
  for (size_t k = 0; k < 300; ++k) {  // decimals, whose sums depend on the order in which they are taken
    set.rows.push_back(set.rows[random.below(180)]);
    set.rows.back().shares = fmt::format("{}.{}", 1 + k, 1 + 7 * k % 999);
    set.rows.back().value = fmt::format("{}.{}", 20 * k, 1 + 13 * k % 999);
    set.rows.back().issuer = k % 2 == 0 ? "A" : "B";
  }
  const std::string expected = everything(load(set));
  for (int round = 0; round < 20; ++round) {
    for (size_t k = set.rows.size(); k > 1; --k) std::swap(set.rows[k - 1], set.rows[random.below(k)]);
    for (size_t k = set.filings.size(); k > 1; --k) std::swap(set.filings[k - 1], set.filings[random.below(k)]);
    ASSERT_EQ(everything(load(set, {}, 1 + round % 3)), expected);
  }
}

}  // namespace
}  // namespace loadstone
