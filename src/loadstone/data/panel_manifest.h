#pragma once
// manifest.json of a panel store: everything about the store but its rows.

#include <filesystem>
#include <string>
#include <vector>

#include "loadstone/data/panel.h"

namespace loadstone {

// A file covers the dates [first, first + count) of the calendar. A `base` file has assets, returns, market equity and
// size groups beside its blocks; the others only blocks.
struct StoreFile {
  std::string name, hash;
  int64_t bytes = 0;
  size_t first = 0, count = 0;
  bool base = true;
  std::vector<std::string> blocks;
};

struct Manifest {
  PanelInfo info;
  std::vector<Date> dates, return_ends;  // (T)
  std::vector<int64_t> rows;             // (T) N_t
  std::vector<std::string> assets;
  std::vector<StoreFile> files;
  int64_t late_rows = 0;  // left out: known_at after the date of their cross-section
  std::string hash;       // of the file; not written
};

std::filesystem::path manifest_path(const std::filesystem::path& store);
// Throws Error(data) if the folder is no store, was left incomplete, or its manifest contradicts itself.
Manifest read_manifest(const std::filesystem::path& store);
void write_manifest(const std::filesystem::path& store, const Manifest& manifest);

}  // namespace loadstone
