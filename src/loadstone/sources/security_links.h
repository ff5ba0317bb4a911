#pragma once
// Identifiers of securities by CUSIP and date, from a table that the user has: CUSIPs change, and old ones are filed
// for years.

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/data/holdings.h"

namespace loadstone {

struct SecurityLink {
  Date from, to;  // first and last day
  std::string id;
};

class SecurityLinks {
 public:
  SecurityLinks() = default;  // no links: every code is its own key
  // CSV or Parquet with columns cusip, id, from, to; an empty `from` or `to` is open. A CUSIP of eight characters (as
  // CRSP has it) also counts with its check digit. Throws Error(data) where one CUSIP has two ids on one day, or a
  // range ends before it starts.
  static SecurityLinks read(const std::filesystem::path& path);

  std::span<const SecurityLink> of(std::string_view code) const;  // by increasing date
  bool is_id(std::string_view key) const { return ids_.find(key) != ids_.end(); }

 private:
  std::map<std::string, std::vector<SecurityLink>, std::less<>> links_;
  std::set<std::string, std::less<>> ids_;
};

// Keys of the securities with these codes: the id of a link that holds on the date, otherwise the code itself ("CUSIP "
// before it where it is spelled like an id). Numbers of keys are in alphabetical order.
class SecurityKeys {
 public:
  SecurityKeys(const SecurityLinks& links, const std::vector<std::string>& codes);
  int32_t number(size_t code, Date date) const;  // of the key
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  struct Range {
    Date from, to;
    int32_t key;
  };
  std::vector<std::string> texts_;
  std::vector<int32_t> own_;  // key of each code that has no id on a date
  std::vector<std::vector<Range>> ranges_;
};

// "links: 4 of 12 positions and 3 of 8 assets have an id; …"
std::string count_links(const Holdings& holdings, const SecurityLinks& links);

}  // namespace loadstone
