#include "loadstone/sources/text_file.h"

#include <arrow/buffer.h>
#include <arrow/io/api.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>

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

}  // namespace loadstone
