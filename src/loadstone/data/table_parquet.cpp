// Tables as Parquet files: zstd, dictionary encoding for texts, the Arrow schema kept so that vectors read back.
#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "loadstone/core/atomic_file.h"
#include "loadstone/data/arrow_check.h"
#include "loadstone/data/table.h"

namespace loadstone {
namespace {

static_assert(sizeof(Date) == sizeof(int32_t), "dates are written as date32 without a copy");

template <class T>
std::shared_ptr<arrow::Array> numbers(const std::vector<T>& values, const std::shared_ptr<arrow::DataType>& type) {
  return arrow::MakeArray(
      arrow::ArrayData::Make(type, static_cast<int64_t>(values.size()), {nullptr, arrow::Buffer::Wrap(values)}, 0));
}

template <class Vectors>
std::shared_ptr<arrow::Array> vectors(const Vectors& column, const std::shared_ptr<arrow::DataType>& type) {
  const auto items = numbers(column.values, type);
  return std::make_shared<arrow::FixedSizeListArray>(arrow::fixed_size_list(type, column.width),
                                                     items->length() / column.width, items);
}

std::shared_ptr<arrow::Array> to_arrow(const std::vector<double>& c) { return numbers(c, arrow::float64()); }
std::shared_ptr<arrow::Array> to_arrow(const std::vector<float>& c) { return numbers(c, arrow::float32()); }
std::shared_ptr<arrow::Array> to_arrow(const std::vector<int64_t>& c) { return numbers(c, arrow::int64()); }
std::shared_ptr<arrow::Array> to_arrow(const std::vector<int32_t>& c) { return numbers(c, arrow::int32()); }
std::shared_ptr<arrow::Array> to_arrow(const std::vector<Date>& c) { return numbers(c, arrow::date32()); }
std::shared_ptr<arrow::Array> to_arrow(const FloatVectors& c) { return vectors(c, arrow::float32()); }
std::shared_ptr<arrow::Array> to_arrow(const DoubleVectors& c) { return vectors(c, arrow::float64()); }
std::shared_ptr<arrow::Array> to_arrow(const std::vector<std::string>& c) {
  arrow::StringBuilder builder;
  check(builder.AppendValues(c), "texts");
  return value_of(builder.Finish(), "texts");
}

std::shared_ptr<arrow::Table> to_arrow(const Table& table) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, column] : table.columns()) {
    arrays.push_back(std::visit([](const auto& values) { return to_arrow(values); }, column));
    fields.push_back(arrow::field(name, arrays.back()->type(), false));
  }
  std::shared_ptr<const arrow::KeyValueMetadata> metadata;
  if (!table.metadata.empty())
    metadata = std::make_shared<arrow::KeyValueMetadata>(
        std::unordered_map<std::string, std::string>(table.metadata.begin(), table.metadata.end()));
  return arrow::Table::Make(arrow::schema(fields, metadata), arrays, static_cast<int64_t>(table.rows()));
}

// One array of a column: numbers from their buffer, with nulls as NaN where the type has one.
template <class T>
void read_numbers(const arrow::ArrayData& data, const std::string& where, std::vector<T>& out) {
  const size_t before = out.size();
  out.resize(before + static_cast<size_t>(data.length));
  if (data.length == 0) return;
  std::memcpy(out.data() + before, data.GetValues<T>(1), static_cast<size_t>(data.length) * sizeof(T));
  if (data.GetNullCount() == 0) return;
  if constexpr (std::is_floating_point_v<T>) {
    for (int64_t i = 0; i < data.length; ++i)
      if (data.IsNull(i)) out[before + static_cast<size_t>(i)] = std::numeric_limits<T>::quiet_NaN();
  } else {
    throw data_error(where + " has empty cells, which a column of integers or dates cannot hold");
  }
}

template <class T>
std::vector<T> read_numbers(const arrow::ChunkedArray& column, const std::string& where) {
  std::vector<T> out;
  out.reserve(static_cast<size_t>(column.length()));
  for (const auto& chunk : column.chunks()) read_numbers(*chunk->data(), where, out);
  return out;
}

std::vector<std::string> read_texts(const arrow::ChunkedArray& column) {
  std::vector<std::string> out;
  out.reserve(static_cast<size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    const auto& texts = static_cast<const arrow::StringArray&>(*chunk);
    for (int64_t i = 0; i < texts.length(); ++i) out.push_back(texts.IsNull(i) ? "" : texts.GetString(i));
  }
  return out;
}

template <class Vectors, class T>
Vectors read_vectors(const arrow::ChunkedArray& column, const std::string& where) {
  Vectors out;
  out.width = static_cast<const arrow::FixedSizeListType&>(*column.type()).list_size();
  for (const auto& chunk : column.chunks()) {
    if (chunk->null_count() > 0) throw data_error(where + " has empty vectors");
    const auto& list = static_cast<const arrow::FixedSizeListArray&>(*chunk);
    read_numbers(*value_of(list.Flatten(), where)->data(), where, out.values);
  }
  return out;
}

Column from_arrow(const arrow::ChunkedArray& column, const std::string& where) {
  switch (column.type()->id()) {
    case arrow::Type::DOUBLE:
      return read_numbers<double>(column, where);
    case arrow::Type::FLOAT:
      return read_numbers<float>(column, where);
    case arrow::Type::INT64:
      return read_numbers<int64_t>(column, where);
    case arrow::Type::INT32:
      return read_numbers<int32_t>(column, where);
    case arrow::Type::STRING:
      return read_texts(column);
    case arrow::Type::DATE32: {
      const auto days = read_numbers<int32_t>(column, where);
      std::vector<Date> dates;
      for (const int32_t day : days) dates.push_back({day});
      return dates;
    }
    case arrow::Type::FIXED_SIZE_LIST: {
      const auto item = static_cast<const arrow::FixedSizeListType&>(*column.type()).value_type()->id();
      if (item == arrow::Type::FLOAT) return read_vectors<FloatVectors, float>(column, where);
      if (item == arrow::Type::DOUBLE) return read_vectors<DoubleVectors, double>(column, where);
      break;
    }
    default:
      break;
  }
  throw data_error(
      fmt::format("{} is of type {}. Valid: double, float, int64, int32, string, date32 and vectors of "
                  "float or double",
                  where, column.type()->ToString()));
}

std::vector<int> positions(const arrow::Schema& schema, const std::vector<std::string>& columns,
                           const std::string& file) {
  std::vector<int> out;
  for (const std::string& name : columns.empty() ? schema.field_names() : columns) {
    out.push_back(schema.GetFieldIndex(name));
    if (out.back() < 0)
      throw data_error(
          fmt::format("{} has no column `{}`; it has {}", file, name, fmt::join(schema.field_names(), ", ")));
  }
  return out;
}

std::map<std::string, std::string> metadata_of(const arrow::Schema& schema) {
  std::map<std::string, std::string> out;
  if (schema.metadata() != nullptr)
    for (int64_t i = 0; i < schema.metadata()->size(); ++i)
      out[schema.metadata()->key(i)] = schema.metadata()->value(i);
  return out;
}

Table read_open_file(const std::shared_ptr<arrow::io::RandomAccessFile>& file, const std::vector<std::string>& columns,
                     const std::string& path) {
  const std::string damaged = path + " is damaged or not a Parquet file";
  auto reader = value_of(parquet::arrow::OpenFile(file, arrow::default_memory_pool()), damaged);
  reader->set_use_threads(false);
  std::shared_ptr<arrow::Schema> schema;
  check(reader->GetSchema(&schema), damaged);
  Table table;
  for (const int i : positions(*schema, columns, path)) {
    std::shared_ptr<arrow::ChunkedArray> column;
    check(reader->ReadColumn(i, &column), damaged);
    const std::string& name = schema->field(i)->name();
    table.add(name, from_arrow(*column, fmt::format("column `{}` of {}", name, path)));
  }
  table.metadata = metadata_of(*schema);
  return table;
}

}  // namespace

void write_parquet(const Table& table, const std::filesystem::path& path) {
  const auto arrow_table = to_arrow(table);
  parquet::WriterProperties::Builder properties;
  properties.compression(parquet::Compression::ZSTD)->disable_dictionary();
  for (const auto& field : arrow_table->schema()->fields())
    if (field->type()->id() == arrow::Type::STRING)
      properties.enable_dictionary(field->name());
    else if (field->type()->num_fields() > 0)  // vectors of estimates: nothing repeats, so compression is time lost
      properties.compression(field->name() + ".list.element", parquet::Compression::UNCOMPRESSED);
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    const auto file = value_of(arrow::io::FileOutputStream::Open(temporary.string()), path.string());
    check(parquet::arrow::WriteTable(*arrow_table, arrow::default_memory_pool(), file, 1 << 20, properties.build(),
                                     arrow_properties),
          path.string());
    check(file->Close(), path.string());
  });
}

Table read_parquet(const std::filesystem::path& path, const std::vector<std::string>& columns) {
  const auto file = value_of(arrow::io::ReadableFile::Open(path.string()), path.string() + " cannot be read");
  try {
    return read_open_file(file, columns, path.string());
  } catch (const parquet::ParquetException& failure) {
    throw data_error(fmt::format("{} is damaged or not a Parquet file: {}", path.string(), failure.what()));
  }
}

std::map<std::string, std::string> read_parquet_metadata(const std::filesystem::path& path) {
  const std::string damaged = path.string() + " is damaged or not a Parquet file";
  const auto file = value_of(arrow::io::ReadableFile::Open(path.string()), path.string() + " cannot be read");
  try {
    const auto reader = value_of(parquet::arrow::OpenFile(file, arrow::default_memory_pool()), damaged);
    std::shared_ptr<arrow::Schema> schema;
    check(reader->GetSchema(&schema), damaged);
    return metadata_of(*schema);
  } catch (const parquet::ParquetException& failure) {
    throw data_error(fmt::format("{}: {}", damaged, failure.what()));
  }
}

}  // namespace loadstone
