#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace loadstone {

// Whole text of a file; *.gz is unpacked. Throws Error(data) if it cannot be read.
std::string read_text(const std::filesystem::path& path);

// Bytes that stay where they are for as long as a copy of `owner` lives.
struct FileBytes {
  std::shared_ptr<const void> owner;
  std::string_view text;
};
// A file mapped into memory, as it stands. Throws Error(data) if it cannot be read.
FileBytes map_file(const std::filesystem::path& path);

}  // namespace loadstone
