#pragma once
// [[data.join]] of an experiment with a panel: vectors that another run has saved (its embeddings/<model>.parquet)
// become characteristics.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/core/parameters.h"
#include "loadstone/data/panel.h"

namespace loadstone {

struct PanelJoinConfig {
  std::string name, path;
  std::string standardise = "z";
  int max_age = 200;
  void describe(Parameters& p);
};

struct PanelJoin {
  std::string name;
  int64_t rows = 0, matched = 0;  // rows of the panel, and those of them that have a vector
  int64_t unmatched_assets = 0;   // of the vectors: not in the panel
};

// Adds to the store a block for each join and a block `all`: `rank` and every joined one. A row dated t gets the newest
// vector of its asset with known_at <= t that describes a date at most `max_age` days before t, each number
// standardised over the rows of the date that have one; rows without a vector have zeros. Throws Error(usage) on a name
// that is taken, Error(data) on a file that holds no such vectors, or vectors of several dates that are not aligned to
// earlier dates alone (the file's metadata say so).
std::vector<PanelJoin> join_vectors(const std::filesystem::path& store, const std::vector<PanelJoinConfig>& joins,
                                    const std::filesystem::path& base);

}  // namespace loadstone
