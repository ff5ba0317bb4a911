#include "loadstone/core/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

namespace fs = std::filesystem;

void flush_to_disk(const fs::path& path, int flags) {
  const int file = ::open(path.c_str(), flags);
  if (file < 0) throw std::system_error(errno, std::generic_category(), "open");
  const int status = ::fsync(file);
  const int error = errno;
  ::close(file);
  if (status != 0) throw std::system_error(error, std::generic_category(), "flush");
}

}  // namespace

void write_atomically(const fs::path& path, const std::function<void(const fs::path&)>& write) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  fs::path temporary = path;
  temporary += fmt::format(".{}.tmp", ::getpid());
  try {
    fs::create_directories(folder);
    write(temporary);
    flush_to_disk(temporary, O_RDONLY);
    fs::rename(temporary, path);
    flush_to_disk(folder, O_RDONLY | O_DIRECTORY);
  } catch (const std::exception& failure) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw Error(ErrorKind::task, fmt::format("{} could not be written: {}. Free space on that disk or choose another "
                                             "folder, then run again with --resume.",
                                             path.string(), failure.what()));
  }
}

void write_atomically(const fs::path& path, std::string_view content) {
  write_atomically(path, [&](const fs::path& temporary) {
    std::ofstream file(temporary, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    if (!file) throw std::system_error(errno, std::generic_category(), "write");
  });
}

bool is_unfinished(const fs::path& file, const fs::path& path) {
  return file.extension() == ".tmp" && file.stem().replace_extension() == path.filename() &&
         file.parent_path() == path.parent_path();
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw data_error(fmt::format("{} cannot be read: {}", path.string(), std::strerror(errno)));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace loadstone
