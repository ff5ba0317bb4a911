#pragma once
// A small columnar table in memory: results, metrics, truth files. Written and read as Parquet or CSV.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "loadstone/core/date.h"

namespace loadstone {

// Vectors of equal width, one a row, stored one after the other: (rows, width).
struct FloatVectors {
  int width = 0;
  std::vector<float> values;
};
struct DoubleVectors {
  int width = 0;
  std::vector<double> values;
};

using Column = std::variant<std::vector<double>, std::vector<float>, std::vector<int64_t>, std::vector<int32_t>,
                            std::vector<std::string>, std::vector<Date>, FloatVectors, DoubleVectors>;
size_t length(const Column& column);

class Table {
 public:
  // Throws Error(task) if the name is taken or the length differs from that of the other columns.
  void add(std::string name, Column column);
  bool has(std::string_view name) const;
  size_t rows() const { return columns_.empty() ? 0 : length(columns_.front().second); }
  const std::vector<std::pair<std::string, Column>>& columns() const { return columns_; }

  // Column by name and exact type; throws Error(data) that names the columns there are.
  template <class T>
  const T& get(std::string_view name) const;
  const std::vector<double>& doubles(std::string_view name) const { return get<std::vector<double>>(name); }
  const std::vector<int64_t>& integers(std::string_view name) const { return get<std::vector<int64_t>>(name); }
  const std::vector<std::string>& texts(std::string_view name) const { return get<std::vector<std::string>>(name); }
  const std::vector<Date>& dates(std::string_view name) const { return get<std::vector<Date>>(name); }

  // Rows of `other` (same columns, same order) after ours.
  void append(const Table& other);

  std::map<std::string, std::string> metadata;  // kept in the Parquet file's key-value metadata

 private:
  std::vector<std::pair<std::string, Column>> columns_;
};

// Both write atomically (core/atomic_file.h). CSV: '.' decimals, shortest text that reads back to the same number,
// empty for NaN, vectors as one column for each component (name_0, name_1, …).
void write_parquet(const Table& table, const std::filesystem::path& path);
void write_csv(const Table& table, const std::filesystem::path& path);
// `columns` empty: all. Throws Error(data) if the file is damaged or lacks a column.
Table read_parquet(const std::filesystem::path& path, const std::vector<std::string>& columns = {});
// The metadata alone; the columns are not read.
std::map<std::string, std::string> read_parquet_metadata(const std::filesystem::path& path);

}  // namespace loadstone
