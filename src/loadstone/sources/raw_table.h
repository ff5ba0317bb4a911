#pragma once
// A user's file as it stands: named columns of text or numbers, before anyone has decided what they mean. Errors name
// file, row and column.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loadstone/core/date.h"
#include "loadstone/sources/text_dictionary.h"

namespace loadstone {

// Cells of text, one after the other.
class PackedTexts {
 public:
  void add(std::string_view text);
  size_t size() const { return ends_.size(); }
  std::string_view operator[](size_t row) const;

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

// A column by the texts that are in it.
struct CodedTexts {
  TextDictionary texts;
  std::vector<int32_t> rows;  // number of the text of each row
};

// How the dates of a column are written, and where a column of two-digit years has come to.
struct DateStyle {
  enum class Format { year_month_day, compact_day, compact_month, month_slash_year, month_name_year };
  std::optional<Format> format;
  int century = 1900, last_year = 0;
};

class RawTable {
 public:
  // CSV with a header line (also gzipped) or Parquet, as its first bytes say. Throws Error(data) if the file is
  // missing, damaged, or has no rows. `columns`: only these are kept in memory (throws Error(data) if one is not
  // there), and with a `prefix` those whose names begin with it (throws if none does); both empty: all.
  static RawTable read(const std::filesystem::path& path, const std::vector<std::string>& columns = {},
                       const std::string& prefix = "");
  // The same as tables of about `block_rows` rows, one after the other, for files that are larger than memory. Errors
  // name the lines of the file.
  static void read_blocks(const std::filesystem::path& path, const std::vector<std::string>& columns,
                          const std::function<void(RawTable&)>& each, size_t block_rows = 1 << 17,
                          const std::string& prefix = "");
  RawTable(std::string file, std::vector<std::string> names,
           std::vector<std::variant<PackedTexts, std::vector<double>>> columns);

  const std::string& file() const { return file_; }
  const std::vector<std::string>& names() const { return names_; }
  size_t rows() const;
  bool has(std::string_view name) const;

  // Numbers; empty text, NaN, NA, "." and null are missing (NaN). Thousands separators are read. Throws Error(data) on
  // a cell that is no number, naming its line and column.
  std::vector<double> numbers(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;  // whole numbers without a decimal point
  CodedTexts coded(std::string_view name) const;                // the same
  // Dates in one format for the whole column: YYYY-MM-DD, YYYY/MM/DD, YYYYMMDD, YYYYMM (month end), MM/YYYY (month
  // end), Mon-YY (month end; the century by increasing order). Throws Error(data) on the first cell that differs. Empty
  // cells read as `missing`; where it is not given they are errors, too.
  std::vector<Date> dates(std::string_view name, std::optional<Date> missing = {}) const;
  // The same of one block; `style` is what the blocks before have fixed.
  std::vector<Date> dates(std::string_view name, std::optional<Date> missing, DateStyle& style) const;

 private:
  static size_t position(std::string_view name, const std::vector<std::string>& names, const std::string& file);
  // Positions of what read() keeps.
  static std::vector<size_t> chosen(const std::vector<std::string>& names, const std::vector<std::string>& columns,
                                    const std::string& prefix, const std::string& file);
  size_t position(std::string_view name) const { return position(name, names_, file_); }
  std::string place(size_t row, std::string_view column) const;  // "panel.csv, line 7, column `c1`"
  // Calls each(text) for every row.
  template <class Each>
  void for_each_text(std::string_view name, const Each& each) const;

  std::string file_;
  size_t first_row_ = 0;  // in the file
  std::vector<std::string> names_;
  std::vector<std::variant<PackedTexts, std::vector<double>>> columns_;
};

}  // namespace loadstone
