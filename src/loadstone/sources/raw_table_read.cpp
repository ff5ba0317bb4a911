// Reading of raw tables with Arrow: the only place where sources/ touches it.

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>

#include <functional>
#include <limits>
#include <numeric>

#include "loadstone/core/error.h"
#include "loadstone/sources/raw_table.h"

namespace loadstone {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;
using RawColumn = std::variant<PackedTexts, Numbers>;

template <class T>
T value_or_throw(arrow::Result<T> result, const std::string& file) {
  if (!result.ok()) throw data_error(fmt::format("{} cannot be read: {}", file, result.status().message()));
  return std::move(result).ValueUnsafe();
}

struct RawColumns {
  Texts names;
  std::vector<RawColumn> cells;
};

// Positions of the names among all of a file.
using Choose = std::function<std::vector<size_t>(const Texts&)>;

std::shared_ptr<arrow::io::InputStream> open_csv(const std::string& file, arrow::util::Codec* codec) {
  std::shared_ptr<arrow::io::InputStream> input = value_or_throw(arrow::io::ReadableFile::Open(file), file);
  if (codec == nullptr) return input;
  return value_or_throw(arrow::io::CompressedInputStream::Make(codec, input), file);
}

std::shared_ptr<arrow::csv::StreamingReader> csv_reader(const std::string& file, arrow::util::Codec* codec,
                                                        const arrow::csv::ConvertOptions& convert) {
  auto read = arrow::csv::ReadOptions::Defaults();
  read.use_threads = false;
  const auto reader = arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), open_csv(file, codec), read,
                                                        arrow::csv::ParseOptions::Defaults(), convert);
  if (!reader.ok() && reader.status().message().find("Empty CSV") != std::string::npos)
    throw data_error(fmt::format("{} is empty", file));
  return value_or_throw(reader, file);
}

template <class Array>
void append_texts(const arrow::Array& chunk, PackedTexts& out) {
  const auto& values = static_cast<const Array&>(chunk);
  for (int64_t i = 0; i < values.length(); ++i) out.add(values.IsNull(i) ? std::string_view() : values.GetView(i));
}

// Every cell as text, so that what is no number can be named by its line. A block at a time: the file as a whole is
// never in memory.
RawColumns read_csv(const std::string& file, const Choose& choose) {
  std::unique_ptr<arrow::util::Codec> codec;
  if (file.ends_with(".gz")) codec = value_or_throw(arrow::util::Codec::Create(arrow::Compression::GZIP), file);
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.strings_can_be_null = false;
  convert.check_utf8 = false;
  // Column types are given by name, so the header is read first.
  const Texts all = csv_reader(file, codec.get(), convert)->schema()->field_names();
  RawColumns out;
  for (const size_t k : choose(all)) out.names.push_back(all[k]);
  for (const std::string& name : out.names) convert.column_types[name] = arrow::utf8();
  convert.include_columns = out.names;
  const auto reader = csv_reader(file, codec.get(), convert);
  std::vector<PackedTexts> cells(out.names.size());
  while (const auto block = value_or_throw(reader->Next(), file))
    for (size_t k = 0; k < cells.size(); ++k)
      append_texts<arrow::StringArray>(*block->column(static_cast<int>(k)), cells[k]);
  std::move(cells.begin(), cells.end(), std::back_inserter(out.cells));
  return out;
}

std::shared_ptr<arrow::Table> read_parquet_table(const std::string& file) {
  const auto input = value_or_throw(arrow::io::ReadableFile::Open(file), file);
  const auto reader = value_or_throw(parquet::arrow::OpenFile(input, arrow::default_memory_pool()), file);
  return value_or_throw(reader->ReadTable(), file);
}

template <class Array>
void append_numbers(const arrow::Array& chunk, Numbers& out) {
  const auto& values = static_cast<const Array&>(chunk);
  for (int64_t i = 0; i < values.length(); ++i)
    out.push_back(values.IsNull(i) ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(values.Value(i)));
}

void append_dates(const arrow::Array& chunk, PackedTexts& out) {
  const auto& values = static_cast<const arrow::Date32Array&>(chunk);
  for (int64_t i = 0; i < values.length(); ++i) out.add(values.IsNull(i) ? "" : Date{values.Value(i)}.text());
}

// Timestamps without their time of day.
void append_timestamps(const arrow::Array& chunk, PackedTexts& out) {
  const auto& values = static_cast<const arrow::TimestampArray&>(chunk);
  const auto unit = static_cast<const arrow::TimestampType&>(*chunk.type()).unit();
  int64_t day = 86'400;
  for (int k = 0; k < static_cast<int>(unit); ++k) day *= 1'000;
  for (int64_t i = 0; i < values.length(); ++i) {
    const int64_t value = values.IsNull(i) ? 0 : values.Value(i);
    const int64_t days = value / day - (value % day < 0 ? 1 : 0);
    out.add(values.IsNull(i) ? "" : Date{static_cast<int>(days)}.text());
  }
}

void append_dictionary(const arrow::Array& chunk, PackedTexts& out) {
  const auto& values = static_cast<const arrow::DictionaryArray&>(chunk);
  PackedTexts words;
  append_texts<arrow::StringArray>(*values.dictionary(), words);
  for (int64_t i = 0; i < values.length(); ++i)
    out.add(values.IsNull(i) ? std::string_view() : words[static_cast<size_t>(values.GetValueIndex(i))]);
}

RawColumn read_column(const arrow::ChunkedArray& column, const std::string& name, const std::string& file) {
  PackedTexts texts;
  Numbers numbers;
  for (const auto& chunk : column.chunks()) {
    switch (column.type()->id()) {
      case arrow::Type::STRING:
        append_texts<arrow::StringArray>(*chunk, texts);
        break;
      case arrow::Type::LARGE_STRING:
        append_texts<arrow::LargeStringArray>(*chunk, texts);
        break;
      case arrow::Type::DICTIONARY:
        append_dictionary(*chunk, texts);
        break;
      case arrow::Type::DATE32:
        append_dates(*chunk, texts);
        break;
      case arrow::Type::TIMESTAMP:
        append_timestamps(*chunk, texts);
        break;
      case arrow::Type::DOUBLE:
        append_numbers<arrow::DoubleArray>(*chunk, numbers);
        break;
      case arrow::Type::FLOAT:
        append_numbers<arrow::FloatArray>(*chunk, numbers);
        break;
      case arrow::Type::INT64:
        append_numbers<arrow::Int64Array>(*chunk, numbers);
        break;
      case arrow::Type::INT32:
        append_numbers<arrow::Int32Array>(*chunk, numbers);
        break;
      case arrow::Type::INT16:
        append_numbers<arrow::Int16Array>(*chunk, numbers);
        break;
      case arrow::Type::INT8:
        append_numbers<arrow::Int8Array>(*chunk, numbers);
        break;
      case arrow::Type::BOOL:
        append_numbers<arrow::BooleanArray>(*chunk, numbers);
        break;
      default:
        throw data_error(fmt::format("{}, column `{}`: type {} cannot be read", file, name, column.type()->ToString()));
    }
  }
  if (texts.size() == 0) return numbers;
  return texts;
}

RawColumns read_parquet_columns(const std::string& file, const Choose& choose) {
  const std::shared_ptr<arrow::Table> table = read_parquet_table(file);
  const Texts all = table->ColumnNames();
  RawColumns out;
  for (const size_t k : choose(all)) {
    out.names.push_back(all[k]);
    out.cells.push_back(read_column(*table->column(static_cast<int>(k)), all[k], file));
  }
  return out;
}

}  // namespace

RawTable RawTable::read(const std::filesystem::path& path, const std::vector<std::string>& columns) {
  const std::string file = path.string(), name = path.filename().string();
  if (!std::filesystem::exists(path)) throw data_error(fmt::format("there is no file {}", file));
  const Choose choose = [&](const Texts& all) {
    std::vector<size_t> wanted(columns.empty() ? all.size() : 0);
    std::iota(wanted.begin(), wanted.end(), size_t{0});
    for (const std::string& column : columns) wanted.push_back(position(column, all, name));
    return wanted;
  };
  RawColumns read = path.extension() == ".parquet" ? read_parquet_columns(file, choose) : read_csv(file, choose);
  return {name, std::move(read.names), std::move(read.cells)};
}

}  // namespace loadstone
