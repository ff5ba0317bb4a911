#include "loadstone/sources/zip_archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

// Signatures and lengths of the records (APPNOTE 4.3), without their texts of variable length.
constexpr uint32_t end_signature = 0x06054b50, directory_signature = 0x02014b50, local_signature = 0x04034b50;
constexpr size_t end_length = 22, directory_length = 46, local_length = 30;
constexpr uint16_t stored = 0, deflated = 8;
constexpr size_t most_inflated = 1032;  // bytes that a deflated one can stand for

bool inflate_all(std::string_view packed, char* out, uint32_t size) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;  // no zlib header around the data
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out);
  stream.avail_out = size;
  const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return whole;
}

}  // namespace

// Little-endian at a byte of the archive.
template <class T>
T ZipArchive::number(size_t at) const {
  if (at + sizeof(T) > archive_.text.size())
    throw data_error(fmt::format("{} is a damaged archive: it ends in the middle of a record", file_));
  uint64_t value = 0;
  for (size_t k = 0; k < sizeof(T); ++k)
    value |= static_cast<uint64_t>(static_cast<unsigned char>(archive_.text[at + k])) << (8 * k);
  return static_cast<T>(value);
}

ZipArchive::ZipArchive(const std::filesystem::path& path) : file_(path.string()), archive_(map_file(path)) {
  const std::string_view end_mark("PK\x05\x06", 4);
  const size_t end = archive_.text.rfind(end_mark);
  if (end == std::string_view::npos || number<uint32_t>(end) != end_signature ||
      end + end_length > archive_.text.size())
    throw data_error(fmt::format("{} is not a whole .zip archive: its directory is missing. Fetch it again", file_));
  const auto count = number<uint16_t>(end + 10);
  size_t at = number<uint32_t>(end + 16);
  if (count == 0xFFFF || at == 0xFFFFFFFF)
    throw data_error(fmt::format("{} is a ZIP64 archive, which is not read: unpack it and name the folder", file_));
  for (size_t k = 0; k < count; ++k) members_.push_back(next_member(at));
}

ZipArchive::Member ZipArchive::next_member(size_t& at) const {
  if (number<uint32_t>(at) != directory_signature)
    throw data_error(fmt::format("{} is a damaged archive: no member stands at byte {}", file_, at));
  const size_t name_length = number<uint16_t>(at + 28);
  Member member{.flags = number<uint16_t>(at + 8),
                .method = number<uint16_t>(at + 10),
                .crc = number<uint32_t>(at + 16),
                .packed = number<uint32_t>(at + 20),
                .size = number<uint32_t>(at + 24),
                .header = number<uint32_t>(at + 42)};
  if (at + directory_length + name_length > archive_.text.size())
    throw data_error(fmt::format("{} is a damaged archive: it ends in the middle of a record", file_));
  member.name = archive_.text.substr(at + directory_length, name_length);
  std::replace(member.name.begin(), member.name.end(), '\\', '/');  // as some programs of Windows write it
  at += directory_length + name_length + number<uint16_t>(at + 30) + number<uint16_t>(at + 32);
  return member;
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> out;
  for (const Member& member : members_) out.push_back(member.name);
  return out;
}

std::string_view ZipArchive::packed_bytes(const Member& member) const {
  const size_t header = member.header;
  const bool there = number<uint32_t>(header) == local_signature;
  const size_t start = header + local_length + number<uint16_t>(header + 26) + number<uint16_t>(header + 28);
  if (!there || start + member.packed > archive_.text.size())
    throw data_error(fmt::format("{}: the member {} is not where the directory says", file_, member.name));
  return archive_.text.substr(start, member.packed);
}

FileBytes ZipArchive::read(std::string_view name) const {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.name == name; });
  if (found == members_.end()) throw data_error(fmt::format("{} has no member {}", file_, name));
  const bool encrypted = (found->flags & 1) != 0;
  if (encrypted || (found->method != stored && found->method != deflated))
    throw data_error(fmt::format("{}: the member {} is {}, which is not read: unpack it and name the folder", file_,
                                 name, encrypted ? "encrypted" : fmt::format("packed by method {}", found->method)));
  const std::string_view packed = packed_bytes(*found);
  const size_t longest = found->method == stored ? packed.size() : most_inflated * packed.size();
  if (found->size > longest) throw data_error(fmt::format("{}: the member {} is damaged", file_, name));
  const std::shared_ptr<char[]> out(new char[std::max<size_t>(found->size, 1)]);
  const bool whole =
      found->method == stored ? packed.size() == found->size : inflate_all(packed, out.get(), found->size);
  if (whole && found->method == stored) std::copy(packed.begin(), packed.end(), out.get());
  if (!whole || crc32_z(0, reinterpret_cast<const Bytef*>(out.get()), found->size) != found->crc)
    throw data_error(fmt::format("{}: the member {} is damaged. Fetch the archive again", file_, name));
  return {out, std::string_view(out.get(), found->size)};
}

}  // namespace loadstone
