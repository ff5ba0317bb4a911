#pragma once
// Small Form 13F data sets for tests.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "loadstone/core/atomic_file.h"
#include "loadstone/sources/cusip.h"
#include "loadstone/sources/test_holdings.h"

namespace loadstone {

// A line of SUBMISSION.tsv and what COVERPAGE.tsv and SUMMARYPAGE.tsv say of it.
struct TestFiling {
  std::string accession, filed = "14-FEB-2023", form = "13F-HR", kind;  // AMENDMENTTYPE
  std::string period = "31-DEC-2022", cik = "7", number, is_amendment;
  std::string report = "13F HOLDINGS REPORT", total, omitted = "N", expired;
};

struct TestRow {
  std::string accession, cusip, value, shares;
  std::string type = "SH", put_call, title = "COM", issuer = "X INC";
};

inline std::string stock(int k) {
  const std::string stem = fmt::format("{:06d}10", 30'000 + 111 * k);
  return stem + cusip_check_digit(stem);
}

struct TestDataSet {
  std::vector<TestFiling> filings;
  std::vector<TestRow> rows;
  bool figi = true;

  // A filing with `count` stocks, from number `first` on: 100 shares each, at 20 dollars for stock 0, 21 for stock 1, …
  // `unit`: dollars for one of VALUE; `lot`: hundreds of shares.
  TestDataSet& add(const TestFiling& filing, int count, int unit = 1, int first = 0, int lot = 1) {
    filings.push_back(filing);
    for (int k = first; k < first + count; ++k)
      rows.push_back({filing.accession, stock(k), fmt::format("{}", lot * (20'000 + 1'000 * k) / unit),
                      fmt::format("{}", 1'000 * lot)});
    return *this;
  }

  void write(const std::filesystem::path& folder) const {
    std::filesystem::create_directories(folder);
    std::string submission = "ACCESSION_NUMBER\tFILING_DATE\tSUBMISSIONTYPE\tCIK\tPERIODOFREPORT\n";
    std::string cover =
        "ACCESSION_NUMBER\tISAMENDMENT\tAMENDMENTNO\tAMENDMENTTYPE\tCONFDENIEDEXPIRED\tFILINGMANAGER_"
        "NAME\tREPORTTYPE\n";
    std::string summary = "ACCESSION_NUMBER\tTABLEVALUETOTAL\tISCONFIDENTIALOMITTED\n";
    for (const TestFiling& f : filings) {
      submission += fmt::format("{}\t{}\t{}\t{}\t{}\n", f.accession, f.filed, f.form, f.cik, f.period);
      cover += fmt::format("{}\t{}\t{}\t{}\t{}\tManager {}\t{}\n", f.accession, f.is_amendment, f.number, f.kind,
                           f.expired, f.cik, f.report);
      summary += fmt::format("{}\t{}\t{}\n", f.accession, f.total, f.omitted);
    }
    std::string info =
        fmt::format("ACCESSION_NUMBER\tNAMEOFISSUER\tTITLEOFCLASS\tCUSIP\t{}VALUE\tSSHPRNAMT\tSSHPRNAMTTYPE\tPUTCALL\n",
                    figi ? "FIGI\t" : "");
    for (const TestRow& r : rows)
      info += fmt::format("{}\t{}\t{}\t{}\t{}{}\t{}\t{}\t{}\n", r.accession, r.issuer, r.title, r.cusip,
                          figi ? "BBG000B9XRY4\t" : "", r.value, r.shares, r.type, r.put_call);
    write_atomically(folder / "SUBMISSION.tsv", submission);
    write_atomically(folder / "COVERPAGE.tsv", cover);
    write_atomically(folder / "SUMMARYPAGE.tsv", summary);
    write_atomically(folder / "INFOTABLE.tsv", info);
  }
};

class Sec13fTest : public TestFolder {
 protected:
  HoldingsData load(const TestDataSet& data_set, nlohmann::json fields = nlohmann::json::object(), int threads = 1) {
    data_set.write(folder_ / "set");
    fields["source"] = "sec13f";
    if (!fields.contains("path")) fields["path"] = "set";
    HoldingsData out = load_holdings(fields, folder_, threads);
    expect_every_row_accounted(out.report);
    return out;
  }
};

// Positions as "asset lot date-known", where asset k and its lot are those of TestDataSet::add.
inline std::vector<std::string> lots(const Holdings& holdings, size_t quarter = 0) {
  std::vector<std::string> out;
  for (const Position& p : holdings.quarters.at(quarter).positions) {
    const std::string& code = holdings.assets[static_cast<size_t>(p.asset)];
    int k = 0;
    while (stock(k) != code) ++k;
    EXPECT_EQ(p.dollars, p.shares * (20 + k)) << code;
    out.push_back(fmt::format("{}:{} {}", k, p.shares / 1'000, p.known_at.text()));
  }
  return out;
}

}  // namespace loadstone
