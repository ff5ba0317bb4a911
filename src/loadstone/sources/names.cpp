#include "loadstone/sources/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "loadstone/sources/cusip.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;

// Rows of each name.
std::vector<int64_t> count_rows(const Names& names, const std::vector<size_t>& kept) {
  std::vector<int64_t> out(names.texts.size(), 0);
  for (const size_t i : kept) ++out[static_cast<size_t>(names.rows[i])];
  return out;
}

}  // namespace

Names names_of(const RawTable& raw, const std::string& column, const Texts& missing) {
  CodedTexts coded = raw.coded(column);
  Names out{coded.texts.texts(), std::move(coded.rows)};
  for (std::string& text : out.texts)
    if (std::find(missing.begin(), missing.end(), text) != missing.end()) text.clear();
  return out;
}

void repair_codes(Names& codes, const std::vector<size_t>& kept, IngestReport& report) {
  const std::vector<int64_t> count = count_rows(codes, kept);
  Texts used;
  std::vector<int64_t> rows;
  for (size_t k = 0; k < count.size(); ++k)
    if (count[k] > 0) used.push_back(codes.texts[k]), rows.push_back(count[k]);
  for (const auto& [how, sum] : repair_cusips(used, rows))
    report.notes.push_back(fmt::format("CUSIP, {}: {} rows", how, sum));
  size_t next = 0;
  for (size_t k = 0; k < count.size(); ++k)
    if (count[k] > 0) codes.texts[k] = used[next++];
}

void link_codes(Names& codes, const std::vector<size_t>& kept, const std::vector<Date>& date,
                const SecurityLinks& links) {
  const SecurityKeys keys(links, codes.texts);
  for (const size_t i : kept) codes.rows[i] = keys.number(static_cast<size_t>(codes.rows[i]), date[i]);
  codes.texts = keys.texts();
}

Texts sort_names(Names& names, const std::vector<size_t>& kept) {
  const std::vector<int64_t> count = count_rows(names, kept);
  Texts sorted;
  for (size_t k = 0; k < count.size(); ++k)
    if (count[k] > 0) sorted.push_back(names.texts[k]);
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());  // codes may have been repaired to one
  std::vector<int32_t> number;
  for (const std::string& name : names.texts)
    number.push_back(static_cast<int32_t>(std::lower_bound(sorted.begin(), sorted.end(), name) - sorted.begin()));
  std::vector<int32_t> rows(names.rows.size(), -1);
  for (const size_t i : kept) rows[i] = number[static_cast<size_t>(names.rows[i])];
  names = {sorted, std::move(rows)};
  return sorted;
}

}  // namespace loadstone
