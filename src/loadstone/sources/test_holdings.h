#pragma once
// What tests of importers of holdings share.

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "loadstone/sources/source.h"
#include "loadstone/sources/test_folder.h"

namespace loadstone {

// "date investor asset dollars shares known_at" of every position.
inline std::vector<std::string> lines(const Holdings& holdings) {
  std::vector<std::string> out;
  for (const HoldingsQuarter& quarter : holdings.quarters)
    for (const Position& p : quarter.positions) {
      std::ostringstream line;
      line << quarter.date.text() << ' ' << holdings.investors[static_cast<size_t>(p.investor)] << ' '
           << holdings.assets[static_cast<size_t>(p.asset)] << ' ' << p.dollars << ' ' << p.shares << ' '
           << p.known_at.text();
      out.push_back(line.str());
    }
  return out;
}

inline void expect_every_row_accounted(const IngestReport& report) {
  int64_t dropped = 0;
  for (const auto& [reason, count] : report.dropped) dropped += count;
  EXPECT_EQ(report.rows, report.kept + dropped);
}

}  // namespace loadstone
