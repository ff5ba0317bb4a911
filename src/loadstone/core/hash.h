#pragma once
// Content hashes (XXH3, 128 bits) of files, parameters and data: for identity, not for security.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace loadstone {

std::string hash_text(std::string_view bytes);             // 32 hexadecimal digits
std::string hash_file(const std::filesystem::path& path);  // throws Error(data) if it cannot be read

}  // namespace loadstone
