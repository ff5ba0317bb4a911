#include "loadstone/sources/text_file.h"

#include <arrow/buffer.h>
#include <arrow/io/api.h>
#include <arrow/util/compression.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"

namespace loadstone {

std::string read_text(const std::filesystem::path& path) {
  if (path.extension() != ".gz") return read_file(path);
  const auto failure = [&](const arrow::Status& status) {
    return data_error(fmt::format("{} cannot be read: {}", path.string(), status.message()));
  };
  const auto file = arrow::io::ReadableFile::Open(path.string());
  if (!file.ok()) throw failure(file.status());
  const auto codec = arrow::util::Codec::Create(arrow::Compression::GZIP);
  if (!codec.ok()) throw failure(codec.status());
  const auto input = arrow::io::CompressedInputStream::Make(codec->get(), *file);
  if (!input.ok()) throw failure(input.status());
  std::string text;
  for (;;) {
    const auto block = (*input)->Read(1 << 20);
    if (!block.ok()) throw failure(block.status());
    if ((*block)->size() == 0) return text;
    text += (*block)->ToString();
  }
}

FileBytes map_file(const std::filesystem::path& path) {
  const auto failure = [&] { return data_error(fmt::format("{} cannot be read: {}", path.string(), strerror(errno))); };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw failure();
  struct stat status {};
  const bool known = fstat(file, &status) == 0;
  const size_t size = known ? static_cast<size_t>(status.st_size) : 0;
  void* place = size > 0 ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
  close(file);
  if (!known || place == MAP_FAILED) throw failure();
  if (place == nullptr) return {};  // nothing can be mapped of an empty file
  return {std::shared_ptr<const void>(place, [size](const void* start) { munmap(const_cast<void*>(start), size); }),
          std::string_view(static_cast<const char*>(place), size)};
}

}  // namespace loadstone
