#pragma once
#include <filesystem>
#include <string>

namespace loadstone {

// Whole text of a file; *.gz is unpacked. Throws Error(data) if it cannot be read.
std::string read_text(const std::filesystem::path& path);

}  // namespace loadstone
