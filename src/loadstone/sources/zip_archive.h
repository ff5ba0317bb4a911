#pragma once
// Members of .zip archives, stored or deflated.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "loadstone/sources/text_file.h"

namespace loadstone {

class ZipArchive {
 public:
  // Reads the directory of the archive. Throws Error(data) if the file is no whole archive, or one of more than 4 GB
  // (ZIP64).
  explicit ZipArchive(const std::filesystem::path& path);
  std::vector<std::string> names() const;  // "folder/INFOTABLE.tsv"
  // Unpacked, its length and CRC-32 checked. Throws Error(data) if it is damaged, encrypted, packed in another way or
  // not there.
  FileBytes read(std::string_view name) const;

 private:
  struct Member {
    std::string name;
    uint16_t flags = 0, method = 0;
    uint32_t crc = 0, packed = 0, size = 0, header = 0;  // `header`: where its local header stands
  };
  Member next_member(size_t& at) const;
  std::string_view packed_bytes(const Member& member) const;
  template <class T>
  T number(size_t at) const;

  std::string file_;
  FileBytes archive_;
  std::vector<Member> members_;
};

}  // namespace loadstone
