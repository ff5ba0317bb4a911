#include "loadstone/data/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "loadstone/core/atomic_file.h"
#include "loadstone/core/error.h"

namespace loadstone {
namespace {

std::vector<std::string> names_of(const std::vector<std::pair<std::string, Column>>& columns) {
  std::vector<std::string> names;
  for (const auto& [name, column] : columns) names.push_back(name);
  return names;
}

Error task_error(const std::string& message) { return {ErrorKind::task, message}; }

template <class T>
constexpr bool is_vectors = std::is_same_v<T, FloatVectors> || std::is_same_v<T, DoubleVectors>;

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}
std::string csv_cell(Date date) { return date.text(); }
template <class Number>
std::string csv_cell(Number value) {
  if constexpr (std::is_floating_point_v<Number>)
    if (std::isnan(value)) return "";
  return fmt::format("{}", value);
}

void append_row(std::string& line, const Column& column, size_t row) {
  const auto add = [&line](const auto& value) { (line += csv_cell(value)) += ','; };
  std::visit(
      [&](const auto& values) {
        if constexpr (is_vectors<std::decay_t<decltype(values)>>) {
          const auto width = static_cast<size_t>(values.width);
          for (size_t j = 0; j < width; ++j) add(values.values[row * width + j]);
        } else {
          add(values[row]);
        }
      },
      column);
}

void append_header(std::string& line, const std::string& name, const Column& column) {
  std::visit(
      [&](const auto& values) {
        if constexpr (is_vectors<std::decay_t<decltype(values)>>) {
          for (int j = 0; j < values.width; ++j) (line += csv_cell(fmt::format("{}_{}", name, j))) += ',';
        } else {
          (line += csv_cell(name)) += ',';
        }
      },
      column);
}

}  // namespace

size_t length(const Column& column) {
  return std::visit(
      [](const auto& values) -> size_t {
        if constexpr (is_vectors<std::decay_t<decltype(values)>>)
          return values.width > 0 ? values.values.size() / static_cast<size_t>(values.width) : 0;
        else
          return values.size();
      },
      column);
}

void Table::add(std::string name, Column column) {
  if (has(name)) throw task_error(fmt::format("the table has a column `{}` already", name));
  std::visit(
      [&](const auto& values) {
        if constexpr (is_vectors<std::decay_t<decltype(values)>>)
          if (values.width <= 0 || values.values.size() % static_cast<size_t>(values.width) != 0)
            throw task_error(fmt::format("column `{}` has {} values, not a whole number of vectors of width {}", name,
                                         values.values.size(), values.width));
      },
      column);
  if (!columns_.empty() && length(column) != rows())
    throw task_error(fmt::format("column `{}` has {} rows, the table has {}", name, length(column), rows()));
  columns_.emplace_back(std::move(name), std::move(column));
}

bool Table::has(std::string_view name) const {
  return std::any_of(columns_.begin(), columns_.end(), [&](const auto& c) { return c.first == name; });
}

template <class T>
const T& Table::get(std::string_view name) const {
  for (const auto& [column_name, column] : columns_) {
    if (column_name != name) continue;
    if (const T* values = std::get_if<T>(&column)) return *values;
    throw data_error(fmt::format("column `{}` has another type than the one asked for", name));
  }
  throw data_error(fmt::format("there is no column `{}`; the table has {}", name, fmt::join(names_of(columns_), ", ")));
}
template const std::vector<double>& Table::get(std::string_view) const;
template const std::vector<float>& Table::get(std::string_view) const;
template const std::vector<int64_t>& Table::get(std::string_view) const;
template const std::vector<int32_t>& Table::get(std::string_view) const;
template const std::vector<std::string>& Table::get(std::string_view) const;
template const std::vector<Date>& Table::get(std::string_view) const;
template const FloatVectors& Table::get(std::string_view) const;
template const DoubleVectors& Table::get(std::string_view) const;

void Table::append(const Table& other) {
  if (names_of(columns_) != names_of(other.columns_))
    throw task_error(fmt::format("rows with the columns {} cannot follow rows with the columns {}",
                                 fmt::join(names_of(other.columns_), ", "), fmt::join(names_of(columns_), ", ")));
  for (size_t i = 0; i < columns_.size(); ++i) {
    std::visit(
        [&](auto& mine) {
          using T = std::decay_t<decltype(mine)>;
          const T* theirs = std::get_if<T>(&other.columns_[i].second);
          bool same = theirs != nullptr;
          if constexpr (is_vectors<T>) {
            same = same && theirs->width == mine.width;
            if (same) mine.values.insert(mine.values.end(), theirs->values.begin(), theirs->values.end());
          } else if (same) {
            mine.insert(mine.end(), theirs->begin(), theirs->end());
          }
          if (!same) throw task_error(fmt::format("column `{}` differs in type or width", columns_[i].first));
        },
        columns_[i].second);
  }
}

void write_csv(const Table& table, const std::filesystem::path& path) {
  std::string text;
  const auto end_line = [&text] {
    if (!text.empty() && text.back() == ',') text.pop_back();
    text += '\n';
  };
  for (const auto& [name, column] : table.columns()) append_header(text, name, column);
  end_line();
  for (size_t row = 0; row < table.rows(); ++row) {
    for (const auto& [name, column] : table.columns()) append_row(text, column, row);
    end_line();
  }
  write_atomically(path, text);
}

}  // namespace loadstone
