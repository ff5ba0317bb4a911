#pragma once
// Files that are either whole or absent: written under a temporary name in the same folder, flushed to disk, renamed.

#include <filesystem>
#include <functional>
#include <string_view>

namespace loadstone {

// `write` fills the file at the path it is given. On any failure (a full disk included) the temporary file is removed,
// the old file is left as it was, and Error(task) says why.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path&)>& write);
void write_atomically(const std::filesystem::path& path, std::string_view content);

// Whether `file` is what a killed write of `path`, or one that is under way, has left.
bool is_unfinished(const std::filesystem::path& file, const std::filesystem::path& path);

// Whole content of a file; throws Error(data) if it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace loadstone
