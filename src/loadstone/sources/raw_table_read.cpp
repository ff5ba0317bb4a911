// Reading of raw tables with Arrow: the only place where sources/ touches it.

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>
#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include <fstream>
#include <functional>
#include <limits>
#include <numeric>
#include <string_view>

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

// Positions of the names among all of a file.
using Choose = std::function<std::vector<size_t>(const Texts&)>;

// A file as batches of rows, of the chosen columns alone.
struct BatchFile {
  std::unique_ptr<arrow::util::Codec> codec;
  std::unique_ptr<parquet::arrow::FileReader> parquet;  // outlives `batches`
  std::shared_ptr<arrow::RecordBatchReader> batches;
};

// What a file is says its first bytes, whatever its name.
bool begins_with(const std::string& file, std::string_view bytes) {
  std::string first(bytes.size(), ' ');
  std::ifstream(file, std::ios::binary).read(first.data(), static_cast<std::streamsize>(first.size()));
  return first == bytes;
}

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

// Every cell as text, so that what is no number can be named by its line.
BatchFile open_csv_batches(const std::string& file, const Choose& choose) {
  BatchFile out;
  if (begins_with(file, "\x1f\x8b"))
    out.codec = value_or_throw(arrow::util::Codec::Create(arrow::Compression::GZIP), file);
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.strings_can_be_null = false;
  convert.check_utf8 = false;
  // Column types are given by name, so the header is read first.
  const Texts all = csv_reader(file, out.codec.get(), convert)->schema()->field_names();
  for (const size_t k : choose(all)) {
    convert.include_columns.push_back(all[k]);
    convert.column_types[all[k]] = arrow::utf8();
  }
  out.batches = csv_reader(file, out.codec.get(), convert);
  return out;
}

BatchFile open_parquet_batches(const std::string& file, const Choose& choose) {
  BatchFile out;
  const auto input = value_or_throw(arrow::io::ReadableFile::Open(file), file);
  out.parquet = value_or_throw(parquet::arrow::OpenFile(input, arrow::default_memory_pool()), file);
  std::shared_ptr<arrow::Schema> schema;
  if (const auto status = out.parquet->GetSchema(&schema); !status.ok())
    throw data_error(fmt::format("{} cannot be read: {}", file, status.message()));
  std::vector<int> columns, groups(static_cast<size_t>(out.parquet->num_row_groups()));
  for (const size_t k : choose(schema->field_names())) {
    columns.push_back(out.parquet->manifest().schema_fields[k].column_index);
    if (columns.back() < 0)  // made of several
      throw data_error(fmt::format("{}, column `{}`: type {} cannot be read", file,
                                   schema->field(static_cast<int>(k))->name(),
                                   schema->field(static_cast<int>(k))->type()->ToString()));
  }
  std::iota(groups.begin(), groups.end(), 0);
  out.batches = value_or_throw(out.parquet->GetRecordBatchReader(groups, columns), file);
  return out;
}

template <class Array>
void append_texts(const arrow::Array& chunk, PackedTexts& out) {
  const auto& values = static_cast<const Array&>(chunk);
  for (int64_t i = 0; i < values.length(); ++i) out.add(values.IsNull(i) ? std::string_view() : values.GetView(i));
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

// Adds a batch's cells to those of the column before. A column's first batch says whether it is text or numbers.
void append(const arrow::Array& cells, const std::string& name, const std::string& file, RawColumn& out) {
  const auto texts = [&]() -> PackedTexts& { return std::get<PackedTexts>(out); };
  const auto numbers = [&]() -> Numbers& {
    if (auto* none = std::get_if<PackedTexts>(&out); none != nullptr && none->size() == 0) out = Numbers();
    return std::get<Numbers>(out);
  };
  switch (cells.type_id()) {
    case arrow::Type::STRING:
      return append_texts<arrow::StringArray>(cells, texts());
    case arrow::Type::LARGE_STRING:
      return append_texts<arrow::LargeStringArray>(cells, texts());
    case arrow::Type::DICTIONARY:
      return append_dictionary(cells, texts());
    case arrow::Type::DATE32:
      return append_dates(cells, texts());
    case arrow::Type::TIMESTAMP:
      return append_timestamps(cells, texts());
    case arrow::Type::DOUBLE:
      return append_numbers<arrow::DoubleArray>(cells, numbers());
    case arrow::Type::FLOAT:
      return append_numbers<arrow::FloatArray>(cells, numbers());
    case arrow::Type::INT64:
      return append_numbers<arrow::Int64Array>(cells, numbers());
    case arrow::Type::INT32:
      return append_numbers<arrow::Int32Array>(cells, numbers());
    case arrow::Type::INT16:
      return append_numbers<arrow::Int16Array>(cells, numbers());
    case arrow::Type::INT8:
      return append_numbers<arrow::Int8Array>(cells, numbers());
    case arrow::Type::BOOL:
      return append_numbers<arrow::BooleanArray>(cells, numbers());
    default:
      throw data_error(fmt::format("{}, column `{}`: type {} cannot be read", file, name, cells.type()->ToString()));
  }
}

BatchFile open(const std::filesystem::path& path, const Choose& choose) {
  const std::string file = path.string();
  if (!std::filesystem::exists(path)) throw data_error(fmt::format("there is no file {}", file));
  return begins_with(file, "PAR1") ? open_parquet_batches(file, choose) : open_csv_batches(file, choose);
}

// Appends the next batch to `columns`; false after the last.
bool append_next(BatchFile& from, const std::string& file, std::vector<RawColumn>& columns) {
  const auto batch = value_or_throw(from.batches->Next(), file);
  if (batch == nullptr) return false;
  columns.resize(static_cast<size_t>(batch->num_columns()));
  for (int k = 0; k < batch->num_columns(); ++k)
    append(*batch->column(k), batch->column_name(k), file, columns[static_cast<size_t>(k)]);
  return true;
}

}  // namespace

void RawTable::read_blocks(const std::filesystem::path& path, const Texts& columns,
                           const std::function<void(RawTable&)>& each, size_t block_rows, const std::string& prefix) {
  const std::string file = path.string(), name = path.filename().string();
  BatchFile from = open(path, [&](const Texts& all) { return chosen(all, columns, prefix, name); });
  const Texts names = from.batches->schema()->field_names();
  size_t first_row = 0;
  for (bool more = true; more;) {
    RawTable block(name, names, {});
    block.first_row_ = first_row;
    while (block.rows() < block_rows && more) more = append_next(from, file, block.columns_);
    first_row += block.rows();
    if (block.rows() > 0) each(block);
  }
  if (first_row == 0) throw data_error(fmt::format("{} has no rows below its header", name));
}

RawTable RawTable::read(const std::filesystem::path& path, const Texts& columns, const std::string& prefix) {
  RawTable out("", {}, {});
  read_blocks(
      path, columns, [&](RawTable& block) { out = std::move(block); }, std::numeric_limits<size_t>::max(), prefix);
  return out;
}

}  // namespace loadstone
