#include "loadstone/sources/security_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "loadstone/core/error.h"
#include "loadstone/sources/cusip.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {
namespace {

constexpr Date open_start{std::numeric_limits<int>::min()}, open_end{std::numeric_limits<int>::max()};

std::string text_of(const SecurityLink& link) {
  return fmt::format("{} from {} to {}", link.id, link.from == open_start ? "the start" : link.from.text(),
                     link.to == open_end ? "the end" : link.to.text());
}

void check_overlap(const std::vector<SecurityLink>& links, std::string_view code, std::string_view file) {
  const SecurityLink* longest = nullptr;  // of those before, the one that ends last
  for (const SecurityLink& link : links) {
    if (longest != nullptr && link.from <= longest->to && link.id != longest->id)
      throw data_error(
          fmt::format("{}: the CUSIP {} has two ids on one day: {}, and {}. End the first range before the "
                      "second starts",
                      file, code, text_of(*longest), text_of(link)));
    if (longest == nullptr || link.to > longest->to) longest = &link;
  }
}

}  // namespace

SecurityLinks SecurityLinks::read(const std::filesystem::path& path) {
  const RawTable table = RawTable::read(path, {"cusip", "id", "from", "to"});
  const std::vector<std::string> codes = table.texts("cusip"), ids = table.texts("id");
  const std::vector<Date> from = table.dates("from", open_start), to = table.dates("to", open_end);
  SecurityLinks out;
  for (size_t i = 0; i < codes.size(); ++i) {
    const auto place = [&] { return fmt::format("{}, line {}", table.file(), i + 2); };
    if (codes[i].empty() || ids[i].empty())
      throw data_error(fmt::format("{}: `{}` is empty", place(), codes[i].empty() ? "cusip" : "id"));
    if (to[i] < from[i])
      throw data_error(
          fmt::format("{}: the range ends ({}) before it starts ({})", place(), to[i].text(), from[i].text()));
    const SecurityLink link{from[i], to[i], ids[i]};
    out.links_[codes[i]].push_back(link);
    const char check = codes[i].size() == 8 ? cusip_check_digit(codes[i]) : '\0';
    if (check != '\0') out.links_[codes[i] + check].push_back(link);
    out.ids_.insert(ids[i]);
  }
  for (auto& [code, links] : out.links_) {
    std::sort(links.begin(), links.end(),
              [](const auto& a, const auto& b) { return std::tie(a.from, a.to, a.id) < std::tie(b.from, b.to, b.id); });
    check_overlap(links, code, table.file());
  }
  return out;
}

std::span<const SecurityLink> SecurityLinks::of(std::string_view code) const {
  const auto found = links_.find(code);
  if (found == links_.end()) return {};
  return found->second;
}

SecurityKeys::SecurityKeys(const SecurityLinks& links, const std::vector<std::string>& codes) {
  const auto own = [&](const std::string& code) { return links.is_id(code) ? "CUSIP " + code : code; };
  for (const std::string& code : codes) {
    texts_.push_back(own(code));
    for (const SecurityLink& link : links.of(code)) texts_.push_back(link.id);
  }
  std::sort(texts_.begin(), texts_.end());
  texts_.erase(std::unique(texts_.begin(), texts_.end()), texts_.end());
  const auto number_of = [&](const std::string& key) {
    return static_cast<int32_t>(std::lower_bound(texts_.begin(), texts_.end(), key) - texts_.begin());
  };
  for (const std::string& code : codes) {
    own_.push_back(number_of(own(code)));
    std::vector<Range>& ranges = ranges_.emplace_back();
    for (const SecurityLink& link : links.of(code)) ranges.push_back({link.from, link.to, number_of(link.id)});
  }
}

int32_t SecurityKeys::number(size_t code, Date date) const {
  for (const Range& range : ranges_[code])
    if (range.from <= date && date <= range.to) return range.key;
  return own_[code];
}

std::string count_links(const Holdings& holdings, const SecurityLinks& links) {
  std::vector<int64_t> positions(holdings.assets.size(), 0);
  for (const HoldingsQuarter& quarter : holdings.quarters)
    for (const Position& p : quarter.positions) ++positions[static_cast<size_t>(p.asset)];
  int64_t assets_linked = 0, positions_linked = 0, all = 0;
  for (size_t a = 0; a < positions.size(); ++a) {
    const bool linked = links.is_id(holdings.assets[a]);
    all += positions[a];
    assets_linked += linked ? 1 : 0;
    positions_linked += linked ? positions[a] : 0;
  }
  return fmt::format("links: {} of {} positions and {} of {} assets have an id; the others keep their code",
                     positions_linked, all, assets_linked, holdings.assets.size());
}

}  // namespace loadstone
