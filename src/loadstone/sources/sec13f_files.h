#pragma once
// Where the tables of SEC Form 13F data sets stand: folders and .zip archives.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadstone/sources/text_file.h"

namespace loadstone {

struct DataSet13F {
  std::filesystem::path place;  // a folder, or an archive
  std::string folder;           // "2023q4/" of an archive's members, or empty

  // INFOTABLE.tsv and the like; nothing if the data set has no such table. Throws Error(data) on a damaged archive.
  std::optional<FileBytes> table(std::string_view file) const;
  FileBytes required_table(std::string_view file) const;  // throws Error(data) if there is none
  std::string name(std::string_view file) const;          // for messages
};

// Every data set (SUBMISSION.tsv and its neighbours) in the folders and archives, and in those inside the folders, in
// order of their paths. Throws Error(data) if a path is not there or holds none.
std::vector<DataSet13F> data_sets_13f(const std::vector<std::string>& paths, const std::filesystem::path& base);

}  // namespace loadstone
